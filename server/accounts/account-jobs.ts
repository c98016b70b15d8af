import { z } from 'zod';
import type { Deps } from '../deps.ts';
import type { Schedule, Tasks } from '../platform/job-queue/worker.ts';
import { forgetPasswordLinks, mailPasswordChanged, mailPasswordLink } from './password-link-service.ts';

const linkPayload = z.object({
  email: z.string(),
  origin: z.object({ requestId: z.string().nullable(), ip: z.string().nullable() }),
});

const changedPayload = z.object({ personId: z.uuid() });

/** The jobs of this feature, for server/jobs.ts. */
export const accountTasks: Tasks<Deps> = {
  'password-link': async (deps, payload) => mailPasswordLink(deps, linkPayload.parse(payload)),
  'password-changed': async (deps, payload) =>
    mailPasswordChanged(deps, changedPayload.parse(payload).personId),
  'forget-password-links': async ({ pool, clock }) => forgetPasswordLinks(pool, clock.now()),
};

export const accountSchedules: Schedule[] = [{ task: 'forget-password-links', cron: '40 3 * * *' }];
