import type { Notification, Pool, PoolClient } from 'pg';
import type { EngineName } from './search-port.ts';

/** First half of the advisory locks of the indexer. */
const LOCK = 0x5ea2c4;
const LOCK_OF: Record<EngineName, number> = { postgres: 1, meilisearch: 2 };

/** The right to write into an engine's index. Only one process at a time has it; it goes with the connection. */
export interface Lease {
  /** False once the connection is lost: then somebody else may have the right. */
  readonly held: boolean;
  /** Comes back when something was marked, after `ms`, when the lease is lost, or when `signal` says stop. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
  release(): Promise<void>;
}

/** Takes the right to index for an engine, or null when another process has it. */
export async function takeLease(pool: Pool, engine: EngineName): Promise<Lease | null> {
  const client = await pool.connect();
  try {
    const { rows } = await client.query<{ mine: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS mine', [
      LOCK,
      LOCK_OF[engine],
    ]);
    if (!rows[0]?.mine) {
      client.release();
      return null;
    }
    await client.query('LISTEN search_dirty');
    return leaseOn(client);
  } catch (error) {
    client.release(error as Error);
    throw error;
  }
}

function leaseOn(client: PoolClient): Lease {
  let held = true;
  let marked = false;
  let wake: (() => void) | null = null;
  const onNotification = ({ channel }: Notification): void => {
    if (channel !== 'search_dirty') return;
    marked = true;
    wake?.();
  };
  const onLost = (): void => {
    held = false;
    wake?.();
  };
  client.on('notification', onNotification);
  client.on('error', onLost);
  client.on('end', onLost);
  return {
    get held() {
      return held;
    },
    async wait(ms, signal) {
      if (!marked && held && !signal.aborted)
        await new Promise<void>((resolve) => {
          const done = (): void => {
            clearTimeout(timer);
            signal.removeEventListener('abort', done);
            resolve();
          };
          const timer = setTimeout(done, ms);
          wake = done;
          signal.addEventListener('abort', done);
        });
      wake = null;
      marked = false;
    },
    async release() {
      client.off('notification', onNotification);
      client.off('error', onLost);
      client.off('end', onLost);
      // The connection isn't given back: ending it lets go of lock and channel in every case.
      client.release(true);
      held = false;
    },
  };
}
