import type { Deps } from '../deps.ts';
import type { Schedule, Tasks } from '../platform/job-queue/worker.ts';
import { forgetDeletedCollections } from './collection-removal.ts';

/** The jobs of this feature, for server/jobs.ts. */
export const collectionTasks: Tasks<Deps> = {
  'forget-deleted-collections': async ({ pool, clock }) => {
    await forgetDeletedCollections(pool, clock.now());
  },
};

export const collectionSchedules: Schedule[] = [{ task: 'forget-deleted-collections', cron: '50 3 * * *' }];
