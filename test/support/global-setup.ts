import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { isAlive } from '../../server/platform/database/embedded-cluster.ts';
import { openEmbedded } from '../../server/platform/database/embedded-postgres.ts';
import { migrateDatabase } from '../../server/platform/database/migrate-database.ts';
import { createPool } from '../../server/platform/database/pool.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { databaseOn, onServer } from './database-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A server on which databases may be made, and the migrated one to copy. */
    testServer: { url: string; template: string };
  }
}

const log = createLogger({ logLevel: 'error' });

/**
 * Once for each `vitest run`: a PostgreSQL of its own that forgets everything afterwards (or the server of
 * TEST_DATABASE_URL), with a migrated database that each test file copies.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await openServer(process.env['TEST_DATABASE_URL']);
  const template = `commonshelf_template_${process.pid}`;
  await onServer(server.url, `drop database if exists ${template}`);
  await onServer(server.url, `create database ${template}`);
  const pool = createPool({ databaseUrl: databaseOn(server.url, template), max: 2 }, log);
  await migrateDatabase({ pool, log });
  await pool.end();
  project.provide('testServer', { url: server.url, template });
  return async () => {
    await onServer(server.url, `drop database if exists ${template} with (force)`);
    await server.close();
  };
}

async function openServer(given: string | undefined): Promise<{ url: string; close: () => Promise<void> }> {
  if (given) return { url: given, close: async () => {} };
  await removeLeftovers();
  const dataDir = await mkdtemp(join(tmpdir(), `commonshelf-test-${process.pid}-`));
  await chmod(dataDir, 0o711);
  const server = await openEmbedded({ dataDir, as: 'command', log, durable: false });
  return {
    url: server.url,
    close: async () => {
      await server.release();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Servers of test runs that were killed. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = Number(/^commonshelf-test-(\d+)-/.exec(name)?.[1]);
    if (!pid || isAlive(pid)) continue;
    const folder = join(tmpdir(), name);
    const lockFile = await readFile(join(folder, 'postgres/data/postmaster.pid'), 'utf8').catch(() => '');
    const server = Number(lockFile.split('\n')[0]);
    if (server > 0 && isAlive(server)) process.kill(server, 'SIGQUIT');
    await rm(folder, { recursive: true, force: true });
  }
}
