import type { Pool } from 'pg';
import { inTime } from '../platform/in-time.ts';
import type { SearchEngine } from './search-port.ts';

/**
 * Whether the first engine answers searches but takes no changes: its disk is full, its key may not write, its tasks are
 * stuck. What it answers is then older than what people changed, and the other engine has that.
 */
export interface SearchLag {
  /** What is known; looked at again beside the search, and waited for only when nobody has asked for a while. */
  isBehind(): Promise<boolean>;
  /** Looks now. */
  look(): Promise<boolean>;
}

/** Times in milliseconds; tests make them shorter. */
interface LagTimes {
  /** What is known is good for so long. */
  fresh: number;
  /** Older than this it is waited for. */
  stale: number;
}

const TIMES: LagTimes = { fresh: 5000, stale: 30_000 };

/** A search doesn't wait longer for it. */
const PATIENCE_MS = 1000;

/** For a portal with one engine: there is nobody who could answer instead. */
export const neverBehind: SearchLag = {
  isBehind: () => Promise.resolve(false),
  look: () => Promise.resolve(false),
};

/** Keeps an eye on the first engine for one process. */
export function watchLag(
  pool: Pool,
  { first, standIn }: { first: SearchEngine; standIn: SearchEngine },
  times: LagTimes = TIMES,
): SearchLag {
  let behind = false;
  let looked = -Infinity;
  let looking: Promise<boolean> | undefined;
  const ask = async (): Promise<boolean> => {
    const { rows } = await pool.query<{ behind: boolean; caughtUp: boolean }>(lagSql, [
      first.name,
      first.settings,
      standIn.name,
    ]);
    const found = rows[0];
    // Once the other one answers it goes on until nothing of what people changed is missing.
    if (found) behind = found.behind || (behind && !found.caughtUp);
    return behind;
  };
  const look = (): Promise<boolean> => {
    looking ??= ask().finally(() => {
      looking = undefined;
      looked = performance.now();
    });
    return looking;
  };
  return {
    look,
    async isBehind() {
      const age = performance.now() - looked;
      if (age < times.fresh) return behind;
      // Without the database nothing new is known; the search itself says what is wrong.
      const found = look().catch(() => behind);
      return age < times.stale ? behind : inTime(found, PATIENCE_MS).catch(() => behind);
    },
  };
}

/**
 * Behind: something has waited for a minute and the engine took nothing meanwhile. An import or a rebuild isn't that: the
 * engine takes one batch after the other, and a batch of a rebuild may take longer. What it refused counts only while
 * nothing was taken since: a single bad resource is no fault of the engine. Where the other engine is as late (no worker
 * runs), nothing is won by asking it.
 */
const lagSql = `
  SELECT e.taken_at < now() - late AND EXISTS (
      SELECT 1 FROM search_dirty d WHERE d.engine = e.name AND d.priority <= 1 AND d.marked_at < now() - late
        AND (d.attempts = 0 OR e.taken_at < d.marked_at))
    AND NOT EXISTS (
      SELECT 1 FROM search_dirty d WHERE d.engine = $3 AND d.priority = 0 AND d.attempts = 0 AND d.marked_at < now() - late)
    AS behind,
    NOT EXISTS (
      SELECT 1 FROM search_dirty d WHERE d.engine = e.name AND d.priority = 0 AND d.attempts = 0
        AND d.marked_at < now() - interval '10 seconds') AS "caughtUp"
  FROM search_engine e, LATERAL (SELECT CASE WHEN e.settings = $2 THEN interval '1 minute' ELSE interval '3 minutes' END) l (late)
  WHERE e.name = $1`;
