import type { Pool, PoolClient } from 'pg';
import { audiencesOf, type Viewer } from '../../lib/viewer.ts';
import type { TransferState } from './transfer-states.ts';

/** `school`: what belongs to a school or a district itself; `person`: what belongs to a person. */
export type TransferKind = 'merge' | 'move' | 'school' | 'person';

/** From whom, or to whom. */
export type TransferEnd = {
  id: string;
  name: string;
  kind: 'state' | 'district' | 'school' | 'person';
  /** Null: the state's own, or a person of the state. */
  districtId: string | null;
  slug: string | null;
};

/** How much of each kind. */
export type Amounts = Record<string, number>;

export type Transfer = {
  id: string;
  kind: TransferKind;
  state: TransferState;
  chosen: boolean;
  /** Null: it is gone from the database. */
  from: TransferEnd | null;
  to: TransferEnd | null;
  /** Where the listed works of a person stand now, null for the state's own; those that were left don't count. */
  itemDistricts: (string | null)[];
  counts: Amounts;
  sources: Record<string, string>;
  moved: Amounts;
  backOf: string | null;
  /** The one that takes it back. */
  takenBackBy: string | null;
  madeBy: { id: string; name: string } | null;
  madeAt: Date;
  movedAt: Date;
};

const endSql = (column: string): string =>
  `(SELECT json_build_object('id', e.id, 'name', e.name, 'kind', e.kind, 'districtId', e.district_id, 'slug', e.slug)
    FROM (SELECT o.id, o.name, o.kind, o.district_id, o.slug FROM organization o WHERE t.kind <> 'person' AND o.id = ${column}
          UNION ALL SELECT p.id, p.name, 'person', w.district_id, NULL FROM person p JOIN organization w ON w.id = p.organization_id
          WHERE t.kind = 'person' AND p.id = ${column}) e)`;

/** Of organizations, what is listed stands where they do. */
const itemDistrictsSql = `
  CASE WHEN t.kind = 'person' THEN ARRAY(
    SELECT r.district_id::text FROM transfer_item i JOIN resource r ON i.kind = 'resource' AND r.id = i.object_id
    WHERE i.transfer_id = t.id AND i.outcome IS DISTINCT FROM 'left'
    UNION SELECT o.district_id::text FROM transfer_item i JOIN collection c ON i.kind = 'collection' AND c.id = i.object_id
      JOIN organization o ON o.id = c.organization_id
    WHERE i.transfer_id = t.id AND i.outcome IS DISTINCT FROM 'left') ELSE '{}' END`;

const transferSql = `
  SELECT t.id, t.kind, t.state, t.chosen, ${endSql('t.from_id')} AS "from", ${endSql('t.to_id')} AS "to",
    ${itemDistrictsSql} AS "itemDistricts", t.counts, t.sources, t.moved,
    t.back_of AS "backOf", (SELECT b.id FROM transfer b WHERE b.back_of = t.id AND b.state <> 'dropped' ORDER BY b.id DESC LIMIT 1) AS "takenBackBy",
    CASE WHEN m.id IS NOT NULL THEN json_build_object('id', m.id, 'name', m.name) END AS "madeBy", t.made_at AS "madeAt", t.moved_at AS "movedAt"
  FROM transfer t LEFT JOIN person m ON m.id = t.made_by`;

/** A transfer, whoever asks. `lock`: for a change of it. */
export async function findTransfer(
  client: Pick<Pool | PoolClient, 'query'>,
  id: string,
  { lock = false } = {},
): Promise<Transfer | undefined> {
  const { rows } = await client.query<Transfer>(
    `${transferSql} WHERE t.id = $1 ${lock ? 'FOR UPDATE OF t' : ''}`,
    [id],
  );
  return rows[0];
}

/** The last transfers from or to an organization or person; dropped ones are left out. */
export async function transfersOf(pool: Pool, id: string, limit: number): Promise<Transfer[]> {
  const { rows } = await pool.query<Transfer>(
    `${transferSql} WHERE t.id IN (
       SELECT id FROM transfer WHERE from_id = $1 AND state <> 'dropped' UNION SELECT id FROM transfer WHERE to_id = $1 AND state <> 'dropped'
       ORDER BY id DESC LIMIT $2) ORDER BY t.id DESC`,
    [id, limit],
  );
  return rows;
}

/**
 * SQL: the title of a resource (`r` with its version `v`) or collection (`c`) of a list `i`, where somebody who holds these
 * keys may see it: drafts are their authors' alone, whoever hands them over.
 */
export const seenTitleSql = (keys: string): string =>
  `CASE WHEN i.kind = 'collection' THEN CASE WHEN c.audience && ${keys}::text[] THEN c.title END
     WHEN r.state IN ('published', 'withdrawn') AND r.audience && ${keys}::text[] AND NOT r.takedown THEN v.title END`;

/** A resource or collection that was chosen for a hand-over. */
export type TransferItem = {
  kind: 'resource' | 'collection';
  id: string;
  /** Null: the viewer may not see it. */
  title: string | null;
  state: string;
  language: string;
  outcome: 'done' | 'left' | null;
};

/** What was chosen, by title, the first `limit`. */
export async function transferItems(
  pool: Pool,
  viewer: Viewer,
  transferId: string,
  limit: number,
): Promise<TransferItem[]> {
  const { rows } = await pool.query<TransferItem>(
    `SELECT i.kind, i.object_id AS id, i.outcome, t.title, coalesce(r.state, c.visibility, '') AS state,
       CASE WHEN t.title IS NULL THEN 'en' ELSE coalesce(v.language, c.language, 'en') END AS language
     FROM transfer_item i
       LEFT JOIN resource r ON i.kind = 'resource' AND r.id = i.object_id
       LEFT JOIN version v ON v.id = r.current_version_id
       LEFT JOIN collection c ON i.kind = 'collection' AND c.id = i.object_id AND c.deleted_at IS NULL
       CROSS JOIN LATERAL (SELECT ${seenTitleSql('$3')} AS title) t
     WHERE i.transfer_id = $1 ORDER BY i.kind DESC, t.title IS NULL, plain(t.title), i.object_id LIMIT $2`,
    [transferId, limit, audiencesOf(viewer)],
  );
  return rows;
}
