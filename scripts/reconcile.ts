import { setTimeout as sleep } from 'node:timers/promises';
import { Command, Option } from 'commander';
import type { Deps } from '../server/deps.ts';
import { translator } from '../server/locale/locale.ts';
import { openDeps } from '../server/open-deps.ts';
import { giveWay } from '../server/platform/give-way.ts';
import type { Difference } from '../server/operation/reconcile/difference.ts';
import { reconcile, reconcileParts, type ReconcilePart } from '../server/operation/reconcile/reconcile.ts';
import { runOrExplain } from '../server/run-or-explain.ts';
import { searchHealth } from '../server/search/index-queue.ts';
import { startIndexer } from '../server/search/indexer.ts';

// `npm run reconcile`: holds database, files and search indexes against each other, and names what differs, a line each.
// Changes nothing unless told to mend; the portal may serve meanwhile.
// Ends with 0 when nothing is left that differs, 2 when something is, 1 when it could not look.
const t = translator('en');
const differs = 2;

/** How long the indexer gets, when it has to be waited for. */
const INDEX_PATIENCE_MS = 30 * 60_000;

const command = new Command('reconcile')
  .description(t('reconcile.description'))
  .option('--mend', t('reconcile.option.mend'))
  .option('--json', t('reconcile.option.json'))
  .addOption(new Option('--only <parts...>', t('reconcile.option.only')).choices([...reconcileParts]))
  .parse();
const options = command.opts<{ mend?: true; json?: true; only?: ReconcilePart[] }>();

await runOrExplain(async () => {
  const { deps, database, close } = await openDeps({ step: (text) => console.error(text) });
  giveWay(database);
  const count = { faults: 0, mended: 0, passing: 0 };
  let indexing = false;
  let drawing = false;
  try {
    for await (const found of reconcile(deps, options.only)) {
      const mended = options.mend && found.mend ? await found.mend() : null;
      indexing ||= mended === true && found.kind.startsWith('index');
      drawing ||= mended === true && found.kind === 'previewMissing';
      tell(found, mended);
      if (found.passing) count.passing += mended ? 0 : 1;
      else count.faults += 1;
      if (mended && !found.passing) count.mended += 1;
    }
    if (indexing && !(await untilIndexed(deps))) {
      console.error(t('reconcile.stillIndexing'));
      process.exitCode = differs;
    }
  } finally {
    await close();
  }
  if (count.passing > 0) console.error(t('reconcile.passing', { count: count.passing }));
  const left = count.faults - count.mended;
  if (count.faults === 0) console.error(t('reconcile.equal'));
  else console.error(t('reconcile.sum', { count: count.faults, mended: count.mended, left }));
  if (drawing) console.error(t('reconcile.drawing'));
  if (left > 0) process.exitCode = differs;
});

function tell({ kind, id, params, passing }: Difference, mended: boolean | null): void {
  if (options.json) return console.log(JSON.stringify({ kind, id, ...params, passing, mended }));
  const words = t(`reconcile.${kind}`, params);
  console.log(mended === null ? words : `${words} ${t(mended ? 'reconcile.mended' : 'reconcile.notMended')}`);
}

/**
 * Waits until every engine that can be reached has everything: beside a portal, which indexes; or alone, then this does.
 * @returns whether they have
 */
async function untilIndexed(deps: Deps): Promise<boolean> {
  const indexer = startIndexer({ ...deps, engines: deps.search.all });
  try {
    for (const end = Date.now() + INDEX_PATIENCE_MS; Date.now() < end; await sleep(200)) {
      const health = await searchHealth(deps.pool, deps.search.all);
      if (health.every(({ downSince, built, waiting }) => downSince || (built && waiting === 0))) return true;
    }
    return false;
  } finally {
    await indexer.stop();
  }
}
