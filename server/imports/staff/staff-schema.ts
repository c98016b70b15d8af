import { z } from 'zod';
import { id, list } from '../../web/parse.ts';
import { OUTCOMES } from './staff-view.ts';

/** The longest list that can be pasted, in characters: some ten thousand rows. */
export const MOST_PASTED = 1_500_000;

export const staffForm = z.object({
  organization: z.uuid('staff.fault.whose').optional(),
  pasted: z.string().max(MOST_PASTED, 'fault.tooLong').default(''),
});

export const applyForm = z.object({
  digest: z.string().max(64).default(''),
  close: list(2000, 40),
});

export const staffParams = z.object({ id });

const one = z
  .union([z.string(), z.array(z.string())])
  .optional()
  .transform((value) => [value].flat()[0]);

export const staffQuery = z.object({
  show: one.transform((value) => OUTCOMES.find((outcome) => outcome === value)),
  page: one.transform((value) => (/^[1-9]\d{0,6}$/.test(value ?? '') ? Number(value) : 1)),
});
