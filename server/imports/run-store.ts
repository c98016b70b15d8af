import type { Pool, PoolClient } from 'pg';
import type { Deps } from '../deps.ts';
import type { MessageKey, MessageParams } from '../locale/locale.ts';
import type { Visibility } from '../resources/resource-policy.ts';
import { noCounts, type RunCounts } from './run-counts.ts';
import { runOptions, type RunOptions } from './run-options.ts';

/** The rows of `import_run` and `import_source`, as everybody reads them. */

export type RunState =
  'planned' | 'running' | 'paused' | 'cancelled' | 'done' | 'failed' | 'undoing' | 'undone';

export type RunReason = { key: MessageKey; params: MessageParams };

/** A run with its source. */
export type ImportRun = {
  id: string;
  state: RunState;
  sourceId: string;
  source: string;
  districtId: string;
  districtSlug: string;
  districtName: string;
  widest: Visibility;
  door: 'command' | 'api' | 'browser';
  personId: string | null;
  dryRun: boolean;
  options: RunOptions;
  mapping: { name: string; version: number; text: string } | null;
  input: { sha256: string; name: string; size: number };
  stage: 'rows' | 'missing' | 'over';
  rowsDone: number;
  bytesDone: number;
  undoFrom: number | null;
  counts: RunCounts;
  reason: RunReason | null;
  createdAt: Date;
  startedAt: Date | null;
  updatedAt: Date;
  finishedAt: Date | null;
};

type Client = Pick<Pool | PoolClient, 'query'>;

type RunRow = {
  run: Omit<ImportRun, 'counts' | 'options' | 'createdAt' | 'startedAt' | 'updatedAt' | 'finishedAt'> & {
    counts: Partial<RunCounts>;
    options: unknown;
  };
  created_at: Date;
  started_at: Date | null;
  updated_at: Date;
  finished_at: Date | null;
};

const runSelect = `
  SELECT json_build_object('id', r.id, 'state', r.state, 'sourceId', r.source_id, 'source', s.name, 'districtId', s.district_id,
      'districtSlug', o.slug, 'districtName', o.name, 'widest', s.widest, 'door', r.door, 'personId', r.person_id, 'dryRun', r.dry_run,
      'options', r.options, 'mapping', CASE WHEN m.id IS NULL THEN NULL ELSE json_build_object('name', m.name, 'version', m.version, 'text', m.text) END,
      'input', json_build_object('sha256', r.input_sha256, 'name', r.input_name, 'size', r.input_size),
      'stage', r.stage, 'rowsDone', r.rows_done, 'bytesDone', r.bytes_done, 'undoFrom', r.undo_from, 'counts', r.counts, 'reason', r.reason) AS run,
    r.created_at, r.started_at, r.updated_at, r.finished_at
  FROM import_run r JOIN import_source s ON s.id = r.source_id JOIN organization o ON o.id = s.district_id
    LEFT JOIN import_mapping m ON m.id = r.mapping_id`;

const toRun = ({ run, created_at, started_at, updated_at, finished_at }: RunRow): ImportRun => ({
  ...run,
  counts: { ...noCounts(), ...run.counts },
  options: runOptions.parse(run.options),
  createdAt: created_at,
  startedAt: started_at,
  updatedAt: updated_at,
  finishedAt: finished_at,
});

/** A run by its id. The caller has decided who may see it. */
export async function findRun(client: Client, id: string): Promise<ImportRun | undefined> {
  const { rows } = await client.query<RunRow>(`${runSelect} WHERE r.id = $1`, [id]);
  return rows[0] && toRun(rows[0]);
}

/** The runs of a district, newest first. */
export async function listRuns(
  client: Client,
  { districtId, limit, before = null }: { districtId: string; limit: number; before?: string | null },
): Promise<ImportRun[]> {
  const { rows } = await client.query<RunRow>(
    `${runSelect} WHERE s.district_id = $1 AND ($3::uuid IS NULL OR r.id < $3) ORDER BY r.id DESC LIMIT $2`,
    [districtId, limit, before],
  );
  return rows.map(toRun);
}

/** The content of the newest run of a source that was read from a file of this name, if it is still kept. */
export async function lastInput(
  { pool, files }: Pick<Deps, 'pool' | 'files'>,
  { districtId, source, name }: { districtId: string; source: string; name: string },
): Promise<string | undefined> {
  const { rows } = await pool.query<{ sha256: string }>(
    `SELECT r.input_sha256 AS sha256 FROM import_run r JOIN import_source s ON s.id = r.source_id
     WHERE s.district_id = $1 AND s.name = $2 AND r.input_name = $3 ORDER BY r.id DESC LIMIT 1`,
    [districtId, source, name],
  );
  const [last] = rows;
  return last && (await files.size(last.sha256)) !== undefined ? last.sha256 : undefined;
}

/** Runs of a source that somebody has to work on, oldest first. */
export async function openRuns(client: Client, sourceId: string): Promise<ImportRun[]> {
  const { rows } = await client.query<RunRow>(
    `${runSelect} WHERE r.source_id = $1 AND r.state IN ('planned', 'running', 'undoing') ORDER BY r.id`,
    [sourceId],
  );
  return rows.map(toRun);
}

/** Sources that have such runs, and whether somebody waits for one of them in a browser. */
export async function openSources(client: Client): Promise<{ id: string; door: ImportRun['door'] }[]> {
  const { rows } = await client.query<{ id: string; door: ImportRun['door'] }>(
    `SELECT source_id AS id, CASE WHEN bool_or(door = 'browser') THEN 'browser' ELSE min(door) END AS door
     FROM import_run WHERE state IN ('planned', 'running', 'undoing') GROUP BY source_id`,
  );
  return rows;
}

/** Why a run waits whose files had no room: it goes on by itself. */
export const DISK_FULL_REASON = 'import.paused.diskFull' satisfies MessageKey;

/** Runs that wait for room on the disk, oldest first. */
export async function runsWaitingForRoom(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT id FROM import_run WHERE state = 'paused' AND reason->>'key' = $1 ORDER BY id`,
    [DISK_FULL_REASON],
  );
  return rows.map(({ id }) => id);
}

/** Runs under way that nothing has happened to for an hour, although whoever works looks each minute. */
export async function idleRuns(
  client: Client,
): Promise<{ id: string; sourceId: string; source: string; door: ImportRun['door'] }[]> {
  const { rows } = await client.query<{
    id: string;
    sourceId: string;
    source: string;
    door: ImportRun['door'];
  }>(
    `SELECT r.id, r.source_id AS "sourceId", s.name AS source, r.door FROM import_run r JOIN import_source s ON s.id = r.source_id
     WHERE r.state IN ('running', 'undoing') AND r.updated_at < now() - interval '1 hour' ORDER BY r.id`,
  );
  return rows;
}

/** The run belongs to somebody else now, or was put into another state: whoever worked on it stops. */
export class RunLost extends Error {
  constructor() {
    super('the run is in other hands');
    this.name = 'RunLost';
  }
}

/** Says that this process works on the run from now on. @throws RunLost when it is no longer to be worked on */
export async function takeRun(client: Client, run: ImportRun, holder: string, at: Date): Promise<void> {
  const { rowCount } = await client.query(
    `UPDATE import_run SET holder = $2, state = CASE state WHEN 'planned' THEN 'running' ELSE state END,
       started_at = coalesce(started_at, $3), updated_at = $3, reason = NULL
     WHERE id = $1 AND state IN ('planned', 'running', 'undoing')`,
    [run.id, holder, at],
  );
  if (rowCount === 0) throw new RunLost();
}

/**
 * Writes how far a run is, in the transaction of what it did.
 * @returns what somebody asked for meanwhile
 * @throws RunLost, so that the transaction comes to nothing when another process has the run
 */
export async function checkpoint(
  client: Client,
  runId: string,
  holder: string,
  at: {
    stage: ImportRun['stage'];
    rowsDone: number;
    bytesDone: number;
    undoFrom: number | null;
    counts: RunCounts;
    at: Date;
  },
): Promise<'cancel' | null> {
  const { rows } = await client.query<{ asked: 'cancel' | null }>(
    `UPDATE import_run SET stage = $3, rows_done = $4, bytes_done = $5, undo_from = $6, counts = $7, updated_at = $8
     WHERE id = $1 AND holder = $2 AND state IN ('running', 'undoing') RETURNING asked`,
    [runId, holder, at.stage, at.rowsDone, at.bytesDone, at.undoFrom, JSON.stringify(at.counts), at.at],
  );
  if (!rows[0]) throw new RunLost();
  return rows[0].asked;
}

/** Ends the work on a run, for now or for good. @throws RunLost */
export async function endRun(
  client: Client,
  runId: string,
  holder: string,
  to: { state: Exclude<RunState, 'planned' | 'running' | 'undoing'>; reason?: RunReason | null; at: Date },
): Promise<void> {
  const { rowCount } = await client.query(
    `UPDATE import_run SET state = $3::text, reason = $4, holder = NULL, asked = NULL, updated_at = $5::timestamptz,
       finished_at = CASE WHEN $3::text = 'paused' THEN NULL ELSE $5::timestamptz END
     WHERE id = $1 AND holder = $2`,
    [runId, holder, to.state, to.reason ? JSON.stringify(to.reason) : null, to.at],
  );
  if (rowCount === 0) throw new RunLost();
}
