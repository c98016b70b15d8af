import type { Deps } from '../../server/deps.ts';
import { batchOf } from '../../server/search/indexer.ts';
import type { Catalog } from './catalog.ts';

/** Puts the catalog into the search index at once, as the indexer would. */
export async function indexCatalog(
  { pool, search }: Pick<Deps, 'pool' | 'search'>,
  catalog: Catalog,
): Promise<void> {
  const rows = catalog.resources.map(({ key }) => ({ resource_id: catalog.id(key) }));
  for (const engine of search.all) await engine.apply(await batchOf(pool, rows));
}
