import type { Pool } from 'pg';
import type { z } from 'zod';
import type { Gap } from '../imports/import-record.ts';
import type { RowFault } from '../imports/row-reader.ts';
import { faultWords, gapWords, unknownValues } from '../imports/run-report.ts';
import type { ImportRun } from '../imports/run-store.ts';
import type { Translate } from '../locale/locale.ts';
import type { importRunRecord, importRunSummary, runQuery } from './import-api-schema.ts';

type Summary = z.output<typeof importRunSummary>;
type Record_ = z.output<typeof importRunRecord>;
type Row = Record_['rows']['items'][number];

/** How many values that nobody knows are told of. */
const MOST_UNKNOWN = 20;

const OPEN = new Set<ImportRun['state']>(['planned', 'running', 'paused']);
const WAITING = new Set<ImportRun['state']>(['cancelled', 'paused', 'failed']);
const UNDOABLE = new Set<ImportRun['state']>(['done', 'cancelled', 'failed', 'paused']);

/** A run as the API tells it. */
export function apiRun(run: ImportRun, { t, baseUrl }: { t: Translate; baseUrl: string }): Summary {
  const self = `${baseUrl}/api/v1/imports/${run.id}`;
  const { counts } = run;
  return {
    id: run.id,
    state: run.state,
    reason: run.reason && { code: run.reason.key, message: t(run.reason.key, run.reason.params) },
    district: run.districtSlug,
    district_name: run.districtName,
    source: run.source,
    door: run.door,
    dry_run: run.dryRun,
    strict: run.options.strict,
    on_missing: run.options.onMissing,
    file: { name: run.input.name, bytes: run.input.size, sha256: run.input.sha256 },
    progress: {
      rows: run.rowsDone,
      bytes: run.bytesDone,
      percent: run.input.size === 0 ? 100 : Math.floor((run.bytesDone / run.input.size) * 100),
    },
    counts: {
      new: counts.new,
      changed: counts.changed,
      unchanged: counts.unchanged,
      kept: counts.kept,
      gaps: counts.gaps,
      rejected: counts.rejected,
      likely: counts.likely,
      skipped: counts.skipped,
      missing: counts.missing,
      withdrawn: counts.withdrawn,
      taken_back: counts.takenBack,
      left_as_is: counts.leftAsIs,
    },
    created_at: run.createdAt.toISOString(),
    started_at: run.startedAt?.toISOString() ?? null,
    updated_at: run.updatedAt.toISOString(),
    finished_at: run.finishedAt?.toISOString() ?? null,
    links: {
      self,
      rejected: `${self}/rejected.csv`,
      gaps: `${self}/gaps.csv`,
      likely: `${self}/likely.csv`,
      cancel: OPEN.has(run.state) ? `${self}/cancel` : null,
      resume: WAITING.has(run.state) ? `${self}/resume` : null,
      undo: UNDOABLE.has(run.state) && !run.dryRun ? `${self}/undo` : null,
    },
  };
}

/** A run with what was left out and a page of its rows. */
export async function apiRunRecord(
  pool: Pool,
  run: ImportRun,
  asked: z.output<typeof runQuery>,
  words: { t: Translate; baseUrl: string },
): Promise<Record_> {
  const summary = apiRun(run, words);
  const [unknown, rows] = await Promise.all([
    unknownValues(pool, run, MOST_UNKNOWN),
    asked.limit === 0 ? [] : rowsOf(pool, run.id, asked),
  ]);
  const items = rows.slice(0, asked.limit);
  const last = items.at(-1);
  const query = new URLSearchParams({
    after: String(last?.position ?? 0),
    limit: String(asked.limit),
    ...(asked.outcome === undefined ? {} : { outcome: asked.outcome }),
  });
  return {
    ...summary,
    unknown: unknown.values.map((value) => ({
      field: value.field,
      value: value.value,
      reason: value.reason,
      message: gapWords(value, words.t),
      rows: value.rows,
      near: value.near,
    })),
    unknown_total: unknown.total,
    rows: {
      items: items.map((row) => apiRow(row, words)),
      next: rows.length > items.length ? `${summary.links.self}?${query.toString()}` : null,
    },
  };
}

type KeptRow = {
  position: number;
  outcome: Row['outcome'];
  external_id: string | null;
  resource_id: string | null;
  faults: RowFault[] | null;
  gaps: Gap[] | null;
  changes: { field: string; kept?: true }[] | null;
  taken_back: string | null;
};

/** One more than asked for, so that it is known whether there are more. */
async function rowsOf(
  pool: Pool,
  runId: string,
  { after, limit, outcome }: z.output<typeof runQuery>,
): Promise<KeptRow[]> {
  const { rows } = await pool.query<KeptRow>(
    `SELECT position, outcome, external_id, resource_id, faults, gaps, changes, taken_back FROM import_row
     WHERE run_id = $1 AND position > $2 AND ($3::text IS NULL OR outcome = $3) ORDER BY position LIMIT $4`,
    [runId, Math.min(after, 2_147_483_647), outcome ?? null, limit + 1],
  );
  return rows;
}

const apiRow = (row: KeptRow, { t, baseUrl }: { t: Translate; baseUrl: string }): Row => ({
  row: row.position,
  outcome: row.outcome,
  external_id: row.external_id,
  resource: row.resource_id === null ? null : `${baseUrl}/api/v1/resources/${row.resource_id}`,
  reasons: [
    ...(row.faults ?? []).map((fault) => ({ field: fault.field, message: faultWords(fault, t) })),
    ...(row.gaps ?? []).map((gap) => ({ field: gap.field, message: gapWords(gap, t) })),
  ],
  changes: (row.changes ?? []).map(({ field, kept }) => ({ field, kept: kept === true })),
  taken_back: row.taken_back,
});
