import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createLogger } from '../../server/platform/logger.ts';
import { circuitBreaker } from '../../server/search/circuit-breaker.ts';
import { createMeiliEngine } from '../../server/search/engines/meilisearch/meili-engine.ts';
import { createPostgresEngine } from '../../server/search/engines/postgres/postgres-engine.ts';
import { searchHealth, type EngineHealth } from '../../server/search/index-queue.ts';
import { startIndexer, type Indexer } from '../../server/search/indexer.ts';
import { watchLag } from '../../server/search/search-lag.ts';
import type { SearchEngines } from '../../server/search/search-engines.ts';
import { searchFilters, type SearchRequest } from '../../server/search/search-port.ts';
import { searchReadiness } from '../../server/search/search-readiness.ts';
import { searchResources } from '../../server/search/search-service.ts';
import { seedCatalog, type Catalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { meiliStub, problem, type MeiliStub } from '../support/meili-stub.ts';

// Meilisearch is configured but comes and goes; PostgreSQL steps in, and nothing is lost. The tests go on from each other.
const { pool } = await testDatabase();
const log = createLogger({ logLevel: 'silent' });
let now = Date.now();
let catalog: Catalog;
let stub: MeiliStub;
let search: SearchEngines;
let indexer: Indexer;

beforeAll(async () => {
  catalog = await seedCatalog(pool);
  stub = await meiliStub();
  const { url } = stub;
  await stub.close();
  const meilisearch = createMeiliEngine({ url, key: 'k', searchMs: 1000, requestMs: 3000, taskMs: 3000 });
  const postgres = createPostgresEngine(pool);
  search = {
    first: meilisearch,
    standIn: postgres,
    lag: watchLag(pool, { first: meilisearch, standIn: postgres }, { fresh: 0, stale: 0 }),
    breaker: circuitBreaker({ now: () => new Date(now) }, { failures: 2, restMs: 10_000 }),
    all: [meilisearch, postgres],
  };
  indexer = startIndexer({ pool, log, engines: search.all }, { down: 50, poll: 500 });
});
afterAll(async () => {
  await indexer.stop();
  await stub.close();
});

const request: SearchRequest = {
  q: '',
  filters: searchFilters(),
  within: null,
  sort: 'best',
  page: 1,
  perPage: 20,
  facets: [],
  audience: ['public'],
  educator: false,
};
const ask = () => searchResources({ pool, search, log }, request);
const health = async (engine: string): Promise<EngineHealth | undefined> =>
  (await searchHealth(pool, search.all)).find((one) => one.engine === engine);
const eventually = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 15_000, interval: 50 });
const comeBack = async (): Promise<void> => {
  stub = await meiliStub(Number(new URL(stub.url).port));
};

describe('with Meilisearch configured', () => {
  it('a portal that starts while it is down searches in PostgreSQL, and says so', async () => {
    await eventually(async () => expect((await health('postgres'))?.built).toBe(true));
    expect(await ask()).toMatchObject({ engine: 'postgres', engineNotice: true, total: 33 });
    await eventually(async () =>
      expect(await health('meilisearch')).toMatchObject({
        built: false,
        lastError: 'Meilisearch does not answer',
      }),
    );
  });

  it('changes wait for it, while PostgreSQL has them at once', async () => {
    await pool.query(`UPDATE version SET title = 'Onomatopoeia' WHERE resource_id = $1`, [
      catalog.id('cells'),
    ]);
    await pool.query('SELECT mark_dirty(ARRAY[$1::uuid])', [catalog.id('cells')]);
    await eventually(async () => expect((await health('postgres'))?.waiting).toBe(0));
    expect((await health('meilisearch'))?.waiting).toBeGreaterThan(0);
  });

  it('it builds its index when it comes, and answers from then on', async () => {
    await comeBack();
    await eventually(async () =>
      expect(await health('meilisearch')).toMatchObject({ built: true, waiting: 0, downSince: null }),
    );
    const sent = stub.calls
      .filter(({ method, path }) => method === 'POST' && path.endsWith('/documents'))
      .flatMap(({ body }) => body as { id: string; title: string }[]);
    expect(new Set(sent.map(({ id }) => id)).size).toBe(38);
    expect(sent.find(({ id }) => id === catalog.id('cells'))?.title).toBe('Onomatopoeia');
    now += 20_000;
    expect(await ask()).toMatchObject({ engine: 'meilisearch', engineNotice: false });
  });

  it('is left alone for a while once it has failed twice in a row, then tried once', async () => {
    stub.answer = ({ path }) =>
      path === '/multi-search' ? problem(503, 'too_many_search_requests') : undefined;
    stub.calls.length = 0;
    for (let round = 0; round < 5; round += 1)
      expect(await ask()).toMatchObject({ engine: 'postgres', engineNotice: true });
    const tries = () => stub.calls.filter(({ path }) => path === '/multi-search').length;
    expect(tries()).toBe(2);
    now += 11_000;
    await ask();
    await ask();
    expect(tries()).toBe(3);
    stub.answer = () => undefined;
    now += 11_000;
    expect(await ask()).toMatchObject({ engine: 'meilisearch', engineNotice: false });
  });

  it('is replaced within its time limit when it hangs', async () => {
    stub.answer = ({ path }) => (path === '/multi-search' ? 'hang' : undefined);
    const started = performance.now();
    expect(await ask()).toMatchObject({ engine: 'postgres', engineNotice: true, total: 33 });
    expect(performance.now() - started).toBeLessThan(3000);
    stub.answer = () => undefined;
  });

  /** As if what waits, and what was taken last, were older by so many minutes. */
  const minutesPass = (waited: number, taken: number) =>
    pool.query(
      `WITH d AS (UPDATE search_dirty SET marked_at = clock_timestamp() - $1 * interval '1 minute' WHERE engine = 'meilisearch')
       UPDATE search_engine SET taken_at = clock_timestamp() - $2 * interval '1 minute' WHERE name = 'meilisearch'`,
      [waited, taken],
    );

  it.each([
    ['its key may not write', () => problem(403, 'invalid_api_key')],
    ['its tasks are full', () => problem(503, 'too_many_search_requests')],
  ])(
    'no longer answers once it has taken no change for a minute (%s), and answers again when it has all',
    async (_, fault) => {
      stub.answer = ({ path }) => (path.includes('/documents') ? fault() : undefined);
      await pool.query('SELECT mark_dirty(ARRAY[$1::uuid])', [catalog.id('maps')]);
      await eventually(async () => expect((await health('postgres'))?.waiting).toBe(0));
      expect(await ask()).toMatchObject({ engine: 'meilisearch', engineNotice: false });
      await minutesPass(2, 3);
      expect(await ask()).toMatchObject({ engine: 'postgres', engineNotice: true, total: 33 });
      expect(await searchReadiness({ pool, search })).toEqual({ engine: 'meilisearch', degraded: true });
      stub.answer = () => undefined;
      await eventually(async () =>
        expect(await ask()).toMatchObject({ engine: 'meilisearch', engineNotice: false }),
      );
      expect(await health('meilisearch')).toMatchObject({ waiting: 0, failing: 0 });
      expect(await searchReadiness({ pool, search })).toEqual({ engine: 'meilisearch', degraded: false });
    },
  );

  it('goes on answering while it takes something, and where one bad resource alone is refused', async () => {
    const waits = (attempts: number, engine = 'meilisearch') =>
      pool.query(
        `INSERT INTO search_dirty (engine, resource_id, priority, attempts, retry_at) VALUES ($1, $2, 1, $3, now() + interval '1 hour')
         ON CONFLICT (engine, resource_id) DO UPDATE SET attempts = excluded.attempts, retry_at = excluded.retry_at`,
        [engine, catalog.id('cells'), attempts],
      );
    await waits(3);
    // Something else was taken since.
    await minutesPass(10, 5);
    expect(await ask()).toMatchObject({ engine: 'meilisearch', engineNotice: false });
    // Nothing was taken since.
    await minutesPass(5, 10);
    expect(await ask()).toMatchObject({ engine: 'postgres', engineNotice: true });
    // An import: its rows wait long, and it takes one batch after the other.
    await minutesPass(10, 0);
    expect(await ask()).toMatchObject({ engine: 'meilisearch', engineNotice: false });
    await pool.query('DELETE FROM search_dirty');
  });

  it('that goes away while it indexes gets everything when it is back', async () => {
    await stub.close();
    await pool.query('SELECT mark_dirty(ARRAY[$1::uuid])', [catalog.id('maps')]);
    await eventually(async () => expect((await health('meilisearch'))?.downSince).toBeInstanceOf(Date));
    expect(await health('meilisearch')).toMatchObject({ waiting: 1, failing: 0 });
    // Its data are lost with it: an index that isn't there is built anew.
    await comeBack();
    await eventually(async () =>
      expect(await health('meilisearch')).toMatchObject({ waiting: 0, downSince: null, built: true }),
    );
    await eventually(async () => expect(stub.calls.some(({ path }) => path === '/swap-indexes')).toBe(true));
  });
});
