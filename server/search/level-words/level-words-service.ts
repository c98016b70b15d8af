import { createHash } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import { audit } from '../../audit/audit-service.ts';
import { conflict, forbidden } from '../../errors.ts';
import type { Origin } from '../../lib/origin.ts';
import { isStateStaff, type Viewer } from '../../lib/viewer.ts';
import { withTransaction } from '../../platform/database/transaction.ts';
import { readVocabularies, type Level } from '../../vocabularies/vocabulary-queries.ts';
import type { LevelWordsInput } from './level-words-schema.ts';

/** Curators, leads and administrators of the state. */
const mayEditLevelWords = (viewer: Viewer): boolean => isStateStaff(viewer, 'curator', 'lead', 'admin');

/** Names the state of all words; it changes when any of them does. */
export const stampOfWords = (levels: readonly Pick<Level, 'id' | 'words'>[]): string =>
  createHash('sha256')
    .update(JSON.stringify(levels.map(({ id, words }) => [id, words])))
    .digest('hex');

/**
 * Puts other words in the place of those by which people ask for levels; searches use them at once, and the log keeps
 * what they were. No words for any level: the starter words count again.
 * @param seen the stamp of the words that were changed
 * @throws 403; 409 when somebody has changed them meanwhile
 */
export async function saveLevelWords(
  { pool }: { pool: Pool },
  viewer: Viewer,
  { seen, levels }: { seen: string; levels: LevelWordsInput },
  origin: Origin,
): Promise<void> {
  if (!mayEditLevelWords(viewer)) throw forbidden();
  await withTransaction(pool, async (client) => {
    await client.query('SELECT 1 FROM competency_level ORDER BY id FOR UPDATE');
    const before = (await readVocabularies(client)).levels;
    if (stampOfWords(before) !== seen) throw conflict('levelWords.fault.changed');
    await replaceWords(client, levels);
    await audit(client, {
      actorId: viewer.id,
      action: 'levels.words_changed',
      objectType: 'competency_level',
      detail: {
        before: before.map(({ slug, words }) => ({ slug, words })),
        after: levels.map(({ levelId, words }) => ({ levelId, words })),
      },
      ...origin,
    });
  });
}

async function replaceWords(client: PoolClient, levels: LevelWordsInput): Promise<void> {
  const rows = levels.flatMap(({ levelId, words }) =>
    words.map((word, position) => ({ levelId, word, position })),
  );
  await client.query('DELETE FROM level_word WHERE level_id = ANY ($1::uuid[])', [
    levels.map(({ levelId }) => levelId),
  ]);
  await client.query(
    `INSERT INTO level_word (level_id, word, position)
     SELECT (row->>'levelId')::uuid, row->>'word', (row->>'position')::int FROM jsonb_array_elements($1::jsonb) AS row`,
    [JSON.stringify(rows)],
  );
}
