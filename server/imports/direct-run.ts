import type { PoolClient } from 'pg';
import { audit } from '../audit/audit-service.ts';
import type { Origin } from '../lib/origin.ts';
import { addGaps } from './batch-writer.ts';
import type { Gap } from './import-record.ts';
import { addCounts, noCounts, type RunCounts } from './run-counts.ts';

/** Of no bytes at all: rows that came one by one have no file. */
const NO_FILE = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** Rows that come one by one go on in the same run for so long, and up to so many, so that a night is one run and not thousands. */
const SAME_RUN_MINUTES = 60;
const SAME_RUN_ROWS = 5000;

export type DirectRun = { id: string; lastPosition: number; fresh: boolean };

type Key = { sourceId: string; districtId: string; source: string; personId: string | null };

/**
 * The run to which rows belong that come without a file: the last one of the source, if it is such a run of the same person
 * and has none of these rows yet (a run is taken back row by row, and what came later before what came first). The caller
 * holds the lock of the source.
 */
export async function openDirectRun(
  client: PoolClient,
  { sourceId, personId }: Key,
  externalIds: readonly string[],
  at: Date,
): Promise<DirectRun> {
  const { rows } = await client.query<{ id: string; last: number }>(
    `SELECT r.id, coalesce((SELECT max(w.position) FROM import_row w WHERE w.run_id = r.id), 0) AS last FROM import_run r
     WHERE r.source_id = $1 AND r.door = 'api' AND r.person_id IS NOT DISTINCT FROM $2 AND r.state = 'done' AND r.input_sha256 = $3
       AND r.created_at > $4 AND NOT EXISTS (SELECT 1 FROM import_row w WHERE w.run_id = r.id AND w.external_id = ANY ($5::text[]))
       AND NOT EXISTS (SELECT 1 FROM import_run later WHERE later.source_id = r.source_id AND later.id > r.id)
     FOR UPDATE OF r SKIP LOCKED`,
    [sourceId, personId, NO_FILE, new Date(at.getTime() - SAME_RUN_MINUTES * 60_000), externalIds],
  );
  const [run] = rows;
  if (run && run.last < SAME_RUN_ROWS) return { id: run.id, lastPosition: run.last, fresh: false };
  const made = await client.query<{ id: string }>(
    `INSERT INTO import_run (source_id, state, door, person_id, input_sha256, input_name, input_size, stage, created_at, started_at, updated_at, finished_at)
     VALUES ($1, 'done', 'api', $2, $3, 'API', 0, 'over', $4, $4, $4, $4) RETURNING id`,
    [sourceId, personId, NO_FILE, at],
  );
  return { id: made.rows[0]!.id, lastPosition: 0, fresh: true };
}

/** Adds up what rows came to. A run that was opened for nothing goes away again. @returns whether the run stays */
export async function closeDirectRun(
  client: PoolClient,
  run: DirectRun,
  key: Key,
  done: { counts: RunCounts; gaps: Gap[]; rows: number; at: Date; origin: Origin },
): Promise<boolean> {
  const { counts } = done;
  if (counts.new + counts.changed + counts.withdrawn + counts.kept === 0) {
    if (run.fresh) await client.query('DELETE FROM import_run WHERE id = $1', [run.id]);
    return !run.fresh;
  }
  const { rows } = await client.query<{ counts: Partial<RunCounts> }>(
    'SELECT counts FROM import_run WHERE id = $1',
    [run.id],
  );
  await client.query(
    `UPDATE import_run SET counts = $2, rows_done = rows_done + $3, updated_at = $4, finished_at = $4 WHERE id = $1`,
    [run.id, JSON.stringify(addCounts({ ...noCounts(), ...rows[0]?.counts }, counts)), done.rows, done.at],
  );
  await addGaps(client, run.id, done.gaps);
  await audit(client, {
    actorId: key.personId,
    action: 'import.rows_sent',
    objectType: 'import_run',
    objectId: run.id,
    organizationId: key.districtId,
    detail: { source: key.source, counts },
    ...done.origin,
  });
  return true;
}
