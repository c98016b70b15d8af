import type { Pool, PoolClient } from 'pg';

/** Inserts rows of one shape into a table in one statement; columns that the rows don't name get their default. */
export async function insertRows(
  client: Pool | PoolClient,
  table: string,
  rows: Record<string, unknown>[],
): Promise<void> {
  if (rows.length === 0) return;
  const columns = Object.keys(rows[0] ?? {}).join(', ');
  await client.query(
    `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM json_populate_recordset(NULL::${table}, $1::json)`,
    [JSON.stringify(rows)],
  );
}
