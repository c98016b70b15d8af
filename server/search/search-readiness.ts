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
  const [all, behind] = await Promise.all([searchHealth(pool, search.all), search.lag.look()]);
  const health = all.find(({ engine }) => engine === name);
  return { engine: name, degraded: behind || !health || !health.built || health.downSince !== null };
}
