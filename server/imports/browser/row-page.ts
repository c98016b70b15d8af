import type { Pool } from 'pg';
import type { Deps } from '../../deps.ts';
import { formats } from '../../locale/format.ts';
import type { Translate } from '../../locale/locale.ts';
import { cellOf } from '../../lib/csv-text.ts';
import { currentRecords } from '../current-queries.ts';
import type { RecordClaim } from '../import-record.ts';
import { loadImportWords } from '../import-words.ts';
import { parseMapping } from '../mapping.ts';
import type { Batch } from '../apply-batch.ts';
import { isReadable, type Row } from '../row-reader.ts';
import type { ImportRun } from '../run-store.ts';
import { readAhead } from './read-ahead.ts';
import { recordWords, SHOWN_FIELDS, type ShownField } from './record-words.ts';
import { fieldsOfColumns } from './row-at.ts';
import type { ImportRowPage } from './run-view.ts';
import type { runRow } from './run-queries.ts';
import { versionRecords } from './version-records.ts';

type PageDeps = Pick<Deps, 'pool' | 'files' | 'config'>;
type Language = { t: Translate; language: string };

/** How many fields of a row the form shows; the others of the file stay as they are. */
const MOST_FIELDS = 60;

/** Reads one row as the run did. */
export async function readRow(deps: PageDeps, run: ImportRun, row: Row): Promise<Batch> {
  return readAhead(deps, [row], {
    fields: run.mapping ? parseMapping(run.mapping.text).fields : null,
    districtId: run.districtId,
    widest: run.widest,
    words: await loadImportWords(deps.pool, run.districtId),
    packed: false,
    strict: run.options.strict,
  });
}

/** What a changed row changes, field by field: against what stands there, or against the version that it replaced. */
export async function changesOf(
  deps: PageDeps,
  run: ImportRun,
  row: NonNullable<Awaited<ReturnType<typeof runRow>>>,
  read: Row | undefined,
  language: Language,
): Promise<ImportRowPage['changes']> {
  if (!row.resourceId || !row.changes) return [];
  const fields = row.changes.filter(({ field }) => SHOWN_FIELDS.includes(field as ShownField));
  const pair =
    row.beforeVersionId && row.versionId
      ? await storedPair(deps.pool, row.beforeVersionId, row.versionId)
      : read && (await plannedPair(deps, run, row.resourceId, read));
  if (!pair) return [];
  const guids = [pair.before, pair.after].flatMap(({ claims = [] }) => claims.map(({ guid }) => guid));
  const say = await recordWords(deps.pool, guids, {
    t: language.t,
    fmt: formats(language.language, language.t),
  });
  const [before, after] = [say(pair.before), say(pair.after)];
  return fields.map(({ field, kept = false }) => ({
    field,
    before: before[field] ?? '',
    after: after[field] ?? '',
    kept,
  }));
}

type Shown = Parameters<Awaited<ReturnType<typeof recordWords>>>[0] & { claims?: readonly RecordClaim[] };

async function storedPair(
  pool: Pool,
  before: string,
  after: string,
): Promise<{ before: Shown; after: Shown } | undefined> {
  const found = await versionRecords(pool, [before, after]);
  const [old, made] = [found.get(before), found.get(after)];
  return old && made && { before: old, after: made };
}

/** Of a dry run, or of a row that was left as it is: the row is read again and compared with the shelf. */
async function plannedPair(
  deps: PageDeps,
  run: ImportRun,
  resourceId: string,
  read: Row,
): Promise<{ before: Shown; after: Shown } | undefined> {
  const [ready] = (await readRow(deps, run, read)).ready;
  const current = (await currentRecords(deps.pool, [resourceId])).get(resourceId);
  if (!ready || !current) return undefined;
  return { before: { ...current.record, claims: current.claims }, after: ready.record };
}

/** The fields of a row that can be mended: those that the import reads, then whatever else has a value. */
export function mendFields(
  run: ImportRun,
  { values, columns }: { values: Record<string, unknown>; columns: string[] | null },
  wrong: ReadonlySet<string>,
): { fields: NonNullable<ImportRowPage['mend']>['fields']; others: number } {
  const names = columns ?? Object.keys(values);
  const used = fieldsOfColumns(run.mapping ? parseMapping(run.mapping.text).fields : null, names);
  const shown = names.filter((name) => used.has(name)).slice(0, MOST_FIELDS);
  return {
    fields: shown.map((name) => {
      const field = used.get(name) ?? null;
      return {
        index: names.indexOf(name),
        name,
        field,
        value: cellOf(values[name]),
        wrong: field !== null && wrong.has(field),
      };
    }),
    others: names.length - shown.length,
  };
}

/** The row with what was typed into the form; what was not changed, or not shown, stays what it was. */
export function mendedValues(
  { values, columns }: { values: Record<string, unknown>; columns: string[] | null },
  typed: (index: number) => string | undefined,
): Record<string, unknown> {
  const names = columns ?? Object.keys(values);
  const mended: Record<string, unknown> = {};
  for (const [index, name] of names.entries()) {
    const before = values[name];
    const now = typed(index);
    const value = now === undefined || now === cellOf(before).replaceAll(/\r\n?/g, '\n') ? before : now;
    if (value !== undefined && value !== null && value !== '') mended[name] = value;
  }
  return mended;
}

export const rawOf = (row: Row | undefined): string | null => (row && !isReadable(row) ? row.raw : null);
