import { SingleBar } from 'cli-progress';
import { Command, Option } from 'commander';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDeps } from '../server/open-deps.ts';
import { runOrExplain } from '../server/run-or-explain.ts';
import { startIndexer } from '../server/search/indexer.ts';
import { requestRebuild, searchHealth, type EngineHealth } from '../server/search/index-queue.ts';
import type { EngineName } from '../server/search/search-port.ts';

// `npm run reindex`: builds the search indexes anew from the database. Search goes on meanwhile; what people change is
// found at once. Where a portal or worker runs, it does the work and this only shows how far it is; else this does it.
const command = new Command('reindex')
  .description('Build the search indexes anew from the database, while search goes on')
  .addOption(new Option('--engine <name>', 'only this one').choices(['postgres', 'meilisearch']))
  .parse();
const { engine: only } = command.opts<{ engine?: EngineName }>();

await runOrExplain(async () => {
  const { deps, close } = await openDeps({ step: console.log });
  try {
    const engines = deps.search.all.filter(({ name }) => only === undefined || name === only);
    if (engines.length === 0) throw new Error(`${only} isn't set up here: set MEILI_URL.`);
    for (const { name } of engines) await requestRebuild(deps.pool, name);
    const indexer = startIndexer({ ...deps, engines: deps.search.all });
    for (const { name } of engines) await follow(name, async () => healthOf(name));
    await indexer.stop();
  } finally {
    await close();
  }

  async function healthOf(name: EngineName): Promise<EngineHealth | undefined> {
    return (await searchHealth(deps.pool, deps.search.all)).find(({ engine }) => engine === name);
  }
});

/** Shows the progress of one engine until it is built. */
async function follow(name: EngineName, health: () => Promise<EngineHealth | undefined>): Promise<void> {
  const started = Date.now();
  const bar = new SingleBar({
    format: `${name} [{bar}] {value} of {total} resources`,
    hideCursor: true,
    noTTYOutput: true,
    notTTYSchedule: 5000,
  });
  bar.start(0, 0);
  let told = false;
  for (;;) {
    const now = await health();
    if (now) {
      bar.setTotal(now.rebuild.total);
      bar.update(now.rebuild.done);
      if (now.built) break;
      if (now.downSince && !told) {
        told = true;
        console.log(
          `\n${name} can't be reached: ${now.lastError ?? ''}. Waiting for it; Ctrl-C gives up waiting.`,
        );
      }
    }
    await sleep(200);
  }
  bar.stop();
  console.log(`${name}: built anew in ${((Date.now() - started) / 1000).toFixed(1)} s.`);
}
