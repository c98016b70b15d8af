import type { PoolClient } from 'pg';
import { audit } from '../../audit/audit-service.ts';
import type { Deps } from '../../deps.ts';
import { conflict, invalid, notFound } from '../../errors.ts';
import type { Origin } from '../../lib/origin.ts';
import type { Viewer } from '../../lib/viewer.ts';
import { withTransaction } from '../../platform/database/transaction.ts';
import { peopleScope } from '../../accounts/people-policy.ts';
import { organizationToChange } from '../organization-change-service.ts';
import type { OrganizationTransfer } from '../organization-policy.ts';
import { organizationFacts, type OrganizationFacts } from '../organization-queries.ts';
import { schoolsOfOneName } from './same-names.ts';
import { mayMoveTransfer } from './transfer-policy.ts';
import { findTransfer, type Amounts, type TransferKind } from './transfer-queries.ts';

type PlanDeps = Pick<Deps, 'pool' | 'clock'>;
type Wish = { id: string; stamp: string; to: string };

/**
 * Plans what goes from an organization to another one: nothing goes yet, the plan is the preview.
 * @returns the id of the transfer
 * @throws 404, 403, ChangedMeanwhile; 422 where it can't go there, in words
 */
export async function planOrganizationTransfer(
  { pool, clock }: PlanDeps,
  viewer: Viewer,
  change: OrganizationTransfer,
  wish: Wish,
  origin: Origin,
): Promise<string> {
  return withTransaction(pool, async (client) => {
    const from = await organizationToChange(client, viewer, wish, change);
    if (wish.to === from.id)
      throw refuse(change === 'merge' ? 'organization.merge.itself' : 'organization.toItself');
    const to = await organizationFacts(client, peopleScope(viewer), wish.to);
    if (!to || to.kind === 'state') throw refuse('organization.chooseTarget');
    await fits(client, change, from, to);
    const kind = change === 'hand-over' ? 'school' : change;
    const counts = kind === 'school' ? await ownCounts(client, from.id) : countsOf(from);
    const id = await insertTransfer(client, {
      kind,
      from: from.id,
      to: to.id,
      chosen: kind === 'school',
      counts,
      by: viewer.id,
      at: clock.now(),
    });
    if (kind === 'school') {
      if (!Object.values(counts).some((count) => count > 0)) throw refuse('organization.hand-over.nothing');
      await client.query(
        `INSERT INTO transfer_item (transfer_id, kind, object_id)
         SELECT $1::uuid, 'resource', id FROM resource WHERE organization_id = $2 AND state <> 'purged'
         UNION ALL SELECT $1::uuid, 'collection', id FROM collection WHERE organization_id = $2 AND ${shownCollection}`,
        [id, from.id],
      );
    }
    await logTransfer(
      client,
      viewer.id,
      { id, organizationId: from.id, action: 'transfer.planned', detail: { kind, to: to.id } },
      origin,
    );
    return id;
  });
}

/** Collections that a school or district shows, not what somebody keeps for themselves. */
const shownCollection = `kind <> 'saved' AND deleted_at IS NULL AND visibility IN ('school', 'district', 'public')`;

/** @throws 422 where one can't go to the other */
async function fits(
  client: PoolClient,
  change: OrganizationTransfer,
  from: OrganizationFacts,
  to: OrganizationFacts,
): Promise<void> {
  if (change === 'merge' && to.parent?.id === from.id)
    throw refuse('organization.merge.ownChild', { name: to.name });
  if (change === 'merge' && from.parent?.id === to.id)
    throw refuse('organization.merge.ownParent', { name: to.name });
  if (change === 'merge' && to.kind !== from.kind) throw refuse('organization.merge.otherKind');
  if (change === 'move' && to.kind !== 'district') throw refuse('organization.move.noDistrict');
  if (change === 'move' && to.id === from.parent?.id)
    throw refuse('organization.move.isThere', { name: to.name });
  if (to.closed || to.merged) throw refuse('organization.targetClosed', { name: to.name });
  if (to.running) throw conflict('organization.busy', { name: to.name });
  const same = await schoolsOfOneName(client, change, from, to);
  if (same.length === 0) return;
  if (change === 'move') throw refuse('organization.move.sameName', { name: from.name, district: to.name });
  throw refuse('organization.merge.sameNames', { names: same.join(', '), district: to.name });
}

const refuse = (key: Parameters<typeof conflict>[0], params: Record<string, string> = {}) =>
  invalid({ field: 'to', key, params });

const countsOf = ({ counts, kind }: OrganizationFacts): Amounts => ({
  people: counts.people + counts.closedAccounts,
  resources: counts.resources,
  others: counts.others,
  collections: counts.collections,
  ...(kind === 'district' ? { schools: counts.schools, sources: counts.sources, calls: counts.calls } : {}),
});

async function ownCounts(client: PoolClient, id: string): Promise<Amounts> {
  const { rows } = await client.query<Amounts>(
    `SELECT (SELECT count(*)::int FROM resource WHERE organization_id = $1 AND state = 'published') AS resources,
       (SELECT count(*)::int FROM resource WHERE organization_id = $1 AND state IN ('draft', 'submitted', 'withdrawn')) AS others,
       (SELECT count(*)::int FROM collection WHERE organization_id = $1 AND ${shownCollection}) AS collections`,
    [id],
  );
  return rows[0]!;
}

/** Writes a planned transfer down. @returns its id */
export async function insertTransfer(
  client: PoolClient,
  transfer: {
    kind: TransferKind;
    from: string;
    to: string;
    chosen: boolean;
    counts: Amounts;
    by: string | null;
    at: Date;
    backOf?: string;
  },
): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO transfer (kind, from_id, to_id, chosen, counts, back_of, made_by, made_at, moved_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) RETURNING id`,
    [
      transfer.kind,
      transfer.from,
      transfer.to,
      transfer.chosen,
      transfer.counts,
      transfer.backOf ?? null,
      transfer.by,
      transfer.at,
    ],
  );
  return rows[0]!.id;
}

/** A line in the log about a transfer, where its organization stands. */
export const logTransfer = (
  client: PoolClient,
  actorId: string | null,
  event: { id: string; organizationId: string | null; action: string; detail?: Record<string, unknown> },
  origin: Origin | Record<string, never>,
): Promise<void> =>
  audit(client, {
    actorId,
    action: event.action,
    objectType: 'transfer',
    objectId: event.id,
    organizationId: event.organizationId,
    detail: event.detail ?? {},
    ...origin,
  });

/**
 * Plans to give back what a hand-over brought, as far as it is still where it went.
 * @returns the id of the new transfer
 * @throws 404; 409 for one that can't be given back, or was
 */
export async function planHandBack(
  { pool, clock }: PlanDeps,
  viewer: Viewer,
  transferId: string,
  origin: Origin,
): Promise<string> {
  return withTransaction(pool, async (client) => {
    const transfer = await findTransfer(client, transferId, { lock: true });
    if (!transfer?.from || !transfer.to || !mayMoveTransfer(viewer, transfer)) throw notFound();
    const { kind, from, to, state } = transfer;
    if (state !== 'done' || (kind !== 'school' && kind !== 'person')) throw conflict('transfer.noWayBack');
    if (transfer.takenBackBy !== null) throw conflict('transfer.isTakenBack');
    const { rows } = await client.query<{ name: string; count: number }>(
      `SELECT CASE WHEN i.kind = 'collection' THEN 'collections'
           WHEN $2 = 'person' AND r.state IN ('draft', 'submitted') THEN 'drafts'
           WHEN $2 = 'school' AND r.state IN ('draft', 'submitted', 'withdrawn') THEN 'others' ELSE 'resources' END AS name, count(*)::int AS count
       FROM transfer_item i LEFT JOIN resource r ON i.kind = 'resource' AND r.id = i.object_id
       WHERE i.transfer_id = $1 AND i.outcome = 'done' GROUP BY 1`,
      [transferId, kind],
    );
    const counts = Object.fromEntries(rows.map((row) => [row.name, row.count]));
    if (rows.length === 0) throw conflict('transfer.noWayBack');
    const id = await insertTransfer(client, {
      kind,
      from: to.id,
      to: from.id,
      chosen: true,
      counts,
      by: viewer.id,
      at: clock.now(),
      backOf: transferId,
    });
    await client.query(
      `INSERT INTO transfer_item (transfer_id, kind, object_id)
       SELECT $1, kind, object_id FROM transfer_item WHERE transfer_id = $2 AND outcome = 'done'`,
      [id, transferId],
    );
    const organizationId = kind === 'person' ? null : to.id;
    await logTransfer(
      client,
      viewer.id,
      { id, organizationId, action: 'transfer.planned', detail: { kind, back: transferId } },
      origin,
    );
    return id;
  });
}
