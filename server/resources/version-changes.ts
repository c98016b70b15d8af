import type { PoolClient } from 'pg';

/** Whether a draft has the text, link and files of the version on the shelf, each for the same readers. */
export async function sameContent(client: PoolClient, resourceId: string, draftId: string): Promise<boolean> {
  const files = (version: string) =>
    `ARRAY(SELECT f.sha256 || vf.educators_only FROM version_file vf JOIN file f ON f.id = vf.file_id WHERE vf.version_id = ${version}.id ORDER BY 1)`;
  const { rows } = await client.query<{ same: boolean }>(
    `SELECT v.description = d.description AND v.full_text = d.full_text AND v.url IS NOT DISTINCT FROM d.url AND ${files('v')} = ${files('d')} AS same
     FROM resource r JOIN version v ON v.id = r.current_version_id JOIN version d ON d.id = $2 WHERE r.id = $1`,
    [resourceId, draftId],
  );
  return rows[0]?.same ?? false;
}

/** Whether a draft claims nothing that the resource doesn't claim already. */
export async function sameClaims(client: PoolClient, resourceId: string, draftId: string): Promise<boolean> {
  const { rows } = await client.query(
    `SELECT 1 FROM draft_alignment d WHERE d.version_id = $2
       AND NOT EXISTS (SELECT 1 FROM alignment a WHERE a.resource_id = $1 AND a.to_version IS NULL AND a.standard_guid = d.standard_guid
                       AND a.relation = d.relation AND a.level_id IS NOT DISTINCT FROM d.level_id) LIMIT 1`,
    [resourceId, draftId],
  );
  return rows.length === 0;
}
