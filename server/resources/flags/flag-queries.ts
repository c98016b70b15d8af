import type { Pool } from 'pg';
import type { FlagKind } from './flag-kinds.ts';

/** An open flag on a resource, as its authors and staff see it: what is said to be wrong, not by whom. */
export interface OpenFlag {
  id: string;
  kind: FlagKind;
  note: string;
  on: Date;
}

/** The open flags on a resource itself, the newest first. */
export async function openFlagsOf(pool: Pool, resourceId: string): Promise<OpenFlag[]> {
  const { rows } = await pool.query<OpenFlag>(
    `SELECT id, kind, note, created_at AS "on" FROM flag
     WHERE resource_id = $1 AND state = 'open' AND about = 'resource' ORDER BY created_at DESC LIMIT 20`,
    [resourceId],
  );
  return rows;
}
