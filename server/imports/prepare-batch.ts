import { setImmediate } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { Visibility } from '../resources/resource-policy.ts';
import { resolveCodes, type CodeMatch } from '../standards/code-queries.ts';
import type { Batch, ResolvedRow } from './apply-batch.ts';
import type { Gap } from './import-record.ts';
import type { ImportWords } from './import-words.ts';
import { readNativeRow, type NativeField, type NativeRow } from './native-row.ts';
import type { RejectedRow } from './plan-rows.ts';
import { resolveRow, type RowFiles } from './resolve-row.ts';
import { isReadable, type Row, type RowFault } from './row-reader.ts';
import type { SeenIds } from './seen-ids.ts';

/** Gives the values of a row the names of native fields. */
export type RowMapper = (values: Record<string, unknown>) => Partial<Record<NativeField, unknown>>;

/** What rows are understood with, for the length of a run. */
export type PrepareContext = {
  mapRow: RowMapper;
  words: ImportWords;
  districtId: string;
  widest: Visibility;
  /** Rows with gaps are rejected. */
  strict: boolean;
  bring: (row: Pick<NativeRow, 'files' | 'educator_files'>) => Promise<RowFiles>;
  seen: SeenIds;
  /** What codes mean, for the codes that rows repeat. */
  codes: Map<string, readonly CodeMatch[]>;
};

/** How many codes are remembered; beyond that they are asked for again. */
const REMEMBERED_CODES = 20_000;

/** Rows after which whoever else is in this process gets a turn: a page must not wait for a whole batch. */
const TURN_ROWS = 25;

const breathe = async (index: number): Promise<void> => {
  if (index % TURN_ROWS === TURN_ROWS - 1) await setImmediate();
};

type Read = { position: number; line: number; row: NativeRow };

/** Maps, checks and understands rows: everything about a row that can be known without looking at the shelf. */
export async function prepareBatch(
  pool: Pool,
  rows: readonly Row[],
  context: PrepareContext,
): Promise<Batch> {
  const rejected: RejectedRow[] = [];
  const skipped: RejectedRow[] = [];
  const read: Read[] = [];
  for (const [index, row] of rows.entries()) {
    await breathe(index);
    const found = readOne(row, context);
    if ('row' in found) read.push(found);
    else (isSkipped(row) ? skipped : rejected).push(found);
  }
  await lookUpCodes(pool, read, context.codes);
  const ready: ResolvedRow[] = [];
  const understood: Batch['understood'] = [];
  for (const [index, { position, line, row }] of read.entries()) {
    await breathe(index);
    const files = await context.bring(row);
    const { record, gaps, understood: words } = resolveRow(row, files, context);
    understood.push(...words.map((word) => ({ position, word })));
    const faults = faultsOf(record === null, gaps, context.strict);
    if (record === null || faults.length > 0)
      rejected.push({ position, line, externalId: row.external_id, faults, raw: '' });
    else ready.push({ position, externalId: row.external_id, record, gaps, filesComplete: files.complete });
  }
  return { ready, rejected, skipped, understood };
}

const isSkipped = (row: Row): boolean => !isReadable(row) && row.skipped === true;

function readOne(row: Row, { mapRow, seen }: PrepareContext): Read | RejectedRow {
  const { position, line } = row;
  if (!isReadable(row)) return { position, line, externalId: null, faults: [row.fault], raw: row.raw };
  const result = readNativeRow(mapRow(row.values));
  const externalId = result.ok ? result.row.external_id : result.externalId;
  const before = externalId === null ? undefined : seen.add(externalId, position);
  if (before !== undefined && before !== position) {
    const twice: RowFault = {
      field: 'external_id',
      key: 'import.fault.twice',
      params: { read: externalId ?? '', row: before },
    };
    return { position, line, externalId, faults: [twice], raw: '' };
  }
  if (!result.ok) return { position, line, externalId, faults: result.faults, raw: '' };
  return { position, line, row: result.row };
}

/** A row that is left with nothing to open, or with a gap where none is allowed. */
function faultsOf(empty: boolean, gaps: readonly Gap[], strict: boolean): RowFault[] {
  const asFault = ({ field, reason, value }: Gap): RowFault => ({
    field,
    key: `import.gap.${reason}`,
    params: { field, value },
  });
  if (strict && gaps.length > 0) return gaps.map(asFault);
  if (!empty) return [];
  const content = gaps.filter(({ field }) => field === 'files' || field === 'url').map(asFault);
  return [...content, { field: 'url', key: 'import.fault.noContent', params: {} }];
}

async function lookUpCodes(
  pool: Pool,
  read: readonly Read[],
  known: Map<string, readonly CodeMatch[]>,
): Promise<void> {
  const wanted = new Set(
    read.flatMap(({ row }) => row.standards.flatMap(({ code, spare = [] }) => [code, ...spare])),
  );
  const missing = [...wanted].filter((code) => !known.has(code));
  if (missing.length === 0) return;
  if (known.size + missing.length > REMEMBERED_CODES) {
    known.clear();
    missing.splice(0, missing.length, ...wanted);
  }
  for (const [code, matches] of await resolveCodes(pool, missing)) known.set(code, matches.slice(0, 5));
}
