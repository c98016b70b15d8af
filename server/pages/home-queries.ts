import type { Pool } from 'pg';
import { apartSql, type sortKeys } from '../lib/viewer.ts';
import type { StandardTab } from '../standards/standard-view.ts';

export type HomeFacts = {
  resources: number;
  /** Ids of those that have any. */
  districts: string[];
  checked: number;
  /** In their order, those without any too. */
  by_subject: { slug: string; label: string; count: number }[];
  /** Checked lately, or the newest where nothing was; `at`: when, in seconds. */
  shelf: { id: string; checked: boolean; at: number }[];
  /** Empty rungs of standards that otherwise have resources: the best known ones of each subject and grade, best known first. */
  gaps: (Omit<StandardTab, 'url'> & { level: string; subject: string | null; grades: string[] })[];
  /** A standard, a topic and a word that find something. */
  tries: { code: string | null; topic: { name: string; slug: string } | null };
};

export type ShelfItem = Pick<HomeFacts['shelf'][number], 'id' | 'checked'>;

/** What only the keys of few open is little: added to what all see, as far as it counts something. */
export type ApartFacts = Pick<HomeFacts, 'resources' | 'districts' | 'checked' | 'shelf'> & {
  by_subject: { slug: string; count: number }[];
};

/** So many are on the shelf of the home page. */
export const SHELF = 6;
/** So many empty rungs stand on the home page. */
export const GAPS_SHOWN = 5;

/** The first of `seen`, checked ones first. */
const shelfSql = `
  coalesce((SELECT json_agg(json_build_object('id', top.id, 'checked', top.checked, 'at', extract(epoch FROM top.at)::float8) ORDER BY top.checked DESC, top.at DESC, top.id)
    FROM (SELECT id, check_state = 'checked' AS checked, coalesce(checked_at, published_at) AS at FROM seen ORDER BY 2 DESC, 3 DESC, 1 LIMIT ${SHELF}) top), '[]')`;

/** What the home page says about everything that holders of `audiences` may see; one round trip. */
export async function homeFacts(pool: Pool, audiences: string[]): Promise<HomeFacts> {
  const { rows } = await pool.query<HomeFacts>(
    `WITH seen AS MATERIALIZED (
       SELECT r.id, r.current_version_id, r.district_id, r.check_state, r.checked_at, r.published_at, r.used_count
       FROM resource r WHERE r.state = 'published' AND r.audience && $1::text[]),
     filled AS (
       SELECT a.standard_guid, a.level_id, count(DISTINCT a.resource_id) AS resources
       FROM alignment a JOIN seen ON seen.id = a.resource_id WHERE a.to_version IS NULL AND a.level_id IS NOT NULL
       GROUP BY a.standard_guid, a.level_id),
     busy AS (SELECT standard_guid, sum(resources) AS resources, count(*) AS rungs FROM filled GROUP BY standard_guid),
     empty AS (
       SELECT st.guid, st.code, st.grades, f.subject_slug AS subject, coalesce(st.short_statement, st.statement) AS statement, l.slug AS level, busy.resources,
              row_number() OVER (PARTITION BY st.guid ORDER BY l.position) AS place
       FROM busy JOIN standard st ON st.guid = busy.standard_guid AND st.retired_at IS NULL AND st.child_count = 0
       JOIN framework f ON f.guid = st.framework_guid AND f.visible
       CROSS JOIN competency_level l JOIN competency_scale s ON s.id = l.scale_id AND s.is_default
       WHERE NOT EXISTS (SELECT 1 FROM filled WHERE filled.standard_guid = st.guid AND filled.level_id = l.id))
     SELECT
       (SELECT count(*)::int FROM seen) AS resources,
       ARRAY(SELECT DISTINCT district_id FROM seen WHERE district_id IS NOT NULL) AS districts,
       (SELECT count(*)::int FROM seen WHERE check_state = 'checked') AS checked,
       coalesce((SELECT json_agg(json_build_object('slug', c.slug, 'label', c.name, 'count', c.count) ORDER BY c.position, c.name)
         FROM (SELECT s.slug, s.name, s.position, count(seen.id)::int AS count FROM subject s
               LEFT JOIN version_subject vs ON vs.subject = s.slug LEFT JOIN seen ON seen.current_version_id = vs.version_id
               GROUP BY s.slug) c), '[]') AS by_subject,
       ${shelfSql} AS shelf,
       coalesce((SELECT json_agg(json_build_object('guid', gap.guid, 'code', gap.code, 'statement', gap.statement, 'retired', false, 'level', gap.level,
           'subject', gap.subject, 'grades', gap.grades) ORDER BY gap.resources DESC, gap.code)
         FROM (SELECT *, row_number() OVER (PARTITION BY subject, grades ORDER BY resources DESC, code) AS nth FROM empty WHERE place = 1) gap
         WHERE gap.nth <= ${GAPS_SHOWN}), '[]') AS gaps,
       json_build_object(
         'code', (SELECT st.code FROM busy JOIN standard st ON st.guid = busy.standard_guid WHERE st.code IS NOT NULL ORDER BY busy.resources DESC, st.code LIMIT 1),
         'topic', (SELECT json_build_object('name', t.name, 'slug', t.slug) FROM topic t JOIN version_topic vt ON vt.topic_id = t.id
                   JOIN seen ON seen.current_version_id = vt.version_id WHERE t.parent_id IS NOT NULL
                   GROUP BY t.id ORDER BY count(*) DESC, t.name LIMIT 1)) AS tries`,
    [audiences],
  );
  return rows[0]!;
}

/** What only a viewer's own keys open, of what the home page counts and shows. */
export async function apartFacts(
  pool: Pool,
  { own, shared }: ReturnType<typeof sortKeys>,
): Promise<ApartFacts> {
  const { rows } = await pool.query<ApartFacts>(
    `WITH seen AS MATERIALIZED (
       SELECT r.id, r.current_version_id, r.district_id, r.check_state, r.checked_at, r.published_at
       FROM resource r WHERE r.state = 'published' AND ${apartSql('r.audience', '$1', shared)})
     SELECT (SELECT count(*)::int FROM seen) AS resources,
       ARRAY(SELECT DISTINCT district_id FROM seen WHERE district_id IS NOT NULL) AS districts,
       (SELECT count(*)::int FROM seen WHERE check_state = 'checked') AS checked,
       coalesce((SELECT json_agg(json_build_object('slug', c.subject, 'count', c.count))
         FROM (SELECT vs.subject, count(*)::int AS count FROM seen JOIN version_subject vs ON vs.version_id = seen.current_version_id GROUP BY 1) c), '[]') AS by_subject,
       ${shelfSql} AS shelf`,
    [own],
  );
  return rows[0]!;
}

/** Both together, as if they had been asked for at once; empty rungs and what to try are those of all. */
export function withApart(all: HomeFacts, apart: ApartFacts): HomeFacts {
  const more = new Map(apart.by_subject.map(({ slug, count }) => [slug, count]));
  return {
    ...all,
    resources: all.resources + apart.resources,
    districts: [...new Set([...all.districts, ...apart.districts])],
    checked: all.checked + apart.checked,
    by_subject: all.by_subject.map((one) => ({ ...one, count: one.count + (more.get(one.slug) ?? 0) })),
    shelf: [...all.shelf, ...apart.shelf]
      .sort((a, b) => Number(b.checked) - Number(a.checked) || b.at - a.at || (a.id < b.id ? -1 : 1))
      .slice(0, SHELF),
  };
}

/** The latest resources for any of the subjects and any of the grades (none given: any), checked ones first. */
export async function shelfForTeaching(
  pool: Pool,
  audiences: string[],
  { subjects, grades }: { subjects: string[]; grades: string[] },
  limit: number,
): Promise<ShelfItem[]> {
  const { rows } = await pool.query<ShelfItem>(
    `SELECT r.id, r.check_state = 'checked' AS checked FROM resource r
     WHERE r.state = 'published' AND r.audience && $1::text[]
       AND (cardinality($2::text[]) = 0 OR EXISTS (SELECT 1 FROM version_subject s WHERE s.version_id = r.current_version_id AND s.subject = ANY ($2)))
       AND (cardinality($3::text[]) = 0 OR EXISTS (SELECT 1 FROM version_grade g WHERE g.version_id = r.current_version_id AND g.grade = ANY ($3)))
     ORDER BY (r.check_state = 'checked') DESC, coalesce(r.checked_at, r.published_at) DESC, r.id LIMIT $4`,
    [audiences, subjects, grades, limit],
  );
  return rows;
}
