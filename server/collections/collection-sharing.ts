import { randomBytes } from 'node:crypto';
import type { Pool } from 'pg';
import { conflict, forbidden } from '../errors.ts';
import type { Origin } from '../lib/origin.ts';
import { collectionPath } from '../lib/slug.ts';
import { notify } from '../notices/notice-service.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import { note, type Educator } from './collection-log.ts';
import { mayClose, mayFeature } from './collection-policy.ts';
import { loadCollection } from './collection-queries.ts';

interface Deps {
  pool: Pool;
}

/** An unguessable part of an address: 128 bits. */
export const newKey = (): string => randomBytes(16).toString('base64url');

/**
 * Ends the link of a collection; `renew` gives it another one.
 * @throws 404 for whoever may not; 409 where it isn't shared by link
 */
export async function changeLink(
  { pool }: Deps,
  viewer: Educator,
  id: string,
  what: 'renew' | 'end',
  origin: Origin,
): Promise<void> {
  await withTransaction(pool, async (client) => {
    const before = await loadCollection(client, viewer, id, 'share', { lock: true });
    if (before.visibility !== 'link') throw conflict('collection.fault.noLink');
    await client.query(
      what === 'renew'
        ? 'UPDATE collection SET link_key = $2 WHERE id = $1'
        : `UPDATE collection SET link_key = NULL, visibility = 'private', revision = revision + 1 WHERE id = $1 AND $2::text IS NOT NULL`,
      [id, newKey()],
    );
    await note(client, viewer, origin, `collection.link_${what === 'renew' ? 'renewed' : 'ended'}`, {
      id,
      organizationId: before.organization.id,
    });
  });
}

/**
 * Puts a collection on the home page, takes it off, or moves it there by one place.
 * @throws 404 for whoever may not see it, 403 for whoever isn't staff of the state; 409 while not everyone may see it
 */
export async function featureCollection(
  { pool }: Deps,
  viewer: Educator,
  id: string,
  what: 'on' | 'off' | 'up' | 'down',
  origin: Origin,
): Promise<void> {
  await withTransaction(pool, async (client) => {
    // The order is one of all of them: changes come one after the other.
    await client.query(`SELECT pg_advisory_xact_lock(hashtext('collections featured'))`);
    const before = await loadCollection(client, viewer, id, 'see', { lock: true });
    if (!mayFeature(viewer, { ...before, visibility: 'public' })) throw forbidden();
    if (before.visibility !== 'public') throw conflict('collection.fault.notPublic');
    const { rows } = await client.query<{ id: string }>(
      'SELECT id FROM collection WHERE featured_at IS NOT NULL AND deleted_at IS NULL ORDER BY featured_place, featured_at DESC, id',
    );
    const order = rows.map((row) => row.id);
    const at = order.indexOf(id);
    const rest = order.filter((one) => one !== id);
    if (what === 'on' && at === -1) rest.unshift(id);
    else if (what !== 'off' && at !== -1)
      rest.splice(Math.max(0, at + (what === 'up' ? -1 : what === 'down' ? 1 : 0)), 0, id);
    await client.query(
      `UPDATE collection c SET featured_at = CASE WHEN o.place IS NULL THEN NULL ELSE coalesce(c.featured_at, now()) END,
         featured_place = coalesce(o.place, 0)
       FROM collection f LEFT JOIN unnest($1::uuid[]) WITH ORDINALITY o (id, place) ON o.id = f.id
       WHERE c.id = f.id AND (f.id = $2 OR f.featured_at IS NOT NULL AND f.deleted_at IS NULL)`,
      [rest, id],
    );
    await note(client, viewer, origin, 'collection.featured', {
      id,
      organizationId: before.organization.id,
      detail: { what },
    });
  });
}

/**
 * Staff take a collection out of others' sight; its owner and co-editors keep it.
 * @throws 404 for whoever may not see it, 403 for whoever isn't staff over where it belongs
 */
export async function closeCollection(
  { pool }: Deps,
  viewer: Educator,
  id: string,
  origin: Origin,
): Promise<void> {
  await withTransaction(pool, async (client) => {
    const before = await loadCollection(client, viewer, id, 'see', { lock: true });
    if (!mayClose(viewer, before)) throw forbidden();
    await client.query(
      `UPDATE collection SET visibility = 'private', featured_at = NULL, revision = revision + 1, updated_at = now() WHERE id = $1`,
      [id],
    );
    await notify(client, {
      to: before.ownerId,
      kind: 'collection.closed',
      by: viewer.id,
      detail: { id, collection: before.title, url: collectionPath(id, before.title) },
    });
    await note(client, viewer, origin, 'collection.closed', {
      id,
      organizationId: before.organization.id,
      detail: { was: before.visibility },
    });
  });
}
