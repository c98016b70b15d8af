import type { Pool } from 'pg';
import { demoSignIns } from '../../server/accounts/demo-sign-ins.ts';
import { refreshNumbers } from '../../server/insights/numbers-refresh.ts';
import { systemClock } from '../../server/platform/clock.ts';
import { Browser } from './browser.ts';
import { spread, table } from './report.ts';

/** Counts of a day and a school, over two years. */
const DAILY = 1_000_000;
const USES = 200_000;

/** The numbers of a state that is used: gathering them all, gathering what an hour changes, and the page. */
export async function measureNumbers(url: string, pool: Pool, rounds: number): Promise<string> {
  const slow = await pool.connect();
  try {
    await slow.query('SET statement_timeout = 0');
    await slow.query(
      `CREATE TEMP TABLE shelf AS SELECT row_number() OVER (ORDER BY id) AS n, id FROM resource WHERE state = 'published'`,
    );
    await slow.query('CREATE UNIQUE INDEX ON shelf (n)');
    await slow.query(
      `CREATE TEMP TABLE school AS SELECT row_number() OVER (ORDER BY id) AS n, id FROM organization WHERE kind = 'school'`,
    );
    // Few are opened often, most now and then: the square of chance.
    await slow.query(
      `INSERT INTO daily_count (resource_id, organization_id, day, opened, taken)
       SELECT s.id, o.id, current_date - (random() * 700)::int, 1 + (random() * 5)::int, (random() * 2)::int
       FROM (SELECT 1 + floor(random() * random() * (SELECT count(*) FROM shelf))::bigint AS n, 1 + floor(random() * (SELECT count(*) FROM school))::bigint AS o FROM generate_series(1, $1::int)) g
       JOIN shelf s ON s.n = g.n JOIN school o ON o.n = g.o ON CONFLICT DO NOTHING`,
      [DAILY],
    );
    await slow.query('ALTER TABLE use_mark DISABLE TRIGGER USER');
    await slow.query(
      `INSERT INTO use_mark (resource_id, person_id, district_id, created_at)
       SELECT s.id, p.id, o.district_id, now() - random() * interval '700 days'
       FROM (SELECT 1 + floor(random() * random() * (SELECT count(*) FROM shelf))::bigint AS n, 1 + floor(random() * (SELECT count(*) FROM person))::bigint AS p FROM generate_series(1, $1::int)) g
       JOIN shelf s ON s.n = g.n JOIN (SELECT row_number() OVER (ORDER BY id) AS n, id, organization_id FROM person) p ON p.n = g.p
       JOIN organization o ON o.id = p.organization_id ON CONFLICT DO NOTHING`,
      [USES],
    );
    await slow.query('ALTER TABLE use_mark ENABLE TRIGGER USER');
    await slow.query('ANALYZE daily_count, use_mark');
  } finally {
    slow.release(true);
  }
  const gathering = async (before: Date | null): Promise<number> => {
    const started = performance.now();
    await refreshNumbers({ pool, clock: systemClock }, before);
    return (performance.now() - started) / 1000;
  };
  const all = await gathering(null);
  const hour = await gathering(new Date(0));
  const { rows } = await pool.query<{ days: number; uses: number }>(
    'SELECT (SELECT count(*)::int FROM daily_count) AS days, (SELECT count(*)::int FROM use_mark) AS uses',
  );
  const browser = new Browser(url);
  await browser.signIn('curator@state.example', demoSignIns.password);
  const lines: string[][] = [];
  for (const [name, path] of [
    ['the page', '/curate/numbers'],
    ['of two years', '/curate/numbers?months=24'],
    ['standards as CSV', '/curate/numbers.csv?of=standards'],
  ] as const) {
    const taken: number[] = [];
    for (let round = 0; round <= rounds; round += 1) {
      const { status, ms } = await browser.get(path, { read: false });
      if (status !== 200) throw new Error(`${path} gave ${status}`);
      if (round > 0) taken.push(ms);
    }
    lines.push([name, ...spread(taken)]);
  }
  browser.close();
  return table(
    [`numbers over ${rows[0]?.days} counts of a day and ${rows[0]?.uses} uses`, 'p50 ms', 'p95 ms', 'p99 ms'],
    [
      ...lines,
      ['gathering all 24 months, once a night', `${all.toFixed(1)} s`, '', ''],
      ['gathering what an hour may change', `${hour.toFixed(1)} s`, '', ''],
    ],
  );
}
