import { z } from 'zod';
import type { Deps } from '../../deps.ts';
import type { Tasks } from '../../platform/job-queue/worker.ts';
import { finishPurge } from './purge-rest.ts';

const purgePayload = z.object({ resourceId: z.uuid() });

/** The jobs of this feature, for server/jobs.ts. */
export const purgeTasks: Tasks<Deps> = {
  'purge-rest': async (deps, payload) => {
    await finishPurge(deps, purgePayload.parse(payload).resourceId);
  },
};
