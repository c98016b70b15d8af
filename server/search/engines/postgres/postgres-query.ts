import type { FacetName, Sort } from '../../search-view.ts';
import { MAX_HITS, type SearchRequest } from '../../search-port.ts';
import type { WordQuery } from './postgres-words.ts';

/** Filters as numbers of search_value. A value that no resource has is left out; a list may be empty, then nothing fits. */
export interface NumberedFilters {
  /** Facets in use, each with its numbers. */
  groups: Map<FacetName, number[]>;
  /** `standard|level` for every chosen standard and level; null unless both are in use. */
  both: number[] | null;
  /** For each level of the state, the numbers of `standard|level` for the chosen standards; empty without standards. */
  levelPairs: { level: string; pairs: number[] }[];
}

export interface Statement {
  text: string;
  values: unknown[];
}

/** What the statement gives back: one row. */
export interface FoundRow {
  total: number;
  ids: string[] | null;
  facets: { facet: FacetName; value: string; count: number }[] | null;
}

class Values {
  readonly list: unknown[] = [];
  /** Adds a value and gives its place in the statement. */
  add(value: unknown, type: string): string {
    this.list.push(value);
    return `$${this.list.length}::${type}`;
  }
}

/**
 * The statement of a search: hits, total and the counts of all facets in one round trip.
 *
 * Counts of a facet ignore its own filter. So the candidates are the rows that meet all filters but at most one; each
 * row knows for which facets it counts (`b_<facet>`; `b_hit` means all filters are met), and one pass over the numbers
 * in its `facets` counts everything.
 */
export function searchStatement(
  request: SearchRequest,
  words: WordQuery,
  filters: NumberedFilters,
  match: 'all' | 'any',
): Statement {
  const values = new Values();
  const base = baseConditions(request, words, match, values);
  const branches = branchesOf(request.facets, filters, values);
  const any = [...new Set(branches.map(({ conditions }) => conditionOf(conditions)))];
  const someBranch = any.length === 1 ? (any[0] ?? '') : `(${any.join(' OR ')})`;
  // Beside words the filters must not choose the rows: the long text of each would be read to look for the words.
  const byWords = (match === 'any' ? words.any : words.all) !== null;
  const wanted = any.includes('true')
    ? []
    : [byWords && any.length > 1 ? notByIndex(someBranch) : someBranch];
  const hit = conditionOf(branches[0]?.conditions ?? []);
  const rank = rankOf(request, words, match, hit, values);
  const flags = branches.map(({ name, conditions }) => `${conditionOf(conditions)} AS b_${name}`);
  const from = (request.page - 1) * request.perPage;
  const limit = Math.max(0, Math.min(request.perPage, MAX_HITS - from));
  const text = `
    WITH found AS MATERIALIZED (
      SELECT resource_id, facets, sets, pairs, checked, complete, used, minutes, published_at, title_sort, ${[...flags, ...rank.columns].join(', ')}
      FROM search_document WHERE ${[...base, ...wanted].join('\n        AND ')})
    SELECT (SELECT count(*) FROM found WHERE b_hit) AS total,
      ${limit === 0 ? 'NULL' : `ARRAY(SELECT resource_id FROM found WHERE b_hit ORDER BY ${rank.order} LIMIT ${limit} OFFSET ${values.add(from, 'bigint')})`} AS ids,
      ${request.facets.length === 0 ? 'NULL' : facetCounts(request, filters, branches, values)} AS facets`;
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

interface Branch {
  /** `hit`, or the facet for which rows that meet `conditions` count. */
  name: 'hit' | FacetName;
  conditions: string[];
}

const conditionOf = (conditions: string[]): string =>
  conditions.length === 0
    ? 'true'
    : conditions.length === 1
      ? (conditions[0] ?? '')
      : `(${conditions.join(' AND ')})`;

/** All filters, and for each facet in use all but its own. With standard and level both in use, those are one filter. */
function branchesOf(facets: readonly FacetName[], filters: NumberedFilters, values: Values): Branch[] {
  const made = new Map<string, string>();
  // PostgreSQL refuses a parameter that stands nowhere, so each is only added when it is needed.
  const condition = (column: 'facets' | 'pairs', key: string, numbers: number[]): string => {
    const known = made.get(key) ?? `${column} && ${values.add(numbers, 'integer[]')}`;
    made.set(key, known);
    return known;
  };
  const all = (without: FacetName | null): string[] => {
    const { both } = filters;
    const joined = both !== null && without !== 'standard' && without !== 'level';
    const single = [...filters.groups]
      .filter(([facet]) => facet !== without && !(joined && (facet === 'standard' || facet === 'level')))
      .map(([facet, numbers]) => condition('facets', facet, numbers));
    return joined ? [...single, condition('pairs', 'both', both)] : single;
  };
  return [
    { name: 'hit', conditions: all(null) },
    ...facets
      .filter((facet) => filters.groups.has(facet))
      .map((facet): Branch => ({ name: facet, conditions: all(facet) })),
  ];
}

/** Words first, by where they stand; then what is checked, complete, used, new. */
function rankOf(
  request: SearchRequest,
  words: WordQuery,
  match: 'all' | 'any',
  hit: string,
  values: Values,
): { columns: string[]; order: string } {
  const quality = 'checked DESC, complete DESC, used DESC, published_at DESC, resource_id';
  if (request.sort !== 'best') return { columns: [], order: orders[request.sort] };
  const positive = match === 'any' ? words.any : words.all;
  if (positive === null) return { columns: [], order: quality };
  const tiers = [
    [words.titleExact, 3],
    [words.title, 2],
    [match === 'all' ? words.all : null, 1],
  ] as const;
  const tier = tiers
    .filter(([query]) => query !== null)
    .map(([query, height]) => `WHEN head @@ ${values.add(query, 'tsquery')} THEN ${height}`);
  const exact = values.add((match === 'all' ? words.exact : null) ?? positive, 'tsquery');
  return {
    columns: [
      `CASE WHEN NOT (${hit}) THEN 0 ${tier.join(' ')} ELSE 0 END AS tier`,
      `CASE WHEN NOT (${hit}) THEN 0 ELSE round(10 * ts_rank('{0.05, 0.2, 0.5, 1}', head, ${exact})) END AS rank`,
    ],
    order: `tier DESC, rank DESC, ${quality}`,
  };
}

const orders: Record<Exclude<Sort, 'best'>, string> = {
  newest: 'published_at DESC, resource_id',
  used: 'used DESC, checked DESC, published_at DESC, resource_id',
  title: 'title_sort, resource_id',
  shortest: 'minutes NULLS LAST, checked DESC, used DESC, resource_id',
};

function facetCounts(
  request: SearchRequest,
  filters: NumberedFilters,
  branches: Branch[],
  values: Values,
): string {
  const { facets } = request;
  const flagOf = (facet: FacetName): string =>
    branches.some(({ name }) => name === facet) ? `b_${facet}` : 'b_hit';
  const bySets = facets.includes('standard') && filters.groups.has('level');
  const byPairs = facets.includes('level') && filters.groups.has('standard');
  const plain = facets.filter(
    (facet) => !(facet === 'standard' && bySets) && !(facet === 'level' && byPairs),
  );
  const parts: string[] = [];
  if (plain.length > 0) {
    const flags = [...new Set(plain.map(flagOf))];
    const counters = flags.map((flag) => `count(*) FILTER (WHERE ${flag}) AS n_${flag}`);
    const choose = plain.map((facet) => `WHEN '${facet}' THEN n_${flagOf(facet)}`);
    parts.push(`
      SELECT facet, value, CASE facet ${choose.join(' ')} END AS count
      FROM (SELECT v, ${counters.join(', ')} FROM found CROSS JOIN LATERAL unnest(facets) v GROUP BY v) c
        JOIN search_value s ON s.id = c.v AND s.facet = ANY (${values.add(plain, 'text[]')})`);
  }
  if (bySets)
    parts.push(`
      SELECT 'standard', split_part(s.value, '|', 1), sum(n)::bigint
      FROM (SELECT v, count(*) AS n FROM found CROSS JOIN LATERAL unnest(sets) v WHERE ${flagOf('standard')} GROUP BY v) c
        JOIN search_value s ON s.id = c.v
      WHERE string_to_array(split_part(s.value, '|', 2), '+') && ${values.add(request.filters.level, 'text[]')}
      GROUP BY 2`);
  if (byPairs)
    parts.push(
      ...filters.levelPairs.map(
        ({ level, pairs }) => `
      SELECT 'level', ${values.add(level, 'text')}, count(*) FROM found
      WHERE ${flagOf('level')} AND pairs && ${values.add(pairs, 'integer[]')}`,
      ),
    );
  if (parts.length === 0) return 'NULL';
  return `(SELECT json_agg(f ORDER BY count DESC, value) FROM (${parts.join(' UNION ALL ')}) f (facet, value, count) WHERE count > 0)`;
}
