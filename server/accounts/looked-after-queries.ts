import type { Pool } from 'pg';
import { isStateStaff, type Role, type Viewer } from '../lib/viewer.ts';

/** The districts that somebody looks after in one of the roles: all of them for staff of the state. By name. */
export async function districtsLookedAfter(
  pool: Pool,
  viewer: Viewer,
  roles: readonly Role[],
): Promise<{ id: string; slug: string; name: string }[]> {
  const own = viewer.grants
    .filter(({ role }) => roles.includes(role))
    .flatMap(({ districtId }) => districtId ?? []);
  const { rows } = await pool.query<{ id: string; slug: string; name: string }>(
    `SELECT id, slug, name FROM organization
     WHERE kind = 'district' AND closed_at IS NULL AND ($1 OR id = ANY ($2::uuid[])) ORDER BY name`,
    [isStateStaff(viewer, ...roles), own],
  );
  return rows;
}
