import type { Pool, PoolClient } from 'pg';
import { isEmpty, readWords } from '../../query-words.ts';
import {
  FACETS,
  pairKey,
  type FacetCount,
  type IndexBatch,
  type Rebuild,
  type SearchEngine,
  type SearchRequest,
  type SearchResult,
} from '../../search-port.ts';
import type { FacetName } from '../../search-view.ts';
import { searchStatement, type FoundRow, type NumberedFilters } from './postgres-query.ts';
import { readSnapshot } from './postgres-reading.ts';
import { lookUpWords, type WordQuery } from './postgres-words.ts';
import { ValueNumbers, writeBatch } from './postgres-write.ts';

/** Raise it when entries must be written anew: their columns, the text search configurations, what counts as a word. */
const SETTINGS = 'postgres-1';

export interface PostgresEngineOptions {
  /** Time limit of a search, in milliseconds; 5 seconds unless told. */
  timeoutMs?: number;
}

/**
 * The engine that is always there: full-text search in PostgreSQL, with trigrams for misspellings. Its projection is
 * kept also where Meilisearch answers, so that it can step in.
 */
export function createPostgresEngine(pool: Pool, options: PostgresEngineOptions = {}): SearchEngine {
  const numbers = new ValueNumbers(pool);
  const timeoutMs = options.timeoutMs ?? 5000;
  return {
    name: 'postgres',
    settings: SETTINGS,
    batch: { least: 20, most: 1000 },
    search: (request) => search(pool, numbers, request, timeoutMs),
    apply: async (batch) => write(pool, numbers, batch, await epochOf(pool)),
    startRebuild: () => startRebuild(pool, numbers),
    ready: async () => true,
    count: async () => {
      const { rows } = await pool.query<{ n: number }>('SELECT count(*) AS n FROM search_document');
      return rows[0]?.n ?? 0;
    },
  };
}

async function search(
  pool: Pool,
  numbers: ValueNumbers,
  request: SearchRequest,
  timeoutMs: number,
): Promise<SearchResult> {
  const started = performance.now();
  const query = readWords(request.q);
  const filters = await numbered(pool, numbers, request);
  const noWordsAsked = isEmpty(query);
  const work = async (client: PoolClient) => {
    const looked = noWordsAsked ? noWords : await lookUpWords(client, query, request.educator);
    const found = await find(client, request, looked, filters, 'all');
    if (found.total > 0 || looked.any === null) return [found, looked, false] as const;
    const some = await find(client, request, looked, filters, 'any');
    return [some, looked, some.total > 0] as const;
  };
  const [row, words, relaxed] = await readSnapshot(pool, timeoutMs, work, { byIndex: !noWordsAsked });
  return {
    ids: row.ids ?? [],
    total: row.total,
    facets: facetsOf(request.facets, row.facets ?? []),
    corrected: words.corrected,
    relaxed,
    engine: 'postgres',
    tookMs: performance.now() - started,
  };
}

const noWords: WordQuery = {
  all: null,
  any: null,
  without: null,
  title: null,
  titleExact: null,
  exact: null,
  corrected: [],
};

async function find(
  client: PoolClient,
  request: SearchRequest,
  words: WordQuery,
  filters: NumberedFilters,
  match: 'all' | 'any',
): Promise<FoundRow> {
  const { rows } = await client.query<FoundRow>(searchStatement(request, words, filters, match));
  return rows[0] ?? { total: 0, ids: [], facets: [] };
}

async function numbered(pool: Pool, numbers: ValueNumbers, request: SearchRequest): Promise<NumberedFilters> {
  const { filters } = request;
  const used = FACETS.filter((facet) => filters[facet].length > 0);
  const levels =
    filters.standard.length > 0 && request.facets.includes('level') ? await levelSlugs(pool) : [];
  const pairs = (chosen: readonly string[]): [string, string][] =>
    filters.standard.flatMap((standard) =>
      chosen.map((level): [string, string] => ['pair', pairKey(standard, level)]),
    );
  const known = await numbers.find([
    ...used.flatMap((facet) => filters[facet].map((value): [string, string] => [facet, value])),
    ...pairs([...filters.level, ...levels]),
  ]);
  const idsOf = (facet: string, values: readonly string[]): number[] =>
    values.flatMap((value) => known(facet, value) ?? []);
  const pairIds = (chosen: readonly string[]): number[] =>
    pairs(chosen).flatMap((pair) => known(...pair) ?? []);
  return {
    groups: new Map(used.map((facet) => [facet, idsOf(facet, filters[facet])])),
    both: filters.standard.length > 0 && filters.level.length > 0 ? pairIds(filters.level) : null,
    levelPairs: levels.map((level) => ({ level, pairs: pairIds([level]) })),
  };
}

async function levelSlugs(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ slug: string }>('SELECT slug FROM competency_level');
  return rows.map(({ slug }) => slug);
}

function facetsOf(
  asked: readonly FacetName[],
  rows: { facet: FacetName; value: string; count: number }[],
): Partial<Record<FacetName, FacetCount[]>> {
  const facets: Partial<Record<FacetName, FacetCount[]>> = {};
  for (const facet of asked) facets[facet] = [];
  for (const { facet, value, count } of rows) facets[facet]?.push({ value, count });
  return facets;
}

const write = (pool: Pool, numbers: ValueNumbers, batch: IndexBatch, epoch: number): Promise<void> =>
  writeBatch(pool, numbers, batch, epoch);

async function epochOf(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ epoch: number }>(
    `SELECT epoch FROM search_engine WHERE name = 'postgres'`,
  );
  return rows[0]?.epoch ?? 0;
}

/** The index stays in use: every entry is written anew under the next epoch, then what wasn't is removed. */
async function startRebuild(pool: Pool, numbers: ValueNumbers): Promise<Rebuild> {
  const { rows } = await pool.query<{ epoch: number }>(
    `UPDATE search_engine SET epoch = epoch + 1 WHERE name = 'postgres' RETURNING epoch`,
  );
  const epoch = rows[0]?.epoch ?? 0;
  return {
    inPlace: true,
    apply: (batch) => write(pool, numbers, batch, epoch),
    finish: async () => {
      await pool.query('DELETE FROM search_document WHERE epoch < $1', [epoch]);
      await pool.query('DELETE FROM search_word WHERE epoch < $1', [epoch]);
    },
    abandon: async () => {},
  };
}
