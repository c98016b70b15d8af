import type { Pool } from 'pg';
import { untilWaiting } from './until-waiting.ts';

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
