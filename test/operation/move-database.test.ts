import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { moveDatabase } from '../../server/operation/move/move-database.ts';
import { createPool } from '../../server/platform/database/pool.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { enqueue } from '../../server/platform/job-queue/job-queue.ts';
import { testApp } from '../support/app.ts';
import { seedCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { databaseOn, onServer } from '../support/database-server.ts';
import { indexCatalog } from '../support/index-catalog.ts';
import { PortalClient } from '../support/portal-client.ts';
import { createApp } from '../../server/app.ts';
import { listen } from '../../server/web/http-server.ts';

const database = await testDatabase();
const { pool: from } = database;
const { deps } = await testApp(database);
const log = createLogger({ logLevel: 'silent' });
const { url: serverUrl } = inject('testServer');
const made: { name: string; pool: ReturnType<typeof createPool> }[] = [];

async function emptyDatabase(): Promise<ReturnType<typeof createPool>> {
  const name = `commonshelf_test_${randomBytes(8).toString('hex')}`;
  await onServer(serverUrl, `create database ${name} template template0`);
  const pool = createPool({ databaseUrl: databaseOn(serverUrl, name), name, max: 4 }, log);
  made.push({ name, pool });
  return pool;
}
beforeAll(async () => {
  await indexCatalog(deps, await seedCatalog(from));
  await enqueue(from, 'draw-map', { which: 'all' });
  await from.query(
    `INSERT INTO audit_event (action, object_type, detail) VALUES ('test.written', 'test', $1)`,
    [JSON.stringify({ odd: 'tab\t, line\nand \\ backslash, "quote", Größe, 🌱', none: null })],
  );
});
afterAll(async () => {
  for (const { name, pool } of made) {
    await pool.end();
    await onServer(serverUrl, `drop database ${name} with (force)`);
  }
});

/** Every row of every table as text, in an order of its own. */
async function everything(pool: typeof from): Promise<Record<string, string[]>> {
  const { rows: tables } = await pool.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname IN ('public', 'graphile_worker')`,
  );
  const all: Record<string, string[]> = {};
  for (const { name } of tables) {
    const { rows } = await pool.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`);
    all[name] = rows.map(({ row }) => row).sort();
  }
  return all;
}

test('everything arrives as it was: rows, counters, keys and guards; and the portal runs on it', async () => {
  const to = await emptyDatabase();
  const before = await everything(from);
  const report = await moveDatabase({ from, to, log });
  expect(await everything(to)).toEqual(before);
  expect(report.rows).toBe(Object.values(before).flat().length);
  expect(await everything(from)).toEqual(before);

  const shape = async (pool: typeof from) =>
    (
      await pool.query(
        `SELECT conrelid::regclass::text AS at, conname, pg_get_constraintdef(oid) AS def, convalidated FROM pg_constraint
         WHERE connamespace IN ('public'::regnamespace, 'graphile_worker'::regnamespace) ORDER BY 1, 2, 3`,
      )
    ).rows;
  expect(await shape(to)).toEqual(await shape(from));
  const triggers = async (pool: typeof from) =>
    (
      await pool.query(
        `SELECT tgrelid::regclass::text AS at, tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2`,
      )
    ).rows;
  expect(await triggers(to)).toEqual(await triggers(from));
  await expect(to.query('DELETE FROM audit_event')).rejects.toThrow();
  const next = async (pool: typeof from) =>
    (
      await pool.query<{ id: number }>(
        `INSERT INTO audit_event (action, object_type) VALUES ('test.next', 'test') RETURNING id`,
      )
    ).rows[0]?.id;
  expect(await next(to)).toBe(await next(from));

  const portal = await listen(createApp({ ...deps, pool: to }), { host: '127.0.0.1', port: 0 });
  try {
    const nora = await PortalClient.signIn(`http://127.0.0.1:${portal.port}`, to, 'nora@test.example');
    expect((await nora.get('/shelf')).status).toBe(200);
  } finally {
    await portal.drain(1000);
  }
});

test('a database that has something in it is refused, and so is one that another program uses', async () => {
  const used = await emptyDatabase();
  await used.query('CREATE TABLE notes (text text)');
  await expect(moveDatabase({ from, to: used, log })).rejects.toThrow(/has tables of its own \(notes\)/);
  const to = await emptyDatabase();
  await moveDatabase({ from, to, log });
  await expect(moveDatabase({ from, to, log })).rejects.toThrow(/is not empty: a portal has been used/);
  const other = createPool({ databaseUrl: database.url, name: 'commonshelf worker' }, log);
  try {
    await other.query('SELECT 1');
    await expect(moveDatabase({ from, to: await emptyDatabase(), log })).rejects.toThrow(
      'in use (commonshelf worker)',
    );
  } finally {
    await other.end();
  }
});

test('an attempt that fails half-way leaves nothing, and the next one goes through', async () => {
  const to = await emptyDatabase();
  const steps: string[] = [];
  const failing = (text: string) => {
    steps.push(text);
    if (text.includes('resource')) throw new Error('The cable was pulled');
  };
  await expect(moveDatabase({ from, to, log }, failing)).rejects.toThrow('The cable was pulled');
  expect(steps.length).toBeGreaterThan(10);
  expect((await to.query('SELECT 1 FROM organization')).rowCount).toBe(0);
  await moveDatabase({ from, to, log });
  expect(await everything(to)).toEqual(await everything(from));
});
