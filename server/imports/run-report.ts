import type { Pool } from 'pg';
import type { Deps } from '../deps.ts';
import { isMessageKey, type MessageKey, type MessageParams, type Translate } from '../locale/locale.ts';
import { nearCodes } from '../search/near-codes.ts';
import { cellOf, csvLine } from '../lib/csv-text.ts';
import type { Gap } from './import-record.ts';
import { loadImportWords } from './import-words.ts';
import { districtKeys, type LikelyWhy } from './likely-same.ts';
import { openRows } from './readers/read-rows.ts';
import { isReadable, type Row, type RowFault } from './row-reader.ts';
import type { ImportRun } from './run-store.ts';

type ReportDeps = Pick<Deps, 'pool' | 'files'>;

const PAGE = 1000;

/** A fault in words, with its column. */
export const faultWords = ({ field, key, params }: RowFault, t: Translate): string =>
  field === null || key.startsWith('import.gap.') ? t(key, params) : `${field}: ${t(key, params)}`;

/** A gap in words; a file that was refused says why. */
export function gapWords({ field, reason, value, detail }: Gap, t: Translate): string {
  const words = t(`import.gap.${reason}`, { field, value });
  return detail && isMessageKey(detail.key) ? `${words} ${t(detail.key, detail.params)}` : words;
}

type RejectedRow = {
  position: number;
  externalId: string | null;
  faults: (RowFault & { line: number })[];
};

/** Rejected rows in the order of the file, at most `limit` behind a position. */
async function rejectedRows(
  pool: Pool,
  runId: string,
  { after, limit }: { after: number; limit: number },
): Promise<RejectedRow[]> {
  const { rows } = await pool.query<RejectedRow>(
    `SELECT position, external_id AS "externalId", faults FROM import_row
     WHERE run_id = $1 AND outcome = 'rejected' AND position > $2 ORDER BY position LIMIT $3`,
    [runId, after, limit],
  );
  return rows;
}

/** Columns that a report adds; an import pays no attention to them. */
const ADDED = ['_row', '_reasons'];

/**
 * The rejected rows of a run as CSV: the file's own columns, and behind them the line on which the row stands and why it was rejected.
 * Mended, it can be imported as it is. Rows are read again from the file itself, so whatever their size they are whole.
 */
export async function* rejectedCsv(deps: ReportDeps, run: ImportRun, t: Translate): AsyncGenerator<string> {
  // Rows that came one by one have no file; what was rejected of them was answered at once.
  if (run.input.size === 0 && run.counts.rejected === 0) return yield csvLine(['external_id', ...ADDED]);
  const own = (await columnsOf(deps, run)).filter((name) => !ADDED.includes(name));
  yield `\ufeff${csvLine([...own, ...ADDED])}`;
  for await (const { row, rejected } of readRejected(deps, run)) {
    const values: Record<string, unknown> = isReadable(row) ? row.values : { _unreadable: row.raw };
    const reasons = rejected.faults.map((fault) => faultWords(fault, t)).join(' ');
    yield csvLine([...own.map((name) => cellOf(values[name])), String(row.line), reasons]);
  }
}

/** The headings of a table; else every name that a rejected row has, in the order in which they come. */
async function columnsOf(deps: ReportDeps, run: ImportRun): Promise<string[]> {
  const source = await inputOf(deps, run);
  await source.close();
  const names = new Set(source.columns);
  for await (const { row } of readRejected(deps, run))
    for (const name of isReadable(row) ? Object.keys(row.values) : ['_unreadable']) names.add(name);
  return [...names];
}

const inputOf = (deps: ReportDeps, run: ImportRun) =>
  openRows({ path: deps.files.path(run.input.sha256), name: run.input.name });

async function* readRejected(
  deps: ReportDeps,
  run: ImportRun,
): AsyncGenerator<{ row: Row; rejected: RejectedRow }> {
  let page = await rejectedRows(deps.pool, run.id, { after: 0, limit: PAGE });
  if (page.length === 0) return;
  const source = await inputOf(deps, run);
  for await (const row of source.rows) {
    const [next] = page;
    if (!next) return;
    if (row.position !== next.position) continue;
    yield { row, rejected: next };
    page.shift();
    if (page.length === 0) page = await rejectedRows(deps.pool, run.id, { after: row.position, limit: PAGE });
  }
}

/** A row that is perhaps the same as a resource that is on the shelf already. */
export type LikelyRow = {
  position: number;
  externalId: string;
  why: LikelyWhy;
  id: string;
  title: string;
  organization: string;
};

/** Such rows in the order of the file, behind a position; only resources that the district may see now. */
export async function likelyRows(
  pool: Pool,
  run: Pick<ImportRun, 'id' | 'districtId'>,
  { after, limit }: { after: number; limit: number },
): Promise<LikelyRow[]> {
  const { rows } = await pool.query<LikelyRow>(
    `SELECT i.position, i.external_id AS "externalId", l.why, r.id, v.title, o.name AS organization
     FROM (SELECT * FROM import_row WHERE run_id = $1 AND likely IS NOT NULL AND position > $2 ORDER BY position LIMIT $3) i
       CROSS JOIN LATERAL jsonb_to_recordset(i.likely) AS l (id uuid, why text)
       JOIN resource r ON r.id = l.id JOIN version v ON v.id = r.current_version_id JOIN organization o ON o.id = r.organization_id
     WHERE r.state = 'published' AND r.audience && $4::text[]
     ORDER BY i.position, l.why, r.id`,
    [run.id, after, limit, districtKeys(run.districtId)],
  );
  return rows;
}

/** All of them as CSV. */
export async function* likelyCsv(
  deps: ReportDeps & Pick<Deps, 'config'>,
  run: ImportRun,
  t: Translate,
): AsyncGenerator<string> {
  yield `\ufeff${csvLine(['external_id', 'reason', 'title', 'organization', 'address'])}`;
  for (let after = 0; ;) {
    const rows = await likelyRows(deps.pool, run, { after, limit: PAGE });
    for (const { externalId, why, id, title, organization } of rows)
      yield csvLine([
        externalId,
        t(`import.likely.${why}`),
        title,
        organization,
        `${deps.config.baseUrl}/resources/${id}`,
      ]);
    const last = rows.at(-1);
    if (!last) return;
    after = last.position;
  }
}

/** What was of a kind that isn't taken: in the order of the file, at most `limit`. */
export async function skippedRows(
  pool: Pool,
  runId: string,
  limit: number,
): Promise<{ position: number; key: MessageKey; params: MessageParams }[]> {
  const { rows } = await pool.query<{ position: number; faults: RowFault[] }>(
    `SELECT position, faults FROM import_row WHERE run_id = $1 AND outcome = 'skipped' ORDER BY position LIMIT $2`,
    [runId, limit],
  );
  return rows.flatMap(({ position, faults }) => faults.map(({ key, params }) => ({ position, key, params })));
}

/** A value that nobody knows, how many rows have it, and what was perhaps meant. */
export type UnknownValue = {
  field: string;
  reason: Gap['reason'];
  value: string;
  rows: number;
  near: string[];
};

/** Short words of a run that were taken for a subject, the most frequent first. */
export async function understoodWords(pool: Pool, runId: string): Promise<{ word: string; rows: number }[]> {
  const { rows } = await pool.query<{ word: string; rows: number }>(
    `SELECT value AS word, rows FROM import_gap
     WHERE run_id = $1 AND reason = 'understood' ORDER BY rows DESC, value LIMIT 30`,
    [runId],
  );
  return rows;
}

/** What was left out in a run, the most frequent first, with near words for the first `limit` of them. */
export async function unknownValues(
  pool: Pool,
  run: Pick<ImportRun, 'id' | 'districtId'>,
  limit: number,
): Promise<{ total: number; values: UnknownValue[] }> {
  const { rows } = await pool.query<Omit<UnknownValue, 'near'> & { total: number }>(
    `SELECT field, reason, value, rows, count(*) OVER ()::integer AS total FROM import_gap
     WHERE run_id = $1 AND reason <> 'understood' ORDER BY rows DESC, field, value LIMIT $2`,
    [run.id, limit],
  );
  const near = await nearFinder(pool, run.districtId);
  const values: UnknownValue[] = [];
  for (const { field, reason, value, rows: count } of rows)
    values.push({
      field,
      reason,
      value,
      rows: count,
      near: reason === 'unknown' ? await near(field, value) : [],
    });
  return { total: rows[0]?.total ?? 0, values };
}

async function nearFinder(
  pool: Pool,
  districtId: string,
): Promise<(field: string, value: string) => Promise<string[]>> {
  const words = await loadImportWords(pool, districtId);
  return async (field, value) =>
    field === 'standards'
      ? (await nearCodes(pool, value)).slice(0, 3).map(({ code }) => code)
      : words.near(field, value);
}

/** How many different values get near words in a table of gaps: each costs a look into the database. */
const NEAR_VALUES = 2000;

/** Everything that is still left out of this source's resources after a run (in a dry run: what would be), as CSV. */
export async function* gapsCsv(deps: ReportDeps, run: ImportRun, t: Translate): AsyncGenerator<string> {
  yield `\ufeff${csvLine(['external_id', 'field', 'read', 'reason', 'near'])}`;
  const find = await nearFinder(deps.pool, run.districtId);
  const known = new Map<string, string>();
  const near = async ({ field, reason, value }: Gap): Promise<string> => {
    const key = `${field} ${value}`;
    const found = known.get(key);
    if (found !== undefined || reason !== 'unknown' || known.size >= NEAR_VALUES) return found ?? '';
    known.set(key, (await find(field, value)).join(' | '));
    return known.get(key) ?? '';
  };
  for await (const { externalId, gaps } of run.dryRun
    ? plannedGaps(deps.pool, run)
    : standingGaps(deps.pool, run))
    for (const gap of gaps)
      yield csvLine([externalId, gap.field, gap.value, gapWords(gap, t), await near(gap)]);
}

type WithGaps = { externalId: string; gaps: Gap[] };

async function* plannedGaps(pool: Pool, run: ImportRun): AsyncGenerator<WithGaps> {
  for (let after = 0; ;) {
    const { rows } = await pool.query<WithGaps & { position: number }>(
      `SELECT position, external_id AS "externalId", gaps FROM import_row
       WHERE run_id = $1 AND gaps IS NOT NULL AND position > $2 ORDER BY position LIMIT $3`,
      [run.id, after, PAGE],
    );
    yield* rows;
    const last = rows.at(-1);
    if (!last) return;
    after = last.position;
  }
}

async function* standingGaps(pool: Pool, run: ImportRun): AsyncGenerator<WithGaps> {
  for (let after = '00000000-0000-0000-0000-000000000000'; ;) {
    const { rows } = await pool.query<WithGaps & { id: string }>(
      `SELECT i.resource_id AS id, r.external_id AS "externalId", i.gaps FROM import_record i JOIN resource r ON r.id = i.resource_id
       WHERE i.source_id = $1 AND i.gaps IS NOT NULL AND i.resource_id > $2 ORDER BY i.resource_id LIMIT $3`,
      [run.sourceId, after, PAGE],
    );
    yield* rows;
    const last = rows.at(-1);
    if (!last) return;
    after = last.id;
  }
}

/** What an undo left as it is, and why. */
export async function leftByUndo(
  pool: Pool,
  runId: string,
  limit: number,
): Promise<{ externalId: string; resourceId: string; why: string }[]> {
  const { rows } = await pool.query<{ externalId: string; resourceId: string; why: string }>(
    `SELECT external_id AS "externalId", resource_id AS "resourceId", taken_back AS why FROM import_row
     WHERE run_id = $1 AND taken_back NOT IN ('done', 'withdrawn') ORDER BY position LIMIT $2`,
    [runId, limit],
  );
  return rows;
}
