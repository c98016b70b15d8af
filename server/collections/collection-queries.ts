import type { Pool, PoolClient } from 'pg';
import { notFound } from '../errors.ts';
import { educatorsOnlySql } from '../files/file-queries.ts';
import { collectionPath } from '../lib/slug.ts';
import { audiencesOf, isEducator, type Viewer } from '../lib/viewer.ts';
import { pageImage } from '../resources/resource-card-queries.ts';
import type { Link } from '../web/page-parts.ts';
import {
  may,
  relationTo,
  type Action,
  type CollectionFacts,
  type CollectionKind,
  type CollectionVisibility,
  type Relation,
} from './collection-policy.ts';
import type { CollectionCard } from './collection-view.ts';

/** What every page of a collection and every command on it starts from. */
export type LoadedCollection = CollectionFacts & {
  title: string;
  description: string;
  language: string;
  ownerName: string;
  organizationName: string;
  organizationUrl: string;
  linkKey: string | null;
  rule: string | null;
  coverId: string | null;
  copied: { id: string | null; title: string; owner: string } | null;
  revision: number;
  updatedAt: Date;
  deletedAt: Date | null;
  /** How the viewer stands to it. */
  relation: Relation;
};

type Row = Omit<LoadedCollection, 'relation' | 'copied'> & {
  copied_from: string | null;
  copied_title: string;
  copied_owner: string;
  in_audience: boolean;
  by_link: boolean;
};

/** Where an organization `o` has its page. */
const organizationUrlSql = `CASE o.kind WHEN 'school' THEN '/schools/' || o.slug WHEN 'district' THEN '/districts/' || o.slug ELSE '/' END`;

/**
 * The collection for someone who may do this with it. `key`: of the link they came by. With `lock` its row is held until the
 * transaction ends, so that two commands on one collection come one after the other.
 * @throws 404 for whoever may not see it, and for who may see it but not do this
 */
export async function loadCollection(
  client: Pool | PoolClient,
  viewer: Viewer,
  id: string,
  action: Action,
  { key = null, lock = false }: { key?: string | null | undefined; lock?: boolean } = {},
): Promise<LoadedCollection> {
  if (lock) await client.query('SELECT 1 FROM collection WHERE id = $1 FOR UPDATE', [id]);
  const { rows } = await client.query<Row>(
    `SELECT c.id, c.kind, c.visibility, c.owner_id AS "ownerId", c.title, c.description, c.language, c.link_key AS "linkKey", c.rule,
       c.cover_id AS "coverId", c.copied_from, c.copied_title, c.copied_owner, c.revision, c.updated_at AS "updatedAt",
       c.deleted_at AS "deletedAt", c.deleted_at IS NOT NULL AS deleted, c.featured_at IS NOT NULL AS featured,
       json_build_object('id', o.id, 'kind', o.kind, 'districtId', o.district_id) AS organization,
       o.name AS "organizationName", ${organizationUrlSql} AS "organizationUrl", p.name AS "ownerName",
       ARRAY(SELECT e.person_id FROM collection_editor e WHERE e.collection_id = c.id) AS "editorIds",
       c.audience && $2::text[] AS in_audience, c.visibility = 'link' AND c.link_key = $3 AS by_link
     FROM collection c JOIN organization o ON o.id = c.organization_id JOIN person p ON p.id = c.owner_id
     WHERE c.id = $1`,
    [id, audiencesOf(viewer), key],
  );
  const row = rows[0];
  if (!row) throw notFound();
  const { copied_from, copied_title, copied_owner, in_audience, by_link, ...facts } = row;
  const relation = relationTo(viewer, facts, { reader: in_audience, link: by_link === true });
  if (!may(action, relation, facts)) throw notFound();
  return {
    ...facts,
    relation,
    copied: copied_title === '' ? null : { id: copied_from, title: copied_title, owner: copied_owner },
  };
}

type CardRow = {
  id: string;
  title: string;
  kind: CollectionKind;
  visibility: CollectionVisibility;
  featured: boolean;
  description: string;
  owner: string;
  organization_name: string;
  organization_url: string;
  count: number;
  cover: { file: string; page: number; width: number; height: number } | null;
  updated_at: Date;
  mine: boolean;
};

/**
 * The cover of a collection `c` for whoever holds the keys `$1`: the first page of the chosen resource, or of the first in it
 * that has one; of what they may see, and of no file for educators only.
 */
const coverSql = `
  (SELECT json_build_object('file', tf.file_id, 'page', p.page, 'width', p.width, 'height', p.height)
   FROM (SELECT c.cover_id AS resource_id, -1 AS place, 0 AS position, now() AS added_at WHERE c.cover_id IS NOT NULL
         UNION ALL
         SELECT ci.resource_id, coalesce(s.position, 0), ci.position, ci.added_at
         FROM collection_item ci LEFT JOIN collection_section s ON s.id = ci.section_id
         WHERE ci.collection_id = c.id AND ci.stands = 'in') i
   JOIN resource r ON r.id = i.resource_id AND r.state = 'published' AND r.audience && $1::text[]
   JOIN version v ON v.id = r.current_version_id
   JOIN version_file tf ON tf.version_id = v.id AND NOT ${educatorsOnlySql('tf')}
   JOIN file f ON f.id = tf.file_id JOIN blob b ON b.sha256 = f.sha256 AND b.scan_state IN ('unscanned', 'clean')
   JOIN blob_preview p ON p.sha256 = b.sha256
   ORDER BY i.place, i.position, i.added_at DESC, i.resource_id, tf.position, p.page, p.width LIMIT 1)`;

/** How many items of a collection `c` the holder of the keys `$1` may see. */
const countSql = `
  (SELECT count(*)::int FROM collection_item ci JOIN resource r ON r.id = ci.resource_id
   WHERE ci.collection_id = c.id AND ci.stands = 'in' AND r.state = 'published' AND r.audience && $1::text[])`;

const cardsSql = (where: string, order: string): string => `
  SELECT c.id, c.title, c.kind, c.visibility, c.featured_at IS NOT NULL AS featured, left(c.description, 400) AS description,
    p.name AS owner, o.name AS organization_name, ${organizationUrlSql} AS organization_url, ${countSql} AS count, ${coverSql} AS cover,
    c.updated_at, ($2::uuid IS NOT NULL AND (c.owner_id = $2 OR EXISTS (
      SELECT 1 FROM collection_editor e WHERE e.collection_id = c.id AND e.person_id = $2))) AS mine
  FROM collection c JOIN organization o ON o.id = c.organization_id JOIN person p ON p.id = c.owner_id
  WHERE c.deleted_at IS NULL AND (${where}) ORDER BY ${order}`;

async function cards(
  pool: Pool,
  viewer: Viewer,
  where: string,
  order: string,
  more: unknown[] = [],
): Promise<CollectionCard[]> {
  const { rows } = await pool.query<CardRow>(cardsSql(where, order), [
    audiencesOf(viewer),
    viewer.id,
    ...more,
  ]);
  return rows.map((row) => ({
    id: row.id,
    url: collectionPath(row.id, row.title),
    title: row.title,
    kind: row.kind,
    visibility: row.visibility,
    featured: row.featured,
    summary: plainWords(row.description),
    owner: row.owner,
    organization: { label: row.organization_name, url: row.organization_url },
    count: row.kind === 'rule' ? null : row.count,
    cover: row.cover && pageImage(row.cover),
    updatedAt: row.updated_at,
    mine: row.mine,
  }));
}

/** Everything of one page of lists: one's own and co-edited ones, those that others share, featured ones. */
export async function collectionLists(
  pool: Pool,
  viewer: Viewer,
): Promise<{
  mine: CollectionCard[];
  shared: CollectionCard[];
  featured: CollectionCard[];
  others: CollectionCard[];
}> {
  const all = await cards(
    pool,
    viewer,
    `c.audience && $1::text[] AND (c.kind <> 'saved' OR c.owner_id = $2)`,
    `(c.kind = 'saved') DESC, c.featured_at IS NULL, c.featured_place, c.updated_at DESC, c.id LIMIT 500`,
  );
  const mine = await (isEducator(viewer)
    ? cards(
        pool,
        viewer,
        `c.owner_id = $2 OR EXISTS (SELECT 1 FROM collection_editor e WHERE e.collection_id = c.id AND e.person_id = $2)`,
        `(c.kind = 'saved') DESC, c.updated_at DESC, c.id LIMIT 600`,
      )
    : []);
  const rest = all.filter((card) => !card.mine);
  return {
    mine,
    featured: all.filter((card) => card.featured),
    shared: rest.filter((card) => card.visibility === 'school' || card.visibility === 'district'),
    others: rest.filter((card) => card.visibility === 'public' && !card.featured),
  };
}

/** What the state shows on the home page, in its order. */
export const featuredCollections = (pool: Pool, viewer: Viewer, limit: number): Promise<CollectionCard[]> =>
  cards(
    pool,
    viewer,
    `c.featured_at IS NOT NULL AND c.audience && $1::text[]`,
    `c.featured_place, c.featured_at DESC, c.id LIMIT $3`,
    [limit],
  );

/** Collections that hold a resource and that the viewer may see: featured ones first, then what was changed last. */
export async function collectionsWith(
  pool: Pool,
  viewer: Viewer,
  resourceId: string,
  limit: number,
): Promise<Link[]> {
  const { rows } = await pool.query<{ id: string; title: string; language: string }>(
    `SELECT c.id, c.title, c.language FROM collection_item ci JOIN collection c ON c.id = ci.collection_id
     WHERE ci.resource_id = $2 AND ci.stands = 'in' AND c.kind <> 'saved' AND c.audience && $1::text[]
     ORDER BY c.featured_at IS NULL, c.updated_at DESC, c.id LIMIT $3`,
    [audiencesOf(viewer), resourceId, limit],
  );
  return rows.map(({ id, title, language }) => ({ label: title, url: collectionPath(id, title), language }));
}

/** What a person may take back: taken away by them within so many days. */
export async function deletedCollections(
  pool: Pool,
  personId: string,
  days: number,
): Promise<{ id: string; title: string; deletedAt: Date }[]> {
  const { rows } = await pool.query<{ id: string; title: string; deletedAt: Date }>(
    `SELECT id, title, deleted_at AS "deletedAt" FROM collection
     WHERE owner_id = $1 AND deleted_at > now() - make_interval(days => $2) ORDER BY deleted_at DESC LIMIT 20`,
    [personId, days],
  );
  return rows;
}

/** A person's collections into which a resource may be put: made by hand, and pins of rules. */
export async function collectionsToAddTo(
  pool: Pool,
  personId: string,
  resourceId: string,
): Promise<{ id: string; title: string; visibility: CollectionVisibility; count: number; has: boolean }[]> {
  const { rows } = await pool.query<{
    id: string;
    title: string;
    visibility: CollectionVisibility;
    count: number;
    has: boolean;
  }>(
    `SELECT c.id, c.title, c.visibility, count(ci.*)::int AS count,
       coalesce(bool_or(ci.resource_id = $2 AND ci.stands = 'in'), false) AS has
     FROM collection c LEFT JOIN collection_item ci ON ci.collection_id = c.id
     WHERE c.kind <> 'saved' AND c.deleted_at IS NULL
       AND (c.owner_id = $1 OR EXISTS (SELECT 1 FROM collection_editor e WHERE e.collection_id = c.id AND e.person_id = $1))
     GROUP BY c.id ORDER BY c.updated_at DESC, c.id LIMIT 600`,
    [personId, resourceId],
  );
  return rows;
}

/** The beginning of a description without the signs of Markdown. */
export function plainWords(markdown: string, most = 160): string {
  const plain = markdown
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/^[#>\s*+-]+/gm, '')
    .replaceAll(/[*_`~]/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  if (plain.length <= most) return plain;
  return `${plain.slice(0, most).replace(/\s+\S*$/, '')} …`;
}
