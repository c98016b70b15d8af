import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import type { Pool } from 'pg';
import { demoSignIns } from '../../../server/accounts/demo-sign-ins.ts';
import { createPool } from '../../../server/platform/database/pool.ts';
import { untilJobsDone } from '../../support/jobs-done.ts';
import { realMeilisearch } from '../../support/meilisearch.ts';
import { databasePid, databaseUrl, temporaryDataDir } from '../../support/portal.ts';
import { randomFrom } from '../../support/random.ts';
import { startBenchPortal, type BenchPortal } from '../bench-portal.ts';
import { Browser } from '../browser.ts';
import { untilFound, word } from '../freshness-scenario.ts';
import { untilIndexed } from '../prepare-data.ts';
import { hundredOf, queryMix } from '../query-mix.ts';
import { recordFolders } from '../records/real-records.ts';
import { machine, ms, percentile, print, say, table, verdict } from '../report.ts';
import { importCommand } from './import-command.ts';
import { rowsWrittenSince, stateOf, writingNow } from './imported-state.ts';
import { writeChanged, writeRows } from './import-rows.ts';

// `npm run bench:import`: a district's file of real records goes in by the command line, beside a portal that people use,
// and is killed again and again. Prints Markdown for docs/benchmarks.md; progress goes to standard error.
const PARTS = ['dry', 'first', 'again', 'changed', 'kills', 'alone'] as const;
type Part = (typeof PARTS)[number];

const options = new Command('bench:import')
  .option('--rows <count>', 'rows of the large file', '100000')
  .option('--kill-rows <count>', 'rows of the file whose run is killed', '20000')
  .option('--kills <count>', 'how often it is killed', '20')
  .option('--seed <number>', 'chances of an earlier run of kills')
  .option('--only <parts>', `what to measure, of ${PARTS.join(',')}`, PARTS.slice(0, 5).join(','))
  .option('--data <folder>', 'a demo that was used before, which is changed, instead of a fresh one')
  .option('--engine <name>', 'postgres or meilisearch', 'postgres')
  .parse()
  .opts<{
    rows: string;
    killRows: string;
    kills: string;
    seed?: string;
    only: string;
    data?: string;
    engine: 'postgres' | 'meilisearch';
  }>();
const count = Number(options.rows);
const wanted = (part: Part): boolean => options.only.split(',').includes(part);

const folders = recordFolders();
if (!folders) {
  say(
    'The bench needs the folder shared/data beside the checkout. It is not there, so nothing was measured.',
  );
  process.exit(0);
}
print(`Machine: ${machine()}. Load before the run: ${loadavg()[0]?.toFixed(1)}.`);
/** Numbers the words that teachers' resources are found by. */
let shared = 0;
const files = await mkdtemp(join(tmpdir(), 'commonshelf-rows-'));
const data = options.data ? { dataDir: options.data, remove: async () => {} } : await temporaryDataDir();
const meilisearch = options.engine === 'meilisearch' ? await realMeilisearch() : null;
if (options.engine === 'meilisearch' && !meilisearch)
  throw new Error('Set MEILI_URL, or MEILI_BIN to the program of Meilisearch');
const env = meilisearch
  ? { MEILI_URL: meilisearch.url, ...(meilisearch.key ? { MEILI_KEY: meilisearch.key } : {}) }
  : {};
const portal = await startBenchPortal(data.dataDir, { production: false, env: { DEMO: 'true', ...env } });
const pool = createPool({ databaseUrl: await databaseUrl(data.dataDir), max: 2 }, { warn: () => {} });
let stopped = false;
try {
  if (PARTS.slice(0, 5).some((part) => wanted(part as Part))) {
    say('Waiting for the demo to be ready');
    await untilJobsDone(pool);
    await untilIndexed(pool, options.engine);
  }
  if (PARTS.slice(0, 4).some((part) => wanted(part as Part))) print(await measureLarge());
  if (wanted('kills')) print(await measureKills());
  if (wanted('alone')) print(await measureAlone());
} finally {
  await pool.end();
  if (!stopped) await portal.stop();
  await meilisearch?.stop();
  await data.remove();
  await rm(files, { recursive: true, force: true });
}

async function measureLarge(): Promise<string> {
  const path = join(files, 'rows.ndjson');
  say(`Writing ${count} rows`);
  const different = await writeRows(path, folders!, count);
  const lines: string[][] = [[`rows (of ${different} different records)`, String(count)]];
  const run = async (what: string, args: string[], file = path) => {
    say(what);
    const before = await writingNow(pool);
    const result = await importCommand(data.dataDir, [file, '--source', 'bench', ...args]).ended;
    if (result.code !== 0 && result.code !== 2)
      throw new Error(`${what} ended with ${result.code}: ${result.said}`);
    return { ...result, written: await rowsWrittenSince(pool, 'bench', before) };
  };
  const bar = (seconds: number, most: number) => `(bar: ≤ ${most.toFixed(0)} s, ${verdict(seconds, most)})`;
  const scale = count / 100_000;
  if (wanted('dry')) {
    const { seconds, memory } = await run('Dry run', ['--dry-run']);
    lines.push(
      [`dry run ${bar(seconds, 120 * scale)}`, `${seconds.toFixed(0)} s`],
      memoryLine('dry run', memory),
    );
  }
  if (wanted('first')) {
    const quiet = await pagesWhile(portal, async () => sleep(20_000));
    const busy = await pagesWhile(portal, () => run('First import', []));
    const { seconds, memory, report } = busy.result;
    const last = performance.now();
    await untilIndexed(pool, options.engine);
    const indexed = (performance.now() - last) / 1000;
    // A search among 100,000 takes longer than among the 200 of before: what is usual lies between before and after.
    const after = await pagesWhile(portal, async () => sleep(20_000));
    const [before, meanwhile, afterwards] = [quiet, busy, after].map(({ pages }) => percentile(pages, 95));
    const ratio = meanwhile! / ((before! + afterwards!) / 2);
    lines.push(
      [`first import ${bar(seconds, 300 * scale)}`, `${seconds.toFixed(0)} s`],
      [
        'new, with gaps, rejected',
        [report?.counts['new'], report?.counts['gaps'], report?.counts['rejected']].join(', '),
      ],
      memoryLine('first import', memory),
      [
        `search page, p95 before, meanwhile, after (bar: ≤ 2 × the mean of before and after, ${verdict(ratio, 2)})`,
        `${ms(before!)}, ${ms(meanwhile!)}, ${ms(afterwards!)} ms: ${ratio.toFixed(1)} ×`,
      ],
      [
        `a teacher's resource in search meanwhile, slowest of ${busy.found.length} (bar: ≤ 2 s, ${verdict(Math.max(...busy.found), 2000)})`,
        `${(Math.max(...busy.found) / 1000).toFixed(1)} s`,
      ],
      [
        `from the last row until all are in ${options.engine}${options.engine === 'meilisearch' ? ` ${bar(indexed, 120 * scale)}` : ''}`,
        `${indexed.toFixed(0)} s`,
      ],
    );
  }
  if (wanted('again')) {
    const { seconds, written, memory } = await run('The same again', []);
    lines.push(
      [`the same file again ${bar(seconds, 60 * scale)}`, `${seconds.toFixed(0)} s`],
      [`rows of resources written then (bar: 0, ${verdict(written, 0)})`, String(written)],
      memoryLine('the same again', memory),
    );
  }
  if (wanted('changed')) {
    const other = join(files, 'changed.ndjson');
    const changed = await writeChanged(path, other, 100);
    const { seconds, report } = await run('One in a hundred changed', [], other);
    lines.push([
      `one row in a hundred changed: changed of ${changed}, new`,
      `${report?.counts['changed']}, ${report?.counts['new']} in ${seconds.toFixed(0)} s`,
    ]);
  }
  return table([`an import of ${count} rows`, ''], lines);
}

/** The command with no portal beside it, so that no index is written meanwhile: for very many rows. */
async function measureAlone(): Promise<string> {
  const path = join(files, 'rows.ndjson');
  say(`Writing ${count} rows`);
  const different = await writeRows(path, folders!, count);
  await portal.stop();
  stopped = true;
  say('An import without a portal');
  const { seconds, memory, report, code } = await importCommand(data.dataDir, [path, '--source', 'alone'])
    .ended;
  return table(
    [`an import of ${count} rows, nothing beside it`, ''],
    [
      [`rows (of ${different} different records)`, String(count)],
      ['took', `${seconds.toFixed(0)} s`],
      ['exit code, new, rejected', [code, report?.counts['new'], report?.counts['rejected']].join(', ')],
      memoryLine('the command', memory),
    ],
  );
}

function memoryLine(what: string, { first, most }: { first: number; most: number }): string[] {
  return [
    `memory, ${what}: growth (bar: ≤ 100 MB, ${verdict(most - first, 100)}), at most`,
    `${(most - first).toFixed(0)} MB, ${most.toFixed(0)} MB`,
  ];
}

/** What search pages take, and how soon a teacher's own resource is found, while something else goes on. */
async function pagesWhile<T>(
  { url }: BenchPortal,
  work: () => Promise<T>,
): Promise<{ result: T; pages: number[]; found: number[] }> {
  const paths = hundredOf(
    queryMix.flatMap(({ kind, searches }) =>
      searches.map((search) => ({ kind, half: false, path: `/search?${search}` })),
    ),
    1,
  ).map(({ path }) => path);
  const [reader, teacher, seeker] = [new Browser(url), new Browser(url), new Browser(url)];
  await teacher.signIn('teacher@north.example', demoSignIns.password);
  const pages: number[] = [];
  const found: number[] = [];
  let going = true;
  const reading = (async () => {
    for (let next = 0; going; next += 1) {
      pages.push((await reader.get(paths[next % paths.length]!, { read: false })).ms);
      await sleep(50);
    }
  })();
  const sharing = (async () => {
    while (going) {
      found.push(await untilFound(teacher, seeker, word(shared)));
      shared += 1;
      await sleep(3000);
    }
  })();
  const result = await work();
  going = false;
  await Promise.all([reading, sharing]);
  for (const browser of [reader, teacher, seeker]) browser.close();
  return { result, pages, found };
}

/** The same rows under two sources: one undisturbed, the other killed at moments left to chance; then both compared. */
async function measureKills(): Promise<string> {
  const seed = Number(options.seed ?? Date.now() % 1_000_000);
  const random = randomFrom(seed);
  const path = join(files, 'kill-rows.ndjson');
  await writeRows(path, folders!, Number(options.killRows));
  say('The undisturbed run');
  const undisturbed = await importCommand(data.dataDir, [path, '--source', 'steady']).ended;
  const killed: Record<string, number> = { command: 0, database: 0 };
  const args = [path, '--source', 'killed'];
  const kills = Number(options.kills);
  const most = (undisturbed.seconds * 1000) / 6;
  let last: Awaited<ReturnType<typeof importCommand>['ended']> | undefined;
  for (let kill = 1; kill <= kills; kill += 1) {
    const { child, ended } = importCommand(data.dataDir, args);
    // Somewhere between its first second and a sixth of the whole, so that later kills meet later rows.
    await Promise.race([ended, sleep(500 + random() * most)]);
    if (child.exitCode !== null) break;
    const victim = kill % 5 === 0 ? 'database' : 'command';
    killed[victim] = (killed[victim] ?? 0) + 1;
    say(`Kill ${kill}: the ${victim}`);
    const pid = victim === 'database' ? await databasePid(data.dataDir) : child.pid;
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
    if (victim === 'database') {
      await databaseIsBack(pool);
      await sleep(random() * 2000);
      child.kill('SIGKILL');
    }
    last = await ended;
  }
  await databaseIsBack(pool);
  last = await importCommand(data.dataDir, args).ended;
  const [steady, other] = [await stateOf(pool, 'steady'), await stateOf(pool, 'killed')];
  const different =
    [...steady].filter(([id, state]) => other.get(id) !== state).length + Math.abs(other.size - steady.size);
  return table(
    [`a run of ${options.killRows} rows, killed (seed ${seed})`, ''],
    [
      ['kills of the command, of the database', `${killed['command']}, ${killed['database']}`],
      ['undisturbed run', `${undisturbed.seconds.toFixed(0)} s`],
      ['exit codes of the undisturbed run and the last one', `${undisturbed.code}, ${last.code}`],
      ['resources of the undisturbed run, of the killed one', `${steady.size}, ${other.size}`],
      [`resources that differ (bar: 0, ${verdict(different, 0)})`, String(different)],
    ],
  );
}

async function databaseIsBack(from: Pool): Promise<void> {
  for (let waited = 0; waited < 600; waited += 1) {
    const answers = await from.query('SELECT 1').then(
      () => true,
      () => false,
    );
    if (answers) return;
    await sleep(100);
  }
  throw new Error('The database did not come back within a minute');
}
