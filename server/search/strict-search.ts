import { audiencesOf, isEducator, type Viewer } from '../lib/viewer.ts';
import { withPresentDistricts } from './former-districts.ts';
import { changed, LONGEST_ADDRESS, paramsOfAddress, searchUrl } from './search-address.ts';
import type { SearchParams } from './search-schema.ts';
import { searchResources, type SearchAnswer, type SearchDeps } from './search-service.ts';
import { wishesOf, wordsOf } from './search-wishes.ts';
import { understand, type UnderstoodSearch } from './search-understanding.ts';

/** A search that was kept as a rule: what it asks for, and what it finds. */
export interface StrictSearch {
  params: SearchParams;
  understood: UnderstoodSearch;
  answer: SearchAnswer;
}

/**
 * Runs a kept search as it was written: one search, in which all words and filters count. What has only some of the words is
 * not found, `answer.relaxed` then says that there would be such.
 * @param wanted `without`: ids that are left out; `sort`: another order than the address has
 * @throws 503 when no engine answers
 */
export async function strictSearch(
  deps: SearchDeps,
  viewer: Viewer,
  address: string,
  wanted: { page: number; perPage: number; without: readonly string[]; sort?: SearchParams['sort'] },
): Promise<StrictSearch> {
  const params = await withPresentDistricts(deps.pool, paramsOfAddress(address));
  const audience = audiencesOf(viewer);
  const educator = isEducator(viewer);
  const understood = await understand(deps.pool, params, { audience, educator });
  const request = {
    ...wordsOf(understood),
    filters: understood.filters,
    within: null,
    without: wanted.without,
    sort: wanted.sort ?? params.sort,
    page: wanted.page,
    perPage: wanted.perPage,
    facets: [],
    audience,
    educator,
  };
  const answer = await searchResources(deps, request, wishesOf(params, understood, request));
  return { params, understood, answer: answer.relaxed ? { ...answer, ids: [], total: 0 } : answer };
}

/**
 * A search with what was read from its words made filters, and the rest of them words and nothing else: later readings of
 * the same words can't change what a rule means. Null: longer than can be kept.
 */
export function frozenSearch(params: SearchParams, understood: UnderstoodSearch): string | null {
  const { q, filters } = understood;
  const frozen = { ...params, q, filters, literal: q !== '', words: [], collection: null };
  const address = searchUrl(changed(frozen, {}));
  return address.length > LONGEST_ADDRESS ? null : address;
}
