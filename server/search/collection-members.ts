import { collectionPath } from '../lib/slug.ts';
import { audiencesOf, type Viewer } from '../lib/viewer.ts';
import { MAX_HITS, MAX_WITHIN } from './search-port.ts';
import type { SearchDeps } from './search-service.ts';
import { strictSearch } from './strict-search.ts';

/** A collection within which is searched. */
export interface SearchedCollection {
  /** Empty for what a person saved. */
  title: string;
  url: string;
  /** At most MAX_WITHIN; of a rule, what is pinned and its first MAX_HITS. */
  ids: string[];
}

/**
 * The resources of a collection that the viewer may see, as far as they are searched within; visible or not is the search's to
 * say. A rule is one search more. Null: no such collection, for this viewer.
 * @throws 503 when no engine answers
 */
export async function collectionMembers(
  deps: SearchDeps,
  viewer: Viewer,
  collection: string,
): Promise<SearchedCollection | null> {
  const { rows } = await deps.pool.query<{
    title: string;
    rule: string | null;
    ids: string[];
    out: string[];
  }>(
    `SELECT c.title, c.rule,
       ARRAY(SELECT i.resource_id FROM collection_item i WHERE i.collection_id = c.id AND i.stands = 'in' ORDER BY i.position LIMIT $3) AS ids,
       ARRAY(SELECT i.resource_id FROM collection_item i WHERE i.collection_id = c.id AND i.stands = 'out' LIMIT $3) AS out
     FROM collection c WHERE c.id = $1 AND c.audience && $2::text[]`,
    [collection, audiencesOf(viewer), MAX_WITHIN],
  );
  const [row] = rows;
  if (!row) return null;
  const found = { title: row.title, url: collectionPath(collection, row.title) };
  if (row.rule === null) return { ...found, ids: row.ids };
  const { answer } = await strictSearch(deps, viewer, row.rule, {
    page: 1,
    perPage: MAX_HITS,
    without: row.out,
    sort: 'newest',
  });
  return { ...found, ids: [...new Set([...row.ids, ...answer.ids])].slice(0, MAX_WITHIN) };
}
