import type { Pool, PoolClient } from 'pg';
import type { Deps } from '../deps.ts';
import { withTransaction } from '../platform/database/transaction.ts';

/** Nothing younger is ever collected: an upload is on disk before its row is written. */
const ORPHAN_HOURS = 24;

/** What nothing refers to is collected when it is older than this. */
export const orphansBefore = (now: Date): Date => new Date(now.getTime() - ORPHAN_HOURS * 3_600_000);

/** How many contents are asked about at once. */
const BATCH = 500;

/** First half of the advisory locks on content, by the hash of its SHA-256. */
const CONTENT_LOCKS = 1_129_270_613;

/**
 * Holds content against the collector until the transaction ends: whoever gives content a row takes it and makes sure
 * that the content is there, whoever deletes content takes it and makes sure that there is no row.
 */
export async function lockContent(client: PoolClient, sha256: string): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock($1::int, hashtext($2))', [CONTENT_LOCKS, sha256]);
}

/**
 * Keeps content that no resource has yet, such as the input of an import, from the collector until a moment; asking
 * again for the same holder moves the moment.
 * @param holder whoever needs it, as `import_run:<id>`
 */
export async function holdContent(
  client: Pick<PoolClient, 'query'>,
  { sha256, holder, until }: { sha256: string; holder: string; until: Date },
): Promise<void> {
  await client.query(
    `INSERT INTO content_hold (sha256, holder, until) VALUES ($1, $2, $3)
     ON CONFLICT (sha256, holder) DO UPDATE SET until = excluded.until`,
    [sha256, holder, until],
  );
}

/** An SQL condition: somebody holds the content, at the time of the parameter. */
export const heldSql = (sha256: string, now: string): string =>
  `EXISTS (SELECT 1 FROM content_hold h WHERE h.sha256 = ${sha256} AND h.until >= ${now})`;

/**
 * Deletes what nothing refers to any more: blobs without a file (an upload that was removed, a draft thrown away, a
 * purge) and content without a blob (a crash between the two), each at least a day old. Logs every one.
 * @returns how many contents went
 */
export async function collectOrphans(deps: Pick<Deps, 'pool' | 'files' | 'log' | 'clock'>): Promise<number> {
  const { pool, files, log, clock } = deps;
  const now = clock.now();
  const before = orphansBefore(now);
  await pool.query('DELETE FROM content_hold WHERE until < $1', [now]);
  const { rows } = await pool.query<{ sha256: string }>(
    `SELECT b.sha256 FROM blob b WHERE b.created_at < $1 AND NOT EXISTS (SELECT 1 FROM file f WHERE f.sha256 = b.sha256)`,
    [before],
  );
  let removed = 0;
  const remove = async (contents: string[]) => {
    for (const sha256 of contents) if (await removeContent(deps, sha256, now)) removed++;
  };
  await remove(rows.map(({ sha256 }) => sha256));
  let batch: string[] = [];
  for await (const { sha256, receivedAt } of files.list()) {
    if (receivedAt < before) batch.push(sha256);
    if (batch.length < BATCH) continue;
    await remove(await withoutFile(pool, batch));
    batch = [];
  }
  await remove(await withoutFile(pool, batch));
  const stale = await files.emptyStaleTemp();
  if (removed + stale > 0) log.info({ removed, stale }, 'Files that nothing refers to were deleted');
  return removed;
}

/**
 * Deletes content that must not exist, at once, with all that was read and drawn from it, unless a file of some resource
 * still has it. Whoever held it for later loses it.
 * @returns whether it is gone
 */
export async function destroyContent(
  { pool, files, log }: Pick<Deps, 'pool' | 'files' | 'log'>,
  sha256: string,
): Promise<boolean> {
  return withTransaction(pool, async (client) => {
    await lockContent(client, sha256);
    const { rows } = await client.query<{ kept: boolean }>(
      'SELECT EXISTS (SELECT 1 FROM file WHERE sha256 = $1) AS kept',
      [sha256],
    );
    if (rows[0]?.kept !== false) return false;
    await client.query('DELETE FROM content_hold WHERE sha256 = $1', [sha256]);
    await client.query('DELETE FROM blob WHERE sha256 = $1', [sha256]);
    await files.remove(sha256);
    log.info({ sha256 }, 'Content was destroyed');
    return true;
  });
}

/** Which of these contents no file of any resource has. */
export async function withoutFile(pool: Pool, contents: string[]): Promise<string[]> {
  const { rows } = await pool.query<{ sha256: string }>(
    `SELECT c.sha256 FROM unnest($1::text[]) AS c (sha256)
     WHERE NOT EXISTS (SELECT 1 FROM file f WHERE f.sha256 = c.sha256)`,
    [contents],
  );
  return rows.map(({ sha256 }) => sha256);
}

/**
 * Deletes content that has no file, no row, or a row without a file, and that nobody holds; decides under the lock.
 * @returns whether it is gone
 */
export async function removeContent(
  { pool, files, log }: Pick<Deps, 'pool' | 'files' | 'log'>,
  sha256: string,
  now: Date,
): Promise<boolean> {
  const before = orphansBefore(now);
  return withTransaction(pool, async (client) => {
    await lockContent(client, sha256);
    const { rows } = await client.query<{ kept: boolean }>(
      `SELECT EXISTS (SELECT 1 FROM file WHERE sha256 = $1)
           OR EXISTS (SELECT 1 FROM blob WHERE sha256 = $1 AND created_at >= $2)
           OR ${heldSql('$1', '$3')} AS kept`,
      [sha256, before, now],
    );
    if (rows[0]?.kept !== false) return false;
    const arrivedAgain = await files.receivedAt(sha256);
    if (arrivedAgain && arrivedAgain >= before) return false;
    await client.query('DELETE FROM blob WHERE sha256 = $1', [sha256]);
    await files.remove(sha256);
    log.info({ sha256 }, 'Content that nothing refers to was deleted');
    return true;
  });
}
