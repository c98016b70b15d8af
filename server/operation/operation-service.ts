import type { PoolClient } from 'pg';
import { audit } from '../audit/audit-service.ts';
import type { Deps } from '../deps.ts';
import type { Origin } from '../lib/origin.ts';
import { withTransaction } from '../platform/database/transaction.ts';

/**
 * Tries jobs that failed again, at once and with all their attempts; a job that is running or gone meanwhile is left alone.
 * @param ids of the queue; null: every job that was given up
 * @returns how many are tried again
 */
export function retryJobs(
  { pool }: Pick<Deps, 'pool'>,
  actorId: string,
  ids: readonly string[] | null,
  origin: Origin,
): Promise<number> {
  return withTransaction(pool, async (client) => {
    const failed = await failedIds(client, ids);
    const { rows } = await client.query<{ task: string }>(
      `SELECT t.identifier AS task FROM graphile_worker.reschedule_jobs($1::bigint[], run_at := now(), attempts := 0) AS j
       JOIN graphile_worker._private_tasks t ON t.id = j.task_id`,
      [failed],
    );
    await note(client, { actorId, action: 'job.retried', tasks: rows.map(({ task }) => task), ids, origin });
    return rows.length;
  });
}

/**
 * Takes a job that was given up out of the queue: nobody wants its work any more.
 * @returns whether it was there and not running
 */
export function dropJob(
  { pool }: Pick<Deps, 'pool'>,
  actorId: string,
  id: string,
  origin: Origin,
): Promise<boolean> {
  return withTransaction(pool, async (client) => {
    const failed = await failedIds(client, [id]);
    const { rows } = await client.query<{ task: string }>(
      `SELECT t.identifier AS task FROM graphile_worker.complete_jobs($1::bigint[]) AS j
       JOIN graphile_worker._private_tasks t ON t.id = j.task_id`,
      [failed],
    );
    await note(client, {
      actorId,
      action: 'job.dropped',
      tasks: rows.map(({ task }) => task),
      ids: [id],
      origin,
    });
    return rows.length > 0;
  });
}

async function failedIds(client: PoolClient, ids: readonly string[] | null): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT id::text FROM graphile_worker.jobs
     WHERE locked_at IS NULL AND last_error IS NOT NULL AND CASE WHEN $1::bigint[] IS NULL THEN attempts >= max_attempts ELSE id = ANY ($1::bigint[]) END`,
    [ids],
  );
  return rows.map(({ id }) => id);
}

async function note(
  client: PoolClient,
  {
    actorId,
    action,
    tasks,
    ids,
    origin,
  }: { actorId: string; action: string; tasks: string[]; ids: readonly string[] | null; origin: Origin },
): Promise<void> {
  if (tasks.length === 0) return;
  await audit(client, {
    actorId,
    action,
    objectType: 'job',
    objectId: ids?.length === 1 ? (ids[0] ?? null) : null,
    detail: { count: tasks.length, tasks: [...new Set(tasks)] },
    ...origin,
  });
}
