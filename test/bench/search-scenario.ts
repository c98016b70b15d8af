import type { Pool } from 'pg';
import { resourcePath } from '../../server/lib/slug.ts';
import { chance } from './records/record.ts';
import { cpuOf, type BenchPortal } from './bench-portal.ts';
import { Browser } from './browser.ts';
import { queryMix } from './query-mix.ts';
import { ms, percentile, spread, table, verdict } from './report.ts';

export interface LatencyInput {
  portal: BenchPortal;
  pool: Pool;
  engine: string;
  rounds: number;
}

/** One search after another on one connection, the whole mix once to warm up and then `rounds` times, shuffled anew. */
export async function measureSearch({ portal, engine, rounds }: LatencyInput): Promise<string> {
  const all = queryMix.flatMap(({ kind, half, searches }) =>
    searches.map((search) => ({
      kind,
      half: half ?? false,
      path: `/search?${search}`,
      times: [] as number[],
      total: 0,
    })),
  );
  const browser = new Browser(portal.url);
  for (const one of all) {
    const { status, body } = await browser.get(one.path);
    if (status !== 200) throw new Error(`${one.path} gave ${status}`);
    one.total = totalOf(body);
  }
  const cpu = await cpuPerAnswer(portal, all.length * rounds);
  for (let round = 1; round <= rounds; round += 1)
    for (const one of shuffled(all, String(round))) {
      const { status, ms: time } = await browser.get(one.path, { read: false });
      if (status !== 200) throw new Error(`${one.path} gave ${status}`);
      one.times.push(time);
    }
  const spent = await cpu();
  browser.close();
  const rows = queryMix.map(({ kind, searches }) => {
    const mine = all.filter((one) => one.kind === kind);
    const totals = mine.map(({ total }) => total);
    return [
      kind,
      String(searches.length),
      `${Math.min(...totals)}–${Math.max(...totals)}`,
      ...spread(mine.flatMap(({ times }) => times)),
    ];
  });
  const usual = all.filter(({ half }) => !half).flatMap(({ times }) => times);
  const broad = all.filter(({ half }) => half).flatMap(({ times }) => times);
  const bar = engine === 'meilisearch' ? 25 : 100;
  const slowest = all.toSorted((a, b) => percentile(b.times, 50) - percentile(a.times, 50)).slice(0, 3);
  return [
    table(
      ['search page', 'searches', 'hits', 'p50 ms', 'p95 ms', 'p99 ms'],
      [
        ...rows,
        ['**whole mix**', String(all.length), '', ...spread(all.flatMap(({ times }) => times))],
        [
          `without broad words (bar: p95 ≤ ${bar} ms, ${verdict(percentile(usual, 95), bar)})`,
          '',
          '',
          ...spread(usual),
        ],
        ...(engine === 'meilisearch'
          ? []
          : [
              [
                `broad words (bar: p95 ≤ 300 ms, ${verdict(percentile(broad, 95), 300)})`,
                '',
                '',
                ...spread(broad),
              ],
            ]),
      ],
    ),
    '',
    `${spent} Slowest: ${slowest.map((one) => `\`${one.path}\` (${one.total} hits, p50 ${ms(percentile(one.times, 50))} ms)`).join(', ')}.`,
  ].join('\n');
}

/** 200 resource pages, as someone who isn't signed in sees them. */
export async function measureResourcePages({ portal, pool, rounds }: LatencyInput): Promise<string> {
  const paths = await resourcePaths(pool, 200);
  const browser = new Browser(portal.url);
  const times: number[] = [];
  let cpu = await cpuPerAnswer(portal, 0);
  for (let round = 0; round <= rounds; round += 1) {
    if (round === 1) cpu = await cpuPerAnswer(portal, paths.length * rounds);
    for (const path of shuffled(paths, String(round))) {
      const { status, ms: time } = await browser.get(path, { read: false });
      if (status !== 200) throw new Error(`${path} gave ${status}`);
      if (round > 0) times.push(time);
    }
  }
  const spent = await cpu();
  browser.close();
  return [
    table(
      ['resource page', 'pages', 'p50 ms', 'p95 ms', 'p99 ms'],
      [[`(bar: p95 ≤ 25 ms, ${verdict(percentile(times, 95), 25)})`, String(paths.length), ...spread(times)]],
    ),
    '',
    spent,
  ].join('\n');
}

/** Begins to count processor time; what comes back says how much an answer took. */
async function cpuPerAnswer({ pid, dataDir }: BenchPortal, answers: number): Promise<() => Promise<string>> {
  const before = await cpuOf(pid, dataDir);
  return async () => {
    const after = await cpuOf(pid, dataDir);
    return `Processor time an answer: node ${ms((after.node - before.node) / answers)} ms, PostgreSQL ${ms((after.postgres - before.postgres) / answers)} ms.`;
  };
}

/** Addresses of resources that everyone may see, the same ones each time. */
export async function resourcePaths(pool: Pool, count: number): Promise<string[]> {
  const { rows } = await pool.query<{ id: string; title: string }>(
    `SELECT r.id, v.title FROM resource r JOIN version v ON v.id = r.current_version_id
     WHERE r.state = 'published' AND r.visibility = 'public' ORDER BY md5(r.id::text) LIMIT $1`,
    [count],
  );
  return rows.map(({ id, title }) => resourcePath(id, title));
}

/** How many were found, from the page's heading. */
function totalOf(html: string): number {
  const heading = /<h1[^>]*>([^<]*)</.exec(html)?.[1] ?? '';
  return Number(/^\s*([\d,]+)/.exec(heading)?.[1]?.replaceAll(',', '') ?? 0);
}

/** The same order for the same round. */
function shuffled<T>(items: readonly T[], round: string): T[] {
  return items
    .map((item, index) => ({ item, at: chance(round, index) }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
