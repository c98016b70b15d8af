import type { Pool } from 'pg';
import type { Deps } from '../deps.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import type { FetchAllowance } from '../platform/fetch-file.ts';
import { probeLink, publicLinks, type LinkAnswer } from '../platform/probe-link.ts';

/** Failures one after another, a day apart, after which a link counts as dead. */
const DEAD_AFTER = 3;
const DAY_MS = 86_400_000;
/** When it is asked again, in days. */
const AGAIN = { works: 30, unclear: 30, failing: 1, dead: 7 } as const;
/** Different hosts that are asked at the same time; one host is asked one address after another. */
const AT_ONCE = 4;

type LinkState = keyof typeof AGAIN;
type Due = { url: string; state: LinkState | null; failures: number };

/**
 * Asks the links of published resources that are due, `most` at most, and marks resources for the index whose link died
 * or came back.
 * @returns how many were asked, and of those how many died and came back
 */
export async function checkLinks(
  { pool, clock, allowance = publicLinks }: Pick<Deps, 'pool' | 'clock'> & { allowance?: FetchAllowance },
  { most, signal }: { most: number; signal?: AbortSignal },
): Promise<{ asked: number; died: number; back: number }> {
  const done = { asked: 0, died: 0, back: 0 };
  const byHost = new Map<string, Due[]>();
  for (const due of await dueLinks(pool, clock.now(), most)) {
    const host = URL.canParse(due.url) ? new URL(due.url).host : '';
    byHost.set(host, [...(byHost.get(host) ?? []), due]);
  }
  const hosts = byHost.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const links of hosts)
        for (const due of links) {
          if (signal?.aborted) return;
          const answer = await probeLink(due.url, { allowance, ...(signal ? { signal } : {}) });
          if (signal?.aborted) return;
          const state = await note(pool, clock.now(), due, answer);
          done.asked += 1;
          if (state === 'dead' && due.state !== 'dead') done.died += 1;
          if (state !== 'dead' && due.state === 'dead') done.back += 1;
        }
    }),
  );
  return done;
}

/** Asks one link now, whatever is due, and notes what it answered. */
export async function askLink(
  { pool, clock, allowance = publicLinks }: Pick<Deps, 'pool' | 'clock'> & { allowance?: FetchAllowance },
  url: string,
): Promise<void> {
  if (url.length > 2000) return;
  const { rows } = await pool.query<Due>('SELECT url, state, failures FROM link_check WHERE url = $1', [url]);
  await note(
    pool,
    clock.now(),
    rows[0] ?? { url, state: null, failures: 0 },
    await probeLink(url, { allowance }),
  );
}

async function dueLinks(pool: Pool, now: Date, most: number): Promise<Due[]> {
  const { rows } = await pool.query<Due>(
    `SELECT DISTINCT ON (v.url) v.url, l.state, coalesce(l.failures, 0) AS failures
     FROM resource r JOIN version v ON v.id = r.current_version_id LEFT JOIN link_check l ON l.url = v.url
     WHERE r.state = 'published' AND v.url IS NOT NULL AND length(v.url) <= 2000 AND (l.url IS NULL OR l.next_at <= $1)
     ORDER BY v.url LIMIT $2`,
    [now, most],
  );
  return rows;
}

async function note(
  pool: Pool,
  now: Date,
  { url, state: before, failures: earlier }: Due,
  { answer, detail }: LinkAnswer,
): Promise<LinkState> {
  const failures = answer === 'failed' ? earlier + 1 : 0;
  const state: LinkState = answer !== 'failed' ? answer : failures >= DEAD_AFTER ? 'dead' : 'failing';
  const next = new Date(now.getTime() + AGAIN[state] * DAY_MS);
  await withTransaction(pool, async (client) => {
    await client.query(
      `INSERT INTO link_check AS l (url, state, failures, detail, checked_at, failing_since, next_at)
       VALUES ($1, $2, $3, $4, $5, CASE WHEN $3 > 0 THEN $5::timestamptz END, $6)
       ON CONFLICT (url) DO UPDATE SET state = $2, failures = $3, detail = $4, checked_at = $5, next_at = $6,
         failing_since = CASE WHEN $3 > 0 THEN coalesce(l.failing_since, $5) END`,
      [url, state, failures, detail, now, next],
    );
    if ((state === 'dead') !== (before === 'dead'))
      await client.query(
        `SELECT mark_dirty(array_agg(r.id), 1::smallint) FROM resource r JOIN version v ON v.id = r.current_version_id
         WHERE link_key(v.url) = link_key($1) AND v.url = $1 AND r.state = 'published' HAVING count(*) > 0`,
        [url],
      );
  });
  return state;
}

/** Drops what was noted of addresses that no resource leads to any more. */
export async function forgetLinks(pool: Pool): Promise<void> {
  await pool.query(
    `DELETE FROM link_check l WHERE NOT EXISTS (
       SELECT 1 FROM version v JOIN resource r ON r.current_version_id = v.id
       WHERE link_key(v.url) = link_key(l.url) AND v.url = l.url AND r.state = 'published')`,
  );
}
