import type { Pool, PoolClient } from 'pg';
import { isEmpty, readWords } from '../../query-words.ts';
import {
  FACETS,
  pairKey,
  type IndexBatch,
  type Rebuild,
  type SearchEngine,
  type SearchRequest,
  type SearchResult,
} from '../../search-port.ts';
import { nameCounts } from './postgres-facets.ts';
import { countValues } from './postgres-counts.ts';
import { Entries, integersOf } from './postgres-entries.ts';
import { branchesOf, type Branches, type NumberedFilters } from './postgres-filters.ts';
import { listStatement, searchStatement, type FoundRow, type Statement } from './postgres-query.ts';
import { readSnapshot } from './postgres-reading.ts';
import { VisibleEntries } from './postgres-visible.ts';
import { lookUpWords, type WordQuery } from './postgres-words.ts';
import { ValueNumbers, writeBatch } from './postgres-write.ts';

/** Raise it when entries must be written anew: their columns, the text search configurations, what counts as a word. */
const SETTINGS = 'postgres-2';

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
  const memory: Memory = { numbers, entries: new Entries(), visible: new VisibleEntries() };
  const timeoutMs = options.timeoutMs ?? 5000;
  return {
    name: 'postgres',
    settings: SETTINGS,
    batch: { least: 20, most: 1000 },
    search: (request) => search(pool, memory, request, timeoutMs),
    apply: async (batch) => write(pool, numbers, batch, await epochOf(pool)),
    startRebuild: () => startRebuild(pool, numbers),
    ready: async () => true,
    count: async () => {
      const { rows } = await pool.query<{ n: number }>('SELECT count(*) AS n FROM search_document');
      return rows[0]?.n ?? 0;
    },
  };
}

/** What a process knows of the index; all of it stays right whoever writes. */
interface Memory {
  numbers: ValueNumbers;
  entries: Entries;
  visible: VisibleEntries;
}

async function search(
  pool: Pool,
  memory: Memory,
  request: SearchRequest,
  timeoutMs: number,
): Promise<SearchResult> {
  const started = performance.now();
  const query = readWords(request.q);
  const filters = await numbered(pool, memory.numbers, request);
  const noWordsAsked = isEmpty(query);
  const work = async (client: PoolClient, changes: number) => {
    const searched = { client, memory, request, filters, changes };
    const looked = noWordsAsked ? noWords : await lookUpWords(client, query, request.educator);
    const found = await find(searched, looked, 'all');
    if (found.total > 0 || looked.any === null) return [found, looked, false] as const;
    const some = await find(searched, looked, 'any');
    return [some, looked, some.total > 0] as const;
  };
  const [found, words, relaxed] = await readSnapshot(pool, timeoutMs, work, { byIndex: !noWordsAsked });
  return {
    ...found,
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

type Found = Pick<SearchResult, 'ids' | 'total' | 'facets'>;

async function find(
  searched: {
    client: PoolClient;
    memory: Memory;
    request: SearchRequest;
    filters: NumberedFilters;
    changes: number;
  },
  words: WordQuery,
  match: 'all' | 'any',
): Promise<Found> {
  const { client, memory, request, filters, changes } = searched;
  const branches = branchesOf(request.facets, filters);
  const bare = words.all === null && words.any === null && words.without === null && request.within === null;
  // Who sees everything that there is asks for the same numbers again and again.
  const known = bare && request.facets.length > 0;
  const row = await run(
    client,
    known ? listStatement(request, branches) : searchStatement(request, words, branches, match),
  );
  if (request.facets.length === 0) return { ids: row.ids ?? [], total: row.total ?? 0, facets: {} };
  const numbers = known
    ? await memory.visible.of(client, request.audience, changes)
    : integersOf(row.numbers);
  return { ids: row.ids ?? [], ...(await count(client, memory, numbers, { request, filters, branches })) };
}

async function run(client: PoolClient, statement: Statement): Promise<FoundRow> {
  const { rows } = await client.query<FoundRow>(statement);
  return rows[0] ?? { total: 0, numbers: null, ids: [] };
}

/** Total and facets of entries that may count; see `countValues`. */
async function count(
  client: PoolClient,
  memory: Memory,
  numbers: Int32Array,
  asked: { request: SearchRequest; filters: NumberedFilters; branches: Branches },
): Promise<Pick<Found, 'total' | 'facets'>> {
  await memory.entries.load(client, numbers);
  const counts = countValues(memory.entries, numbers, asked);
  return { total: counts.total, facets: await nameCounts(client, memory.numbers, counts, asked) };
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
      await pool.query(
        `WITH gone AS (DELETE FROM search_document WHERE epoch < $1)
         UPDATE search_engine SET changes = changes + 1 WHERE name = 'postgres'`,
        [epoch],
      );
      await pool.query('DELETE FROM search_word WHERE epoch < $1', [epoch]);
    },
    abandon: async () => {},
  };
}
