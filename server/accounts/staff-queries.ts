import type { PoolClient } from 'pg';
import type { Role } from '../lib/viewer.ts';

/**
 * Open accounts that hold one of the roles for a district, and, where there are none or everybody is wanted, for the
 * state.
 * @param districtId null: the state's own
 */
export async function staffFor(
  client: Pick<PoolClient, 'query'>,
  districtId: string | null,
  { roles, always }: { roles: readonly Role[]; always?: 'state' },
): Promise<string[]> {
  const { rows } = await client.query<{ person_id: string; kind: 'state' | 'district' }>(
    `SELECT DISTINCT g.person_id, o.kind FROM role_grant g
     JOIN organization o ON o.id = g.organization_id JOIN person p ON p.id = g.person_id
     WHERE g.role = ANY ($1::text[]) AND p.disabled_at IS NULL AND o.closed_at IS NULL
       AND (o.kind = 'state' OR o.id = $2::uuid)`,
    [roles, districtId],
  );
  const near = rows.filter(({ kind }) => kind === 'district');
  const told = near.length === 0 || always === 'state' ? rows : near;
  return [...new Set(told.map((row) => row.person_id))];
}
