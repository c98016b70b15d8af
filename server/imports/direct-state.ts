import { hash } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import type { Gap } from './import-record.ts';

/** A resource under its external key, as whoever brought it in sees it. */
export type DirectState = {
  id: string;
  externalId: string;
  state: 'draft' | 'submitted' | 'published' | 'withdrawn' | 'purged';
  versionId: string | null;
  version: number | null;
  contentHash: string | null;
  visibility: string;
  title: string | null;
  gaps: Gap[];
  withdrawnByImport: boolean;
  updatedAt: Date;
};

/** The resources of a district's source under these ids. `lock`: for a change, in the order in which everybody locks. */
export async function directStates(
  client: Pick<Pool | PoolClient, 'query'>,
  key: { districtId: string; source: string },
  externalIds: readonly string[],
  { lock = false }: { lock?: boolean } = {},
): Promise<Map<string, DirectState>> {
  if (externalIds.length === 0) return new Map();
  const { rows } = await client.query<DirectState & { gaps: Gap[] | null }>(
    `SELECT r.id, r.external_id AS "externalId", r.state, v.id AS "versionId", v.number AS version, r.content_hash AS "contentHash",
       r.visibility, v.title, i.gaps, coalesce(i.withdrawn, false) AS "withdrawnByImport", r.updated_at AS "updatedAt"
     FROM resource r
       LEFT JOIN version v ON v.id = coalesce(r.current_version_id, (SELECT d.id FROM version d WHERE d.resource_id = r.id AND d.number IS NULL))
       LEFT JOIN import_record i ON i.resource_id = r.id
     WHERE r.district_id = $1 AND r.source = $2 AND r.external_id = ANY ($3::text[])
     ORDER BY r.id ${lock ? 'FOR UPDATE OF r' : ''}`,
    [key.districtId, key.source, externalIds],
  );
  return new Map(rows.map((row) => [row.externalId, { ...row, gaps: row.gaps ?? [] }]));
}

/** A tag that is another one whenever anything of the resource changed, whoever changed it (RFC 9110, strong). */
export const etagOf = (one: DirectState): string =>
  `"${hash('sha256', [one.id, one.state, one.versionId, one.contentHash, one.visibility].join(' '), 'base64url').slice(0, 22)}"`;

/** What `If-Match` and `If-None-Match` ask for: tags, or any. */
export type Condition = { match?: '*' | readonly string[]; noneMatch?: '*' | readonly string[] };

/** Whether a resource, or its absence, is as somebody asks. */
export function meets({ match, noneMatch }: Condition, one: DirectState | undefined): boolean {
  const has = (tags: '*' | readonly string[]): boolean =>
    one !== undefined && (tags === '*' || tags.includes(etagOf(one)));
  return (match === undefined || has(match)) && (noneMatch === undefined || !has(noneMatch));
}
