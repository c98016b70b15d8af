import type { Pool, PoolClient } from 'pg';
import type { Plan, ReadyRow } from './plan-rows.ts';

/** Why a row is perhaps the same as a resource, the surest first. */
export type LikelyWhy = 'file' | 'link' | 'title';

/** A resource that a row is perhaps the same as. */
export type Likely = { id: string; why: LikelyWhy };

/** How many are kept of a row. */
const MOST = 3;

/**
 * What somebody who imports for a district may see: everything public and for the state's educators, and what is the
 * district's own.
 */
export const districtKeys = (districtId: string): string[] => [
  'public',
  'state',
  `district:${districtId}`,
  `staff:${districtId}`,
];

type Key = { districtId: string; source: string };

/** Rows that bring something new to the shelf: where nothing of it changed, the question was answered before. */
function asked(plan: Plan): ReadyRow | undefined {
  if (plan.action === 'new') return plan.row;
  if (plan.action !== 'changed') return undefined;
  const fresh = plan.changes.some(
    ({ field, kept }) => !kept && (field === 'title' || field === 'url' || field === 'files'),
  );
  return fresh ? plan.row : undefined;
}

/**
 * Looks up what new and changed rows of a batch are perhaps the same as, among everything on the shelf of the state that
 * their district may see: the same content of a file, the same link, or nearly the same title in the same language.
 * It informs, and stops nothing. One round trip a batch, by indexes.
 * @returns by the row's position, at most three each
 */
export async function likelySame(
  client: Pick<Pool | PoolClient, 'query'>,
  plans: readonly Plan[],
  key: Key,
): Promise<Map<number, Likely[]>> {
  const rows = plans.flatMap((plan) => asked(plan) ?? []);
  const found = new Map<number, Likely[]>();
  if (rows.length === 0) return found;
  const { rows: hits } = await client.query<{ position: number; why: LikelyWhy; id: string }>(likelyQuery, [
    JSON.stringify(
      rows.map(({ position, externalId, record: { title, language, url } }) => ({
        position,
        external_id: externalId,
        title,
        language,
        url,
      })),
    ),
    JSON.stringify(
      rows.flatMap(({ position, record }) =>
        record.files.map(({ sha256 }) => ({ position, sha256: sha256.replace(/^sent:/, '') })),
      ),
    ),
    districtKeys(key.districtId),
    key.districtId,
    key.source,
  ]);
  for (const { position, why, id } of hits) {
    const of = found.get(position) ?? [];
    if (of.length < MOST && !of.some((one) => one.id === id)) found.set(position, [...of, { id, why }]);
  }
  return found;
}

/** Versions under a key, few of them: of a title that thousands have, any will do. */
const under = (expression: string, key: string): string =>
  `(SELECT v.id, v.title, v.language FROM version v WHERE ${expression} = ${key} AND v.number IS NOT NULL LIMIT 10)`;

const likelyQuery = `
  WITH n AS (
    SELECT n.*, title_keys(n.title) AS keys, plain(n.title) AS plain_title FROM json_to_recordset($1::json) AS n (position integer, external_id text, title text, language text, url text)
  ), hit AS (
    SELECT h.position, 1 AS rank, 'file' AS why, vf.version_id, 1::real AS score
    FROM json_to_recordset($2::json) AS h (position integer, sha256 text)
      CROSS JOIN LATERAL (SELECT vf.version_id FROM file f JOIN version_file vf ON vf.file_id = f.id WHERE f.sha256 = h.sha256 LIMIT 10) vf
    UNION ALL
    SELECT n.position, 2, 'link', v.id, 1
    FROM n CROSS JOIN LATERAL ${under('link_key(v.url)', 'link_key(n.url) AND v.url IS NOT NULL')} v
    UNION ALL
    SELECT n.position, 3, 'title', v.id, v.score
    FROM n CROSS JOIN LATERAL (
      SELECT id, language, 1::real AS score FROM ${under('(title_keys(v.title))[1]', 'n.keys[1]')} same
      UNION ALL
      SELECT id, language, similarity(plain(title), n.plain_title) FROM (
        ${under('(title_keys(v.title))[2]', 'n.keys[2]')} UNION ALL ${under('(title_keys(v.title))[3]', 'n.keys[3]')}) near) v
    WHERE n.title ~ '[[:alnum:]]' AND v.score >= 0.6 AND split_part(v.language, '-', 1) = split_part(n.language, '-', 1)
  )
  SELECT DISTINCT hit.position, hit.rank, hit.why, hit.score, r.id
  FROM hit JOIN n ON n.position = hit.position JOIN resource r ON r.current_version_id = hit.version_id
  WHERE r.state = 'published' AND r.audience && $3::text[]
    AND NOT (r.district_id IS NOT DISTINCT FROM $4 AND r.source = $5 AND r.external_id IS NOT DISTINCT FROM n.external_id)
  ORDER BY hit.position, hit.rank, hit.score DESC, r.id`;
