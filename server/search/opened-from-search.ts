import { paramsOfAddress } from './search-address.ts';
import type { SearchStatistics } from './search-statistics.ts';

const RESOURCE_PAGE = /^\/resources\/[0-9a-f-]{36}(?:\/[^/]*)?$/i;

/**
 * Counts a search as helpful when a resource's page is opened from it. The browser says where the reader came from.
 * @param opened `path` of the page, `from` the address it was reached from (`Referer`), `host` of the portal
 */
export function countOpened(
  statistics: SearchStatistics,
  { path, from, host, districtId }: { path: string; from: string; host: string; districtId: string | null },
): void {
  if (!RESOURCE_PAGE.test(path) || !URL.canParse(from)) return;
  const source = new URL(from);
  if (source.host !== host || source.pathname !== '/search') return;
  statistics.opened({ params: paramsOfAddress(source.search), districtId });
}
