import type { Pool } from 'pg';
import { audit } from '../audit/audit-service.ts';
import type { Deps } from '../deps.ts';
import { conflict, invalid, notFound } from '../errors.ts';
import type { Origin } from '../lib/origin.ts';
import type { Viewer } from '../lib/viewer.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import { readScale, type Scale, type ScaleLevel } from './level-service.ts';
import { lockVocabularies, stampOf, type Client } from './vocabulary-change.ts';
import { mayChange } from './vocabulary-service.ts';

/** What goes with a level that is taken away. */
export interface LevelLoss {
  scale: Scale;
  level: ScaleLevel;
  /** What it looks like for standards, in their order by code. */
  descriptors: { standard: string; description: string }[];
  /** Words by which people ask for it. */
  words: string[];
  /** What it was called before, which imports and searches still understand. */
  former: string[];
  /** Names this state: another one when something has been written for the level since. */
  seen: string;
}

/**
 * Looks what taking a level away would lose; nothing is taken yet.
 * @throws 404; 422 when something names the level, or it is the last
 */
export async function levelLoss(client: Client | Pool, id: string): Promise<LevelLoss> {
  const scale = await readScale(client);
  const level = scale?.levels.find((one) => one.id === id);
  if (!scale || !level) throw notFound('vocabulary.gone');
  if (level.used) throw invalid({ field: `name-${id}`, key: 'level.fault.used' });
  if (scale.levels.length === 1) throw invalid({ field: `name-${id}`, key: 'level.fault.last' });
  const { rows } = await client.query<Pick<LevelLoss, 'descriptors' | 'words' | 'former'>>(
    `SELECT coalesce((SELECT json_agg(json_build_object('standard', d.standard_guid, 'description', d.description) ORDER BY d.standard_guid)
         FROM level_descriptor d WHERE d.level_id = $1), '[]') AS descriptors,
       ARRAY(SELECT word FROM level_word WHERE level_id = $1 ORDER BY position, word) AS words,
       ARRAY(SELECT word FROM former_term WHERE kind = 'level' AND value = $2 ORDER BY word) AS former`,
    [id, level.slug],
  );
  const lost = rows[0]!;
  return {
    scale,
    level,
    ...lost,
    seen: stampOf([id, level.name, level.description, lost.descriptors, lost.words, lost.former]),
  };
}

/**
 * Takes a level away that nothing has ever named, with what was written for it; the log keeps all of that.
 * @param seen the state that the preview showed
 * @throws 403; 404; 409 when something has been written for it since; 422 when something names it, or it is the last
 */
export async function removeLevel(
  { pool }: Pick<Deps, 'pool'>,
  viewer: Viewer,
  { id, seen }: { id: string; seen: string },
  origin: Origin,
): Promise<void> {
  mayChange(viewer);
  await withTransaction(pool, async (client) => {
    await lockVocabularies(client);
    // Words for standards are written without that lock: none comes between looking and taking away.
    await client.query('SELECT 1 FROM competency_level WHERE id = $1 FOR UPDATE', [id]);
    const { scale, level, descriptors, words, former, seen: now } = await levelLoss(client, id);
    if (now !== seen) throw conflict('vocabulary.changed');
    await client.query(`DELETE FROM former_term WHERE kind = 'level' AND value = $1`, [level.slug]);
    await client.query('DELETE FROM competency_level WHERE id = $1', [id]);
    for (const [place, one] of scale.levels.filter((other) => other.id !== id).entries())
      await client.query('UPDATE competency_level SET position = $2 WHERE id = $1', [one.id, place + 1]);
    await audit(client, {
      actorId: viewer.id,
      action: 'level.removed',
      objectType: 'competency_scale',
      objectId: scale.id,
      detail: {
        slug: level.slug,
        name: level.name,
        description: level.description,
        position: level.position,
        descriptors,
        words,
        former,
      },
      ...origin,
    });
  });
}
