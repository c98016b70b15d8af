import type { PoolClient } from 'pg';

/** Inserts rows of one shape into a table in one statement; columns that the rows don't name get their default. */
export async function insertRows(
  client: PoolClient,
  table: string,
  rows: Record<string, unknown>[],
  conflict = '',
): Promise<void> {
  const [first] = rows;
  if (!first) return;
  const columns = Object.keys(first).join(', ');
  await client.query(
    `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM json_populate_recordset(NULL::${table}, $1::json) ${conflict}`,
    [JSON.stringify(rows)],
  );
}
