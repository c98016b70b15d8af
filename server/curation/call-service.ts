import type { PoolClient } from 'pg';
import { audit } from '../audit/audit-service.ts';
import type { Deps } from '../deps.ts';
import { conflict, forbidden, invalid, notFound, type FieldFault } from '../errors.ts';
import type { Origin } from '../lib/origin.ts';
import { isEducator, type Viewer } from '../lib/viewer.ts';
import { notify } from '../notices/notice-service.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import { districtsSeen, mayCall } from './call-policy.ts';
import { OUT, type CallMove } from './call-states.ts';
import { lockCalls, moveCall, type StoredCall } from './call-store.ts';

type CallDeps = Pick<Deps, 'pool' | 'clock'>;

/** What a call is about, and what it says. */
export interface NewCall {
  organizationId: string;
  standardGuid: string;
  levelId: string | null;
  words: string;
  closesOn: string | null;
  askId: string | null;
}

/** Longer than two years ahead nobody waits. */
const LONGEST_DAYS = 731;

function dateFaults(closesOn: string | null, now: Date): FieldFault[] {
  if (closesOn === null) return [];
  const today = now.toISOString().slice(0, 10);
  const latest = new Date(now.getTime() + LONGEST_DAYS * 86_400_000).toISOString().slice(0, 10);
  if (closesOn < today) return [{ field: 'closesOn', key: 'call.fault.past' }];
  return closesOn > latest ? [{ field: 'closesOn', key: 'call.fault.far' }] : [];
}

/**
 * Calls for lessons. What a person asked for is closed with it, and they are told.
 * @returns the id of the call
 * @throws 403; 422 for a day that has gone, or when the same is called for already
 */
export async function makeCall(
  { pool, clock }: CallDeps,
  viewer: Viewer,
  call: NewCall,
  origin: Origin,
): Promise<string> {
  if (!isEducator(viewer)) throw forbidden();
  const now = clock.now();
  const faults = dateFaults(call.closesOn, now);
  if (faults.length > 0) throw invalid(...faults);
  return withTransaction(pool, async (client) => {
    const districtId = await callingOrganization(client, viewer, call.organizationId);
    const askId = call.askId === null ? null : await askToClose(client, viewer, call.askId);
    const { rows } = await client.query<{ id: string }>(
      `INSERT INTO lesson_call (organization_id, district_id, standard_guid, level_id, words, closes_on, ask_id, made_by, made_at, moved_by, moved_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $8, $9)
       ON CONFLICT (organization_id, standard_guid, level_id) WHERE state IN ('open', 'answered') DO NOTHING RETURNING id`,
      [
        call.organizationId,
        districtId,
        call.standardGuid,
        call.levelId,
        call.words,
        call.closesOn,
        askId,
        viewer.id,
        now,
      ],
    );
    const [made] = rows;
    if (!made) throw invalid({ field: 'standard', key: 'call.fault.alreadyOut' });
    const [stored] = await lockCalls(client, 'c.id = $1', made.id);
    if (askId !== null)
      await client.query(
        'UPDATE search_ask SET closed_at = $2, closed_by = $3 WHERE id = $1 AND closed_at IS NULL',
        [askId, now, viewer.id],
      );
    if (stored?.askedBy)
      await notify(client, {
        to: stored.askedBy,
        kind: 'call.made',
        by: viewer.id,
        detail: detailOf(stored),
      });
    await audit(client, {
      actorId: viewer.id,
      action: 'lesson_call.made',
      objectType: 'lesson_call',
      objectId: made.id,
      organizationId: call.organizationId,
      detail: { standard: call.standardGuid, ask: askId },
      ...origin,
    });
    return made.id;
  });
}

/** @returns the district of an organization for which the viewer calls, null for the state @throws 403 */
async function callingOrganization(
  client: PoolClient,
  viewer: Viewer,
  organizationId: string,
): Promise<string | null> {
  const { rows } = await client.query<{ district_id: string | null }>(
    `SELECT district_id FROM organization WHERE id = $1 AND kind IN ('state', 'district') AND closed_at IS NULL`,
    [organizationId],
  );
  const [found] = rows;
  if (!found || !mayCall(viewer, { organizationId, districtId: found.district_id })) throw forbidden();
  return found.district_id;
}

/** The ask, when its person is someone the viewer looks after; null when there is none any more. */
async function askToClose(client: PoolClient, viewer: Viewer, askId: string): Promise<string | null> {
  const { rows } = await client.query<{ id: string; organization_id: string; district_id: string | null }>(
    `SELECT k.id, o.id AS organization_id, o.district_id FROM search_ask k JOIN person p ON p.id = k.person_id
     JOIN organization o ON o.id = p.organization_id WHERE k.id = $1 FOR UPDATE OF k`,
    [askId],
  );
  const [ask] = rows;
  if (!ask) return null;
  if (!mayCall(viewer, { organizationId: ask.organization_id, districtId: ask.district_id }))
    throw forbidden();
  return ask.id;
}

/** What the page of a call needs so that nobody overwrites what they haven't seen. */
export interface CallVersion {
  callId: string;
  revision: number;
}

/**
 * Changes what a call that is out says.
 * @throws 404, 403; 422 for a day that has gone; 409 when somebody changed it meanwhile or it is out no more
 */
export async function changeCall(
  { pool, clock }: CallDeps,
  viewer: Viewer,
  { words, closesOn, ...which }: CallVersion & { words: string; closesOn: string | null },
  origin: Origin,
): Promise<void> {
  const faults = dateFaults(closesOn, clock.now());
  if (faults.length > 0) throw invalid(...faults);
  await withTransaction(pool, async (client) => {
    const call = await callToMove(client, viewer, which);
    if (!OUT.includes(call.state)) throw conflict(`call.notNow.${call.state}`);
    await client.query(
      'UPDATE lesson_call SET words = $2, closes_on = $3, revision = revision + 1 WHERE id = $1',
      [call.id, words, closesOn],
    );
    await audit(client, {
      actorId: viewer.id,
      action: 'lesson_call.changed',
      objectType: 'lesson_call',
      objectId: call.id,
      organizationId: call.organizationId,
      ...origin,
    });
  });
}

/**
 * Accepts what was shared, closes the call or opens it again; whoever asked and whoever answered is told.
 * @throws 404, 403; 409 when it was moved meanwhile, or the same is called for already
 */
export async function moveCallByStaff(
  { pool, clock }: CallDeps,
  viewer: Viewer,
  {
    move,
    note,
    ...which
  }: CallVersion & { move: Extract<CallMove, 'accept' | 'close' | 'reopen'>; note: string },
  origin: Origin,
): Promise<void> {
  await withTransaction(pool, async (client) => {
    const call = await callToMove(client, viewer, which);
    if (move === 'reopen' && (await sameIsOut(client, call))) throw conflict('call.fault.alreadyOut');
    await moveCall(client, call, { move, by: 'staff', personId: viewer.id, at: clock.now(), note, origin });
    if (move === 'reopen') return;
    const { rows } = await client.query<{ resource_id: string; person_id: string | null }>(
      'SELECT resource_id, person_id FROM call_answer WHERE call_id = $1 AND refused_at IS NULL ORDER BY answered_at',
      [call.id],
    );
    const by = viewer.id;
    if (move === 'accept')
      for (const { resource_id: resourceId, person_id: to } of rows)
        if (to) await notify(client, { to, kind: 'call.accepted', resourceId, by, detail: detailOf(call) });
    const answered = move === 'accept' ? [] : rows.flatMap((row) => row.person_id ?? []);
    const others = [call.askedBy, call.madeBy].flatMap((id) => id ?? []);
    await notify(client, { to: [...others, ...answered], kind: 'call.closed', by, detail: detailOf(call) });
  });
}

/**
 * Says that a resource doesn't answer the call; it stays on the shelf, and its author is told.
 * @throws 404, 403, 409
 */
export async function refuseAnswer(
  { pool, clock }: CallDeps,
  viewer: Viewer,
  { resourceId, ...which }: CallVersion & { resourceId: string },
  origin: Origin,
): Promise<void> {
  await withTransaction(pool, async (client) => {
    const call = await callToMove(client, viewer, which);
    const at = clock.now();
    const { rows } = await client.query<{ person_id: string | null }>(
      `UPDATE call_answer SET refused_at = $3 WHERE call_id = $1 AND resource_id = $2 AND refused_at IS NULL RETURNING person_id`,
      [call.id, resourceId, at],
    );
    const [answer] = rows;
    if (!answer) throw conflict('call.noSuchAnswer');
    await moveCall(client, call, { move: 'refuse', by: 'staff', personId: viewer.id, at, origin });
    if (answer.person_id)
      await notify(client, {
        to: answer.person_id,
        kind: 'call.refused',
        resourceId,
        by: viewer.id,
        detail: detailOf(call),
      });
  });
}

async function callToMove(
  client: PoolClient,
  viewer: Viewer,
  { callId, revision }: CallVersion,
): Promise<StoredCall> {
  const [call] = await lockCalls(client, 'c.id = $1', callId);
  const seen = districtsSeen(viewer);
  if (!call || (call.districtId !== null && seen !== null && !seen.includes(call.districtId)))
    throw notFound();
  if (!mayCall(viewer, call)) throw forbidden();
  if (call.revision !== revision) throw conflict(`call.changed.${call.state}`);
  return call;
}

async function sameIsOut(client: PoolClient, call: StoredCall): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT 1 FROM lesson_call WHERE organization_id = $1 AND standard_guid = $2 AND level_id IS NOT DISTINCT FROM $3
       AND state IN ('open', 'answered') AND id <> $4`,
    [call.organizationId, call.standardGuid, call.levelId, call.id],
  );
  return (rowCount ?? 0) > 0;
}

/** What notices say of a call, and where they lead. */
export const detailOf = (call: StoredCall): Record<string, string> => ({
  call: call.name,
  url: `/calls/${call.id}`,
});
