import type { Pool, PoolClient } from 'pg';

/** First half of the advisory locks on sources; the second is the hash of the source's id. */
const LOCKS = 1_129_270_614;

/**
 * Takes the same lock for one short transaction, which lets go of it when it ends.
 * @returns false while somebody else works on the source
 */
export async function lockSourceHere(client: Pick<PoolClient, 'query'>, sourceId: string): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>(
    'SELECT pg_try_advisory_xact_lock($1::int, hashtext($2)) AS taken',
    [LOCKS, sourceId],
  );
  return rows[0]?.taken === true;
}

export type SourceLock = {
  /** Fires when the lock was lost with its connection. */
  signal: AbortSignal;
  release: () => Promise<void>;
};

/**
 * Takes the lock under which one process at a time works on a source. It hangs on a connection that stays open, so
 * PostgreSQL lets go of it however the process ends.
 * @returns undefined while another process has it
 */
export const lockSource = (pool: Pool, sourceId: string): Promise<SourceLock | undefined> =>
  lockSources(pool, [sourceId]);

/** The same for several sources together: all of them, or none. */
export async function lockSources(pool: Pool, sourceIds: readonly string[]): Promise<SourceLock | undefined> {
  const client = await pool.connect();
  const lost = new AbortController();
  let released = false;
  const giveUp = (error: Error | boolean) => {
    if (released) return;
    released = true;
    lost.abort(new Error('the lock of the source was lost'));
    client.release(error);
  };
  const letGo = async (ids: readonly string[]) => {
    released = true;
    client.off('error', giveUp);
    try {
      for (const id of ids)
        await client.query('SELECT pg_advisory_unlock($1::int, hashtext($2))', [LOCKS, id]);
      client.release();
    } catch (error) {
      client.release(error as Error);
    }
  };
  client.on('error', giveUp);
  const taken: string[] = [];
  try {
    for (const id of sourceIds) {
      const { rows } = await client.query<{ taken: boolean }>(
        'SELECT pg_try_advisory_lock($1::int, hashtext($2)) AS taken',
        [LOCKS, id],
      );
      if (rows[0]?.taken !== true) {
        await letGo(taken);
        return undefined;
      }
      taken.push(id);
    }
  } catch (error) {
    giveUp(error as Error);
    throw error;
  }
  return {
    signal: lost.signal,
    release: async () => {
      if (!released) await letGo(taken);
    },
  };
}
