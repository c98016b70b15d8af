import { randomUUID } from 'node:crypto';
import { audit } from '../audit/audit-service.ts';
import { PortalError } from '../errors.ts';
import { noOrigin } from '../lib/origin.ts';
import { sqlState, withTransaction } from '../platform/database/transaction.ts';
import { loadImportWords } from './import-words.ts';
import { handleMissing } from './missing-rows.ts';
import { externalIdOf } from './native-row.ts';
import { mappingMapper, parseMapping } from './mapping.ts';
import { nativeFieldOf, nativeMapper } from './native-columns.ts';
import { prepareBatch, type PrepareContext, type RowMapper } from './prepare-batch.ts';
import { openRows } from './readers/read-rows.ts';
import { fileBringer } from './row-files.ts';
import { isReadable, UnreadableFile, type Row, type RowSource } from './row-reader.ts';
import { batchWriter } from './batch-writer.ts';
import { RunCancelled, RunPaused, type ExecuteDeps, type RunContext } from './run-context.ts';
import { DISK_FULL_REASON, endRun, RunLost, takeRun, type ImportRun, type RunReason } from './run-store.ts';
import { SeenIds } from './seen-ids.ts';
import { undoRun } from './undo-run.ts';
import type { WriteContext } from './write-plans.ts';

/** Rows of one transaction: as many as are quick to write and small to hold. */
const BATCH_ROWS = 500;
const BATCH_CHARACTERS = 4 * 1024 * 1024;

/**
 * Works on a run from where it is to its end: rows, what is missing, or its undo. The caller holds the lock of the
 * source. However it ends, the run says so itself, except when this process is stopped or the database went away: then
 * it stays as it is, and whoever takes it next goes on behind the last batch.
 * @throws the signal's reason; RunLost; an error of the connection
 */
export async function executeRun(
  deps: ExecuteDeps,
  run: ImportRun,
  { signal, progress = () => {} }: { signal: AbortSignal; progress?: (run: ImportRun) => void },
): Promise<void> {
  const holder = randomUUID();
  const { pool, clock } = deps;
  await takeRun(pool, run, holder, clock.now());
  const current: ImportRun = { ...run, state: run.state === 'planned' ? 'running' : run.state, reason: null };
  const end = (
    state: 'done' | 'undone' | 'cancelled' | 'paused' | 'failed',
    reason: RunReason | null = null,
  ) =>
    withTransaction(pool, async (client) => {
      await endRun(client, run.id, holder, { state, reason, at: clock.now() });
      await audit(client, {
        actorId: run.personId,
        action: `import.${state}`,
        objectType: 'import_run',
        objectId: run.id,
        organizationId: run.districtId,
        detail: { source: run.source, dryRun: run.dryRun, counts: current.counts },
        ...noOrigin,
      });
      Object.assign(current, { state, reason });
      progress(current);
    });
  try {
    const context: RunContext = {
      deps,
      run: current,
      holder,
      signal,
      progress,
      write: await writeContext(deps, current),
    };
    if (current.state === 'undoing') {
      await undoRun(context);
      return await end('undone');
    }
    const seen = await importRows(context);
    if (current.stage === 'missing' && !run.options.alone) await handleMissing(context, seen);
    await end('done');
  } catch (error) {
    if (error instanceof RunCancelled) return end('cancelled');
    if (error instanceof RunPaused) return end('paused', error.reason);
    if (isDiskFull(error)) return end('paused', { key: DISK_FULL_REASON, params: {} });
    if (error instanceof UnreadableFile) return end('failed', { key: error.key, params: error.params });
    if (error instanceof RunLost || signal.aborted || isPassing(error)) throw error;
    deps.log.error({ err: error, run: run.id }, 'An import failed');
    await end('failed', { key: 'import.failed.error', params: { message: messageOf(error) } });
  }
}

const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).slice(0, 300);

/** There is no room for the files of a row; it goes on by itself when there is. */
function isDiskFull(error: unknown): boolean {
  if (error instanceof PortalError) return error.code === 'disk_full';
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return code === 'ENOSPC' || code === 'EDQUOT';
}

/** The database is away or ends connections: nothing is wrong with the run. */
export function isPassing(error: unknown): boolean {
  const state = sqlState(error) ?? '';
  if (/^(?:08|57P|53)/.test(state)) return true;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT'].includes(code)) return true;
  return (
    error instanceof Error &&
    /Connection terminated|timeout exceeded when trying to connect|not queryable/.test(error.message)
  );
}

/** Where the rows of a run belong, and which organizations check first. */
export async function writeContext(
  { pool, clock }: Pick<ExecuteDeps, 'pool' | 'clock'>,
  run: Pick<ImportRun, 'id' | 'sourceId' | 'districtId' | 'source' | 'personId'>,
): Promise<WriteContext> {
  const { rows } = await pool.query<{ id: string }>(
    `SELECT id FROM organization WHERE (id = $1 OR district_id = $1) AND publish_mode = 'check_first'`,
    [run.districtId],
  );
  return {
    runId: run.id,
    sourceId: run.sourceId,
    districtId: run.districtId,
    source: run.source,
    personId: run.personId,
    checkFirst: new Set(rows.map(({ id }) => id)),
    at: clock.now(),
  };
}

/** Reads the file to its end, batch by batch; the next one is read while the database writes the one before. */
async function importRows(context: RunContext): Promise<SeenIds> {
  const { deps, run, signal } = context;
  const seen = new SeenIds();
  const source = await openRows({ path: deps.files.path(run.input.sha256), name: run.input.name });
  const prepare = await prepareContext(context, source, seen);
  const batches = batchesOf(
    source,
    run.rowsDone,
    (row) => void seen.add(externalIdOf(prepare.mapRow(row.values)), row.position),
  );
  const next = async () => {
    const { value: rows, done } = await batches.next();
    if (done || !rows) return undefined;
    return { batch: await prepareBatch(deps.pool, rows, prepare), rows };
  };
  const writer = batchWriter(context);
  try {
    for (let coming = next(); ;) {
      const ready = await coming;
      signal.throwIfAborted();
      if (!ready) break;
      coming = next();
      // Its error is met when its turn comes.
      coming.catch(() => {});
      await writer.write(ready.batch, {
        rowsDone: ready.rows.at(-1)?.position ?? run.rowsDone,
        bytesDone: Math.min(source.bytesDone(), run.input.size),
      });
    }
    await writer.finish();
  } finally {
    await batches.return(undefined);
    await source.close();
  }
  return seen;
}

/**
 * The run's mapping, or the native names.
 * @throws UnreadableFile for a table that has no column for what every row needs
 */
function mapperOf({ mapping }: ImportRun, { columns }: RowSource): RowMapper {
  if (mapping) return mappingMapper(parseMapping(mapping.text));
  if (
    columns &&
    !['external_id', 'title'].every((field) => columns.some((column) => nativeFieldOf(column) === field))
  )
    throw new UnreadableFile('import.file.columns', { columns: columns.slice(0, 30).join(', ') });
  return nativeMapper(columns);
}

async function prepareContext(
  { deps, run, signal }: RunContext,
  source: RowSource,
  seen: SeenIds,
): Promise<PrepareContext> {
  return {
    mapRow: mapperOf(run, source),
    words: await loadImportWords(deps.pool, run.districtId),
    districtId: run.districtId,
    widest: run.widest,
    strict: run.options.strict,
    bring: fileBringer(deps, {
      packed: source.packed,
      signal,
      districtId: run.districtId,
      folder: run.options.folder,
      host: run.options.host,
      dry: run.dryRun,
    }),
    seen,
    codes: new Map(),
  };
}

/** Rows behind `skip`, as many at once as one transaction takes. Those before are only looked at. */
async function* batchesOf(
  source: RowSource,
  skip: number,
  skipped: (row: Extract<Row, { values: unknown }>) => void,
): AsyncGenerator<Row[], void> {
  let rows: Row[] = [];
  let characters = 0;
  for await (const row of source.rows) {
    if (row.position <= skip) {
      if (isReadable(row)) skipped(row);
      continue;
    }
    rows.push(row);
    characters += sizeOf(row);
    if (rows.length < BATCH_ROWS && characters < BATCH_CHARACTERS) continue;
    yield rows;
    rows = [];
    characters = 0;
  }
  if (rows.length > 0) yield rows;
}

const sizeOf = (row: Row): number =>
  isReadable(row)
    ? Object.values(row.values).reduce<number>(
        (sum, value) => sum + (typeof value === 'string' ? value.length : 50),
        0,
      )
    : row.raw.length;
