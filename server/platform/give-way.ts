import { constants, setPriority } from 'node:os';
import type { PoolClient } from 'pg';
import type { Database } from './database/database.ts';

/**
 * Has this process give way to what answers people, and on the portal's own PostgreSQL also what works for it there.
 * Nothing is slower for it while nobody else wants the processor. Where the system doesn't allow it, all goes on as usual.
 */
export function giveWay({ pool, embedded }: Pick<Database, 'pool' | 'embedded'>): void {
  lower(0);
  if (!embedded) return;
  const told = new WeakSet<PoolClient>();
  pool.on('acquire', (client) => {
    if (told.has(client)) return;
    told.add(client);
    const { processID } = client as PoolClient & { processID?: number | null };
    if (processID) lower(processID);
  });
}

/** @param pid 0: this process */
function lower(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Another account's process, or one that has just ended.
  }
}
