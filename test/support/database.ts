import { randomBytes } from 'node:crypto';
import type { Pool } from 'pg';
import { afterAll, inject } from 'vitest';
import { createPrisma } from '../../server/platform/database/database.ts';
import type { Database } from '../../server/platform/database/database.ts';
import { createPool } from '../../server/platform/database/pool.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { databaseOn, onServer } from './database-server.ts';

export type TestDatabase = { pool: Pool; db: Database['db']; url: string };

/**
 * A database with all migrations and no rows, for this test file alone. Call it at the top of the file
 * (`const { pool, db } = await testDatabase();`) or of a `describe`; it goes away after the last test.
 * @param options.migrated false: an empty database, without any table
 */
export async function testDatabase(options: { migrated?: boolean } = {}): Promise<TestDatabase> {
  const server = inject('testServer');
  const name = `commonshelf_test_${randomBytes(8).toString('hex')}`;
  const template = options.migrated === false ? 'template0' : server.template;
  await onServer(server.url, `create database ${name} template ${template}`);
  const url = databaseOn(server.url, name);
  const pool = createPool({ databaseUrl: url, max: 8, name }, createLogger({ logLevel: 'error' }));
  const db = createPrisma(pool);
  afterAll(async () => {
    await db.$disconnect();
    await pool.end();
    await onServer(server.url, `drop database ${name} with (force)`);
  });
  return { pool, db, url };
}
