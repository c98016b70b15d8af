import type { PoolClient } from 'pg';

/**
 * Tables with rows of a resource that a purge leaves, each with what it takes out of them (`$1`: the resource). Whatever
 * else hangs on a resource is found in the catalog of the database and deleted, also what is added after this was written.
 */
const KEPT: Record<string, string | null> = {
  // Who, when and why.
  purge: null,
  takedown: null,
  flag: `UPDATE flag SET note = '', decided_note = '' WHERE resource_id = $1`,
  // Whose it was: they are told, and their shelf no longer lists it.
  co_author: null,
  // An adaptation is a resource of its own, with the source's title in its credit: see withoutTitles.
  resource: null,
  // The next import must still know that it may not bring it back.
  import_record: `UPDATE import_record SET written = '{}', gaps = NULL WHERE resource_id = $1`,
};

interface ForeignKey {
  table: string;
  column: string;
  target: string;
  /** Rows go along with what they refer to. */
  cascades: boolean;
}

/** Deletes all rows that hang on a resource, those that refer to others first. @returns how many, by table */
export async function deleteHangingRows(
  client: PoolClient,
  resourceId: string,
): Promise<Record<string, number>> {
  const { rows: keys } = await client.query<ForeignKey>(
    `SELECT c.conrelid::regclass::text AS table, a.attname AS column, c.confrelid::regclass::text AS target,
       c.confdeltype = 'c' AS cascades
     FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
     WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace`,
  );
  const removed: Record<string, number> = {};
  for (const statement of Object.values(KEPT)) if (statement) await client.query(statement, [resourceId]);
  const columns = keys.filter(({ table, target }) => target === 'resource' && !(table in KEPT));
  for (const table of inOrder(new Set(columns.map((key) => key.table)), keys)) {
    const where = columns
      .filter((key) => key.table === table)
      .map(({ column }) => `"${column}" = $1`)
      .join(' OR ');
    const { rowCount } = await client.query(`DELETE FROM ${table} WHERE ${where}`, [resourceId]);
    if (rowCount) removed[table] = rowCount;
  }
  return removed;
}

/**
 * Tables in an order in which none is deleted while another of them still refers to it, be it by rows of a third table
 * that go along with that other one.
 */
function inOrder(tables: ReadonlySet<string>, all: readonly ForeignKey[]): string[] {
  const left = new Set(tables);
  const along = all.flatMap(({ table, target, cascades }) =>
    cascades
      ? all
          .filter((other) => other.table === table && !other.cascades)
          .map((other) => ({ table: target, target: other.target }))
      : [],
  );
  const keys: readonly Pick<ForeignKey, 'table' | 'target'>[] = [...all, ...along];
  const order: string[] = [];
  while (left.size > 0) {
    const free = [...left].find(
      (table) => !keys.some((key) => key.target === table && key.table !== table && left.has(key.table)),
    );
    const next = free ?? [...left][0]!;
    left.delete(next);
    order.push(next);
  }
  return order;
}

/** Takes titles out of the credit of everything that was adapted from a resource, directly or not. */
export async function withoutTitles(
  client: PoolClient,
  resourceId: string,
  titles: readonly string[],
): Promise<void> {
  for (const title of titles.filter((one) => one.trim() !== ''))
    await client.query(
      `WITH RECURSIVE line AS (
         SELECT id FROM resource WHERE adapted_from_id = $1
         UNION SELECT r.id FROM line JOIN resource r ON r.adapted_from_id = line.id)
       UPDATE version v SET credit = replace(v.credit, $2, '…') FROM line
       WHERE v.resource_id = line.id AND position($2 IN v.credit) > 0`,
      [resourceId, title],
    );
}

/** Takes messages that wait to be shown once, and name one of the titles, out of all sessions. */
export async function withoutMessages(client: PoolClient, titles: readonly string[]): Promise<void> {
  for (const title of titles.filter((one) => one.trim() !== ''))
    await client.query(
      `UPDATE session SET sess = (sess::jsonb - 'flash')::json
       WHERE sess::jsonb ? 'flash' AND position(trim(BOTH '"' FROM to_json($1::text)::text) IN sess::text) > 0`,
      [title],
    );
}
