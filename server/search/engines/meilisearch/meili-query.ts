import type { MultiSearchQuery } from 'meilisearch';
import type { QueryWords } from '../../query-words.ts';
import { FACETS, MAX_HITS, pairKey, type FacetCount, type SearchRequest } from '../../search-port.ts';
import type { FacetName, Sort } from '../../search-view.ts';
import { OPEN_ATTRIBUTES } from './meili-settings.ts';

/** Builds requests to Meilisearch from typed values, and reads counts out of answers. Pure. */

/** A query without the index it goes to. */
export type MeiliQuery = Omit<MultiSearchQuery, 'indexUid'>;

/** Which words must be there: all; all but those that most resources have; all but the last. */
export type Strategy = 'all' | 'frequency' | 'last';

export interface PlannedSearch {
  /** Hits, total, and the counts of facets that have no filter of their own. */
  main: MeiliQuery;
  /** One for each facet whose own filter must not narrow its counts. */
  facets: { facet: FacetName; count: 'facet' | 'set' | 'pair'; query: MeiliQuery }[];
}

/** What a request asks of Meilisearch, in one multi-search. `strategy`: whether all words must be there. */
export function planSearch(request: SearchRequest, words: QueryWords, strategy: Strategy): PlannedSearch {
  const { filters } = request;
  const shared: MeiliQuery = {
    q: queryText(words),
    matchingStrategy: strategy,
    ...(request.educator ? {} : { attributesToSearchOn: [...OPEN_ATTRIBUTES] }),
  };
  const bothInUse = filters.standard.length > 0 && filters.level.length > 0;
  const filter = (without: FacetName | null): string[] => [
    oneOf('audience', request.audience),
    ...(request.within === null ? [] : [oneOf('id', request.within)]),
    ...(request.without?.length ? [`id NOT IN ${listOf(request.without)}`] : []),
    ...FACETS.filter((facet) => facet !== without && filters[facet].length > 0)
      .filter((facet) => !(isJoined(facet) && bothInUse && !(without !== null && isJoined(without))))
      .map((facet) => oneOf(facet, filters[facet])),
    ...(bothInUse && !(without !== null && isJoined(without)) ? [oneOf('pair', pairsOf(request))] : []),
  ];
  const countsAlone = (facet: FacetName): boolean =>
    filters[facet].length > 0 ||
    (facet === 'standard' && filters.level.length > 0) ||
    (facet === 'level' && filters.standard.length > 0);
  const open = request.facets.filter((facet) => !countsAlone(facet));
  const behind = (request.page - 1) * request.perPage >= MAX_HITS;
  return {
    main: {
      ...shared,
      filter: filter(null),
      facets: request.pairs ? [...open, 'pair'] : open,
      page: behind ? 1 : request.page,
      hitsPerPage: behind ? 0 : request.perPage,
      attributesToRetrieve: ['id'],
      ...sortOf(request.sort),
    },
    facets: request.facets.filter(countsAlone).map((facet) => {
      const count =
        facet === 'standard' && filters.level.length > 0
          ? 'set'
          : facet === 'level' && filters.standard.length > 0
            ? 'pair'
            : 'facet';
      const query: MeiliQuery = {
        ...shared,
        filter: filter(facet),
        hitsPerPage: 0,
        facets: [count === 'facet' ? facet : count],
      };
      return { facet, count, query };
    }),
  };
}

const isJoined = (facet: FacetName): boolean => facet === 'standard' || facet === 'level';

/** Every chosen standard at every chosen level. */
const pairsOf = ({ filters }: SearchRequest): string[] =>
  filters.standard.flatMap((standard) => filters.level.map((level) => pairKey(standard, level)));

/** `attribute IN ["a", "b"]`: the form that filters have here. The attribute is never from outside. */
const oneOf = (attribute: FacetName | 'audience' | 'id' | 'pair', values: readonly string[]): string =>
  `${attribute} IN ${listOf(values)}`;

const listOf = (values: readonly string[]): string => `[${values.map(quoted).join(', ')}]`;

const quoted = (value: string): string => `"${value.replaceAll(/["\\]/g, (sign) => `\\${sign}`)}"`;

/** The words as Meilisearch reads them: operators are only those that we have read ourselves. */
const queryText = ({ words, phrases, without }: QueryWords): string =>
  [
    ...words,
    ...phrases.map((phrase) => `"${phrase.join(' ')}"`),
    ...without.map((banned) => (banned.length === 1 ? `-${banned[0] ?? ''}` : `-"${banned.join(' ')}"`)),
  ].join(' ');

const sorts: Record<Exclude<Sort, 'best'>, string[]> = {
  newest: ['published:desc'],
  used: ['used:desc', 'checked_rank:desc', 'published:desc'],
  title: ['title_sort:asc'],
  shortest: ['minutes_sort:asc', 'checked_rank:desc', 'used:desc'],
};
const sortOf = (sort: Sort): { sort?: string[] } => (sort === 'best' ? {} : { sort: sorts[sort] });

type Distribution = Record<string, number>;

/** Most hits first, then by value. */
export const countsOf = (distribution: Distribution): FacetCount[] =>
  Object.entries(distribution)
    .map(([value, count]) => ({ value, count }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));

/** Counts of standards at the chosen levels. A resource has one `set` for a standard, so nothing is counted twice. */
export function countsOfSets(distribution: Distribution, levels: readonly string[]): FacetCount[] {
  const sums: Distribution = {};
  for (const [set, count] of Object.entries(distribution)) {
    const [standard, has] = parted(set);
    if (has.split('+').some((level) => levels.includes(level)))
      sums[standard] = (sums[standard] ?? 0) + count;
  }
  return countsOf(sums);
}

/** The levels at which the chosen standards occur; their counts are only exact for a single standard. */
export function levelsInPairs(distribution: Distribution, standards: readonly string[]): Distribution {
  const levels: Distribution = {};
  for (const [pair, count] of Object.entries(distribution)) {
    const [standard, level] = parted(pair);
    if (standards.includes(standard)) levels[level] = (levels[level] ?? 0) + count;
  }
  return levels;
}

/** Several standards: one query for each level, for a resource may have two of them at the same level. */
export const levelQuery = (query: MeiliQuery, standards: readonly string[], level: string): MeiliQuery => ({
  ...query,
  facets: [],
  filter: [
    ...(query.filter as string[]),
    oneOf(
      'pair',
      standards.map((standard) => pairKey(standard, level)),
    ),
  ],
});

function parted(text: string): [string, string] {
  const at = text.indexOf('|');
  return [text.slice(0, at), text.slice(at + 1)];
}
