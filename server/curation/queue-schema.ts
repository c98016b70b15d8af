import { z } from 'zod';
import { GRADES } from '../lib/grade.ts';
import { id } from '../web/parse.ts';

/** Why something waits, what presses most first. */
export const WHYS = ['students', 'disputed', 'flagged', 'asked', 'new_version', 'adaptation', 'new'] as const;
export type Why = (typeof WHYS)[number];

export const SHOWS = ['open', 'mine', 'unassigned', 'all'] as const;
export const SORTS = ['oldest', 'used'] as const;

const slug = z.string().max(100).catch('');

/** The filters of the queue as they stand in its address; what can't be read is as if it weren't there. */
export const queueQuery = z.object({
  show: z.enum(SHOWS).catch('open'),
  why: z.enum(['', ...WHYS]).catch(''),
  subject: slug,
  grade: z.enum(['', ...GRADES]).catch(''),
  district: slug,
  framework: slug,
  sort: z.enum(SORTS).catch('oldest'),
  page: z.coerce.number().int().min(1).max(10_000).catch(1),
});
export type QueueFilters = z.infer<typeof queueQuery>;

const plain: QueueFilters = queueQuery.parse({});

/** The query string of the queue with these filters, with its question mark; empty where nothing is filtered. */
export function queueAddress(filters: QueueFilters, more: Partial<QueueFilters> = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...filters, ...more }))
    if (value !== plain[name as keyof QueueFilters]) params.set(name, String(value));
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}

/** Filters that a form sends along: the query string of the queue it was reached from. */
export const backTo = z
  .string()
  .max(1000)
  .default('')
  .transform((text) => queueQuery.parse(Object.fromEntries(new URLSearchParams(text.replace(/^\?/, '')))));

export const queueParams = z.object({ id });
export const claimForm = z.object({ back: backTo });
export const assignForm = z.object({ back: backTo, to: z.union([z.literal(''), id]).default('') });
