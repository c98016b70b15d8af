import { z } from 'zod';
import type { Deps } from '../deps.ts';
import type { Schedule, Tasks } from '../platform/job-queue/worker.ts';
import { driveSource } from './drive-source.ts';
import { askWorkers, importTask, tidyRuns } from './run-service.ts';
import { forgetStaff } from './staff/staff-service.ts';
import { tidyUploads } from './upload-service.ts';
import { openSources } from './run-store.ts';

const payloadSchema = z.object({ sourceId: z.uuid() });

/** The jobs of this feature, for server/jobs.ts. */
export const importTasks: Tasks<Deps> = {
  [importTask]: async (deps, payload, { signal }) =>
    void (await driveSource(deps, payloadSchema.parse(payload).sourceId, { signal })),
  'resume-imports': async ({ pool }) => {
    for (const { id, door } of await openSources(pool)) await askWorkers(pool, id, door);
  },
  'tidy-imports': async (deps) => {
    await tidyRuns(deps);
    await tidyUploads(deps);
    await forgetStaff(deps);
  },
};

/** A run whose process was killed is taken up by whichever worker looks next. */
export const importSchedules: Schedule[] = [
  { task: 'resume-imports', cron: '* * * * *' },
  { task: 'tidy-imports', cron: '20 4 * * *' },
];
