import type { Pool } from 'pg';
import type { Viewer } from '../../lib/viewer.ts';
import type { FlagKind } from '../../resources/flags/flag-kinds.ts';
import { inScope, scopeOf } from './flag-queries.ts';

export interface TakedownRow {
  id: string;
  resource_id: string;
  /** Null: it was purged. */
  title: string | null;
  language: string | null;
  organization: string;
  kind: FlagKind;
  reason: string;
  asked_at: Date;
  taken_at: Date;
  taken_by: string;
  state: 'down' | 'lifted' | 'purged';
  ended_at: Date | null;
  ended_by: string | null;
  ended_reason: string;
  total: number;
}

/** The log of takedowns in the viewer's scope, the newest first. */
export async function takedownLog(
  pool: Pool,
  viewer: Viewer,
  { limit, offset }: { limit: number; offset: number },
): Promise<TakedownRow[]> {
  const scope = scopeOf(viewer);
  const { rows } = await pool.query<TakedownRow>(
    `SELECT t.id, t.resource_id, CASE WHEN r.state <> 'purged' THEN v.title END AS title, v.language, o.name AS organization,
       t.kind, t.reason, t.asked_at, t.taken_at, (SELECT name FROM person WHERE id = t.taken_by) AS taken_by, t.state,
       t.ended_at, (SELECT name FROM person WHERE id = t.ended_by) AS ended_by, t.ended_reason, count(*) OVER ()::int AS total
     FROM takedown t JOIN resource r ON r.id = t.resource_id JOIN organization o ON o.id = r.organization_id
     LEFT JOIN version v ON v.id = r.current_version_id
     WHERE ${inScope('$1', '$2')} ORDER BY t.taken_at DESC, t.id LIMIT $3 OFFSET $4`,
    [scope.all, scope.places, limit, offset],
  );
  return rows;
}
