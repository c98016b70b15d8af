import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { withTransaction } from '../platform/database/transaction.ts';
import type { EngineName, SearchEngine } from './search-port.ts';

/** The rows of search_dirty and search_engine, as the indexer uses them. */

export interface DirtyRow {
  resource_id: string;
  stamp: number | string;
  attempts: number;
  priority: number;
}

/** People's changes, imports, reindexing: what waits behind is only touched when nothing is before it. */
export const PRIORITY = { person: 0, import: 1, reindex: 2 } as const;

/**
 * What to index next: rows of one priority, oldest first, at most `size`. `retries`: rows that failed before and whose
 * time has come, fewer at once the more often they failed, so that one bad resource ends up alone.
 */
export async function nextBatch(
  pool: Pool,
  engine: EngineName,
  options: { size: number; retries: boolean; upTo: number },
): Promise<DirtyRow[]> {
  const which = options.retries ? 'attempts > 0 AND retry_at <= clock_timestamp()' : 'attempts = 0';
  const { rows } = await pool.query<DirtyRow>(
    `SELECT resource_id, stamp, attempts, priority FROM search_dirty
     WHERE engine = $1 AND priority <= $3 AND ${which} ORDER BY priority, stamp LIMIT $2`,
    [engine, options.size, options.upTo],
  );
  const [first] = rows;
  if (!first) return [];
  const batch = rows.filter(
    ({ priority, attempts }) => priority === first.priority && attempts === first.attempts,
  );
  return batch.slice(0, roomAfter(first.attempts));
}

const roomAfter = (attempts: number): number =>
  attempts === 0 ? Infinity : attempts === 1 ? 30 : attempts === 2 ? 5 : 1;

/** Whether at least so many resources wait for an engine. */
export async function isBehind(pool: Pool, engine: EngineName, resources: number): Promise<boolean> {
  const { rows } = await pool.query<{ behind: boolean }>(
    `SELECT count(*) >= $2 AS behind FROM (SELECT 1 FROM search_dirty WHERE engine = $1 LIMIT $2) waiting`,
    [engine, resources],
  );
  return rows[0]?.behind ?? false;
}

/** Takes rows away that the engine has; one that was marked again meanwhile stays. */
export async function finishRows(pool: Pool, engine: EngineName, rows: readonly DirtyRow[]): Promise<void> {
  // Locked in the order in which mark_dirty locks.
  await withTransaction(pool, (client) =>
    client.query(
      `WITH done AS (
         SELECT d.resource_id FROM search_dirty d
           JOIN unnest($2::uuid[], $3::bigint[]) AS b (resource_id, stamp) USING (resource_id, stamp)
         WHERE d.engine = $1 ORDER BY d.resource_id FOR UPDATE OF d)
       DELETE FROM search_dirty d USING done WHERE d.engine = $1 AND d.resource_id = done.resource_id`,
      [engine, rows.map(({ resource_id: id }) => id), rows.map(({ stamp }) => stamp)],
    ),
  );
}

/**
 * Takes away what imports and reindexing have marked so far, for a rebuild that reads everything from now on. What people
 * changed stays: it isn't to wait for the end of the rebuild.
 */
export async function forgetImported(pool: Pool, engine: EngineName): Promise<void> {
  await withTransaction(pool, (client) =>
    client.query(
      `WITH seen AS (SELECT resource_id FROM search_dirty WHERE engine = $1 AND priority > 0 ORDER BY resource_id FOR UPDATE)
       DELETE FROM search_dirty d USING seen WHERE d.engine = $1 AND d.resource_id = seen.resource_id`,
      [engine],
    ),
  );
}

/** Puts rows back that the engine refused: 2, 4, 8 … seconds, at most 10 minutes. */
export async function retryRows(
  pool: Pool,
  engine: EngineName,
  rows: readonly DirtyRow[],
  error: string,
): Promise<void> {
  await withTransaction(pool, (client) =>
    client.query(
      `WITH failed AS (
         SELECT d.resource_id FROM search_dirty d
           JOIN unnest($2::uuid[], $3::bigint[]) AS b (resource_id, stamp) USING (resource_id, stamp)
         WHERE d.engine = $1 ORDER BY d.resource_id FOR UPDATE OF d)
       UPDATE search_dirty d SET attempts = least(attempts + 1, 30), last_error = $4,
         retry_at = clock_timestamp() + least(power(2, attempts + 1), 600) * interval '1 second'
       FROM failed WHERE d.engine = $1 AND d.resource_id = failed.resource_id`,
      [engine, rows.map(({ resource_id: id }) => id), rows.map(({ stamp }) => stamp), error.slice(0, 1000)],
    ),
  );
}

/** Milliseconds until the next row that failed may be tried again; null when none waits. */
export async function untilRetry(pool: Pool, engine: EngineName): Promise<number | null> {
  const { rows } = await pool.query<{ ms: number | null }>(
    `SELECT (extract(epoch FROM min(retry_at) - clock_timestamp()) * 1000)::float8 AS ms FROM search_dirty
     WHERE engine = $1 AND attempts > 0`,
    [engine],
  );
  const ms = rows[0]?.ms ?? null;
  return ms === null ? null : Math.max(0, ms);
}

/** The settings with which the engine's index was built; '' before the first build and after `requestRebuild`. */
export async function builtSettings(pool: Pool, engine: EngineName): Promise<string> {
  const { rows } = await pool.query<{ settings: string }>(
    `INSERT INTO search_engine AS e (name) VALUES ($1)
     ON CONFLICT (name) DO UPDATE SET name = e.name RETURNING settings`,
    [engine],
  );
  return rows[0]?.settings ?? '';
}

/** Asks whoever indexes to build an engine's index anew; it starts at once and search goes on meanwhile. */
export async function requestRebuild(pool: Pool, engine: EngineName): Promise<void> {
  await pool.query(
    `WITH asked AS (
       INSERT INTO search_engine (name) VALUES ($1)
       ON CONFLICT (name) DO UPDATE SET settings = '', rebuild_done = 0, rebuild_total = 0 RETURNING 1)
     SELECT pg_notify('search_dirty', '') FROM asked`,
    [engine],
  );
}

export async function markDown(pool: Pool, engine: EngineName, error: string): Promise<void> {
  await pool.query(
    `UPDATE search_engine SET down_since = coalesce(down_since, clock_timestamp()), last_error = $2 WHERE name = $1`,
    [engine, error.slice(0, 1000)],
  );
}

/** The engine has just taken a batch: search-lag.ts goes by it. */
export async function markTaken(pool: Pool, engine: EngineName): Promise<void> {
  await pool.query('UPDATE search_engine SET taken_at = clock_timestamp() WHERE name = $1', [engine]);
}

export async function markUp(pool: Pool, engine: EngineName): Promise<void> {
  await pool.query('UPDATE search_engine SET down_since = NULL WHERE name = $1 AND down_since IS NOT NULL', [
    engine,
  ]);
}

export interface EngineHealth {
  engine: EngineName;
  /** Resources that wait to be indexed, and for how many seconds the oldest of them does. */
  waiting: number;
  oldestSeconds: number;
  /** Of those, how many the engine refused at least once. */
  failing: number;
  /** Since when the indexer can't reach the engine. */
  downSince: Date | null;
  lastError: string | null;
  /** The index is built and up to the settings of this version. */
  built: boolean;
  rebuild: { done: number; total: number };
}

/**
 * How indexing does, for the administrators' page, `/readyz` and `npm run reindex`.
 * @param engines those of the settings; what one that was taken out of them has left behind is nobody's concern
 */
export async function searchHealth(
  pool: Pool,
  engines: readonly Pick<SearchEngine, 'name' | 'settings'>[],
): Promise<EngineHealth[]> {
  const { rows } = await pool.query<{
    name: EngineName;
    waiting: number;
    oldest: number;
    failing: number;
    down_since: Date | null;
    last_error: string | null;
    settings: string;
    rebuild_done: number;
    rebuild_total: number;
  }>(
    `SELECT e.name, e.down_since, e.last_error, e.settings, e.rebuild_done, e.rebuild_total, count(d.resource_id) AS waiting,
       coalesce(extract(epoch FROM clock_timestamp() - min(d.marked_at)), 0)::float8 AS oldest,
       count(*) FILTER (WHERE d.attempts > 0) AS failing
     FROM search_engine e LEFT JOIN search_dirty d ON d.engine = e.name
     WHERE e.name = ANY ($1::text[]) GROUP BY e.name ORDER BY e.name DESC`,
    [engines.map(({ name }) => name)],
  );
  return rows.map((row) => ({
    engine: row.name,
    waiting: row.waiting,
    oldestSeconds: row.oldest,
    failing: row.failing,
    downSince: row.down_since,
    lastError: row.last_error,
    built: engines.some(({ name, settings }) => name === row.name && settings === row.settings),
    rebuild: { done: row.rebuild_done, total: row.rebuild_total },
  }));
}

/**
 * Waits until an engine has resources as they are now, at most `patienceMs` milliseconds.
 * @param resourceIds of these; all of them unless told
 * @returns whether it has; false: it is down, slow, or nobody indexes
 */
export async function untilTaken(
  pool: Pool,
  engine: EngineName,
  patienceMs: number,
  resourceIds?: readonly string[],
): Promise<boolean> {
  for (const end = Date.now() + patienceMs; ; await sleep(50)) {
    const { rowCount } = await pool.query(
      'SELECT 1 FROM search_dirty WHERE engine = $1 AND ($2::uuid[] IS NULL OR resource_id = ANY ($2)) LIMIT 1',
      [engine, resourceIds ?? null],
    );
    if (rowCount === 0) return true;
    if (Date.now() >= end) return false;
  }
}
