import { z } from 'zod';
import { id, text } from '../../web/parse.ts';

/** Why something must not exist. */
export const PURGE_WHYS = ['student_data', 'copyright', 'safety', 'law'] as const;
export type PurgeWhy = (typeof PURGE_WHYS)[number];

export const purgeParams = z.object({ id });

/** `confirm`: its title, typed once more. */
export const purgeForm = z.object({
  why: z.enum(PURGE_WHYS, 'purge.fault.why'),
  reason: text(500).pipe(z.string().min(1, 'purge.fault.reason')),
  confirm: z.string().max(1000, 'fault.tooLong').default(''),
});
