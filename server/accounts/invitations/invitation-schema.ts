import { z } from 'zod';
import { id, lookedFor, pageNumber } from '../../web/parse.ts';
import { email, name, password } from '../person-fields.ts';
import { ROLES } from '../people-policy.ts';

/** So many addresses are invited at once; longer lists come as a file. */
const MOST_INVITED = 50;

const several = z
  .union([z.string(), z.array(z.string())])
  .optional()
  .transform((value) => [value ?? []].flat());

/** Addresses between line ends, commas or semicolons; also as mail programs write them, `Name <address>`. */
const addresses = z
  .string()
  .max(20_000, 'fault.tooLong')
  .transform((text) => [
    ...new Set(
      text
        .split(/[\r\n,;]+/)
        .map((part) => (/<([^<>]*)>\s*$/.exec(part)?.[1] ?? part).trim())
        .filter((part) => part !== ''),
    ),
  ])
  .superRefine((list, context) => {
    if (list.length === 0) context.addIssue({ code: 'custom', message: 'invite.fault.noAddress' });
    if (list.length > MOST_INVITED) context.addIssue({ code: 'custom', message: 'invite.fault.tooMany' });
  });

export const inviteForm = z.object({
  emails: addresses,
  organization: z.uuid('admin.people.noOrganization').transform((value) => value.toLowerCase()),
  role: several.pipe(z.array(z.enum(ROLES, 'fault.required')).min(1, 'invite.fault.noRole')),
});

/** Whether a mail can be sent to it, in lower case. */
export const readAddress = (text: string): string | undefined => email.safeParse(text).data;

export const invitationParams = z.object({ id });

export const invitationsQuery = z.object({ q: lookedFor, page: pageNumber });

export const acceptForm = z.object({
  token: z.string().max(200).default(''),
  name,
  password,
  again: password,
});
