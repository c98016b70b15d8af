import { execFile } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { isMainThread } from 'node:worker_threads';
import type { PoolClient } from 'pg';
import type { Database } from './database/database.ts';

/** How far to stand back: work that nobody waits for, and work that somebody sees the end of. */
export const STANDS_BACK = {
  far: constants.priority.PRIORITY_LOW,
  little: constants.priority.PRIORITY_BELOW_NORMAL,
};

/**
 * Has the thread that calls give way to what answers people, and on the portal's own PostgreSQL also what works there
 * for its pool. Nothing is slower for it while nobody else wants the processor. Where the system doesn't allow it, all
 * goes on as usual.
 * @param back one of `STANDS_BACK`; far unless told
 */
export function giveWay(
  { pool, embedded }: Pick<Database, 'pool' | 'embedded'>,
  back: number = STANDS_BACK.far,
): void {
  // Only Linux has a priority for each thread; elsewhere the whole process would stand back.
  if (isMainThread || process.platform === 'linux') lower(0, back);
  if (!embedded) return;
  const told = new WeakSet<PoolClient>();
  pool.on('acquire', (client) => {
    if (told.has(client)) return;
    told.add(client);
    const { processID } = client as PoolClient & { processID?: number | null };
    if (processID) lower(processID, back);
  });
}

/** @param pid 0: the thread that calls (setpriority(2)) */
function lower(pid: number, back: number): void {
  try {
    setPriority(pid, back);
  } catch {
    // Another account's process, or one that has just ended.
  }
  // However low its priority, Linux lets a process that runs go on for some milliseconds before one that wakes up gets its
  // place, unless it is idle work (sched(7)); a page wakes up some twenty times. Where there is no chrt it waits a little longer.
  if (back === STANDS_BACK.far && process.platform === 'linux')
    execFile('chrt', ['--all-tasks', '--idle', '--pid', '0', String(pid || process.pid)], () => {}).unref();
}
