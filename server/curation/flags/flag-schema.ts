import { z } from 'zod';
import { FLAG_KINDS } from '../../resources/flags/flag-kinds.ts';
import { id, text } from '../../web/parse.ts';

const one = z
  .union([z.string(), z.array(z.string())])
  .optional()
  .transform((value) => [value].flat()[0] ?? '');

export const flagParams = z.object({ id });
export const flagListQuery = z.object({
  show: one.transform((value) => (value === 'decided' ? 'decided' : 'open')),
  kind: one.transform((value) => FLAG_KINDS.find((kind) => kind === value) ?? null),
  page: one.transform((value) => Math.max(1, Math.min(Number.parseInt(value, 10) || 1, 10_000))),
});

/** `version`: the one that stood on the shelf when the page was shown. */
export const decideForm = z.object({
  move: z.enum(['dismiss', 'mend', 'take_down', 'reopen'], 'flag.fault.move'),
  note: text(2000).default(''),
  version: z.coerce.number().int().min(0).max(100_000).catch(0),
});

export const liftForm = z.object({ reason: text(500).pipe(z.string().min(1, 'takedown.fault.reason')) });
