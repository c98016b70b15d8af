import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { migrate } from '../../../server/platform/database/migrations.ts';
import { testDatabase } from '../../support/database.ts';

const { pool } = await testDatabase({ migrated: false });
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'commonshelf-migrations-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
  await pool.query('drop schema public cascade; create schema public');
});

async function write(name: string, sql: string): Promise<void> {
  await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, name, 'migration.sql'), sql);
}
const applied = async () =>
  (await pool.query('select migration_name, applied_steps_count from _prisma_migrations order by started_at'))
    .rows;

test('migrations run in order, once, and are written down as Prisma does', async () => {
  await write('0002_rows', 'insert into a values (1); insert into a values (2);');
  await write('0001_tables', 'create table a (id int);');
  expect(await migrate(pool, { folder })).toEqual(['0001_tables', '0002_rows']);
  expect(await migrate(pool, { folder })).toEqual([]);
  expect((await pool.query('select count(*) from a')).rows).toEqual([{ count: 2 }]);
  expect(await applied()).toEqual([
    { migration_name: '0001_tables', applied_steps_count: 1 },
    { migration_name: '0002_rows', applied_steps_count: 1 },
  ]);
});

test('two starts at once run each migration once', async () => {
  await write('0001_slow', 'create table a (id int); select pg_sleep(0.3);');
  const ran = await Promise.all([migrate(pool, { folder }), migrate(pool, { folder })]);
  expect(ran.flat()).toEqual(['0001_slow']);
});

test('a migration that fails is undone whole, says why, and runs when it is mended', async () => {
  await write('0001_good', 'create table a (id int);');
  await write('0002_bad', 'create table b (id int); insert into nowhere values (1);');
  await expect(migrate(pool, { folder })).rejects.toThrow(
    'The migration "0002_bad" failed and was undone: relation "nowhere" does not exist',
  );
  expect((await pool.query(`select to_regclass('a') as a, to_regclass('b') as b`)).rows).toEqual([
    { a: 'a', b: null },
  ]);
  await write('0002_bad', 'create table b (id int);');
  expect(await migrate(pool, { folder })).toEqual(['0002_bad']);
});

test('a migration that was changed after it ran is refused in words, and nothing runs', async () => {
  await write('0001_tables', 'create table a (id int);');
  await migrate(pool, { folder });
  await write('0001_tables', 'create table a (id bigint);');
  await write('0002_more', 'create table b (id int);');
  await expect(migrate(pool, { folder })).rejects.toThrow(
    /"0001_tables" was changed after it ran .* Nothing was changed/,
  );
  expect(await applied()).toHaveLength(1);
});

test('a database of a newer version is refused in words', async () => {
  await write('0001_tables', 'create table a (id int);');
  await write('0002_future', 'create table b (id int);');
  await migrate(pool, { folder });
  await rm(join(folder, '0002_future'), { recursive: true });
  await expect(migrate(pool, { folder })).rejects.toThrow(/made by a newer version.*"0002_future"/);
});

test('a migration that another tool left unfinished is refused in words', async () => {
  await write('0001_tables', 'create table a (id int);');
  await migrate(pool, { folder });
  await pool.query('update _prisma_migrations set finished_at = null');
  await expect(migrate(pool, { folder })).rejects.toThrow(/"0001_tables" was started by another tool/);
});
