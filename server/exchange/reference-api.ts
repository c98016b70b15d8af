import type { z } from 'zod';
import { notFound } from '../errors.ts';
import { GRADES } from '../lib/grade.ts';
import { audiencesOf, isEducator, type Viewer } from '../lib/viewer.ts';
import { searchFilters } from '../search/search-port.ts';
import { searchResources, type SearchDeps } from '../search/search-service.ts';
import { standardAnswerOf } from '../standards/standard-answer.ts';
import { frameworkList, standardFacts } from '../standards/standard-queries.ts';
import { offeredTerms, readVocabularies } from '../vocabularies/vocabulary-queries.ts';
import type { Term } from '../vocabularies/vocabulary-view.ts';
import type { standardRecord, vocabularyLists } from './reference-schema.ts';

type ApiDeps = SearchDeps & { config: { baseUrl: string } };

/**
 * A standard with what stands around it, and how many resources the viewer finds for it at each level.
 * @throws 404
 */
export async function apiStandard(
  deps: ApiDeps,
  viewer: Viewer,
  guid: string,
): Promise<z.output<typeof standardRecord>> {
  const facts = await standardFacts(deps.pool, guid);
  if (!facts) throw notFound();
  const found = await searchResources(deps, {
    q: '',
    filters: searchFilters({ standard: [guid] }),
    within: null,
    sort: 'best',
    page: 1,
    perPage: 0,
    facets: ['level'],
    audience: audiencesOf(viewer),
    educator: isEducator(viewer),
  });
  const counts = new Map((found.facets.level ?? []).map(({ value, count }) => [value, count]));
  const answer = (row: Parameters<typeof standardAnswerOf>[0]) => standardAnswerOf(row, deps.config.baseUrl);
  const { standard } = facts;
  return {
    ...answer(standard),
    path: facts.path.map((row) => answer(row).code),
    uri: standard.uri,
    notes: standard.notes,
    language: standard.language,
    parent: facts.parent && answer(facts.parent),
    below: facts.children.map(answer),
    replaced_by: facts.replacedBy.map(answer),
    related: facts.neighbors.map(({ type, direction, standard: other }) => ({
      type,
      direction,
      standard: answer(other),
    })),
    resources: found.total,
    levels: facts.levels.map(({ slug, label, description }) => ({
      slug,
      label,
      description,
      resources: counts.get(slug) ?? 0,
    })),
  };
}

const termOf = ({ slug, label }: Term): Term => ({ slug, label });

/** Every list of values that parameters and answers use. */
export async function apiVocabularies({
  pool,
}: Pick<ApiDeps, 'pool'>): Promise<z.output<typeof vocabularyLists>> {
  const [lists, districts, frameworks] = await Promise.all([
    readVocabularies(pool),
    pool.query<{ slug: string; label: string }>(
      `SELECT slug, name AS label FROM organization WHERE kind = 'district' AND closed_at IS NULL ORDER BY name`,
    ),
    frameworkList(pool),
  ]);
  const slugOf = new Map(lists.topics.map(({ id, slug }) => [id, slug]));
  return {
    subjects: offeredTerms(lists.subjects).map(termOf),
    types: offeredTerms(lists.types).map(termOf),
    settings: offeredTerms(lists.settings).map(termOf),
    levels: lists.levels.map(({ slug, label, position, description }) => ({
      slug,
      label,
      position,
      description,
    })),
    topics: lists.topics.map(({ slug, name, path, parentId }) => ({
      slug,
      label: name,
      path,
      parent: parentId === null ? null : (slugOf.get(parentId) ?? null),
    })),
    licenses: lists.licenses.map(({ code, name, url, adaptable, open, may, must, mayNot }) => ({
      code,
      name,
      url,
      adaptable,
      open,
      may,
      must,
      may_not: mayNot,
    })),
    districts: districts.rows,
    frameworks: frameworks.map(({ guid, slug, title, subjectSlug }) => ({
      guid,
      slug,
      label: title,
      subject: subjectSlug,
    })),
    grades: [...GRADES],
  };
}
