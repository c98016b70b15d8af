import type { PoolClient } from 'pg';
import { audit } from '../audit/audit-service.ts';
import type { Deps } from '../deps.ts';
import { conflict, notFound } from '../errors.ts';
import { holdContent } from '../files/file-collector.ts';
import type { Origin } from '../lib/origin.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import { enqueue, jobPriority } from '../platform/job-queue/job-queue.ts';
import type { RunOptions } from './run-options.ts';
import { findRun, type ImportRun } from './run-store.ts';

/** How long a run may be undone, and its file is kept. */
export const UNDO_DAYS = 30;

/** Name of the job that works on the runs of a source. */
export const importTask = 'import-source';

type RunDeps = Pick<Deps, 'pool' | 'clock'>;

/** A district's catalog by its name; made where it isn't there yet. */
export async function sourceOf(
  client: Pick<PoolClient, 'query'>,
  districtId: string,
  name: string,
): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO import_source AS s (district_id, name) VALUES ($1, $2)
     ON CONFLICT (district_id, name) DO UPDATE SET name = s.name RETURNING id`,
    [districtId, name],
  );
  return rows[0]!.id;
}

/** A source's name as it may be: lower-case letters, digits, and dots, dashes or underscores between them. */
export const SOURCE_NAME = /^(?=.{1,60}$)[a-z0-9]+(?:[._-][a-z0-9]+)*$/;

/**
 * Begins a run: notes who wants which stored file brought in, and how. Nothing is read yet. `work` true asks the
 * workers to do it; a door that does it itself leaves that out.
 * @param input.sha256 of content in the file store
 * @returns the id of the run
 */
export async function createRun(
  { pool, clock }: RunDeps,
  run: {
    districtId: string;
    source: string;
    door: ImportRun['door'];
    personId: string | null;
    dryRun: boolean;
    options: RunOptions;
    mappingId: string | null;
    input: { sha256: string; name: string; size: number };
    work: boolean;
  },
  origin: Origin,
): Promise<string> {
  return withTransaction(pool, async (client) => {
    const sourceId = await sourceOf(client, run.districtId, run.source);
    const { rows } = await client.query<{ id: string }>(
      `INSERT INTO import_run (source_id, door, person_id, dry_run, options, mapping_id, input_sha256, input_name, input_size, created_at, updated_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10) RETURNING id`,
      [
        sourceId,
        run.door,
        run.personId,
        run.dryRun,
        JSON.stringify(run.options),
        run.mappingId,
        run.input.sha256,
        run.input.name.slice(0, 200),
        run.input.size,
        clock.now(),
      ],
    );
    const id = rows[0]!.id;
    const until = new Date(clock.now().getTime() + UNDO_DAYS * 86_400_000);
    await holdContent(client, { sha256: run.input.sha256, holder: `import_run:${id}`, until });
    await audit(client, {
      actorId: run.personId,
      action: 'import.begun',
      objectType: 'import_run',
      objectId: id,
      organizationId: run.districtId,
      detail: { source: run.source, dryRun: run.dryRun, door: run.door },
      ...origin,
    });
    if (run.work) await askWorkers(client, sourceId, run.door);
    return id;
  });
}

/** Has a worker work on what a source has open; `door` browser: somebody waits for it. */
export async function askWorkers(
  client: Parameters<typeof enqueue>[0],
  sourceId: string,
  door: ImportRun['door'] = 'command',
): Promise<void> {
  await enqueue(
    client,
    importTask,
    { sourceId },
    {
      jobKey: `${importTask}:${sourceId}`,
      priority: door === 'browser' ? jobPriority.people : jobPriority.imports,
    },
  );
}

/** The run, locked, for a change. The caller has decided who may. @throws 404 */
async function lockRun(client: PoolClient, id: string): Promise<ImportRun> {
  await client.query('SELECT id FROM import_run WHERE id = $1 FOR UPDATE', [id]);
  const run = await findRun(client, id);
  if (!run) throw notFound();
  return run;
}

type By = { runId: string; personId: string | null; work: boolean };

/**
 * Asks a run to stop after the batch that is under way; one that nobody works on yet stops at once. What is in stays.
 * @throws 404, 409 when it is over
 */
export async function cancelRun(
  { pool, clock }: RunDeps,
  { runId, personId }: By,
  origin: Origin,
): Promise<void> {
  await withTransaction(pool, async (client) => {
    const run = await lockRun(client, runId);
    if (run.state === 'cancelled') return;
    if (!['planned', 'running', 'paused'].includes(run.state)) throw conflict('import.notOpen');
    await client.query(
      run.state === 'running'
        ? `UPDATE import_run SET asked = 'cancel', updated_at = $2 WHERE id = $1`
        : `UPDATE import_run SET state = 'cancelled', holder = NULL, updated_at = $2, finished_at = $2 WHERE id = $1`,
      [runId, clock.now()],
    );
    await log(client, run, 'import.cancel_asked', personId, origin);
  });
}

/**
 * Lets a run that was cancelled, paused or failed go on where it stopped. `options` are changed with it: the answer to
 * what it paused for.
 * @throws 404, 409 when it isn't waiting
 */
export async function resumeRun(
  { pool, clock }: RunDeps,
  { runId, personId, work, options = {} }: By & { options?: Partial<RunOptions> },
  origin: Origin,
): Promise<void> {
  await withTransaction(pool, async (client) => {
    const run = await lockRun(client, runId);
    if (run.state === 'planned' || run.state === 'running') return;
    if (!['cancelled', 'paused', 'failed'].includes(run.state)) throw conflict('import.notWaiting');
    // What failed while it was taken back goes on being taken back.
    const state = run.undoFrom === null ? 'running' : 'undoing';
    await client.query(
      `UPDATE import_run SET state = $2, options = $3, holder = NULL, asked = NULL, reason = NULL, finished_at = NULL, updated_at = $4 WHERE id = $1`,
      [runId, state, JSON.stringify({ ...run.options, ...options }), clock.now()],
    );
    // How long it lay still: the page of the run doesn't count it as work.
    const waited = Math.max(0, Math.round((clock.now().getTime() - run.updatedAt.getTime()) / 1000));
    await log(client, run, 'import.resumed', personId, origin, { waited });
    if (work) await askWorkers(client, run.sourceId, run.door);
  });
}

/**
 * Has everything taken back that a run did. Within 30 days; what was changed or adapted since stays, and says why.
 * @throws 404, 409 where there is nothing to take back
 */
export async function startUndo(
  { pool, clock }: RunDeps,
  { runId, personId, work }: By,
  origin: Origin,
): Promise<void> {
  await withTransaction(pool, async (client) => {
    const run = await lockRun(client, runId);
    if (run.state === 'undoing') return;
    if (run.dryRun || !['done', 'cancelled', 'failed', 'paused'].includes(run.state))
      throw conflict('import.notUndoable');
    const age = clock.now().getTime() - run.createdAt.getTime();
    if (age > UNDO_DAYS * 86_400_000) throw conflict('import.tooOldToUndo', { days: UNDO_DAYS });
    await client.query(
      `UPDATE import_run SET state = 'undoing', stage = 'over', holder = NULL, asked = NULL, reason = NULL, finished_at = NULL, updated_at = $2,
         undo_from = coalesce((SELECT max(position) FROM import_row WHERE run_id = $1), 0) + 1 WHERE id = $1`,
      [runId, clock.now()],
    );
    await log(client, run, 'import.undo_begun', personId, origin);
    if (work) await askWorkers(client, run.sourceId, run.door);
  });
}

const log = (
  client: PoolClient,
  run: ImportRun,
  action: string,
  actorId: string | null,
  origin: Origin,
  detail: Record<string, unknown> = {},
) =>
  audit(client, {
    actorId,
    action,
    objectType: 'import_run',
    objectId: run.id,
    organizationId: run.districtId,
    detail: { source: run.source, ...detail },
    ...origin,
  });

/**
 * A run of the same file into the same source, begun in the same way, that is not over: the same command again goes on
 * with it instead of beginning anew.
 */
export async function findUnfinished(
  { pool }: RunDeps,
  run: {
    districtId: string;
    source: string;
    dryRun: boolean;
    options: RunOptions;
    mappingId: string | null;
    input: { sha256: string };
  },
): Promise<ImportRun | undefined> {
  const { rows } = await pool.query<{ id: string }>(
    `SELECT r.id FROM import_run r JOIN import_source s ON s.id = r.source_id
     WHERE s.district_id = $1 AND s.name = $2 AND r.dry_run = $3 AND r.input_sha256 = $4 AND r.state IN ('planned', 'running', 'paused')
       AND r.options->>'onMissing' = $5 AND r.options->>'strict' = $6 AND r.mapping_id IS NOT DISTINCT FROM $7::uuid
     ORDER BY r.id DESC LIMIT 1`,
    [
      run.districtId,
      run.source,
      run.dryRun,
      run.input.sha256,
      run.options.onMissing,
      String(run.options.strict),
      run.mappingId,
    ],
  );
  return rows[0] && findRun(pool, rows[0].id);
}

/** How many rows are deleted at once. */
const TIDY_ROWS = 5000;

/**
 * Forgets the rows of runs that can't be taken back any more; their counts stay.
 * @returns how many rows went
 */
export async function tidyRuns({ pool, clock }: RunDeps): Promise<number> {
  const before = new Date(clock.now().getTime() - UNDO_DAYS * 86_400_000);
  let removed = 0;
  for (;;) {
    const { rowCount } = await pool.query(
      `DELETE FROM import_row WHERE ctid = ANY (ARRAY(
         SELECT r.ctid FROM import_row r JOIN import_run u ON u.id = r.run_id
         WHERE u.created_at < $1 AND u.state IN ('done', 'cancelled', 'failed', 'undone') LIMIT $2))`,
      [before, TIDY_ROWS],
    );
    removed += rowCount ?? 0;
    if ((rowCount ?? 0) < TIDY_ROWS) return removed;
  }
}
