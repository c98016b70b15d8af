import type { Sort } from '../../search-view.ts';
import { MAX_HITS, type SearchRequest } from '../../search-port.ts';
import type { Branches } from './postgres-filters.ts';
import type { WordQuery } from './postgres-words.ts';

export interface Statement {
  text: string;
  values: unknown[];
}

/** What the statement gives back: one row. */
export interface FoundRow {
  /** Where no facets were asked for; else hits are counted among `numbers`. */
  total: number | null;
  /** Of the entries that are hits or count for a facet, as PostgreSQL writes a list; null without facets, or without any. */
  numbers: string | null;
  ids: string[] | null;
}

/**
 * So many hits are ranked by their words: those with the words in the title first, then by quality. Behind them nobody
 * reads, and ranking every text that has an everyday word would take longer than all else.
 */
const RANKED = 2500;

class Values {
  readonly list: unknown[] = [];
  /** Adds a value and gives its place in the statement. */
  add(value: unknown, type: string): string {
    this.list.push(value);
    return `$${this.list.length}::${type}`;
  }
}

/**
 * The statement of a search: hits of a page, and what is counted, in one round trip.
 *
 * Counts of a facet ignore its own filter. So what is counted are the entries that meet all filters but at most one;
 * `countValues` counts them by their numbers.
 */
export function searchStatement(
  request: SearchRequest,
  words: WordQuery,
  branches: Branches,
  match: 'all' | 'any',
): Statement {
  const values = new Values();
  const base = baseConditions(request, words, match, values);
  const { hit, anyBranch } = filterConditions(branches, values);
  // Beside words the filters must not choose the rows: the long text of each would be read to look for the words.
  const byWords = (match === 'any' ? words.any : words.all) !== null;
  const counted = request.facets.length > 0;
  const wanted = counted ? anyBranch : hit;
  const narrowed = wanted === 'true' ? [] : [byWords && counted ? notByIndex(wanted) : wanted];
  const ranked = rankedIds(request, words, match, values);
  const text = `
    WITH found AS MATERIALIZED (
      SELECT number, resource_id, checked, complete, used, minutes, published_at, ${request.sort === 'title' ? 'title_sort, ' : ''}${counted ? hit : 'true'} AS b_hit
      FROM search_document WHERE ${[...base, ...narrowed].join('\n        AND ')})${ranked.tables}
    SELECT ${counted ? 'NULL' : '(SELECT count(*) FROM found)'} AS total,
      ${counted ? '(SELECT array_agg(number)::text FROM found)' : 'NULL'} AS numbers,
      ${ranked.ids} AS ids`;
  return { text, values: values.list };
}

/** The statement of a page of hits without words, where what is counted is known already. */
export function listStatement(request: SearchRequest, branches: Branches): Statement {
  const values = new Values();
  const { hit } = filterConditions(branches, values, { onlyHit: true });
  const text = `
    SELECT NULL AS total, NULL AS numbers, ARRAY(
      SELECT resource_id FROM search_document WHERE audience && ${values.add(request.audience, 'text[]')} AND ${hit}
      ORDER BY ${orders[request.sort]} ${pageOf(request, values)}) AS ids`;
  return { text, values: values.list };
}

/** The same condition in a form for which no index can be used. */
const notByIndex = (condition: string): string => `CASE WHEN ${condition} THEN true ELSE false END`;

function baseConditions(
  request: SearchRequest,
  words: WordQuery,
  match: 'all' | 'any',
  values: Values,
): string[] {
  const conditions = [`audience && ${values.add(request.audience, 'text[]')}`];
  const positive = match === 'any' ? words.any : words.all;
  if (positive !== null) {
    const query = values.add(positive, 'tsquery');
    conditions.push(
      request.educator ? `(words @@ ${query} OR staff_words @@ ${query})` : `words @@ ${query}`,
    );
  }
  if (words.without !== null) {
    // By the index, instead of reading the long text of every candidate. `staff_words` holds all of `words`.
    const banned = values.add(words.without, 'tsquery');
    const where = request.educator ? `words @@ ${banned} OR staff_words @@ ${banned}` : `words @@ ${banned}`;
    conditions.push(`resource_id NOT IN (SELECT resource_id FROM search_document WHERE ${where})`);
  }
  if (request.within !== null) conditions.push(`resource_id = ANY (${values.add(request.within, 'uuid[]')})`);
  return conditions;
}

/** SQL: what a hit meets, and what an entry meets that is a hit or counts for some facet. */
function filterConditions(
  { conditions, hit, facets }: Branches,
  values: Values,
  { onlyHit = false } = {},
): { hit: string; anyBranch: string } {
  // PostgreSQL refuses a parameter that stands nowhere, so each is only added when it is needed.
  const made = new Map<number, string>();
  const one = (place: number): string => {
    const { column = 'facets', numbers = [] } = conditions[place] ?? {};
    const known = made.get(place) ?? `${column} && ${values.add(numbers, 'integer[]')}`;
    made.set(place, known);
    return known;
  };
  const all = (bits: number): string => {
    const parts = conditions.flatMap((_, place) => (bits & (1 << place) ? [one(place)] : []));
    return parts.length === 0 ? 'true' : parts.length === 1 ? (parts[0] ?? '') : `(${parts.join(' AND ')})`;
  };
  const some = onlyHit ? [hit] : [...new Set([hit, ...facets.values()])];
  if (some.includes(0) && hit !== 0) return { hit: all(hit), anyBranch: 'true' };
  const texts = some.map(all);
  return { hit: all(hit), anyBranch: texts.length === 1 ? (texts[0] ?? '') : `(${texts.join(' OR ')})` };
}

function pageOf({ page, perPage }: SearchRequest, values: Values): string {
  const from = (page - 1) * perPage;
  const limit = Math.max(0, Math.min(perPage, MAX_HITS - from));
  return `LIMIT ${limit} OFFSET ${values.add(from, 'bigint')}`;
}

const QUALITY = 'checked DESC, complete DESC, used DESC, published_at DESC, resource_id';

/** SQL for the hits of the page, best first, and the tables it needs behind `found`. */
function rankedIds(
  request: SearchRequest,
  words: WordQuery,
  match: 'all' | 'any',
  values: Values,
): { tables: string; ids: string } {
  const { page, perPage, sort } = request;
  if (perPage === 0 || (page - 1) * perPage >= MAX_HITS) return { tables: '', ids: 'NULL' };
  const positive = match === 'any' ? words.any : words.all;
  if (sort !== 'best' || positive === null)
    return {
      tables: '',
      ids: `ARRAY(SELECT resource_id FROM found WHERE b_hit ORDER BY ${orders[sort]} ${pageOf(request, values)})`,
    };
  const titled =
    words.title === null
      ? ''
      : `(number IN (
        SELECT number FROM search_document
        WHERE (SELECT count(*) > ${RANKED} FROM found WHERE b_hit) AND ts_filter(head, '{a}') @@ ${values.add(positive, 'tsquery')})) DESC, `;
  return {
    tables: `, near AS MATERIALIZED (
      SELECT number, resource_id, checked, complete, used, published_at FROM found WHERE b_hit ORDER BY ${titled}${QUALITY} LIMIT ${RANKED}
    ), ranked AS (
      SELECT near.*, ${rankColumns(words, match, positive, values).join(', ')} FROM near JOIN search_document d USING (resource_id))`,
    ids: `ARRAY(SELECT resource_id FROM ranked ORDER BY tier DESC, rank DESC, ${QUALITY} ${pageOf(request, values)})`,
  };
}

/** Words first, by where they stand; then what is checked, complete, used, new. */
function rankColumns(words: WordQuery, match: 'all' | 'any', positive: string, values: Values): string[] {
  const tiers = [
    [words.titleExact, 3],
    [words.title, 2],
    [match === 'all' ? words.all : null, 1],
  ] as const;
  const tier = tiers
    .filter(([query]) => query !== null)
    .map(([query, height]) => `WHEN d.head @@ ${values.add(query, 'tsquery')} THEN ${height}`);
  const exact = values.add((match === 'all' ? words.exact : null) ?? positive, 'tsquery');
  return [
    `${tier.length === 0 ? '0' : `CASE ${tier.join(' ')} ELSE 0 END`} AS tier`,
    `round(10 * ts_rank('{0.05, 0.2, 0.5, 1}', d.head, ${exact})) AS rank`,
  ];
}

const orders: Record<Sort, string> = {
  best: QUALITY,
  newest: 'published_at DESC, resource_id',
  used: 'used DESC, checked DESC, published_at DESC, resource_id',
  title: 'title_sort, resource_id',
  shortest: 'minutes NULLS LAST, checked DESC, used DESC, resource_id',
};
