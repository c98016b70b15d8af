import type { Pool } from 'pg';
import { audiencesOf, type Viewer } from '../lib/viewer.ts';
import type { CheckRow } from '../resources/check-sign.ts';
import { smallestGroup } from '../resources/small-groups.ts';
import type { ResourceState, Visibility } from '../resources/resource-policy.ts';

/** One of a person's own resources. */
export type MyRow = CheckRow & {
  id: string;
  state: ResourceState;
  takedown: boolean;
  visibility: Visibility;
  title: string;
  language: string;
  type: string | null;
  number: number | null;
  draft_at: Date | null;
  published_at: Date | null;
  withdrawn_at: Date | null;
  main_kind: string | null;
  url: string | null;
  thumb: { file: string; page: number; width: number; height: number } | null;
  opened: number;
  taken: number;
  used: number;
  adapted: number;
  /** What was said of it last by who checked it, and whether anything was. */
  check_note: string | null;
  talked: boolean;
};

export type ShelfFacts = {
  mine: MyRow[];
  saved: string[];
  by_district: {
    district: string;
    slug: string | null;
    opened: number;
    taken: number;
    used: number | null;
  }[];
  notes: { person: string; organization: string; on: string; text: string; title: string; id: string }[];
  adaptations: {
    id: string;
    title: string;
    language: string;
    authors: string;
    organization: string;
    on: string | null;
    note: string;
    of: string;
  }[];
};

/** What stands on a person's own shelf, and what colleagues did with their work; one round trip. */
export async function shelfFacts(pool: Pool, viewer: Viewer & { id: string }): Promise<ShelfFacts> {
  const { rows } = await pool.query<{ facts: ShelfFacts }>(shelfSql, [viewer.id, audiencesOf(viewer)]);
  return rows[0]!.facts;
}

const thumb = `
  (SELECT json_build_object('file', tf.file_id, 'page', p.page, 'width', p.width, 'height', p.height)
   FROM version_file tf JOIN file f ON f.id = tf.file_id JOIN blob b ON b.sha256 = f.sha256 JOIN blob_preview p ON p.sha256 = b.sha256
   WHERE tf.version_id = v.id AND NOT tf.educators_only AND b.scan_state IN ('unscanned', 'clean')
   ORDER BY tf.position, p.page, p.width LIMIT 1)`;

const shelfSql = `
  WITH own AS MATERIALIZED (
    SELECT r.* FROM resource r
    WHERE r.state <> 'purged' AND (r.owner_id = $1 OR EXISTS (SELECT 1 FROM co_author c WHERE c.resource_id = r.id AND c.person_id = $1))),
  counts AS (SELECT resource_id, sum(opened)::int AS opened, sum(taken)::int AS taken FROM daily_count
             WHERE resource_id IN (SELECT id FROM own) GROUP BY resource_id),
  mine AS (
    SELECT own.id, own.state, own.takedown, own.visibility, own.check_state, own.checked_at, own.published_at, own.withdrawn_at,
      (SELECT name FROM person WHERE id = own.checked_by) AS checker_name, (SELECT kind FROM organization WHERE id = own.checked_for) AS checked_for_kind,
      v.title, v.language, (SELECT name FROM resource_type WHERE slug = v.type) AS type, current.number, draft.updated_at AS draft_at, v.url,
      (SELECT b.kind FROM version_file vf JOIN file f ON f.id = vf.file_id JOIN blob b ON b.sha256 = f.sha256
       WHERE vf.version_id = v.id ORDER BY vf.educators_only, vf.position LIMIT 1) AS main_kind,
      ${thumb} AS thumb,
      (SELECT c.note FROM resource_check c WHERE c.resource_id = own.id ORDER BY c.created_at DESC, c.id DESC LIMIT 1) AS check_note,
      EXISTS (SELECT 1 FROM resource_check c WHERE c.resource_id = own.id) OR EXISTS (SELECT 1 FROM check_message m WHERE m.resource_id = own.id) AS talked,
      coalesce(counts.opened, 0) AS opened, coalesce(counts.taken, 0) AS taken, own.used_count AS used,
      (SELECT count(*)::int FROM resource a WHERE a.adapted_from_id = own.id AND a.state = 'published') AS adapted,
      coalesce(draft.updated_at, own.updated_at) AS touched
    FROM own
    LEFT JOIN version current ON current.id = own.current_version_id
    LEFT JOIN version draft ON draft.resource_id = own.id AND draft.number IS NULL
    JOIN version v ON v.id = coalesce(CASE WHEN own.state IN ('published', 'withdrawn') THEN current.id END, draft.id, current.id)
    LEFT JOIN counts ON counts.resource_id = own.id)
  SELECT json_build_object(
    'mine', coalesce((SELECT json_agg(mine ORDER BY mine.touched DESC) FROM mine), '[]'),
    'saved', coalesce((SELECT json_agg(ci.resource_id ORDER BY ci.added_at DESC) FROM collection c JOIN collection_item ci ON ci.collection_id = c.id
                       WHERE c.owner_id = $1 AND c.kind = 'saved'), '[]'),
    'by_district', coalesce((
      SELECT json_agg(json_build_object('district', d.name, 'slug', d.slug, 'opened', d.opened, 'taken', d.taken, 'used', d.used) ORDER BY d.taken DESC, d.opened DESC, d.name)
      FROM (
        SELECT o.name, o.slug, sum(x.opened)::int AS opened, sum(x.taken)::int AS taken,
               CASE WHEN sum(x.used) >= ${smallestGroup} THEN sum(x.used)::int END AS used
        FROM (
          SELECT organization_id, opened, taken, 0 AS used FROM daily_count WHERE resource_id IN (SELECT id FROM own)
          UNION ALL
          SELECT u.district_id, 0, 0, 1 FROM use_mark u WHERE u.resource_id IN (SELECT id FROM own)) x
        JOIN organization o ON o.id = x.organization_id AND o.kind = 'district'
        GROUP BY o.id) d), '[]'),
    'notes', coalesce((
      SELECT json_agg(n.item) FROM (
        SELECT json_build_object('person', p.name, 'organization', o.name, 'on', u.created_at, 'text', u.note, 'title', v.title, 'id', own.id) AS item
        FROM use_mark u JOIN own ON own.id = u.resource_id JOIN version v ON v.id = own.current_version_id
        JOIN person p ON p.id = u.person_id JOIN organization o ON o.id = p.organization_id
        WHERE u.note <> '' AND u.person_id <> $1
          AND NOT EXISTS (SELECT 1 FROM flag f WHERE f.use_id = u.id AND f.state = 'open' AND f.hides) ORDER BY u.created_at DESC LIMIT 20) n), '[]'),
    'adaptations', coalesce((
      SELECT json_agg(a.item) FROM (
        SELECT json_build_object('id', c.id, 'title', cv.title, 'language', cv.language, 'note', cv.change_note, 'on', c.first_published_at, 'of', v.title,
          'authors', coalesce(nullif(cv.authors, ''), (SELECT name FROM person WHERE id = c.owner_id), ''),
          'organization', (SELECT name FROM organization WHERE id = c.organization_id)) AS item
        FROM own JOIN version v ON v.id = own.current_version_id
        JOIN resource c ON c.adapted_from_id = own.id AND c.state = 'published' AND c.audience && $2::text[]
        JOIN version cv ON cv.id = c.current_version_id
        ORDER BY c.first_published_at DESC LIMIT 20) a), '[]')
  ) AS facts`;
