import { z } from 'zod';
import { id, line, text } from '../web/parse.ts';

/** From a rung or from what somebody asked for to a new call. */
export const newCallQuery = z.object({
  standard: z.string().max(200).optional().catch(undefined),
  level: z.string().max(100).optional().catch(undefined),
  ask: z.uuid().optional().catch(undefined),
});

const lastDay = z
  .string()
  .transform((value) => value.trim())
  .pipe(z.union([z.literal(''), z.iso.date('call.fault.date')], 'call.fault.date'))
  .transform((value) => (value === '' ? null : value));

/** What a call says; `closesOn` as `2026-12-24`, null for none. */
const said = { words: text(1000).default(''), closesOn: lastDay.default(null) };

export const newCallForm = z.object({
  standard: line(200).default(''),
  level: z.string().max(100).default(''),
  organization: z.uuid().optional().catch(undefined),
  ask: z.uuid().optional().catch(undefined),
  ...said,
});

const revision = z.coerce.number().int().min(0);

export const changeCallForm = z.object({ revision, ...said });

/** What staff do with a call by a button. */
export const moveCallForm = z.object({
  revision,
  move: z.enum(['accept', 'close', 'reopen']),
  note: text(1000).default(''),
});
export const refuseForm = z.object({ revision });

export const callParams = z.object({ id });
export const answerParams = z.object({ id, resource: id });
