import type { Pool, PoolClient } from 'pg';
import { GAP_FIELDS, MISSING, missingSql, type GapField, type Missing } from './tag-kinds.ts';

/** Which resources: what is wrong with them, and where. */
export interface TagFilter {
  missing: Missing | null;
  gap: GapField | null;
  /** The word that nobody knew; null: any of the field. */
  gapValue: string | null;
  /** Ids of districts whose resources the viewer looks after; null: all of the state. */
  districts: readonly string[] | null;
  subject: string | null;
  grade: string | null;
  /** Begins a word of the title. */
  words: string;
}

const OPEN_GAP = `i.resource_id = r.id AND i.gaps IS NOT NULL AND g->>'reason' IN ('unknown', 'unreadable')
  AND NOT EXISTS (SELECT 1 FROM gap_mended m WHERE m.resource_id = r.id AND m.field = g->>'field' AND m.value = g->>'value')`;

/** SQL after FROM: published resources `r` with their versions `v` that a filter means, and its values from `$1` on. */
function chosen(filter: TagFilter): { sql: string; values: unknown[] } {
  const sql = `resource r JOIN version v ON v.id = r.current_version_id
    WHERE r.state = 'published' AND ($1::uuid[] IS NULL OR r.district_id = ANY ($1))
      AND ($2::text IS NULL OR EXISTS (SELECT 1 FROM version_subject x WHERE x.version_id = v.id AND x.subject = $2))
      AND ($3::text IS NULL OR EXISTS (SELECT 1 FROM version_grade x WHERE x.version_id = v.id AND x.grade = $3))
      AND ($4 = '' OR plain(v.title) LIKE '%' || plain($4) || '%')
      AND ($5::text IS NULL OR EXISTS (SELECT 1 FROM import_record i, jsonb_array_elements(i.gaps) g
        WHERE ${OPEN_GAP} AND g->>'field' = $5 AND ($6::text IS NULL OR g->>'value' = $6)))
      ${filter.missing === null ? '' : `AND ${missingSql[filter.missing]}`}`;
  const { districts, subject, grade, words, gap, gapValue } = filter;
  return { sql, values: [districts, subject, grade, words.replaceAll(/[%_\\]/g, ' '), gap, gapValue] };
}

/** A resource in the list, with the tags that it has. */
export interface TagRow {
  id: string;
  title: string;
  language: string;
  organization: string;
  license: string | null;
  type: string | null;
  subjects: string[];
  grades: string[];
  /** Code and slug of the level. */
  claims: { code: string; level: string | null }[];
  levels: string[];
  gaps: { field: string; value: string }[];
}

/** The resources of a filter, the most used first, with how many they are in all. */
export async function tagRows(
  pool: Pool,
  filter: TagFilter,
  { limit, offset }: { limit: number; offset: number },
): Promise<{ total: number; rows: TagRow[] }> {
  const { sql, values } = chosen(filter);
  const [{ rows: counted }, { rows }] = await Promise.all([
    pool.query<{ total: number }>(`SELECT count(*)::int AS total FROM ${sql}`, values),
    pool.query<TagRow>(
      `SELECT r.id, v.title, v.language, o.name AS organization, v.license, v.type,
         ARRAY(SELECT x.subject FROM version_subject x WHERE x.version_id = v.id ORDER BY x.position) AS subjects,
         ARRAY(SELECT x.grade FROM version_grade x WHERE x.version_id = v.id) AS grades,
         ARRAY(SELECT l.slug FROM version_level x JOIN competency_level l ON l.id = x.level_id WHERE x.version_id = v.id ORDER BY l.position) AS levels,
         coalesce((SELECT json_agg(json_build_object('code', coalesce(s.code, left(s.statement, 40)), 'level', l.slug) ORDER BY s.code)
           FROM alignment a JOIN standard s ON s.guid = a.standard_guid LEFT JOIN competency_level l ON l.id = a.level_id
           WHERE a.resource_id = r.id AND a.to_version IS NULL), '[]') AS claims,
         coalesce((SELECT json_agg(json_build_object('field', g->>'field', 'value', g->>'value'))
           FROM import_record i, jsonb_array_elements(i.gaps) g WHERE ${OPEN_GAP}), '[]') AS gaps
       FROM (SELECT r.id FROM ${sql} ORDER BY r.used_count DESC, r.id LIMIT $7 OFFSET $8) p
         JOIN resource r ON r.id = p.id JOIN version v ON v.id = r.current_version_id JOIN organization o ON o.id = r.organization_id
       ORDER BY r.used_count DESC, r.id`,
      [...values, limit, offset],
    ),
  ]);
  return { total: counted[0]?.total ?? 0, rows };
}

/** Ids of all resources of a filter, at most so many, on the caller's transaction. */
export async function tagIds(client: PoolClient, filter: TagFilter, limit: number): Promise<string[]> {
  const { sql, values } = chosen(filter);
  const { rows } = await client.query<{ id: string }>(`SELECT r.id FROM ${sql} ORDER BY r.id LIMIT $7`, [
    ...values,
    limit,
  ]);
  return rows.map(({ id }) => id);
}

/** How many resources lack what, and which words of imports nobody knew, most first. */
export interface TagTally {
  missing: Record<Missing, number>;
  gaps: { field: GapField; value: string; count: number }[];
  all: number;
}

/** Grows with every change of tags, and soon after every other change of a resource. */
export async function tagStamp(pool: Pool): Promise<string> {
  const { rows } = await pool.query<{ stamp: string }>(
    `SELECT concat_ws(' ', (SELECT max(moved_at) FROM tag_change), (SELECT count(*) FROM gap_mended),
       (SELECT changes FROM search_engine WHERE name = 'postgres')) AS stamp`,
  );
  return rows[0]?.stamp ?? '';
}

/** Unknown words that are listed. */
const WORDS = 40;

/** One round trip. @param districts whose; null: all of the state */
export async function tagTally(pool: Pool, districts: readonly string[] | null): Promise<TagTally> {
  const { rows } = await pool.query<TagTally>(
    `SELECT count(*)::int AS all, json_build_object(${MISSING.map(
      (name) => `'${name}', (count(*) FILTER (WHERE ${missingSql[name]}))::int`,
    ).join(', ')}) AS missing,
       coalesce((SELECT json_agg(w) FROM (
         SELECT g->>'field' AS field, g->>'value' AS value, count(*)::int AS count
         FROM import_record i JOIN resource r ON r.id = i.resource_id AND r.state = 'published' AND ($1::uuid[] IS NULL OR r.district_id = ANY ($1)),
           jsonb_array_elements(i.gaps) g
         WHERE ${OPEN_GAP} AND g->>'field' = ANY ($2::text[])
         GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT ${WORDS}) w), '[]') AS gaps
     FROM resource r JOIN version v ON v.id = r.current_version_id
     WHERE r.state = 'published' AND ($1::uuid[] IS NULL OR r.district_id = ANY ($1))`,
    [districts, GAP_FIELDS],
  );
  return rows[0]!;
}
