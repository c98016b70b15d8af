import { z } from 'zod';
import { email, name } from '../../accounts/person-fields.ts';
import { ROLES } from '../../accounts/people-policy.ts';
import { stamp } from '../organization-schema.ts';
import { id, line, list, lookedFor, one, pageNumber } from '../../web/parse.ts';

/** What can't be read counts as not asked for: a list is no place to argue. */
export const peopleQuery = z.object({
  q: lookedFor,
  organization: one.transform((value) => id.safeParse(value).data ?? null),
  role: one.transform((value) => ROLES.find((role) => role === value) ?? null),
  state: one.transform((value) => (value === 'open' || value === 'closed' ? value : null)),
  page: pageNumber,
});

export const personParams = z.object({ id });

export const detailsForm = z.object({
  stamp,
  name,
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
