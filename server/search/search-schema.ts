import { z } from 'zod';
import type { FieldFault } from '../errors.ts';
import { GRADES, parseGrades } from '../lib/grade.ts';
import { asList, asNumber, asText } from '../web/api-parameter.ts';
import { cleanText, list } from '../web/parse.ts';
import { foldedWords, foldText, phraseEnd, queryTokens } from './reading/query-tokens.ts';
import { CHECKED_VALUES, FACETS, MINUTES_BUCKETS, searchFilters, type SearchFilters } from './search-port.ts';
import type { FacetName, Sort } from './search-view.ts';

/** A search as it stands in an address: read, but nothing looked up yet. `standard` may hold codes. */
export interface SearchParams {
  q: string;
  filters: SearchFilters;
  /** The id of a collection. */
  collection: string | null;
  sort: Sort;
  page: number;
  /** Nothing is read from the words: no code, no filter. */
  literal: boolean;
  /** Parts of `q` that are looked for as words, whatever could be read from them; folded, in order. */
  words: string[];
}

export const SORTS = ['best', 'newest', 'used', 'title', 'shortest'] as const satisfies readonly Sort[];

/** Longer queries are cut; engines read the first ten words only. */
const MAX_Q = 500;
const MAX_VALUES = 50;

const onlyFirst = z
  .union([z.string(), z.array(z.string())])
  .optional()
  .transform((value) => (Array.isArray(value) ? value[0] : value)?.trim());
const values = list(MAX_VALUES, 100);

/** What each filter takes, for the API's own description. */
const meaning: Record<FacetName, ReturnType<typeof asList>> = {
  level: asList('Competency level, by slug. With a standard, one alignment has both.'),
  standard: asList('Code in any spelling, or GUID of a standard or framework; with everything below it.'),
  grade: asList('Other spellings are understood.', { values: GRADES }),
  subject: asList('Content area, by slug.'),
  topic: asList('Topic, by slug; with everything below it.'),
  type: asList('Kind of resource, by slug.'),
  checked: asList('Who checked it.', { values: CHECKED_VALUES }),
  license: asList('License, by its code (SPDX where there is one).'),
  language: asList('Language, by its BCP 47 code; the region is ignored.'),
  district: asList('District, by slug.'),
  setting: asList('Where it is used, by slug.'),
  minutes: asList('15: at most 15 minutes; 30: 16 to 30; and so on.', { values: MINUTES_BUCKETS }),
};

/** The parameters of a search as they stand in an address. */
export const searchQuery = z.object({
  q: z
    .union([z.string(), z.array(z.string())])
    .optional()
    .transform((value) => readQ(Array.isArray(value) ? value.join(' ') : (value ?? '')))
    .meta(
      asText('Words, "phrases", -without, and codes of standards in any spelling.', { example: 'fractions' }),
    ),
  ...(Object.fromEntries(FACETS.map((facet) => [facet, values.meta(meaning[facet])])) as Record<
    FacetName,
    typeof values
  >),
  collection: onlyFirst.meta(asText('Only what is in this collection, by its id.')),
  sort: onlyFirst.meta(asText('“best” unless told.', { values: SORTS })),
  page: onlyFirst.meta(
    asNumber('A page has 20 hits; the first 2,000 hits can be paged through.', { minimum: 1 }),
  ),
  read: onlyFirst.meta(
    asText('“words”: nothing is read from the words, neither codes nor filters.', { values: ['words'] }),
  ),
  words: values.meta(
    asList('A part of `q` that is searched for as words, though a code or filter could be read from it.', {
      example: '3rd grade',
    }),
  ),
});

/**
 * Reads the public search parameters (DESIGN §5), from a page's address or the API's. Never throws: what can't be read
 * is named in `faults` and left out, the rest is searched for. A repeated parameter means *or* within it.
 */
export function readSearch(input: unknown): { params: SearchParams; faults: FieldFault[] } {
  const parsed = searchQuery.parse(isRecord(input) ? input : {});
  const faults: FieldFault[] = [];
  const fault = (field: string, text: string): void => {
    faults.push({ field, key: 'search.fault.value', params: { name: field, text: text.slice(0, 40) } });
  };
  const grades = parseGrades(parsed.grade);
  for (const text of grades.unknown.slice(0, 3)) fault('grade', text);
  const oneOf = (field: 'checked' | 'minutes', allowed: readonly string[]): string[] => {
    for (const text of parsed[field].filter((value) => !allowed.includes(value)).slice(0, 3))
      fault(field, text);
    return parsed[field].filter((value) => allowed.includes(value));
  };
  const filters = searchFilters({
    ...Object.fromEntries(FACETS.map((facet) => [facet, parsed[facet]])),
    grade: grades.grades,
    checked: oneOf('checked', CHECKED_VALUES),
    minutes: oneOf('minutes', MINUTES_BUCKETS),
    language: parsed.language.map((tag) => tag.toLowerCase().split('-', 1)[0] ?? ''),
  });
  const page = readPage(parsed.page);
  if (page === null) fault('page', parsed.page ?? '');
  const sort = parsed.sort === undefined || parsed.sort === '' ? 'best' : parsed.sort;
  if (!isSort(sort)) fault('sort', sort);
  const collection = parsed.collection === undefined || parsed.collection === '' ? null : parsed.collection;
  const isId = collection === null || z.uuid().safeParse(collection).success;
  if (!isId) fault('collection', collection ?? '');
  return {
    params: {
      q: parsed.q,
      filters,
      collection: isId ? (collection?.toLowerCase() ?? null) : null,
      sort: isSort(sort) ? sort : 'best',
      page: page ?? 1,
      literal: parsed.read === 'words',
      words: parsed.read === 'words' ? [] : keptWords(parsed.q, parsed.words),
    },
    faults,
  };
}

/**
 * Texts as the query has them, folded, without those that it doesn't have, in one order: one search has one address.
 */
export function keptWords(q: string, texts: readonly string[]): string[] {
  if (texts.length === 0) return [];
  const tokens = queryTokens(q);
  const found = texts.flatMap((text) => {
    const words = foldedWords(text);
    const at =
      words.length === 0 ? -1 : tokens.findIndex((_, place) => phraseEnd(tokens, place, words) !== null);
    const to = at === -1 ? null : phraseEnd(tokens, at, words);
    const [first, last] = [tokens[at], tokens[(to ?? 0) - 1]];
    return first && last ? foldText(q.slice(first.start, last.end)).replaceAll(/\s+/g, ' ') : [];
  });
  return [...new Set(found)].sort();
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isSort = (text: string): text is Sort => (SORTS as readonly string[]).includes(text);

/** Control characters and white space folded to single spaces. */
const readQ = (text: string): string =>
  cleanText(text.slice(0, MAX_Q * 2))
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, MAX_Q)
    .toWellFormed();

/** A page from 1; nothing means 1, null that it can't be read. More than 9 digits are as good as the last page. */
function readPage(text: string | undefined): number | null {
  if (text === undefined || text === '') return 1;
  if (!/^\d{1,20}$/.test(text)) return null;
  return Math.max(1, Math.min(Number(text), 1_000_000_000));
}
