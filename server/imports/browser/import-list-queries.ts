import type { Pool } from 'pg';
import { noCounts, type RunCounts } from '../run-counts.ts';
import type { ImportRun } from '../run-store.ts';

export type ListedRun = Pick<ImportRun, 'id' | 'state' | 'source' | 'door' | 'dryRun' | 'rowsDone'> & {
  district: string;
  fileName: string;
  by: string | null;
  createdAt: Date;
  counts: RunCounts;
};

export type ListedUpload = {
  id: string;
  fileName: string;
  source: string;
  district: string;
  createdAt: Date;
};

export type ImportList = {
  runs: ListedRun[];
  uploads: ListedUpload[];
  /** Where the viewer may bring something in. */
  districts: { id: string; name: string }[];
  sources: string[];
};

type Json<T> = Omit<T, 'createdAt' | 'counts'> & { createdAt: string; counts: Partial<RunCounts> };

/**
 * Runs and waiting files of districts, the newest first, with the districts themselves and the names of their sources.
 * @param districts ids; null: all
 */
export async function importList(
  pool: Pool,
  { districts, before, limit }: { districts: string[] | null; before: string | null; limit: number },
): Promise<ImportList> {
  const { rows } = await pool.query<{
    runs: Json<ListedRun>[];
    uploads: Json<ListedUpload>[];
    districts: ImportList['districts'];
    sources: string[];
  }>(listQuery, [districts, before, limit]);
  const { runs = [], uploads = [], ...rest } = rows[0] ?? { districts: [], sources: [] };
  return {
    ...rest,
    runs: runs.map((run) => ({
      ...run,
      createdAt: new Date(run.createdAt),
      counts: { ...noCounts(), ...run.counts },
    })),
    uploads: uploads.map((upload) => ({ ...upload, createdAt: new Date(upload.createdAt) })),
  };
}

const listQuery = `
  WITH d AS (SELECT id, name FROM organization WHERE kind = 'district' AND ($1::uuid[] IS NULL OR id = ANY ($1)))
  SELECT
    (SELECT coalesce(json_agg(json_build_object('id', id, 'name', name) ORDER BY name), '[]') FROM d
     WHERE id IN (SELECT id FROM organization WHERE closed_at IS NULL)) AS districts,
    (SELECT coalesce(json_agg(DISTINCT s.name), '[]') FROM import_source s JOIN d ON d.id = s.district_id) AS sources,
    (SELECT coalesce(json_agg(run), '[]') FROM (
       SELECT r.id, r.state, s.name AS source, d.name AS district, r.door, r.dry_run AS "dryRun", r.input_name AS "fileName",
         p.name AS by, r.created_at AS "createdAt", r.counts, r.rows_done AS "rowsDone"
       FROM import_run r JOIN import_source s ON s.id = r.source_id JOIN d ON d.id = s.district_id LEFT JOIN person p ON p.id = r.person_id
       WHERE $2::uuid IS NULL OR r.id < $2 ORDER BY r.id DESC LIMIT $3) run) AS runs,
    (SELECT coalesce(json_agg(upload), '[]') FROM (
       SELECT u.id, s.name AS source, d.name AS district, u.input_name AS "fileName", u.created_at AS "createdAt"
       FROM import_upload u JOIN import_source s ON s.id = u.source_id JOIN d ON d.id = s.district_id
       WHERE NOT EXISTS (SELECT 1 FROM import_run r WHERE r.source_id = u.source_id AND r.input_sha256 = u.input_sha256 AND r.created_at >= u.created_at)
       ORDER BY u.id DESC LIMIT 20) upload) AS uploads`;
