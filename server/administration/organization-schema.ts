import { z } from 'zod';
import { id, line } from '../web/parse.ts';
import { ORGANIZATION_CHANGES } from './organization-policy.ts';

const one = z
  .union([z.string(), z.array(z.string())])
  .optional()
  .transform((value) => [value].flat()[0] ?? '');

/** The first page, or everything, where it can't be read: a list is no place to argue. */
export const treeQuery = z.object({
  q: one.pipe(z.string().transform((value) => value.slice(0, 400))).pipe(line(400)),
  page: one.transform((value) => (/^[1-9]\d{0,6}$/.test(value) ? Number(value) : 1)),
});

export const organizationParams = z.object({ id });
export const changeParams = z.object({ id, change: z.enum(ORGANIZATION_CHANGES) });

/** What was there when the form was shown. */
const stamp = z.string().max(100).default('');

/** The words of an address: small letters, digits and dashes between them. */
const address = line(80)
  .transform((value) => value.toLowerCase())
  .pipe(z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'organization.badAddress'));

export const renameForm = z.object({
  stamp,
  name: line(200).pipe(z.string().min(1, 'fault.required')),
  slug: address,
});

export const publishingForm = z.object({
  stamp,
  mode: z.enum(['inherit', 'at_once', 'check_first'], 'organization.chooseMode'),
});

export const stampForm = z.object({ stamp });

export const targetForm = z.object({
  stamp,
  to: z.uuid('organization.chooseTarget').transform((value) => value.toLowerCase()),
});
