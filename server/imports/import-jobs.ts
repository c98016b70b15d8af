import { z } from 'zod';
import type { Deps } from '../deps.ts';
import type { Schedule, Tasks } from '../platform/job-queue/worker.ts';
import { hasRoom } from '../files/disk-room.ts';
import { noOrigin } from '../lib/origin.ts';
import { driveSource } from './drive-source.ts';
import { askWorkers, importTask, resumeRun, tidyRuns } from './run-service.ts';
import { forgetStaff } from './staff/staff-service.ts';
import { tidyUploads } from './upload-service.ts';
import { openSources, runsWaitingForRoom } from './run-store.ts';

const payloadSchema = z.object({ sourceId: z.uuid() });

/** The jobs of this feature, for server/jobs.ts. */
export const importTasks: Tasks<Deps> = {
  [importTask]: async (deps, payload, { signal }) =>
    void (await driveSource(deps, payloadSchema.parse(payload).sourceId, { signal })),
  'resume-imports': async (deps) => {
    const { pool } = deps;
    await resumeWithRoom(deps);
    for (const { id, door } of await openSources(pool)) await askWorkers(pool, id, door);
  },
  'tidy-imports': async (deps) => {
    await tidyRuns(deps);
    await tidyUploads(deps);
    await forgetStaff(deps);
  },
};

/** Runs that waited for room on the disk go on as soon as there is some. */
async function resumeWithRoom(deps: Deps): Promise<void> {
  const waiting = await runsWaitingForRoom(deps.pool);
  if (waiting.length === 0 || !(await hasRoom(deps))) return;
  for (const runId of waiting) await resumeRun(deps, { runId, personId: null, work: true }, noOrigin);
}

/** A run whose process was killed is taken up by whichever worker looks next. */
export const importSchedules: Schedule[] = [
  { task: 'resume-imports', cron: '* * * * *' },
  { task: 'tidy-imports', cron: '20 4 * * *' },
];
