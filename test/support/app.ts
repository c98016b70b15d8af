import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Express } from 'express';
import { afterAll } from 'vitest';
import { createApp } from '../../server/app.ts';
import { readConfig } from '../../server/config.ts';
import type { Deps } from '../../server/deps.ts';
import { openDiskFileStore } from '../../server/platform/file-store/disk-file-store.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { createMailer } from '../../server/platform/mailer.ts';
import { createSearchStatistics } from '../../server/search/search-statistics.ts';
import { createSearchEngines } from '../../server/search/search-engines.ts';
import type { TestDatabase } from './database.ts';

/**
 * The whole portal on a test database, without a worker: `request(app)` it with supertest, or hand `deps` to services.
 * Its files lie in a temporary folder that goes away after the last test.
 */
export async function testApp(
  { pool, db, url }: TestDatabase,
  settings: Record<string, string> = {},
): Promise<{ app: Express; deps: Deps }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'commonshelf-portal-'));
  afterAll(() => rm(dataDir, { recursive: true, force: true }));
  const config = readConfig({
    NODE_ENV: 'test',
    LOG_LEVEL: 'error',
    DATABASE_URL: url,
    DATA_DIR: dataDir,
    BASE_URL: 'http://localhost',
    // Files are taken on a machine whose disk is nearly full, too; disk-full.test.ts has a disk of its own.
    UPLOAD_STOP_PERCENT: '99',
    ...settings,
  });
  const log = createLogger(config);
  const clock = { now: () => new Date() };
  const files = await openDiskFileStore(join(dataDir, 'files'));
  const search = createSearchEngines({ config, pool, clock });
  const statistics = createSearchStatistics({ pool, log, clock });
  const mailer = createMailer(config, log);
  const deps: Deps = { config, log, clock, pool, db, files, search, statistics, mailer };
  return { app: createApp(deps), deps };
}
