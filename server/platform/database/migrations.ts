import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pool, PoolClient } from 'pg';
import { projectRoot } from '../../lib/project-root.ts';

/** The advisory lock that Prisma's own `migrate` takes, so the two never run at once. */
const PRISMA_MIGRATE_LOCK = 72707369;

/** The database and the migrations of this version don't fit together. The message says what to do. */
export class MigrationError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'MigrationError';
  }
}

type Migration = { name: string; sql: string; checksum: string };
type Applied = { migration_name: string; checksum: string; finished_at: Date | null };

/**
 * Brings the tables up to this version: runs every `<folder>/NNNN_name/migration.sql` that has not run yet,
 * in order, each in one transaction with its row in `_prisma_migrations` (so Prisma's tools read it as their
 * own). Only one runner works at a time; another one waits, then finds nothing to do.
 * @returns the names of the migrations that ran now
 * @throws MigrationError when a migration fails, was changed after it ran, or is unknown to this version
 */
export async function migrate(
  pool: Pool,
  { folder = join(projectRoot, 'prisma/migrations') }: { folder?: string } = {},
): Promise<string[]> {
  const migrations = await readMigrations(folder);
  const client = await pool.connect();
  try {
    await client.query('set statement_timeout = 0');
    await client.query('select pg_advisory_lock($1)', [PRISMA_MIGRATE_LOCK]);
    await client.query(bookkeepingTable);
    const pending = await findPending(client, migrations);
    for (const migration of pending) await apply(client, migration);
    return pending.map(({ name }) => name);
  } finally {
    // Ends the connection instead of giving it back: that lets go of the lock in every case.
    client.release(true);
  }
}

/** The migrations of a folder in the order in which they run. */
async function readMigrations(folder: string): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(join(folder, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

async function findPending(client: PoolClient, migrations: Migration[]): Promise<Migration[]> {
  const { rows } = await client.query<Applied>(
    'select migration_name, checksum, finished_at from _prisma_migrations where rolled_back_at is null',
  );
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  for (const { migration_name: name, checksum, finished_at: finished } of rows) {
    const migration = known.get(name);
    if (!migration)
      throw new MigrationError(
        `This database was made by a newer version: it has the migration "${name}", which this version doesn't know. Nothing was changed. Start the newer version.`,
      );
    if (!finished)
      throw new MigrationError(
        `The migration "${name}" was started by another tool and did not finish. Nothing was changed. Mend it, then mark its row in _prisma_migrations as finished or rolled back.`,
      );
    if (migration.checksum !== checksum)
      throw new MigrationError(
        `The migration "${name}" was changed after it ran on this database. Nothing was changed. Put the file back as it was, and make a new migration for the change.`,
      );
  }
  const applied = new Set(rows.map((row) => row.migration_name));
  return migrations.filter(({ name }) => !applied.has(name));
}

async function apply(client: PoolClient, { name, sql, checksum }: Migration): Promise<void> {
  try {
    await client.query('begin');
    await client.query(sql);
    await client.query(
      `insert into _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       values ($1, $2, $3, now(), clock_timestamp(), 1)`,
      [randomUUID(), checksum, name],
    );
    await client.query('commit');
  } catch (cause) {
    await client.query('rollback').catch(() => {});
    throw new MigrationError(
      `The migration "${name}" failed and was undone: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

/** As Prisma makes it. */
const bookkeepingTable = `
  create table if not exists _prisma_migrations (
    id varchar(36) primary key not null,
    checksum varchar(64) not null,
    finished_at timestamptz,
    migration_name varchar(255) not null,
    logs text,
    rolled_back_at timestamptz,
    started_at timestamptz not null default now(),
    applied_steps_count integer not null default 0
  )`;
