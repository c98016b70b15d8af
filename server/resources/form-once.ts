import type { Pool } from 'pg';
import { heldTurns } from '../platform/database/held-turns.ts';

/**
 * Does what a form asks for once for each key that the form carried: a double click, a retry or the back button
 * lands where the first one did. Waits for one that is under way.
 * @param key made when the form was shown; without one the work is simply done
 * @param work does it and returns where to go next
 * @returns where to go, and whether this call did the work
 */
export async function once(
  pool: Pool,
  personId: string,
  key: string | undefined,
  work: () => Promise<string>,
): Promise<{ location: string; first: boolean }> {
  if (!key) return { location: await work(), first: true };
  return heldTurns(pool)(() => onceHeld(pool, personId, key, work));
}

async function onceHeld(
  pool: Pool,
  personId: string,
  key: string,
  work: () => Promise<string>,
): Promise<{ location: string; first: boolean }> {
  const client = await pool.connect();
  const lock = [`form:${personId}:${key}`];
  try {
    await client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', lock);
    const { rows } = await client.query<{ location: string }>(
      'SELECT location FROM form_answer WHERE person_id = $1 AND key = $2',
      [personId, key],
    );
    if (rows[0]) return { location: rows[0].location, first: false };
    const location = await work();
    await client.query('INSERT INTO form_answer (person_id, key, location) VALUES ($1, $2, $3)', [
      personId,
      key,
      location,
    ]);
    return { location, first: true };
  } finally {
    // A connection that is gone has let go of the lock already, and must not go back into the pool.
    await client.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', lock).then(
      () => client.release(),
      (error: Error) => client.release(error),
    );
  }
}
