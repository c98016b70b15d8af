import type { Pool } from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import { demoSignIns } from '../../server/accounts/demo-sign-ins.ts';
import { Browser } from './browser.ts';
import { lessonForm, revisionOf } from './lesson-form.ts';
import { spread, table, verdict, percentile } from './report.ts';

/**
 * Teachers publish through the forms; a reader asks the search page for a word that stands in nothing else until the
 * resource is there. Once on a quiet portal, once while an import marks resources by the hundred.
 */
export async function measureFreshness(
  url: string,
  pool: Pool,
  { changes }: { changes: number },
): Promise<string> {
  const teacher = new Browser(url);
  const reader = new Browser(url);
  await teacher.signIn('teacher@north.example', demoSignIns.password);
  const quiet: number[] = [];
  for (let index = 0; index < changes; index += 1) quiet.push(await untilFound(teacher, reader, word(index)));
  const busy: number[] = [];
  const importing = importAlong(pool);
  for (let index = 0; index < changes; index += 1)
    busy.push(await untilFound(teacher, reader, word(changes + index)));
  await importing.stop();
  teacher.close();
  reader.close();
  const row = (what: string, times: number[]) => [
    `${what} (bar: p95 ≤ 1,000 ms, ${verdict(percentile(times, 95), 1000)})`,
    String(times.length),
    ...spread(times),
  ];
  return table(
    ['from the press of "Publish" until search finds it', 'changes', 'p50 ms', 'p95 ms', 'p99 ms'],
    [row('nothing else going on', quiet), row('during an import', busy)],
  );
}

/** A word of letters that nobody has written: `benchword` and a number in letters. */
const stamp = Date.now();
export const word = (index: number): string =>
  `benchword${String(stamp + index).replaceAll(/\d/g, (digit) => 'abcdefghij'.charAt(Number(digit)))}`;

/** Publishes a link of that title through the forms; the ms from the press of "Publish" until search has it. */
export async function untilFound(teacher: Browser, reader: Browser, title: string): Promise<number> {
  const started = await teacher.post('/resources/new', [
    ['url', `https://example.org/${title}`],
    ['title', title],
  ]);
  const edit = started.location ?? '';
  const saved = await teacher.post(edit, [
    ...lessonForm((await teacher.get(edit)).body, {
      title,
      summary: 'A link that only the bench looks for.',
    }),
    ['url', `https://example.org/${title}`],
  ]);
  if (saved.status !== 303 || !saved.location) throw new Error(`Saving the draft gave ${saved.status}`);
  const revision = revisionOf((await teacher.get(saved.location)).body);
  const pressed = performance.now();
  const published = await teacher.post(edit.replace(/\/edit$/, '/publish'), [['revision', revision]]);
  if (published.status !== 303) throw new Error(`Publishing gave ${published.status}`);
  const path = published.location ?? '';
  while (performance.now() - pressed < 60_000) {
    const { body } = await reader.get(`/search?q=${title}`);
    if (body.includes(`href="${path}`)) return performance.now() - pressed;
    await sleep(20);
  }
  throw new Error(`${title} was not found within a minute`);
}

/** Marks 500 resources at a time as an import does, so that the indexer always has thousands before it. */
function importAlong(pool: Pool): { stop: () => Promise<void> } {
  let going = true;
  const done = (async () => {
    while (going) {
      const { rows } = await pool.query<{ n: number }>('SELECT count(*)::int AS n FROM search_dirty');
      if ((rows[0]?.n ?? 0) < 4000)
        await pool.query(
          `SELECT mark_dirty(ARRAY(SELECT id FROM resource WHERE source = 'bench' ORDER BY random() LIMIT 500), 1::smallint)`,
        );
      else await sleep(50);
    }
    await pool.query('DELETE FROM search_dirty WHERE priority = 1');
  })();
  return {
    stop: async () => {
      going = false;
      await done;
    },
  };
}
