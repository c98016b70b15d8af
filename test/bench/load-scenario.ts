import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { demoSignIns } from '../../server/accounts/demo-sign-ins.ts';
import { memoryOf, watchMemory, type BenchPortal, type MemoryLook } from './bench-portal.ts';
import { Browser, textFile, type Answer } from './browser.ts';
import { lessonForm, revisionOf } from './lesson-form.ts';
import { hundredOf, queryMix } from './query-mix.ts';
import { ms, percentile, table } from './report.ts';
import { resourcePaths } from './search-scenario.ts';

const READERS = 100;
const SHARERS = 10;
/** Seconds that a person looks at a page before the next one, on average. */
const READING_SECONDS = 3;
/** Memory is flat when what is kept at the end is at most so much more than a third of the way in. */
const FLAT_MB = 60;

type Taken = { what: 'search' | 'page' | 'share'; ms: number };

/**
 * A state at work: a hundred people search and read, some seconds a page, while ten share through the forms, each with a
 * document, saved and published. Everything that isn't the answer that was meant counts as an error.
 */
export async function measureLoad(
  { url, pid }: BenchPortal,
  pool: Pool,
  { seconds, atRest }: { seconds: number; atRest: number },
): Promise<string> {
  const pages = await resourcePaths(pool, 500);
  const all = queryMix.flatMap(({ kind, searches }) =>
    searches.map((search) => ({ kind, half: false, path: `/search?${search}` })),
  );
  const searches = hundredOf(all, 1).map(({ path }) => path);
  const taken: Taken[] = [];
  const errors = new Map<string, number>();
  const failed = (what: string): void => void errors.set(what, (errors.get(what) ?? 0) + 1);
  const started = performance.now();
  const goesOn = (): boolean => performance.now() - started < seconds * 1000;
  const note = (what: Taken['what'], { status, ms: took }: Answer, meant: number): boolean => {
    taken.push({ what, ms: took });
    if (status !== meant) failed(`${what} ${status}`);
    return status === meant;
  };

  const reader = async (index: number): Promise<void> => {
    const browser = new Browser(url);
    await sleep((index / READERS) * READING_SECONDS * 1000);
    for (let turn = index; goesOn(); turn += 1) {
      const isSearch = turn % 3 === 0;
      const path = isSearch ? searches[turn % searches.length] : pages[(turn * 7) % pages.length];
      try {
        note(isSearch ? 'search' : 'page', await browser.get(path ?? '/', { read: false }), 200);
      } catch (error) {
        failed(error instanceof Error ? error.message : 'no answer');
      }
      await sleep(READING_SECONDS * 1000 * (0.5 + Math.random()));
    }
    browser.close();
  };

  let shared = 0;
  const sharer = async (index: number): Promise<void> => {
    const browser = new Browser(url);
    const people = demoSignIns.people.filter(({ email }) => email.startsWith('teacher@'));
    await browser.signIn(people[index % people.length]!.email, demoSignIns.password);
    while (goesOn()) {
      try {
        if (await shareOne(browser, note)) shared += 1;
      } catch (error) {
        failed(error instanceof Error ? error.message : 'no answer');
      }
      await sleep(READING_SECONDS * 1000 * (0.5 + Math.random()));
    }
    browser.close();
  };

  const memory: MemoryLook[] = [];
  const { most } = await watchMemory(
    pid,
    () =>
      Promise.all([
        ...Array.from({ length: READERS }, (_, index) => reader(index)),
        ...Array.from({ length: SHARERS }, (_, index) => sharer(index)),
      ]),
    (look) => memory.push(look),
  );
  await sleep(Math.min(20_000, seconds * 500));
  const end = (await memoryOf(pid)).now;
  const third = (from: number): number => {
    const some = memory.filter(
      ({ at }) => at >= seconds * 1000 * from && at < seconds * 1000 * (from + 1 / 3),
    );
    return some.reduce((sum, { mb }) => sum + mb, 0) / Math.max(1, some.length);
  };
  const growth = third(2 / 3) - third(1 / 3);
  const total = [...errors.values()].reduce((sum, count) => sum + count, 0);
  const spread = (what: Taken['what']): string => {
    const times = taken.filter((one) => one.what === what).map((one) => one.ms);
    return times.length === 0 ? '–' : `${ms(percentile(times, 50))} / ${ms(percentile(times, 95))}`;
  };
  return table(
    [`${READERS} readers and ${SHARERS} sharers for ${seconds} s`, ''],
    [
      ['requests answered', String(taken.length)],
      ['resources shared, with a document each', String(shared)],
      [
        `errors (bar: 0, ${total === 0 ? 'met' : 'not met'})`,
        total === 0 ? '0' : [...errors].map(([what, count]) => `${count} × ${what}`).join(', '),
      ],
      ['search p50 / p95 ms', spread('search')],
      ['resource page p50 / p95 ms', spread('page')],
      ['a step of sharing p50 / p95 ms', spread('share')],
      ['memory at rest, before anyone came', `${atRest.toFixed(0)} MB`],
      ['memory at most', `${most.toFixed(0)} MB`],
      [
        `memory in the second and the last third (bar: ≤ ${FLAT_MB} MB more, ${growth <= FLAT_MB ? 'met' : 'not met'})`,
        `${third(1 / 3).toFixed(0)} and ${third(2 / 3).toFixed(0)} MB`,
      ],
      ['memory afterwards', `${end.toFixed(0)} MB`],
    ],
  );
}

/** Begins with a document, describes it, publishes it. @returns whether every step was answered as it should be */
async function shareOne(
  browser: Browser,
  note: (what: 'share', answer: Answer, meant: number) => boolean,
): Promise<boolean> {
  const title = `Load ${randomBytes(5).toString('hex')}`;
  const began = await browser.sendFile(
    '/resources/new',
    [['title', title]],
    textFile(`${title}.txt`, 'text/plain', `Words about ${title}. `.repeat(800)),
  );
  if (!note('share', began, 303)) return false;
  const edit = began.location ?? '';
  const form = await browser.get(edit);
  if (!note('share', form, 200)) return false;
  const saved = await browser.post(
    edit,
    lessonForm(form.body, { title, summary: 'A document that only the bench shares.' }),
  );
  if (!note('share', saved, 303)) return false;
  const check = await browser.get(saved.location ?? '');
  if (!note('share', check, 200)) return false;
  const published = await browser.post(edit.replace(/\/edit$/, '/publish'), [
    ['revision', revisionOf(check.body)],
  ]);
  return note('share', published, 303);
}
