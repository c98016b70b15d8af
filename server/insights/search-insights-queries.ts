import type { Pool } from 'pg';

export interface StatisticRow {
  address: string;
  words: string;
  searches: number;
  empty: number;
  opened: number;
  found: number;
}

export interface AskRow {
  id: string;
  address: string;
  words: string;
  note: string;
  person: string;
  organization: string;
  created_at: string;
}

export interface SearchInsights {
  total: { searches: number; empty: number; opened: number };
  weeks: { week: string; searches: number; empty: number }[];
  top: StatisticRow[];
  empty: StatisticRow[];
  unopened: StatisticRow[];
  asks: AskRow[];
}

/** So many searches stand in each list. */
const LISTED = 25;
/** A search that few made and nobody opened a result of may be chance. */
const OFTEN = 3;

/**
 * What was searched for since a Monday (UTC), in one round trip.
 * @param scope `districts`: only readers of these districts; null: everybody
 */
export async function searchInsights(
  pool: Pool,
  { since, districts, limit = LISTED }: { since: string; districts: string[] | null; limit?: number },
): Promise<SearchInsights> {
  const list = (name: string, where: string, order: string): string =>
    `coalesce((SELECT json_agg(l) FROM (SELECT address, words, searches, empty, opened, found FROM per_search WHERE ${where} ORDER BY ${order}, address LIMIT $3) l), '[]') AS ${name}`;
  const { rows } = await pool.query<SearchInsights>(
    `WITH chosen AS (
       SELECT * FROM search_statistic WHERE week >= $1::date AND ($2::uuid[] IS NULL OR district_id = ANY ($2))),
     per_search AS (
       SELECT address, min(words) AS words, sum(searches)::int AS searches, sum(empty)::int AS empty, sum(opened)::int AS opened,
         (array_agg(found ORDER BY week DESC, id DESC))[1] AS found
       FROM chosen GROUP BY address)
     SELECT (SELECT json_build_object('searches', coalesce(sum(searches), 0)::int, 'empty', coalesce(sum(empty), 0)::int,
               'opened', coalesce(sum(opened), 0)::int) FROM chosen) AS total,
       coalesce((SELECT json_agg(w ORDER BY w.week) FROM (
         SELECT week, sum(searches)::int AS searches, sum(empty)::int AS empty FROM chosen GROUP BY week) w), '[]') AS weeks,
       ${list('top', `searches > 0 AND address <> '/search'`, 'searches DESC')},
       ${list('empty', 'empty > 0 AND found = 0', 'empty DESC')},
       ${list('unopened', `searches >= ${OFTEN} AND found > 0 AND opened = 0 AND address <> '/search'`, 'searches DESC')},
       coalesce((SELECT json_agg(a) FROM (
         SELECT k.id, k.address, k.words, k.note, p.name AS person, o.name AS organization, k.created_at
         FROM search_ask k JOIN person p ON p.id = k.person_id JOIN organization o ON o.id = p.organization_id
         WHERE k.closed_at IS NULL AND ($2::uuid[] IS NULL OR o.district_id = ANY ($2)) ORDER BY k.id DESC LIMIT 100) a), '[]') AS asks`,
    [since, districts, limit],
  );
  const [found] = rows;
  if (!found) throw new Error('the query gives one row');
  return found;
}
