import { z } from 'zod';
import type { Deps } from '../../deps.ts';
import type { Tasks } from '../../platform/job-queue/worker.ts';
import { answerFlag } from './flag-outcome.ts';

const answerPayload = z.object({ flagId: z.uuid() });

/** The jobs of this feature, for server/jobs.ts. */
export const flagTasks: Tasks<Deps> = {
  'flag-answer': async (deps, payload) => answerFlag(deps, answerPayload.parse(payload).flagId),
};
