import { loadavg } from 'node:os';
import { Command } from 'commander';
import type { Pool } from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPool } from '../../server/platform/database/pool.ts';
import { databaseUrl, temporaryDataDir } from '../support/portal.ts';
import { realMeilisearch } from '../support/meilisearch.ts';
import { memoryOf, startBenchPortal, type BenchPortal } from './bench-portal.ts';
import { measureCollections } from './collections-scenario.ts';
import { measureCoverage } from './coverage-scenario.ts';
import { measureFreshness } from './freshness-scenario.ts';
import { measureNumbers } from './numbers-scenario.ts';
import { prepareData, untilIndexed } from './prepare-data.ts';
import { measureLoad } from './load-scenario.ts';
import { measurePeople } from './people-scenario.ts';
import { measureQueue } from './queue-scenario.ts';
import { measureReaders } from './readers-scenario.ts';
import { recordFolders } from './records/real-records.ts';
import { measureReindex } from './reindex-scenario.ts';
import { machine, print, say, table } from './report.ts';
import { measureResourcePages, measureSearch } from './search-scenario.ts';
import { measureSuggestions } from './suggest-scenario.ts';
import { measureStarts } from './start-scenario.ts';
import { measureTags } from './tags-scenario.ts';
import { measureUpload } from './upload-scenario.ts';
import { measureWeight } from './weight-scenario.ts';

// `npm run bench`: measures the built portal over HTTP on real records and prints Markdown tables, which a person puts
// into docs/benchmarks.md. Progress goes to standard error.
const PARTS = [
  'starts',
  'weight',
  'search',
  'suggest',
  'pages',
  'readers',
  'load',
  'fresh',
  'reindex',
  'upload',
  'coverage',
  'tags',
  'collections',
  'queue',
  'numbers',
  'people',
] as const;
type Part = (typeof PARTS)[number];

const options = new Command('bench')
  .option('--records <count>', 'how many real records', '10000')
  .option('--no-page-texts', 'records without the text of documents')
  .option('--data <folder>', 'keep the loaded records there and take them from there the next time')
  .option('--only <parts>', `what to measure, of ${PARTS.join(',')}`, PARTS.join(','))
  .option('--engines <names>', 'which engines, of postgres,meilisearch', 'postgres,meilisearch')
  .option('--rounds <count>', 'how many times a hundred searches, and each page', '10')
  .option('--seconds <count>', 'how long the 50 readers read', '30')
  .option('--load-seconds <count>', 'how long the 100 readers and 10 sharers work', '300')
  .option('--load-only', 'load the records into --data and stop')
  .parse()
  .opts<{
    records: string;
    pageTexts: boolean;
    data?: string;
    only: string;
    engines: string;
    rounds: string;
    seconds: string;
    loadSeconds: string;
    loadOnly?: true;
  }>();

const engines = options.engines.split(',');
const wanted = (part: Part): boolean => options.only.split(',').includes(part);

const folders = recordFolders();
if (!folders) {
  say(
    'The bench measures on real records and needs the folder shared/data beside the checkout, with resources/, scale/ and standards/ in it. It is not there, so nothing was measured.',
  );
  process.exit(0);
}
print(`Machine: ${machine()}. Load before the run: ${loadavg()[0]?.toFixed(1)}.`);
if (!options.loadOnly && (wanted('starts') || wanted('weight'))) await measureDemo();
const dataDir = options.data ? { dataDir: options.data, remove: async () => {} } : await temporaryDataDir();
try {
  const loaded = await prepareData(dataDir.dataDir, {
    folders,
    count: Number(options.records),
    pageTexts: options.pageTexts,
    say,
  });
  print(
    table(
      ['records', ''],
      [
        ...Object.entries(loaded.bySource).map(([source, count]) => [source, String(count)]),
        ['**all**', String(loaded.resources)],
        ['loading, with five frameworks', `${loaded.seconds.toFixed(0)} s`],
        ['building the PostgreSQL index', `${loaded.indexSeconds.toFixed(0)} s`],
      ],
    ),
  );
  if (!options.loadOnly) {
    if (engines.includes('postgres')) await measureEngine('postgres', {});
    const meilisearch = wantsRecords() && engines.includes('meilisearch') ? await realMeilisearch() : null;
    if (meilisearch === null && engines.includes('meilisearch'))
      print('Meilisearch: not measured (set MEILI_URL, or MEILI_BIN to its program).');
    if (meilisearch)
      try {
        const { url, key } = meilisearch;
        await measureEngine('meilisearch', { MEILI_URL: url, ...(key ? { MEILI_KEY: key } : {}) });
      } finally {
        await meilisearch.stop();
      }
  }
} finally {
  await dataDir.remove();
}

function wantsRecords(): boolean {
  return PARTS.slice(2).some(wanted);
}

async function measureDemo(): Promise<void> {
  say('Starting the demo');
  const { text, portal, dataDir: demoDir, remove } = await measureStarts();
  print(text);
  try {
    if (wanted('weight')) {
      say('Weighing pages');
      await withPool(await databaseUrl(demoDir), async (pool) =>
        print(await measureWeight(portal.url, pool)),
      );
    }
  } finally {
    await portal.stop();
    await remove();
  }
}

async function measureEngine(engine: 'postgres' | 'meilisearch', env: Record<string, string>): Promise<void> {
  if (!wantsRecords()) return;
  say(`Starting the portal with ${engine}`);
  const portal = await startBenchPortal(dataDir.dataDir, { env });
  try {
    await withPool(await databaseUrl(dataDir.dataDir), (pool) => measurePortal(portal, pool, engine));
  } finally {
    await portal.stop();
  }
}

async function measurePortal(
  portal: BenchPortal,
  pool: Pool,
  engine: 'postgres' | 'meilisearch',
): Promise<void> {
  print(`### ${engine === 'postgres' ? 'PostgreSQL' : 'Meilisearch'}`);
  const indexing = performance.now();
  await untilIndexed(pool, engine);
  if (engine === 'meilisearch')
    print(`The index was built in ${((performance.now() - indexing) / 1000).toFixed(0)} s.`);
  await sleep(5000);
  const atRest = (await memoryOf(portal.pid)).now;
  const input = { portal, pool, engine, rounds: Number(options.rounds) };
  const parts: [Part, () => Promise<string>][] = [
    ['search', () => measureSearch(input)],
    ['suggest', () => measureSuggestions(portal.url, engine, input.rounds)],
    ['pages', () => measureResourcePages(input)],
    ['readers', () => measureReaders(portal, pool, { seconds: Number(options.seconds), atRest, engine })],
    ['load', () => measureLoad(portal, pool, { seconds: Number(options.loadSeconds), atRest })],
    ['fresh', () => measureFreshness(portal.url, pool, { changes: 20 })],
    ['reindex', () => measureReindex(portal.url, pool, engine)],
    ['upload', () => measureUpload(portal)],
    ['tags', () => measureTags(portal.url, pool)],
    ['coverage', () => measureCoverage(portal.url, pool, input.rounds)],
    ['collections', () => measureCollections(portal.url, pool, input.rounds)],
    ['numbers', () => measureNumbers(portal.url, pool, input.rounds)],
    ['people', () => measurePeople(portal.url, pool, input.rounds)],
    ['queue', () => measureQueue(portal, pool, { rounds: Math.max(20, input.rounds) })],
  ];
  for (const [part, measure] of parts)
    if (wanted(part)) {
      say(`Measuring ${part}`);
      print(await measure());
    }
}

async function withPool(url: string, work: (pool: Pool) => Promise<void>): Promise<void> {
  const pool = createPool({ databaseUrl: url, max: 2 }, { warn: () => {} });
  try {
    await work(pool);
  } finally {
    await pool.end();
  }
}
