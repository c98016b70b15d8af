import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLogger } from '../../server/platform/logger.ts';
import { createPostgresEngine } from '../../server/search/engines/postgres/postgres-engine.ts';
import { requestRebuild, searchHealth } from '../../server/search/index-queue.ts';
import { startIndexer, type Indexer, type IndexerTimes } from '../../server/search/indexer.ts';
import { startIndexerThread } from '../../server/search/indexer-thread.ts';
import {
  EngineDown,
  searchFilters,
  type IndexBatch,
  type SearchEngine,
} from '../../server/search/search-port.ts';
import { seedCatalog, type Catalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';

const { pool, url } = await testDatabase();
const log = createLogger({ logLevel: 'silent' });
const quick: Partial<IndexerTimes> = { poll: 5000, standBy: 100, down: 20 };

let catalog: Catalog;
const running: Indexer[] = [];

/** The real engine, with a hand on its write side. */
function engineWith(change: Partial<SearchEngine> = {}): SearchEngine {
  return { ...createPostgresEngine(pool), ...change };
}
function start(engine: SearchEngine = engineWith(), times: Partial<IndexerTimes> = {}): Indexer {
  const indexer = startIndexer({ pool, log, engines: [engine] }, { ...quick, ...times });
  running.push(indexer);
  return indexer;
}
const waiting = async (): Promise<string[]> => {
  const { rows } = await pool.query<{ resource_id: string }>(
    `SELECT resource_id FROM search_dirty WHERE engine = 'postgres' ORDER BY priority, stamp`,
  );
  return catalog.keys(rows.map((row) => row.resource_id));
};
const mark = (keys: string[], priority = 0) =>
  pool.query('SELECT mark_dirty($1::uuid[], $2::smallint)', [keys.map(catalog.id), priority]);
const eventually = <T>(check: () => Promise<T>) => vi.waitFor(check, { timeout: 10_000, interval: 20 });
const drained = () => eventually(async () => expect(await waiting()).toEqual([]));
const find = async (q: string): Promise<string[]> => {
  const { ids } = await createPostgresEngine(pool).search({
    q,
    filters: searchFilters(),
    within: null,
    sort: 'best',
    page: 1,
    perPage: 50,
    facets: [],
    audience: ['public'],
    educator: false,
  });
  return catalog.keys(ids);
};
const retitle = (key: string, title: string) =>
  pool.query('UPDATE version SET title = $2 WHERE resource_id = $1', [catalog.id(key), title]);

beforeAll(async () => {
  catalog = await seedCatalog(pool);
});
beforeEach(async () => {
  const indexer = start();
  await drained();
  await eventually(async () => expect((await searchHealth(pool, [engineWith()]))[0]?.built).toBe(true));
  await indexer.stop();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((indexer) => indexer.stop()));
});

describe('the indexer', () => {
  it('brings everything that is marked into the index', async () => {
    expect(await createPostgresEngine(pool).count()).toBe(38);
    expect(await find('magnets')).toEqual(['magnets']);
  });

  it('makes each change findable, without having been asked', async () => {
    start();
    for (let round = 0; round < 8; round += 1) {
      await retitle('cells', `Cells of round ${round} zyzzyva${round}`);
      await mark(['cells']);
      await eventually(async () => expect(await find(`zyzzyva${round}`)).toEqual(['cells']));
    }
  });

  it('takes out of the index what left the shelf', async () => {
    await pool.query(`UPDATE resource SET state = 'withdrawn', withdrawn_at = now() WHERE id = $1`, [
      catalog.id('maps'),
    ]);
    await mark(['maps']);
    start();
    await drained();
    expect(await find('globes')).toEqual([]);
    await pool.query(`UPDATE resource SET state = 'published', withdrawn_at = NULL WHERE id = $1`, [
      catalog.id('maps'),
    ]);
    await mark(['maps']);
    await eventually(async () => expect(await find('globes')).toEqual(['maps']));
  });

  it('does what people changed before imports, and imports before reindexing', async () => {
    await mark(['cells', 'maps'], 2);
    await mark(['poetry'], 1);
    await mark(['rhythm'], 0);
    const order: string[][] = [];
    start(
      engineWith({
        apply: async (batch: IndexBatch) =>
          void order.push(catalog.keys(batch.upsert.map(({ id }) => id)).sort()),
      }),
    );
    await drained();
    expect(order).toEqual([['rhythm'], ['poetry'], ['cells', 'maps']]);
  });

  it('keeps the higher priority when a person changes what an import has marked', async () => {
    await mark(['cells'], 1);
    await mark(['maps'], 0);
    await mark(['cells'], 0);
    await mark(['maps'], 2);
    const { rows } = await pool.query<{ priority: number }>('SELECT DISTINCT priority FROM search_dirty');
    expect(rows).toEqual([{ priority: 0 }]);
  });

  it('rests after what an import changed, but not from what a person changes', async () => {
    const order: string[][] = [];
    start(
      engineWith({
        // However short a batch was, the rest after it does not end within this test.
        batch: { least: 20, most: 1000, rest: { times: 1e4, behind: 0 } },
        apply: async (batch) => void order.push(catalog.keys(batch.upsert.map(({ id }) => id))),
      }),
    );
    await mark(['cells'], 1);
    await eventually(async () => expect(order).toEqual([['cells']]));
    await mark(['state-guide'], 1);
    await mark(['watershed']);
    // A batch is taken off the list behind the engine's answer.
    await eventually(async () => expect(await waiting()).toEqual(['state-guide']));
    expect(order).toEqual([['cells'], ['watershed']]);
  });

  it('does not rest after an import while little waits behind it', async () => {
    const order: string[][] = [];
    start(
      engineWith({
        batch: { least: 20, most: 1000, rest: { times: 1e4, behind: 2 } },
        apply: async (batch) => void order.push(catalog.keys(batch.upsert.map(({ id }) => id))),
      }),
    );
    await mark(['cells'], 1);
    await eventually(async () => expect(order).toEqual([['cells']]));
    await mark(['state-guide'], 1);
    await eventually(async () => expect(order).toEqual([['cells'], ['state-guide']]));
  });

  it('leaves a row that was marked again while its batch was written', async () => {
    let writes = 0;
    await mark(['cells']);
    start(
      engineWith({
        apply: async (batch) => {
          writes += 1;
          if (writes === 1) {
            await retitle('cells', 'Cells changed meanwhile xylophagous');
            await mark(['cells']);
          }
          await createPostgresEngine(pool).apply(batch);
        },
      }),
    );
    await drained();
    expect(writes).toBe(2);
    expect(await find('xylophagous')).toEqual(['cells']);
  });

  it('tries again what the engine refused, alone in the end, and lets the others pass', async () => {
    await mark(['cells', 'maps', 'poetry']);
    const refused: number[] = [];
    const engine = engineWith({
      apply: async (batch) => {
        if (!batch.upsert.some(({ id }) => id === catalog.id('cells'))) return;
        refused.push(batch.upsert.length);
        if (refused.length < 4) throw new Error('the engine said no');
      },
    });
    start(engine);
    await eventually(async () => expect(refused).toHaveLength(1));
    const row = async () =>
      (
        await pool.query<{ attempts: number; last_error: string; retry_at: Date | null }>(
          'SELECT attempts, last_error, retry_at FROM search_dirty WHERE resource_id = $1',
          [catalog.id('cells')],
        )
      ).rows[0];
    await eventually(async () =>
      expect(await row()).toMatchObject({ attempts: 1, last_error: 'Error: the engine said no' }),
    );
    expect((await row())?.retry_at?.getTime()).toBeGreaterThan(Date.now() + 1000);
    expect((await searchHealth(pool, [engineWith()]))[0]).toMatchObject({ waiting: 3, failing: 3 });
    for (let attempt = 0; attempt < 4; attempt += 1) {
      await eventually(async () => expect(refused.length).toBeGreaterThan(attempt));
      await pool.query(`UPDATE search_dirty SET retry_at = now(); SELECT pg_notify('search_dirty', '')`);
      await pool.query(`SELECT pg_notify('search_dirty', '')`);
      if (attempt < 3) await eventually(async () => expect(refused.length).toBeGreaterThan(attempt + 1));
    }
    await drained();
    expect(refused[0]).toBe(3);
    expect(refused.at(-1)).toBe(1);
  });

  it('waits while the engine is down, says so, and catches up afterwards', async () => {
    let down = true;
    await mark(['cells', 'maps']);
    start(
      engineWith({
        apply: async (batch) => {
          if (down) throw new EngineDown('nobody there');
          await createPostgresEngine(pool).apply(batch);
        },
      }),
    );
    await eventually(async () =>
      expect((await searchHealth(pool, [engineWith()]))[0]).toMatchObject({
        lastError: 'nobody there',
        waiting: 2,
        failing: 0,
      }),
    );
    expect((await searchHealth(pool, [engineWith()]))[0]?.downSince).toBeInstanceOf(Date);
    down = false;
    await drained();
    await eventually(async () => expect((await searchHealth(pool, [engineWith()]))[0]?.downSince).toBeNull());
  });

  it('works once, however many processes run it, and another one takes over', async () => {
    let together = 0;
    let most = 0;
    const counting = () =>
      engineWith({
        apply: async () => {
          together += 1;
          most = Math.max(most, together);
          await new Promise((resolve) => setTimeout(resolve, 30));
          together -= 1;
        },
      });
    const first = start(counting());
    start(counting());
    start(counting());
    await mark(['cells', 'maps', 'poetry', 'rhythm'], 1);
    await drained();
    await first.stop();
    await mark(['cells', 'maps'], 1);
    await drained();
    expect(most).toBe(1);
  });

  it('loses nothing when its process is killed in the middle of a batch', async () => {
    await retitle('cells', 'Cells after the kill quixotry');
    await mark(['cells', 'maps', 'poetry']);
    const child = fork(fileURLToPath(new URL('../support/index-forever.ts', import.meta.url)), [url], {
      execArgv: ['--import', 'tsx'],
    });
    await once(child, 'message');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await waiting()).toHaveLength(3);
    start();
    await drained();
    expect(await find('quixotry')).toEqual(['cells']);
  });

  it('stops at once when it has nothing to do', async () => {
    const indexer = start();
    await new Promise((resolve) => setTimeout(resolve, 100));
    const started = performance.now();
    await indexer.stop();
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

describe('building the index anew', () => {
  it('takes out what no longer exists and words that nobody writes any more, while search goes on', async () => {
    await pool.query(
      `INSERT INTO search_document SELECT gen_random_uuid(), audience, facets, pairs, sets, config, head, words, staff_words,
         title_sort, checked, complete, used, minutes, published_at, epoch FROM search_document LIMIT 1`,
    );
    await pool.query(`INSERT INTO search_word VALUES ('obsoleteword', true, 3, 0)`);
    const engine = engineWith();
    expect(await engine.count()).toBe(39);
    await requestRebuild(pool, 'postgres');
    start(engine);
    await eventually(async () =>
      expect((await searchHealth(pool, [engineWith()]))[0]).toMatchObject({
        built: true,
        rebuild: { done: 38, total: 38 },
      }),
    );
    expect(await engine.count()).toBe(38);
    const { rows } = await pool.query(`SELECT FROM search_word WHERE word = 'obsoleteword'`);
    expect(rows).toEqual([]);
    expect(await find('magnets')).toEqual(['magnets']);
  });

  it('does not lose a change that is made meanwhile', async () => {
    const real = createPostgresEngine(pool);
    let changed = false;
    const engine = engineWith({
      startRebuild: async () => {
        const rebuild = await real.startRebuild();
        return {
          ...rebuild,
          apply: async (batch) => {
            await rebuild.apply(batch);
            if (changed) return;
            changed = true;
            await retitle('maps', 'Maps during the rebuild zugzwang');
            await mark(['maps']);
          },
        };
      },
    });
    await requestRebuild(pool, 'postgres');
    start(engine);
    await eventually(async () => expect(await find('zugzwang')).toEqual(['maps']));
    await eventually(async () => expect((await searchHealth(pool, [engineWith()]))[0]?.built).toBe(true));
    expect(await find('zugzwang')).toEqual(['maps']);
  });

  it('is done by itself when the settings of the engine have changed', async () => {
    start(engineWith({ settings: 'postgres-of-tomorrow' }));
    await eventually(async () => {
      const { rows } = await pool.query(`SELECT settings FROM search_engine WHERE name = 'postgres'`);
      expect(rows).toEqual([{ settings: 'postgres-of-tomorrow' }]);
    });
  });
});

describe('what changes a resource from outside', () => {
  it.each<[string, string, string[]]>([
    [
      'the text of its file is ready',
      `UPDATE blob SET text_state = 'failed' WHERE sha256 = (SELECT sha256 FROM file WHERE name = 'guide.pdf')`,
      ['state-guide'],
    ],
    [
      'its file was found infected',
      `UPDATE blob SET scan_state = 'infected' WHERE sha256 = (SELECT sha256 FROM file WHERE name = 'guide.pdf')`,
      ['state-guide'],
    ],
    [
      'someone used it',
      `INSERT INTO use_mark (resource_id, person_id) SELECT r.id, p.id FROM version v JOIN resource r ON r.current_version_id = v.id, person p WHERE v.title = 'Poetry out loud' AND p.name = 'Sara Castillo'`,
      ['poetry'],
    ],
    [
      'it gets a co-author',
      `INSERT INTO co_author SELECT r.id, p.id FROM version v JOIN resource r ON r.current_version_id = v.id, person p WHERE v.title = 'Poetry out loud' AND p.name = 'Nora Adler'`,
      ['poetry'],
    ],
    [
      'its topic is renamed',
      `SELECT mark_dirty_topics(ARRAY(SELECT id FROM topic WHERE slug = 'ratios'))`,
      ['ratio-extending', 'ratio-recipes', 'unit-rate'],
    ],
    [
      'its standard is reworded',
      `SELECT mark_dirty_standards(ARRAY(SELECT guid FROM standard WHERE code = 'TS.MATH.3.NF'))`,
      ['fifty-claims', 'fraction-walls', 'number-line'],
    ],
    [
      'its owner, who is its author, has another name',
      `UPDATE person SET name = 'Nora Berg' WHERE name = 'Nora Adler'`,
      [
        'exit-ticket',
        'fraction-walls',
        'main-idea',
        'secret-garden-lab',
        'self-portrait',
        'tug-of-war',
        'voting',
        'water-cycle',
      ],
    ],
    [
      'its owner changes, but not by name',
      `UPDATE person SET name = name, updated_at = now() WHERE email = 'sara@test.example'`,
      [],
    ],
    [
      'its school is renamed',
      `SELECT mark_dirty_organizations(ARRAY(SELECT id FROM organization WHERE slug = 'state'))`,
      ['state-guide'],
    ],
  ])('marks it when %s', async (_, sql, expected) => {
    await pool.query(sql);
    expect((await waiting()).sort()).toEqual(expected);
  });
});

describe('in a thread of its own', () => {
  const config = { logLevel: 'silent', meiliUrl: undefined, meiliKey: undefined } as const;

  it('makes a change findable, and stops when it is told to', async () => {
    const error = vi.fn();
    const thread = startIndexerThread({ config, database: { url, embedded: false }, log: { error } });
    await retitle('cells', 'Cells in a thread quokka');
    await mark(['cells']);
    await eventually(async () => expect(await find('quokka')).toEqual(['cells']));
    await thread.stop();
    await mark(['maps']);
    expect(await waiting()).toEqual(['maps']);
    expect(error).not.toHaveBeenCalled();
    const { rows } = await pool.query(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'commonshelf indexer'`,
    );
    expect(rows).toEqual([]);
  });

  it('is started again when it ended by itself, says so, and still stops', async () => {
    const error = vi.fn();
    const broken = { ...config, logLevel: 'deafening' as 'silent' };
    const thread = startIndexerThread({ config: broken, database: { url, embedded: false }, log: { error } });
    await eventually(async () => expect(error.mock.calls.length).toBeGreaterThan(1));
    expect(String(error.mock.lastCall?.[0].err)).toContain('deafening');
    await thread.stop();
  });
});
