import type { Pool, PoolClient, QueryConfig } from 'pg';
import { isEmpty, readWords } from '../../query-words.ts';
import {
  FACETS,
  MAX_HITS,
  pairKey,
  type IndexBatch,
  type Rebuild,
  type SearchEngine,
  type SearchRequest,
  type SearchResult,
} from '../../search-port.ts';
import { compareEntries, entryIds } from './postgres-compare.ts';
import { countValues, judge } from './postgres-counts.ts';
import { Entries, integersOf } from './postgres-entries.ts';
import { nameCounts, namePairs } from './postgres-facets.ts';
import { branchesOf, type Branches, type NumberedFilters } from './postgres-filters.ts';
import { firstOf } from './postgres-order.ts';
import {
  idsOf,
  numbersOf,
  numbersStatement,
  positiveOf,
  rankedStatement,
  titleStatement,
} from './postgres-query.ts';
import { readSnapshot } from './postgres-reading.ts';
import { VisibleEntries, type SharedList } from './postgres-visible.ts';
import { CommonWords } from './postgres-vocabulary.ts';
import { NO_WORDS, type Match, type WordQuery } from './postgres-word-query.ts';
import { lookUpWords, type Shown } from './postgres-words.ts';
import { ValueNumbers, writeBatch } from './postgres-write.ts';

/** Raise it when entries must be written anew: their columns, the text search configurations, what counts as a word. */
const SETTINGS = 'postgres-6';

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
  const memory: Memory = {
    numbers,
    entries: new Entries(),
    visible: new VisibleEntries(),
    common: new CommonWords(),
  };
  const timeoutMs = options.timeoutMs ?? 5000;
  return {
    name: 'postgres',
    settings: SETTINGS,
    // A change of many tags waits for search and is at most 400 ahead.
    batch: { least: 20, most: 1000, rest: { times: 1, behind: 600 } },
    search: (request) => search(pool, memory, request, timeoutMs),
    apply: async (batch) => write(pool, memory, batch, await epochOf(pool)),
    startRebuild: () => startRebuild(pool, memory),
    ready: async () => true,
    count: async () => {
      const { rows } = await pool.query<{ n: number }>('SELECT count(*) AS n FROM search_document');
      return rows[0]?.n ?? 0;
    },
    facts: async () => {
      const { rows } = await pool.query<{ resources: number; bytes: number }>(
        `SELECT (SELECT count(*) FROM search_document) AS resources, sum(pg_total_relation_size(name::regclass)) AS bytes
         FROM unnest('{search_document,search_page,search_word,search_value}'::text[]) AS t (name)`,
      );
      return { resources: rows[0]?.resources ?? 0, bytes: Number(rows[0]?.bytes ?? 0), version: null };
    },
    compare: (documents) => compareEntries(pool, numbers, documents),
    ids: () => entryIds(pool),
  };
}

/** What a process knows of the index; all of it stays right whoever writes. */
interface Memory {
  numbers: ValueNumbers;
  entries: Entries;
  visible: VisibleEntries;
  common: CommonWords;
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
  const work = async (client: PoolClient, shown: Shown) => {
    const searched = { client, memory, request, filters, changes: shown.changes };
    const looked = noWordsAsked
      ? NO_WORDS
      : await lookUpWords(client, query, request.educator, shown, request.synonyms);
    const wide = looked.any !== null;
    if (request.match === 'some' && wide) {
      const most = looked.most === null ? null : await find(searched, looked, 'most');
      if (most !== null && most.total >= ENOUGH) return [most, looked, true] as const;
      return [await find(searched, looked, 'some'), looked, true] as const;
    }
    const found = await find(searched, looked, 'all');
    if (found.total > 0 || !wide) return [found, looked, false] as const;
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

/** With so many hits that have most of the words nobody looks for those that have one. */
const ENOUGH = 20;

type Found = Pick<SearchResult, 'ids' | 'total' | 'facets' | 'pairs'>;

interface Searched {
  client: PoolClient;
  memory: Memory;
  request: SearchRequest;
  filters: NumberedFilters;
  /** The state of the index that the client's snapshot shows. */
  changes: number;
}

async function find(searched: Searched, words: WordQuery, match: Match): Promise<Found> {
  const { client, memory, request, filters } = searched;
  const branches = branchesOf(request.facets, filters);
  const { numbers, titled, shared } = await candidates(searched, words, branches, match);
  await memory.entries.load(client, numbers);
  const judged = judge(memory.entries, numbers, branches);
  const page = idsOfPage(searched, words, branches, match, { hits: judged.hits, titled });
  if (request.facets.length === 0 && !request.pairs)
    return { ids: await page, total: judged.hits.length, facets: {} };
  // Counting doesn't wait for PostgreSQL, which finds the page meanwhile.
  page.catch(() => {});
  const counts = countValues(memory.entries, judged, {
    request,
    filters,
    branches,
    ...(shared && { shared }),
  });
  const ids = await page;
  const facets = await nameCounts(client, memory.numbers, counts, { request, filters });
  const pairs = counts.pairs && (await namePairs(client, memory.numbers, counts.pairs));
  return { ids, total: judged.hits.length, facets, ...(pairs && { pairs }) };
}

/** All entries that may be hits or count for a facet. Who asks for no words is shown all that there is, again and again. */
async function candidates(
  { client, memory, request, changes }: Searched,
  words: WordQuery,
  branches: Branches,
  match: Match,
): Promise<{ numbers: Int32Array; titled: Int32Array; shared?: SharedList }> {
  if (isBare(request, words)) {
    const visible = await memory.visible.of(client, request.audience, changes);
    const titled = new Int32Array(0);
    if (!request.without?.length) return { numbers: visible.numbers, titled, shared: visible.shared };
    const { rows } = await client.query<{ numbers: string | null }>(numbersOf([request.without]));
    const out = new Set(integersOf(rows[0]?.numbers ?? null));
    return { numbers: visible.numbers.filter((number) => !out.has(number)), titled };
  }
  const { rows } = await client.query<{ numbers: string | null; titled: string | null }>(
    numbersStatement(request, words, branches, match),
  );
  return { numbers: integersOf(rows[0]?.numbers ?? null), titled: integersOf(rows[0]?.titled ?? null) };
}

const isBare = (request: SearchRequest, words: WordQuery): boolean =>
  words.all === null && words.any === null && words.without === null && request.within === null;

/**
 * So many hits are ranked by their words: those with the words in the title first, then by quality. Behind them nobody
 * reads, and ranking every text that has an everyday word would take longer than all else.
 */
const RANKED = 600;

/** The resources of the page that was asked for. */
async function idsOfPage(
  { client, memory, request }: Searched,
  words: WordQuery,
  branches: Branches,
  match: Match,
  { hits, titled }: { hits: Int32Array; titled: Int32Array },
): Promise<string[]> {
  const { sort, page, perPage } = request;
  const from = (page - 1) * perPage;
  const to = Math.min(from + perPage, MAX_HITS, hits.length);
  if (from >= to) return [];
  const run = async (statement: QueryConfig): Promise<string[]> =>
    (await client.query<{ ids: string[] }>(statement)).rows[0]?.ids ?? [];
  const isWhole = isBare(request, words) && !request.without?.length;
  if (sort === 'title') return run(titleStatement(request, branches, isWhole ? null : hits));
  const positive = positiveOf(words, match);
  if (sort !== 'best' || positive === null)
    return run(idsOf([firstOf(memory.entries, hits, { sort, count: to }).slice(from)]));
  const order = { sort, count: Math.max(RANKED, to), before: new Set(titled) };
  const best = hits.length <= RANKED ? [...hits] : firstOf(memory.entries, hits, order);
  const ranked = best.slice(0, RANKED);
  const first = from < RANKED ? await run(rankedStatement(request, words, match, ranked)) : [];
  const rest = best.slice(Math.max(from, RANKED), to);
  return rest.length === 0 ? first : [...first, ...(await run(idsOf([rest])))];
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

const write = (pool: Pool, { numbers, common }: Memory, batch: IndexBatch, epoch: number): Promise<void> =>
  writeBatch(pool, numbers, batch, epoch, common);

async function epochOf(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ epoch: number }>(
    `SELECT epoch FROM search_engine WHERE name = 'postgres'`,
  );
  return rows[0]?.epoch ?? 0;
}

/** The index stays in use: every entry is written anew under the next epoch, then what wasn't is removed. */
async function startRebuild(pool: Pool, memory: Memory): Promise<Rebuild> {
  const { rows } = await pool.query<{ epoch: number }>(
    `UPDATE search_engine SET epoch = epoch + 1 WHERE name = 'postgres' RETURNING epoch`,
  );
  const epoch = rows[0]?.epoch ?? 0;
  return {
    inPlace: true,
    apply: (batch) => write(pool, memory, batch, epoch),
    finish: async () => {
      await pool.query('DELETE FROM search_word WHERE epoch < $1', [epoch]);
      await pool.query(
        `WITH gone AS (DELETE FROM search_document WHERE epoch < $1)
         UPDATE search_engine SET changes = changes + 1 WHERE name = 'postgres'`,
        [epoch],
      );
    },
    abandon: async () => {},
  };
}
