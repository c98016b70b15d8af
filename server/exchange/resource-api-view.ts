import type { z } from 'zod';
import { fileItem } from '../resources/resource-page-view.ts';
import type { RelatedRow, ResourceDetails } from '../resources/resource-page-queries.ts';
import type { ResourceCard } from '../resources/resource-view.ts';
import { resourcePath } from '../lib/slug.ts';
import type { ApiFacts } from './resource-api-queries.ts';
import type { resourceRecord, searchResults } from './resource-schema.ts';

export type ApiHit = z.output<typeof searchResults>['hits'][number];
export type ApiRecord = z.output<typeof resourceRecord>;
type Shared = Omit<ApiHit, 'snippet' | 'found'>;

/** What every answer says of a resource. Addresses are whole, so that they mean the same wherever they are read. */
export function apiSummary(card: ResourceCard, facts: ApiFacts, baseUrl: string): Shared {
  return {
    id: card.id,
    external_id: facts.external_id,
    source: facts.source,
    title: card.title,
    url: baseUrl + card.url,
    link: facts.link,
    summary: card.summary,
    type: card.type?.slug ?? null,
    subjects: card.subjects.map(({ slug }) => slug),
    grades: card.grades as Shared['grades'],
    levels: card.levels.map(({ slug }) => slug),
    standards: [...new Set(facts.alignments.map(({ code }) => code))],
    alignments: facts.alignments,
    topics: facts.topics,
    license: card.license.code,
    language: card.language,
    district: facts.district,
    organization: card.organization.label,
    authors: card.authors,
    minutes: card.minutes,
    setting: facts.setting,
    visibility: card.visibility,
    checked: card.check.status === 'checked' ? card.check.by : null,
    check_status: card.check.status,
    used: card.used.people,
    file_count: card.files,
    published_at: facts.published_at.toISOString(),
    thumbnail: card.thumb && baseUrl + card.thumb.url,
  };
}

/** The whole of a resource in its current version. */
export function apiRecord(
  card: ResourceCard,
  facts: ApiFacts,
  details: ResourceDetails,
  baseUrl: string,
): ApiRecord {
  const files = details.files.map((row) => ({ row, item: fileItem(row, { tellUnscanned: false }) }));
  const whole = (path: string | null): string | null => path && baseUrl + path;
  return {
    ...apiSummary(card, facts, baseUrl),
    version: details.number,
    description: details.description,
    keywords: details.keywords,
    publisher: details.publisher || null,
    credit: details.credit || null,
    license_name: details.license?.name ?? null,
    license_url: details.license?.url ?? null,
    alignments: details.alignments.map((row) => ({
      guid: row.guid,
      code: row.code,
      level: row.level?.slug ?? null,
      relation: row.relation,
      status: row.check_state,
      statement: row.statement,
      framework: row.framework,
      uri: row.uri,
    })),
    files: files.map(({ row, item }) => ({
      id: item.id,
      name: item.name,
      type: row.mime,
      bytes: item.bytes,
      pages: item.pages,
      educators_only: item.educatorsOnly,
      state: item.state,
      url: whole(item.url),
      text_url: whole(item.textUrl),
      preview: whole(item.preview?.url ?? null),
    })),
    versions: details.versions.map((row) => ({
      number: row.number,
      published_at: new Date(row.published_at).toISOString(),
      note: row.change_note || null,
      url:
        baseUrl + (row.number === details.number ? card.url : `/resources/${card.id}/versions/${row.number}`),
    })),
    lineage: {
      adapted_from: details.from.map((row) => relative(row, baseUrl)),
      adaptations: details.children.map((row) => relative(row, baseUrl)),
      adaptation_count: details.child_count,
    },
    translations: details.translations.map(({ id, title, language }) => ({
      id,
      title,
      language,
      url: baseUrl + resourcePath(id, title),
    })),
    links: {
      self: `${baseUrl}/api/v1/resources/${card.id}`,
      page: baseUrl + card.url,
      zip: files.some(({ item }) => item.url) ? `${baseUrl}/resources/${card.id}/files.zip` : null,
    },
  };
}

/** A source that the viewer may not see is only said to be there. */
const relative = (row: RelatedRow, baseUrl: string) =>
  row.visible
    ? { id: row.id, title: row.title, url: baseUrl + resourcePath(row.id, row.title) }
    : { id: null, title: null, url: null };
