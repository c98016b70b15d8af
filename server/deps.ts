import type { Pool } from 'pg';
import type { Config } from './config.ts';
import type { PrismaClient } from './platform/database/generated/client.ts';
import type { FileStore } from './platform/file-store/file-store.ts';
import type { Logger } from './platform/logger.ts';
import type { Mailer } from './platform/mailer.ts';
import type { SearchStatistics } from './search/search-statistics.ts';
import type { SearchEngines } from './search/search-engines.ts';

/** The outside world, made once in main and handed to every service; services take a Pick of it. */
export type Deps = {
  config: Config;
  log: Logger;
  clock: { now: () => Date };
  pool: Pool;
  db: PrismaClient;
  files: FileStore;
  search: SearchEngines;
  statistics: SearchStatistics;
  mailer: Mailer;
};
