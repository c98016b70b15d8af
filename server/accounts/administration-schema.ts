import { z } from 'zod';
import { id, line } from '../web/parse.ts';

const name = line(200).pipe(z.string().min(1, 'fault.required'));

/** An address that mail can go to, in lower case. */
export const email = line(254)
  .transform((value) => value.toLowerCase())
  .pipe(z.email('admin.people.badEmail'));

export const organizationForm = z
  .object({ kind: z.enum(['district', 'school'], 'fault.required'), name, district: z.string().optional() })
  .transform((form, context) => {
    if (form.kind === 'district') return { kind: form.kind, name: form.name };
    const district = id.safeParse(form.district);
    if (district.success) return { kind: form.kind, name: form.name, districtId: district.data };
    context.addIssue({ code: 'custom', path: ['district'], message: 'admin.organizations.noDistrict' });
    return z.NEVER;
  });
