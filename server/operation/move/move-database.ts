import type { Pool, PoolClient } from 'pg';
import { copyRows } from '../../platform/database/copy-rows.ts';
import { migrateDatabase } from '../../platform/database/migrate-database.ts';
import type { Logger } from '../../platform/logger.ts';
import { StartError } from '../../platform/start-error.ts';
import {
  closedTarget,
  foreignTables,
  hasRows,
  otherUsers,
  sequencesOf,
  tablesOf,
  type MovedTable,
} from './moved-tables.ts';

export interface MoveReport {
  tables: number;
  rows: number;
  seconds: number;
}

/**
 * Copies everything from one database into another: the tables are made by this version's migrations, rows come by COPY
 * from one snapshot, then the counters of ids. It is all or nothing: foreign keys are checked, and number and sum of the
 * rows of every table compared, before the one transaction is kept. Files stay where they are.
 * @param step told in words what is done
 * @throws StartError in words when the source is in use, or the target can't take it; then nothing of it is kept
 */
export async function moveDatabase(
  { from, to, log }: { from: Pool; to: Pool; log: Logger },
  step: (text: string) => void = () => {},
): Promise<MoveReport> {
  const started = performance.now();
  await refuseWhileUsed(from);
  await refuseUnfit(to);
  step('Making the tables');
  await migrateDatabase({ pool: to, log });
  const [source, target] = [await from.connect(), await to.connect()];
  try {
    await source.query(`BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; ${settings}`);
    await target.query(`BEGIN; ${settings}`);
    const tables = await sameTables(source, target);
    const restore = await open(target, tables);
    let rows = 0;
    for (const [index, table] of tables.entries()) {
      step(`${index + 1} of ${tables.length}: ${table.label}`);
      await copyRows(source, target, { table: table.name, columns: table.columns });
      rows += await compare(source, target, table);
    }
    step('Checking the foreign keys');
    for (const statement of restore) await target.query(statement);
    await moveSequences(source, target);
    await renewIndex(source, target);
    // What ran on the old one doesn't run on the new one.
    await target.query('DELETE FROM process');
    await target.query('COMMIT');
    await source.query('COMMIT');
    step('Gathering statistics');
    await target.query('ANALYZE');
    return { tables: tables.length, rows, seconds: (performance.now() - started) / 1000 };
  } finally {
    // A connection that is closed takes what it hasn't kept with it.
    source.release(true);
    target.release(true);
  }
}

/** The same text for the same value on both sides, and all the time it takes. */
const settings = `SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0;
  SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL intervalstyle = 'postgres';
  SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex'; SET LOCAL search_path = public`;

async function refuseWhileUsed(from: Pool): Promise<void> {
  const users = await otherUsers(from);
  if (users.length > 0)
    throw new StartError(
      `The database is in use (${users.join(', ')}). Stop the portal and its workers first; nothing was changed.`,
    );
}

async function refuseUnfit(to: Pool): Promise<void> {
  const closed = await closedTarget(to);
  if (closed) throw new StartError(`${closed} Nothing was changed.`);
  const foreign = await foreignTables(to);
  if (foreign.length > 0)
    throw new StartError(
      `The database that is to take the data has tables of its own (${foreign.slice(0, 5).join(', ')}). Make an empty one; nothing was changed.`,
    );
  if (await hasRows(to))
    throw new StartError(
      'The database that is to take the data is not empty: a portal has been used on it. Make an empty one; nothing was changed.',
    );
}

async function sameTables(source: PoolClient, target: PoolClient): Promise<MovedTable[]> {
  const [here, there] = [await tablesOf(source), await tablesOf(target)];
  const shape = (tables: MovedTable[]) =>
    tables.map(({ name, columns }) => `${name} (${columns.toSorted().join(', ')})`);
  const missing = shape(here).filter((table) => !shape(there).includes(table));
  if (missing.length > 0 || here.length !== there.length)
    throw new StartError(
      `The two databases have different tables (${missing[0] ?? 'more in the new one'}). Nothing was kept.`,
    );
  return here;
}

/**
 * Empties the tables of what the migrations put there, and takes away what would get into the way: foreign keys, since
 * tables refer to each other in circles, and our own triggers, whose work the rows have behind them.
 * @returns the statements that put it all back
 */
async function open(target: PoolClient, tables: MovedTable[]): Promise<string[]> {
  const names = tables.map(({ name }) => name);
  const { rows: keys } = await target.query<{ drop: string; add: string }>(
    `SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS drop,
       format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS add
     FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY ($1::regclass[]) ORDER BY conrelid::regclass::text, conname`,
    [names],
  );
  const { rows: triggers } = await target.query<{ off: string; on: string }>(
    `SELECT format('ALTER TABLE %s DISABLE TRIGGER %I', tgrelid::regclass, tgname) AS off,
       format('ALTER TABLE %s ENABLE %s TRIGGER %I', tgrelid::regclass, CASE tgenabled WHEN 'A' THEN 'ALWAYS' WHEN 'R' THEN 'REPLICA' ELSE '' END, tgname) AS on
     FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D' AND tgrelid = ANY ($1::regclass[])`,
    [names],
  );
  for (const { off } of triggers) await target.query(off);
  for (const { drop } of keys) await target.query(drop);
  await target.query(`TRUNCATE ${names.join(', ')}`);
  return [...keys.map(({ add }) => add), ...triggers.map(({ on }) => on)];
}

/** @returns the number of rows; @throws StartError when number or sum differ */
async function compare(
  source: PoolClient,
  target: PoolClient,
  { name, label, columns }: MovedTable,
): Promise<number> {
  // What is reckoned from other columns may come out otherwise in another version of PostgreSQL.
  const row = `ROW(${columns.map((column) => `t.${column}`).join(', ')})`;
  const sum = async (client: PoolClient) => {
    const { rows } = await client.query<{ n: string; sum: string }>(
      `SELECT count(*)::text AS n, coalesce(sum(('x' || left(md5(${row}::text), 15))::bit(60)::bigint), 0)::text AS sum FROM ${name} t`,
    );
    return rows[0]!;
  };
  const [here, there] = await Promise.all([sum(source), sum(target)]);
  if (here.n !== there.n || here.sum !== there.sum)
    throw new StartError(
      `The rows of ${label} did not arrive as they are (${here.n} here, ${there.n} there). Nothing was kept.`,
    );
  return Number(here.n);
}

async function moveSequences(source: PoolClient, target: PoolClient): Promise<void> {
  for (const { name, last, called } of await sequencesOf(source))
    await target.query('SELECT setval($1::regclass, $2::bigint, $3)', [name, last, called]);
}

/** Another version cuts words otherwise here and there: its index is built anew at the next start, while search goes on. */
async function renewIndex(source: PoolClient, target: PoolClient): Promise<void> {
  const major = async (client: PoolClient) => {
    const { rows } = await client.query<{ major: number }>(
      `SELECT current_setting('server_version_num')::int / 10000 AS major`,
    );
    return rows[0]?.major;
  };
  if ((await major(source)) === (await major(target))) return;
  await target.query(`UPDATE search_engine SET settings = '' WHERE name = 'postgres'`);
}
