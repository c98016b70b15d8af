// Indexes until it is killed, and stops in the middle of its first batch: the victim of the kill -9 test.
import { createPool } from '../../server/platform/database/pool.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { createPostgresEngine } from '../../server/search/engines/postgres/postgres-engine.ts';
import { startIndexer } from '../../server/search/indexer.ts';

const log = createLogger({ logLevel: 'silent' });
const pool = createPool({ databaseUrl: process.argv[2] ?? '', max: 4 }, log);
const apply = () => {
  process.send?.('writing');
  return new Promise<void>(() => {});
};
startIndexer({ pool, log, engines: [{ ...createPostgresEngine(pool), apply }] });
