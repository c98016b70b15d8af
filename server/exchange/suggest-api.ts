import type { Pool } from 'pg';
import type { z } from 'zod';
import { resourcePath } from '../lib/slug.ts';
import { audiencesOf, type Viewer } from '../lib/viewer.ts';
import { searchParams, searchUrl } from '../search/search-address.ts';
import { suggestSearches, suggestTitles, suggestTopics } from '../search/suggestion-queries.ts';
import { searchStandards } from '../standards/picker-queries.ts';
import { standardTab } from '../standards/standard-row.ts';
import type { suggestions } from './reference-schema.ts';

type Suggestion = z.output<typeof suggestions>['suggestions'][number];

/** How many of each are offered; a code that was typed gets more standards. */
const OFFERED = { standards: 3, codes: 6, topics: 3, titles: 5, searches: 2 };
const MOST = 10;

/**
 * What someone may be about to type: searches that others made with success, standards, topics, and titles that the viewer
 * may see. Never a person. Fewer than
 * two letters suggest nothing; a single word's first two letters suggest no standards by their words, half of them fit.
 */
export async function apiSuggestions(
  { pool, config }: { pool: Pool; config: { baseUrl: string } },
  viewer: Viewer,
  q: string,
): Promise<Suggestion[]> {
  const letters = q.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
  if (letters < 2) return [];
  const [standards, topics, titles, searches] = await Promise.all([
    letters > 2 || /\d/.test(q) ? searchStandards(pool, q, { limit: OFFERED.codes }) : [],
    suggestTopics(pool, { q, limit: OFFERED.topics }),
    suggestTitles(pool, { q, audience: audiencesOf(viewer), limit: OFFERED.titles }),
    suggestSearches(pool, { q, limit: OFFERED.searches }),
  ]);
  const byCode = standards[0]?.match === 'code';
  const offered = {
    standards: standards.slice(0, byCode ? OFFERED.codes : OFFERED.standards).map((row): Suggestion => {
      const tab = standardTab(row);
      return {
        kind: 'standard',
        text: `${tab.code} ${shorten(tab.statement)}`,
        note: row.framework.title,
        url: config.baseUrl + tab.url,
      };
    }),
    topics: topics.map(({ slug, name, parent }): Suggestion => ({
      kind: 'topic',
      text: name,
      note: parent,
      url: `${config.baseUrl}/topics/${slug}`,
    })),
    searches: searches.map(({ words }): Suggestion => ({
      kind: 'search',
      text: words,
      note: null,
      url: `${config.baseUrl}${searchUrl(searchParams({ q: words }))}`,
    })),
    titles: titles.map(({ id, title, type }): Suggestion => ({
      kind: 'resource',
      text: title,
      note: type,
      url: config.baseUrl + resourcePath(id, title),
    })),
  };
  return (
    byCode
      ? [...offered.standards, ...offered.topics, ...offered.titles]
      : [...offered.searches, ...offered.topics, ...offered.titles, ...offered.standards]
  ).slice(0, MOST);
}

const shorten = (statement: string): string =>
  statement.length > 90 ? `${statement.slice(0, 88).replace(/\s+\S*$/, '')}…` : statement;
