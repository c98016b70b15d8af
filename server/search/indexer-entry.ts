import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../platform/clock.ts';
import { createPool } from '../platform/database/pool.ts';
import { giveWay, STANDS_BACK } from '../platform/give-way.ts';
import { createLogger } from '../platform/logger.ts';
import type { IndexerThreadData } from './indexer-thread.ts';
import { startIndexer } from './indexer.ts';
import { createSearchEngines } from './search-engines.ts';

// The thread that indexes (see indexer-thread.ts). Ends when it is told to stop, after the batch under way.
const { databaseUrl, embedded, config } = workerData as IndexerThreadData;
const log = createLogger(config);
const pool = createPool({ databaseUrl, max: 6, name: 'commonshelf indexer' }, log);
giveWay({ pool, embedded }, STANDS_BACK.little);
const indexer = startIndexer({
  pool,
  log,
  engines: createSearchEngines({ config, pool, clock: systemClock }).all,
});
parentPort?.once('message', () => void indexer.stop().then(() => pool.end()));
