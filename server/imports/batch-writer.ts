import type { Pool, PoolClient } from 'pg';
import { sqlState, withTransaction } from '../platform/database/transaction.ts';
import { applyBatch, isAllUnchanged, type Batch } from './apply-batch.ts';
import type { Gap } from './import-record.ts';
import type { RowFault } from './row-reader.ts';
import { RunCancelled, type RunContext } from './run-context.ts';
import { addCounts, noCounts, type RunCounts } from './run-counts.ts';
import { checkpoint } from './run-store.ts';

/** Batches in which nothing is to be written are noted this often, in milliseconds. */
const NOTE_EVERY_MS = 2000;

/** How far the run is behind a batch. */
type Place = { rowsDone: number; bytesDone: number };

export type BatchWriter = {
  write: (batch: Batch, place: Place) => Promise<void>;
  finish: () => Promise<void>;
};

/** What is told of a run beside its rows: what was left out, and what was taken for something else. */
type Note = Omit<Gap, 'reason'> & { reason: Gap['reason'] | 'understood' };

const nothing = (): { counts: RunCounts; gaps: Note[] } => ({ counts: noCounts(), gaps: [] });

/** Writes batches, and how far the run is in the same transaction. */
export function batchWriter(context: RunContext): BatchWriter {
  const { deps, run, holder } = context;
  const { pool, clock } = deps;
  /** What unchanged batches came to since it was last written down. */
  let pending = nothing();
  let noted = Date.now();
  const commit = async (
    work: (client: PoolClient) => Promise<{ counts: RunCounts; gaps: Note[] }>,
    place: Place & { stage?: 'rows' | 'missing' },
  ) => {
    const { asked, counts } = await withTransaction(pool, async (client) => {
      const done = await work(client);
      const counts = addCounts(addCounts(run.counts, pending.counts), done.counts);
      await addGaps(client, run.id, [...pending.gaps, ...done.gaps]);
      const asked = await checkpoint(client, run.id, holder, {
        stage: place.stage ?? 'rows',
        rowsDone: place.rowsDone,
        bytesDone: place.bytesDone,
        undoFrom: null,
        counts,
        at: clock.now(),
      });
      return { asked, counts };
    });
    Object.assign(run, {
      counts,
      rowsDone: place.rowsDone,
      bytesDone: place.bytesDone,
      stage: place.stage ?? 'rows',
    });
    pending = nothing();
    noted = Date.now();
    context.progress(run);
    if (asked === 'cancel') throw new RunCancelled();
  };
  let last: Place = { rowsDone: run.rowsDone, bytesDone: run.bytesDone };
  const write = async (batch: Batch, place: Place): Promise<void> => {
    try {
      await commit(async (client) => {
        const done = await applyBatch(
          client,
          batch,
          { ...context.write, at: clock.now() },
          { dry: run.dryRun },
        );
        await addGaps(client, run.id, notesOf(batch));
        const unreadable = batch.rejected.filter(({ externalId }) => externalId === null).length;
        return { ...done, counts: { ...done.counts, unreadable } };
      }, place);
    } catch (error) {
      if (!/^2[23]/.test(sqlState(error) ?? '')) throw error;
      // Something in one of the rows can't be stored: the others go in without it.
      for (const [part, end] of partsOf(batch, place, error)) await write(part, end);
    }
  };
  return {
    async write(batch, place) {
      last = place;
      if (run.dryRun || !(await isAllUnchanged(pool, batch, context.write))) return write(batch, place);
      const withGaps = batch.ready.filter((row) => row.gaps.length > 0);
      pending.counts.unchanged += batch.ready.length;
      pending.counts.gaps += withGaps.length;
      pending.gaps.push(...withGaps.flatMap((row) => row.gaps), ...notesOf(batch));
      if (Date.now() - noted > NOTE_EVERY_MS) await commit(async () => nothing(), place);
    },
    finish: () => commit(async () => nothing(), { ...last, bytesDone: run.input.size, stage: 'missing' }),
  };
}

/** The halves of a batch that the database refused; of a single row, its rejection. */
function partsOf(batch: Batch, place: Place, error: unknown): [Batch, Place][] {
  const rows = batch.ready.map(({ position }) => position);
  const [only] = batch.ready;
  if (rows.length <= 1 && only) {
    const message = error instanceof Error ? error.message.slice(0, 200) : '';
    const fault: RowFault = { field: null, key: 'import.fault.database', params: { message } };
    const { position, externalId } = only;
    const rejected = [...batch.rejected, { position, line: position, externalId, faults: [fault], raw: '' }];
    return [[{ ...batch, ready: [], rejected }, place]];
  }
  if (!only) throw error;
  const middle = rows[Math.floor((rows.length - 1) / 2)] ?? 0;
  const half = (is: (position: number) => boolean): Batch => ({
    ready: batch.ready.filter(({ position }) => is(position)),
    rejected: batch.rejected.filter(({ position }) => is(position)),
    skipped: batch.skipped.filter(({ position }) => is(position)),
    understood: batch.understood.filter(({ position }) => is(position)),
  });
  return [
    [half((position) => position <= middle), { ...place, rowsDone: middle }],
    [half((position) => position > middle), place],
  ];
}

/** Counts the rows that have a value nobody knows. */
export async function addGaps(
  client: Pick<Pool | PoolClient, 'query'>,
  runId: string,
  gaps: readonly Note[],
): Promise<void> {
  if (gaps.length === 0) return;
  const sums = new Map<string, { field: string; reason: string; value: string; rows: number }>();
  for (const { field, reason, value } of gaps) {
    const key = JSON.stringify([field, reason, value]);
    const sum = sums.get(key) ?? { field, reason, value, rows: 0 };
    sum.rows += 1;
    sums.set(key, sum);
  }
  await client.query(
    `INSERT INTO import_gap AS g (run_id, field, reason, value, rows)
     SELECT $1, field, reason, value, rows FROM json_to_recordset($2::json) AS n (field text, reason text, value text, rows integer)
     ON CONFLICT (run_id, field, reason, value) DO UPDATE SET rows = g.rows + excluded.rows`,
    [runId, JSON.stringify([...sums.values()])],
  );
}

/** Short words that were taken for a subject are counted beside the gaps, so that the run's page can say so. */
const notesOf = ({ understood }: Batch): Note[] =>
  understood.map(({ word }) => ({ field: 'subjects', reason: 'understood', value: word }));
