import type { Pool } from 'pg';
import { findCodesInText } from '../lib/code-finder.ts';
import { resolveCodes } from '../standards/code-queries.ts';
import { paramsOfAddress } from '../search/search-address.ts';
import type { LevelSign } from '../vocabularies/vocabulary-view.ts';

/** What was looked for at a standard, at a level or at none, and not found. */
export interface Demand {
  guid: string;
  /** Slug; null: none was named. */
  level: string | null;
  /** Searches that found nothing. */
  searches: number;
  /** People who asked for it and still wait. */
  asks: number;
}

export const demandKey = (guid: string, level: string | null): string => `${guid}|${level ?? ''}`;

/** So many searches are looked at, those made most often first. */
const LOOKED_AT = 1000;

/**
 * What people searched for in vain since a day, and what they asked for, by standard and level. A standard counts where
 * the search had it as a filter or its code among its words.
 * @param scope.districts only readers of these; null: everybody
 * @returns by `demandKey`
 */
export async function demandSince(
  pool: Pool,
  { since, districts, levels }: { since: Date; districts: string[] | null; levels: readonly LevelSign[] },
): Promise<Map<string, Demand>> {
  const { rows } = await pool.query<{ address: string; searches: number; asks: number }>(
    `(SELECT address, sum(empty)::int AS searches, 0 AS asks FROM search_statistic
      WHERE week >= $1::date AND empty > 0 AND ($2::uuid[] IS NULL OR district_id = ANY ($2))
      GROUP BY address ORDER BY 2 DESC, address LIMIT $3)
     UNION ALL
     (SELECT k.address, 0, count(DISTINCT k.person_id)::int FROM search_ask k JOIN person p ON p.id = k.person_id
        JOIN organization o ON o.id = p.organization_id
      WHERE k.closed_at IS NULL AND ($2::uuid[] IS NULL OR o.district_id = ANY ($2)) GROUP BY k.address LIMIT $3)`,
    [since, districts, LOOKED_AT],
  );
  const read = rows.map((row) => ({ ...row, ...rungOf(row.address, levels) }));
  const found = await resolveCodes(pool, [...new Set(read.flatMap(({ codes }) => codes))]);
  const demands = new Map<string, Demand>();
  for (const { codes, level, searches, asks } of read) {
    const guids = codes.flatMap((code) => (found.get(code) ?? []).map(({ guid }) => guid));
    for (const guid of new Set(guids)) {
      const key = demandKey(guid, level);
      const demand = demands.get(key) ?? { guid, level, searches: 0, asks: 0 };
      demands.set(key, {
        ...demand,
        searches: demand.searches + searches,
        asks: demand.asks + asks,
      });
    }
  }
  return demands;
}

/** The codes that a search names, and the level when it is one. */
export function rungOf(
  address: string,
  levels: readonly LevelSign[],
): { codes: string[]; level: string | null } {
  const { q, filters } = paramsOfAddress(address);
  const words = q.toLowerCase();
  const named = levels.filter(
    ({ slug, label }) => filters.level.includes(slug) || words.includes(label.toLowerCase()),
  );
  const [level] = named;
  return {
    codes: [...filters.standard, ...findCodesInText(q).map(({ text }) => text)],
    level: named.length === 1 && level ? level.slug : null,
  };
}
