import type { PoolClient } from 'pg';
import { audit } from '../audit/audit-service.ts';
import type { Deps } from '../deps.ts';
import { conflict, forbidden, invalid } from '../errors.ts';
import type { Origin } from '../lib/origin.ts';
import { slug as slugOf } from '../lib/slug.ts';
import { isStateStaff, type Viewer } from '../lib/viewer.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import { enqueue } from '../platform/job-queue/job-queue.ts';
import { findTopic, nameIsTaken, planTopic } from './topic-plan.ts';
import { addAncestors, repath } from './topic-writes.ts';
import { planTerm, refuseTaken, TERM_LISTS, type TermKind } from './term-plan.ts';
import {
  freeSlug,
  lockVocabularies,
  moveOne,
  type ChangePlan,
  type Client,
  type Touched,
} from './vocabulary-change.ts';
import type { TermChange, TopicChange } from './vocabulary-schema.ts';

/** A change of one value, as the form or a waiting job has it. */
export type AskedChange =
  | { kind: 'topic'; target: string; change: TopicChange }
  | { kind: TermKind; target: string; change: TermChange };

/** With more resources than these a change is made by a job. */
const MANY = 2000;
/** With more than these the changes of people go first to the index. */
const FEW = 200;

/** Whether so many are left to a job. */
export const isMany = ({ all }: Touched): boolean => all > MANY;

/** What a change would do. @throws 404, 409, 422 as planTopic and planTerm */
export const planChange = (client: Client, asked: AskedChange): Promise<ChangePlan> =>
  asked.kind === 'topic'
    ? planTopic(client, asked.target, asked.change)
    : planTerm(client, asked.kind, asked.target, asked.change);

/**
 * Makes a change that somebody looked at, in one transaction with its marks for the index and its row in the log; one of
 * very many resources becomes a job.
 * @param seen the state that was looked at
 * @returns the plan that was made, and the id of the job's row where it waits
 * @throws 403; 404; 409 when something about it has changed since; 422
 */
export async function makeChange(
  { pool }: Pick<Deps, 'pool'>,
  viewer: Viewer,
  asked: AskedChange & { seen: string },
  origin: Origin,
  many = MANY,
): Promise<{ plan: ChangePlan; waits: string | null }> {
  mayChange(viewer);
  return withTransaction(pool, async (client) => {
    await lockVocabularies(client);
    const plan = await planChange(client, asked);
    if (plan.seen !== asked.seen) throw conflict('vocabulary.changed');
    if (plan.touched.all <= many) {
      await applyPlan(client, plan, { actorId: viewer.id, origin });
      return { plan, waits: null };
    }
    const { rows } = await client.query<{ id: string }>(
      `INSERT INTO vocabulary_change (person_id, kind, target, change, name, seen, origin, resources)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id`,
      [
        viewer.id,
        asked.kind,
        asked.target,
        JSON.stringify(asked.change),
        plan.name,
        plan.seen,
        JSON.stringify(origin),
        plan.touched.all,
      ],
    );
    const id = rows[0]?.id ?? '';
    await enqueue(client, 'change-vocabulary', { changeId: id }, { jobKey: `change-vocabulary:${id}` });
    return { plan, waits: id };
  });
}

/** Makes a planned change on the caller's transaction. */
export async function applyPlan(
  client: PoolClient,
  plan: ChangePlan,
  { actorId, origin }: { actorId: string | null; origin: Origin },
): Promise<void> {
  await plan.apply(client, plan.touched.shelf > FEW ? 1 : 0);
  if (plan.kind === 'topic') await client.query('SELECT order_topics()');
  await audit(client, {
    actorId,
    action: `${plan.kind}.${plan.action}`,
    objectType: plan.kind,
    objectId: plan.target,
    detail: plan.detail,
    ...origin,
  });
}

/** @throws 403 */
export function mayChange(viewer: Viewer): void {
  if (!isStateStaff(viewer, 'admin')) throw forbidden();
}

/**
 * Adds a topic at the end of those beside it.
 * @throws 403; 409 when what it goes under is gone; 422 when the name is taken there
 */
export async function addTopic(
  { pool }: Pick<Deps, 'pool'>,
  viewer: Viewer,
  { name, under, subject }: { name: string; under: string | null; subject: string | null },
  origin: Origin,
): Promise<void> {
  mayChange(viewer);
  await withTransaction(pool, async (client) => {
    await lockVocabularies(client);
    const parent = under === null ? null : await findTopic(client, under);
    if (parent === undefined) throw conflict('topic.gone');
    if (await nameIsTaken(client, name, { under, but: null }))
      throw invalid({ field: 'name', key: 'topic.fault.taken' });
    const words = slugOf(name) || 'topic';
    const slug = await freeSlug(client, { kind: 'topic', table: 'topic' }, [
      words,
      ...(parent ? [slugOf(`${parent.name} ${name}`)] : []),
    ]);
    const { rows } = await client.query<{ id: string }>(
      `INSERT INTO topic (parent_id, name, slug, path, subject_slug, position)
       VALUES ($1, $2, $3, $4, (SELECT slug FROM subject WHERE slug = $5), (SELECT coalesce(max(position), 0) + 1 FROM topic WHERE parent_id IS NOT DISTINCT FROM $1)) RETURNING id`,
      [under, name, slug, parent ? `${parent.path} > ${name}` : name, subject ?? parent?.subject ?? null],
    );
    const id = rows[0]?.id ?? '';
    await client.query('INSERT INTO topic_ancestor (topic_id, ancestor_id, distance) VALUES ($1, $1, 0)', [
      id,
    ]);
    if (parent) await addAncestors(client, id, parent.id);
    await repath(client, id);
    await client.query('SELECT order_topics()');
    await log(
      client,
      viewer,
      { kind: 'topic', id, action: 'added', detail: { name, under: parent?.path ?? null } },
      origin,
    );
  });
}

/** Adds a subject, kind or setting at the end of its list. @throws 403; 422 when the name is taken */
export async function addTerm(
  { pool }: Pick<Deps, 'pool'>,
  viewer: Viewer,
  { kind, name }: { kind: TermKind; name: string },
  origin: Origin,
): Promise<void> {
  mayChange(viewer);
  await withTransaction(pool, async (client) => {
    await lockVocabularies(client);
    const { table } = TERM_LISTS[kind];
    await refuseTaken(client, kind, name, '');
    const slug = await freeSlug(client, { kind, table }, [slugOf(name) || kind]);
    await client.query(
      `INSERT INTO ${table} (slug, name, position) VALUES ($1, $2, (SELECT coalesce(max(position), 0) + 1 FROM ${table}))`,
      [slug, name],
    );
    await log(client, viewer, { kind, id: slug, action: 'added', detail: { name } }, origin);
  });
}

/**
 * Moves a value one place up or down among those beside it; at the end nothing happens. A move says only what stands
 * before what, so two people who move at once both count.
 * @throws 403; 404
 */
export async function moveTerm(
  { pool }: Pick<Deps, 'pool'>,
  viewer: Viewer,
  { kind, target, by }: { kind: TermKind | 'topic'; target: string; by: 'up' | 'down' },
  origin: Origin,
): Promise<void> {
  mayChange(viewer);
  await withTransaction(pool, async (client) => {
    await lockVocabularies(client);
    const { rows } = await (kind === 'topic'
      ? client.query<{ key: string }>(
          `SELECT t.id::text AS key FROM topic t WHERE t.parent_id IS NOT DISTINCT FROM (SELECT parent_id FROM topic WHERE id = $1)
           ORDER BY t.position, plain(t.name), t.id`,
          [target],
        )
      : client.query<{ key: string }>(
          `SELECT slug AS key FROM ${TERM_LISTS[kind].table} ORDER BY position, name`,
        ));
    const list =
      kind === 'topic' ? { table: 'topic', key: 'id' } : { table: TERM_LISTS[kind].table, key: 'slug' };
    const keys = rows.map((row) => row.key);
    if (!(await moveOne(client, list, keys, { which: target, by }))) return;
    if (kind === 'topic') await client.query('SELECT order_topics()');
    await log(client, viewer, { kind, id: target, action: 'ordered', detail: { by } }, origin);
  });
}

const log = (
  client: PoolClient,
  viewer: Viewer,
  { kind, id, action, detail }: { kind: string; id: string; action: string; detail: Record<string, unknown> },
  origin: Origin,
): Promise<void> =>
  audit(client, {
    actorId: viewer.id,
    action: `${kind}.${action}`,
    objectType: kind,
    objectId: id,
    detail,
    ...origin,
  });
