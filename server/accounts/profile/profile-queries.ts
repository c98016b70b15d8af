import type { Pool } from 'pg';

/** What a person teaches, and whether their home page begins with it. */
export type Teaching = { subjects: string[]; grades: string[]; first: boolean };

/** What a person says of themselves, with what can be chosen. */
export type Profile = {
  name: string;
  organizationId: string;
  organization: string;
  teaching: Teaching;
  subjects: { slug: string; name: string }[];
  /** Where they may move by themselves: places of their district; empty where somebody else decides. */
  places: { id: string; name: string }[];
};

/** What a person teaches; one look at their row. */
export async function teachingOf(pool: Pick<Pool, 'query'>, personId: string): Promise<Teaching> {
  const { rows } = await pool.query<Teaching>(
    `SELECT p.teaches_grades AS grades, p.home_by_teaching AS first,
       coalesce((SELECT array_agg(s.subject_slug ORDER BY s.subject_slug) FROM person_subject s WHERE s.person_id = p.id), '{}') AS subjects
     FROM person p WHERE p.id = $1`,
    [personId],
  );
  return rows[0] ?? { subjects: [], grades: [], first: false };
}

/**
 * Whether somebody moves between the schools of their district by themselves: a teacher who holds nothing but that role,
 * where they work. `$1` is the person.
 */
export const movesThemselvesSql = `EXISTS (
  SELECT 1 FROM person p JOIN role_grant g ON g.person_id = p.id AND g.organization_id = p.organization_id AND g.role = 'teacher'
    JOIN organization o ON o.id = p.organization_id AND o.district_id IS NOT NULL
  WHERE p.id = $1 AND NOT EXISTS (SELECT 1 FROM role_grant other WHERE other.person_id = p.id AND (other.organization_id, other.role) <> (g.organization_id, g.role)))`;

/** A person's profile, for their account page. */
export async function profileOf(pool: Pool, personId: string): Promise<Profile> {
  const [{ rows }, teaching] = await Promise.all([
    pool.query<Omit<Profile, 'teaching'>>(
      `SELECT p.name, p.organization_id AS "organizationId", o.name AS organization,
         (SELECT coalesce(json_agg(json_build_object('slug', s.slug, 'name', s.name) ORDER BY s.position, s.name), '[]') FROM subject s
          WHERE s.retired_at IS NULL OR s.slug IN (SELECT mine.subject_slug FROM person_subject mine WHERE mine.person_id = p.id)) AS subjects,
         CASE WHEN ${movesThemselvesSql} THEN
           (SELECT json_agg(json_build_object('id', s.id, 'name', s.name) ORDER BY s.kind = 'district', plain(s.name), s.id)
            FROM organization s WHERE s.district_id = o.district_id AND s.closed_at IS NULL)
         ELSE '[]' END AS places
       FROM person p JOIN organization o ON o.id = p.organization_id WHERE p.id = $1`,
      [personId],
    ),
    teachingOf(pool, personId),
  ]);
  const [profile] = rows;
  return {
    name: '',
    organizationId: '',
    organization: '',
    subjects: [],
    places: [],
    ...profile,
    teaching,
  };
}
