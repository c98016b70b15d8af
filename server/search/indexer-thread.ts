import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Config } from '../config.ts';
import { entryBeside } from '../platform/child-process.ts';
import type { Database } from '../platform/database/database.ts';
import type { Logger } from '../platform/logger.ts';
import type { Indexer } from './indexer.ts';

/** What the thread is told at its start. */
export interface IndexerThreadData {
  databaseUrl: string;
  embedded: boolean;
  config: Pick<Config, 'logLevel' | 'meiliUrl' | 'meiliKey'>;
}

/** First wait before a thread that ended by itself is started again; doubles up to 30 times that. */
const AGAIN_MS = 1000;

/**
 * `startIndexer` in a thread of its own, with a pool of its own, which gives way to what answers people: an import of
 * 100,000 rows is indexed beside pages that hardly notice. A thread that ends by itself is started again.
 */
export function startIndexerThread({
  config,
  database,
  log,
}: {
  config: IndexerThreadData['config'];
  database: Pick<Database, 'url' | 'embedded'>;
  log: Pick<Logger, 'error'>;
}): Indexer {
  const { logLevel, meiliUrl, meiliKey } = config;
  const data: IndexerThreadData = {
    databaseUrl: database.url,
    embedded: database.embedded,
    config: { logLevel, meiliUrl, meiliKey },
  };
  const stopping = new AbortController();
  let thread: Worker | undefined;
  const ended = (async () => {
    for (let wait = AGAIN_MS; !stopping.signal.aborted; wait = Math.min(wait * 2, AGAIN_MS * 30)) {
      const started = performance.now();
      thread = startThread(data);
      await untilEnd(thread, (err) => log.error({ err }, 'The thread that indexes ended and starts again'));
      if (performance.now() - started > AGAIN_MS * 60) wait = AGAIN_MS;
      await sleep(wait, undefined, { signal: stopping.signal }).catch(() => {});
    }
  })();
  return {
    stop: async () => {
      stopping.abort();
      thread?.postMessage('stop');
      await ended;
    },
  };
}

function startThread(workerData: IndexerThreadData): Worker {
  const entry = entryBeside(import.meta.url, 'indexer-entry');
  if (!entry.pathname.endsWith('.ts')) return new Worker(entry, { workerData, execArgv: [] });
  // From source: `--import tsx` does nothing in a thread, so TypeScript is taught to it first.
  const api = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  const source = `import(${api}).then((tsx) => { tsx.register(); return import(${JSON.stringify(entry.href)}); });`;
  return new Worker(source, { eval: true, workerData, execArgv: [] });
}

async function untilEnd(thread: Worker, onError: (error: unknown) => void): Promise<void> {
  thread.on('error', onError);
  await new Promise((resolve) => thread.once('exit', resolve));
}
