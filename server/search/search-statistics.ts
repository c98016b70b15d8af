import type { Pool } from 'pg';
import type { Logger } from '../platform/logger.ts';
import { changed, LONGEST_ADDRESS, searchUrl } from './search-address.ts';
import type { SearchParams } from './search-schema.ts';

/** Counts what is searched for, without a person; see `search_statistic`. */
export interface SearchStatistics {
  /** Somebody looked at the first page of a search. */
  searched: (search: { params: SearchParams; districtId: string | null; found: number }) => void;
  /** Somebody opened a result of a search. */
  opened: (search: { params: SearchParams; districtId: string | null }) => void;
  /** Writes down what has been counted so far. Throws nothing: a count is not worth an error. */
  flush: () => Promise<void>;
}

interface Count {
  week: string;
  districtId: string | null;
  address: string;
  words: string;
  searches: number;
  empty: number;
  opened: number;
  found: number | null;
}

/** Counts wait so long in memory, that a busy portal writes few rows; a crash loses no more than that. */
const FLUSH_MS = 2000;
/** More different searches than this in one interval are a machine's, not people's. */
const MOST_WAITING = 2000;

/** Opens the counting of searches for one process. */
export function createSearchStatistics({
  pool,
  log,
  clock,
}: {
  pool: Pool;
  log: Pick<Logger, 'warn'>;
  clock: { now: () => Date };
}): SearchStatistics {
  let waiting = new Map<string, Count>();
  let timer: NodeJS.Timeout | undefined;

  function count(
    { params, districtId }: { params: SearchParams; districtId: string | null },
    add: (one: Count) => void,
  ): void {
    const words = params.q.toLowerCase();
    const address = searchUrl(changed(params, { q: words, sort: 'best', collection: null }));
    if (address.length > LONGEST_ADDRESS) return;
    const week = mondayOf(clock.now());
    const key = `${week} ${districtId} ${address}`;
    let one = waiting.get(key);
    if (!one) {
      if (waiting.size >= MOST_WAITING) return;
      one = { week, districtId, address, words, searches: 0, empty: 0, opened: 0, found: null };
      waiting.set(key, one);
    }
    add(one);
    timer ??= setTimeout(() => void flush(), FLUSH_MS).unref();
  }

  async function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const counts = [...waiting.values()];
    waiting = new Map();
    if (counts.length === 0) return;
    try {
      await pool.query(
        `INSERT INTO search_statistic AS s (week, district_id, address, words, searches, empty, opened, found)
         SELECT week, "districtId", address, words, searches, empty, opened, coalesce(found, 0)
         FROM json_to_recordset($1) AS c (week date, "districtId" uuid, address text, words text, searches int, empty int, opened int, found int)
         ORDER BY week, "districtId", address
         ON CONFLICT (week, district_id, address) DO UPDATE SET
           searches = s.searches + excluded.searches, empty = s.empty + excluded.empty, opened = s.opened + excluded.opened,
           found = CASE WHEN excluded.searches > 0 THEN excluded.found ELSE s.found END`,
        [JSON.stringify(counts)],
      );
    } catch (err) {
      log.warn({ err }, 'Searches could not be counted');
    }
  }

  return {
    searched: ({ found, ...search }) =>
      count(search, (one) => {
        one.searches += 1;
        one.empty += found === 0 ? 1 : 0;
        one.found = found;
      }),
    opened: (search) =>
      count(search, (one) => {
        one.opened += 1;
      }),
    flush,
  };
}

/** The Monday (UTC) of the week that a moment is in, as a date. */
export function mondayOf(moment: Date): string {
  const day = new Date(Date.UTC(moment.getUTCFullYear(), moment.getUTCMonth(), moment.getUTCDate()));
  day.setUTCDate(day.getUTCDate() - ((day.getUTCDay() + 6) % 7));
  return day.toISOString().slice(0, 10);
}

/** How long counts are kept: searches of one person alone a quarter, all others two years. */
export async function forgetSearches(pool: Pool, now: Date): Promise<void> {
  await pool.query(
    `DELETE FROM search_statistic
     WHERE week < ($1::timestamptz - interval '2 years')::date
        OR (week < ($1::timestamptz - interval '3 months')::date AND searches < 3 AND empty = 0)`,
    [now],
  );
}
