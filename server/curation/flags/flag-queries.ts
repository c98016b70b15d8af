import type { Pool } from 'pg';
import type { Viewer } from '../../lib/viewer.ts';
import type { FlagKind } from '../../resources/flags/flag-kinds.ts';
import type { FlagAbout, FlagState } from './flag-machine.ts';

/** Whose flags somebody sees: all, or those on resources of some districts and schools. */
interface Scope {
  all: boolean;
  places: string[];
}

const STAFF = new Set(['curator', 'lead', 'admin']);

/** What a viewer curates. */
export function scopeOf(viewer: Viewer): Scope {
  const grants = viewer.grants.filter(({ role }) => STAFF.has(role));
  return {
    all: grants.some(({ kind }) => kind === 'state'),
    places: grants.map(({ organizationId }) => organizationId),
  };
}

/** A condition on resource `r`: it is in the scope of two parameters. */
export const inScope = (all: string, places: string): string =>
  `(${all}::boolean OR r.district_id = ANY (${places}::uuid[]) OR r.organization_id = ANY (${places}::uuid[]))`;

export interface FlagRow {
  id: string;
  kind: FlagKind;
  about: FlagAbout;
  state: FlagState;
  note: string;
  hides: boolean;
  created_at: Date;
  decided_at: Date | null;
  decided_by: string | null;
  /** Null: somebody who wasn't signed in. */
  person: string | null;
  title: string | null;
  language: string | null;
  organization: string;
  total: number;
}

/** Flags in the viewer's scope: open ones with those that hide something first, then the oldest; decided ones by the newest decision. */
export async function flagList(
  pool: Pool,
  viewer: Viewer,
  query: { show: 'open' | 'decided'; kind: FlagKind | null; limit: number; offset: number },
): Promise<FlagRow[]> {
  const scope = scopeOf(viewer);
  const open = query.show === 'open';
  const { rows } = await pool.query<FlagRow>(
    `SELECT f.id, f.kind, f.about, f.state, f.note, f.hides, f.created_at, f.decided_at,
       (SELECT name FROM person WHERE id = f.decided_by) AS decided_by, (SELECT name FROM person WHERE id = f.person_id) AS person,
       CASE WHEN r.state <> 'purged' THEN v.title END AS title, v.language, o.name AS organization, count(*) OVER ()::int AS total
     FROM flag f JOIN resource r ON r.id = f.resource_id JOIN organization o ON o.id = r.organization_id
     LEFT JOIN version v ON v.id = r.current_version_id
     WHERE f.state ${open ? '=' : '<>'} 'open' AND ${inScope('$1', '$2')} AND ($3::text IS NULL OR f.kind = $3)
     ORDER BY ${open ? `(f.hides AND f.about = 'resource') DESC, f.created_at, f.id` : 'f.decided_at DESC, f.id'} LIMIT $4 OFFSET $5`,
    [scope.all, scope.places, query.kind, query.limit, query.offset],
  );
  return rows;
}

/** One flag with what it is about, for its page. */
export interface FlagDetails {
  id: string;
  resource_id: string;
  kind: FlagKind;
  about: FlagAbout;
  state: FlagState;
  note: string;
  hides: boolean;
  mail: boolean;
  version: number | null;
  created_at: Date;
  decided_at: Date | null;
  decided_note: string;
  decided_by: string | null;
  person: string | null;
  person_at: string | null;
  voice: { kind: string; person: string; body: string } | null;
  organization: string;
  owner: string | null;
  url: string | null;
  number: number | null;
  files: { id: string; name: string }[];
  others: { id: string; kind: FlagKind; state: FlagState; on: string }[];
}

/** The flag, whatever its resource's state; the caller decides who may see it. */
export async function flagDetails(pool: Pool, flagId: string): Promise<FlagDetails | undefined> {
  const { rows } = await pool.query<FlagDetails>(
    `SELECT f.id, f.resource_id, f.kind, f.about, f.state, f.note, f.hides, f.mail IS NOT NULL AS mail, f.version, f.created_at,
       f.decided_at, f.decided_note, (SELECT name FROM person WHERE id = f.decided_by) AS decided_by,
       p.name AS person, po.name AS person_at, o.name AS organization,
       (SELECT name FROM person WHERE id = r.owner_id) AS owner, v.url, v.number,
       CASE WHEN c.id IS NOT NULL THEN json_build_object('kind', c.kind, 'body', c.body, 'person', (SELECT name FROM person WHERE id = c.person_id))
            WHEN u.id IS NOT NULL THEN json_build_object('kind', 'use', 'body', u.note, 'person', (SELECT name FROM person WHERE id = u.person_id)) END AS voice,
       coalesce((SELECT json_agg(json_build_object('id', vf.file_id, 'name', fi.name) ORDER BY vf.position)
                 FROM version_file vf JOIN file fi ON fi.id = vf.file_id WHERE vf.version_id = v.id), '[]') AS files,
       coalesce((SELECT json_agg(json_build_object('id', x.id, 'kind', x.kind, 'state', x.state, 'on', x.created_at) ORDER BY x.created_at DESC)
                 FROM flag x WHERE x.resource_id = f.resource_id AND x.id <> f.id), '[]') AS others
     FROM flag f JOIN resource r ON r.id = f.resource_id JOIN organization o ON o.id = r.organization_id
     LEFT JOIN version v ON v.id = r.current_version_id
     LEFT JOIN person p ON p.id = f.person_id LEFT JOIN organization po ON po.id = p.organization_id
     LEFT JOIN comment c ON c.id = f.comment_id LEFT JOIN use_mark u ON u.id = f.use_id
     WHERE f.id = $1`,
    [flagId],
  );
  return rows[0];
}

/** The open flag that comes after this one in the viewer's list. */
export async function nextOpenFlag(pool: Pool, viewer: Viewer): Promise<string | null> {
  const [next] = await flagList(pool, viewer, { show: 'open', kind: null, limit: 1, offset: 0 });
  return next?.id ?? null;
}
