import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import type { Logger } from '../logger.ts';
import { onQuery } from './watch-queries.ts';

/** How often what was seen is written down. */
const WRITE_MS = 15_000;
/** So many different statements between two writings; more are only in the log. */
const MOST = 200;
const LONGEST = 4000;
const KEPT_DAYS = 7;

/** What waits by design: locks that are held for long, and the wait for a free one. */
const WAITS = /pg_(?:try_)?advisory|^\s*(?:LISTEN|COPY)\b/i;

interface Seen {
  text: string;
  calls: number;
  totalMs: number;
  mostMs: number;
  lastAt: Date;
}

/**
 * Keeps the statements of a pool that take longer than `slowMs`, by day and text, in `slow_query`, and tells the log of
 * each. Texts have no values: ours are parameters, and what stands between quotation marks is left out.
 */
export function keepSlowQueries({
  pool,
  log,
  clock,
  slowMs,
}: {
  pool: Pool;
  log: Logger;
  clock: { now: () => Date };
  slowMs: number;
}): { write: () => Promise<void>; stop: () => Promise<void> } {
  let seen = new Map<string, Seen>();
  onQuery(pool, (statement, ms) => {
    if (ms < slowMs || WAITS.test(statement)) return;
    const text = withoutValues(statement);
    log.info({ ms: Math.round(ms), query: text.slice(0, 300) }, 'A slow query');
    const before = seen.get(text);
    if (!before && seen.size >= MOST) return;
    seen.set(text, {
      text,
      calls: (before?.calls ?? 0) + 1,
      totalMs: (before?.totalMs ?? 0) + ms,
      mostMs: Math.max(before?.mostMs ?? 0, ms),
      lastAt: clock.now(),
    });
  });
  const write = async (): Promise<void> => {
    if (seen.size === 0) return;
    const rows = [...seen.values()].map((row) => ({ ...row, hash: hashOf(row.text) }));
    seen = new Map();
    try {
      await pool.query(addRows, [JSON.stringify(rows), KEPT_DAYS]);
    } catch (err) {
      // The log has them.
      log.warn({ err }, 'Slow queries could not be written down');
    }
  };
  const timer = setInterval(() => void write(), WRITE_MS);
  timer.unref();
  return {
    write,
    stop: async () => {
      clearInterval(timer);
      await write();
    },
  };
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 22);

/** One text for all calls of a statement. */
const withoutValues = (text: string): string =>
  text
    .replaceAll(/'(?:[^']|'')*'/g, "'…'")
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, LONGEST);

const addRows = `
  WITH old AS (DELETE FROM slow_query WHERE day < current_date - $2::int)
  INSERT INTO slow_query AS q (day, hash, text, calls, total_ms, most_ms, last_at)
  SELECT "lastAt"::date, hash, text, calls, "totalMs", "mostMs", "lastAt"
  FROM json_to_recordset($1::json) AS r (hash text, text text, calls integer, "totalMs" float8, "mostMs" float8, "lastAt" timestamptz)
  ON CONFLICT (day, hash) DO UPDATE SET calls = q.calls + excluded.calls, total_ms = q.total_ms + excluded.total_ms,
    most_ms = greatest(q.most_ms, excluded.most_ms), last_at = greatest(q.last_at, excluded.last_at)`;
