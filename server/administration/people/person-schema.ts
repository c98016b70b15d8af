import { z } from 'zod';
import { email } from '../../accounts/administration-schema.ts';
import { ROLES } from '../../accounts/people-policy.ts';
import { id, line, list } from '../../web/parse.ts';

const one = z
  .union([z.string(), z.array(z.string())])
  .optional()
  .transform((value) => [value].flat()[0] ?? '');

/** What can't be read counts as not asked for: a list is no place to argue. */
export const peopleQuery = z.object({
  q: one.pipe(z.string().transform((value) => value.slice(0, 400))).pipe(line(400)),
  organization: one.transform((value) => id.safeParse(value).data ?? null),
  role: one.transform((value) => ROLES.find((role) => role === value) ?? null),
  state: one.transform((value) => (value === 'open' || value === 'closed' ? value : null)),
  page: one.transform((value) => (/^[1-9]\d{0,8}$/.test(value) ? Number(value) : 1)),
});

export const personParams = z.object({ id });
const stamp = z.string().max(100).default('');
export const stampForm = z.object({ stamp });

export const detailsForm = z.object({
  stamp,
  name: line(200).pipe(z.string().min(1, 'fault.required')),
  email,
  organization: z.uuid('admin.people.noOrganization').transform((value) => value.toLowerCase()),
});

const organization = z.uuid('person.role.noPlace').transform((value) => value.toLowerCase());
export const roleForm = z.object({ stamp, organization, role: z.enum(ROLES, 'person.role.none') });

export const handOverForm = z.object({
  stamp,
  to: line(254).pipe(z.string().min(1, 'handOver.noReceiver')),
  which: z.enum(['all', 'ticked']).catch('all'),
  item: list(600, 50).transform((ids) => ids.filter((one) => id.safeParse(one).success)),
});
