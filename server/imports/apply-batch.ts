import type { PoolClient } from 'pg';
import { cleanText } from '../web/parse.ts';
import { askLookOver } from './ask-look-over.ts';
import {
  adaptedSources,
  currentRecords,
  knownResources,
  type Current,
  type Known,
} from './current-queries.ts';
import { contentHash, type Gap, type ImportRecord } from './import-record.ts';
import { insertRows } from './insert-rows.ts';
import { isOff, isUnchanged, planChange, type Plan, type ReadyRow, type RejectedRow } from './plan-rows.ts';
import { likelySame } from './likely-same.ts';
import { noCounts, type RunCounts } from './run-counts.ts';
import { writeChanged, writeNew, writeNotes, type WriteContext, type WrittenRow } from './write-plans.ts';

/** A row that was understood, before it is known what it was adapted from. */
export type ResolvedRow = {
  position: number;
  externalId: string;
  record: ImportRecord;
  gaps: Gap[];
  filesComplete: boolean;
};

export type Batch = {
  ready: ResolvedRow[];
  rejected: RejectedRow[];
  /** Of kinds that aren't taken. */
  skipped: RejectedRow[];
  /** Short words of rows that were taken for a subject, to be told of. */
  understood: { position: number; word: string }[];
};

/** What a row came to, as it is kept in `import_row`. */
type RowOutcome = Record<string, unknown>;

/**
 * Compares a batch with the shelf and, unless `dry`, writes what differs: resources, versions, files, claims, what an
 * undo needs, and the marks for the search index. In the caller's transaction; the caller holds the lock of the source.
 * @returns how many rows came to what, and what of them was left out or changed on the way in
 */
export async function applyBatch(
  client: PoolClient,
  batch: Batch,
  context: WriteContext,
  { dry }: { dry: boolean },
): Promise<{ counts: RunCounts; gaps: Gap[] }> {
  const rows = await withAdaptedFrom(client, batch.ready, context);
  const plans = await planRows(client, rows, context, !dry);
  const likely = await likelySame(client, plans, context);
  const counts = noCounts();
  const outcomes: RowOutcome[] = [
    ...batch.rejected.map((row) => rejectedRow(context.runId, row, 'rejected')),
    ...batch.skipped.map((row) => rejectedRow(context.runId, row, 'skipped')),
  ];
  counts.rejected = batch.rejected.length;
  counts.skipped = batch.skipped.length;
  const of = <A extends Plan['action']>(action: A) =>
    plans.filter((plan): plan is Extract<Plan, { action: A }> => plan.action === action);
  const [fresh, changed, notes, off, same] = [
    of('new'),
    of('changed'),
    of('note'),
    of('off'),
    of('unchanged'),
  ];
  counts.new = fresh.length;
  counts.changed = changed.length;
  counts.kept = off.length + notes.filter(({ changes }) => changes.length > 0).length;
  counts.unchanged = same.length + notes.length + off.length - counts.kept;
  counts.likely = likely.size;
  counts.gaps = plans.filter(({ row }) => row.gaps.length > 0).length;
  let freshWritten: WrittenRow[] = [];
  let changedWritten: WrittenRow[] = [];
  if (!dry) {
    freshWritten = await writeNew(client, fresh, context);
    changedWritten = await writeChanged(client, changed, context);
    await writeNotes(client, notes, context);
    const dirty = [...freshWritten, ...changedWritten].map(({ resourceId }) => resourceId);
    if (dirty.length > 0) await client.query('SELECT mark_dirty($1::uuid[], 1::smallint)', [dirty]);
    await askLookOver(client, fresh, freshWritten);
    await askLookOver(client, changed, changedWritten);
  }
  for (const [index, { row }] of fresh.entries())
    // A new resource without gaps has nothing to tell before it exists.
    if (!dry || row.gaps.length > 0 || likely.has(row.position))
      outcomes.push(outcome(context, row, 'new', freshWritten[index]));
  for (const [index, plan] of changed.entries())
    outcomes.push({
      ...outcome(
        context,
        plan.row,
        'changed',
        changedWritten[index] ?? { resourceId: plan.current.id, versionId: null },
      ),
      changes: plan.changes,
      before: dry ? null : beforeOf(plan.current, plan.closed),
    });
  for (const { row, current, changes } of notes)
    if (changes.length > 0)
      outcomes.push({
        ...outcome(context, row, 'kept', { resourceId: current.id, versionId: null }),
        changes,
      });
  for (const { row, known } of off)
    if (known.content_hash !== row.hash)
      outcomes.push({
        ...outcome(context, row, 'kept', { resourceId: known.id, versionId: null }),
        changes: [{ field: 'state', kept: true }],
      });
  await insertRows(
    client,
    'import_row',
    outcomes.map((one) => ({ ...one, likely: likely.get(one['position'] as number) ?? null })),
  );
  return { counts, gaps: plans.flatMap(({ row }) => row.gaps) };
}

/** Whether a look without locks finds every row of the batch unchanged, which is the rule in a nightly run. */
export async function isAllUnchanged(
  client: Pick<PoolClient, 'query'>,
  batch: Batch,
  context: WriteContext,
): Promise<boolean> {
  if (batch.rejected.length + batch.skipped.length > 0) return false;
  const rows = await withAdaptedFrom(client, batch.ready, context);
  const known = await knownResources(
    client,
    context,
    rows.map(({ externalId }) => externalId),
    false,
  );
  return rows.every((row) => {
    const one = known.get(row.externalId);
    return one !== undefined && isUnchanged(row, one);
  });
}

async function planRows(
  client: PoolClient,
  rows: readonly ReadyRow[],
  context: WriteContext,
  lock: boolean,
): Promise<Plan[]> {
  const known = await knownResources(
    client,
    context,
    rows.map(({ externalId }) => externalId),
    lock,
  );
  const look = rows.flatMap((row): Known[] => {
    const one = known.get(row.externalId);
    return one && !isOff(one) && !isUnchanged(row, one) ? [one] : [];
  });
  const current = await currentRecords(
    client,
    look.map(({ id }) => id),
  );
  return rows.map((row): Plan => {
    const one = known.get(row.externalId);
    if (!one) return { action: 'new', row };
    if (isOff(one)) return { action: 'off', row, known: one };
    const there = current.get(one.id);
    return there ? planChange(row, there) : { action: 'unchanged', row, known: one };
  });
}

/** Looks up what rows were adapted from, among what is there and within the batch, and takes their hashes. */
async function withAdaptedFrom(
  client: Pick<PoolClient, 'query'>,
  rows: readonly ResolvedRow[],
  context: WriteContext,
): Promise<ReadyRow[]> {
  const texts = [...new Set(rows.flatMap(({ record }) => record.adaptedFrom ?? []))];
  const found = await adaptedSources(client, context, texts);
  const inBatch = new Set(rows.map(({ externalId }) => externalId));
  return rows.map((row) => {
    const text = row.record.adaptedFrom;
    const known = text === null ? undefined : found.get(text);
    const later = text !== null && !known && text !== row.externalId && inBatch.has(text);
    const gaps: Gap[] =
      text === null || known || later
        ? row.gaps
        : [...row.gaps, { field: 'adapted_from', reason: 'unknown', value: text.slice(0, 200) }];
    return {
      ...row,
      gaps,
      record: { ...row.record, adaptedFrom: known?.id ?? (later ? `new:${text}` : null) },
      adaptedFromVersion: known?.number ?? (later ? 1 : null),
      // By its text: the id isn't known before the row is written for the first time.
      hash: contentHash({ ...row.record, adaptedFrom: known || later ? text : null }, gaps),
    };
  });
}

const outcome = (
  context: WriteContext,
  row: ReadyRow,
  name: string,
  written: WrittenRow | undefined,
): RowOutcome => ({
  run_id: context.runId,
  position: row.position,
  outcome: name,
  external_id: row.externalId,
  resource_id: written?.resourceId ?? null,
  version_id: written?.versionId ?? null,
  faults: null,
  gaps: row.gaps.length > 0 ? row.gaps : null,
  changes: null,
  before: null,
});

const rejectedRow = (
  runId: string,
  { position, externalId, faults, raw, line }: RejectedRow,
  name: 'rejected' | 'skipped',
): RowOutcome => ({
  run_id: runId,
  position,
  outcome: name,
  external_id: externalId,
  resource_id: null,
  version_id: null,
  // What was read is shown as it stood, but for what JSON in the database can't hold: NUL and half characters.
  faults: faults.map(({ params, ...fault }) => ({
    ...fault,
    params: Object.fromEntries(
      Object.entries(params).map(([name, value]) => [
        name,
        typeof value === 'string' ? cleanText(value) : value,
      ]),
    ),
    line,
    ...(raw === '' ? {} : { raw: cleanText(raw) }),
  })),
  gaps: null,
  changes: null,
  before: null,
});

/** What an undo puts back. */
export type Before = {
  versionId: string;
  number: number;
  state: 'published' | 'withdrawn';
  visibility: string;
  organizationId: string;
  checkState: string;
  publishedAt: string | null;
  withdrawnAt: string | null;
  withdrawnReason: string | null;
  contentHash: string | null;
  adaptedFromId: string | null;
  adaptedFromVersion: number | null;
  written: unknown;
  gaps: unknown;
  withdrawnByImport: boolean;
  closed: string[];
};

function beforeOf(current: Current, closed: string[]): Before | null {
  if (current.number === null) return null;
  return {
    versionId: current.versionId,
    number: current.number,
    state: current.state === 'withdrawn' ? 'withdrawn' : 'published',
    visibility: current.record.visibility,
    organizationId: current.record.organizationId,
    checkState: current.checkState,
    publishedAt: current.publishedAt,
    withdrawnAt: current.withdrawnAt,
    withdrawnReason: current.withdrawnReason,
    contentHash: current.contentHash,
    adaptedFromId: current.adaptedFromId,
    adaptedFromVersion: current.adaptedFromVersion,
    written: current.written,
    gaps: current.gaps,
    withdrawnByImport: current.withdrawnByImport,
    closed,
  };
}
