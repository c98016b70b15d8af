import type { Pool, PoolClient } from 'pg';
import { withTransaction } from '../../server/platform/database/transaction.ts';
import { TABLES } from './resource-rows.ts';

/** What refers to a row that is copied as well. Documents are read once, so copies share their content. */
const IDS = ['id', 'resource_id', 'version_id', 'current_version_id', 'file_id'];
const SHARED: readonly string[] = ['blob', 'blob_page'];

/**
 * Copies the first `count` of the records that are no copies themselves, inside PostgreSQL: the same rows under other ids,
 * numbered in their titles and keys.
 * @returns how many were copied
 */
export async function copyRecords(pool: Pool, copy: number, count: number): Promise<number> {
  return withTransaction(
    pool,
    async (client) => {
      await client.query(`
        CREATE FUNCTION pg_temp.copied(id uuid) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
          SELECT (left(id::text, 15) || substr(md5, 1, 3) || '-8' || substr(md5, 4, 3) || '-' || substr(md5, 7, 12))::uuid
          FROM md5(id::text || '#${Math.trunc(copy)}') AS md5 $$;
        CREATE TEMPORARY TABLE original ON COMMIT DROP AS
          SELECT id AS resource_id, current_version_id AS version_id FROM resource
          WHERE source = 'bench' AND external_id NOT LIKE '%#%' ORDER BY id LIMIT ${Math.trunc(count)};
        CREATE INDEX ON original (resource_id); CREATE INDEX ON original (version_id); ANALYZE original;
        SET CONSTRAINTS ALL DEFERRED`);
      let copied = 0;
      for (const table of TABLES) {
        if (SHARED.includes(table)) continue;
        const rows = await copyTable(client, table, copy);
        if (table === 'resource') copied = rows;
      }
      await client.query('DROP FUNCTION pg_temp.copied(uuid)');
      return copied;
    },
    { statementTimeoutMs: 0 },
  );
}

async function copyTable(client: PoolClient, table: string, copy: number): Promise<number> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT column_name AS name FROM information_schema.columns
     WHERE table_schema = 'public' AND table_name = $1 AND is_identity = 'NO' AND is_generated = 'NEVER'`,
    [table],
  );
  const columns = rows.map(({ name }) => name);
  const values = columns.map((name) => {
    if (IDS.includes(name)) return `pg_temp.copied(t.${name})`;
    if (table === 'version' && name === 'title') return `t.title || ' (${copy})'`;
    return table === 'resource' && name === 'external_id' ? `t.external_id || '#${copy}'` : `t.${name}`;
  });
  const key = table === 'resource' ? 'id' : columns.includes('resource_id') ? 'resource_id' : 'version_id';
  const { rowCount } = await client.query(
    `INSERT INTO ${table} (${columns.join(', ')}) SELECT ${values.join(', ')}
     FROM ${table} t JOIN original o ON o.${key === 'version_id' ? 'version_id' : 'resource_id'} = t.${key}`,
  );
  return rowCount ?? 0;
}
