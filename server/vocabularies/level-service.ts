import type { Pool } from 'pg';
import { z } from 'zod';
import { audit } from '../audit/audit-service.ts';
import type { Deps } from '../deps.ts';
import { conflict, invalid, notFound, type FieldFault } from '../errors.ts';
import type { Origin } from '../lib/origin.ts';
import { slug as slugOf } from '../lib/slug.ts';
import type { Viewer } from '../lib/viewer.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import { line, text } from '../web/parse.ts';
import { freeSlug, lockVocabularies, rememberFormer, stampOf, type Client } from './vocabulary-change.ts';
import { mayChange } from './vocabulary-service.ts';

/** A level of the state's scale, with how many resources on the shelf stand at it. */
export interface ScaleLevel {
  id: string;
  slug: string;
  name: string;
  description: string;
  position: number;
  resources: number;
  /** Standards that say in their own words what it looks like. */
  described: number;
  /** Whether anything, also an old version, names it. */
  used: boolean;
}

/** The scale that the state goes by, lowest level first. */
export interface Scale {
  id: string;
  name: string;
  levels: ScaleLevel[];
}

const AT_LEVEL = `SELECT a.resource_id FROM alignment a WHERE a.level_id = l.id AND a.to_version IS NULL
  UNION SELECT r.id FROM version_level x JOIN resource r ON r.current_version_id = x.version_id WHERE x.level_id = l.id`;
const USED = `EXISTS (SELECT 1 FROM alignment WHERE level_id = l.id) OR EXISTS (SELECT 1 FROM draft_alignment WHERE level_id = l.id)
  OR EXISTS (SELECT 1 FROM version_level WHERE level_id = l.id) OR EXISTS (SELECT 1 FROM lesson_call WHERE level_id = l.id)
  OR EXISTS (SELECT 1 FROM alignment_check WHERE level_id = l.id)`;

/** The state's scale, or undefined where there is none yet. */
export async function readScale(client: Client | Pool): Promise<Scale | undefined> {
  const { rows } = await client.query<Scale>(
    `SELECT s.id, s.name, coalesce((SELECT json_agg(json_build_object('id', l.id, 'slug', l.slug, 'name', l.name, 'description', l.description,
        'position', l.position, 'described', (SELECT count(*) FROM level_descriptor d WHERE d.level_id = l.id), 'used', ${USED},
        'resources', (SELECT count(*) FROM (${AT_LEVEL}) n JOIN resource r ON r.id = n.resource_id AND r.state = 'published')) ORDER BY l.position)
       FROM competency_level l WHERE l.scale_id = s.id), '[]') AS levels
     FROM competency_scale s WHERE s.is_default`,
  );
  return rows[0];
}

/** Names the state of a scale: another one when a name, a wording or the order has changed. */
export const stampOfScale = ({ name, levels }: Scale): string =>
  stampOf([name, levels.map((level) => [level.id, level.name, level.description])]);

const levelName = line(60).pipe(z.string().min(1, 'fault.required'));
const wording = text(1000);

/** The form of a scale: fields `name-<id>`, `wording-<id>` and `place-<id>` for each level. */
export const scaleForm = (ids: readonly string[]) =>
  z.object({
    scale: line(120).pipe(z.string().min(1, 'fault.required')),
    ...Object.fromEntries(ids.map((id) => [`name-${id}`, levelName])),
    ...Object.fromEntries(ids.map((id) => [`wording-${id}`, wording.default('')])),
    ...Object.fromEntries(ids.map((id) => [`place-${id}`, z.coerce.number().int().min(1).max(99).catch(99)])),
  });

/** What a scale is to be: its levels in their new order. */
export interface ScaleInput {
  name: string;
  levels: { id: string; name: string; description: string }[];
}

/** Reads a form of `scaleForm`. @throws 422 when two levels would have one name */
export function readScaleForm(
  scale: Scale,
  form: Record<string, string | number> & { scale: string },
): ScaleInput {
  const levels = scale.levels
    .map((level) => ({
      id: level.id,
      name: String(form[`name-${level.id}`]),
      description: String(form[`wording-${level.id}`]),
      place: Number(form[`place-${level.id}`]),
      was: level.position,
    }))
    // Whoever says only "third" for one of them means: before the one that is third now.
    .toSorted(
      (a, b) => a.place - b.place || Number(a.place === a.was) - Number(b.place === b.was) || a.was - b.was,
    );
  const seen = new Set<string>();
  const faults: FieldFault[] = [];
  for (const { id, name } of levels) {
    if (seen.has(name.toLowerCase())) faults.push({ field: `name-${id}`, key: 'vocabulary.fault.taken' });
    seen.add(name.toLowerCase());
  }
  if (faults.length > 0) throw invalid(...faults);
  return { name: form.scale, levels: levels.map(({ id, name, description }) => ({ id, name, description })) };
}

/** What a change of the scale does. */
export interface ScaleDifference {
  renamed: { from: string; to: string; resources: number }[];
  reworded: string[];
  order: string[] | null;
  scale: { from: string; to: string } | null;
  /** Resources at levels that are renamed or stand elsewhere. */
  resources: number;
}

/** Compares a scale with what it is to be. */
export function scaleDifference(scale: Scale, input: ScaleInput): ScaleDifference {
  const byId = new Map(scale.levels.map((level) => [level.id, level]));
  const touched = new Set<string>();
  const renamed: ScaleDifference['renamed'] = [];
  const reworded: string[] = [];
  for (const [place, { id, name, description }] of input.levels.entries()) {
    const level = byId.get(id);
    if (!level) continue;
    if (level.name !== name) renamed.push({ from: level.name, to: name, resources: level.resources });
    if (level.description !== description) reworded.push(name);
    if (level.name !== name || scale.levels[place]?.id !== id) touched.add(id);
  }
  const moved = input.levels.some(({ id }, place) => scale.levels[place]?.id !== id);
  return {
    renamed,
    reworded,
    order: moved ? input.levels.map(({ name }) => name) : null,
    scale: scale.name === input.name ? null : { from: scale.name, to: input.name },
    resources: scale.levels.reduce((sum, { id, resources }) => sum + (touched.has(id) ? resources : 0), 0),
  };
}

type LevelDeps = Pick<Deps, 'pool'>;

/**
 * Names, words and orders the levels anew. Addresses and claims keep their level; pages and search show the new names and
 * order at once, as they read them from here.
 * @throws 403; 404; 409 when somebody has changed the scale since it was looked at
 */
export async function saveScale(
  { pool }: LevelDeps,
  viewer: Viewer,
  { seen, input }: { seen: string; input: ScaleInput },
  origin: Origin,
): Promise<void> {
  mayChange(viewer);
  await withTransaction(pool, async (client) => {
    await lockVocabularies(client);
    const before = await readScale(client);
    if (!before) throw notFound('vocabulary.gone');
    if (stampOfScale(before) !== seen) throw conflict('vocabulary.changed');
    const byId = new Map(before.levels.map((level) => [level.id, level]));
    for (const { id, name } of input.levels) {
      const level = byId.get(id);
      if (level && level.name !== name)
        await rememberFormer(client, 'level', [level.name], { was: level.slug, value: level.slug });
    }
    await client.query('UPDATE competency_scale SET name = $2 WHERE id = $1', [before.id, input.name]);
    // Two levels can't have one place, not even for a moment.
    await client.query('UPDATE competency_level SET position = position + 1000 WHERE scale_id = $1', [
      before.id,
    ]);
    await client.query(
      `UPDATE competency_level l SET name = x->>'name', description = x->>'description', position = n
       FROM json_array_elements($2::json) WITH ORDINALITY AS u (x, n) WHERE l.scale_id = $1 AND l.id = (x->>'id')::uuid`,
      [before.id, JSON.stringify(input.levels)],
    );
    await audit(client, {
      actorId: viewer.id,
      action: 'levels.changed',
      objectType: 'competency_scale',
      objectId: before.id,
      detail: {
        before: {
          name: before.name,
          levels: before.levels.map(({ slug, name, description }) => ({ slug, name, description })),
        },
        after: input,
      },
      ...origin,
    });
  });
}

/** The form of a new level. */
export const newLevel = z.object({ name: levelName, wording: wording.default('') });

/** Adds a level at the top of the scale. @throws 403; 404 without a scale; 422 when the name is taken */
export async function addLevel(
  { pool }: LevelDeps,
  viewer: Viewer,
  { name, wording: description }: z.output<typeof newLevel>,
  origin: Origin,
): Promise<void> {
  mayChange(viewer);
  await withTransaction(pool, async (client) => {
    await lockVocabularies(client);
    const scale = await readScale(client);
    if (!scale) throw notFound('vocabulary.gone');
    if (scale.levels.length >= 9) throw invalid({ field: 'name', key: 'level.fault.many' });
    if (scale.levels.some((level) => level.name.toLowerCase() === name.toLowerCase()))
      throw invalid({ field: 'name', key: 'vocabulary.fault.taken' });
    const slug = await freeSlug(client, { kind: 'level', table: 'competency_level' }, [
      slugOf(name) || 'level',
    ]);
    await client.query(
      'INSERT INTO competency_level (scale_id, slug, name, description, position) VALUES ($1, $2, $3, $4, $5)',
      [scale.id, slug, name, description, scale.levels.length + 1],
    );
    await audit(client, {
      actorId: viewer.id,
      action: 'level.added',
      objectType: 'competency_scale',
      objectId: scale.id,
      detail: { slug, name, description },
      ...origin,
    });
  });
}
