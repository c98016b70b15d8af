import type { PoolClient } from 'pg';
import { audit } from '../../audit/audit-service.ts';
import type { Deps } from '../../deps.ts';
import { conflict, forbidden, notFound } from '../../errors.ts';
import type { Origin } from '../../lib/origin.ts';
import type { Viewer } from '../../lib/viewer.ts';
import { notify } from '../../notices/notice-service.ts';
import { withTransaction } from '../../platform/database/transaction.ts';
import { loadResource, type LoadedResource } from '../../resources/resource-facts-queries.ts';
import { authorsOf } from '../../resources/resource-people.ts';
import { isStaffOver } from '../../resources/resource-policy.ts';
import { moverOf } from './flag-machine.ts';

/**
 * Takes a resource off the shelf for good, until staff lift it: a tombstone without a title, the reason for whoever could
 * see it, and a line in the log. The caller holds the resource's lock and has checked who may.
 */
export async function takeDown(
  client: PoolClient,
  resource: LoadedResource,
  {
    flag,
    by,
    note,
    at,
  }: { flag: { id: string; kind: string; created_at: Date }; by: string; note: string; at: Date },
): Promise<void> {
  await client.query(
    `UPDATE resource SET state = 'withdrawn', withdrawn_at = coalesce(withdrawn_at, $2), withdrawn_reason = $3, takedown = true,
       held_at = NULL, updated_at = $2 WHERE id = $1 AND current_version_id IS NOT NULL`,
    [resource.id, at, note],
  );
  await client.query(
    `INSERT INTO takedown (resource_id, flag_id, kind, reason, asked_at, taken_at, taken_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (resource_id) WHERE state = 'down' DO NOTHING`,
    [resource.id, flag.id, flag.kind, note, flag.created_at, at, by],
  );
  await client.query('SELECT mark_dirty(ARRAY[$1::uuid])', [resource.id]);
}

/**
 * Puts back what was taken down, as it was; its authors are told.
 * @throws 404 for others than staff over the resource, 403 to its authors, 409 when it is lifted or purged already
 */
export async function liftTakedown(
  { pool, clock }: Pick<Deps, 'pool' | 'clock'>,
  viewer: Viewer & { id: string },
  { takedownId, reason }: { takedownId: string; reason: string },
  origin: Origin,
): Promise<{ resourceId: string; title: string }> {
  return withTransaction(pool, async (client) => {
    const { rows: found } = await client.query<{ resource_id: string }>(
      'SELECT resource_id FROM takedown WHERE id = $1',
      [takedownId],
    );
    const resource = found[0] && (await loadResource(client, found[0].resource_id, { lock: true }));
    if (!resource || !isStaffOver(viewer, resource)) throw notFound();
    if (!moverOf(viewer, resource)) throw forbidden('flag.fault.own');
    const { rows } = await client.query<{ state: 'down' | 'lifted' | 'purged' }>(
      'SELECT state FROM takedown WHERE id = $1 FOR UPDATE',
      [takedownId],
    );
    const state = rows[0]?.state ?? 'purged';
    if (state !== 'down') throw conflict(`takedown.now.${state}`);
    const at = clock.now();
    await client.query(
      `UPDATE takedown SET state = 'lifted', ended_at = $2, ended_by = $3, ended_reason = $4 WHERE id = $1`,
      [takedownId, at, viewer.id, reason],
    );
    await client.query(
      `UPDATE resource SET state = 'published', withdrawn_at = NULL, withdrawn_reason = NULL, takedown = false, updated_at = $2
       WHERE id = $1 AND state = 'withdrawn'`,
      [resource.id, at],
    );
    await client.query('SELECT mark_dirty(ARRAY[$1::uuid])', [resource.id]);
    await notify(client, {
      to: authorsOf(resource),
      kind: 'takedown.lifted',
      resourceId: resource.id,
      by: viewer.id,
    });
    await audit(client, {
      actorId: viewer.id,
      action: 'takedown.lifted',
      objectType: 'resource',
      objectId: resource.id,
      organizationId: resource.organizationId,
      ...origin,
    });
    return { resourceId: resource.id, title: resource.title };
  });
}
