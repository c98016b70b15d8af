import type { Deps } from '../../deps.ts';
import { readAgain } from '../../files/blob-queue.ts';
import { heldSql, orphansBefore, removeContent, withoutFile } from '../../files/file-collector.ts';
import { checkContent } from '../../files/fixity.ts';
import { AT_ONCE, byContent } from './by-content.ts';
import { difference, type Difference } from './difference.ts';

type FileDeps = Pick<Deps, 'pool' | 'files' | 'log' | 'clock' | 'config'>;

interface BlobRow {
  sha256: string;
  size: number;
  damage: string | null;
}

/** Rows against the disk, and the disk against rows. */
export async function* fileDifferences(deps: FileDeps): AsyncGenerator<Difference> {
  yield* rowsWithoutContent(deps);
  yield* rowsWithoutFile(deps);
  yield* contentWithoutRow(deps);
  yield* unread(deps);
}

async function* rowsWithoutContent(deps: FileDeps): AsyncGenerator<Difference> {
  const rows = byContent((after) =>
    deps.pool.query<BlobRow>(
      'SELECT sha256, size, damage FROM blob WHERE sha256 > $1 ORDER BY sha256 LIMIT $2',
      [after, AT_ONCE],
    ),
  );
  for await (const row of rows) {
    const found = await ofContent(deps, row);
    if (found) yield found;
  }
}

async function ofContent(deps: FileDeps, row: BlobRow): Promise<Difference | undefined> {
  const { sha256, size, damage } = row;
  const onDisk = await deps.files.size(sha256);
  if (onDisk === size && damage === null) return undefined;
  const used = await usedBy(deps, sha256);
  // Deleted meanwhile, with its content.
  if (used === undefined) return undefined;
  const mend = async () => (await checkContent(deps, row)).state === 'right';
  if (damage !== null) return difference('fileDamaged', sha256, { count: used, size }, { mend });
  if (onDisk === undefined) return difference('fileMissing', sha256, { count: used, size }, { mend });
  return difference('fileSize', sha256, { count: used, size, onDisk }, { mend });
}

/** How many resources have it; undefined where it has no row any more. */
async function usedBy({ pool }: FileDeps, sha256: string): Promise<number | undefined> {
  const { rows } = await pool.query<{ n: number }>(
    `SELECT (SELECT count(DISTINCT resource_id)::int FROM file f WHERE f.sha256 = b.sha256) AS n FROM blob b WHERE b.sha256 = $1`,
    [sha256],
  );
  return rows[0]?.n;
}

/** What the collector takes away tonight. */
async function* rowsWithoutFile(deps: FileDeps): AsyncGenerator<Difference> {
  const now = deps.clock.now();
  const rows = byContent((after) =>
    deps.pool.query<{ sha256: string; size: number }>(
      `SELECT b.sha256, b.size FROM blob b WHERE b.sha256 > $1 AND b.created_at < $2
         AND NOT EXISTS (SELECT 1 FROM file f WHERE f.sha256 = b.sha256) AND NOT ${heldSql('b.sha256', '$3')}
       ORDER BY b.sha256 LIMIT $4`,
      [after, orphansBefore(now), now, AT_ONCE],
    ),
  );
  for await (const { sha256, size } of rows) yield unused(deps, 'fileUnused', sha256, size);
}

async function* contentWithoutRow(deps: FileDeps): AsyncGenerator<Difference> {
  const before = orphansBefore(deps.clock.now());
  let batch = new Map<string, number>();
  const ask = async () => {
    const free = await withoutFile(deps.pool, [...batch.keys()]);
    const { rows } = await deps.pool.query<{ sha256: string }>(
      `SELECT c.sha256 FROM unnest($1::text[]) AS c (sha256) WHERE NOT EXISTS (SELECT 1 FROM blob b WHERE b.sha256 = c.sha256)
         AND NOT ${heldSql('c.sha256', '$2')}`,
      [free, deps.clock.now()],
    );
    return rows.map(({ sha256 }) => unused(deps, 'fileUnknown', sha256, batch.get(sha256) ?? 0));
  };
  for await (const { sha256, size, receivedAt } of deps.files.list()) {
    if (receivedAt < before) batch.set(sha256, size);
    if (batch.size < AT_ONCE) continue;
    yield* await ask();
    batch = new Map();
  }
  yield* await ask();
}

function unused(
  deps: FileDeps,
  kind: 'fileUnused' | 'fileUnknown',
  sha256: string,
  size: number,
): Difference {
  const mend = () => removeContent(deps, sha256, deps.clock.now());
  return difference(kind, sha256, { size }, { passing: true, mend });
}

/** Content whose text or pages were never made, and no job is left that would. */
async function* unread({ pool }: FileDeps): AsyncGenerator<Difference> {
  const rows = byContent((after) =>
    pool.query<{ sha256: string }>(
      `SELECT b.sha256 FROM blob b WHERE b.sha256 > $1 AND b.created_at < now() - interval '1 hour' AND b.scan_state <> 'infected' AND b.damage IS NULL
         AND (b.text_state = 'pending' OR b.preview_state = 'pending')
         AND NOT EXISTS (SELECT 1 FROM graphile_worker.jobs j WHERE j.key = 'process-blob:' || b.sha256)
       ORDER BY b.sha256 LIMIT $2`,
      [after, AT_ONCE],
    ),
  );
  for await (const { sha256 } of rows)
    yield difference('fileUnread', sha256, {}, { mend: () => readAgain(pool, sha256) });
}
