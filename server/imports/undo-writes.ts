import type { PoolClient } from 'pg';
import type { Before } from './apply-batch.ts';
import type { Change } from './plan-rows.ts';

/** What an undo has to know of a row of the run. */
export type UndoRow = {
  position: number;
  outcome: 'new' | 'changed' | 'withdrawn';
  resource_id: string;
  version_id: string | null;
  changes: Change[] | null;
  before: Before | { versionId: string } | null;
};

/** Deletes resources that a run made, with all that hangs on them. */
export async function takeAway(client: PoolClient, ids: readonly string[], runId: string): Promise<void> {
  if (ids.length === 0) return;
  // Adaptations that came with the same run, which go too or are left without their source.
  await client.query(
    `UPDATE resource a SET adapted_from_id = NULL, adapted_from_version = NULL FROM import_record own
     WHERE a.adapted_from_id = ANY ($1::uuid[]) AND own.resource_id = a.id AND own.run_id = $2`,
    [ids, runId],
  );
  await client.query('DELETE FROM resource WHERE id = ANY ($1::uuid[])', [ids]);
}

/** Takes resources off the shelf that a run made and that people use; an import may put them back. */
export async function takeOff(client: PoolClient, ids: readonly string[], at: Date): Promise<void> {
  await client.query(
    `UPDATE resource SET state = 'withdrawn', withdrawn_at = $2, updated_at = $2 WHERE id = ANY ($1::uuid[]) AND state = 'published'`,
    [ids, at],
  );
  await client.query('UPDATE import_record SET withdrawn = true WHERE resource_id = ANY ($1::uuid[])', [ids]);
}

/** Puts back what a run withdrew. */
export async function putOnShelf(client: PoolClient, ids: readonly string[], at: Date): Promise<void> {
  await client.query(
    `UPDATE resource SET state = 'published', withdrawn_at = NULL, withdrawn_reason = NULL, updated_at = $2 WHERE id = ANY ($1::uuid[])`,
    [ids, at],
  );
  await client.query('UPDATE import_record SET withdrawn = false WHERE resource_id = ANY ($1::uuid[])', [
    ids,
  ]);
}

/** Gives changed resources back the version, and everything around it, that they had before the run. */
export async function putBack(client: PoolClient, rows: readonly UndoRow[], at: Date): Promise<void> {
  const items = rows.map(({ resource_id: id, version_id: versionId, before }) => ({
    id,
    version_id: versionId,
    before: before as Before,
  }));
  if (items.length === 0) return;
  const json = JSON.stringify(items);
  const restored = `json_to_recordset($1::json) AS n (id uuid, version_id uuid, before jsonb)`;
  await client.query(
    `UPDATE resource r SET current_version_id = (n.before->>'versionId')::uuid, state = n.before->>'state', visibility = n.before->>'visibility',
       organization_id = (n.before->>'organizationId')::uuid, check_state = n.before->>'checkState',
       published_at = (n.before->>'publishedAt')::timestamptz, withdrawn_at = (n.before->>'withdrawnAt')::timestamptz,
       withdrawn_reason = n.before->>'withdrawnReason', content_hash = n.before->>'contentHash',
       adapted_from_id = (n.before->>'adaptedFromId')::uuid, adapted_from_version = (n.before->>'adaptedFromVersion')::integer, updated_at = $2
     FROM ${restored} WHERE r.id = n.id`,
    [json, at],
  );
  await client.query(
    `DELETE FROM alignment a USING ${restored} JOIN version v ON v.id = n.version_id
     WHERE a.resource_id = n.id AND a.from_version >= v.number AND a.claimed_as = 'import'`,
    [json],
  );
  await client.query(
    `UPDATE alignment a SET to_version = NULL FROM ${restored}, jsonb_array_elements_text(n.before->'closed') AS c (id)
     WHERE a.id = c.id::uuid AND NOT EXISTS (
       SELECT 1 FROM alignment o WHERE o.resource_id = a.resource_id AND o.to_version IS NULL AND o.standard_guid = a.standard_guid
         AND o.relation = a.relation AND o.level_id IS NOT DISTINCT FROM a.level_id)`,
    [json],
  );
  // What others claimed meanwhile goes on standing, from the version that is there now.
  await client.query(
    `UPDATE alignment a SET from_version = (n.before->>'number')::integer
     FROM ${restored} JOIN version v ON v.id = n.version_id WHERE a.resource_id = n.id AND a.from_version >= v.number`,
    [json],
  );
  await client.query('DELETE FROM version WHERE id = ANY ($1::uuid[])', [
    items.map((item) => item.version_id),
  ]);
  await client.query(
    `DELETE FROM file f WHERE f.resource_id = ANY ($1::uuid[]) AND NOT EXISTS (SELECT 1 FROM version_file vf WHERE vf.file_id = f.id)`,
    [items.map((item) => item.id)],
  );
  await client.query(
    `UPDATE import_record i SET written = n.before->'written', gaps = nullif(n.before->'gaps', 'null'), withdrawn = (n.before->>'withdrawnByImport')::boolean
     FROM ${restored} WHERE i.resource_id = n.id AND n.before->'written' <> 'null'`,
    [json],
  );
  await client.query(
    `DELETE FROM import_record i USING ${restored} WHERE i.resource_id = n.id AND n.before->'written' = 'null'`,
    [json],
  );
}
