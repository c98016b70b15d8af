import { z } from 'zod';
import { line } from '../web/parse.ts';

/** How often a person is told by mail of what is new in a saved search. */
export const MAIL_RHYTHMS = ['never', 'daily', 'weekly'] as const;
export type MailRhythm = (typeof MAIL_RHYTHMS)[number];

const mail = z.enum(MAIL_RHYTHMS).catch('never');

/** The form under a search that keeps it; `search` is the query string. */
export const saveSearchForm = z.object({
  search: z.string().max(20_000, 'fault.tooLong').default(''),
  name: line(120).default(''),
  mail,
});

export const changeSearchForm = z.object({ name: line(120).default(''), mail });

/** The form that asks for what a search didn't find. */
export const askForm = z.object({
  search: z.string().max(20_000, 'fault.tooLong').default(''),
  note: line(500).default(''),
});
