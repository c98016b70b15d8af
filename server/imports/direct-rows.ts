import { setTimeout as sleep } from 'node:timers/promises';
import type { PoolClient } from 'pg';
import type { Deps } from '../deps.ts';
import { PortalError } from '../errors.ts';
import type { Origin } from '../lib/origin.ts';
import { sqlState, withTransaction } from '../platform/database/transaction.ts';
import { applyBatch, isAllUnchanged, type Batch } from './apply-batch.ts';
import { closeDirectRun, openDirectRun } from './direct-run.ts';
import { directStates, meets, type Condition, type DirectState } from './direct-state.ts';
import { loadImportWords } from './import-words.ts';
import { insertRows } from './insert-rows.ts';
import { withdrawRows } from './missing-rows.ts';
import { nativeMapper } from './native-columns.ts';
import type { Change } from './plan-rows.ts';
import { prepareBatch } from './prepare-batch.ts';
import { fileBringer } from './row-files.ts';
import type { Row, RowFault } from './row-reader.ts';
import { noCounts } from './run-counts.ts';
import { writeContext } from './run-executor.ts';
import { sourceOf } from './run-service.ts';
import { SeenIds } from './seen-ids.ts';
import { lockSourceHere } from './source-lock.ts';
import type { WriteContext } from './write-plans.ts';

type DirectDeps = Pick<Deps, 'pool' | 'files' | 'config' | 'clock'>;

/** A row in the native form, or an id that is to go off the shelf. */
export type DirectItem = { values: unknown } | { withdraw: string };

export type DirectKey = {
  districtId: string;
  source: string;
  personId: string | null;
  strict: boolean;
};

/** What became of an item. `state`: the resource as it stands now; null where there is none. */
export type DirectResult = {
  externalId: string | null;
  outcome: 'new' | 'changed' | 'unchanged' | 'kept' | 'withdrawn' | 'rejected' | 'unknown';
  faults: RowFault[];
  changes: Change[];
  state: DirectState | null;
};

/** How long somebody waits for a source that another process works on, and how often they look. */
const PATIENCE_MS = 8000;
const LOOK_EVERY_MS = 200;

/**
 * Brings rows in that come without a file, and takes others off the shelf, at once: the same pipeline, rules and lock as
 * for the rows of a file, in one transaction. What is unchanged is not written.
 * @param items at most as many as one transaction takes; the caller sees to it
 * @param condition what has to hold of the resource; for a single item
 * @returns what became of each item, in their order, and the run that has them (null where nothing was written)
 * @throws 409 while an import of the same source is under way; 412 when the condition doesn't hold
 */
export async function applyDirectly(
  deps: DirectDeps,
  key: DirectKey,
  items: readonly DirectItem[],
  { condition, origin }: { condition?: Condition; origin: Origin },
): Promise<{ results: DirectResult[]; runId: string | null }> {
  const { pool } = deps;
  const source = await findSource(deps, key);
  const seen = new SeenIds();
  const rows = items.flatMap((item, index) => ('values' in item ? [rowOf(item.values, index + 1)] : []));
  const batch = await prepareBatch(pool, rows, {
    mapRow: nativeMapper(null),
    words: await loadImportWords(pool, key.districtId),
    districtId: key.districtId,
    widest: source.widest,
    strict: key.strict,
    bring: fileBringer(deps, {
      districtId: key.districtId,
      folder: null,
      host: null,
      packed: undefined,
      dry: false,
    }),
    seen,
    codes: new Map(),
  });
  const results = new Map<number, DirectResult>();
  for (const { position, externalId, faults } of batch.rejected)
    results.set(position, { externalId, outcome: 'rejected', faults, changes: [], state: null });
  const going = items.flatMap((item, index) => {
    if (!('withdraw' in item)) return [];
    const externalId = item.withdraw;
    const before = seen.add(externalId, index + 1);
    if (before === undefined) return [{ position: index + 1, externalId }];
    const twice: RowFault = {
      field: 'external_id',
      key: 'import.fault.twice',
      params: { read: externalId, row: before },
    };
    results.set(index + 1, { externalId, outcome: 'rejected', faults: [twice], changes: [], state: null });
    return [];
  });
  const work: Work = { batch: { ...batch, rejected: [], skipped: [] }, going, condition, origin };
  const runIds = await workOn(deps, { ...key, sourceId: source.id }, work, results);
  const states = await directStates(
    pool,
    key,
    [...results.values()].flatMap((one) => one.externalId ?? []),
  );
  return {
    runId: runIds.at(-1) ?? null,
    results: items.map((_, index) => {
      const result = results.get(index + 1)!;
      const state = result.externalId === null ? undefined : states.get(result.externalId);
      return { ...result, state: result.outcome === 'rejected' ? null : (state ?? null) };
    }),
  };
}

type Work = {
  batch: Batch;
  going: { position: number; externalId: string }[];
  condition: Condition | undefined;
  origin: Origin;
};

type WorkKey = DirectKey & { sourceId: string };

async function findSource(
  { pool }: DirectDeps,
  { districtId, source }: DirectKey,
): Promise<{ id: string; widest: DirectSource['widest'] }> {
  const find = async () =>
    (
      await pool.query<DirectSource>(
        'SELECT id, widest FROM import_source WHERE district_id = $1 AND name = $2',
        [districtId, source],
      )
    ).rows[0];
  const found = await find();
  if (found) return found;
  await sourceOf(pool, districtId, source);
  return (await find())!;
}

type DirectSource = { id: string; widest: Parameters<typeof prepareBatch>[2]['widest'] };

const rowOf = (values: unknown, position: number): Row =>
  typeof values === 'object' && values !== null && !Array.isArray(values)
    ? { position, line: position, values: values as Record<string, unknown> }
    : {
        position,
        line: position,
        fault: { field: null, key: 'import.fault.noObject', params: { line: position } },
        raw: '',
        cut: false,
      };

/** Writes, in halves where the database refuses something. @returns the runs that have what was written */
async function workOn(
  deps: DirectDeps,
  key: WorkKey,
  work: Work,
  results: Map<number, DirectResult>,
): Promise<string[]> {
  const { batch, going, condition } = work;
  if (batch.ready.length + going.length === 0) return [];
  const unchanged = (position: number, externalId: string) =>
    results.set(position, { externalId, outcome: 'unchanged', faults: [], changes: [], state: null });
  const write = await writeContext(deps, { ...key, id: '' });
  if (going.length === 0 && condition === undefined && (await isAllUnchanged(deps.pool, batch, write))) {
    for (const { position, externalId } of batch.ready) unchanged(position, externalId);
    return [];
  }
  try {
    const done = await whenFree(deps, key.sourceId, (client) =>
      writeItems(client, { ...write, at: deps.clock.now() }, key, work),
    );
    for (const { position, externalId } of batch.ready) unchanged(position, externalId);
    for (const [position, result] of done.results) results.set(position, result);
    return done.runId === null ? [] : [done.runId];
  } catch (error) {
    if (!/^2[23]/.test(sqlState(error) ?? '')) throw error;
    const [only] = batch.ready;
    if (!only) throw error;
    if (batch.ready.length === 1 && going.length === 0) {
      const message = error instanceof Error ? error.message.slice(0, 200) : '';
      const fault: RowFault = { field: null, key: 'import.fault.database', params: { message } };
      const { position, externalId } = only;
      results.set(position, { externalId, outcome: 'rejected', faults: [fault], changes: [], state: null });
      return [];
    }
    const middle = Math.ceil(batch.ready.length / 2);
    const half = (ready: Batch['ready'], gone: Work['going']): Work => ({
      ...work,
      batch: { ...batch, ready },
      going: gone,
    });
    return [
      ...(await workOn(deps, key, half(batch.ready.slice(0, middle), []), results)),
      ...(await workOn(deps, key, half(batch.ready.slice(middle), going), results)),
    ];
  }
}

/** Works in one transaction that has the lock of the source; waits a little for whoever has it. @throws 409 */
async function whenFree<T>(
  { pool }: DirectDeps,
  sourceId: string,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  for (const until = Date.now() + PATIENCE_MS; ;) {
    const done = await withTransaction(pool, async (client) =>
      (await lockSourceHere(client, sourceId)) ? { value: await work(client) } : undefined,
    );
    if (done) return done.value;
    if (Date.now() > until) throw new PortalError(409, 'source_busy', 'api.sourceBusy', { retryAfter: 15 });
    await sleep(LOOK_EVERY_MS);
  }
}

async function writeItems(
  client: PoolClient,
  context: WriteContext,
  key: WorkKey,
  { batch, going, condition, origin }: Work,
): Promise<{ runId: string | null; results: Map<number, DirectResult> }> {
  const ids = [...batch.ready, ...going].map(({ externalId }) => externalId);
  const before = await directStates(client, key, ids, { lock: true });
  if (condition && !meets(condition, before.get(ids[0] ?? '')))
    throw new PortalError(412, 'precondition_failed', 'api.precondition');
  const { at } = context;
  const run = await openDirectRun(client, key, ids, at);
  const base = run.lastPosition;
  const write = { ...context, runId: run.id };
  const placed = batch.ready.map((row) => ({ ...row, position: row.position + base }));
  const { counts, gaps } = await applyBatch(client, { ...batch, ready: placed }, write, { dry: false });
  const gone = going.length > 0 ? await withdraw(client, { run, base, at }, going, before) : new Map();
  const withdrawn = [...gone.values()].filter(({ outcome }) => outcome === 'withdrawn').length;
  const { rows } = await client.query<{
    position: number;
    external_id: string;
    outcome: DirectResult['outcome'];
    changes: Change[] | null;
  }>('SELECT position, external_id, outcome, changes FROM import_row WHERE run_id = $1 AND position > $2', [
    run.id,
    base,
  ]);
  const stays = await closeDirectRun(client, run, key, {
    counts: { ...noCounts(), ...counts, withdrawn },
    gaps,
    rows: ids.length,
    at,
    origin,
  });
  const results = new Map<number, DirectResult>(gone);
  for (const { position, external_id: externalId, outcome, changes } of rows)
    if (!gone.has(position - base))
      results.set(position - base, { externalId, outcome, faults: [], changes: changes ?? [], state: null });
  return { runId: stays && rows.length > 0 ? run.id : null, results };
}

/** Takes what stands on the shelf off it; what is off already, waits for its first check or isn't there stays as it is. */
async function withdraw(
  client: PoolClient,
  { run, base, at }: { run: { id: string }; base: number; at: Date },
  going: Work['going'],
  before: ReadonlyMap<string, DirectState>,
): Promise<Map<number, DirectResult>> {
  const standing = going.flatMap((item) => {
    const state = before.get(item.externalId);
    return state?.state === 'published' ? [{ ...item, id: state.id }] : [];
  });
  const gone = await withdrawRows(client, standing, at);
  await insertRows(
    client,
    'import_row',
    standing.flatMap(({ id, externalId, position }) =>
      gone.has(id)
        ? [
            {
              run_id: run.id,
              position: position + base,
              outcome: 'withdrawn',
              external_id: externalId,
              resource_id: id,
              before: { versionId: gone.get(id) },
            },
          ]
        : [],
    ),
  );
  return new Map(
    going.map(({ position, externalId }): [number, DirectResult] => {
      const state = before.get(externalId);
      const outcome = !state
        ? 'unknown'
        : gone.has(state.id)
          ? 'withdrawn'
          : state.state === 'submitted' || state.state === 'draft'
            ? 'kept'
            : 'unchanged';
      return [position, { externalId, outcome, faults: [], changes: [], state: null }];
    }),
  );
}
