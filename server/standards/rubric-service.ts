import type { Pool } from 'pg';
import { audit } from '../audit/audit-service.ts';
import type { Deps } from '../deps.ts';
import { conflict, forbidden, notFound } from '../errors.ts';
import type { Origin } from '../lib/origin.ts';
import { isStateStaff, type Viewer } from '../lib/viewer.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import type { Client } from './framework-rows.ts';
import type { RubricFile } from './case-reader.ts';
import { writeDescriptors } from './descriptor-service.ts';

type RubricDeps = Pick<Deps, 'pool' | 'clock'>;

/** Left out: the words of a level that stay outside. */
export const LEFT_OUT = '';

/** Keeps rubrics that were read until somebody has looked at them. @returns the id of the upload */
export async function keepRubrics(
  { pool }: RubricDeps,
  viewer: Viewer,
  { fileName, rubrics }: { fileName: string; rubrics: RubricFile },
): Promise<string> {
  if (!isStateStaff(viewer, 'admin')) throw forbidden();
  const { rows } = await pool.query<{ id: string }>(
    `INSERT INTO standards_upload (person_id, kind, file_name, content, state) VALUES ($1, 'rubrics', $2, $3, 'looked') RETURNING id`,
    [viewer.id, fileName, JSON.stringify(rubrics)],
  );
  return rows[0]?.id ?? '';
}

/** Rubrics that were read and wait for somebody who takes them in or drops them. */
export interface KeptRubrics {
  id: string;
  fileName: string;
  rubrics: RubricFile;
}

/** Rubrics that wait, or undefined. */
export async function findRubrics(client: Client | Pool, id: string): Promise<KeptRubrics | undefined> {
  const { rows } = await client.query<KeptRubrics>(
    `SELECT id, file_name AS "fileName", content AS rubrics FROM standards_upload WHERE id = $1 AND kind = 'rubrics' AND state = 'looked' AND content IS NOT NULL`,
    [id],
  );
  return rows[0];
}

/** Which level of the state's scale each name in the file means; `LEFT_OUT`: none. */
export type LevelMeanings = Map<string, string>;

/** The names of levels in a file, in their order. */
export function levelNames({ descriptors }: RubricFile): string[] {
  const places = new Map<string, number>();
  for (const { level, position } of descriptors)
    places.set(level, Math.min(places.get(level) ?? Infinity, position ?? 999));
  return [...places].toSorted((a, b) => a[1] - b[1]).map(([name]) => name);
}

/** The levels of the state's scale, lowest first, each with all words that mean it, in small letters. */
export async function scaleLevels(
  client: Client | Pool,
): Promise<{ id: string; name: string; words: string[] }[]> {
  const { rows } = await client.query<{ id: string; name: string; words: string[] }>(
    `SELECT l.id, l.name, ARRAY[lower(l.name), l.slug] || ARRAY(SELECT lower(f.word) FROM former_term f WHERE f.kind = 'level' AND f.value = l.slug) AS words
     FROM competency_level l JOIN competency_scale s ON s.id = l.scale_id WHERE s.is_default ORDER BY l.position`,
  );
  return rows;
}

/** What is meant where nobody has said otherwise: the level of that name, slug or former name. */
export async function usualMeanings(client: Client | Pool, rubrics: RubricFile): Promise<LevelMeanings> {
  const levels = await scaleLevels(client);
  return new Map(
    levelNames(rubrics).map((name) => [
      name,
      levels.find(({ words }) => words.includes(name.toLowerCase()))?.id ?? LEFT_OUT,
    ]),
  );
}

/** What rubrics would do. */
export interface RubricPlan {
  fresh: number;
  changed: number;
  same: number;
  /** Words for standards that aren't here. */
  unknown: number;
  leftOut: number;
  standards: number;
  /** The first of those that change, with what stands there now and what will. */
  examples: { guid: string; code: string; level: string; before: string; after: string }[];
  rows: { standard: string; level: string; description: string }[];
}

/** Compares rubrics with what is there. */
export async function planRubrics(
  client: Client | Pool,
  { descriptors }: RubricFile,
  meanings: LevelMeanings,
): Promise<RubricPlan> {
  const meant = descriptors.flatMap(({ standard, level, description }) => {
    const id = meanings.get(level) ?? LEFT_OUT;
    return id === LEFT_OUT ? [] : [{ standard, level: id, description }];
  });
  const { rows } = await client.query<{
    standard: string;
    level: string;
    description: string;
    known: boolean;
    before: string | null;
    code: string | null;
    label: string;
  }>(
    `SELECT w.standard, w.level, w.description, s.guid IS NOT NULL AS known, d.description AS before,
       coalesce(s.code, left(s.statement, 40)) AS code, l.name AS label
     FROM (SELECT DISTINCT ON (standard, level) * FROM json_to_recordset($1) AS w (standard uuid, level uuid, description text)) w
       LEFT JOIN standard s ON s.guid = w.standard JOIN competency_level l ON l.id = w.level
       LEFT JOIN level_descriptor d ON d.standard_guid = w.standard AND d.level_id = w.level
     ORDER BY s.framework_guid, s.position, l.position`,
    [JSON.stringify(meant)],
  );
  const known = rows.filter((row) => row.known);
  const changes = known.filter(({ before, description }) => before !== description);
  return {
    fresh: known.filter(({ before }) => before === null).length,
    changed: changes.filter(({ before }) => before !== null).length,
    same: known.length - changes.length,
    unknown: rows.length - known.length,
    leftOut: descriptors.length - meant.length,
    standards: new Set(known.map(({ standard }) => standard)).size,
    examples: changes.slice(0, 50).map(({ standard, code, label, before, description }) => ({
      guid: standard,
      code: code ?? '',
      level: label,
      before: before ?? '',
      after: description,
    })),
    rows: changes.map(({ standard, level, description }) => ({ standard, level, description })),
  };
}

/**
 * Takes rubrics in that somebody looked at, in one transaction.
 * @throws 403; 404; 409 when they were taken in or dropped already
 */
export async function takeRubrics(
  { pool, clock }: RubricDeps,
  viewer: Viewer,
  { id, meanings }: { id: string; meanings: LevelMeanings },
  origin: Origin,
): Promise<RubricPlan> {
  if (!isStateStaff(viewer, 'admin')) throw forbidden();
  return withTransaction(pool, async (client) => {
    const { rows } = await client.query<{ state: string }>(
      `SELECT state FROM standards_upload WHERE id = $1 AND kind = 'rubrics' FOR UPDATE`,
      [id],
    );
    if (!rows[0]) throw notFound();
    const found = await findRubrics(client, id);
    if (!found) throw conflict('rubrics.gone');
    const plan = await planRubrics(client, found.rubrics, meanings);
    await writeDescriptors(client, plan.rows);
    await client.query(
      `UPDATE standards_upload SET state = 'loaded', content = NULL, moved_at = $2 WHERE id = $1`,
      [id, clock.now()],
    );
    const { fresh, changed, same, unknown, leftOut } = plan;
    await audit(client, {
      actorId: viewer.id,
      action: 'rubrics.imported',
      objectType: 'standards_upload',
      objectId: id,
      detail: { file: found.fileName, fresh, changed, same, unknown, leftOut },
      ...origin,
    });
    return plan;
  });
}

/** Drops rubrics that nobody wants; those that were taken in stay. */
export async function dropRubrics({ pool, clock }: RubricDeps, id: string): Promise<void> {
  await pool.query(
    `UPDATE standards_upload SET state = 'dropped', content = NULL, moved_at = $2 WHERE id = $1 AND state = 'looked'`,
    [id, clock.now()],
  );
}
