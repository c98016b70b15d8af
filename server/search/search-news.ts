import type { Pool } from 'pg';
import { audiencesOf, type Viewer } from '../lib/viewer.ts';
import { MAX_WITHIN } from './search-port.ts';
import { paramsOfAddress } from './search-address.ts';
import { answerSearch } from './search-page.ts';
import type { SearchDeps } from './search-service.ts';

/** What is new for a saved search: ids, the newest first, and how many there are in all. */
export interface SearchNews {
  fresh: string[];
  freshTotal: number;
  /** On the shelf before, and checked since. */
  checked: string[];
  checkedTotal: number;
}

/**
 * What a search finds that came on the shelf, or was checked, after `since`, as the viewer may see it now.
 * @param limit so many ids of each at most
 * @throws 503 when no engine answers
 */
export async function searchNews(
  deps: SearchDeps,
  viewer: Viewer,
  { address, since, limit }: { address: string; since: Date; limit: number },
): Promise<SearchNews> {
  const changes = await changedSince(deps.pool, audiencesOf(viewer), since);
  if (changes.fresh.length + changes.checked.length === 0)
    return { fresh: [], freshTotal: 0, checked: [], checkedTotal: 0 };
  const params = { ...paramsOfAddress(address), sort: 'newest' as const };
  const among = async (within: string[]) => {
    if (within.length === 0) return { ids: [], total: 0 };
    return (await answerSearch(deps, viewer, { params, faults: [], perPage: limit, within })).answer;
  };
  const [fresh, checked] = await Promise.all([among(changes.fresh), among(changes.checked)]);
  return {
    fresh: fresh.ids,
    freshTotal: fresh.total,
    checked: checked.ids,
    checkedTotal: checked.total,
  };
}

/** What changed for holders of the keys; after a big import the newest of it. */
async function changedSince(
  pool: Pool,
  audience: string[],
  since: Date,
): Promise<{ fresh: string[]; checked: string[] }> {
  const { rows } = await pool.query<{ fresh: string[]; checked: string[] }>(
    `SELECT
       ARRAY(SELECT id FROM resource WHERE state = 'published' AND first_published_at > $2 AND audience && $1::text[]
             ORDER BY first_published_at DESC LIMIT ${MAX_WITHIN}) AS fresh,
       ARRAY(SELECT id FROM resource WHERE state = 'published' AND check_state = 'checked' AND checked_at > $2
               AND first_published_at <= $2 AND audience && $1::text[]
             ORDER BY checked_at DESC LIMIT ${MAX_WITHIN}) AS checked`,
    [audience, since],
  );
  return rows[0] ?? { fresh: [], checked: [] };
}
