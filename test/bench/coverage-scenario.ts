import type { Pool } from 'pg';
import { demoSignIns } from '../../server/accounts/demo-sign-ins.ts';
import { Browser } from './browser.ts';
import { percentile, spread, table, verdict } from './report.ts';

/** The coverage of whole frameworks: by level, of checked ones alone, by district, for one district, as CSV. */
export async function measureCoverage(url: string, pool: Pool, rounds: number): Promise<string> {
  const { rows: frameworks } = await pool.query<{ slug: string; title: string; standards: number }>(
    `SELECT f.slug, f.title, count(*)::int AS standards FROM framework f JOIN standard s ON s.framework_guid = f.guid
     WHERE s.retired_at IS NULL GROUP BY f.guid ORDER BY abs(count(*) - 1000) LIMIT 2`,
  );
  const { rows: districts } = await pool.query<{ slug: string }>(
    `SELECT slug FROM organization WHERE kind = 'district' ORDER BY slug LIMIT 1`,
  );
  const browser = new Browser(url);
  await browser.signIn('curator@state.example', demoSignIns.password);
  const ways: [string, string][] = [
    ['by level', ''],
    ['by level, checked ones alone', '&count=checked'],
    ['by level, one district and the state', `&district=${districts[0]?.slug ?? ''}`],
    ['by district, eight of them', '&across=district'],
    ['by kind', '&across=type'],
  ];
  const lines: string[][] = [];
  for (const { slug, title, standards } of frameworks)
    for (const [name, query] of [...ways, ['as CSV', 'csv']] as const) {
      const path =
        query === 'csv'
          ? `/curate/coverage.csv?framework=${slug}`
          : `/curate/coverage?framework=${slug}${query}`;
      const times: number[] = [];
      for (let round = 0; round < rounds + 1; round += 1) {
        const { status, ms } = await browser.get(path, { read: false });
        if (status !== 200) throw new Error(`${path} gave ${status}`);
        // The first one warms up.
        if (round > 0) times.push(ms);
      }
      lines.push([
        `${title}, ${standards} standards, ${name} (bar: p95 ≤ 300 ms, ${verdict(percentile(times, 95), 300)})`,
        ...spread(times),
      ]);
    }
  browser.close();
  return table(['coverage, the whole page', 'p50 ms', 'p95 ms', 'p99 ms'], lines);
}
