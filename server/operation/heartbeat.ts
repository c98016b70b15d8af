import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Deps } from '../deps.ts';
import { portalVersion } from '../platform/portal-version.ts';

/** What a process does: answer requests, do jobs, or both. */
export type ProcessKind = 'web' | 'worker' | 'both';

/** How often a process says that it is there. */
const EVERY_MS = 20_000;

/** A process that has said nothing for so long, more than four beats, is likely gone. */
export const SILENT_SECONDS = 90;

/** Says that this process is there. What has not been heard of for a day goes. */
const beatSql = `
  WITH gone AS (DELETE FROM process WHERE heard_at < now() - interval '1 day' AND id <> $1)
  INSERT INTO process (id, host, pid, kind, version, started_at) VALUES ($1, $2, $3, $4, $5, now() - $6 * interval '1 second')
  ON CONFLICT (id) DO UPDATE SET heard_at = clock_timestamp()`;

/**
 * Has the other processes, and whoever runs the portal, know that this one is up (`/admin/operation`). A database that is
 * away is no reason to stop: the next beat comes.
 * @returns ends it: a process that stops in order takes its row with it. Never throws
 */
export async function keepHeartbeat(
  { pool, log }: Pick<Deps, 'pool' | 'log'>,
  kind: ProcessKind,
): Promise<() => Promise<void>> {
  const id = randomUUID();
  const beat = async (): Promise<void> => {
    try {
      const up = Math.floor(process.uptime());
      await pool.query(beatSql, [id, hostname(), process.pid, kind, portalVersion, up]);
    } catch (err) {
      log.warn({ err }, 'This process could not say that it is up');
    }
  };
  let last = beat();
  await last;
  const timer = setInterval(() => {
    last = beat();
  }, EVERY_MS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await last;
    await pool
      .query('DELETE FROM process WHERE id = $1', [id])
      .catch((err: unknown) => log.warn({ err }, 'This process could not take itself off the list'));
  };
}
