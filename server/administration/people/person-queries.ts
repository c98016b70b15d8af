import type { Pool, PoolClient } from 'pg';
import type { Membership } from '../../accounts/account-view.ts';
import { inScopeSql, peopleScope } from '../../accounts/people-policy.ts';
import { audiencesOf, type Grant, type Role, type Viewer } from '../../lib/viewer.ts';
import { seenTitleSql } from '../transfers/transfer-queries.ts';

type Scope = readonly string[] | null;
type Client = Pick<Pool | PoolClient, 'query'>;

/** SQL: whether somebody works, or holds a role, at a place of the scope (`$1`); where that is everything, everybody does. */
const withinSql = `($1::uuid[] IS NULL
  OR p.organization_id IN (SELECT o.id FROM organization o WHERE o.district_id = ANY ($1))
  OR EXISTS (SELECT 1 FROM role_grant g JOIN organization o ON o.id = g.organization_id WHERE g.person_id = p.id AND o.district_id = ANY ($1)))`;

const lastSeenSql = `(SELECT max(a.at) FROM audit_event a WHERE a.actor_id = p.id AND a.action = 'person.signed_in' AND a.outcome = 'done')`;

export type PersonRow = {
  id: string;
  name: string;
  email: string;
  active: boolean;
  organization: string;
  lastSeen: Date | null;
  /** `here`: where they work. */
  memberships: (Membership & { here: boolean })[];
};

export type PeopleFilter = {
  q: string;
  /** An organization with what belongs to it; null: all. */
  organization: string | null;
  role: Role | null;
  state: 'open' | 'closed' | null;
};

/**
 * People by name, whose name or address holds the text, who work or hold a role at the organization, and hold the role there.
 * @param scope the districts whose people are meant; null: everybody
 */
export async function peopleList(
  pool: Pool,
  scope: Scope,
  { q, organization, role, state, page, size }: PeopleFilter & { page: number; size: number },
): Promise<{ total: number; people: PersonRow[] }> {
  const pattern = q === '' ? null : `%${q.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
  const { rows } = await pool.query<PersonRow & { total: number }>(
    `WITH place AS MATERIALIZED (SELECT id FROM organization WHERE id = $3 OR district_id = $3),
     found AS (
       SELECT p.id, p.name, count(*) OVER ()::int AS total FROM person p
       WHERE ${withinSql} AND ($2::text IS NULL OR plain(p.name) LIKE plain($2) OR p.email LIKE lower($2))
         AND ($3::uuid IS NULL OR p.organization_id IN (SELECT id FROM place)
           OR EXISTS (SELECT 1 FROM role_grant g WHERE g.person_id = p.id AND g.organization_id IN (SELECT id FROM place)))
         AND ($4::text IS NULL OR EXISTS (SELECT 1 FROM role_grant g WHERE g.person_id = p.id AND g.role = $4
           AND ($3::uuid IS NULL OR g.organization_id IN (SELECT id FROM place))))
         AND ($5::text IS NULL OR (p.disabled_at IS NULL) = ($5 = 'open'))
       ORDER BY plain(p.name), p.id LIMIT $6 OFFSET $7)
     SELECT f.total, p.id, p.name, p.email, p.disabled_at IS NULL AS active, w.name AS organization, ${lastSeenSql} AS "lastSeen",
       coalesce((SELECT json_agg(json_build_object('role', g.role, 'organization', o.name, 'kind', o.kind, 'here', o.id = p.organization_id) ORDER BY o.name, g.role)
         FROM role_grant g JOIN organization o ON o.id = g.organization_id WHERE g.person_id = p.id), '[]') AS memberships
     FROM found f JOIN person p ON p.id = f.id JOIN organization w ON w.id = p.organization_id ORDER BY plain(p.name), p.id`,
    [scope, pattern, organization, role, state, size, (page - 1) * size],
  );
  return { total: rows[0]?.total ?? 0, people: rows };
}

/** A role at an organization, as the page of a person shows it. */
export type PersonGrant = Grant & { organization: string; closed: boolean };

/** A person with all that their page shows to whoever administers them. */
export type PersonFacts = {
  id: string;
  name: string;
  email: string;
  active: boolean;
  createdAt: string;
  lastSeen: string | null;
  /** Where they work. */
  organization: { id: string; name: string; kind: Grant['kind']; districtId: string | null; closed: boolean };
  grants: PersonGrant[];
  /** Changes with everything that an administrator can change. */
  stamp: string;
  counts: {
    resources: number;
    drafts: number;
    withdrawn: number;
    collections: number;
    checks: number;
    tokens: number;
  };
};

/** Somebody whom a person with this scope administers, or who holds a role there; undefined for anybody else. */
export async function personFacts(
  client: Client,
  scope: Scope,
  id: string,
): Promise<PersonFacts | undefined> {
  const { rows } = await client.query<PersonFacts>(
    `SELECT p.id, p.name, p.email, p.disabled_at IS NULL AS active, p.created_at AS "createdAt", ${lastSeenSql} AS "lastSeen",
       json_build_object('id', w.id, 'name', w.name, 'kind', w.kind, 'districtId', w.district_id, 'closed', w.closed_at IS NOT NULL) AS organization,
       coalesce((SELECT json_agg(json_build_object('role', g.role, 'organizationId', o.id, 'organization', o.name, 'kind', o.kind, 'districtId', o.district_id,
           'closed', o.closed_at IS NOT NULL) ORDER BY o.kind = 'school', o.kind = 'district', plain(o.name), o.id, g.role)
         FROM role_grant g JOIN organization o ON o.id = g.organization_id WHERE g.person_id = p.id), '[]') AS grants,
       md5(concat_ws('|', p.name, p.email, p.disabled_at, p.organization_id,
         (SELECT string_agg(g.organization_id || g.role, ',' ORDER BY g.organization_id, g.role) FROM role_grant g WHERE g.person_id = p.id))) AS stamp,
       json_build_object(
         'resources', (SELECT count(*) FROM resource r WHERE r.owner_id = p.id AND r.state = 'published'),
         'drafts', (SELECT count(*) FROM resource r WHERE r.owner_id = p.id AND r.state IN ('draft', 'submitted')),
         'withdrawn', (SELECT count(*) FROM resource r WHERE r.owner_id = p.id AND r.state = 'withdrawn'),
         'collections', (SELECT count(*) FROM collection c WHERE c.owner_id = p.id AND c.kind <> 'saved' AND c.deleted_at IS NULL),
         'checks', (SELECT count(*) FROM check_wait c WHERE c.held_by = p.id OR c.assigned_to = p.id),
         'tokens', (SELECT count(*) FROM api_token k WHERE k.person_id = p.id AND k.revoked_at IS NULL AND k.expires_at > now())) AS counts
     FROM person p JOIN organization w ON w.id = p.organization_id WHERE p.id = $2 AND ${withinSql}`,
    [scope, id],
  );
  return rows[0];
}

/** Something that somebody could hand over. */
export type OwnedItem = {
  kind: 'resource' | 'collection';
  id: string;
  /** Null: the viewer may not see it, as drafts are their authors' alone. */
  title: string | null;
  language: string;
  state: string;
  organization: string;
};

/** SQL: what belongs to a person (`$2`) and a place of the scope (`$1`). What was purged and what they only saved is nobody's. */
const ownedSql = `
  SELECT 'resource' AS kind, r.id, r.state, o.name AS organization FROM resource r JOIN organization o ON o.id = r.organization_id
  WHERE r.owner_id = $2 AND r.state <> 'purged' AND ${inScopeSql('r', '$1')}
  UNION ALL
  SELECT 'collection', c.id, c.visibility, o.name FROM collection c JOIN organization o ON o.id = c.organization_id
  WHERE c.owner_id = $2 AND c.kind <> 'saved' AND c.deleted_at IS NULL AND ${inScopeSql('o', '$1')}`;

/** Everything of a person that the viewer can hand over: resources before collections, by title. */
export async function ownedItems(
  client: Client,
  viewer: Viewer,
  personId: string,
  limit: number,
): Promise<{ total: number; items: OwnedItem[] }> {
  const { rows } = await client.query<OwnedItem & { total: number }>(
    `SELECT count(*) OVER ()::int AS total, i.kind, i.id, i.state, i.organization, t.title,
       CASE WHEN t.title IS NULL THEN 'en' ELSE coalesce(v.language, c.language, 'en') END AS language
     FROM (${ownedSql}) i
       LEFT JOIN resource r ON i.kind = 'resource' AND r.id = i.id
       LEFT JOIN version v ON v.id = r.current_version_id
       LEFT JOIN collection c ON i.kind = 'collection' AND c.id = i.id
       CROSS JOIN LATERAL (SELECT ${seenTitleSql('$4')} AS title) t
     ORDER BY i.kind DESC, t.title IS NULL, plain(t.title), i.id LIMIT $3`,
    [peopleScope(viewer), personId, limit, audiencesOf(viewer)],
  );
  return { total: rows[0]?.total ?? 0, items: rows };
}

/**
 * Lists what a hand-over takes: all that can be, or of that what was ticked.
 * @returns how many of each
 */
export async function listOwned(
  client: Client,
  {
    transferId,
    scope,
    personId,
    ticked,
  }: { transferId: string; scope: Scope; personId: string; ticked: readonly string[] | null },
): Promise<{ resources: number; drafts: number; collections: number }> {
  const { rows } = await client.query<{ resources: number; drafts: number; collections: number }>(
    `WITH owned AS (SELECT * FROM (${ownedSql}) i WHERE $4::uuid[] IS NULL OR i.id = ANY ($4::uuid[])),
     listed AS (INSERT INTO transfer_item (transfer_id, kind, object_id) SELECT $3::uuid, kind, id FROM owned)
     SELECT count(*) FILTER (WHERE kind = 'resource' AND state NOT IN ('draft', 'submitted'))::int AS resources,
       count(*) FILTER (WHERE state IN ('draft', 'submitted'))::int AS drafts, count(*) FILTER (WHERE kind = 'collection')::int AS collections FROM owned`,
    [scope, personId, transferId, ticked],
  );
  return rows[0]!;
}

/** Open accounts at the same place, who are likely to get something handed. By name, the first `limit`. */
export async function colleaguesOf(
  pool: Pool,
  { id, organization }: PersonFacts,
  limit: number,
): Promise<{ name: string; email: string }[]> {
  const { rows } = await pool.query<{ name: string; email: string }>(
    `SELECT name, email FROM person WHERE organization_id = $1 AND id <> $2 AND disabled_at IS NULL ORDER BY plain(name), id LIMIT $3`,
    [organization.id, id, limit],
  );
  return rows;
}
