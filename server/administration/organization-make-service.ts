import type { PoolClient } from 'pg';
import { audit } from '../audit/audit-service.ts';
import type { Deps } from '../deps.ts';
import { invalid } from '../errors.ts';
import type { Origin } from '../lib/origin.ts';
import { slug } from '../lib/slug.ts';
import { withTransaction } from '../platform/database/transaction.ts';

/** A district, or a school of a district (its id). */
export type NewOrganization =
  { kind: 'district'; name: string } | { kind: 'school'; name: string; districtId: string };

/**
 * Makes a district or a school. Its slug is made from its name, beside those that others have or once had.
 * @returns its slug
 * @throws 422 when the district isn't there, or has a school of that name already (or the state such a district)
 */
export async function makeOrganization(
  { pool }: Pick<Deps, 'pool'>,
  actorId: string,
  organization: NewOrganization,
  origin: Origin,
): Promise<string> {
  return withTransaction(pool, async (client) => {
    // Whoever makes one waits here, so two can't choose the same slug.
    const { rows: states } = await client.query<{ id: string }>(
      `SELECT id FROM organization WHERE kind = 'state' FOR UPDATE`,
    );
    const parentId = organization.kind === 'district' ? states[0]?.id : organization.districtId;
    // A district that is being closed or merged is waited for.
    const { rows } = await client.query<{ taken: boolean }>(
      `SELECT EXISTS (SELECT 1 FROM organization o WHERE o.parent_id = p.id AND o.kind = $2 AND o.merged_into_id IS NULL AND plain(o.name) = plain($3)) AS taken
       FROM organization p WHERE p.id = $1 AND p.kind = $4 AND p.closed_at IS NULL FOR SHARE OF p`,
      [
        parentId,
        organization.kind,
        organization.name,
        organization.kind === 'district' ? 'state' : 'district',
      ],
    );
    if (!rows[0]) throw invalid({ field: 'district', key: 'admin.organizations.noDistrict' });
    if (rows[0].taken) throw invalid({ field: 'name', key: 'admin.organizations.taken' });
    const made = await insert(client, organization, parentId ?? '');
    await audit(client, {
      actorId,
      action: 'organization.made',
      objectType: 'organization',
      objectId: made.id,
      organizationId: made.id,
      detail: { kind: organization.kind },
      ...origin,
    });
    return made.slug;
  });
}

async function insert(
  client: PoolClient,
  { kind, name }: NewOrganization,
  parentId: string,
): Promise<{ id: string; slug: string }> {
  const words = slug(name) || kind;
  const { rows } = await client.query<{ id: string; slug: string }>(
    `INSERT INTO organization (id, kind, parent_id, district_id, name, slug)
     SELECT new.id, $1, $2, CASE $1 WHEN 'district' THEN new.id ELSE $2::uuid END, $3,
       (SELECT candidate FROM (SELECT CASE n WHEN 1 THEN $4 ELSE $4 || '-' || n END AS candidate, n FROM generate_series(1, 10000) n) c
        WHERE NOT EXISTS (SELECT 1 FROM organization o WHERE o.slug = candidate)
          AND NOT EXISTS (SELECT 1 FROM organization_former f WHERE f.slug = candidate) ORDER BY n LIMIT 1)
     FROM (SELECT uuidv7() AS id) new RETURNING id, slug`,
    [kind, parentId, name, words],
  );
  return rows[0] ?? { id: '', slug: '' };
}
