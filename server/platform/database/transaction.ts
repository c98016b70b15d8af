import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool, PoolClient } from 'pg';

/** SQLSTATEs after which the same transaction may well succeed: serialization failure, deadlock. */
const passing = new Set(['40001', '40P01']);

export type TransactionOptions = {
  /** How often a transaction that lost against another one is tried again; 3 unless told. */
  retries?: number;
  isolation?: 'read committed' | 'repeatable read' | 'serializable';
  /** Time limit for each statement in milliseconds, 0 for none; the pool's limit unless told. */
  statementTimeoutMs?: number;
  /** Only to see what it would do: rolled back at its end, not committed. */
  takeBack?: boolean;
};

/**
 * Runs `work` in one transaction on one connection: commits when it returns (unless told to take it back), rolls back when it throws.
 * A transaction that lost against another one (serialization failure, deadlock) is tried again after a short
 * wait, so `work` must do nothing outside the database that can't be done twice.
 * @returns what `work` returns
 * @throws what `work` throws, or the error of the commit
 */
export async function withTransaction<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  const retries = options.retries ?? 3;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await once(pool, work, options);
    } catch (error) {
      if (attempt >= retries || !passing.has(sqlState(error) ?? '')) throw error;
      await sleep(2 ** attempt * 10 * (0.5 + Math.random()));
    }
  }
}

/** The SQLSTATE of an error from PostgreSQL (`23505` = already there …), or undefined for any other error. */
export function sqlState(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

async function once<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
  options: TransactionOptions,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query(opening(options));
    const result = await work(client);
    await client.query(options.takeBack ? 'rollback' : 'commit');
    return result;
  } catch (error) {
    try {
      await client.query('rollback');
    } catch (rollbackError) {
      // The connection is gone, and with it the transaction. It must not go back into the pool.
      broken = rollbackError as Error;
    }
    throw error;
  } finally {
    client.release(broken);
  }
}

function opening({ isolation, statementTimeoutMs }: TransactionOptions): string {
  const begin = isolation ? `begin isolation level ${isolation}` : 'begin';
  if (statementTimeoutMs === undefined) return begin;
  return `${begin}; set local statement_timeout = ${Math.max(0, Math.trunc(statementTimeoutMs))}`;
}
