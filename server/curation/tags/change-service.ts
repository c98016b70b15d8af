import type { PoolClient } from 'pg';
import { audit } from '../../audit/audit-service.ts';
import type { Deps } from '../../deps.ts';
import { conflict, forbidden, invalid, notFound } from '../../errors.ts';
import type { Origin } from '../../lib/origin.ts';
import { isEducator, isStateStaff, type Viewer } from '../../lib/viewer.ts';
import { withTransaction } from '../../platform/database/transaction.ts';
import { enqueue } from '../../platform/job-queue/job-queue.ts';
import { readVocabularies } from '../../vocabularies/vocabulary-queries.ts';
import { CURATORS } from '../curators.ts';
import { movedTo, type ChangeMove, type ChangeState } from './change-states.ts';
import { tagFacts } from './tag-facts.ts';
import type { GapField } from './tag-kinds.ts';
import { planTags, type TagWish } from './tag-plan.ts';
import { tagIds, type TagFilter } from './tag-queries.ts';

type ChangeDeps = Pick<Deps, 'pool' | 'clock'>;

/** More than this at once nobody looks through. */
export const MOST_RESOURCES = 20_000;
/** A change may be taken back for so long. */
const UNDO_DAYS = 30;
const BATCH = 1000;

/** What somebody wants to set, and in which resources: ticked ones, or all that a filter means. */
export interface PlannedChange {
  wish: TagWish;
  chosen: { ids: readonly string[] } | { filter: TagFilter };
  gap: { field: GapField; value: string } | null;
}

/**
 * Plans a change: which resources it means is written down, and what it would do with each. Nothing is set yet.
 * @returns the id of the change, for its preview
 * @throws 422 where nothing is chosen, or too much
 */
export async function planChange(
  { pool, clock }: ChangeDeps,
  viewer: Viewer,
  { wish, chosen, gap }: PlannedChange,
  origin: Origin,
): Promise<string> {
  if (!isEducator(viewer)) throw forbidden();
  const { licenses } = await readVocabularies(pool);
  return withTransaction(pool, async (client) => {
    const ids = 'ids' in chosen ? chosen.ids : await tagIds(client, chosen.filter, MOST_RESOURCES + 1);
    if (ids.length === 0) throw invalid({ field: 'which', key: 'tags.fault.none' });
    if (ids.length > MOST_RESOURCES)
      throw invalid({ field: 'which', key: 'tags.fault.tooMany', params: { max: MOST_RESOURCES } });
    const { rows } = await client.query<{ id: string }>(
      `INSERT INTO tag_change (person_id, field, mode, value, gap, made_at, moved_at) VALUES ($1, $2, $3, $4, $5, $6, $6) RETURNING id`,
      [viewer.id, wish.field, wish.mode, JSON.stringify(wish.value), gap && JSON.stringify(gap), clock.now()],
    );
    const changeId = rows[0]!.id;
    for (let from = 0; from < ids.length; from += BATCH) {
      const some = ids.slice(from, from + BATCH);
      const facts = await tagFacts(client, some);
      const items = some.flatMap((id) => {
        const its = facts.get(id);
        if (!its) return [];
        const plan = planTags(its, wish, viewer, licenses);
        return [
          {
            resource_id: id,
            planned: plan.outcome,
            reason: plan.outcome === 'refuse' ? plan.reason : null,
            before: plan.before,
            after: plan.outcome === 'change' ? plan.after : null,
          },
        ];
      });
      await client.query(
        `INSERT INTO tag_change_item (change_id, resource_id, planned, reason, before, after)
         SELECT $1, resource_id, planned, reason, before, after
         FROM json_to_recordset($2::json) AS n (resource_id uuid, planned text, reason text, before jsonb, after jsonb)
         ON CONFLICT DO NOTHING`,
        [changeId, JSON.stringify(items)],
      );
    }
    await log(client, viewer.id, changeId, 'tag_change.planned', origin);
    return changeId;
  });
}

/** Whose change one may see and move: one's own; staff of the state every one. */
export const mayMoveChange = (viewer: Viewer, { personId }: { personId: string | null }): boolean =>
  (viewer.id !== null && personId === viewer.id) || isStateStaff(viewer, ...CURATORS);

/**
 * Starts, stops, drops or takes back a change. Whoever starts or takes back does it in their own name: what they may not
 * curate is left as it is.
 * @throws 404; 409 when its state has no such move, or it is too old to be taken back
 */
export async function moveChangeByStaff(
  { pool, clock }: ChangeDeps,
  viewer: Viewer,
  { changeId, move }: { changeId: string; move: Exclude<ChangeMove, 'finish' | 'finishUndo'> },
  origin: Origin,
): Promise<void> {
  await withTransaction(pool, async (client) => {
    const { rows } = await client.query<{ state: ChangeState; personId: string | null; madeAt: Date }>(
      'SELECT state, person_id AS "personId", made_at AS "madeAt" FROM tag_change WHERE id = $1 FOR UPDATE',
      [changeId],
    );
    const [change] = rows;
    if (!change || !mayMoveChange(viewer, change)) throw notFound();
    const state = movedTo(change.state, move, 'staff');
    if (state === undefined) throw conflict(`tags.notNow.${change.state}`);
    const now = clock.now();
    if (move === 'undo' && now.getTime() - change.madeAt.getTime() > UNDO_DAYS * 86_400_000)
      throw conflict('tags.tooOldToUndo', { days: UNDO_DAYS });
    await client.query(
      `UPDATE tag_change SET state = $2, moved_at = $3, person_id = CASE WHEN $4 THEN $5 ELSE person_id END WHERE id = $1`,
      [changeId, state, now, move === 'start' || move === 'undo', viewer.id],
    );
    await log(client, viewer.id, changeId, `tag_change.${PAST[move]}`, origin);
    if (state === 'running' || state === 'undoing')
      await enqueue(client, 'change-tags', { changeId }, { jobKey: `change-tags:${changeId}` });
  });
}

const PAST = { start: 'started', stop: 'stopped', drop: 'dropped', undo: 'undo_begun' } as const;

const log = (client: PoolClient, actorId: string | null, id: string, action: string, origin: Origin) =>
  audit(client, { actorId, action, objectType: 'tag_change', objectId: id, ...origin });
