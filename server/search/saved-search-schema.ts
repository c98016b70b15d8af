import { z } from 'zod';
import { line } from '../web/parse.ts';
import { parametersOf } from './opened-from-search.ts';
import { changed, searchUrl } from './search-address.ts';
import { readSearch, type SearchParams } from './search-schema.ts';

/** How often a person is told by mail of what is new in a saved search. */
export const MAIL_RHYTHMS = ['never', 'daily', 'weekly'] as const;
export type MailRhythm = (typeof MAIL_RHYTHMS)[number];

/** Addresses are indexed, and PostgreSQL's index takes no longer ones. */
export const LONGEST_ADDRESS = 2000;

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

/** The parameters in an address of ours, or in its query string alone. */
export const paramsOfAddress = (address: string): SearchParams =>
  readSearch(parametersOf(new URLSearchParams(address.replace(/^[^?]*\?/, '')))).params;

/** The one address of a search that is kept: without its page, and without a collection, which may be someone else's. */
export const keptAddress = (params: SearchParams): string => searchUrl(changed(params, { collection: null }));
