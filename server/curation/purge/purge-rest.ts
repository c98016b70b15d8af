import type { Deps } from '../../deps.ts';
import { audit } from '../../audit/audit-service.ts';
import { destroyContent } from '../../files/file-collector.ts';
import { withTransaction } from '../../platform/database/transaction.ts';
import { enqueue, jobPriority } from '../../platform/job-queue/job-queue.ts';

type PurgeDeps = Pick<Deps, 'pool' | 'files' | 'log' | 'clock'>;

/** Seconds until it looks again whether the search has let go, and whether an import that is under way is over. */
const AGAIN_SECONDS = { search: 3, imports: 600 };

/**
 * What a purge still has to do after its transaction: rows and inputs of imports, files, words of the search. Every step
 * looks at what is there, so that it can be cut off anywhere and begun again.
 * @returns whether everything is done; otherwise it has asked to be called again
 */
export async function finishPurge(deps: PurgeDeps, resourceId: string): Promise<boolean> {
  const { pool } = deps;
  const { rows } = await pool.query<{ contents: string[] }>(
    'SELECT contents FROM purge WHERE resource_id = $1 AND finished_at IS NULL',
    [resourceId],
  );
  const [purge] = rows;
  if (!purge) return true;
  await scrubImportRows(deps, resourceId);
  const openRuns = await destroyInputs(deps, resourceId);
  for (const sha256 of purge.contents) await destroyContent(deps, sha256);
  await pool.query(
    `DELETE FROM district_content d WHERE d.stored_sha256 = ANY ($1::text[]) AND NOT EXISTS (SELECT 1 FROM blob b WHERE b.sha256 = d.stored_sha256)`,
    [purge.contents],
  );
  await pool.query(
    `DELETE FROM import_address a WHERE a.stored_sha256 = ANY ($1::text[]) AND NOT EXISTS (SELECT 1 FROM blob b WHERE b.sha256 = a.stored_sha256)`,
    [purge.contents],
  );
  if (await isIndexed(deps, resourceId)) return again(deps, resourceId, AGAIN_SECONDS.search);
  await forgetWords(deps, resourceId);
  if (openRuns) return again(deps, resourceId, AGAIN_SECONDS.imports);
  await withTransaction(pool, async (client) => {
    const { rowCount } = await client.query(
      `UPDATE purge SET finished_at = $2, contents = '{}', words = '{}' WHERE resource_id = $1 AND finished_at IS NULL`,
      [resourceId, deps.clock.now()],
    );
    if (rowCount)
      await audit(client, {
        actorId: null,
        action: 'resource.purge_finished',
        objectType: 'resource',
        objectId: resourceId,
      });
  });
  return true;
}

async function again({ pool, clock }: PurgeDeps, resourceId: string, seconds: number): Promise<boolean> {
  await enqueue(
    pool,
    'purge-rest',
    { resourceId },
    {
      jobKey: `purge-rest:${resourceId}`,
      priority: jobPriority.people,
      runAt: new Date(clock.now().getTime() + seconds * 1000),
    },
  );
  return false;
}

/** What reports of imports say about it: only that there was a row. Values that nobody knew are counted down. */
async function scrubImportRows({ pool }: PurgeDeps, resourceId: string): Promise<void> {
  await pool.query(
    `WITH mine AS MATERIALIZED (
       SELECT run_id, position, gaps FROM import_row
       WHERE resource_id = $1 AND coalesce(faults, gaps, changes, before, likely) IS NOT NULL),
     fewer AS (
       UPDATE import_gap g SET rows = g.rows - 1 FROM mine, jsonb_array_elements(CASE jsonb_typeof(mine.gaps) WHEN 'array' THEN mine.gaps ELSE '[]' END) gap
       WHERE g.run_id = mine.run_id AND g.field = gap ->> 'field' AND g.reason = gap ->> 'reason' AND g.value = gap ->> 'value')
     UPDATE import_row r SET faults = NULL, gaps = NULL, changes = NULL, before = NULL, likely = NULL
     FROM mine WHERE r.run_id = mine.run_id AND r.position = mine.position`,
    [resourceId],
  );
  await pool.query('DELETE FROM import_gap WHERE rows <= 0');
}

/**
 * The files that catalogs came in hold the row as it was sent: those of runs that are over go.
 * @returns whether a run of such a source is still under way
 */
async function destroyInputs(deps: PurgeDeps, resourceId: string): Promise<boolean> {
  const { rows } = await deps.pool.query<{ id: string; sha256: string; open: boolean }>(
    `SELECT r.id, r.input_sha256 AS sha256, r.state IN ('planned', 'running', 'paused', 'undoing') AS open
     FROM import_record i JOIN import_run r ON r.source_id = i.source_id WHERE i.resource_id = $1`,
    [resourceId],
  );
  const used = new Set(rows.flatMap(({ open, sha256 }) => (open ? [sha256] : [])));
  for (const { id, sha256, open } of rows) {
    if (open) continue;
    await deps.pool.query('DELETE FROM content_hold WHERE holder = $1', [`import_run:${id}`]);
    if (!used.has(sha256)) await destroyContent(deps, sha256);
  }
  return used.size > 0;
}

/** Whether an index still has it, or an engine hasn't said yet that it let go. */
async function isIndexed({ pool }: PurgeDeps, resourceId: string): Promise<boolean> {
  const { rows } = await pool.query<{ indexed: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM search_dirty WHERE resource_id = $1)
         OR EXISTS (SELECT 1 FROM search_document WHERE resource_id = $1) AS indexed`,
    [resourceId],
  );
  return rows[0]?.indexed ?? false;
}

/** Words that nothing on the shelf has any more leave the list from which misspellings are mended and words completed. */
async function forgetWords({ pool }: PurgeDeps, resourceId: string): Promise<void> {
  await pool.query(
    `WITH configs AS MATERIALIZED (SELECT DISTINCT config FROM search_document)
     DELETE FROM search_word w USING purge p
     WHERE p.resource_id = $1 AND w.word = ANY (p.words) AND NOT EXISTS (
       SELECT 1 FROM configs c
       JOIN search_document d ON d.words @@ plainto_tsquery(c.config, w.word) OR d.staff_words @@ plainto_tsquery(c.config, w.word))`,
    [resourceId],
  );
}
