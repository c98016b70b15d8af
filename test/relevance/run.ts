import { Command } from 'commander';
import { openDatabase } from '../../server/platform/database/database.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { prepareData } from '../bench/prepare-data.ts';
import { recordFolders, schoolRecordCount } from '../bench/records/real-records.ts';
import { table } from '../bench/report.ts';
import { realMeilisearch } from '../support/meilisearch.ts';
import { temporaryDataDir } from '../support/portal.ts';
import { knownCodes, plainBm25, portalSearch, schoolRecords } from './catalog.ts';
import { readJudgedSet } from './judged-set.ts';
import { figures, measure, missedBars, shown, shownBar, type Measured } from './measure.ts';

// `npm run relevance`: how well the portal's search does on queries that people have judged, over real records, and how
// well plain BM25 does. Prints Markdown; progress goes to standard error. Ends with 1 when an engine misses a bar.
const options = new Command('relevance')
  .option('--data <folder>', 'keep the loaded records there and take them from there the next time')
  .option('--engines <names>', 'which engines, of postgres,meilisearch', 'postgres,meilisearch')
  .option('--verbose', 'every judged query, worst first, with its hits')
  .option('--held-out', 'with --verbose: the queries that are held out too')
  .parse()
  .opts<{ data?: string; engines: string; verbose?: true; heldOut?: true }>();

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const print = (text: string): void => void process.stdout.write(`${text}\n\n`);

const folders = recordFolders();
if (!folders) {
  say(
    'Relevance is judged on real records and needs the folder shared/data beside the checkout. It is not there, so nothing was measured.',
  );
  process.exit(0);
}
const queries = readJudgedSet();
const count = await schoolRecordCount(folders.resources);
const records = await schoolRecords(folders, count);
const kept = options.data ? { dataDir: options.data, remove: async () => {} } : await temporaryDataDir();
try {
  await prepareData(kept.dataDir, { folders, count, invent: false, say });
  const log = createLogger({ logLevel: 'error' });
  const database = await openDatabase({ databaseUrl: undefined, dataDir: kept.dataDir }, log);
  try {
    const known = await knownCodes(database.pool);
    const all = [await measure(plainBm25(records), queries, records, known)];
    const deps = { pool: database.pool, log };
    const engines = options.engines.split(',');
    if (engines.includes('postgres')) {
      say('Asking PostgreSQL');
      const ranking = await portalSearch(deps, 'postgres', { meiliUrl: undefined, meiliKey: undefined });
      all.push(await measure(ranking, queries, records, known));
    }
    const meilisearch = engines.includes('meilisearch') ? await realMeilisearch() : null;
    if (meilisearch) {
      say('Asking Meilisearch');
      try {
        const ranking = await portalSearch(deps, 'meilisearch', {
          meiliUrl: meilisearch.url,
          meiliKey: meilisearch.key,
        });
        all.push(await measure(ranking, queries, records, known));
      } finally {
        await meilisearch.stop();
      }
    } else if (engines.includes('meilisearch'))
      say('Meilisearch: not measured (set MEILI_URL, or MEILI_BIN to its program).');
    report(all);
    // Plain BM25 is there to be left behind.
    for (const one of all.slice(1))
      for (const missed of missedBars(figures(one))) {
        say(`${one.name} misses the bar: ${missed}`);
        process.exitCode = 1;
      }
  } finally {
    await database.close();
  }
} finally {
  await kept.remove();
}

function report(all: readonly Measured[]): void {
  print(`${queries.length} judged queries over ${records.length} real records.`);
  const columns = all.map(figures);
  print(
    table(
      ['', ...all.map(({ name }) => name), 'bar'],
      Object.keys(columns[0] ?? {}).map((row) => [
        row,
        ...columns.map((cells) => shown(row, cells[row] ?? null)),
        shownBar(row),
      ]),
    ),
  );
  if (!options.verbose) return;
  for (const { name, answers, nothingFor, wrongCodes } of all) {
    print(`### ${name}, worst first`);
    print(
      table(
        ['query', 'kind', 'nDCG@10', 'grades of its hits'],
        answers
          .filter(({ heldOut }) => options.heldOut === true || !heldOut)
          .sort((a, b) => a.ndcg - b.ndcg)
          .map(({ query, ndcg, hits }) => [
            query.q,
            query.kind,
            ndcg.toFixed(3),
            hits.map(({ key, grade }) => `${grade ?? '–'} ${key}`).join('<br>'),
          ]),
      ),
    );
    if (nothingFor.length > 0) print(`Nothing for: ${nothingFor.join(' · ')}`);
    if (wrongCodes.length > 0) print(`Not first: ${wrongCodes.join(' · ')}`);
  }
}
