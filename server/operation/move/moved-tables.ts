import type { Pool, PoolClient } from 'pg';

/** A table that is moved. */
export interface MovedTable {
  /** With its schema, quoted. */
  name: string;
  /** For people. */
  label: string;
  /** Quoted, without those that are reckoned from others, in the order of the table. */
  columns: string[];
}

/** The portal's own tables and those of its job queue. */
const SCHEMAS = ['public', 'graphile_worker'];

/** All tables with their columns, in steady order. */
export async function tablesOf(client: PoolClient | Pool): Promise<MovedTable[]> {
  const { rows } = await client.query<MovedTable>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name, c.relname AS label,
       ARRAY(SELECT quote_ident(a.attname) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
             AND a.attgenerated = '' ORDER BY a.attnum) AS columns
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND n.nspname = ANY ($1::text[]) ORDER BY n.nspname, c.relname COLLATE "C"`,
    [SCHEMAS],
  );
  return rows;
}

/** Counters of ids, as they stand. */
export async function sequencesOf(
  client: PoolClient,
): Promise<{ name: string; last: string; called: boolean }[]> {
  const { rows } = await client.query<{ name: string; last: string; called: boolean }>(
    `SELECT format('%I.%I', schemaname, sequencename) AS name, coalesce(last_value, start_value)::text AS last, last_value IS NOT NULL AS called
     FROM pg_sequences WHERE schemaname = ANY ($1::text[]) ORDER BY 1`,
    [SCHEMAS],
  );
  return rows;
}

/** Who else is connected to the database of a pool: names of programs. */
export async function otherUsers(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ name: string; n: number; own: boolean }>(
    `SELECT application_name AS name, count(*)::int AS n, application_name = current_setting('application_name') AS own
     FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'
       AND application_name NOT LIKE '%' || $1::text GROUP BY 1 ORDER BY 1`,
    // The connection that holds the portal's own server carries the number of this process.
    [` ${process.pid}`],
  );
  return rows
    .filter(({ own, n }) => !own || n > pool.totalCount)
    .map(({ name }) => name || 'a program without a name');
}

/** Why a database can't take the data, in a sentence; undefined when it can. */
export async function closedTarget(pool: Pool): Promise<string | undefined> {
  const { rows } = await pool.query<{ encoding: string; mayCreate: boolean; user: string }>(
    `SELECT current_setting('server_encoding') AS encoding, current_user AS user,
       has_database_privilege(current_database(), 'CREATE') AND has_schema_privilege('public', 'CREATE') AS "mayCreate"`,
  );
  const { encoding, mayCreate, user } = rows[0]!;
  if (encoding !== 'UTF8')
    return `The database that is to take the data is encoded in ${encoding}; UTF8 is needed: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0.`;
  if (!mayCreate)
    return `${user} may not make tables in the database that is to take the data: make it with CREATE DATABASE … OWNER ${user}.`;
  return undefined;
}

/** Tables that aren't ours; ours may be there, empty, from an attempt that was cut short. */
export async function foreignTables(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ name: string; ours: boolean }>(
    `SELECT c.relname AS name, EXISTS (SELECT 1 FROM pg_class p JOIN pg_namespace m ON m.oid = p.relnamespace
       WHERE m.nspname = 'public' AND p.relname = '_prisma_migrations') AS ours
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'graphile_worker')
       AND n.nspname NOT LIKE 'pg\\_%'
       AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') ORDER BY 1`,
  );
  return rows.filter(({ ours }) => !ours).map(({ name }) => name);
}

/** Whether a portal has been used there: somebody was made, or something was put on its shelf. */
export async function hasRows(pool: Pool): Promise<boolean> {
  const { rows } = await pool.query<{ made: boolean }>(
    `SELECT to_regclass('public.person') IS NOT NULL AND to_regclass('public.audit_event') IS NOT NULL AS made`,
  );
  if (!rows[0]?.made) return false;
  const { rows: used } = await pool.query<{ used: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM person) OR EXISTS (SELECT 1 FROM resource) OR EXISTS (SELECT 1 FROM audit_event)
       OR EXISTS (SELECT 1 FROM organization) AS used`,
  );
  return used[0]?.used === true;
}
