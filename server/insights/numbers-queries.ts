import type { Pool } from 'pg';
import type { PlaceUses } from './numbers-small.ts';
import { standardRowSql, type StandardRow } from '../standards/standard-row.ts';

/** Reuse of one thing in a period, at the place asked for, and its uses at all. */
export interface ReuseRow {
  opened: number;
  taken: number;
  adapted: number;
  uses: PlaceUses[];
}

/** What was put on the shelf and checked in a month; times in days. */
export interface WorkRow {
  month: string;
  published: number;
  checked: number;
  timed: number;
  median: number | null;
  slow: number | null;
}

export interface NumbersFacts {
  refreshedAt: string | null;
  places: {
    place: string;
    name: string | null;
    opened: number;
    taken: number;
    used: number;
    adapted: number;
    people: number;
    apart: number | null;
  }[];
  subjects: (ReuseRow & { slug: string; name: string })[];
  standards: (ReuseRow & { standard: StandardRow })[];
  /** How many standards there are in all. */
  standardCount: number;
  /** Months without anything are missing. */
  work: WorkRow[];
}

/**
 * All numbers of a period, from what the job has gathered, in one round trip.
 * @param scope.place whose subjects, standards and months: a district's id, or 'state'
 * @param scope.from the first day of its first month
 * @param scope.most so many standards, those opened most first
 */
export async function numbersFacts(
  pool: Pool,
  { months, from, place, most }: { months: number; from: string; place: string; most: number },
): Promise<NumbersFacts> {
  const list = (inner: string, order: string): string =>
    `coalesce((SELECT json_agg(l ORDER BY ${order}) FROM (${inner}) l), '[]')`;
  const keyed = (kind: string): string =>
    `SELECT key, ${['opened', 'taken', 'adapted'].map((name) => `max(${name}) FILTER (WHERE place = $3) AS ${name}`).join(', ')},
       coalesce(json_agg(json_build_object('place', place, 'used', used, 'people', people, 'apart', apart)) FILTER (WHERE used > 0), '[]') AS uses
     FROM cell WHERE kind = '${kind}' GROUP BY key HAVING bool_or(place = $3)`;
  const { rows } = await pool.query<NumbersFacts>(
    `WITH cell AS MATERIALIZED (
       SELECT m.*, coalesce(p.people, 0) AS people, p.apart FROM (
         SELECT kind, key, place, sum(opened)::int AS opened, sum(taken)::int AS taken, sum(used)::int AS used, sum(adapted)::int AS adapted
         FROM reuse_month WHERE month >= $2::date GROUP BY kind, key, place) m
       LEFT JOIN reuse_people p ON p.months = $1 AND p.kind = m.kind AND p.key = m.key AND p.place = m.place),
     by_standard AS (${keyed('standard')})
     SELECT (SELECT max(refreshed_at) FROM numbers_refresh) AS "refreshedAt",
       ${list(
         `SELECT c.place, o.name, c.opened, c.taken, c.used, c.adapted, c.people, c.apart FROM cell c
          LEFT JOIN organization o ON o.id::text = c.place WHERE c.kind = 'all'`,
         `l.place = 'none', l.name`,
       )} AS places,
       ${list(`SELECT k.*, s.slug, s.name FROM (${keyed('subject')}) k JOIN subject s ON s.slug = k.key`, 'l.name')} AS subjects,
       ${list(
         `SELECT k.*, ${standardRowSql('s', 'f')} AS standard FROM (SELECT * FROM by_standard ORDER BY opened DESC, taken DESC, key LIMIT $4) k
          JOIN standard s ON s.guid = k.key::uuid JOIN framework f ON f.guid = s.framework_guid`,
         'l.opened DESC, l.taken DESC, l.key',
       )} AS standards,
       (SELECT count(*)::int FROM by_standard) AS "standardCount",
       ${list(
         `SELECT month, published, checked, timed, median_days AS median, slow_days AS slow FROM work_month
          WHERE month >= $2::date AND place = $3`,
         'l.month',
       )} AS work`,
    [months, from, place, most],
  );
  const [facts] = rows;
  if (!facts) throw new Error('the query gives one row');
  return facts;
}
