import type { PoolClient } from 'pg';
import type { TransferKind } from './transfer-queries.ts';

/**
 * Schools that would stand beside another one of the same name: the school that moves, or those of a district that ends in
 * another one. Merged ones don't count.
 * @returns their names
 */
export async function schoolsOfOneName(
  client: PoolClient,
  kind: TransferKind | 'hand-over',
  from: { id: string; kind: string },
  to: { id: string },
): Promise<string[]> {
  if (kind !== 'move' && (kind !== 'merge' || from.kind !== 'district')) return [];
  const { rows } = await client.query<{ name: string }>(
    `SELECT s.name FROM organization s
     WHERE ${kind === 'move' ? 's.id = $1' : 's.parent_id = $1'} AND s.kind = 'school' AND s.merged_into_id IS NULL
       AND EXISTS (SELECT 1 FROM organization o WHERE o.parent_id = $2 AND o.kind = 'school' AND o.merged_into_id IS NULL
         AND o.id <> s.id AND plain(o.name) = plain(s.name))
     ORDER BY plain(s.name), s.id`,
    [from.id, to.id],
  );
  return rows.map(({ name }) => name);
}
