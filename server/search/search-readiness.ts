import type { Pool } from 'pg';
import { searchHealth } from './index-queue.ts';
import type { SearchEngines } from './search-engines.ts';

/** Which engine answers, and whether it does as it should; the other one stands in where it doesn't. */
export async function searchReadiness({
  pool,
  search,
}: {
  pool: Pool;
  search: SearchEngines;
}): Promise<{ engine: string; degraded: boolean }> {
  const { name } = search.first;
  const health = (await searchHealth(pool, search.all)).find(({ engine }) => engine === name);
  return { engine: name, degraded: !health || !health.built || health.downSince !== null };
}
