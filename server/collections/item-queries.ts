import type { Pool, PoolClient } from 'pg';
import { audiencesOf, type Viewer } from '../lib/viewer.ts';

/** An item of a collection, with what was written about it. */
export type ItemRow = {
  resourceId: string;
  sectionId: string | null;
  note: string;
  revision: number;
};

export type SectionRow = { id: string; title: string; revision: number };

export interface CollectionContents {
  sections: SectionRow[];
  /** What the viewer may see, in order: what is in no section, then section by section. */
  items: ItemRow[];
  /** What a rule leaves out, of what the viewer may see. */
  out: ItemRow[];
  /** What the viewer may not see is among these. */
  outIds: string[];
  /** How many the collection has, whoever sees them. */
  held: number;
  /** Of what the viewer put in, how many they can't see any more. */
  gone: number;
}

/** Order of items `ci` in sections `s`. What was saved last stands first until it is moved. */
export const itemOrderSql = `coalesce(s.position, 0), ci.position, ci.added_at DESC, ci.resource_id`;

/** What stands in a collection that the viewer may see; one round trip. */
export async function collectionContents(
  client: Pool | PoolClient,
  viewer: Viewer,
  collectionId: string,
): Promise<CollectionContents> {
  const { rows } = await client.query<{ contents: CollectionContents }>(
    `WITH held AS MATERIALIZED (
       SELECT ci.*, coalesce(s.position, 0) AS place, (r.state = 'published' AND r.audience && $2::text[]) AS seen
       FROM collection_item ci JOIN resource r ON r.id = ci.resource_id LEFT JOIN collection_section s ON s.id = ci.section_id
       WHERE ci.collection_id = $1)
     SELECT json_build_object(
       'sections', coalesce((SELECT json_agg(json_build_object('id', s.id, 'title', s.title, 'revision', s.revision) ORDER BY s.position, s.id)
                             FROM collection_section s WHERE s.collection_id = $1), '[]'),
       'items', coalesce((SELECT json_agg(${itemJson} ORDER BY ${heldOrder}) FROM held h WHERE seen AND stands = 'in'), '[]'),
       'out', coalesce((SELECT json_agg(${itemJson} ORDER BY ${heldOrder}) FROM held h WHERE seen AND stands = 'out'), '[]'),
       'outIds', coalesce((SELECT json_agg(h.resource_id) FROM held h WHERE stands = 'out'), '[]'),
       'held', (SELECT count(*)::int FROM held),
       'gone', (SELECT count(*)::int FROM held WHERE NOT seen AND added_by = $3)) AS contents`,
    [collectionId, audiencesOf(viewer), viewer.id],
  );
  return rows[0]!.contents;
}

const itemJson = `json_build_object('resourceId', h.resource_id, 'sectionId', h.section_id, 'note', h.note, 'revision', h.revision)`;
const heldOrder = `h.place, h.position, h.added_at DESC, h.resource_id`;

/** People who look after a collection beside its owner. */
export async function collectionEditors(
  pool: Pool,
  collectionId: string,
): Promise<{ id: string; name: string; email: string; organization: string; active: boolean }[]> {
  const { rows } = await pool.query<{
    id: string;
    name: string;
    email: string;
    organization: string;
    active: boolean;
  }>(
    `SELECT p.id, p.name, p.email, o.name AS organization, p.disabled_at IS NULL AS active
     FROM collection_editor e JOIN person p ON p.id = e.person_id JOIN organization o ON o.id = p.organization_id
     WHERE e.collection_id = $1 ORDER BY e.created_at, p.id`,
    [collectionId],
  );
  return rows;
}

/** What decides to whom the collections of a place may be shown. */
export async function organizationOf(
  pool: Pool,
  id: string,
): Promise<{ id: string; kind: 'state' | 'district' | 'school'; districtId: string | null }> {
  const { rows } = await pool.query<{ kind: 'state' | 'district' | 'school'; districtId: string | null }>(
    'SELECT kind, district_id AS "districtId" FROM organization WHERE id = $1',
    [id],
  );
  const [row] = rows;
  if (!row) throw new RangeError(`No organization ${id}`);
  return { id, ...row };
}

/** What resources on the shelf were adapted from, as their licenses ask to credit it; only of those that were. */
export async function creditsOf(pool: Pool, resourceIds: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await pool.query<{ id: string; credit: string }>(
    `SELECT r.id, v.credit FROM resource r JOIN version v ON v.id = r.current_version_id
     WHERE r.id = ANY ($1::uuid[]) AND v.credit <> ''`,
    [resourceIds],
  );
  return new Map(rows.map(({ id, credit }) => [id, credit]));
}
