import { prepared } from '../../../platform/database/prepared.ts';
import { MAX_HITS, type SearchRequest } from '../../search-port.ts';
import type { Branches } from './postgres-filters.ts';
import type { Match, WordQuery } from './postgres-word-query.ts';

export interface Statement {
  text: string;
  values: unknown[];
}

/** What a match asks of an entry. */
export const positiveOf = (words: WordQuery, match: Match): string | null =>
  match === 'all' ? words.all : match === 'most' ? words.most : words.any;

class Values {
  readonly list: unknown[] = [];
  /** Adds a value and gives its place in the statement. */
  add(value: unknown, type: string): string {
    this.list.push(value);
    return `$${this.list.length}::${type}`;
  }
}

/**
 * The numbers of all entries that are hits or count for a facet, and of those with all words in the title; lists as
 * PostgreSQL writes them, null for none. One row.
 *
 * Counts of a facet ignore its own filter. So what is counted are the entries that meet all filters but at most one;
 * `judge` finds the hits among them.
 */
export function numbersStatement(
  request: SearchRequest,
  words: WordQuery,
  branches: Branches,
  match: Match,
): Statement {
  const values = new Values();
  const base = baseConditions(request, words, match, values);
  const wanted = filterCondition(branches, values);
  const positive = positiveOf(words, match);
  // Beside words the filters must not choose the rows: the long text of each would be read to look for the words.
  const byIndex = positive === null || branches.facets.size === 0;
  const narrowed = wanted === 'true' ? [] : [byIndex ? wanted : notByIndex(wanted)];
  const titled =
    positive === null || words.title === null || request.sort !== 'best'
      ? 'NULL'
      : `(SELECT array_agg(number)::text FROM search_document WHERE ts_filter(head, '{a}') @@ ${values.add(positive, 'tsquery')})`;
  const text = `
    SELECT array_agg(number)::text AS numbers, ${titled} AS titled
    FROM search_document WHERE ${[...base, ...narrowed].join('\n      AND ')}`;
  return { text, values: values.list };
}

/** A page of resources by title, of these entries; `numbers` null: of all that meet the filters. */
export function titleStatement(
  request: SearchRequest,
  branches: Branches,
  numbers: Int32Array | null,
): Statement {
  const values = new Values();
  const conditions = numbers
    ? [`number = ANY (${values.add([...numbers], 'integer[]')})`]
    : [
        `audience && ${values.add(request.audience, 'text[]')}`,
        filterCondition({ ...branches, facets: new Map() }, values),
      ];
  const text = `
    SELECT ARRAY(
      SELECT resource_id FROM search_document WHERE ${conditions.join(' AND ')}
      ORDER BY title_sort, resource_id ${pageOf(request, values)}) AS ids`;
  return { text, values: values.list };
}

/** The page of resources from these entries, ranked by their words: where they stand, then what the entry is worth. */
export function rankedStatement(
  request: SearchRequest,
  words: WordQuery,
  match: Match,
  numbers: number[],
): Statement {
  const values = new Values();
  const { tier, rank } = rankOf(words, match, values);
  // What is put together is read once from where it lies, instead of once for each question about it.
  const text = `
    SELECT ARRAY(
      SELECT resource_id FROM (
        SELECT resource_id, quality, published_at, ${tier} AS tier, ${rank} AS rank
        FROM (
          SELECT resource_id, quality, published_at, head || ''::tsvector AS head
          FROM search_document WHERE number = ANY (${values.add(numbers, 'integer[]')}) OFFSET 0) d
        OFFSET 0) ranked
      ORDER BY tier DESC, rank DESC, quality DESC, published_at DESC, resource_id
      ${pageOf(request, values)}) AS ids`;
  return { text, values: values.list };
}

/** Resources of entries, in their order: $1 their numbers. */
export const idsOf = prepared(`
  SELECT ARRAY(
    SELECT d.resource_id FROM unnest($1::integer[]) WITH ORDINALITY u (number, n) JOIN search_document d USING (number)
    ORDER BY n) AS ids`);

/** Numbers of the entries of resources: $1 their ids; a list as PostgreSQL writes it. */
export const numbersOf = prepared(
  'SELECT array_agg(number)::text AS numbers FROM search_document WHERE resource_id = ANY ($1::uuid[])',
);

/** The same condition in a form for which no index can be used. */
const notByIndex = (condition: string): string => `CASE WHEN ${condition} THEN true ELSE false END`;

function baseConditions(request: SearchRequest, words: WordQuery, match: Match, values: Values): string[] {
  const conditions = [`audience && ${values.add(request.audience, 'text[]')}`];
  const positive = positiveOf(words, match);
  if (positive !== null) conditions.push(hasWords(request, words, { match, positive }, values));
  if (words.without !== null) {
    // By the index, instead of reading the long text of every candidate. `staff_words` holds all of `words`.
    const banned = values.add(words.without, 'tsquery');
    const where = request.educator ? `words @@ ${banned} OR staff_words @@ ${banned}` : `words @@ ${banned}`;
    conditions.push(`resource_id NOT IN (SELECT resource_id FROM search_document WHERE ${where})`);
  }
  if (request.within !== null) conditions.push(`resource_id = ANY (${values.add(request.within, 'uuid[]')})`);
  if (request.without?.length)
    conditions.push(`resource_id <> ALL (${values.add(request.without, 'uuid[]')})`);
  return conditions;
}

/**
 * SQL: what an entry's words must be. Some of the words count only in the record itself, all of them anywhere. So do
 * synonyms of several common words: to look where words stand in a long text, it has to be read.
 */
function hasWords(
  request: SearchRequest,
  words: WordQuery,
  { match, positive }: { match: Match; positive: string },
  values: Values,
): string {
  const anywhere = (query: string): string => {
    const value = values.add(query, 'tsquery');
    return request.educator ? `(words @@ ${value} OR staff_words @@ ${value})` : `words @@ ${value}`;
  };
  const inHead = (query: string): string => `head @@ ${values.add(query, 'tsquery')}`;
  const inRecord = match === 'most' || match === 'some';
  const inText = match === 'any' ? words.inText.any : words.inText.all;
  const ways = inText === null ? [] : [anywhere(inText)];
  if (inRecord || (match === 'any' && words.instead.length > 0)) ways.push(inHead(positive));
  if (match !== 'any')
    for (const { phrase, rest } of words.instead)
      ways.push(rest === null ? inHead(phrase) : `(${inHead(phrase)} AND ${anywhere(rest)})`);
  return ways.length === 1 ? ways.join('') : `(${ways.join(' OR ')})`;
}

/** SQL: what an entry meets that is a hit or counts for some facet. */
function filterCondition({ conditions, hit, facets }: Branches, values: Values): string {
  const some = [...new Set([hit, ...facets.values()])];
  if (some.includes(0)) return 'true';
  // PostgreSQL refuses a parameter that stands nowhere, so each is only added when it is needed, and once.
  const made = new Map<number, string>();
  const one = (place: number): string => {
    const { column = 'facets', numbers = [] } = conditions[place] ?? {};
    const known = made.get(place) ?? `${column} && ${values.add(numbers, 'integer[]')}`;
    made.set(place, known);
    return known;
  };
  const all = (bits: number): string =>
    `(${conditions.flatMap((_, place) => (bits & (1 << place) ? [one(place)] : [])).join(' AND ')})`;
  return some.length === 1 ? all(hit) : `(${some.map(all).join(' OR ')})`;
}

function pageOf({ page, perPage }: SearchRequest, values: Values): string {
  const from = (page - 1) * perPage;
  const limit = Math.max(0, Math.min(perPage, MAX_HITS - from));
  return `LIMIT ${limit} OFFSET ${values.add(from, 'bigint')}`;
}

/** SQL over `head`: how high the words stand, and how well they fit there. */
function rankOf(words: WordQuery, match: Match, values: Values): { tier: string; rank: string } {
  const tiers = [
    [words.titleExact, 3],
    [words.title, 2],
    [match === 'all' ? words.all : null, 1],
  ] as const;
  const tier = tiers
    .filter(([query]) => query !== null)
    .map(([query, height]) => `WHEN head @@ ${values.add(query, 'tsquery')} THEN ${height}`);
  const exact = values.add((match === 'all' ? words.exact : null) ?? positiveOf(words, match), 'tsquery');
  return {
    tier: tier.length === 0 ? '0' : `CASE ${tier.join(' ')} ELSE 0 END`,
    rank: `round(10 * ts_rank('{0.05, 0.2, 0.5, 1}', head, ${exact}))`,
  };
}
