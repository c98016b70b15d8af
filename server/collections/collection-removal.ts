import type { Pool } from 'pg';
import { conflict } from '../errors.ts';
import type { Origin } from '../lib/origin.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import { note, type Educator } from './collection-log.ts';
import { loadCollection, type LoadedCollection } from './collection-queries.ts';

interface Deps {
  pool: Pool;
}

/** What was taken away can be taken back for so many days. */
export const DAYS_TO_TAKE_BACK = 30;

/**
 * Takes a collection away; for a month it can be taken back.
 * @throws 404 for whoever may not
 */
export async function deleteCollection(
  { pool }: Deps,
  viewer: Educator,
  id: string,
  origin: Origin,
): Promise<LoadedCollection> {
  return withTransaction(pool, async (client) => {
    const before = await loadCollection(client, viewer, id, 'delete', { lock: true });
    if (before.deleted) return before;
    await client.query('UPDATE collection SET deleted_at = now() WHERE id = $1', [id]);
    await note(client, viewer, origin, 'collection.deleted', { id, organizationId: before.organization.id });
    return before;
  });
}

/**
 * Takes back that a collection was taken away.
 * @throws 404 for whoever may not; 409 after a month
 */
export async function restoreCollection(
  { pool, clock }: Deps & { clock: { now: () => Date } },
  viewer: Educator,
  id: string,
  origin: Origin,
): Promise<void> {
  await withTransaction(pool, async (client) => {
    const before = await loadCollection(client, viewer, id, 'delete', { lock: true });
    if (!before.deletedAt) return;
    if (clock.now().getTime() - before.deletedAt.getTime() > DAYS_TO_TAKE_BACK * 24 * 3600 * 1000)
      throw conflict('collection.fault.tooLate');
    await client.query('UPDATE collection SET deleted_at = NULL, updated_at = now() WHERE id = $1', [id]);
    await note(client, viewer, origin, 'collection.restored', { id, organizationId: before.organization.id });
  });
}

/** Drops for good what was taken away too long ago to be taken back. @returns how many that were */
export async function forgetDeletedCollections(pool: Pool, now: Date): Promise<number> {
  const { rowCount } = await pool.query(
    'DELETE FROM collection WHERE deleted_at < $1::timestamptz - make_interval(days => $2)',
    [now, DAYS_TO_TAKE_BACK],
  );
  return rowCount ?? 0;
}
