import type { Pool } from 'pg';
import type { Place } from '../../accounts/people-policy.ts';
import type { Role } from '../../lib/viewer.ts';

export type StaffPlace = Place & {
  name: string;
  slug: string;
  inside: boolean;
  /** What it was called before, and what those were called that were merged into it. */
  former: string[];
};

/** Somebody with an account whom a list may name. */
export type StaffPerson = {
  id: string;
  email: string;
  name: string;
  active: boolean;
  organizationId: string;
  grants: { organizationId: string; role: Role }[];
  /** Works outside of the organization whose list it is. */
  outside: boolean;
  /** Holds a role outside of it: the account isn't its alone. */
  elsewhere: boolean;
};

export type StaffInvitation = {
  id: string;
  email: string;
  name: string;
  organizationId: string;
  roles: Role[];
};

export type StaffFacts = {
  organizationId: string;
  /** Every open place; `inside`: within the organization whose list it is. */
  places: StaffPlace[];
  /** Names of places within it that are closed. */
  closed: string[];
  people: StaffPerson[];
  invitations: StaffInvitation[];
};

/**
 * How things stand for a list of an organization: the state's own office, or a district with its schools. One round trip.
 * @param emails of the list; accounts elsewhere are looked up only for `everywhere`, an administrator of the state
 */
export async function staffFacts(
  client: Pick<Pool, 'query'>,
  organizationId: string,
  { emails, everywhere }: { emails: readonly string[]; everywhere: boolean },
): Promise<StaffFacts> {
  const { rows } = await client.query<Omit<StaffFacts, 'organizationId'>>(
    `WITH inside AS MATERIALIZED (SELECT id FROM organization WHERE id = $1 OR district_id = $1),
     named AS MATERIALIZED (
       SELECT p.id, p.email, p.name, p.disabled_at IS NULL AS active, p.organization_id,
         p.organization_id NOT IN (SELECT id FROM inside) AS outside
       FROM person p WHERE p.organization_id IN (SELECT id FROM inside) OR ($3 AND p.email = ANY ($2::text[]))),
     former AS (
       SELECT id, array_agg(DISTINCT word) AS words FROM (
         SELECT organization_id AS id, unnest(ARRAY[name, slug]) AS word FROM organization_former
         UNION ALL SELECT merged_into_id, unnest(ARRAY[name, slug]) FROM organization WHERE merged_into_id IS NOT NULL) known
       WHERE word IS NOT NULL GROUP BY id),
     granted AS (
       SELECT g.person_id, json_agg(json_build_object('organizationId', g.organization_id, 'role', g.role) ORDER BY g.organization_id, g.role) AS grants,
         bool_or(g.organization_id NOT IN (SELECT id FROM inside)) AS elsewhere
       FROM role_grant g JOIN named ON named.id = g.person_id GROUP BY g.person_id)
     SELECT
       (SELECT coalesce(json_agg(json_build_object('id', o.id, 'kind', o.kind, 'districtId', o.district_id, 'name', o.name, 'slug', o.slug,
          'inside', o.id IN (SELECT id FROM inside), 'former', coalesce(f.words, '{}')) ORDER BY o.kind = 'school', o.name, o.id), '[]')
        FROM organization o LEFT JOIN former f ON f.id = o.id WHERE o.closed_at IS NULL) AS places,
       (SELECT coalesce(json_agg(name ORDER BY name, id), '[]') FROM organization
        WHERE id IN (SELECT id FROM inside) AND closed_at IS NOT NULL AND merged_into_id IS NULL) AS closed,
       (SELECT coalesce(json_agg(json_build_object('id', n.id, 'email', n.email, 'name', n.name, 'active', n.active, 'organizationId', n.organization_id,
          'outside', n.outside, 'grants', coalesce(g.grants, '[]'), 'elsewhere', NOT $3 AND coalesce(g.elsewhere, false)) ORDER BY n.name, n.id), '[]')
        FROM named n LEFT JOIN granted g ON g.person_id = n.id) AS people,
       (SELECT coalesce(json_agg(json_build_object('id', i.id, 'email', i.email, 'name', i.name, 'organizationId', i.organization_id, 'roles', i.roles) ORDER BY i.id), '[]')
        FROM invitation i WHERE i.organization_id IN (SELECT id FROM inside)) AS invitations`,
    [organizationId, emails, everywhere],
  );
  return { organizationId, ...rows[0]! };
}
