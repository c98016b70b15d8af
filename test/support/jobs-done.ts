import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';

/** Waits until no job is due: the demo's files have their texts and pictures, and nothing else is written. */
export async function untilJobsDone(pool: Pool): Promise<void> {
  for (;;) {
    const { rows } = await pool.query<{ due: number }>(
      'SELECT count(*)::int AS due FROM graphile_worker._private_jobs WHERE run_at <= now()',
    );
    if (rows[0]?.due === 0) return;
    await sleep(500);
  }
}
