import type { Pool } from 'pg';
import type { Deps } from '../deps.ts';
import { enqueue, jobPriority } from '../platform/job-queue/job-queue.ts';
import type { Schedule, Tasks } from '../platform/job-queue/worker.ts';
import { refreshNumbers } from './numbers-refresh.ts';

/** The jobs of this feature, for server/jobs.ts. */
export const numbersTasks: Tasks<Deps> = {
  'refresh-numbers': async (deps) => void (await refreshNumbers(deps, new Date(0))),
  // A night that is taken up again leaves out the months that it had done.
  'refresh-all-numbers': async (deps) =>
    void (await refreshNumbers(deps, new Date(deps.clock.now().setUTCHours(0, 0, 0, 0)))),
};

/** Has numbers gathered where there are none yet, however many ask: after an upgrade nobody has to wait for the hour. */
export const gatherFirstNumbers = (pool: Pool): Promise<void> =>
  enqueue(pool, 'refresh-numbers', {}, { jobKey: 'first-numbers', priority: jobPriority.upkeep });

export const numbersSchedules: Schedule[] = [
  { task: 'refresh-numbers', cron: '25 * * * *' },
  { task: 'refresh-all-numbers', cron: '40 2 * * *' },
];
