import type { Pool, PoolClient } from 'pg';
import type { Deps } from '../deps.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import { enqueue, jobPriority } from '../platform/job-queue/job-queue.ts';

/** Name of the job that reads the text of a blob, draws its pages and has it scanned. */
export const processBlobTask = 'process-blob';

/** Has a blob read, drawn and scanned, once however often it is asked for; as upkeep unless told. */
export const enqueueBlob = (
  client: Pool | PoolClient,
  sha256: string,
  priority: number = jobPriority.upkeep,
): Promise<void> =>
  enqueue(client, processBlobTask, { sha256 }, { jobKey: `${processBlobTask}:${sha256}`, priority });

/**
 * Has the pages of a blob drawn again, whatever there was.
 * @returns whether there is such a blob
 */
export async function drawAgain(pool: Pool, sha256: string): Promise<boolean> {
  return withTransaction(pool, async (client) => {
    const { rowCount } = await client.query("UPDATE blob SET preview_state = 'pending' WHERE sha256 = $1", [
      sha256,
    ]);
    if (rowCount === 0) return false;
    await enqueueBlob(client, sha256);
    return true;
  });
}

/**
 * Has read and drawn what is still missing of a blob whose job was lost.
 * @returns whether anything is
 */
export async function readAgain(pool: Pool, sha256: string): Promise<boolean> {
  const { rowCount } = await pool.query(
    "SELECT 1 FROM blob WHERE sha256 = $1 AND (text_state = 'pending' OR preview_state = 'pending')",
    [sha256],
  );
  if (rowCount === 0) return false;
  await enqueueBlob(pool, sha256);
  return true;
}

/**
 * Queues blobs again whose job was lost or has given up: still pending or quarantined after a while, and, where a
 * scanner was set up since, those that were never scanned.
 */
export async function requeueBlobs({ pool, config }: Pick<Deps, 'pool' | 'config'>): Promise<number> {
  const { rows } = await pool.query<{ sha256: string }>(
    `SELECT sha256 FROM blob
     WHERE created_at < now() - interval '15 minutes' AND scan_state <> 'infected'
       AND (text_state = 'pending' OR preview_state = 'pending' OR ($1 AND scan_state IN ('quarantined', 'unscanned')))
     ORDER BY created_at LIMIT 500`,
    [config.clamd !== undefined],
  );
  for (const { sha256 } of rows) await enqueueBlob(pool, sha256);
  return rows.length;
}
