import type { PoolClient } from 'pg';
import { accountById } from '../accounts/account-queries.ts';
import { audit } from '../audit/audit-service.ts';
import type { Deps } from '../deps.ts';
import { conflict, forbidden, invalid } from '../errors.ts';
import type { Origin } from '../lib/origin.ts';
import type { CheckStatus } from '../resources/resource-view.ts';
import { isEducator, type Viewer } from '../lib/viewer.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import { loadForCheck, type CheckedResource } from './check-facts-queries.ts';
import { moveCheck } from './check-machine.ts';
import { checkPower, checkRefusal } from './check-policy.ts';

type Needs = Pick<Deps, 'pool' | 'clock'>;

/**
 * Takes what waits to check it: others see who has it until the lease runs out, and each sign of life renews it.
 * @throws 404, 403 where they can't decide about it, 409 where somebody else has it or it doesn't wait any more
 */
export async function takeCheck(
  { pool, clock }: Needs,
  viewer: Viewer,
  resourceId: string,
  origin: Origin,
): Promise<void> {
  await withTransaction(pool, async (client) => {
    const now = clock.now();
    const resource = await loadForCheck(client, viewer, resourceId, { now, lock: true });
    const refusal = checkRefusal(viewer, resource, resource.check);
    if (refusal) throw forbidden(`curate.refused.${refusal}`);
    const { wait } = resource;
    if (!wait) throw conflict('curate.notWaiting', { title: resource.title });
    if (wait.heldBy !== null && wait.heldBy !== viewer.id)
      throw conflict('curate.held', { title: resource.title, name: wait.heldByName ?? '' });
    await hold(client, viewer, resource, now);
    if (wait.heldBy === null) await log(client, viewer, resource, 'check.taken', origin);
  });
}

/** Gives somebody the lease on what waits, on the caller's transaction, which has checked that they may. */
async function hold(client: PoolClient, viewer: Viewer, resource: CheckedResource, now: Date): Promise<void> {
  await client.query(
    `UPDATE check_wait SET held_by = $2, held_until = $3::timestamptz + make_interval(mins => (SELECT lease_minutes FROM check_setting))
     WHERE resource_id = $1`,
    [resource.id, viewer.id, now],
  );
  await setState(
    client,
    resource.id,
    moveCheck(resource.check.state, 'take', checkPower(viewer, resource)?.lead ? 'lead' : 'curator'),
  );
}

/**
 * Gives back what somebody holds or was assigned (which `keepAssignment` leaves); a lead takes it from others too. Giving
 * back twice is once.
 * @throws 404, 403
 */
export async function handBack(
  { pool, clock }: Needs,
  viewer: Viewer,
  resourceId: string,
  origin: Origin,
  { keepAssignment = false } = {},
): Promise<void> {
  await withTransaction(pool, async (client) => {
    const resource = await loadForCheck(client, viewer, resourceId, { now: clock.now(), lock: true });
    const power = checkPower(viewer, resource);
    if (!power) throw forbidden('curate.refused.notYours');
    const { wait } = resource;
    const taken = wait?.heldBy ?? wait?.assignedTo ?? null;
    if (!wait || taken === null) return;
    if (!power.lead && taken !== viewer.id)
      throw forbidden('curate.heldByOther', { name: wait.heldByName ?? '' });
    await release(client, resource, { unassign: !keepAssignment });
    await log(client, viewer, resource, 'check.handed_back', origin);
  });
}

/** Ends a lease on the caller's transaction. */
async function release(
  client: PoolClient,
  resource: CheckedResource,
  { unassign }: { unassign: boolean },
): Promise<void> {
  await client.query(
    `UPDATE check_wait SET held_by = NULL, held_until = NULL, assigned_to = CASE WHEN $2 THEN NULL ELSE assigned_to END WHERE resource_id = $1`,
    [resource.id, unassign],
  );
  await setState(client, resource.id, moveCheck(resource.check.state, 'release', 'portal'));
}

/**
 * Says who is to check something; empty for nobody. Only to people who may check it; whoever has it open is not put out.
 * @throws 404, 403, 409 where it doesn't wait any more, 422 for somebody who can't check it
 */
export async function assignCheck(
  { pool, clock }: Needs,
  viewer: Viewer,
  { resourceId, to }: { resourceId: string; to: string | null },
  origin: Origin,
): Promise<{ name: string | null; title: string }> {
  return withTransaction(pool, async (client) => {
    const resource = await loadForCheck(client, viewer, resourceId, { now: clock.now(), lock: true });
    if (!checkPower(viewer, resource)) throw forbidden('curate.refused.notYours');
    if (!resource.wait) throw conflict('curate.notWaiting', { title: resource.title });
    const name = to === null ? null : await assignable(client, resource, to);
    await client.query('UPDATE check_wait SET assigned_to = $2 WHERE resource_id = $1', [resourceId, to]);
    await log(client, viewer, resource, 'check.assigned', origin, { to });
    return { name, title: resource.title };
  });
}

async function assignable(client: PoolClient, resource: CheckedResource, to: string): Promise<string> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT DISTINCT p.name FROM person p JOIN role_grant g ON g.person_id = p.id JOIN organization o ON o.id = g.organization_id
     WHERE p.id = $1 AND p.disabled_at IS NULL AND (g.role = 'lead' OR (g.role = 'curator' AND $3 <> 'disputed'))
       AND (o.kind = 'state' OR (o.kind = 'district' AND o.id = $2))`,
    [to, resource.districtId, resource.check.state],
  );
  const [person] = rows;
  if (!person || resource.ownerId === to || resource.coAuthorIds.includes(to))
    throw invalid({ field: 'to', key: 'curate.assign.fault' });
  return person.name;
}

/**
 * Gives back what somebody has open or was assigned and may not check any more: all of it once their account is closed.
 * @returns how many went back
 */
export async function handBackChecks({ pool }: Pick<Deps, 'pool'>, personId: string): Promise<number> {
  const account = await accountById(pool, personId);
  return withTransaction(pool, async (client) => {
    const { rows } = await client.query<{
      id: string;
      district_id: string | null;
      check_state: CheckStatus;
      number: number | null;
      organization_id: string;
    }>(
      `SELECT r.id, r.district_id, r.check_state, r.organization_id, v.number FROM check_wait w JOIN resource r ON r.id = w.resource_id
         LEFT JOIN version v ON v.id = r.current_version_id
       WHERE w.held_by = $1 OR w.assigned_to = $1 ORDER BY r.id FOR UPDATE OF r`,
      [personId],
    );
    const lost = rows.filter(
      (row) => !account || !checkPower(account.viewer, { districtId: row.district_id }),
    );
    for (const row of lost) {
      const { rows: held } = await client.query<{ held: boolean }>(
        `UPDATE check_wait w SET assigned_to = nullif(w.assigned_to, $2), held_by = nullif(w.held_by, $2),
           held_until = CASE WHEN w.held_by = $2 THEN NULL ELSE w.held_until END
         FROM check_wait old WHERE old.resource_id = w.resource_id AND w.resource_id = $1 RETURNING old.held_by = $2 AS held`,
        [row.id, personId],
      );
      if (held[0]?.held) await setState(client, row.id, moveCheck(row.check_state, 'release', 'portal'));
      await audit(client, {
        actorId: null,
        action: 'check.handed_back',
        objectType: 'resource',
        objectId: row.id,
        version: row.number,
        organizationId: row.organization_id,
        detail: { of: personId },
      });
    }
    return lost.length;
  });
}

/** Leases that ran out end, so that nothing says "being checked" that nobody checks. */
export async function endLeases({ pool, clock }: Needs): Promise<void> {
  await pool.query(
    `WITH ended AS (
       UPDATE check_wait SET held_by = NULL, held_until = NULL WHERE held_until <= $1 RETURNING resource_id)
     UPDATE resource SET check_state = 'claimed' WHERE check_state = 'in_check' AND id IN (SELECT resource_id FROM ended)`,
    [clock.now()],
  );
}

async function setState(client: PoolClient, resourceId: string, state: string | null): Promise<void> {
  if (state) await client.query('UPDATE resource SET check_state = $2 WHERE id = $1', [resourceId, state]);
}

/** The audit row of what somebody did about a check. */
export const log = (
  client: PoolClient,
  viewer: Viewer,
  resource: CheckedResource,
  action: string,
  origin: Origin,
  detail: Record<string, unknown> = {},
): Promise<void> =>
  audit(client, {
    actorId: isEducator(viewer) ? viewer.id : null,
    action,
    objectType: 'resource',
    objectId: resource.id,
    version: resource.currentNumber,
    organizationId: resource.organizationId,
    detail,
    ...origin,
  });
