import type { Deps } from '../deps.ts';
import { diskRoom } from '../files/disk-room.ts';
import type { MessageKey } from '../locale/locale.ts';

/** Work that has been due for so long means that nobody does it. */
const LATE_SECONDS = 5 * 60;

/** What doesn't go as it should although pages can be served: for `/readyz`, and whoever watches it. */
export async function troubles(deps: Pick<Deps, 'pool' | 'files' | 'config'>): Promise<MessageKey[]> {
  const [{ rows }, room] = await Promise.all([
    deps.pool.query<{ late: boolean; damaged: boolean; failed: boolean; alone: boolean }>(
      `SELECT EXISTS (SELECT 1 FROM blob WHERE damage IS NOT NULL) AS damaged,
         EXISTS (SELECT 1 FROM graphile_worker.jobs WHERE attempts >= max_attempts AND locked_at IS NULL) AS failed,
         EXISTS (SELECT 1 FROM graphile_worker.jobs WHERE attempts < max_attempts AND locked_at IS NULL
                 AND run_at < now() - $1 * interval '1 second') AS late,
         EXISTS (SELECT 1 FROM process WHERE kind = 'web' AND started_at < now() - $1 * interval '1 second')
           AND NOT EXISTS (SELECT 1 FROM process WHERE kind <> 'web' AND heard_at > now() - $1 * interval '1 second') AS alone`,
      [LATE_SECONDS],
    ),
    diskRoom(deps),
  ]);
  const { late, damaged, failed, alone } = rows[0]!;
  return [
    ...(room.open ? [] : (['ready.diskFull'] as const)),
    ...(alone ? (['ready.noWorker'] as const) : []),
    ...(late ? (['ready.jobsLate'] as const) : []),
    ...(failed ? (['ready.jobsFailed'] as const) : []),
    ...(damaged ? (['ready.damaged'] as const) : []),
  ];
}
