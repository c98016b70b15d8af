import type { Pool } from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import { requestRebuild } from '../../server/search/index-queue.ts';
import type { EngineName } from '../../server/search/search-port.ts';
import { Browser } from './browser.ts';
import { untilIndexed } from './prepare-data.ts';
import { queryMix, shuffled } from './query-mix.ts';
import { spread, table, verdict } from './report.ts';

/** The whole index anew, as `npm run reindex` asks for it, while somebody searches four times a second. */
export async function measureReindex(url: string, pool: Pool, engine: EngineName): Promise<string> {
  const searches = shuffled(
    queryMix.flatMap(({ searches: its }) => its),
    1,
  );
  const browser = new Browser(url);
  const times: number[] = [];
  let failed = 0;
  const started = performance.now();
  await requestRebuild(pool, engine);
  let going = true;
  const reading = (async () => {
    for (let index = 0; going; index += 1) {
      const { status, ms } = await browser.get(`/search?${searches[index % searches.length] ?? ''}`, {
        read: false,
      });
      if (status === 200) times.push(ms);
      else failed += 1;
      await sleep(250);
    }
  })();
  await untilIndexed(pool, engine);
  const seconds = (performance.now() - started) / 1000;
  going = false;
  await reading;
  browser.close();
  return table(
    ['the whole index anew', 'seconds', 'searches meanwhile', 'failed', 'p50 ms', 'p95 ms', 'p99 ms'],
    [
      [
        `while somebody searches (bar: ≤ 300 s, ${verdict(seconds, 300)}; no downtime, ${verdict(failed, 0)})`,
        seconds.toFixed(0),
        String(times.length),
        String(failed),
        ...spread(times),
      ],
    ],
  );
}
