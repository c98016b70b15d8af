import type { Pool } from 'pg';
import { inTurns } from '../../lib/turns.ts';

const turns = new WeakMap<Pool, ReturnType<typeof inTurns>>();

/**
 * Turns for works that hold a connection while they need another one: half of a pool's may be held so, else all wait for
 * each other.
 */
export function heldTurns(pool: Pool): ReturnType<typeof inTurns> {
  const known = turns.get(pool) ?? inTurns(Math.max(1, Math.floor((pool.options.max ?? 10) / 2)));
  turns.set(pool, known);
  return known;
}
