import autocannon from 'autocannon';
import type { Pool } from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import { memoryOf, watchMemory, type BenchPortal } from './bench-portal.ts';
import { hundredOf, queryMix } from './query-mix.ts';
import { table } from './report.ts';
import { resourcePaths } from './search-scenario.ts';

const READERS = 50;

/**
 * 50 people who read without a pause, each beginning at another place of the list: searches of the mix and resource
 * pages in turns, home and standards between them. The load is made on the same machine.
 */
export async function measureReaders(
  { url, pid }: BenchPortal,
  pool: Pool,
  { seconds, atRest, engine }: { seconds: number; atRest: number; engine: string },
): Promise<string> {
  const pages = await resourcePaths(pool, 200);
  const all = queryMix.flatMap(({ kind, searches }) =>
    searches.map((search) => ({ kind, half: false, path: `/search?${search}` })),
  );
  const searches = hundredOf(all, 1).map(({ path }) => path);
  const paths = searches.flatMap((search, index) => [
    search,
    pages[(index * 2) % pages.length] ?? '/',
    pages[(index * 2 + 1) % pages.length] ?? '/',
    ...(index % 10 === 0 ? ['/', '/standards'] : []),
  ]);
  let started = 0;
  const { result, most } = await watchMemory(pid, async () =>
    autocannon({
      url,
      connections: READERS,
      duration: seconds,
      timeout: 30,
      headers: { 'accept-encoding': 'gzip' },
      setupClient: (client) => {
        const from = Math.floor((started * paths.length) / READERS);
        started += 1;
        client.setRequests(
          [...paths.slice(from), ...paths.slice(0, from)].map((path) => ({ method: 'GET', path })),
        );
      },
    }),
  );
  await sleep(20_000);
  const after = await memoryOf(pid);
  return table(
    ['50 readers without a pause', ''],
    [
      ['requests answered', String(result.requests.total)],
      [
        engine === 'meilisearch'
          ? `requests a second (bar: ≥ 150, ${result.requests.average >= 150 ? 'met' : 'not met'})`
          : 'requests a second',
        result.requests.average.toFixed(0),
      ],
      ['p50 / p97.5 / p99 ms', [result.latency.p50, result.latency.p97_5, result.latency.p99].join(' / ')],
      ['errors, timeouts, answers other than 2xx', `${result.errors}, ${result.timeouts}, ${result.non2xx}`],
      ['memory at rest, before anyone came', `${atRest.toFixed(0)} MB`],
      ['memory at most', `${most.toFixed(0)} MB`],
      ['memory 20 s later', `${after.now.toFixed(0)} MB`],
    ],
  );
}
