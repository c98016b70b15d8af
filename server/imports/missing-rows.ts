import type { PoolClient } from 'pg';
import { withTransaction } from '../platform/database/transaction.ts';
import { insertRows } from './insert-rows.ts';
import { RunCancelled, RunPaused, type RunContext } from './run-context.ts';
import { addCounts, noCounts } from './run-counts.ts';
import { checkpoint } from './run-store.ts';
import type { SeenIds } from './seen-ids.ts';

const PAGE = 2000;

/** When a larger share of a source would go, somebody is asked first. */
const MANY = 0.05;

type Standing = { id: string; external_id: string; position: number };

/**
 * Tells which resources of the source the file no longer has, and takes them off the shelf where the run was told to. A
 * file that was cut, or has rows whose id can't be read, says nothing about what is missing: then nothing goes.
 * @throws RunPaused when more than one in twenty would go and nobody has agreed to that
 */
export async function handleMissing(context: RunContext, seen: SeenIds): Promise<void> {
  const { deps, run } = context;
  const wanted = run.options.onMissing === 'withdraw' && run.counts.unreadable === 0 && !run.dryRun;
  if (wanted && !run.options.withdrawMany) {
    let standing = 0;
    let missing = 0;
    for await (const page of standingPages(context)) {
      standing += page.length;
      missing += page.filter(({ external_id: id }) => !seen.has(id)).length;
    }
    if (missing > standing * MANY)
      throw new RunPaused({ key: 'import.paused.manyMissing', params: { count: missing, of: standing } });
  }
  // A run that was stopped here begins the list anew: what is withdrawn is no longer on it.
  let position = run.rowsDone;
  if (!wanted) await forgetMissing(context);
  for await (const page of standingPages(context)) {
    const missing = page.filter(({ external_id: id }) => !seen.has(id));
    if (missing.length === 0) continue;
    const from = Math.max(position, await lastPosition(context));
    const placed = missing.map((row, index) => ({ ...row, position: from + index + 1 }));
    position = from + missing.length;
    await commitPage(context, placed, wanted);
  }
  deps.log.debug({ run: run.id, missing: run.counts.missing }, 'Looked for what the file no longer has');
}

/** Published resources that an import of this source brought in, page by page. */
async function* standingPages({
  deps: { pool },
  run,
  signal,
}: RunContext): AsyncGenerator<Omit<Standing, 'position'>[]> {
  let after = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    signal.throwIfAborted();
    const { rows } = await pool.query<Omit<Standing, 'position'>>(
      `SELECT r.id, r.external_id FROM import_record i JOIN resource r ON r.id = i.resource_id
       WHERE i.source_id = $1 AND i.resource_id > $2 AND r.state = 'published' AND r.district_id = $4 AND r.source = $5
       ORDER BY i.resource_id LIMIT $3`,
      [run.sourceId, after, PAGE, run.districtId, run.source],
    );
    const last = rows.at(-1);
    if (!last) return;
    yield rows;
    after = last.id;
  }
}

async function lastPosition({ deps: { pool }, run }: RunContext): Promise<number> {
  const { rows } = await pool.query<{ last: number | null }>(
    'SELECT max(position) AS last FROM import_row WHERE run_id = $1',
    [run.id],
  );
  return rows[0]?.last ?? 0;
}

async function forgetMissing({ deps: { pool }, run }: RunContext): Promise<void> {
  await pool.query(`DELETE FROM import_row WHERE run_id = $1 AND outcome = 'missing'`, [run.id]);
  run.counts = { ...run.counts, missing: 0 };
}

async function commitPage(context: RunContext, missing: Standing[], withdraw: boolean): Promise<void> {
  const { deps, run, holder, write } = context;
  const at = deps.clock.now();
  const { asked, counts } = await withTransaction(deps.pool, async (client) => {
    const gone = withdraw ? await withdrawRows(client, missing, at) : new Map<string, string>();
    await insertRows(
      client,
      'import_row',
      missing.map(({ id, external_id, position }) => ({
        run_id: run.id,
        position,
        outcome: gone.has(id) ? 'withdrawn' : 'missing',
        external_id,
        resource_id: id,
        before: gone.has(id) ? { versionId: gone.get(id) } : null,
      })),
    );
    const counts = addCounts(run.counts, { ...noCounts(), missing: missing.length, withdrawn: gone.size });
    const place = {
      stage: 'missing' as const,
      rowsDone: run.rowsDone,
      bytesDone: run.bytesDone,
      undoFrom: null,
    };
    return { counts, asked: await checkpoint(client, write.runId, holder, { ...place, counts, at }) };
  });
  run.counts = counts;
  context.progress(run);
  if (asked === 'cancel') throw new RunCancelled();
}

/**
 * Takes resources off the shelf, as an import does: an import may put them back.
 * @returns the ids that went, with the version that stood
 */
export async function withdrawRows(
  client: PoolClient,
  missing: readonly { id: string }[],
  at: Date,
): Promise<Map<string, string>> {
  const ids = missing.map(({ id }) => id);
  await client.query('SELECT id FROM resource WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE', [ids]);
  const { rows } = await client.query<{ id: string; version_id: string }>(
    `UPDATE resource SET state = 'withdrawn', withdrawn_at = $2, withdrawn_reason = NULL, updated_at = $2
     WHERE id = ANY ($1::uuid[]) AND state = 'published' RETURNING id, current_version_id AS version_id`,
    [ids, at],
  );
  const gone = rows.map(({ id }) => id);
  await client.query('UPDATE import_record SET withdrawn = true WHERE resource_id = ANY ($1::uuid[])', [
    gone,
  ]);
  if (gone.length > 0) await client.query('SELECT mark_dirty($1::uuid[], 1::smallint)', [gone]);
  return new Map(rows.map(({ id, version_id }) => [id, version_id]));
}
