import type { PoolClient } from 'pg';
import { z } from 'zod';
import type { Deps } from '../../deps.ts';
import { lockSources } from '../../imports/source-lock.ts';
import { notify } from '../../notices/notice-service.ts';
import { withTransaction } from '../../platform/database/transaction.ts';
import { enqueue } from '../../platform/job-queue/job-queue.ts';
import type { Schedule, Tasks } from '../../platform/job-queue/worker.ts';
import { handOverNext } from './hand-over.ts';
import { moveTheRest } from './merge-organizations.ts';
import { moveResources, type Which } from './move-resources.ts';
import { logTransfer } from './plan-transfer.ts';
import { MANY_RESOURCES } from './transfer-limits.ts';
import { findTransfer, type Amounts, type Transfer } from './transfer-queries.ts';
import { transferTask } from './transfer-service.ts';
import { transferMovedTo } from './transfer-states.ts';

type JobDeps = Pick<Deps, 'pool' | 'clock'>;
type Ended = Transfer & { from: NonNullable<Transfer['from']>; to: NonNullable<Transfer['to']> };

/** Seconds until a job that found an import at work looks again. */
const WAIT_SECONDS = 20;
/** What a request that was under way during a merge may still have written is moved after so many seconds. */
const SWEEP_SECONDS = 60;

/**
 * Works on a transfer, batch after batch, until nothing is left of it. Each batch is one transaction with its log; begun
 * again, it goes on where it was.
 */
export async function runTransfer(deps: JobDeps, transferId: string, signal?: AbortSignal): Promise<void> {
  const first = await findTransfer(deps.pool, transferId);
  if (first?.state !== 'running' || !first.from || !first.to) return;
  // Nothing is read in while what it would be compared with is under way.
  const sources = await sourceIds(deps, first as Ended);
  const lock = sources.length > 0 ? await lockSources(deps.pool, sources) : null;
  if (lock === undefined) {
    const runAt = new Date(Date.now() + WAIT_SECONDS * 1000);
    return enqueue(
      deps.pool,
      transferTask,
      { transferId },
      { jobKey: `${transferTask}:${transferId}`, runAt },
    );
  }
  try {
    for (;;) {
      signal?.throwIfAborted();
      lock?.signal.throwIfAborted();
      const more = await withTransaction(
        deps.pool,
        async (client) => {
          const transfer = await findTransfer(client, transferId, { lock: true });
          if (transfer?.state !== 'running' || !transfer.from || !transfer.to) return false;
          return step(client, transfer as Ended, deps.clock.now());
        },
        { statementTimeoutMs: 0 },
      );
      if (!more) return;
    }
  } finally {
    await lock?.release();
  }
}

async function sourceIds({ pool }: JobDeps, { sources, to }: Ended): Promise<string[]> {
  const names = Object.values(sources);
  if (names.length === 0) return [];
  const { rows } = await pool.query<{ id: string }>(
    'SELECT id FROM import_source WHERE district_id = $1 AND name = ANY ($2::text[]) ORDER BY id',
    [to.districtId, names],
  );
  return rows.map(({ id }) => id);
}

/** @returns whether there is more to do */
async function step(client: PoolClient, transfer: Ended, at: Date): Promise<boolean> {
  const { kind, from, to } = transfer;
  const actorId = transfer.madeBy?.id ?? null;
  const destination = {
    transferId: transfer.id,
    backOf: transfer.backOf,
    actorId,
    from: from.id,
    to: to.id,
    districtId: to.districtId,
    sources: transfer.sources,
    many: (transfer.counts['resources'] ?? 0) > MANY_RESOURCES,
    at,
  };
  if (kind === 'school' || kind === 'person') {
    const went = await handOverNext(client, { ...destination, kind });
    if (went === null) return finish(client, transfer, at);
    await progress(client, transfer, went);
    return true;
  }
  const went = await moveResources(client, whichOf(transfer), destination);
  if (went.length > 0) {
    await progress(client, transfer, { resources: went.length });
    return true;
  }
  if (kind === 'merge') {
    const dropped = await moveTheRest(client, { from, to, actorId, at });
    if (Object.keys(dropped).length > 0)
      await logTransfer(
        client,
        actorId,
        { id: transfer.id, organizationId: to.id, action: 'transfer.joined', detail: { dropped } },
        {},
      );
    const runAt = new Date(Date.now() + SWEEP_SECONDS * 1000);
    await enqueue(
      client,
      'sweep-transfer',
      { transferId: transfer.id },
      { jobKey: `sweep-transfer:${transfer.id}`, runAt },
    );
  }
  return finish(client, transfer, at);
}

const whichOf = ({ kind, from }: Ended): Which =>
  kind === 'move' ? 'districtOnly' : from.kind === 'district' ? 'ofDistrict' : 'ofOrganization';

async function progress(client: PoolClient, { id, moved }: Transfer, went: Amounts): Promise<void> {
  const sum = { ...moved };
  for (const [name, count] of Object.entries(went)) sum[name] = (sum[name] ?? 0) + count;
  await client.query('UPDATE transfer SET moved = $2 WHERE id = $1', [id, sum]);
}

async function finish(client: PoolClient, transfer: Ended, at: Date): Promise<false> {
  const state = transferMovedTo(transfer.state, 'finish', 'job');
  if (state === undefined) throw new Error(`A transfer that is ${transfer.state} can't finish`);
  await client.query('UPDATE transfer SET state = $2, moved_at = $3 WHERE id = $1', [transfer.id, state, at]);
  const { from, to, madeBy, moved, kind } = transfer;
  await logTransfer(
    client,
    madeBy?.id ?? null,
    {
      id: transfer.id,
      organizationId: kind === 'person' ? null : to.id,
      action: 'transfer.done',
      detail: { moved },
    },
    {},
  );
  const count = (moved['resources'] ?? 0) + (moved['collections'] ?? 0);
  if (kind === 'person' && count > 0) {
    const by = madeBy?.id ?? null;
    await notify(client, {
      to: to.id,
      kind: 'handed.toYou',
      by,
      detail: { from: from.name, count, url: '/shelf' },
    });
    await notify(client, {
      to: from.id,
      kind: 'handed.fromYou',
      by,
      detail: { to: to.name, count, url: '/shelf' },
    });
  }
  // The numbers for staff say whose people and works they are of.
  if (kind !== 'person' && from.districtId !== to.districtId) {
    await client.query(`UPDATE numbers_refresh SET refreshed_at = 'epoch'`);
    await enqueue(client, 'refresh-all-numbers', {}, { jobKey: 'refresh-all-numbers' });
  }
  return false;
}

/** Moves what requests that were under way during a merge wrote behind its back. */
export async function sweepTransfer({ pool, clock }: JobDeps, transferId: string): Promise<void> {
  await withTransaction(
    pool,
    async (client) => {
      const transfer = await findTransfer(client, transferId, { lock: true });
      if (transfer?.state !== 'done' || transfer.kind !== 'merge' || !transfer.from || !transfer.to) return;
      const { from, to } = transfer as Ended;
      // The other may have been merged itself by now.
      const { rows } = await client.query<{ id: string; district_id: string | null }>(
        'SELECT t.id, t.district_id FROM organization f JOIN organization t ON t.id = f.merged_into_id WHERE f.id = $1',
        [from.id],
      );
      const [now] = rows;
      if (!now) return;
      const actorId = transfer.madeBy?.id ?? null;
      const destination = {
        transferId,
        actorId,
        from: from.id,
        to: now.id,
        districtId: now.district_id,
        sources: transfer.sources,
        many: false,
        at: clock.now(),
      };
      while ((await moveResources(client, whichOf(transfer as Ended), destination)).length > 0);
      await moveTheRest(client, { from, to: { ...to, id: now.id }, actorId, at: clock.now() });
    },
    { statementTimeoutMs: 0 },
  );
}

const payload = z.object({ transferId: z.uuid() });

/** The jobs of transfers, for server/jobs.ts. */
export const transferTasks: Tasks<Deps> = {
  [transferTask]: (deps, body, { signal }) => runTransfer(deps, payload.parse(body).transferId, signal),
  'sweep-transfer': (deps, body) => sweepTransfer(deps, payload.parse(body).transferId),
  'tidy-transfers': async ({ pool, clock }) =>
    void (await pool.query(
      `UPDATE transfer SET state = 'dropped', moved_at = $1 WHERE state = 'planned' AND made_at < $1::timestamptz - interval '7 days'`,
      [clock.now()],
    )),
};

export const transferSchedules: Schedule[] = [{ task: 'tidy-transfers', cron: '55 4 * * *' }];
