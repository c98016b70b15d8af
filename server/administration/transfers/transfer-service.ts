import type { PoolClient } from 'pg';
import { audit } from '../../audit/audit-service.ts';
import type { Deps } from '../../deps.ts';
import { conflict, notFound } from '../../errors.ts';
import type { Origin } from '../../lib/origin.ts';
import type { Viewer } from '../../lib/viewer.ts';
import { withTransaction } from '../../platform/database/transaction.ts';
import { enqueue } from '../../platform/job-queue/job-queue.ts';
import { branchSources, giveSources, homeNames, noImportRuns } from './import-sources.ts';
import { endInto, freshenCollections } from './merge-organizations.ts';
import { schoolsOfOneName } from './same-names.ts';
import { logTransfer } from './plan-transfer.ts';
import { mayMoveTransfer } from './transfer-policy.ts';
import { findTransfer, type Transfer } from './transfer-queries.ts';
import { transferMovedTo } from './transfer-states.ts';

type MoveDeps = Pick<Deps, 'pool' | 'clock'>;
type By = { id: string; move: 'start' | 'drop' };

/** Name of the job that works on transfers. */
export const transferTask = 'run-transfer';

/**
 * Starts a planned transfer, or drops it. Starting one of organizations ends or moves the organization itself at once; what
 * hangs on it follows in a job.
 * @throws 404 outside of what they administer; 409 when it was started or dropped meanwhile, or an end of it has changed
 */
export async function moveTransfer(
  { pool, clock }: MoveDeps,
  viewer: Viewer,
  { id, move }: By,
  origin: Origin,
): Promise<void> {
  await withTransaction(pool, async (client) => {
    const transfer = await findTransfer(client, id, { lock: true });
    if (!transfer || !mayMoveTransfer(viewer, transfer)) throw notFound();
    const state = transferMovedTo(transfer.state, move, 'administrator');
    if (state === undefined) throw conflict(`transfer.notNow.${transfer.state}`);
    const at = clock.now();
    const started = state === 'running' ? await start(client, transfer, at) : { sources: {}, moved: {} };
    await client.query(
      'UPDATE transfer SET state = $2, moved_at = $3, sources = $4, moved = $5, made_by = $6 WHERE id = $1',
      [id, state, at, started.sources, started.moved, viewer.id],
    );
    const organizationId = transfer.kind === 'person' ? null : (transfer.from?.id ?? null);
    await logTransfer(client, viewer.id, { id, organizationId, action: `transfer.${PAST[move]}` }, origin);
    if (state !== 'running') return;
    if (transfer.kind === 'merge' || transfer.kind === 'move')
      await audit(client, {
        actorId: viewer.id,
        action: transfer.kind === 'merge' ? 'organization.merged' : 'organization.moved',
        objectType: 'organization',
        objectId: transfer.from?.id ?? null,
        organizationId: transfer.to?.id ?? null,
        detail: { transfer: id, from: transfer.from?.id, to: transfer.to?.id },
        ...origin,
      });
    await enqueue(client, transferTask, { transferId: id }, { jobKey: `${transferTask}:${id}` });
  });
}

const PAST = { start: 'started', drop: 'dropped' } as const;

type Started = { sources: Record<string, string>; moved: Record<string, number> };

async function start(client: PoolClient, transfer: Transfer, at: Date): Promise<Started> {
  const { kind, from, to } = transfer;
  if (!from || !to) throw conflict('transfer.endGone');
  if (kind === 'person') return personTransfer(client, to.id);
  const { rows } = await client.query<{
    id: string;
    closed: boolean;
    merged: boolean;
    parent_id: string | null;
  }>(
    `SELECT id, closed_at IS NOT NULL AS closed, merged_into_id IS NOT NULL AS merged, parent_id FROM organization
     WHERE id IN ($1, $2) ORDER BY id FOR UPDATE`,
    [from.id, to.id],
  );
  const one = (id: string) => rows.find((row) => row.id === id);
  if (one(from.id)?.merged || one(to.id)?.closed) throw conflict('transfer.endChanged');
  if (kind === 'move' && (one(from.id)?.closed || one(from.id)?.parent_id === to.id))
    throw conflict('transfer.endChanged');
  // Both may have moved since the plan: what was right then must be right now.
  if (kind === 'merge' && (one(to.id)?.parent_id === from.id || one(from.id)?.parent_id === to.id))
    throw conflict('transfer.endChanged');
  const { rowCount: busy } = await client.query(
    `SELECT 1 FROM transfer WHERE state = 'running' AND id <> $3 AND (from_id = ANY ($1::uuid[]) OR to_id = ANY ($1::uuid[]) OR from_id = ANY ($2::uuid[])) LIMIT 1`,
    [[from.id, to.id], [from.districtId, to.districtId].filter(Boolean), transfer.id],
  );
  if (busy) throw conflict('transfer.busy');
  const same = await schoolsOfOneName(client, kind, from, to);
  if (same.length > 0)
    throw conflict('transfer.sameNames', { names: same.join(', '), from: from.name, to: to.name });
  const elsewhere = from.districtId !== to.districtId;
  if (elsewhere && to.districtId !== null)
    await noImportRuns(
      client,
      [from.districtId, to.districtId].filter((id) => id !== null),
    );
  const school = { id: from.id, slug: from.slug ?? '' };
  const branch = {
    school,
    toDistrictId: to.districtId ?? '',
    listedIn: transfer.chosen ? transfer.id : null,
  };
  if (kind === 'merge') {
    const sources = !elsewhere
      ? {}
      : from.kind === 'district'
        ? await giveSources(client, school, to.id)
        : await branchSources(client, branch);
    return { sources, moved: { people: await endInto(client, { from, to, at }) } };
  }
  const ends = { organizations: [from.id, to.id], districts: [from.districtId, to.districtId] };
  const home = elsewhere && transfer.backOf ? await homeNames(client, transfer.backOf, ends) : {};
  const sources = elsewhere ? await branchSources(client, branch, home) : {};
  if (kind === 'move') {
    await client.query('UPDATE organization SET parent_id = $2, district_id = $2 WHERE id = $1', [
      from.id,
      to.id,
    ]);
    await freshenCollections(client, from.id);
  }
  return { sources, moved: {} };
}

async function personTransfer(client: PoolClient, to: string): Promise<Started> {
  const { rowCount } = await client.query(
    'SELECT 1 FROM person WHERE id = $1 AND disabled_at IS NULL FOR SHARE',
    [to],
  );
  if (!rowCount) throw conflict('transfer.receiverClosed');
  return { sources: {}, moved: {} };
}
