import type { Pool, PoolClient, QueryResult } from 'pg';
import { sqlState } from '../../../platform/database/transaction.ts';
import { EngineDown } from '../../search-port.ts';
import type { Shown } from './postgres-words.ts';

const wordsKept = new WeakMap<Pool, Shown['words']>();

/**
 * A read-only snapshot with a time limit. Misspellings are looked for a little further than pg_trgm does by itself.
 * `byIndex`: for words. The planner doesn't know what it costs to read a long text, and would rather read them all.
 * @throws EngineDown when the time is up
 */
export async function readSnapshot<T>(
  pool: Pool,
  timeoutMs: number,
  work: (client: PoolClient, shown: Shown) => Promise<T>,
  options: { byIndex?: boolean } = {},
): Promise<T> {
  const client = await pool.connect();
  try {
    const opened = (await client.query<{ changes: number }>(
      `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = ${Math.trunc(timeoutMs)}; ` +
        'SET LOCAL pg_trgm.similarity_threshold = 0.2; SET LOCAL jit = off; SET LOCAL enable_memoize = off; SET LOCAL max_parallel_workers_per_gather = 0; ' +
        (options.byIndex ? 'SET LOCAL enable_seqscan = off; ' : '') +
        `SELECT changes FROM search_engine WHERE name = 'postgres'`,
    )) as unknown as QueryResult<{ changes: number }>[];
    const words: Shown['words'] = wordsKept.get(pool) ?? new Map();
    wordsKept.set(pool, words);
    return await work(client, { changes: opened.at(-1)?.rows[0]?.changes ?? NaN, words });
  } catch (error) {
    if (sqlState(error) === '57014') throw new EngineDown('The search took too long', { cause: error });
    throw error;
  } finally {
    // Nobody has to wait for the end of a snapshot; the connection goes back when it has ended.
    client.query('COMMIT').then(
      () => client.release(),
      (error: unknown) => client.release(error as Error),
    );
  }
}
