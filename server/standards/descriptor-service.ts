import type { Pool } from 'pg';
import { audit } from '../audit/audit-service.ts';
import type { Deps } from '../deps.ts';
import { conflict, forbidden, notFound } from '../errors.ts';
import type { Origin } from '../lib/origin.ts';
import { isStateStaff, type Viewer } from '../lib/viewer.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import { stampOf } from '../vocabularies/vocabulary-change.ts';
import type { Client } from './framework-rows.ts';
import { standardRowSql, type StandardRow } from './standard-row.ts';

/** A level of the state's scale, with what it looks like for one standard. */
export interface DescribedLevel {
  id: string;
  slug: string;
  label: string;
  position: number;
  of: number;
  /** The scale's own words. */
  general: string;
  /** The standard's own words; empty where it has none. */
  own: string;
}

/** A standard with the levels of the state's scale, lowest first, or undefined. */
export async function describedStandard(
  client: Client | Pool,
  guid: string,
): Promise<{ standard: StandardRow; levels: DescribedLevel[] } | undefined> {
  const { rows } = await client.query<{ standard: StandardRow; levels: DescribedLevel[] }>(
    `SELECT ${standardRowSql('s', 'f')} AS standard,
       coalesce((SELECT json_agg(json_build_object('id', l.id, 'slug', l.slug, 'label', l.name, 'position', l.position,
           'of', (SELECT count(*) FROM competency_level o WHERE o.scale_id = l.scale_id), 'general', l.description,
           'own', coalesce(d.description, '')) ORDER BY l.position)
         FROM competency_scale c JOIN competency_level l ON l.scale_id = c.id
         LEFT JOIN level_descriptor d ON d.level_id = l.id AND d.standard_guid = s.guid WHERE c.is_default), '[]') AS levels
     FROM standard s JOIN framework f ON f.guid = s.framework_guid WHERE s.guid = $1`,
    [guid],
  );
  return rows[0];
}

/** Names the state of a standard's words. */
export const stampOfDescriptors = (levels: readonly DescribedLevel[]): string =>
  stampOf(levels.map(({ id, own }) => [id, own]));

/**
 * Writes what the levels look like for one standard; an empty text is the scale's own words again.
 * @throws 403; 404; 409 when somebody has changed it since
 */
export async function saveDescriptorsOf(
  { pool }: Pick<Deps, 'pool'>,
  viewer: Viewer,
  { guid, seen, words }: { guid: string; seen: string; words: { levelId: string; description: string }[] },
  origin: Origin,
): Promise<void> {
  if (!isStateStaff(viewer, 'admin')) throw forbidden();
  await withTransaction(pool, async (client) => {
    await client.query('SELECT 1 FROM standard WHERE guid = $1 FOR UPDATE', [guid]);
    const before = await describedStandard(client, guid);
    if (!before) throw notFound('standards.noSuch');
    if (stampOfDescriptors(before.levels) !== seen) throw conflict('form.changed');
    const own = new Map(before.levels.map((level) => [level.id, level.own]));
    const changed = words.filter(({ levelId, description }) => (own.get(levelId) ?? '') !== description);
    await writeDescriptors(
      client,
      changed.map(({ levelId, description }) => ({ standard: guid, level: levelId, description })),
    );
    await audit(client, {
      actorId: viewer.id,
      action: 'standard.levels_described',
      objectType: 'standard',
      objectId: guid,
      detail: {
        before: before.levels.map(({ slug, own: was }) => ({ slug, description: was })),
        after: words,
      },
      ...origin,
    });
  });
}

/** Writes words that were set here; empty ones go. */
export async function writeDescriptors(
  client: Client,
  rows: readonly { standard: string; level: string; description: string }[],
): Promise<void> {
  if (rows.length === 0) return;
  const list = JSON.stringify(rows);
  await client.query(
    `DELETE FROM level_descriptor d USING json_to_recordset($1) AS w (standard uuid, level uuid, description text)
     WHERE d.standard_guid = w.standard AND d.level_id = w.level AND w.description = ''`,
    [list],
  );
  await client.query(
    `INSERT INTO level_descriptor AS d (standard_guid, level_id, description, set_here)
     SELECT DISTINCT ON (standard, level) standard, level, description, true
     FROM json_to_recordset($1) AS w (standard uuid, level uuid, description text) WHERE description <> ''
     ON CONFLICT (standard_guid, level_id) DO UPDATE SET description = excluded.description, set_here = true`,
    [list],
  );
}

/** What levels look like for standards, where these have words of their own: by GUID, then by the level's slug. */
export async function descriptorsOf(
  pool: Pool,
  guids: readonly string[],
): Promise<Map<string, Record<string, string>>> {
  if (guids.length === 0) return new Map();
  const { rows } = await pool.query<{ guid: string; words: Record<string, string> }>(
    `SELECT d.standard_guid AS guid, json_object_agg(l.slug, d.description) AS words
     FROM level_descriptor d JOIN competency_level l ON l.id = d.level_id WHERE d.standard_guid = ANY ($1::uuid[]) GROUP BY 1`,
    [guids],
  );
  return new Map(rows.map(({ guid, words }) => [guid, words]));
}
