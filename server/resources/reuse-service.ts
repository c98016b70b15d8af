import type { Pool, PoolClient } from 'pg';
import { audit } from '../audit/audit-service.ts';
import type { Deps } from '../deps.ts';
import { forbidden } from '../errors.ts';
import type { Origin } from '../lib/origin.ts';
import type { Viewer } from '../lib/viewer.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import { loadForReading } from './resource-facts-queries.ts';
import { isAuthor } from './resource-policy.ts';

type Educator = Viewer & { id: string };

/**
 * Puts a resource on the person's own shelf, or takes it off. Asking twice for the same changes nothing.
 * @throws 404 where it may not be seen (taking off is always possible)
 */
export async function setSaved(
  { pool }: Pick<Deps, 'pool'>,
  viewer: Educator,
  { resourceId, saved }: { resourceId: string; saved: boolean },
): Promise<void> {
  await withTransaction(pool, async (client) => {
    if (!saved) {
      await client.query(
        `DELETE FROM collection_item ci USING collection c
         WHERE c.id = ci.collection_id AND c.owner_id = $1 AND c.kind = 'saved' AND ci.resource_id = $2`,
        [viewer.id, resourceId],
      );
      return;
    }
    await loadForReading(client, viewer, resourceId);
    await client.query(
      `WITH mine AS (
         INSERT INTO collection (owner_id, kind) VALUES ($1, 'saved')
         ON CONFLICT (owner_id) WHERE kind = 'saved' DO UPDATE SET title = collection.title RETURNING id)
       INSERT INTO collection_item (collection_id, resource_id) SELECT id, $2 FROM mine ON CONFLICT DO NOTHING`,
      [viewer.id, resourceId],
    );
  });
}

/**
 * "I used this", with what the person wants to say about it and how it went, or not any more. Counts distinct people. What was said
 * before stays where nothing new is said.
 * @param use.rating 1 to 5; null: none is given
 * @throws 404 where it may not be seen; 403 for its own authors, and to say something where staff removed what they had said
 */
export async function setUsed(
  { pool }: Pick<Deps, 'pool'>,
  viewer: Educator,
  {
    resourceId,
    used,
    note,
    rating = null,
  }: { resourceId: string; used: boolean; note: string; rating?: number | null },
  origin: Origin,
): Promise<void> {
  await withTransaction(pool, async (client) => {
    const resource = await loadForReading(client, viewer, resourceId);
    if (used && isAuthor(viewer, resource)) throw forbidden('use.own');
    if (note !== '' && (await saidWasRemoved(client, resourceId, viewer.id))) throw forbidden('use.removed');
    if (used)
      await client.query(
        `INSERT INTO use_mark (resource_id, person_id, district_id, note, rating) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (resource_id, person_id) DO UPDATE SET
           note = CASE WHEN excluded.note = '' THEN use_mark.note ELSE excluded.note END,
           rating = coalesce(excluded.rating, use_mark.rating),
           edited_at = CASE WHEN excluded.note = '' OR use_mark.note = '' THEN use_mark.edited_at ELSE now() END`,
        [resourceId, viewer.id, viewer.districtId, note, rating],
      );
    else
      await client.query(
        'DELETE FROM use_mark WHERE resource_id = $1 AND person_id = $2 AND removed_at IS NULL',
        [resourceId, viewer.id],
      );
    await client.query('SELECT mark_dirty(ARRAY[$1::uuid])', [resourceId]);
    await audit(client, {
      actorId: viewer.id,
      action: used ? 'resource.used' : 'resource.use_taken_back',
      objectType: 'resource',
      objectId: resourceId,
      version: resource.currentNumber,
      organizationId: resource.organizationId,
      ...origin,
    });
  });
}

async function saidWasRemoved(client: PoolClient, resourceId: string, personId: string): Promise<boolean> {
  const { rowCount } = await client.query(
    'SELECT 1 FROM use_mark WHERE resource_id = $1 AND person_id = $2 AND removed_at IS NOT NULL',
    [resourceId, personId],
  );
  return (rowCount ?? 0) > 0;
}

/** Stands for the public in daily counts. */
const nobody = '00000000-0000-0000-0000-000000000000';

/** Counts that pages were opened or files taken, by day and the reader's district; no person is kept. */
export async function countReuse(
  pool: Pool,
  viewer: Viewer,
  resourceIds: string | readonly string[],
  what: 'opened' | 'taken',
): Promise<void> {
  await pool.query(
    `INSERT INTO daily_count AS d (resource_id, organization_id, day, ${what})
     SELECT id, $2, current_date, 1 FROM resource WHERE id = ANY ($1::uuid[]) AND owner_id IS DISTINCT FROM $3 ORDER BY id
     ON CONFLICT (resource_id, day, organization_id) DO UPDATE SET ${what} = d.${what} + 1`,
    [
      typeof resourceIds === 'string' ? [resourceIds] : resourceIds,
      viewer.districtId ?? viewer.organizationId ?? nobody,
      viewer.id,
    ],
  );
}
