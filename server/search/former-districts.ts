import type { Pool } from 'pg';
import { changed } from './search-address.ts';
import { searchLists } from './search-lists.ts';
import type { SearchParams } from './search-schema.ts';

/** A search with districts as they are called today: addresses that somebody kept outlive a rename and a merge. */
export async function withPresentDistricts(pool: Pool, params: SearchParams): Promise<SearchParams> {
  const { district } = params.filters;
  if (district.length === 0) return params;
  const { names } = await searchLists(pool);
  if (!district.some((slug) => names.formerDistricts.has(slug))) return params;
  const present = [...new Set(district.map((slug) => names.formerDistricts.get(slug) ?? slug))];
  return changed(params, { page: params.page, filters: { ...params.filters, district: present } });
}
