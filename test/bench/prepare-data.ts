import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { systemClock } from '../../server/platform/clock.ts';
import { openDatabase } from '../../server/platform/database/database.ts';
import { migrateDatabase } from '../../server/platform/database/migrate-database.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { startIndexer } from '../../server/search/indexer.ts';
import { createSearchEngines } from '../../server/search/search-engines.ts';
import { loadRecords, type Loaded } from './load-records.ts';

export interface Prepared extends Loaded {
  /** What the first index of PostgreSQL took. */
  indexSeconds: number;
}

/** Raise it when records without anything made up are loaded otherwise. */
const MADE_PLAIN = 2;

/**
 * A data folder with real records in the portal's own PostgreSQL, indexed and analyzed. One that an earlier run made
 * with as many records of the same kind is taken as it is.
 */
export async function prepareData(
  dataDir: string,
  input: {
    folders: Parameters<typeof loadRecords>[1]['folders'];
    count: number;
    invent?: boolean;
    pageTexts?: boolean;
    say: (text: string) => void;
  },
): Promise<Prepared> {
  await mkdir(dataDir, { recursive: true });
  // PostgreSQL may run as another account, which has to come through.
  await chmod(dataDir, 0o711);
  const note = join(dataDir, 'bench.json');
  const before = await readFile(note, 'utf8').then(
    (text) =>
      JSON.parse(text) as Prepared & { asked: number; invent?: boolean; made?: number; pageTexts?: boolean },
    () => undefined,
  );
  const invent = input.invent ?? true;
  const made = invent ? 1 : MADE_PLAIN;
  const pageTexts = input.pageTexts ?? true;
  if (
    before?.asked === input.count &&
    (before.invent ?? true) === invent &&
    (before.made ?? 1) === made &&
    (before.pageTexts ?? true) === pageTexts
  )
    return before;
  if (before)
    throw new Error(
      `${dataDir} holds ${before.asked} other records; name another folder for these ${input.count}`,
    );
  const log = createLogger({ logLevel: 'error' });
  const database = await openDatabase({ databaseUrl: undefined, dataDir }, log, { step: input.say });
  try {
    const { pool } = database;
    await migrateDatabase({ pool, log });
    const loaded = await loadRecords(pool, input);
    await vacuum(pool);
    const started = performance.now();
    await buildIndex(pool, log);
    const prepared = { ...loaded, indexSeconds: (performance.now() - started) / 1000 };
    await vacuum(pool);
    await writeFile(note, JSON.stringify({ ...prepared, asked: input.count, invent, made, pageTexts }));
    return prepared;
  } finally {
    await database.close();
  }
}

/** As autovacuum would have done it by the time a state has so many resources. */
async function vacuum(pool: Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('SET statement_timeout = 0');
    await client.query('VACUUM ANALYZE');
  } finally {
    client.release(true);
  }
}

async function buildIndex(pool: Pool, log: ReturnType<typeof createLogger>): Promise<void> {
  const config = { meiliUrl: undefined, meiliKey: undefined };
  const { all } = createSearchEngines({ pool, clock: systemClock, config });
  const indexer = startIndexer({ pool, log, engines: all });
  try {
    await untilIndexed(pool, 'postgres');
  } finally {
    await indexer.stop();
  }
}

/** Waits until an engine has the whole catalog and nothing waits for it; with `settings`, as these want it. */
export async function untilIndexed(pool: Pool, engine: string, settings?: string): Promise<void> {
  for (;;) {
    const { rows } = await pool.query<{ done: boolean }>(
      `SELECT settings <> '' AND settings = coalesce($2, settings) AND NOT EXISTS (SELECT FROM search_dirty d WHERE d.engine = e.name) AS done
       FROM search_engine e WHERE name = $1`,
      [engine, settings ?? null],
    );
    if (rows[0]?.done) return;
    await sleep(200);
  }
}
