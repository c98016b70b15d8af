import type { PoolClient } from 'pg';
import type { Deps } from '../deps.ts';
import { conflict, forbidden, invalid, notFound } from '../errors.ts';
import type { Origin } from '../lib/origin.ts';
import type { Viewer } from '../lib/viewer.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import { enqueue } from '../platform/job-queue/job-queue.ts';
import { loadForCheck, type CheckedResource } from './check-facts-queries.ts';
import { moveCheck } from './check-machine.ts';
import { tellAuthors, tellCheckers } from './check-notices.ts';
import { checkPower, isAuthorOf, mayConverse, mayDispute } from './check-policy.ts';
import { log } from './lease-service.ts';

type Needs = Pick<Deps, 'pool' | 'clock'>;
type Said = { resourceId: string; text: string };
type Kind = 'answer' | 'dispute' | 'asked';

/** So much may one person say about one resource in an hour. */
const AN_HOUR = 30;

/** Answers in the conversation about a check. @throws 404 for whoever has no part in it, 422 without words */
export async function answerCheck(deps: Needs, viewer: Viewer, said: Said, origin: Origin): Promise<void> {
  if (said.text === '') throw invalid({ field: 'text', key: 'thread.fault.empty' });
  await inConversation(deps, viewer, said.resourceId, async (client, resource) => {
    await write(client, viewer, resource, 'answer', said.text, deps.clock.now());
    await tellOthers(client, viewer, resource, 'check.answered');
    await log(client, viewer, resource, 'check.answered', origin);
  });
}

/**
 * Asks for a check, or for another one: it waits from now on. Asking twice is asking once.
 * @throws 404, 409 where it isn't on the shelf or a dispute is open
 */
export async function askForCheck(deps: Needs, viewer: Viewer, said: Said, origin: Origin): Promise<void> {
  await inConversation(deps, viewer, said.resourceId, async (client, resource) => {
    if (resource.state !== 'published') throw conflict('thread.notOnShelf', { title: resource.title });
    if (resource.wait?.whys.includes('asked')) return;
    const now = deps.clock.now();
    await client.query(`SELECT ask_check($1, 'asked', $2)`, [resource.id, now]);
    await enqueue(client, 'look-over', { resourceId: resource.id }, { jobKey: `look-over:${resource.id}` });
    await write(client, viewer, resource, 'asked', said.text, now);
    if (said.text !== '') await tellOthers(client, viewer, resource, 'check.answered');
    await log(client, viewer, resource, 'check.asked', origin);
  });
}

/**
 * Says that somebody doesn't agree with a decision, and why: everybody sees that it is disputed until a lead settles it.
 * @throws 404, 403 where they may not, 409 where nothing was decided (any more), 422 without a reason
 */
export async function disputeCheck(deps: Needs, viewer: Viewer, said: Said, origin: Origin): Promise<void> {
  if (said.text === '') throw invalid({ field: 'text', key: 'thread.fault.reason' });
  await inConversation(deps, viewer, said.resourceId, async (client, resource) => {
    if (resource.state !== 'published') throw conflict('thread.notOnShelf', { title: resource.title });
    const part = isAuthorOf(viewer, resource)
      ? 'author'
      : checkPower(viewer, resource)?.lead
        ? 'lead'
        : 'curator';
    const state = moveCheck(resource.check.state, 'dispute', part);
    if (state === null) throw conflict('thread.nothingToDispute', { title: resource.title });
    if (!mayDispute(viewer, resource, resource.check)) throw forbidden('thread.ownDecision');
    const now = deps.clock.now();
    await client.query('UPDATE resource SET check_state = $2 WHERE id = $1', [resource.id, state]);
    // What the decision found wanting is in dispute; what it found to fit isn't.
    await client.query(
      `UPDATE alignment SET check_state = 'disputed' WHERE resource_id = $1 AND to_version IS NULL AND check_state = 'returned'`,
      [resource.id],
    );
    await client.query(`SELECT ask_check($1, 'disputed', $2)`, [resource.id, now]);
    await client.query('SELECT mark_dirty(ARRAY[$1::uuid])', [resource.id]);
    await write(client, viewer, resource, 'dispute', said.text, now);
    await tellCheckers(client, viewer, resource, 'check.disputed');
    if (part !== 'author') await tellAuthors(client, viewer, resource, 'check.disputed');
    await log(client, viewer, resource, 'check.disputed', origin);
  });
}

async function inConversation(
  { pool, clock }: Needs,
  viewer: Viewer,
  resourceId: string,
  work: (client: PoolClient, resource: CheckedResource) => Promise<void>,
): Promise<void> {
  await withTransaction(pool, async (client) => {
    const resource = await loadForCheck(client, viewer, resourceId, { now: clock.now(), lock: true });
    if (!mayConverse(viewer, resource)) throw notFound();
    await work(client, resource);
  });
}

async function write(
  client: PoolClient,
  viewer: Viewer,
  resource: CheckedResource,
  kind: Kind,
  text: string,
  at: Date,
): Promise<void> {
  const { rows } = await client.query<{ said: number }>(
    `SELECT count(*)::int AS said FROM check_message WHERE resource_id = $1 AND person_id = $2 AND created_at > $3::timestamptz - interval '1 hour'`,
    [resource.id, viewer.id, at],
  );
  if ((rows[0]?.said ?? 0) >= AN_HOUR) throw invalid({ field: 'text', key: 'thread.fault.much' });
  await client.query(
    `INSERT INTO check_message (resource_id, person_id, kind, staff, text, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
    [resource.id, viewer.id, kind, !isAuthorOf(viewer, resource), text, at],
  );
}

async function tellOthers(
  client: PoolClient,
  viewer: Viewer,
  resource: CheckedResource,
  kind: 'check.answered',
): Promise<void> {
  if (!isAuthorOf(viewer, resource)) await tellAuthors(client, viewer, resource, kind);
  await tellCheckers(client, viewer, resource, kind);
}
