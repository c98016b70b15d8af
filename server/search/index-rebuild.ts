import type { Pool } from 'pg';
import type { Logger } from '../platform/logger.ts';
import type { Lease } from './index-lease.ts';
import { forgetImported } from './index-queue.ts';
import { readDocuments } from './search-documents.ts';
import {
  EngineDown,
  type IndexBatch,
  type Rebuild,
  type SearchDocument,
  type SearchEngine,
} from './search-port.ts';

export interface RebuildDeps {
  pool: Pool;
  log: Pick<Logger, 'info'>;
  engine: SearchEngine;
  lease: Lease;
  signal: AbortSignal;
  size: () => number;
  paced: (size: number, work: () => Promise<void>) => Promise<void>;
}

const FIRST = '00000000-0000-0000-0000-000000000000';
/** So many batches of changes at most before the next part of the rebuild, so that it ends during an import too. */
const CHANGES_BETWEEN = 5;

/**
 * Builds an engine's index anew beside the one in use and puts it in its place. `drainChanges` brings a batch of what
 * changes meanwhile into both and says whether there was one. When it is interrupted the old index stays, and the next
 * one who indexes starts over.
 */
export async function rebuildIndex(
  deps: RebuildDeps,
  drainChanges: (also: (batch: IndexBatch) => Promise<void>) => Promise<boolean>,
): Promise<void> {
  const { pool, log, engine } = deps;
  const started = performance.now();
  const rebuild = await engine.startRebuild();
  try {
    const done = await fill(deps, rebuild, drainChanges);
    await rebuild.finish();
    // Only where nobody asked for another rebuild meanwhile would this be in vain; then it is simply done again.
    await pool.query(
      `UPDATE search_engine SET settings = $2, synonyms = '', rebuilt_at = clock_timestamp(), down_since = NULL WHERE name = $1`,
      [engine.name, engine.settings],
    );
    log.info(
      { engine: engine.name, resources: done, seconds: Math.round((performance.now() - started) / 1000) },
      'The search index was built anew',
    );
  } catch (error) {
    await rebuild.abandon();
    throw error;
  }
}

async function fill(
  { pool, engine, lease, signal, size, paced }: RebuildDeps,
  rebuild: Rebuild,
  drainChanges: (also: (batch: IndexBatch) => Promise<void>) => Promise<boolean>,
): Promise<number> {
  const { rows } = await pool.query<{ n: number }>(
    `SELECT count(*) AS n FROM resource WHERE state = 'published'`,
  );
  // What changed since a batch was read is in the new index already, newer than there.
  let changed = new Set<string>();
  const also = async (batch: IndexBatch): Promise<void> => {
    if (!rebuild.inPlace) await rebuild.apply(batch);
    for (const id of [...batch.upsert.map((document) => document.id), ...batch.remove]) changed.add(id);
  };
  const read = async (after: string): Promise<ReadBatch> => {
    // A new index is filled in big batches, for each costs much the same; one in use is written at its usual pace.
    const ids = await idsAfter(pool, after, rebuild.inPlace ? size() : engine.batch.most);
    return { ids, documents: await readDocuments(pool, ids) };
  };
  const drain = async (): Promise<void> => {
    for (let batches = 0; batches < CHANGES_BETWEEN && (await drainChanges(also)); batches += 1);
  };
  await forgetImported(pool, engine.name);
  let done = 0;
  await report(pool, engine, 0, rows[0]?.n ?? 0);
  await drain();
  let next = await read(FIRST);
  for (;;) {
    const { ids, documents } = next;
    const last = ids.at(-1);
    if (last === undefined) return done;
    await drain();
    if (signal.aborted || !lease.held) throw new EngineDown('The rebuild was interrupted');
    const upsert = documents.filter(({ id }) => !changed.has(id));
    // The next batch is read while this one is written: what is drained from now on may be older in it than in the index.
    changed = new Set();
    const reading = read(last);
    reading.catch(() => {});
    const write = async () => rebuild.apply({ upsert, remove: [] });
    await (rebuild.inPlace ? paced(ids.length, write) : write());
    next = await reading;
    done += ids.length;
    await report(pool, engine, done);
  }
}

interface ReadBatch {
  ids: string[];
  documents: SearchDocument[];
}

async function idsAfter(pool: Pool, after: string, limit: number): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    `SELECT id FROM resource WHERE id > $1 AND state = 'published' ORDER BY id LIMIT $2`,
    [after, limit],
  );
  return rows.map(({ id }) => id);
}

async function report(
  pool: Pool,
  engine: SearchEngine,
  done: number,
  total: number | null = null,
): Promise<void> {
  await pool.query(
    `UPDATE search_engine SET rebuild_done = $2, rebuild_total = coalesce($3, rebuild_total),
       taken_at = CASE WHEN $2 > 0 THEN clock_timestamp() ELSE taken_at END WHERE name = $1`,
    [engine.name, done, total],
  );
}
