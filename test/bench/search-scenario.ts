import type { Pool } from 'pg';
import { resourcePath } from '../../server/lib/slug.ts';
import { cpuOf, type BenchPortal } from './bench-portal.ts';
import { Browser } from './browser.ts';
import { hundredOf, queryMix, shuffled, type QueryKind, type Search } from './query-mix.ts';
import { ms, percentile, spread, table, verdict } from './report.ts';

export interface LatencyInput {
  portal: BenchPortal;
  pool: Pool;
  engine: string;
  rounds: number;
}

interface Measured extends Search {
  times: number[];
  engineTimes: number[];
  total: number;
}

/**
 * One search after another on one connection: every search of the mix once to warm up, then `rounds` times a hundred, of
 * each kind as many as its share, shuffled anew.
 */
export async function measureSearch({ portal, engine, rounds }: LatencyInput): Promise<string> {
  const all = queryMix.flatMap(({ kind, half, searches }) =>
    searches.map((search): Measured => ({
      kind,
      half: half ?? false,
      path: `/search?${search}`,
      times: [],
      engineTimes: [],
      total: 0,
    })),
  );
  const browser = new Browser(portal.url);
  for (const one of all) {
    const { status, body } = await browser.get(one.path);
    if (status !== 200) throw new Error(`${one.path} gave ${status}`);
    one.total = totalOf(body);
  }
  const cpu = await cpuPerAnswer(portal, 100 * rounds);
  for (let round = 1; round <= rounds; round += 1)
    for (const one of hundredOf(all, round)) {
      const { status, ms: time, engineMs } = await browser.get(one.path, { read: false });
      if (status !== 200) throw new Error(`${one.path} gave ${status}`);
      one.times.push(time);
      if (engineMs !== null) one.engineTimes.push(engineMs);
    }
  const spent = await cpu();
  browser.close();
  return [
    table(
      [
        'search page',
        'of 100',
        'searches',
        'hits',
        'engine p50 / p95 / p99',
        'page p50 ms',
        'p95 ms',
        'p99 ms',
      ],
      [...queryMix.map((kind) => kindRow(kind, all)), ...sumRows(all, engine)],
    ),
    '',
    `${spent} Slowest: ${slowestOf(all)}.`,
  ].join('\n');
}

function kindRow({ kind, share, searches }: QueryKind, all: readonly Measured[]): string[] {
  const mine = all.filter((one) => one.kind === kind);
  const totals = mine.map(({ total }) => total);
  return [
    kind,
    String(share),
    String(searches.length),
    `${Math.min(...totals)}–${Math.max(...totals)}`,
    ...cells(mine),
  ];
}

function sumRows(all: readonly Measured[], engine: string): string[][] {
  const [usualBar, halfBar] = engine === 'meilisearch' ? [25, 40] : [100, 300];
  const timesOf = (some: readonly Measured[]) => some.flatMap(({ times }) => times);
  const half = all.filter((one) => one.half);
  const over = all.flatMap(({ times, engineTimes }) =>
    times.flatMap((time, index) => {
      const engineTime = engineTimes[index];
      return engineTime === undefined ? [] : [time - 1.5 * engineTime];
    }),
  );
  return [
    [
      `**whole mix** (bar: p95 ≤ ${usualBar} ms, ${verdict(percentile(timesOf(all), 95), usualBar)})`,
      '100',
      String(all.length),
      '',
      ...cells(all),
    ],
    [
      `words that half of all resources hold (bar: p95 ≤ ${halfBar} ms, ${verdict(percentile(timesOf(half), 95), halfBar)})`,
      '',
      '',
      '',
      ...cells(half),
    ],
    ...(over.length === 0
      ? []
      : [
          [
            `page less 1.5 times its engine (bar: p95 ≤ 8 ms, ${verdict(percentile(over, 95), 8)})`,
            '',
            '',
            '',
            '',
            ...spread(over),
          ],
        ]),
  ];
}

const cells = (some: readonly Measured[]): string[] => {
  const engineTimes = some.flatMap((one) => one.engineTimes);
  return [
    engineTimes.length === 0 ? '' : spread(engineTimes).join(' / '),
    ...spread(some.flatMap(({ times }) => times)),
  ];
};

const slowestOf = (all: readonly Measured[]): string =>
  all
    .filter(({ times }) => times.length > 0)
    .toSorted((a, b) => percentile(b.times, 50) - percentile(a.times, 50))
    .slice(0, 5)
    .map((one) => `\`${one.path}\` (${one.total} hits, p50 ${ms(percentile(one.times, 50))} ms)`)
    .join(', ');

/** 200 resource pages, as someone who isn't signed in sees them. */
export async function measureResourcePages({ portal, pool, rounds }: LatencyInput): Promise<string> {
  const paths = await resourcePaths(pool, 200);
  const browser = new Browser(portal.url);
  const times: number[] = [];
  let cpu = await cpuPerAnswer(portal, 0);
  for (let round = 0; round <= rounds; round += 1) {
    if (round === 1) cpu = await cpuPerAnswer(portal, paths.length * rounds);
    for (const path of shuffled(paths, round)) {
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
