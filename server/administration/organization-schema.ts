import { z } from 'zod';
import { name } from '../accounts/person-fields.ts';
import { id, line, lookedFor, pageNumber } from '../web/parse.ts';
import { ORGANIZATION_CHANGES } from './organization-policy.ts';

export const treeQuery = z.object({ q: lookedFor, page: pageNumber });

/** A district, or a school of one (`districtId`), that is made. */
export const organizationForm = z
  .object({ kind: z.enum(['district', 'school'], 'fault.required'), name, district: z.string().optional() })
  .transform((form, context) => {
    if (form.kind === 'district') return { kind: form.kind, name: form.name };
    const district = id.safeParse(form.district);
    if (district.success) return { kind: form.kind, name: form.name, districtId: district.data };
    context.addIssue({ code: 'custom', path: ['district'], message: 'admin.organizations.noDistrict' });
    return z.NEVER;
  });

export const organizationParams = z.object({ id });
export const changeParams = z.object({ id, change: z.enum(ORGANIZATION_CHANGES) });

/** What was there when the form was shown. */
export const stamp = z.string().max(100).default('');

/** The words of an address: small letters, digits and dashes between them. */
const address = line(80)
  .transform((value) => value.toLowerCase())
  .pipe(z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'organization.badAddress'));

export const renameForm = z.object({
  stamp,
  name,
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
