import type { Pool } from 'pg';
import { expect } from 'vitest';

/** Until as many wait for a lock. */
export const untilWaiting = (pool: Pool, number = 1): Promise<void> =>
  expect
    .poll(
      async () =>
        (
          await pool.query(
            `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
          )
        ).rowCount,
      { timeout: 10_000, interval: 10 },
    )
    .toBeGreaterThanOrEqual(number);

/**
 * Closes an organization as an administrator does, and in the middle of that has somebody do something that has to do with
 * it. @returns what came of that, after the organization was closed
 */
export async function whileClosing<T>(
  pool: Pool,
  organizationId: string,
  meanwhile: () => PromiseLike<T>,
): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT 1 FROM organization WHERE id = $1 FOR UPDATE', [organizationId]);
    await client.query('UPDATE organization SET closed_at = now() WHERE id = $1', [organizationId]);
    const done = Promise.resolve(meanwhile());
    await untilWaiting(pool);
    await client.query('COMMIT');
    return await done;
  } finally {
    client.release();
  }
}
