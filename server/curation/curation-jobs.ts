import { z } from 'zod';
import type { Deps } from '../deps.ts';
import type { Schedule, Tasks } from '../platform/job-queue/worker.ts';
import { lookOver } from './auto/look-over.ts';
import { endLeases, handBackChecks } from './lease-service.ts';

const personPayload = z.object({ personId: z.uuid() });
const lookOverPayload = z.object({ resourceId: z.uuid(), attempt: z.number().int().default(1) });

/** The jobs of this feature, for server/jobs.ts. */
export const curationTasks: Tasks<Deps> = {
  'end-check-leases': async (deps) => endLeases(deps),
  'hand-back-checks': async (deps, payload) =>
    void (await handBackChecks(deps, personPayload.parse(payload).personId)),
  'look-over': async (deps, payload) => {
    const { resourceId, attempt } = lookOverPayload.parse(payload);
    await lookOver(deps, resourceId, attempt);
  },
};

export const curationSchedules: Schedule[] = [{ task: 'end-check-leases', cron: '*/5 * * * *' }];
