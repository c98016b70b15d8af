import { z } from 'zod';
import type { Deps } from '../deps.ts';
import type { Schedule, Tasks } from '../platform/job-queue/worker.ts';
import { forgetFarLimits } from '../web/rate-limit.ts';
import { mailInvitation } from './invitations/invitation-mail.ts';
import { forgetInvitations } from './invitations/invitation-service.ts';
import { forgetRegistrationLinks, mailRegistration } from './registration/registration-service.ts';
import {
  forgetPasswordLinks,
  mailAddressChanged,
  mailPasswordChanged,
  mailPasswordLink,
} from './password-link-service.ts';

const linkPayload = z.object({
  email: z.string(),
  origin: z.object({ requestId: z.string().nullable(), ip: z.string().nullable() }),
});

const invitationPayload = z.object({ id: z.uuid() });

const registrationPayload = z.object({ email: z.string() });
const addressPayload = z.object({ to: z.string(), name: z.string() });
const changedPayload = z.object({ personId: z.uuid() });

/** The jobs of this feature, for server/jobs.ts. */
export const accountTasks: Tasks<Deps> = {
  'password-link': async (deps, payload) => mailPasswordLink(deps, linkPayload.parse(payload)),
  'address-changed': async (deps, payload) => mailAddressChanged(deps, addressPayload.parse(payload)),
  'password-changed': async (deps, payload) =>
    mailPasswordChanged(deps, changedPayload.parse(payload).personId),
  'invitation-mail': async (deps, payload) => mailInvitation(deps, invitationPayload.parse(payload).id),
  'registration-link': async (deps, payload) =>
    mailRegistration(deps, registrationPayload.parse(payload).email),
  'forget-registration-links': async (deps) => forgetRegistrationLinks(deps),
  'forget-invitations': async (deps) => forgetInvitations(deps),
  'forget-password-links': async ({ pool, clock }) => forgetPasswordLinks(pool, clock.now()),
  'forget-far-limits': async ({ pool, clock }) => forgetFarLimits(pool, clock.now()),
};

export const accountSchedules: Schedule[] = [
  { task: 'forget-password-links', cron: '40 3 * * *' },
  { task: 'forget-far-limits', cron: '*/15 * * * *' },
  { task: 'forget-invitations', cron: '42 3 * * *' },
  { task: 'forget-registration-links', cron: '44 3 * * *' },
];
