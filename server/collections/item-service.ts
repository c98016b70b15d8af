import type { Pool, PoolClient } from 'pg';
import { conflict, invalid } from '../errors.ts';
import { audiencesOf, type Viewer } from '../lib/viewer.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import { loadForReading } from '../resources/resource-facts-queries.ts';
import { loadCollection } from './collection-queries.ts';
import { MOST_ITEMS, MOST_SECTIONS } from './collection-schema.ts';
import { itemOrderSql } from './item-queries.ts';
import { reordered, type Move, type Placed } from './item-order.ts';

interface Deps {
  pool: Pool;
}
type Educator = Viewer & { id: string };

/**
 * Puts a resource at the end of a collection (of a rule: among what is pinned). What is there already stays where it is;
 * a note is added to it.
 * @returns whether it wasn't there before
 * @throws 404 where the resource or the collection may not be seen or changed; 422 when the collection is full
 */
export async function addItem(
  { pool }: Deps,
  viewer: Educator,
  { id, resourceId, note = '' }: { id: string; resourceId: string; note?: string },
): Promise<boolean> {
  return withTransaction(pool, async (client) => {
    await loadCollection(client, viewer, id, 'arrange', { lock: true });
    await loadForReading(client, viewer, resourceId);
    const known = await itemOf(client, id, resourceId);
    if (known?.stands === 'in' && note === '') return false;
    await makeRoom(client, id, known !== undefined);
    await client.query(
      `INSERT INTO collection_item AS ci (collection_id, resource_id, position, note, added_by)
       SELECT $1, $2, coalesce(max(position), 0) + 1, $3, $4 FROM collection_item WHERE collection_id = $1
       ON CONFLICT (collection_id, resource_id) DO UPDATE SET stands = 'in', revision = ci.revision + 1,
         note = concat_ws(E'\\n\\n', nullif(ci.note, ''), nullif(excluded.note, '')),
         position = CASE WHEN ci.stands = 'in' THEN ci.position ELSE excluded.position END`,
      [id, resourceId, note, viewer.id],
    );
    await touch(client, id);
    return known?.stands !== 'in';
  });
}

/** @throws 422 when one more doesn't fit */
async function makeRoom(client: PoolClient, id: string, isThere: boolean): Promise<void> {
  const { rows } = await client.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM collection_item WHERE collection_id = $1',
    [id],
  );
  if (!isThere && (rows[0]?.count ?? 0) >= MOST_ITEMS)
    throw invalid({ field: 'resource', key: 'collection.fault.full', params: { count: MOST_ITEMS } });
}

/**
 * Takes an item out. Taking out what isn't there changes nothing.
 * @throws 404 for whoever may not arrange the collection
 */
export async function removeItem(
  { pool }: Deps,
  viewer: Educator,
  { id, resourceId }: { id: string; resourceId: string },
): Promise<void> {
  await withTransaction(pool, async (client) => {
    await loadCollection(client, viewer, id, 'arrange', { lock: true });
    await client.query('DELETE FROM collection_item WHERE collection_id = $1 AND resource_id = $2', [
      id,
      resourceId,
    ]);
    await touch(client, id);
  });
}

/**
 * Leaves something out of what a rule finds.
 * @throws 404 for whoever may not; 409 where there is no rule; 422 when as much is left out as can be kept
 */
export async function leaveOut(
  { pool }: Deps,
  viewer: Educator,
  { id, resourceId }: { id: string; resourceId: string },
): Promise<void> {
  await withTransaction(pool, async (client) => {
    const { kind } = await loadCollection(client, viewer, id, 'arrange', { lock: true });
    if (kind !== 'rule') throw conflict('collection.fault.noRule');
    await loadForReading(client, viewer, resourceId);
    await makeRoom(client, id, (await itemOf(client, id, resourceId)) !== undefined);
    await client.query(
      `INSERT INTO collection_item (collection_id, resource_id, stands, added_by) VALUES ($1, $2, 'out', $3)
       ON CONFLICT (collection_id, resource_id) DO UPDATE SET stands = 'out', section_id = NULL`,
      [id, resourceId, viewer.id],
    );
    await touch(client, id);
  });
}

/**
 * Takes out what the viewer once put in and can't see any more.
 * @returns how many
 * @throws 404 for whoever may not arrange the collection
 */
export async function removeGone({ pool }: Deps, viewer: Educator, id: string): Promise<number> {
  return withTransaction(pool, async (client) => {
    await loadCollection(client, viewer, id, 'arrange', { lock: true });
    const { rowCount } = await client.query(
      `DELETE FROM collection_item ci USING resource r
       WHERE ci.collection_id = $1 AND ci.added_by = $2 AND r.id = ci.resource_id
         AND NOT (r.state = 'published' AND r.audience && $3::text[])`,
      [id, viewer.id, audiencesOf(viewer)],
    );
    await touch(client, id);
    return rowCount ?? 0;
  });
}

/**
 * Writes the note of an item.
 * @returns the note that stands there when somebody else changed it meanwhile and nothing was written; else null
 * @throws 404 for whoever may not; 409 when the item is no longer there
 */
export async function writeNote(
  { pool }: Deps,
  viewer: Educator,
  { id, resourceId, note, revision }: { id: string; resourceId: string; note: string; revision: number },
): Promise<{ note: string; revision: number } | null> {
  return withTransaction(pool, async (client) => {
    await loadCollection(client, viewer, id, 'arrange', { lock: true });
    const item = await itemOf(client, id, resourceId);
    if (!item) throw conflict('collection.fault.itemGone');
    if (item.note === note) return null;
    if (item.revision !== revision) return item;
    await client.query(
      'UPDATE collection_item SET note = $3, revision = revision + 1 WHERE collection_id = $1 AND resource_id = $2',
      [id, resourceId, note],
    );
    await touch(client, id);
    return null;
  });
}

/**
 * Moves an item. Moves of two people at once come one after the other; both count.
 * @throws 404 for whoever may not; 409 when the item is no longer there
 */
export async function moveItem(
  { pool }: Deps,
  viewer: Educator,
  { id, resourceId, move }: { id: string; resourceId: string; move: Move },
): Promise<void> {
  await withTransaction(pool, async (client) => {
    await loadCollection(client, viewer, id, 'arrange', { lock: true });
    const { rows } = await client.query<Placed & { seen: boolean }>(
      `SELECT ci.resource_id AS "resourceId", ci.section_id AS "sectionId",
              r.state = 'published' AND r.audience && $2::text[] AS seen
       FROM collection_item ci JOIN resource r ON r.id = ci.resource_id LEFT JOIN collection_section s ON s.id = ci.section_id
       WHERE ci.collection_id = $1 AND ci.stands = 'in' ORDER BY ${itemOrderSql}`,
      [id, audiencesOf(viewer)],
    );
    if (!rows.some((row) => row.resourceId === resourceId)) throw conflict('collection.fault.itemGone');
    const seen = new Set(rows.filter((row) => row.seen).map((row) => row.resourceId));
    const order = reordered(rows, await sectionIds(client, id), resourceId, move, seen);
    await client.query(
      `UPDATE collection_item ci SET position = o.place, section_id = o.section
       FROM unnest($2::uuid[], $3::uuid[]) WITH ORDINALITY o (resource, section, place)
       WHERE ci.collection_id = $1 AND ci.resource_id = o.resource`,
      [id, order.map((item) => item.resourceId), order.map((item) => item.sectionId)],
    );
    await touch(client, id);
  });
}

/** @throws 404 for whoever may not; 422 without a title or when there are too many */
export async function addSection(
  { pool }: Deps,
  viewer: Educator,
  { id, title }: { id: string; title: string },
): Promise<void> {
  if (title === '') throw invalid({ field: 'section', key: 'collection.fault.section' });
  await withTransaction(pool, async (client) => {
    await loadCollection(client, viewer, id, 'arrange', { lock: true });
    if ((await sectionIds(client, id)).length >= MOST_SECTIONS)
      throw invalid({ field: 'section', key: 'collection.fault.sections', params: { count: MOST_SECTIONS } });
    await client.query(
      `INSERT INTO collection_section (collection_id, title, position)
       SELECT $1, $2, coalesce(max(position), 0) + 1 FROM collection_section WHERE collection_id = $1`,
      [id, title],
    );
    await touch(client, id);
  });
}

/**
 * Names a section anew, moves it by one place, or takes its heading away; what stood in it goes to the end of the one before.
 * @returns the title that stands there when somebody else changed it meanwhile and nothing was written; else null
 * @throws 404 for whoever may not; 409 when it is no longer there; 422 without a title
 */
export async function changeSection(
  { pool }: Deps,
  viewer: Educator,
  change: {
    id: string;
    sectionId: string;
    title: string;
    what: 'save' | 'up' | 'down' | 'remove';
    revision: number;
  },
): Promise<{ title: string; revision: number } | null> {
  const { id, sectionId, title, what } = change;
  return withTransaction(pool, async (client) => {
    await loadCollection(client, viewer, id, 'arrange', { lock: true });
    const { rows } = await client.query<{ title: string; revision: number }>(
      'SELECT title, revision FROM collection_section WHERE id = $1 AND collection_id = $2',
      [sectionId, id],
    );
    const [section] = rows;
    if (!section) throw conflict('collection.fault.sectionGone');
    const order = await sectionIds(client, id);
    const at = order.indexOf(sectionId);
    if (what === 'remove') await dissolve(client, id, sectionId, order[at - 1] ?? null);
    else {
      if (title === '') throw invalid({ field: 'section', key: 'collection.fault.section' });
      if (title !== section.title && section.revision !== change.revision) return section;
      if (title !== section.title)
        await client.query(
          'UPDATE collection_section SET title = $2, revision = revision + 1 WHERE id = $1',
          [sectionId, title],
        );
      if (what !== 'save') {
        order.splice(at, 1);
        order.splice(Math.max(0, at + (what === 'up' ? -1 : 1)), 0, sectionId);
        await client.query(
          `UPDATE collection_section s SET position = o.place FROM unnest($1::uuid[]) WITH ORDINALITY o (id, place) WHERE s.id = o.id`,
          [order],
        );
      }
    }
    await touch(client, id);
    return null;
  });
}

/** What stood in the section goes behind what stands in the one before it. */
async function dissolve(
  client: PoolClient,
  id: string,
  sectionId: string,
  into: string | null,
): Promise<void> {
  await client.query(
    `UPDATE collection_item SET section_id = $3::uuid, position = position + (
       SELECT coalesce(max(position), 0) FROM collection_item WHERE collection_id = $1 AND section_id IS NOT DISTINCT FROM $3::uuid)
     WHERE collection_id = $1 AND section_id = $2`,
    [id, sectionId, into],
  );
  await client.query('DELETE FROM collection_section WHERE id = $1', [sectionId]);
}

async function sectionIds(client: PoolClient, id: string): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    'SELECT id FROM collection_section WHERE collection_id = $1 ORDER BY position, id',
    [id],
  );
  return rows.map((row) => row.id);
}

async function itemOf(
  client: PoolClient,
  id: string,
  resourceId: string,
): Promise<{ note: string; revision: number; stands: 'in' | 'out' } | undefined> {
  const { rows } = await client.query<{ note: string; revision: number; stands: 'in' | 'out' }>(
    'SELECT note, revision, stands FROM collection_item WHERE collection_id = $1 AND resource_id = $2',
    [id, resourceId],
  );
  return rows[0];
}

const touch = (client: PoolClient, id: string) =>
  client.query('UPDATE collection SET updated_at = now() WHERE id = $1', [id]);
