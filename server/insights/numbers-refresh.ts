import type { PoolClient } from 'pg';
import type { Deps } from '../deps.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import { KEPT, monthBack, monthsOf, PERIODS } from './numbers-months.ts';

/** What may still change by itself: a daily count of last night, a mark taken back soon after. Gathered each hour. */
const CHANGING = 2;
/** Two refreshes at once would both write a month. */
const LOCK = 7_290_001;

/** What a thing is counted under: everything, its subjects as they are now, standards that it is still aligned to. */
const keysSql = `
  SELECT r.id AS resource_id, 'all' AS kind, '' AS key FROM resource r JOIN touched USING (id)
  UNION ALL SELECT r.id, 'subject', s.subject FROM resource r JOIN touched USING (id) JOIN version_subject s ON s.version_id = r.current_version_id
  UNION ALL SELECT DISTINCT a.resource_id, 'standard', a.standard_guid::text FROM alignment a JOIN touched t ON t.id = a.resource_id
    WHERE a.to_version IS NULL AND NOT (a.check_state = 'returned' AND coalesce(a.fit, '') IN ('other_level', 'none'))`;

const reuseSql = `
  WITH event AS MATERIALIZED (
    SELECT d.resource_id, coalesce(o.district_id::text, 'none') AS place, d.opened, d.taken, 0 AS used, 0 AS adapted
    FROM daily_count d LEFT JOIN organization o ON o.id = d.organization_id WHERE d.day >= $1::date AND d.day < $2::date
    UNION ALL
    SELECT resource_id, coalesce(district_id::text, 'none'), 0, 0, 1, 0 FROM use_mark
    WHERE created_at >= $1::date::timestamp AT TIME ZONE 'UTC' AND created_at < $2::date::timestamp AT TIME ZONE 'UTC'
    UNION ALL
    SELECT adapted_from_id, coalesce(district_id::text, 'none'), 0, 0, 0, 1 FROM resource
    WHERE adapted_from_id IS NOT NULL AND state IN ('published', 'withdrawn')
      AND first_published_at >= $1::date::timestamp AT TIME ZONE 'UTC' AND first_published_at < $2::date::timestamp AT TIME ZONE 'UTC'),
  touched AS (SELECT DISTINCT resource_id AS id FROM event),
  keyed AS (${keysSql})
  INSERT INTO reuse_month (month, kind, key, place, opened, taken, used, adapted)
  SELECT $1::date, k.kind, k.key, coalesce(e.place, 'state'), sum(e.opened), sum(e.taken), sum(e.used), sum(e.adapted)
  FROM event e JOIN keyed k USING (resource_id) GROUP BY GROUPING SETS ((k.kind, k.key, e.place), (k.kind, k.key))`;

const workSql = `
  WITH event AS (
    SELECT coalesce(district_id::text, 'none') AS place, 1 AS published, 0 AS checked, NULL::float AS days FROM resource
    WHERE state IN ('published', 'withdrawn')
      AND first_published_at >= $1::date::timestamp AT TIME ZONE 'UTC' AND first_published_at < $2::date::timestamp AT TIME ZONE 'UTC'
    UNION ALL
    SELECT coalesce(r.district_id::text, 'none'), 0, (c.outcome = 'checked')::int,
      CASE WHEN NOT EXISTS (SELECT 1 FROM resource_check b WHERE b.resource_id = c.resource_id AND b.version_id = c.version_id
                            AND (b.created_at, b.id) < (c.created_at, c.id))
           THEN greatest(0, extract(epoch FROM c.created_at - v.published_at) / 86400) END
    FROM resource_check c JOIN resource r ON r.id = c.resource_id JOIN version v ON v.id = c.version_id
    WHERE c.created_at >= $1::date::timestamp AT TIME ZONE 'UTC' AND c.created_at < $2::date::timestamp AT TIME ZONE 'UTC')
  INSERT INTO work_month (month, place, published, checked, timed, median_days, slow_days)
  SELECT $1::date, coalesce(place, 'state'), sum(published), sum(checked), count(days),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY days), percentile_cont(0.9) WITHIN GROUP (ORDER BY days)
  FROM event GROUP BY GROUPING SETS ((place), ())
  HAVING count(*) > 0`;

/** $1 the period, $2 its first day, $3 the first days of shorter periods. */
const peopleSql = `
  WITH event AS MATERIALIZED (
    SELECT resource_id, person_id, created_at, coalesce(district_id::text, 'none') AS place FROM use_mark
    WHERE created_at >= $2::date::timestamp AT TIME ZONE 'UTC'),
  touched AS (SELECT DISTINCT resource_id AS id FROM event),
  keyed AS (${keysSql})
  INSERT INTO reuse_people (months, kind, key, place, people, apart)
  SELECT $1, k.kind, k.key, coalesce(e.place, 'state'), count(DISTINCT e.person_id), least(${[1, 2]
    .map(
      (place) =>
        `nullif(count(DISTINCT e.person_id) FILTER (WHERE e.created_at < ($3::date[])[${place}]::timestamp AT TIME ZONE 'UTC'), 0)`,
    )
    .join(', ')})
  FROM event e JOIN keyed k USING (resource_id) GROUP BY GROUPING SETS ((k.kind, k.key, e.place), (k.kind, k.key))`;

/**
 * Gathers the numbers of the months anew: those that still change and those never gathered, and older ones that were last
 * gathered before a time. Each month is a transaction, so a run that was cut short goes on where it was; doing it twice
 * changes nothing.
 * @param before null: every month
 * @returns how many months were gathered
 */
export async function refreshNumbers(
  { pool, clock }: Pick<Deps, 'pool' | 'clock'>,
  before: Date | null,
): Promise<number> {
  const now = clock.now();
  const months = monthsOf(now, KEPT).toReversed();
  const { rows } = await pool.query<{ month: string; refreshed_at: Date | string }>(
    'SELECT month::text AS month, refreshed_at FROM numbers_refresh',
  );
  const gathered = new Map(rows.map((row) => [row.month, new Date(row.refreshed_at)]));
  const due = months.filter((month, back) => {
    const at = gathered.get(month);
    return back < CHANGING || !at || before === null || at < before;
  });
  for (const month of due)
    await locked(pool, (client) => gatherMonth(client, month, monthBack(new Date(month), -1), now));
  await locked(pool, (client) => gatherPeople(client, now));
  return due.length;
}

const locked = (pool: Deps['pool'], work: (client: PoolClient) => Promise<void>): Promise<void> =>
  withTransaction(
    pool,
    async (client) => {
      await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
      await work(client);
    },
    { statementTimeoutMs: 0 },
  );

async function gatherMonth(client: PoolClient, month: string, next: string, now: Date): Promise<void> {
  await client.query('DELETE FROM reuse_month WHERE month = $1::date', [month]);
  await client.query(reuseSql, [month, next]);
  await client.query('DELETE FROM work_month WHERE month = $1::date', [month]);
  await client.query(workSql, [month, next]);
  await client.query(
    `INSERT INTO numbers_refresh (month, refreshed_at) VALUES ($1, $2)
     ON CONFLICT (month) DO UPDATE SET refreshed_at = excluded.refreshed_at`,
    [month, now],
  );
}

async function gatherPeople(client: PoolClient, now: Date): Promise<void> {
  await client.query('DELETE FROM reuse_people');
  const firstDay = (period: number): string => monthBack(now, period - 1);
  for (const [place, period] of PERIODS.entries())
    await client.query(peopleSql, [period, firstDay(period), PERIODS.slice(0, place).map(firstDay)]);
  for (const table of ['reuse_month', 'work_month', 'numbers_refresh'])
    await client.query(`DELETE FROM ${table} WHERE month < $1::date`, [monthBack(now, KEPT - 1)]);
}
