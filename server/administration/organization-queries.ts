import type { Pool, PoolClient } from 'pg';
import { inScopeSql } from '../accounts/people-policy.ts';
import type { OrganizationRank } from './organization-policy.ts';

type Scope = readonly string[] | null;
type Kind = 'state' | 'district' | 'school';

/** An organization in the tree; a district's numbers are with its schools. */
export type TreeRow = {
  id: string;
  kind: 'district' | 'school';
  districtId: string;
  name: string;
  closed: boolean;
  people: number;
  resources: number;
  collections: number;
};

const peopleSql = (alias: string): string =>
  `(SELECT count(*)::int FROM person p WHERE p.organization_id = ${alias}.id AND p.disabled_at IS NULL)`;
const resourcesSql = (alias: string): string =>
  `(SELECT count(*)::int FROM resource r WHERE r.organization_id = ${alias}.id AND r.state = 'published')`;
const collectionsSql = (alias: string): string =>
  `(SELECT count(*)::int FROM collection c WHERE c.organization_id = ${alias}.id AND c.kind <> 'saved' AND c.deleted_at IS NULL)`;

/**
 * Districts by name, page by page, each followed by its schools. With a text, those whose name or address holds it, or
 * one of whose schools does; then only such schools stand under them.
 * @returns `total` of the districts
 */
export async function organizationTree(
  pool: Pool,
  scope: Scope,
  { q, page, size }: { q: string; page: number; size: number },
): Promise<{ total: number; rows: TreeRow[] }> {
  const pattern = `%${q.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
  const { rows } = await pool.query<TreeRow & { total: number }>(
    `WITH seen AS (SELECT * FROM organization o WHERE o.kind <> 'state' AND o.merged_into_id IS NULL AND ${inScopeSql('o', '$1')}),
     hit AS (SELECT id, kind, district_id FROM seen WHERE $2 = '%%' OR plain(name) LIKE plain($2) OR slug LIKE lower($2)),
     district AS (
       SELECT d.id, plain(d.name) AS place, count(*) OVER ()::int AS total, EXISTS (SELECT 1 FROM hit WHERE hit.id = d.id) AS whole
       FROM seen d WHERE d.kind = 'district' AND d.id IN (SELECT district_id FROM hit)
       ORDER BY plain(d.name), d.id LIMIT $3 OFFSET $4)
     SELECT o.id, o.kind, o.district_id AS "districtId", o.name, o.closed_at IS NOT NULL AS closed, d.total, n.*
     FROM district d JOIN seen o ON o.district_id = d.id
       CROSS JOIN LATERAL (
         SELECT coalesce(sum(${peopleSql('b')}), 0)::int AS people, coalesce(sum(${resourcesSql('b')}), 0)::int AS resources,
           coalesce(sum(${collectionsSql('b')}), 0)::int AS collections
         FROM organization b WHERE b.id = o.id OR (o.kind = 'district' AND b.district_id = o.id)) n
     WHERE o.kind = 'district' OR d.whole OR o.id IN (SELECT id FROM hit)
     ORDER BY d.place, d.id, o.kind <> 'district', plain(o.name), o.id`,
    [scope, pattern, size, (page - 1) * size],
  );
  return { total: rows[0]?.total ?? 0, rows };
}

/** How much hangs on an organization; a district's with its schools. */
export type OrganizationCounts = {
  /** With an open account, who work there. */
  people: number;
  /** With an open account, who work elsewhere and hold a role there. */
  helpers: number;
  /** With a closed account. */
  closedAccounts: number;
  /** On the shelf. */
  resources: number;
  /** Drafts, handed in, withdrawn. */
  others: number;
  /** Handed in and waiting for a check. */
  waiting: number;
  collections: number;
  /** Sources of imports. */
  sources: number;
  /** Calls for lessons that are out. */
  calls: number;
  /** Open ones. */
  schools: number;
};

/** An organization with everything that its page shows. */
export type OrganizationFacts = OrganizationRank & {
  id: string;
  name: string;
  slug: string;
  parent: { id: string; name: string; kind: Kind; publishMode: 'at_once' | 'check_first' } | null;
  publishMode: 'at_once' | 'check_first';
  publishChoice: 'at_once' | 'check_first' | null;
  mergedInto: { id: string; name: string } | null;
  /** Changes with everything that an administrator can change. */
  stamp: string;
  counts: OrganizationCounts;
  former: { name: string; slug: string | null; until: string }[];
  staff: { id: string; name: string; role: 'importer' | 'curator' | 'lead' | 'admin' }[];
  schools: {
    id: string;
    name: string;
    closed: boolean;
    people: number;
    resources: number;
    collections: number;
  }[];
  /** A transfer that is under way, from it or to it. */
  running: string | null;
};

/** SQL: what changes with everything that an administrator can change of an organization. */
const organizationStampSql = (alias: string): string =>
  `md5(concat_ws('|', ${alias}.name, ${alias}.slug, ${alias}.parent_id, ${alias}.closed_at, ${alias}.merged_into_id, coalesce(${alias}.publish_choice, '-')))`;

/** An organization that somebody with this scope administers; undefined for any other. One round trip. */
export async function organizationFacts(
  client: Pick<Pool | PoolClient, 'query'>,
  scope: Scope,
  id: string,
): Promise<OrganizationFacts | undefined> {
  const { rows } = await client.query<OrganizationFacts>(
    `WITH o AS (SELECT * FROM organization o WHERE o.id = $2 AND ${inScopeSql('o', '$1')}),
     place AS (SELECT id FROM o UNION SELECT s.id FROM organization s JOIN o ON s.district_id = o.id WHERE o.kind = 'district')
     SELECT o.id, o.kind, o.name, o.slug, o.district_id AS "districtId", o.closed_at IS NOT NULL AS closed,
       o.merged_into_id IS NOT NULL AS merged, o.publish_mode AS "publishMode", o.publish_choice AS "publishChoice",
       ${organizationStampSql('o')} AS stamp,
       (SELECT json_build_object('id', p.id, 'name', p.name, 'kind', p.kind, 'publishMode', p.publish_mode) FROM organization p WHERE p.id = o.parent_id) AS parent,
       (SELECT json_build_object('id', m.id, 'name', m.name) FROM organization m WHERE m.id = o.merged_into_id) AS "mergedInto",
       json_build_object(
         'people', (SELECT count(*) FROM person p WHERE p.organization_id IN (SELECT id FROM place) AND p.disabled_at IS NULL),
         'helpers', (SELECT count(DISTINCT p.id) FROM role_grant g JOIN person p ON p.id = g.person_id AND p.disabled_at IS NULL
                     WHERE g.organization_id IN (SELECT id FROM place) AND p.organization_id NOT IN (SELECT id FROM place)),
         'closedAccounts', (SELECT count(*) FROM person p WHERE p.organization_id IN (SELECT id FROM place) AND p.disabled_at IS NOT NULL),
         'resources', (SELECT count(*) FROM resource r WHERE r.organization_id IN (SELECT id FROM place) AND r.state = 'published'),
         'others', (SELECT count(*) FROM resource r WHERE r.organization_id IN (SELECT id FROM place) AND r.state IN ('draft', 'submitted', 'withdrawn')),
         'waiting', (SELECT count(*) FROM resource r WHERE r.organization_id IN (SELECT id FROM place) AND r.state = 'submitted'),
         'collections', (SELECT count(*) FROM collection c WHERE c.organization_id IN (SELECT id FROM place) AND c.kind <> 'saved' AND c.deleted_at IS NULL),
         'sources', (SELECT count(*) FROM import_source i WHERE i.district_id = o.id
                     AND EXISTS (SELECT 1 FROM import_record m WHERE m.source_id = i.id)),
         'calls', (SELECT count(*) FROM lesson_call l WHERE l.organization_id = o.id AND l.state IN ('open', 'answered')),
         'schools', (SELECT count(*) FROM organization s WHERE s.parent_id = o.id AND s.kind = 'school' AND s.closed_at IS NULL)) AS counts,
       coalesce((SELECT json_agg(json_build_object('name', f.name, 'slug', f.slug, 'until', f.until) ORDER BY f.until DESC)
                 FROM (SELECT name, slug, until FROM organization_former WHERE organization_id = o.id
                       UNION ALL SELECT name, slug, closed_at FROM organization WHERE merged_into_id = o.id) f), '[]') AS former,
       coalesce((SELECT json_agg(json_build_object('id', p.id, 'name', p.name, 'role', g.role) ORDER BY array_position(ARRAY['admin', 'lead', 'curator', 'importer'], g.role), plain(p.name), p.id)
                 FROM role_grant g JOIN person p ON p.id = g.person_id AND p.disabled_at IS NULL WHERE g.organization_id = o.id AND g.role <> 'teacher'), '[]') AS staff,
       coalesce((SELECT json_agg(json_build_object('id', s.id, 'name', s.name, 'closed', s.closed_at IS NOT NULL,
                   'people', ${peopleSql('s')}, 'resources', ${resourcesSql('s')}, 'collections', ${collectionsSql('s')}) ORDER BY plain(s.name), s.id)
                 FROM organization s WHERE s.parent_id = o.id AND s.kind = 'school' AND s.merged_into_id IS NULL), '[]') AS schools,
       (SELECT t.id FROM transfer t WHERE t.state = 'running' AND (t.from_id = o.id OR t.to_id = o.id) LIMIT 1) AS running
     FROM o`,
    [scope, id],
  );
  return rows[0];
}
