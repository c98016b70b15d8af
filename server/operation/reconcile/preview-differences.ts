import type { Pool } from 'pg';
import type { Deps } from '../../deps.ts';
import { orphansBefore } from '../../files/file-collector.ts';
import { drawAgain } from '../../files/blob-queue.ts';
import type { DerivedEntry } from '../../platform/file-store/file-store.ts';
import { AT_ONCE, byContent } from './by-content.ts';
import { difference, type Difference } from './difference.ts';

type PreviewDeps = Pick<Deps, 'pool' | 'files' | 'clock'>;

/** Pictures of pages: rows against the disk, and the disk against rows. */
export async function* previewDifferences(deps: PreviewDeps): AsyncGenerator<Difference> {
  yield* rowsWithoutPicture(deps);
  yield* picturesWithoutRow(deps);
}

/** One for each content, however many of its pictures are missing: they are drawn together. */
async function* rowsWithoutPicture({ pool, files }: PreviewDeps): AsyncGenerator<Difference> {
  const rows = byContent((after) =>
    pool.query<{ sha256: string; names: string[] }>(
      `SELECT b.sha256, ARRAY(SELECT p.name FROM blob_preview p WHERE p.sha256 = b.sha256) AS names FROM blob b
       WHERE b.sha256 > $1 AND b.damage IS NULL ORDER BY b.sha256 LIMIT $2`,
      [after, AT_ONCE],
    ),
  );
  for await (const { sha256, names } of rows) {
    let count = 0;
    for (const name of names) if (!(await files.derivedSize(sha256, name))) count += 1;
    if (count > 0 && (await rowExists(pool, sha256)))
      yield difference('previewMissing', sha256, { count }, { mend: () => drawAgain(pool, sha256) });
  }
}

const rowExists = async (pool: Pool, sha256: string): Promise<boolean> =>
  (await pool.query('SELECT 1 FROM blob WHERE sha256 = $1', [sha256])).rowCount === 1;

async function* picturesWithoutRow(deps: PreviewDeps): AsyncGenerator<Difference> {
  // Drawn a moment ago, their rows may be on their way.
  const before = orphansBefore(deps.clock.now());
  let batch: DerivedEntry[] = [];
  for await (const entry of deps.files.listDerived()) {
    if (entry.madeAt < before) batch.push(entry);
    if (batch.length < AT_ONCE) continue;
    yield* await unknownOf(deps, batch);
    batch = [];
  }
  yield* await unknownOf(deps, batch);
}

async function unknownOf({ pool, files }: PreviewDeps, batch: DerivedEntry[]): Promise<Difference[]> {
  const { rows } = await pool.query<{ sha256: string; name: string }>(
    `SELECT d.sha256, d.name FROM unnest($1::text[], $2::text[]) AS d (sha256, name)
     WHERE NOT EXISTS (SELECT 1 FROM blob_preview p WHERE p.sha256 = d.sha256 AND p.name = d.name)`,
    [batch.map(({ sha256 }) => sha256), batch.map(({ name }) => name)],
  );
  return rows.map(({ sha256, name }) => {
    const mend = async () => files.removeDerived(sha256, name).then(() => true);
    return difference('previewUnknown', sha256, { name }, { passing: true, mend });
  });
}
