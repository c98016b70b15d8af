import { z } from 'zod';
import { text } from '../../web/parse.ts';
import { FLAG_KINDS } from './flag-kinds.ts';

/** The form that flags a resource or a comment. `mail`: where somebody who isn't signed in wants the answer. */
export const flagForm = z.object({
  kind: z.enum(FLAG_KINDS, 'flag.fault.kind'),
  note: text(2000).pipe(z.string().min(1, 'flag.fault.note')),
  mail: z
    .string()
    .trim()
    .max(320, 'fault.tooLong')
    .refine((value) => value === '' || /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value), 'flag.fault.mail')
    .default(''),
});
export type FlagForm = z.output<typeof flagForm>;
