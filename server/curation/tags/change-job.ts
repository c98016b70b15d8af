import type { PoolClient } from 'pg';
import { z } from 'zod';
import { accountById } from '../../accounts/account-queries.ts';
import type { Deps } from '../../deps.ts';
import { publicViewer, type Viewer } from '../../lib/viewer.ts';
import { withTransaction } from '../../platform/database/transaction.ts';
import type { Schedule, Tasks } from '../../platform/job-queue/worker.ts';
import { untilTaken } from '../../search/index-queue.ts';
import { readVocabularies, type License } from '../../vocabularies/vocabulary-queries.ts';
import { movedTo, type ChangeMove } from './change-states.ts';
import { findChange, type TagChange } from './change-store.ts';
import { tagFacts, type TagFacts } from './tag-facts.ts';
import { OWN, planTags, sameValue, type TagValue, type TagWish } from './tag-plan.ts';
import { unwriteTags, writeTags, type TagWrite } from './tag-writes.ts';

type JobDeps = Pick<Deps, 'pool' | 'clock' | 'search'>;

/** Resources of one transaction: a stop waits no longer than for these. */
const BATCH = 200;
/** More than so many changes let those of people go first to the index. */
const FEW = 200;
/** How long search may lag before a change goes on without it. */
const SEARCH_PATIENCE_MS = 2000;

interface Item {
  resource_id: string;
  before: TagValue;
  after: TagValue;
}

interface Result {
  id: string;
  outcome?: 'changed' | 'same' | 'refused';
  undone?: 'done' | 'left';
  reason: string | null;
}

/**
 * Works on a change, batch after batch, until it is through or somebody stops it. Each batch is one transaction: the
 * resources, their audit rows, the outcome of each. Begun again, it goes on where it was. It is never more than two
 * batches ahead of search, so that each resource is found by its new tags a moment after it has them.
 */
export async function runChange(deps: JobDeps, changeId: string, signal?: AbortSignal): Promise<void> {
  const { licenses } = await readVocabularies(deps.pool);
  let before: string[] = [];
  let searchFollows = true;
  for (;;) {
    signal?.throwIfAborted();
    const change = await findChange(deps.pool, changeId);
    if (!change || (change.state !== 'running' && change.state !== 'undoing')) return;
    const account = change.personId === null ? undefined : await accountById(deps.pool, change.personId);
    const viewer = account?.viewer ?? publicViewer;
    const written = await withTransaction(deps.pool, async (client) => {
      // Whoever stops it waits here, and is obeyed before the next batch.
      const { rows } = await client.query<{ state: string }>(
        'SELECT state FROM tag_change WHERE id = $1 FOR UPDATE',
        [changeId],
      );
      if (rows[0]?.state !== change.state) return [];
      const context = { client, change, viewer, licenses, at: deps.clock.now() };
      return change.state === 'running' ? doBatch(context) : undoBatch(context);
    });
    if (written === null) return;
    if (searchFollows && before.length > 0)
      searchFollows = await untilTaken(deps.pool, deps.search.first.name, SEARCH_PATIENCE_MS, before);
    before = written;
  }
}

interface Context {
  client: PoolClient;
  change: TagChange;
  viewer: Viewer;
  licenses: readonly License[];
  at: Date;
}

/** @returns the ids of what was written; null when there is nothing more to do */
async function doBatch(context: Context): Promise<string[] | null> {
  const { client, change, viewer, licenses } = context;
  const items = await waiting(client, change.id, 'outcome IS NULL');
  if (items.length === 0) return finish(context, 'finish');
  const facts = await tagFacts(
    client,
    items.map((item) => item.resource_id),
    { lock: true },
  );
  const writes: TagWrite[] = [];
  const results = items.map((item): Result => {
    const its = facts.get(item.resource_id);
    const plan = planTags(its, change, viewer, licenses);
    const id = item.resource_id;
    if (plan.outcome === 'refuse') return { id, outcome: 'refused', reason: plan.reason };
    if (!sameValue(plan.before, item.before)) return { id, outcome: 'refused', reason: 'changedSince' };
    if (plan.outcome === 'same' || !its) return { id, outcome: 'same', reason: null };
    writes.push({ facts: its, before: plan.before, after: plan.after });
    return { id, outcome: 'changed', reason: null };
  });
  if (writes.length > 0) {
    await writeTags(client, change, writes, viewer.id ?? '');
    await mendGaps(client, change, writes);
  }
  return note(context, results, writes, 'resource.corrected');
}

/** @returns as `doBatch` */
async function undoBatch(context: Context): Promise<string[] | null> {
  const { client, change } = context;
  const items = await waiting(client, change.id, `outcome = 'changed' AND undone IS NULL`);
  if (items.length === 0) return finish(context, 'finishUndo');
  const facts = await tagFacts(
    client,
    items.map((item) => item.resource_id),
    { lock: true },
  );
  const writes: TagWrite[] = [];
  const results = items.map((item): Result => {
    const its = facts.get(item.resource_id);
    const mine = planTags(its, change, context.viewer, context.licenses);
    const id = item.resource_id;
    if (!its || (mine.outcome === 'refuse' && mine.reason === 'notYours'))
      return { id, undone: 'left', reason: 'notYours' };
    if (!stillStands(its, change, item)) return { id, undone: 'left', reason: 'changedSince' };
    writes.push({ facts: its, before: item.before, after: item.after });
    return { id, undone: 'done', reason: null };
  });
  if (writes.length > 0) {
    await unwriteTags(client, change, writes);
    await client.query('DELETE FROM gap_mended WHERE change_id = $1 AND resource_id = ANY ($2::uuid[])', [
      change.id,
      writes.map((write) => write.facts.id),
    ]);
  }
  return note(context, results, writes, 'resource.correction_undone');
}

/** Whether what the change set is what stands there now. */
function stillStands(facts: TagFacts, { field, value }: TagWish, { before, after }: Item): boolean {
  if (field === 'level') {
    const set = Array.isArray(before) ? before : [];
    const [level = ''] = value;
    return set.every((id) =>
      id === OWN
        ? sameValue(facts.current.levels, [level])
        : facts.claims.some((claim) => claim.id === id && claim.levelId === level && !claim.checked),
    );
  }
  if (field === 'standard')
    return facts.claims.some(
      (claim) =>
        claim.guid === value[0] &&
        (claim.levelId ?? '') === (value[1] ?? '') &&
        claim.byCurator &&
        !claim.checked,
    );
  return sameValue(facts.current[field], after);
}

async function waiting(client: PoolClient, changeId: string, which: string): Promise<Item[]> {
  const { rows } = await client.query<Item>(
    `SELECT resource_id, before, after FROM tag_change_item WHERE change_id = $1 AND ${which} ORDER BY resource_id LIMIT ${BATCH}`,
    [changeId],
  );
  return rows;
}

async function mendGaps(
  client: PoolClient,
  { id, gap }: TagChange,
  writes: readonly TagWrite[],
): Promise<void> {
  if (gap)
    await client.query(
      `INSERT INTO gap_mended (resource_id, field, value, change_id)
       SELECT id, $2, $3, $4 FROM unnest($1::uuid[]) AS id ON CONFLICT DO NOTHING`,
      [writes.map((write) => write.facts.id), gap.field, gap.value, id],
    );
}

/** Outcomes, audit rows and marks for the index; gives back the ids of what was written. */
async function note(
  { client, change, viewer, at }: Context,
  results: readonly Result[],
  writes: readonly TagWrite[],
  action: string,
): Promise<string[]> {
  await client.query(
    `UPDATE tag_change_item i SET outcome = coalesce(n.outcome, i.outcome), undone = coalesce(n.undone, i.undone), reason = n.reason
     FROM json_to_recordset($2::json) AS n (id uuid, outcome text, undone text, reason text)
     WHERE i.change_id = $1 AND i.resource_id = n.id`,
    [change.id, JSON.stringify(results)],
  );
  if (writes.length === 0) return [];
  const ids = writes.map(({ facts }) => facts.id);
  await client.query('UPDATE resource SET updated_at = $2 WHERE id = ANY ($1::uuid[])', [ids, at]);
  await client.query(
    `INSERT INTO audit_event (actor_id, action, object_type, object_id, version, organization_id, detail)
     SELECT $2, $3, 'resource', n.id::text, n.version, n.organization, jsonb_build_object('change', $4::uuid, 'field', $5::text, 'before', n.before, 'after', n.after)
     FROM json_to_recordset($1::json) AS n (id uuid, version integer, organization uuid, before jsonb, after jsonb)`,
    [
      JSON.stringify(
        writes.map(({ facts, before, after }) => ({
          id: facts.id,
          version: facts.number,
          organization: facts.organizationId,
          before,
          after,
        })),
      ),
      viewer.id,
      action,
      change.id,
      change.field,
    ],
  );
  await client.query('SELECT mark_dirty($1::uuid[], $2::smallint)', [ids, change.total > FEW ? 1 : 0]);
  return ids;
}

async function finish({ client, change, at }: Context, move: ChangeMove): Promise<null> {
  const state = movedTo(change.state, move, 'job');
  if (state === undefined) throw new Error(`A change that is ${change.state} can't ${move}`);
  await client.query('UPDATE tag_change SET state = $2, moved_at = $3 WHERE id = $1', [change.id, state, at]);
  return null;
}

const payload = z.object({ changeId: z.uuid() });
/** A preview that nobody acted on is forgotten after so many days; items of what can't be undone any more, too. */
const KEPT_DAYS = 90;

/** The jobs of changes, for server/jobs.ts. */
export const changeTasks: Tasks<Deps> = {
  'change-tags': (deps, body, { signal }) => runChange(deps, payload.parse(body).changeId, signal),
  'tidy-tag-changes': async ({ pool, clock }) =>
    void (await pool.query(
      `DELETE FROM tag_change WHERE (state IN ('planned', 'dropped') AND moved_at < $1::timestamptz - interval '7 days')
         OR moved_at < $1::timestamptz - make_interval(days => $2)`,
      [clock.now(), KEPT_DAYS],
    )),
};

export const changeSchedules: Schedule[] = [{ task: 'tidy-tag-changes', cron: '50 4 * * *' }];
