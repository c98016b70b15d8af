import { z } from 'zod';
import { id, list, one, pageNumber } from '../../web/parse.ts';
import { OUTCOMES } from './staff-view.ts';

/** The longest list that can be pasted, in characters: some ten thousand rows. */
export const MOST_PASTED = 1_500_000;

export const staffForm = z.object({
  organization: z.uuid().optional().catch(undefined),
  pasted: z.string().max(MOST_PASTED, 'fault.tooLong').default(''),
});

export const applyForm = z.object({
  digest: z.string().max(64).default(''),
  close: list(2000, 40),
});

export const staffParams = z.object({ id });

export const staffQuery = z.object({
  show: one.transform((value) => OUTCOMES.find((outcome) => outcome === value)),
  page: pageNumber,
});
