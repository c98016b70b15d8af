import type { Pool } from 'pg';
import { migrateJobQueue } from '../job-queue/worker.ts';
import type { Logger } from '../logger.ts';
import { migrate } from './migrations.ts';

/**
 * Brings a database up to this version: first the tables of the job queue, whose functions our own
 * migrations may call, then ours.
 * @returns the names of our migrations that ran now
 * @throws MigrationError when the database doesn't fit this version, or a migration fails
 */
export async function migrateDatabase(deps: { pool: Pool; log: Logger }): Promise<string[]> {
  await migrateJobQueue(deps);
  return migrate(deps.pool);
}
