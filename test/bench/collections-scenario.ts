import type { Pool } from 'pg';
import { Browser } from './browser.ts';
import { percentile, spread, table } from './report.ts';

/** Rules with few, with many and with nearly all records; words and choices, choices alone. */
const RULES = [
  ['words and a grade', 'q=fractions&grade=4&read=words'],
  ['a level, a language, checked ones', 'level=developing&language=es&checked=state&checked=district'],
  ['a subject', 'subject=mathematics'],
  ['a subject, the newest first', 'subject=science&sort=newest'],
] as const;
const PINNED = 5;
const LEFT_OUT = 20;
const LARGEST = 500;

/**
 * Collections that keep themselves by a rule, each beside the page of the same search: one is opened after the other, so that
 * both meet the same load. And the largest that can be put together by hand.
 */
export async function measureCollections(url: string, pool: Pool, rounds: number): Promise<string> {
  const browser = new Browser(url);
  const lines: string[][] = [];
  for (const [name, search] of RULES) {
    const id = await makeCollection(pool, `/search?${search}`);
    const [kept, asked]: [number[], number[]] = [[], []];
    for (let round = 0; round <= rounds * 5; round += 1)
      for (const [path, times] of [
        [`/collections/${id}`, kept],
        [`/search?${search}`, asked],
      ] as const) {
        const { status, ms } = await browser.get(path, { read: false });
        if (status !== 200) throw new Error(`${path} gave ${status}`);
        // The first ones warm up.
        if (round > 0) times.push(ms);
      }
    const met = percentile(kept, 50) <= percentile(asked, 50);
    lines.push([
      `${name} (bar: ≤ the search, ${met ? 'met' : 'not met'})`,
      ...spread(kept),
      ...spread(asked),
    ]);
  }
  const id = await makeCollection(pool, null);
  for (const [name, path] of [
    [`${LARGEST} by hand, a page of it`, `/collections/${id}`],
    [`${LARGEST} by hand, to print`, `/collections/${id}/print`],
    ['all collections', '/collections'],
  ] as const) {
    const times: number[] = [];
    for (let round = 0; round <= rounds; round += 1) {
      const { status, ms } = await browser.get(path, { read: false });
      if (status !== 200) throw new Error(`${path} gave ${status}`);
      if (round > 0) times.push(ms);
    }
    lines.push([name, ...spread(times), '', '', '']);
  }
  browser.close();
  return table(
    ['collection, the whole page', 'p50 ms', 'p95 ms', 'p99 ms', 'its search: p50 ms', 'p95 ms', 'p99 ms'],
    lines,
  );
}

async function makeCollection(pool: Pool, rule: string | null): Promise<string> {
  const { rows } = await pool.query<{ id: string }>(
    `INSERT INTO collection (owner_id, kind, title, visibility, rule)
     SELECT id, $1, 'Measured', 'public', $2 FROM person ORDER BY id LIMIT 1 RETURNING id`,
    [rule === null ? 'list' : 'rule', rule],
  );
  const id = rows[0]?.id ?? '';
  const count = rule === null ? LARGEST : PINNED + LEFT_OUT;
  await pool.query(
    `INSERT INTO collection_item (collection_id, resource_id, position, stands)
     SELECT $1, id, row_number() OVER (), CASE WHEN $3::int > 0 AND row_number() OVER () > $3 THEN 'out' ELSE 'in' END
     FROM (SELECT id FROM resource WHERE state = 'published' AND visibility = 'public' ORDER BY md5(id::text) LIMIT $2) r`,
    [id, count, rule === null ? 0 : PINNED],
  );
  return id;
}
