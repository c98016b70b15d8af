import type { Pool } from 'pg';
import { hashPassword } from '../../server/accounts/password.ts';
import type { BenchPortal } from './bench-portal.ts';
import { Browser } from './browser.ts';
import { percentile, spread, table, verdict } from './report.ts';

const WAITING = 10_000;
const PASSWORD = 'a password for the bench';

/** The queue as a curator of the state opens it, filters it and turns its pages, with ten thousand resources waiting. */
export async function measureQueue(
  portal: Pick<BenchPortal, 'url'>,
  pool: Pool,
  { rounds }: { rounds: number },
): Promise<string> {
  await pool.query(
    `INSERT INTO check_wait (resource_id, whys, since)
     SELECT id, ARRAY[CASE WHEN random() < 0.2 THEN 'new_version' ELSE 'new' END], now() - random() * interval '40 days'
     FROM resource WHERE state = 'published' ORDER BY id LIMIT $1 ON CONFLICT DO NOTHING`,
    [WAITING],
  );
  await pool.query('ANALYZE check_wait');
  await pool.query(`UPDATE person SET password_hash = $1 WHERE email = 'curator@state.example'`, [
    await hashPassword(PASSWORD),
  ]);
  const { rows } = await pool.query<{ waiting: number; id: string; framework: string; district: string }>(
    `SELECT (SELECT count(*)::int FROM check_wait) AS waiting, (SELECT resource_id FROM check_wait LIMIT 1) AS id,
       (SELECT slug FROM framework ORDER BY position, title LIMIT 1) AS framework,
       (SELECT o.slug FROM check_wait w JOIN resource r ON r.id = w.resource_id JOIN organization o ON o.id = r.district_id LIMIT 1) AS district`,
  );
  const { waiting, id, framework, district } = rows[0]!;
  const pages: [string, string][] = [
    ['the queue', '/curate'],
    ['page 200 of everything', '/curate?show=all&page=200'],
    ['the most used first', '/curate?sort=used'],
    ['of a subject and a grade', '/curate?subject=mathematics&grade=4'],
    ['of a framework', `/curate?framework=${framework}`],
    ['of a district', `/curate?district=${district}&why=new`],
    ['the check of one', `/curate/checks/${id}`],
  ];
  const waitingTable = await times(portal.url, rounds, `${waiting} wait for a check`, pages);
  await pool.query('DELETE FROM check_wait');
  return `${waitingTable}\n\n${await measureFlags(portal, pool, rounds)}`;
}

/** Ten thousand reports that nobody has decided, none of which hides anything, and as many that were decided. */
async function measureFlags({ url }: Pick<BenchPortal, 'url'>, pool: Pool, rounds: number): Promise<string> {
  await pool.query(
    `INSERT INTO flag (resource_id, kind, note, hides, state, created_at, decided_at)
     SELECT r.id, (ARRAY['wrong_key', 'broken', 'not_mine', 'unsuitable'])[1 + floor(random() * 4)::int], 'Reported by the bench', false, s.state,
       now() - random() * interval '40 days', CASE WHEN s.state <> 'open' THEN now() END
     FROM (SELECT id FROM resource WHERE state = 'published' ORDER BY id LIMIT $1) r CROSS JOIN (VALUES ('open'), ('mended')) AS s (state)`,
    [WAITING],
  );
  await pool.query('ANALYZE flag');
  const { rows } = await pool.query<{ open: number; id: string }>(
    `SELECT count(*)::int AS open, min(id::text) AS id FROM flag WHERE state = 'open'`,
  );
  const { open, id } = rows[0]!;
  try {
    return await times(url, rounds, `${open} reports wait`, [
      ['reports', '/curate/flags'],
      ['page 200', '/curate/flags?page=200'],
      ['of a kind', '/curate/flags?kind=broken'],
      ['decided ones', '/curate/flags?show=decided'],
      ['one report', `/curate/flags/${id}`],
    ]);
  } finally {
    await pool.query(`DELETE FROM flag WHERE note = 'Reported by the bench'`);
  }
}

async function times(
  url: string,
  rounds: number,
  title: string,
  pages: readonly (readonly [string, string])[],
): Promise<string> {
  const browser = new Browser(url);
  await browser.signIn('curator@state.example', PASSWORD);
  const taken = new Map(pages.map(([name]) => [name, [] as number[]]));
  for (let round = 0; round <= rounds; round += 1)
    for (const [name, path] of pages) {
      const { status, ms } = await browser.get(path, { read: false });
      if (status !== 200) throw new Error(`${path} gave ${status}`);
      if (round > 0) taken.get(name)?.push(ms);
    }
  browser.close();
  return table(
    [title, 'p50 ms', 'p95 ms', 'p99 ms'],
    pages.map(([name]) => {
      const each = taken.get(name) ?? [];
      return [`${name} (bar: p95 ≤ 100 ms, ${verdict(percentile(each, 95), 100)})`, ...spread(each)];
    }),
  );
}
