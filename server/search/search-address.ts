import { FACETS, searchFilters } from './search-port.ts';
import { keptWords, readSearch, type SearchParams } from './search-schema.ts';
import type { FacetName } from './search-view.ts';

/** Addresses of searches. One search has one address: parameters and their values always stand in the same order. */

/** What `searchUrl` is given: an empty search, or parts of one. */
export const searchParams = (parts: Partial<SearchParams> = {}): SearchParams => ({
  q: '',
  filters: searchFilters(),
  collection: null,
  sort: 'best',
  page: 1,
  literal: false,
  words: [],
  ...parts,
});

/** Name and value of every parameter that isn't at its default, in the canonical order. */
export function searchFields(params: SearchParams): [string, string][] {
  const fields: [string, string][] = params.q === '' ? [] : [['q', params.q]];
  for (const facet of FACETS)
    for (const value of params.filters[facet].toSorted()) fields.push([facet, value]);
  if (params.collection !== null) fields.push(['collection', params.collection]);
  if (params.literal) fields.push(['read', 'words']);
  for (const text of params.words) fields.push(['words', text]);
  if (params.sort !== 'best') fields.push(['sort', params.sort]);
  if (params.page !== 1) fields.push(['page', String(params.page)]);
  return fields;
}

/** The address of a search; `path` is `/search` unless told (the API has the same parameters). */
export function searchUrl(params: SearchParams, path = '/search'): string {
  const fields = searchFields(params);
  return fields.length === 0 ? path : `${path}?${new URLSearchParams(fields).toString()}`;
}

/** The same search with other parts, on its first page. */
export function changed(params: SearchParams, parts: Partial<SearchParams>): SearchParams {
  const all = { ...params, page: 1, ...parts };
  return { ...all, words: keptWords(all.q, all.words) };
}

/** The same search without one value of a filter, or without the whole filter. */
export function without(params: SearchParams, facet: FacetName, value?: string): SearchParams {
  const kept = value === undefined ? [] : params.filters[facet].filter((other) => other !== value);
  return changed(params, { filters: { ...params.filters, [facet]: kept } });
}

/** Addresses that are kept are indexed, and PostgreSQL's index takes little longer ones. */
export const LONGEST_ADDRESS = 2000;

/** The parameters in an address of ours, or in its query string alone. */
export const paramsOfAddress = (address: string): SearchParams =>
  readSearch(parametersOf(new URLSearchParams(address.replace(/^[^?]*\?/, '')))).params;

/** The one address of a search that is kept: without its page, and without a collection, which may be someone else's. */
export const keptAddress = (params: SearchParams): string => searchUrl(changed(params, { collection: null }));

/** Query parameters as Express gives them: one value as it is, several as a list. */
function parametersOf(search: URLSearchParams): Record<string, string | string[]> {
  return Object.fromEntries(
    [...new Set(search.keys())].map((name) => {
      const values = search.getAll(name);
      return [name, values.length === 1 ? (values[0] ?? '') : values];
    }),
  );
}
