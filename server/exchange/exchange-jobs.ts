import type { Deps } from '../deps.ts';
import type { Schedule, Tasks } from '../platform/job-queue/worker.ts';
import { tidyAnswers } from './idempotency.ts';

/** The jobs of this feature, for server/jobs.ts. */
export const exchangeTasks: Tasks<Deps> = {
  'tidy-api-answers': ({ pool }) => tidyAnswers(pool),
};

export const exchangeSchedules: Schedule[] = [{ task: 'tidy-api-answers', cron: '35 4 * * *' }];
