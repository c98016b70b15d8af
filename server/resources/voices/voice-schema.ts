import { z } from 'zod';
import { text } from '../../web/parse.ts';

/** A comment holds so many characters. */
export const LONGEST_VOICE = 4000;

const body = text(LONGEST_VOICE).pipe(z.string().min(1, 'voice.fault.empty'));
const key = z.string().max(100).optional();

export const newVoiceForm = z.object({
  kind: z.enum(['comment', 'question'], 'voice.fault.kind'),
  body,
  key,
});
export const answerForm = z.object({ body, key });

/** From 1, didn't work, to 5, works as it is. */
const rating = z
  .union([z.literal(''), z.enum(['1', '2', '3', '4', '5'], 'fault.unreadable')])
  .default('')
  .transform((value) => (value === '' ? null : Number(value)));

/** "I used this": a rating has its reason. */
export const useForm = z
  .object({ note: text(2000).default(''), rating, undo: z.string().optional() })
  .refine(({ note, rating: given, undo }) => undo !== undefined || given === null || note !== '', {
    path: ['note'],
    message: 'voice.fault.reason',
  });

export const editForm = z
  .object({ body: text(LONGEST_VOICE), rating })
  .refine(({ body: written }) => written !== '', { path: ['body'], message: 'voice.fault.empty' });

export const removeForm = z.object({ reason: text(500).pipe(z.string().min(1, 'voice.fault.why')) });
