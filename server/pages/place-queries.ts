import type { Pool } from 'pg';
import { audiencesOf, type Viewer } from '../lib/viewer.ts';

type Counted = { label: string; slug: string; count: number };

/** What the shelf of a topic, district or school starts with: checked, then used, then new. */
const shelfOrder = `(r.check_state = 'checked') DESC, r.used_count DESC, r.published_at DESC, r.id`;

/** How many resources stand on the shelf of such a page. */
const shelfSize = 12;

const seen = `r.state = 'published' AND r.audience && $1::text[]`;

export type TopicRow = { id: string; parent_id: string | null; name: string; slug: string; count: number };

/** Every topic with the number of distinct resources at it and below, in the tree's order. */
export async function topicTree(pool: Pool, viewer: Viewer): Promise<TopicRow[]> {
  const { rows } = await pool.query<TopicRow>(
    `SELECT t.id, t.parent_id, t.name, t.slug, count(DISTINCT r.id)::int AS count
     FROM topic t
     LEFT JOIN topic_ancestor ta ON ta.ancestor_id = t.id
     LEFT JOIN version_topic vt ON vt.topic_id = ta.topic_id
     LEFT JOIN resource r ON r.current_version_id = vt.version_id AND ${seen}
     GROUP BY t.id ORDER BY t.tree_order, t.path`,
    [audiencesOf(viewer)],
  );
  return rows;
}

export type TopicFacts = {
  name: string;
  crumbs: { name: string; slug: string }[];
  total: number;
  checked: number;
  children: Counted[];
  levels: { slug: string; label: string; position: number; of: number; count: number; checked: number }[];
  grades: { grade: string; count: number }[];
  shelf: string[];
};

/** A topic with what is at it and below, or undefined. */
export async function topicFacts(pool: Pool, viewer: Viewer, slug: string): Promise<TopicFacts | undefined> {
  const { rows } = await pool.query<TopicFacts>(
    `WITH here AS (SELECT id, name FROM topic WHERE slug = $2),
     r AS MATERIALIZED (
       SELECT DISTINCT r.* FROM here JOIN topic_ancestor ta ON ta.ancestor_id = here.id JOIN version_topic vt ON vt.topic_id = ta.topic_id
       JOIN resource r ON r.current_version_id = vt.version_id WHERE ${seen})
     SELECT here.name,
       coalesce((SELECT json_agg(json_build_object('name', a.name, 'slug', a.slug) ORDER BY ta.distance DESC)
                 FROM topic_ancestor ta JOIN topic a ON a.id = ta.ancestor_id WHERE ta.topic_id = here.id AND ta.distance > 0), '[]') AS crumbs,
       (SELECT count(*)::int FROM r) AS total,
       (SELECT count(*)::int FROM r WHERE r.check_state = 'checked') AS checked,
       coalesce((SELECT json_agg(json_build_object('label', c.name, 'slug', c.slug, 'count', (
                    SELECT count(DISTINCT r.id) FROM r JOIN version_topic vt ON vt.version_id = r.current_version_id
                    JOIN topic_ancestor ta ON ta.topic_id = vt.topic_id WHERE ta.ancestor_id = c.id)) ORDER BY c.position, c.name)
                 FROM topic c WHERE c.parent_id = here.id), '[]') AS children,
       coalesce((SELECT json_agg(json_build_object('slug', l.slug, 'label', l.name, 'position', l.position,
                    'of', (SELECT count(*) FROM competency_level o WHERE o.scale_id = l.scale_id),
                    'count', (SELECT count(DISTINCT a.resource_id) FROM alignment a JOIN r ON r.id = a.resource_id WHERE a.level_id = l.id AND a.to_version IS NULL),
                    'checked', (SELECT count(DISTINCT a.resource_id) FROM alignment a JOIN r ON r.id = a.resource_id
                                WHERE a.level_id = l.id AND a.to_version IS NULL AND a.check_state = 'checked')) ORDER BY l.position)
                 FROM competency_level l JOIN competency_scale s ON s.id = l.scale_id WHERE s.is_default), '[]') AS levels,
       coalesce((SELECT json_agg(json_build_object('grade', g.grade, 'count', g.count))
                 FROM (SELECT vg.grade, count(*) FROM r JOIN version_grade vg ON vg.version_id = r.current_version_id GROUP BY vg.grade) g), '[]') AS grades,
       ARRAY(SELECT r.id FROM r ORDER BY ${shelfOrder} LIMIT ${shelfSize}) AS shelf
     FROM here`,
    [audiencesOf(viewer), slug],
  );
  return rows[0];
}

/** The slug of the topic that took the place of one that was at this address, or undefined. */
export async function presentTopic(pool: Pool, slug: string): Promise<string | undefined> {
  const { rows } = await pool.query<{ slug: string }>(
    `SELECT t.slug FROM former_term f JOIN topic t ON t.slug = f.value WHERE f.kind = 'topic' AND f.word = $1`,
    [slug],
  );
  return rows[0]?.slug;
}

/** All open districts with the number of their resources and schools. */
export async function districtList(pool: Pool, viewer: Viewer): Promise<(Counted & { schools: number })[]> {
  const { rows } = await pool.query<Counted & { schools: number }>(
    `SELECT d.name AS label, d.slug, count(r.id)::int AS count,
            (SELECT count(*)::int FROM organization s WHERE s.parent_id = d.id AND s.kind = 'school' AND s.closed_at IS NULL) AS schools
     FROM organization d LEFT JOIN resource r ON r.district_id = d.id AND ${seen}
     WHERE d.kind = 'district' AND d.closed_at IS NULL GROUP BY d.id ORDER BY d.name`,
    [audiencesOf(viewer)],
  );
  return rows;
}

export type PlaceFacts = {
  id: string;
  name: string;
  closed: boolean;
  district: { name: string; slug: string } | null;
  total: number;
  checked: number;
  schools: Counted[];
  subjects: Counted[];
  shelf: string[];
};

/**
 * A district (with its schools) or a school, and what it shares. `subject` narrows the shelf, `limit` is how many
 * stand on it; numbers are of everything.
 * @returns undefined for an address where there is none (any more)
 */
export async function placeFacts(
  pool: Pool,
  viewer: Viewer,
  kind: 'district' | 'school',
  slug: string,
  { subject = null, limit = shelfSize }: { subject?: string | null; limit?: number } = {},
): Promise<PlaceFacts | undefined> {
  const mine = kind === 'district' ? 'r.district_id = here.id' : 'r.organization_id = here.id';
  const { rows } = await pool.query<PlaceFacts>(
    `WITH here AS (SELECT id, name, parent_id, closed_at IS NOT NULL AS closed FROM organization WHERE slug = $2 AND kind = $3 AND merged_into_id IS NULL),
     r AS MATERIALIZED (SELECT r.* FROM here JOIN resource r ON ${mine} WHERE ${seen})
     SELECT here.id, here.name, here.closed,
       (SELECT json_build_object('name', d.name, 'slug', d.slug) FROM organization d WHERE d.id = here.parent_id AND d.kind = 'district') AS district,
       (SELECT count(*)::int FROM r) AS total,
       (SELECT count(*)::int FROM r WHERE r.check_state = 'checked') AS checked,
       coalesce((SELECT json_agg(json_build_object('label', s.name, 'slug', s.slug, 'count', (SELECT count(*) FROM r WHERE r.organization_id = s.id)) ORDER BY s.name)
                 FROM organization s WHERE s.parent_id = here.id AND s.kind = 'school' AND s.closed_at IS NULL), '[]') AS schools,
       coalesce((SELECT json_agg(json_build_object('label', c.name, 'slug', c.slug, 'count', c.count) ORDER BY c.position, c.name)
                 FROM (SELECT s.name, s.slug, s.position, count(*) FROM r JOIN version_subject vs ON vs.version_id = r.current_version_id
                       JOIN subject s ON s.slug = vs.subject GROUP BY s.slug) c), '[]') AS subjects,
       ARRAY(SELECT r.id FROM r
         WHERE $4::text IS NULL OR EXISTS (SELECT 1 FROM version_subject vs WHERE vs.version_id = r.current_version_id AND vs.subject = $4)
         ORDER BY ${shelfOrder} LIMIT $5) AS shelf
     FROM here`,
    [audiencesOf(viewer), slug, kind, subject, limit],
  );
  return rows[0];
}

/** The present address of what once had this one: renamed, or merged into another. */
export async function presentAddress(pool: Pool, slug: string): Promise<string | undefined> {
  const { rows } = await pool.query<{ address: string }>(
    `SELECT '/' || kind || 's/' || slug AS address FROM organization WHERE id = organization_at($1) AND kind <> 'state' AND slug <> $1`,
    [slug],
  );
  return rows[0]?.address;
}
