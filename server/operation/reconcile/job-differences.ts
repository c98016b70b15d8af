import type { Deps } from '../../deps.ts';
import { askWorkers } from '../../imports/run-service.ts';
import { idleRuns } from '../../imports/run-store.ts';
import { giveBackJobs, heldJobs } from '../../platform/job-queue/worker-lease.ts';
import { difference, type Difference } from './difference.ts';

type JobDeps = Pick<Deps, 'pool' | 'log'>;

/** Jobs that nobody does: held by a worker that is gone, given up, or forgotten. */
export async function* jobDifferences(deps: JobDeps): AsyncGenerator<Difference> {
  const { pool, log } = deps;
  const mendHeld = async () => {
    await giveBackJobs(pool, log);
    return true;
  };
  for (const { id, task, worker } of await heldJobs(pool))
    yield difference('jobHeld', id, { task, worker }, { mend: mendHeld });
  const { rows } = await pool.query<{ id: string; task: string; attempts: number; error: string }>(
    `SELECT id::text, task_identifier AS task, attempts, coalesce(last_error, '') AS error FROM graphile_worker.jobs
     WHERE attempts >= max_attempts AND locked_at IS NULL ORDER BY id LIMIT 1000`,
  );
  for (const { id, task, attempts, error } of rows)
    yield difference('jobGivenUp', id, { task, attempts, error: error.slice(0, 200) });
  for (const { id, sourceId, source, door } of await idleRuns(pool)) {
    const mend = async () => {
      await askWorkers(pool, sourceId, door);
      return true;
    };
    yield difference('importWaiting', id, { source }, { mend });
  }
}
