import type { Pool, PoolClient } from 'pg';
import { invalid, notFound } from '../errors.ts';
import type { Origin } from '../lib/origin.ts';
import { audiencesOf } from '../lib/viewer.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import { note, type Educator } from './collection-log.ts';
import { mayBeShownTo, type CollectionVisibility } from './collection-policy.ts';
import { loadCollection } from './collection-queries.ts';
import { MOST_COLLECTIONS } from './collection-schema.ts';
import { newKey } from './collection-sharing.ts';

interface Deps {
  pool: Pool;
}

export interface NewCollection {
  title: string;
  description: string;
  visibility: CollectionVisibility;
  /** The address of a search; null: put together by hand. */
  rule: string | null;
  coverId?: string | null;
}

/**
 * Makes a collection of the person's own, at the place where they work.
 * @returns its id
 * @throws 422 without a title, with a visibility that isn't theirs to give, or when they have too many
 */
export async function createCollection(
  { pool }: Deps,
  viewer: Educator,
  made: NewCollection,
  origin: Origin,
): Promise<string> {
  return withTransaction(pool, async (client) => {
    const id = await insert(client, viewer, made);
    await note(client, viewer, origin, 'collection.created', {
      id,
      detail: { visibility: made.visibility, rule: made.rule },
    });
    return id;
  });
}

async function insert(client: PoolClient, viewer: Educator, made: NewCollection): Promise<string> {
  if (made.title === '') throw invalid({ field: 'title', key: 'collection.fault.title' });
  const { rows } = await client.query<{
    count: number;
    kind: 'state' | 'district' | 'school';
    district_id: string | null;
  }>(
    `SELECT (SELECT count(*)::int FROM collection WHERE owner_id = $1 AND deleted_at IS NULL) AS count, o.kind, o.district_id
     FROM organization o WHERE o.id = $2`,
    [viewer.id, viewer.organizationId],
  );
  const place = rows[0];
  if (!place) throw notFound();
  if (place.count >= MOST_COLLECTIONS)
    throw invalid({ field: 'title', key: 'collection.fault.many', params: { count: MOST_COLLECTIONS } });
  const organization = { id: viewer.organizationId, kind: place.kind, districtId: place.district_id };
  if (!mayBeShownTo(viewer, { organization }).includes(made.visibility))
    throw invalid({ field: 'visibility', key: 'collection.fault.visibility' });
  const { rows: inserted } = await client.query<{ id: string }>(
    `INSERT INTO collection (owner_id, organization_id, kind, title, description, visibility, link_key, rule, cover_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id`,
    [
      viewer.id,
      viewer.organizationId,
      made.rule === null ? 'list' : 'rule',
      made.title,
      made.description,
      made.visibility,
      made.visibility === 'link' ? newKey() : null,
      made.rule,
      made.coverId ?? null,
    ],
  );
  return inserted[0]!.id;
}

export interface Details {
  title: string;
  description: string;
  /** Undefined: as it is. */
  visibility?: CollectionVisibility | undefined;
  coverId: string | null;
  /** That the form was filled in from. */
  revision: number;
}

/**
 * Changes what a collection is called, says, shows and who sees it.
 * @returns false when somebody else changed it meanwhile, and nothing was written
 * @throws 404 for whoever may not; 422 without a title or with a visibility that isn't theirs to give
 */
export async function changeCollection(
  { pool }: Deps,
  viewer: Educator,
  id: string,
  details: Details,
  origin: Origin,
): Promise<boolean> {
  return withTransaction(pool, async (client) => {
    const before = await loadCollection(client, viewer, id, 'describe', { lock: true });
    if (details.title === '') throw invalid({ field: 'title', key: 'collection.fault.title' });
    if (before.revision !== details.revision) return false;
    const visibility = details.visibility ?? before.visibility;
    const shares = before.relation === 'owner' || before.relation === 'keeper';
    if (visibility !== before.visibility && (!shares || !mayBeShownTo(viewer, before).includes(visibility)))
      throw invalid({ field: 'visibility', key: 'collection.fault.visibility' });
    await client.query(
      `UPDATE collection SET title = $2, description = $3, visibility = $4, cover_id = $5, revision = revision + 1, updated_at = now(),
         link_key = CASE WHEN $4 <> 'link' THEN NULL ELSE coalesce(link_key, $6) END,
         featured_at = CASE WHEN $4 = 'public' THEN featured_at END
       WHERE id = $1`,
      [id, details.title, details.description, visibility, details.coverId, newKey()],
    );
    await note(client, viewer, origin, 'collection.changed', {
      id,
      organizationId: before.organization.id,
      detail: visibility === before.visibility ? {} : { visibility, was: before.visibility },
    });
    return true;
  });
}

/**
 * Sets the rule of a collection; its cover stays as it is.
 * @returns false when somebody else changed it meanwhile
 * @throws 404 for whoever may not, and where there is no rule
 */
export async function changeRule(
  { pool }: Deps,
  viewer: Educator,
  id: string,
  { rule, revision }: { rule: string; revision: number },
  origin: Origin,
): Promise<boolean> {
  return withTransaction(pool, async (client) => {
    const before = await loadCollection(client, viewer, id, 'describe', { lock: true });
    if (before.kind !== 'rule') throw notFound();
    if (before.revision !== revision) return false;
    await client.query(
      'UPDATE collection SET rule = $2, revision = revision + 1, updated_at = now() WHERE id = $1',
      [id, rule],
    );
    await note(client, viewer, origin, 'collection.rule_changed', {
      id,
      organizationId: before.organization.id,
      detail: { rule, was: before.rule },
    });
    return true;
  });
}

/**
 * A copy of a collection as one of the person's own, which only they see: the items that they may see, sections, notes, rule.
 * @returns its id
 * @throws 404 where they may not see it, 422 when they have too many
 */
export async function copyCollection(
  { pool }: Deps,
  viewer: Educator,
  { id, key, title }: { id: string; key: string | undefined; title: string },
  origin: Origin,
): Promise<string> {
  return withTransaction(pool, async (client) => {
    const from = await loadCollection(client, viewer, id, 'copy', { key });
    const { description, rule, coverId } = from;
    const copy = await insert(client, viewer, { title, description, visibility: 'private', rule, coverId });
    await client.query(
      `UPDATE collection SET copied_from = $2, copied_title = $3, copied_owner = $4 WHERE id = $1`,
      [copy, id, from.title || title, from.ownerName],
    );
    await client.query(
      `WITH sections AS (
         SELECT id AS old, uuidv7() AS new, title, position FROM collection_section WHERE collection_id = $1),
       made AS (
         INSERT INTO collection_section (id, collection_id, title, position) SELECT new, $2, title, position FROM sections RETURNING id)
       INSERT INTO collection_item (collection_id, resource_id, position, note, section_id, stands, added_by)
       SELECT $2, ci.resource_id, row_number() OVER (ORDER BY ci.position, ci.added_at DESC, ci.resource_id), ci.note,
              (SELECT m.id FROM made m WHERE m.id = s.new), ci.stands, $4
       FROM collection_item ci JOIN resource r ON r.id = ci.resource_id AND r.state = 'published' AND r.audience && $3::text[]
       LEFT JOIN sections s ON s.old = ci.section_id
       WHERE ci.collection_id = $1`,
      [id, copy, audiencesOf(viewer), viewer.id],
    );
    await note(client, viewer, origin, 'collection.copied', { id: copy, detail: { from: id } });
    return copy;
  });
}
