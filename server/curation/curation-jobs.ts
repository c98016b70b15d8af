import type { Deps } from '../deps.ts';
import type { Schedule, Tasks } from '../platform/job-queue/worker.ts';
import { endLeases } from './lease-service.ts';

/** The jobs of this feature, for server/jobs.ts. */
export const curationTasks: Tasks<Deps> = {
  'end-check-leases': async (deps) => endLeases(deps),
};

export const curationSchedules: Schedule[] = [{ task: 'end-check-leases', cron: '*/5 * * * *' }];
