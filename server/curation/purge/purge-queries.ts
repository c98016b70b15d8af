import type { Pool } from 'pg';
import type { Viewer } from '../../lib/viewer.ts';
import { inScope, scopeOf } from '../flags/flag-queries.ts';
import type { PurgeWhy } from './purge-schema.ts';

/** What a purge would destroy, and what it would leave elsewhere. */
export interface PurgeFacts {
  versions: number;
  files: number;
  voices: number;
  lists: number;
  organization: string;
  /** Adaptations, and other resources that have one of its files: resources of their own, which stay. */
  others: { id: string; title: string; language: string; why: 'adaptation' | 'file' }[];
}

/** Counts of what hangs on a resource. */
export async function purgeFacts(pool: Pool, resourceId: string): Promise<PurgeFacts | undefined> {
  const { rows } = await pool.query<PurgeFacts>(
    `SELECT (SELECT count(*)::int FROM version WHERE resource_id = r.id) AS versions,
       (SELECT count(*)::int FROM file WHERE resource_id = r.id) AS files,
       (SELECT count(*)::int FROM comment WHERE resource_id = r.id) + (SELECT count(*)::int FROM use_mark WHERE resource_id = r.id AND note <> '') AS voices,
       (SELECT count(*)::int FROM collection_item WHERE resource_id = r.id) AS lists, o.name AS organization,
       coalesce((
         SELECT json_agg(other ORDER BY other.why, other.title) FROM (
           SELECT DISTINCT ON (x.id) x.id, coalesce(v.title, '') AS title, coalesce(v.language, 'en') AS language, x.why FROM (
             SELECT a.id, 'adaptation' AS why FROM resource a WHERE a.adapted_from_id = r.id
             UNION ALL
             SELECT f.resource_id, 'file' FROM file mine JOIN file f ON f.sha256 = mine.sha256 AND f.resource_id <> r.id WHERE mine.resource_id = r.id) x
           JOIN resource y ON y.id = x.id AND y.state <> 'purged'
           LEFT JOIN LATERAL (SELECT title, language FROM version WHERE resource_id = x.id ORDER BY (id = y.current_version_id) DESC NULLS LAST, number DESC NULLS LAST LIMIT 1) v ON true
           ORDER BY x.id, x.why LIMIT 100) other), '[]') AS others
     FROM resource r JOIN organization o ON o.id = r.organization_id WHERE r.id = $1`,
    [resourceId],
  );
  return rows[0];
}

export interface PurgeRow {
  resource_id: string;
  why: PurgeWhy;
  reason: string;
  asked_at: Date;
  asked_by: string;
  organization: string;
  finished_at: Date | null;
}

/** What was destroyed in the viewer's scope, the newest first. */
export async function purgeLog(pool: Pool, viewer: Viewer): Promise<PurgeRow[]> {
  const scope = scopeOf(viewer);
  const { rows } = await pool.query<PurgeRow>(
    `SELECT p.resource_id, p.why, p.reason, p.asked_at, (SELECT name FROM person WHERE id = p.asked_by) AS asked_by,
       o.name AS organization, p.finished_at
     FROM purge p JOIN resource r ON r.id = p.resource_id JOIN organization o ON o.id = r.organization_id
     WHERE ${inScope('$1', '$2')} ORDER BY p.asked_at DESC LIMIT 500`,
    [scope.all, scope.places],
  );
  return rows;
}
