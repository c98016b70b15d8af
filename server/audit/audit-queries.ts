import type { Pool } from 'pg';
import { audiencesOf, isStateStaff, type Viewer } from '../lib/viewer.ts';
import { objectNameSql, objectUuidSql } from './audit-names.ts';
import type { AuditFilters } from './audit-schema.ts';

/** One event of the log, with names where they are still known. */
export interface AuditRow {
  id: string;
  at: Date;
  actorId: string | null;
  actor: string | null;
  email: string | null;
  action: string;
  objectType: string;
  objectId: string | null;
  /** Its name or title today, where it has one that the viewer may see. */
  object: string | null;
  version: number | null;
  organization: string | null;
  ip: string | null;
  requestId: string | null;
  outcome: 'done' | 'refused' | 'failed';
  detail: Record<string, unknown>;
}

/**
 * The organizations whose log a viewer may read: null is all of them (administrators of the state); a district's
 * administrators read what happened in the district and what its people did while they worked there, a school's likewise.
 */
function scopeOf(viewer: Viewer): string[] | null {
  if (isStateStaff(viewer, 'admin')) return null;
  return viewer.grants.flatMap(({ role, organizationId }) => (role === 'admin' ? [organizationId] : []));
}

/** Events, newest first, `size` at most. */
export async function auditRows(
  pool: Pool,
  viewer: Viewer,
  filters: AuditFilters,
  size: number,
): Promise<AuditRow[]> {
  const { who, action, object, outcome, from, to, before } = filters;
  const { rows } = await pool.query<AuditRow>(rowsSql, [
    scopeOf(viewer),
    who === '' ? null : `%${who.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`,
    action || null,
    object || null,
    outcome || null,
    from,
    to,
    before,
    size,
    audiencesOf(viewer),
  ]);
  return rows;
}

/** Every action that the log has, by name; one look at the index for each, however long the log is. */
export async function auditActions(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ action: string }>(
    `WITH RECURSIVE known AS (
       (SELECT action FROM audit_event ORDER BY action LIMIT 1)
       UNION ALL
       SELECT (SELECT e.action FROM audit_event e WHERE e.action > known.action ORDER BY e.action LIMIT 1)
       FROM known WHERE known.action IS NOT NULL)
     SELECT action FROM known WHERE action IS NOT NULL`,
  );
  return rows.map(({ action }) => action);
}

const rowsSql = `
  WITH place AS MATERIALIZED (SELECT id FROM organization WHERE id = ANY ($1::uuid[]) OR district_id = ANY ($1::uuid[]) OR merged_into_id = ANY ($1::uuid[])),
  people AS MATERIALIZED (SELECT id FROM person WHERE organization_id IN (SELECT id FROM place)),
  named AS MATERIALIZED (SELECT id FROM person WHERE plain(name) LIKE plain($2) OR email LIKE lower($2))
  SELECT e.id::text, e.at, e.actor_id AS "actorId", p.name AS actor, p.email, e.action, e.object_type AS "objectType",
    e.object_id AS "objectId", e.version, o.name AS organization, host(e.ip) AS ip, e.request_id AS "requestId", e.outcome, e.detail,
    ${objectNameSql({ ours: (id) => `($1::uuid[] IS NULL OR ${id} IN (SELECT id FROM place))`, keys: '$10::text[]' })} AS object
  FROM (
    SELECT e.*, ${objectUuidSql} AS uuid FROM audit_event e
    WHERE ($1::uuid[] IS NULL OR e.organization_id IN (SELECT id FROM place) OR e.actor_organization_id IN (SELECT id FROM place)
      -- Older rows don't say where somebody worked: where they work today has to do.
      OR (e.actor_organization_id IS NULL AND e.actor_id IN (SELECT id FROM people)))
      AND ($2::text IS NULL OR e.actor_id IN (SELECT id FROM named))
      AND ($3::text IS NULL OR e.action = $3) AND ($4::text IS NULL OR e.object_id = $4) AND ($5::text IS NULL OR e.outcome = $5)
      AND ($6::date IS NULL OR e.at >= $6::date) AND ($7::date IS NULL OR e.at < $7::date + 1) AND ($8::bigint IS NULL OR e.id < $8)
    ORDER BY e.id DESC LIMIT $9) e
  LEFT JOIN person p ON p.id = e.actor_id LEFT JOIN organization o ON o.id = e.organization_id
  ORDER BY e.id DESC`;
