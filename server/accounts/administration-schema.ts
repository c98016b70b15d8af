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

export const personParams = z.object({ id });

const one = z
  .union([z.string(), z.array(z.string())])
  .optional()
  .transform((value) => [value].flat()[0] ?? '');

/** What can't be read is the first page, or everybody: a list is no place to argue. */
export const peopleQuery = z.object({
  q: one.pipe(z.string().transform((value) => value.slice(0, 400))).pipe(line(400)),
  page: one.transform((value) => (/^[1-9]\d{0,8}$/.test(value) ? Number(value) : 1)),
});
