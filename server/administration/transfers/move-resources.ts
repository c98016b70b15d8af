import type { PoolClient } from 'pg';
import { namesApart } from './import-sources.ts';
import { RESOURCES_AT_ONCE } from './transfer-limits.ts';

/**
 * Where resources go. `districtId`: of the organization that they go to, of no meaning for people; `sources`: names of
 * imports' sources as they were → as they are there, only where the district is another.
 */
export type Destination = {
  transferId: string;
  actorId: string | null;
  from: string;
  to: string;
  districtId: string | null;
  sources: Record<string, string>;
  /** Many at once let those of people go first to the index. */
  many: boolean;
  at: Date;
};

/** Which of them still have to go, and what becomes their organization. */
export type Which = 'ofOrganization' | 'ofDistrict' | 'districtOnly';

const WHICH: Record<Which, { where: string; organization: string }> = {
  /** Those of one organization become the other's. */
  ofOrganization: { where: 'r.organization_id = d.here', organization: 'd.there' },
  /** Those of a district and its schools: the district's own become the other's, the schools keep theirs. */
  ofDistrict: {
    where: 'r.district_id = d.here',
    organization: 'CASE WHEN r.organization_id = d.here THEN d.there ELSE r.organization_id END',
  },
  /** Those of a school that has gone to another district. */
  districtOnly: {
    where: 'r.organization_id = d.here AND r.district_id IS DISTINCT FROM d.district',
    organization: 'r.organization_id',
  },
};
const endsSql = '(SELECT $1::uuid AS here, $2::uuid AS there, $3::uuid AS district) d';

/**
 * Moves the next resources, with their rows in the log, and marks them for the index.
 * @param ids only these; null: whatever still belongs there
 * @returns the ids that went; none: all have gone
 */
export async function moveResources(
  client: PoolClient,
  which: Which,
  destination: Destination,
  ids: readonly string[] | null = null,
): Promise<string[]> {
  const { from, to, districtId, sources } = destination;
  const { where, organization } = WHICH[which];
  const { rows: next } = await client.query<{ id: string }>(
    `SELECT r.id FROM resource r, ${endsSql} WHERE ${where} AND ($4::uuid[] IS NULL OR r.id = ANY ($4::uuid[]))
     ORDER BY r.id LIMIT ${RESOURCES_AT_ONCE} FOR UPDATE OF r`,
    [from, to, districtId, ids],
  );
  const moving = next.map(({ id }) => id);
  if (moving.length === 0) return [];
  const renamed = Object.keys(sources).length > 0;
  const apart = renamed ? await namesApart(client, { ids: moving, districtId, sources }) : {};
  const { rows } = await client.query<{ id: string; state: string }>(
    `UPDATE resource r SET organization_id = ${organization}, district_id = d.district, updated_at = $6,
       source = CASE WHEN r.external_id IS NULL THEN r.source ELSE coalesce($7::jsonb ->> r.id::text, $5::jsonb ->> r.source, r.source) END
     FROM ${endsSql} WHERE r.id = ANY ($4::uuid[]) RETURNING r.id, r.state`,
    [from, to, districtId, moving, JSON.stringify(sources), destination.at, JSON.stringify(apart)],
  );
  if (renamed)
    await client.query(
      `UPDATE import_record i SET source_id = s.id FROM resource r JOIN import_source s ON s.district_id = r.district_id AND s.name = r.source
       WHERE i.resource_id = r.id AND r.id = ANY ($1::uuid[]) AND r.external_id IS NOT NULL AND i.source_id <> s.id`,
      [moving],
    );
  await logMoves(client, 'resource.moved', destination, moving);
  await markDirty(
    client,
    rows.flatMap(({ id, state }) => (state === 'published' ? id : [])),
    destination.many,
  );
  return moving;
}

/** One line in the log for each resource, with where it came from. */
export async function logMoves(
  client: PoolClient,
  action: string,
  { actorId, transferId, from, to }: Pick<Destination, 'actorId' | 'transferId' | 'from' | 'to'>,
  ids: readonly string[],
): Promise<void> {
  await client.query(
    `INSERT INTO audit_event (actor_id, action, object_type, object_id, organization_id, detail)
     SELECT $2, $3, 'resource', r.id::text, r.organization_id, jsonb_build_object('transfer', $4::uuid, 'from', $5::uuid, 'to', $6::uuid)
     FROM resource r WHERE r.id = ANY ($1::uuid[]) ORDER BY r.id`,
    [ids, actorId, action, transferId, from, to],
  );
}

export async function markDirty(client: PoolClient, ids: readonly string[], many: boolean): Promise<void> {
  if (ids.length > 0) await client.query('SELECT mark_dirty($1::uuid[], $2::smallint)', [ids, many ? 1 : 0]);
}
