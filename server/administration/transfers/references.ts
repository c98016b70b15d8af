import type { PoolClient } from 'pg';

/** A column that refers to organizations, with the unique keys that it is a part of. */
type Reference = {
  table: string;
  column: string;
  keys: { others: string[]; predicate: string | null; nullsEqual: boolean }[];
};

/**
 * References that need more than another id, each with who changes it. All others are found in the catalog of the
 * database, so that a table that is added later follows by itself.
 */
export const ELSEWHERE: Record<string, string> = {
  'organization.parent_id':
    'schools go to the other district in one statement with district_id (merge-organizations.ts)',
  'organization.district_id': 'the same; a district’s own says that it is one',
  'resource.organization_id': 'in batches, with the log and the index (move-resources.ts)',
  'resource.district_id': 'the same',
  'import_source.district_id': 'a name that the other district has too is changed (import-sources.ts)',
};

/** Every foreign key to organizations, as `table.column`. */
export async function organizationReferences(client: Pick<PoolClient, 'query'>): Promise<Reference[]> {
  const { rows } = await client.query<Reference>(
    `SELECT c.conrelid::regclass::text AS "table", a.attname AS "column",
       coalesce((SELECT json_agg(json_build_object(
           'others', (SELECT coalesce(json_agg(k.attname ORDER BY k.attname), '[]') FROM pg_attribute k
                      WHERE k.attrelid = i.indrelid AND k.attnum = ANY (i.indkey) AND k.attnum <> a.attnum),
           'predicate', pg_get_expr(i.indpred, i.indrelid), 'nullsEqual', i.indnullsnotdistinct))
         FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indisunique AND i.indexprs IS NULL AND a.attnum = ANY (i.indkey)), '[]') AS keys
     FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
     WHERE c.contype = 'f' AND c.confrelid = 'organization'::regclass AND cardinality(c.conkey) = 1
     ORDER BY 1, 2`,
  );
  return rows;
}

/**
 * Has everything that refers to one organization refer to another. A row that the other one has already (the same person's
 * same role, the same file) is dropped.
 * @returns how many rows were dropped, by table
 */
export async function repointReferences(
  client: PoolClient,
  from: string,
  to: string,
): Promise<Record<string, number>> {
  const dropped: Record<string, number> = {};
  for (const { table, column, keys } of await organizationReferences(client)) {
    if (ELSEWHERE[`${table}.${column}`] !== undefined) continue;
    for (const { others, predicate, nullsEqual } of keys) {
      const same = others.map(
        (other) => `k.${other} ${nullsEqual ? 'IS NOT DISTINCT FROM' : '='} d.${other}`,
      );
      const where = predicate === null ? '' : ` AND (${predicate})`;
      const { rowCount } = await client.query(
        `DELETE FROM ${table} d WHERE d.${column} = $1${where}
           AND EXISTS (SELECT 1 FROM ${table} k WHERE ${[`k.${column} = $2`, ...same].join(' AND ')}${where})`,
        [from, to],
      );
      if (rowCount) dropped[table] = (dropped[table] ?? 0) + rowCount;
    }
    await client.query(`UPDATE ${table} SET ${column} = $2 WHERE ${column} = $1`, [from, to]);
  }
  return dropped;
}

/** Counts that add up: what was searched for, opened and taken is of the other organization's people now. */
export async function addUpCounts(client: PoolClient, from: string, to: string): Promise<void> {
  await client.query(
    `INSERT INTO search_statistic AS s (week, district_id, address, words, searches, empty, opened, found)
     SELECT week, $2, address, words, searches, empty, opened, found FROM search_statistic WHERE district_id = $1
     ON CONFLICT (week, district_id, address) DO UPDATE SET searches = s.searches + excluded.searches,
       empty = s.empty + excluded.empty, opened = s.opened + excluded.opened, found = greatest(s.found, excluded.found)`,
    [from, to],
  );
  await client.query('DELETE FROM search_statistic WHERE district_id = $1', [from]);
  await client.query(
    `WITH gone AS (DELETE FROM daily_count WHERE organization_id = $1 RETURNING *)
     INSERT INTO daily_count AS c (resource_id, organization_id, day, opened, taken)
     SELECT resource_id, $2, day, opened, taken FROM gone
     ON CONFLICT (resource_id, day, organization_id) DO UPDATE SET opened = c.opened + excluded.opened, taken = c.taken + excluded.taken`,
    [from, to],
  );
}
