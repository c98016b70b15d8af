import type { Pool } from 'pg';
import { resourcePath } from '../../lib/slug.ts';
import type { Gap } from '../import-record.ts';
import type { Change } from '../plan-rows.ts';
import type { RowFault } from '../row-reader.ts';
import type { ImportRun } from '../run-store.ts';

/** What a list of rows can be narrowed to. */
export const ROW_FILTERS = [
  'new',
  'changed',
  'gaps',
  'rejected',
  'skipped',
  'kept',
  'missing',
  'withdrawn',
  'left',
] as const;
export type RowFilter = (typeof ROW_FILTERS)[number];

const WHERE: Record<RowFilter, string> = {
  new: `r.outcome = 'new'`,
  changed: `r.outcome = 'changed'`,
  gaps: 'r.gaps IS NOT NULL',
  rejected: `r.outcome = 'rejected'`,
  skipped: `r.outcome = 'skipped'`,
  kept: `r.outcome = 'kept'`,
  missing: `r.outcome IN ('missing', 'withdrawn')`,
  withdrawn: `r.outcome = 'withdrawn'`,
  left: `r.taken_back NOT IN ('done', 'withdrawn')`,
};

/** A row of a run with what became of it. */
export type RunRow = {
  position: number;
  outcome: string;
  externalId: string | null;
  faults: (RowFault & { line: number; raw?: string })[] | null;
  gaps: Gap[] | null;
  changes: Change[] | null;
  takenBack: string | null;
  /** What it is about, as it stands today; null where there is nothing (yet, or any more). */
  resource: { url: string; title: string; language: string } | null;
};

const rowColumns = `r.position, r.outcome, r.external_id AS "externalId", r.faults, r.gaps, r.changes, r.taken_back AS "takenBack",
  CASE WHEN v.id IS NULL THEN NULL ELSE json_build_object('id', o.id, 'title', v.title, 'language', v.language) END AS resource`;
/** The parameter holds the viewer's keys: of what they may not see, even in their district, no title is shown. */
const rowTables = (keys: string) => `import_row r
  LEFT JOIN resource o ON o.id = r.resource_id AND o.state IN ('published', 'withdrawn') AND NOT o.takedown AND o.audience && ${keys}::text[]
  LEFT JOIN version v ON v.id = o.current_version_id`;

type RawRow = Omit<RunRow, 'resource'> & { resource: { id: string; title: string; language: string } | null };
const toRow = ({ resource, ...row }: RawRow): RunRow => ({
  ...row,
  resource: resource && {
    url: resourcePath(resource.id, resource.title),
    title: resource.title,
    language: resource.language,
  },
});

/**
 * A page of the rows of a run in the order of the file.
 * @param keys the viewer's (`audiencesOf`); @param page.cause only those rejected for it
 */
export async function runRows(
  pool: Pool,
  runId: string,
  keys: string[],
  {
    filter,
    cause,
    limit,
    offset,
  }: { filter: RowFilter; cause: string | null; limit: number; offset: number },
): Promise<{ total: number; rows: RunRow[] }> {
  const where = `r.run_id = $1 AND ${WHERE[filter]} AND ($2::text IS NULL OR r.faults->0->>'key' = $2)`;
  const [{ rows }, total] = await Promise.all([
    pool.query<RawRow>(
      `SELECT ${rowColumns} FROM ${rowTables('$5')} WHERE ${where} ORDER BY r.position LIMIT $3 OFFSET $4`,
      [runId, cause, limit, offset, keys],
    ),
    pool.query<{ count: number }>(`SELECT count(*)::integer AS count FROM import_row r WHERE ${where}`, [
      runId,
      cause,
    ]),
  ]);
  return { total: total.rows[0]?.count ?? 0, rows: rows.map(toRow) };
}

/** One row of a run, with the versions that it replaced and made. */
export async function runRow(
  pool: Pool,
  runId: string,
  position: number,
  keys: string[],
): Promise<
  | (RunRow & { resourceId: string | null; versionId: string | null; beforeVersionId: string | null })
  | undefined
> {
  const { rows } = await pool.query<
    RawRow & { resourceId: string | null; versionId: string | null; beforeVersionId: string | null }
  >(
    `SELECT ${rowColumns}, r.resource_id AS "resourceId", r.version_id AS "versionId", r.before->>'versionId' AS "beforeVersionId"
     FROM ${rowTables('$3')} WHERE r.run_id = $1 AND r.position = $2`,
    [runId, position, keys],
  );
  const [row] = rows;
  return (
    row && {
      ...toRow(row),
      resourceId: row.resourceId,
      versionId: row.versionId,
      beforeVersionId: row.beforeVersionId,
    }
  );
}

/** Why rows were rejected, the most frequent reason first, each with its first rows. */
export type Cause = { key: string; count: number; rows: RunRow[] };

export type RunFacts = {
  by: string | null;
  mappingId: string | null;
  /** How often each field changed. */
  changes: { field: string; count: number }[];
  causes: Cause[];
  /** Runs of the same source before this one. */
  earlier: {
    id: string;
    at: string;
    changes: number;
    dryRun: boolean;
    fileName: string;
    state: ImportRun['state'];
  }[];
  /** Whether a later run of the source stands before this one in line. */
  waitsFor: boolean;
  /** Seconds that it lay still, paused or stopped, before somebody let it go on; the log knows. */
  waited: number;
};

/** What the page of a run tells besides the run itself, in one round trip. */
export async function runFacts(pool: Pool, run: Pick<ImportRun, 'id' | 'sourceId'>): Promise<RunFacts> {
  const { rows } = await pool.query<RunFacts>(factsQuery, [run.id, run.sourceId]);
  return rows[0]!;
}

const factsQuery = `
  SELECT (SELECT p.name FROM import_run u JOIN person p ON p.id = u.person_id WHERE u.id = $1) AS by,
    (SELECT mapping_id FROM import_run WHERE id = $1) AS "mappingId",
    (SELECT coalesce(json_agg(c ORDER BY c.count DESC, c.field), '[]') FROM (
       SELECT c->>'field' AS field, count(*)::integer AS count FROM import_row r, jsonb_array_elements(r.changes) c
       WHERE r.run_id = $1 AND r.outcome = 'changed' AND c->'kept' IS NULL GROUP BY 1) c) AS changes,
    (SELECT coalesce(json_agg(json_build_object('key', c.key, 'count', c.count, 'rows', c.first) ORDER BY c.count DESC, c.key), '[]') FROM (
       SELECT r.faults->0->>'key' AS key, count(*)::integer AS count,
         (array_agg(json_build_object('position', r.position, 'outcome', r.outcome, 'externalId', r.external_id, 'faults', r.faults, 'gaps', null, 'changes', null, 'takenBack', null, 'resource', null)
                    ORDER BY r.position) FILTER (WHERE r.nth <= 3)) AS first
       FROM (SELECT *, row_number() OVER (PARTITION BY faults->0->>'key' ORDER BY position) AS nth FROM import_row
             WHERE run_id = $1 AND outcome = 'rejected') r
       GROUP BY 1 ORDER BY 2 DESC LIMIT 20) c) AS causes,
    (SELECT coalesce(json_agg(e), '[]') FROM (
       SELECT id, created_at AS at, dry_run AS "dryRun", input_name AS "fileName", state,
         coalesce((counts->>'new')::integer, 0) + coalesce((counts->>'changed')::integer, 0) + coalesce((counts->>'withdrawn')::integer, 0) AS changes
       FROM import_run WHERE source_id = $2 AND id < $1 ORDER BY id DESC LIMIT 5) e) AS earlier,
    EXISTS (SELECT 1 FROM import_run WHERE source_id = $2 AND id < $1 AND state IN ('planned', 'running', 'undoing')) AS "waitsFor",
    (SELECT coalesce(sum((detail->>'waited')::integer), 0)::integer FROM audit_event
     WHERE object_type = 'import_run' AND object_id = $1::text AND action = 'import.resumed') AS waited`;
