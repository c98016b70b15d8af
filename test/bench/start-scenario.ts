import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { projectRoot } from '../../server/lib/project-root.ts';
import { temporaryDataDir } from '../support/portal.ts';
import { memoryOf, startBenchPortal, type BenchPortal } from './bench-portal.ts';
import { percentile, table, verdict } from './report.ts';

/** Starts of the demo: the very first one builds and seeds, the later ones find everything made. */
export async function measureStarts(): Promise<{
  text: string;
  portal: BenchPortal;
  dataDir: string;
  remove: () => Promise<void>;
}> {
  const { dataDir, remove } = await temporaryDataDir();
  // As after `npm ci`: nothing is compiled.
  await rm(join(projectRoot, 'dist'), { recursive: true, force: true });
  const first = await startBenchPortal(dataDir, { production: false });
  await first.stop();
  const other = await temporaryDataDir();
  const built = await startBenchPortal(other.dataDir, { production: false });
  await built.stop();
  await other.remove();
  const later: number[] = [];
  const stops: number[] = [];
  let portal = first;
  for (let index = 0; index < 3; index += 1) {
    portal = await startBenchPortal(dataDir, { production: false });
    later.push(portal.startMs);
    if (index === 2) break;
    const stopping = performance.now();
    await portal.stop();
    stops.push(performance.now() - stopping);
  }
  await sleep(5000);
  const { now } = await memoryOf(portal.pid);
  const seconds = (value: number) => `${(value / 1000).toFixed(1)} s`;
  const middle = percentile(later, 50);
  const text = table(
    ['start of the demo, until the home page answers', ''],
    [
      [
        `first start after \`npm ci\`: compile, make the database, seed (bar: ≤ 30 s, ${verdict(first.startMs, 30_000)})`,
        seconds(first.startMs),
      ],
      ['first start of a portal that is compiled', seconds(built.startMs)],
      [`later start, middle one of three (bar: ≤ 5 s, ${verdict(middle, 5000)})`, seconds(middle)],
      ['stop', seconds(percentile(stops, 50))],
      ['memory of node at rest, after the start', `${now.toFixed(0)} MB`],
    ],
  );
  return { text, portal, dataDir, remove };
}
