import type { Pool, PoolClient } from 'pg';
import { withTransaction } from '../platform/database/transaction.ts';
import { currentRecords, type Current } from './current-queries.ts';
import { claimHash, fieldHash, RECORD_FIELDS, writtenHash } from './import-record.ts';
import type { RunContext } from './run-context.ts';
import { addCounts, noCounts } from './run-counts.ts';
import { checkpoint, type ImportRun } from './run-store.ts';
import { putBack, putOnShelf, takeAway, takeOff, type UndoRow } from './undo-writes.ts';

const PAGE = 500;

/** What became of it: taken back, taken off the shelf because people use it, or left, and why. */
export type Fate = 'done' | 'withdrawn' | 'adapted' | 'edited' | 'checked' | 'later_import' | 'gone';

/** What others did with a resource since a row wrote it. */
type Since = {
  id: string;
  number: number | null;
  adapted: boolean;
  checked: boolean;
  aligned: boolean;
  draft: boolean;
  in_use: boolean;
  run_id: string | null;
};

/**
 * Takes back what a run did, from its last row to its first: new resources go, changed ones get their version before
 * back, withdrawn ones return to the shelf. What somebody adapted, edited or checked since stays, and the row says so;
 * what somebody saved or uses is taken off the shelf instead of away.
 */
export async function undoRun(context: RunContext): Promise<void> {
  const { deps, run, holder, signal } = context;
  for (;;) {
    signal.throwIfAborted();
    const { rows } = await deps.pool.query<UndoRow>(
      `SELECT position, outcome, resource_id, version_id, changes, before FROM import_row
       WHERE run_id = $1 AND position < $2 AND outcome IN ('new', 'changed', 'withdrawn') AND resource_id IS NOT NULL
       ORDER BY position DESC LIMIT $3`,
      [run.id, run.undoFrom ?? 1, PAGE],
    );
    const last = rows.at(-1);
    if (!last) return;
    const at = deps.clock.now();
    const counts = await withTransaction(deps.pool, async (client) => {
      const fates = await undoRows(client, rows, { runId: run.id, at });
      const back = [...fates.values()].filter((fate) => fate === 'done' || fate === 'withdrawn').length;
      const counts = addCounts(run.counts, { ...noCounts(), takenBack: back, leftAsIs: fates.size - back });
      await client.query(
        `UPDATE import_row r SET taken_back = n.fate FROM json_to_recordset($2::json) AS n (position integer, fate text)
         WHERE r.run_id = $1 AND r.position = n.position`,
        [run.id, JSON.stringify([...fates].map(([position, fate]) => ({ position, fate })))],
      );
      const place = { stage: 'over' as const, rowsDone: run.rowsDone, bytesDone: run.bytesDone };
      await checkpoint(client, run.id, holder, { ...place, undoFrom: last.position, counts, at });
      return counts;
    });
    Object.assign(run, { counts, undoFrom: last.position });
    context.progress(run);
  }
}

/** What an undo would do with a change of a run. */
export type Forecast = { outcome: UndoRow['outcome']; externalId: string; resourceId: string; fate: Fate };

/**
 * Says what an undo of a run would take back and what it would leave, for its last `most` changes; writes nothing.
 * @returns in the order of an undo, with the number of all changes
 */
export async function forecastUndo(
  pool: Pool,
  run: Pick<ImportRun, 'id'>,
  most: number,
): Promise<{ total: number; changes: Forecast[] }> {
  const changes: Forecast[] = [];
  let before: number | null = null;
  let total = 0;
  while (changes.length < most) {
    const { rows }: { rows: (UndoRow & { external_id: string; total: number })[] } = await pool.query(
      `SELECT position, outcome, resource_id, version_id, changes, before, external_id, count(*) OVER ()::integer AS total FROM import_row
       WHERE run_id = $1 AND ($2::integer IS NULL OR position < $2) AND outcome IN ('new', 'changed', 'withdrawn') AND resource_id IS NOT NULL
       ORDER BY position DESC LIMIT $3`,
      [run.id, before, Math.min(PAGE, most - changes.length)],
    );
    total ||= rows[0]?.total ?? 0;
    const last = rows.at(-1);
    if (!last) break;
    const current = await currentRecords(
      pool,
      rows.map((row) => row.resource_id),
    );
    const since = await sinceThen(pool, rows, run.id);
    for (const row of rows)
      changes.push({
        outcome: row.outcome,
        externalId: row.external_id,
        resourceId: row.resource_id,
        fate: fateOf(row, current.get(row.resource_id), since.get(row.resource_id), run.id),
      });
    before = last.position;
  }
  return { total, changes };
}

/** @returns what became of each row, by position */
async function undoRows(
  client: PoolClient,
  rows: readonly UndoRow[],
  { runId, at }: { runId: string; at: Date },
): Promise<Map<number, Fate>> {
  const ids = rows.map((row) => row.resource_id);
  await client.query('SELECT id FROM resource WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE', [ids]);
  const current = await currentRecords(client, ids);
  const since = await sinceThen(client, rows, runId);
  const fates = new Map<number, Fate>();
  for (const row of rows)
    fates.set(row.position, fateOf(row, current.get(row.resource_id), since.get(row.resource_id), runId));
  const doomed = (outcome: UndoRow['outcome'], fate: Fate) =>
    rows.filter((row) => row.outcome === outcome && fates.get(row.position) === fate);
  await takeAway(
    client,
    doomed('new', 'done').map((row) => row.resource_id),
    runId,
  );
  await takeOff(
    client,
    doomed('new', 'withdrawn').map((row) => row.resource_id),
    at,
  );
  await putBack(client, doomed('changed', 'done'), at);
  await putOnShelf(
    client,
    doomed('withdrawn', 'done').map((row) => row.resource_id),
    at,
  );
  const dirty = rows
    .filter((row) => ['done', 'withdrawn'].includes(fates.get(row.position) ?? ''))
    .map((row) => row.resource_id);
  if (dirty.length > 0) await client.query('SELECT mark_dirty($1::uuid[], 1::smallint)', [dirty]);
  return fates;
}

async function sinceThen(
  client: Pick<Pool | PoolClient, 'query'>,
  rows: readonly UndoRow[],
  runId: string,
): Promise<Map<string, Since>> {
  const { rows: found } = await client.query<Since>(
    `SELECT r.id, v.number, i.run_id,
       EXISTS (SELECT 1 FROM resource a WHERE a.adapted_from_id = r.id AND a.adapted_from_version >= coalesce(v.number, 1)
                 AND NOT EXISTS (SELECT 1 FROM import_record own WHERE own.resource_id = a.id AND own.run_id = $3 AND a.owner_id IS NULL)) AS adapted,
       r.checked_at >= v.published_at OR EXISTS (
         SELECT 1 FROM alignment c WHERE c.resource_id = r.id AND c.checked_at >= v.published_at) AS checked,
       EXISTS (SELECT 1 FROM alignment c WHERE c.resource_id = r.id AND c.claimed_as IN ('curator', 'colleague') AND c.from_version >= coalesce(v.number, 1)) AS aligned,
       EXISTS (SELECT 1 FROM version d WHERE d.resource_id = r.id AND d.number IS NULL AND d.id <> n.version_id) AS draft,
       EXISTS (SELECT 1 FROM use_mark u WHERE u.resource_id = r.id)
         OR EXISTS (SELECT 1 FROM collection_item ci WHERE ci.resource_id = r.id) AS in_use
     FROM unnest($1::uuid[], $2::uuid[]) AS n (resource_id, version_id)
       JOIN resource r ON r.id = n.resource_id LEFT JOIN version v ON v.id = n.version_id
       LEFT JOIN import_record i ON i.resource_id = r.id`,
    [rows.map((row) => row.resource_id), rows.map((row) => row.version_id), runId],
  );
  return new Map(found.map((row) => [row.id, row]));
}

function fateOf(row: UndoRow, current: Current | undefined, since: Since | undefined, runId: string): Fate {
  if (!current || !since || current.state === 'purged') return 'gone';
  if (row.outcome === 'withdrawn')
    return current.state === 'withdrawn' && current.withdrawnByImport ? 'done' : 'edited';
  if (current.versionId !== row.version_id || current.state === 'withdrawn')
    return since.run_id === runId ? 'edited' : 'later_import';
  if (since.adapted) return 'adapted';
  if (since.checked === true) return 'checked';
  if (since.draft || wasCorrected(row, current)) return 'edited';
  if (row.outcome === 'changed') return row.before !== null && 'number' in row.before ? 'done' : 'edited';
  if (since.aligned) return 'edited';
  return since.in_use ? 'withdrawn' : 'done';
}

/** Whether the resource no longer says what the run wrote, apart from what the run itself left as staff had it. */
function wasCorrected(row: UndoRow, current: Current): boolean {
  const { written, record } = current;
  if (!written) return true;
  const kept = new Set((row.changes ?? []).filter((change) => change.kept).map(({ field }) => field));
  const fields = RECORD_FIELDS.filter((field) => field !== 'adaptedFrom' && !kept.has(field));
  if (fields.some((field) => writtenHash(written, field) !== fieldHash(record, field))) return true;
  const claims = new Set(current.claims.map(claimHash));
  return !kept.has('claims') && written.claims.some((claim) => !claims.has(claim));
}
