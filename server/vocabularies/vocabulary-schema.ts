import { z } from 'zod';
import { id, line, ticked } from '../web/parse.ts';

/** The name of a value: one line without the sign that parts the steps of a topic's path. */
const termName = line(120)
  .pipe(z.string().min(1, 'fault.required'))
  .refine((name) => !name.includes('>'), 'vocabulary.fault.arrow');

const slug = z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'vocabulary.fault.choose');
const orNone = <T extends z.ZodType>(schema: T) =>
  z.union([z.literal('').transform(() => null), schema]).default(null);

/** What is to become of a topic. */
export const topicChange = z.discriminatedUnion(
  'what',
  [
    z.object({ what: z.literal('rename'), name: termName, subject: orNone(slug) }),
    z.object({ what: z.literal('move'), under: orNone(z.uuid('vocabulary.fault.choose')) }),
    z.object({ what: z.literal('merge'), into: z.uuid('vocabulary.fault.choose') }),
    z.object({ what: z.literal('remove') }),
  ],
  'fault.unreadable',
);
export type TopicChange = z.output<typeof topicChange>;

/** What is to become of a subject, a kind or a setting. */
export const termChange = z.discriminatedUnion(
  'what',
  [
    z.object({ what: z.literal('rename'), name: termName }),
    z.object({ what: z.literal('merge'), into: slug }),
    z.object({ what: z.literal('retire') }),
    z.object({ what: z.literal('offer') }),
    z.object({ what: z.literal('remove') }),
  ],
  'fault.unreadable',
);
export type TermChange = z.output<typeof termChange>;

/** A new topic. */
export const newTopic = z.object({
  name: termName,
  under: orNone(z.uuid('vocabulary.fault.choose')),
  subject: orNone(slug),
});
/** A new subject, kind or setting. */
export const newTerm = z.object({ name: termName });

/** Beside a change: whether its preview was confirmed, and which state the preview showed. */
export const confirmation = z.object({
  sure: ticked,
  seen: z.string().max(64).default(''),
});
export const topicParams = z.object({ id });
export const termParams = z.object({ slug });

/** Which way a button of an ordered list moves. */
export const moveForm = z.object({ by: z.enum(['up', 'down']) });
