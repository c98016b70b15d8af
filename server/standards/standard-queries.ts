import type { Pool } from 'pg';
import type { LevelWords } from '../vocabularies/vocabulary-view.ts';
import { replacementsSql } from './code-queries.ts';
import { isStandardSql } from './standard-kind.ts';
import { standardRowSql } from './standard-row.ts';
import type { StandardRow } from './standard-row.ts';

/** A framework in a list. */
export interface FrameworkRow {
  guid: string;
  slug: string;
  title: string;
  creator: string;
  publisher: string | null;
  description: string | null;
  /** Name of the state's subject. */
  subject: string | null;
  subjectSlug: string | null;
  version: string | null;
  language: string | null;
  adoptionStatus: string | null;
  licenseUri: string | null;
  officialSourceUrl: string | null;
  own: boolean;
  importedAt: string;
  /** Standing standards that aren't groups. */
  standards: number;
  retiredStandards: number;
}

const FRAMEWORK = `json_build_object('guid', f.guid, 'slug', f.slug, 'title', f.title, 'creator', f.creator, 'publisher', f.publisher,
  'description', f.description, 'subject', (SELECT name FROM subject WHERE slug = f.subject_slug), 'subjectSlug', f.subject_slug,
  'version', f.version, 'language', f.language, 'adoptionStatus', f.adoption_status, 'licenseUri', f.license_uri,
  'officialSourceUrl', f.official_source_url, 'own', f.is_state_own, 'importedAt', f.imported_at,
  'standards', (SELECT count(*) FROM standard s WHERE s.framework_guid = f.guid AND s.retired_at IS NULL AND ${isStandardSql('s')}),
  'retiredStandards', (SELECT count(*) FROM standard s WHERE s.framework_guid = f.guid AND s.retired_at IS NOT NULL))`;

/** Whether there is a framework at all whose standards people can name. */
export async function hasFrameworks(pool: Pool): Promise<boolean> {
  const { rows } = await pool.query<{ some: boolean }>(
    'SELECT EXISTS (SELECT 1 FROM framework WHERE visible) AS some',
  );
  return rows[0]?.some ?? false;
}

/** All frameworks that are shown, the state's own first. */
export async function frameworkList(pool: Pool): Promise<FrameworkRow[]> {
  const { rows } = await pool.query<{ framework: FrameworkRow }>(
    `SELECT ${FRAMEWORK} AS framework FROM framework f WHERE f.visible
     ORDER BY f.is_state_own DESC, f.position, f.title`,
  );
  return rows.map(({ framework }) => framework);
}

/** What an address means that is no code: a standard's GUID, or a framework's GUID or slug. */
export async function whatIs(
  pool: Pool,
  { guid, slug }: { guid: string | null; slug: string },
): Promise<{ kind: 'standard' | 'framework'; guid: string; slug: string | null } | undefined> {
  const { rows } = await pool.query<{ kind: 'standard' | 'framework'; guid: string; slug: string | null }>(
    `SELECT 'framework' AS kind, guid, slug FROM framework WHERE guid = $1 OR slug = $2
     UNION ALL SELECT 'standard', s.guid, NULL FROM standard s WHERE s.guid = $1
     LIMIT 1`,
    [guid, slug],
  );
  return rows[0];
}

export interface FrameworkTree {
  framework: FrameworkRow;
  /** Grades that standards of it have, with how many. */
  grades: { grade: string; count: number }[];
  /** Its top items, in order, with how many standards (not groups) are below. */
  domains: { guid: string; code: string | null; label: string; count: number }[];
  /** In reading order. */
  items: StandardRow[];
}

/**
 * A framework with its standards in reading order, retired ones left out. One round trip.
 * @param choice grade: what has this grade, and what is above that; domain: this top item and what is below;
 *   neither: everything where there is little (at most `all` items), else the two upper levels
 * @returns undefined for a framework that isn't there
 */
export async function frameworkTree(
  pool: Pool,
  framework: string,
  choice: { grade?: string | undefined; domain?: string | undefined; all?: number },
): Promise<FrameworkTree | undefined> {
  const { rows } = await pool.query<FrameworkTree>(
    `WITH here AS (SELECT * FROM framework WHERE guid = $1),
     mine AS MATERIALIZED (SELECT s.* FROM here JOIN standard s ON s.framework_guid = here.guid WHERE s.retired_at IS NULL),
     chosen AS (
       SELECT m.guid FROM mine m
       WHERE ($2::text IS NULL OR $2 = ANY (m.grades)
           OR EXISTS (SELECT 1 FROM standard_ancestor t JOIN mine below ON below.guid = t.standard_guid
                      WHERE t.ancestor_guid = m.guid AND $2 = ANY (below.grades)))
         AND ($3::uuid IS NULL OR EXISTS (SELECT 1 FROM standard_ancestor t WHERE t.standard_guid = m.guid AND t.ancestor_guid = $3))
         AND ($2 IS NOT NULL OR $3::uuid IS NOT NULL OR m.depth < 2 OR (SELECT count(*) FROM mine) <= $4))
     SELECT (SELECT ${FRAMEWORK} FROM here f) AS framework,
       coalesce((SELECT json_agg(json_build_object('grade', g.grade, 'count', g.count))
         FROM (SELECT grade, count(*) FROM mine s, unnest(s.grades) AS grade WHERE ${isStandardSql('s')} GROUP BY grade) g), '[]') AS grades,
       coalesce((SELECT json_agg(json_build_object('guid', d.guid, 'code', d.code, 'label', coalesce(d.short_statement, d.statement),
           'count', (SELECT count(*) FROM standard_ancestor t JOIN mine s ON s.guid = t.standard_guid WHERE t.ancestor_guid = d.guid AND ${isStandardSql('s')})
         ) ORDER BY d.position) FROM mine d WHERE d.depth = 0), '[]') AS domains,
       coalesce((SELECT json_agg(${standardRowSql('s', 'f')} ORDER BY s.position)
         FROM chosen JOIN mine s ON s.guid = chosen.guid CROSS JOIN here f), '[]') AS items
     FROM here`,
    [framework, choice.grade ?? null, choice.domain ?? null, choice.all ?? 150],
  );
  return rows[0];
}

/** Another standard that an association names, in the words of CASE; `direction` seen from the standard asked for. */
interface Neighbor {
  type: string;
  direction: 'out' | 'in';
  standard: StandardRow;
}

/** All that one standard's page says about it, but for the resources. */
export interface StandardFacts {
  standard: StandardRow & { notes: string | null; uri: string };
  /** From the top of the framework down to the parent. */
  path: StandardRow[];
  parent: StandardRow | null;
  /** What stands beside it, itself among them, in order. */
  siblings: StandardRow[];
  children: StandardRow[];
  neighbors: Neighbor[];
  replacedBy: StandardRow[];
  /** The levels of the state's scale, lowest first, in the standard's own words where it has them. */
  levels: (LevelWords & { id: string })[];
}

/** How many siblings, children and neighbors a page shows. */
const SHOWN = 120;

const firstParent = (guid: string): string =>
  `SELECT p.* FROM standard_parent l JOIN standard p ON p.guid = l.parent_guid WHERE l.child_guid = ${guid}
   ORDER BY p.retired_at IS NOT NULL, p.depth, p.position LIMIT 1`;

/** Reads a standard by GUID with everything around it, in one round trip; undefined when there is none. */
export async function standardFacts(pool: Pool, guid: string): Promise<StandardFacts | undefined> {
  const { rows } = await pool.query<StandardFacts>(
    `WITH RECURSIVE here AS (SELECT s.* FROM standard s WHERE s.guid = $1),
     -- The first way up, where there are several.
     line AS (
       SELECT p.*, 1 AS step FROM here JOIN LATERAL (${firstParent('here.guid')}) p ON true
       UNION ALL
       SELECT p.*, line.step + 1 FROM line JOIN LATERAL (${firstParent('line.guid')}) p ON true WHERE line.step < 60),
     up AS (SELECT * FROM line WHERE step = 1),
     linked AS (
       SELECT a.type, 'out' AS direction, a.destination_guid AS other, a.destination_uri AS uri FROM standard_association a WHERE a.origin_guid = $1
       UNION ALL
       SELECT a.type, 'in', a.origin_guid, a.origin_uri FROM standard_association a WHERE a.destination_guid = $1
       UNION ALL
       -- Others name an address that, this framework says, is this standard.
       SELECT a.type, 'in', a.origin_guid, a.origin_uri FROM standard_association me
       JOIN standard_association a ON a.destination_uri = me.destination_uri AND a.origin_guid <> $1
       WHERE me.origin_guid = $1 AND me.type = 'exactMatchOf'),
     resolved AS (
       SELECT DISTINCT l.type, l.direction, n.guid FROM linked l
       JOIN standard n ON n.guid = coalesce(
         (SELECT s.guid FROM standard s WHERE s.guid = l.other),
         (SELECT a.origin_guid FROM standard_association a JOIN standard s ON s.guid = a.origin_guid
          WHERE a.destination_uri = l.uri AND a.type = 'exactMatchOf' AND l.direction = 'out' LIMIT 1))
       WHERE n.guid <> $1)
     SELECT
       (SELECT ${standardRowSql('here', 'f')}::jsonb || jsonb_build_object('notes', here.notes, 'uri', here.uri)) AS standard,
       coalesce((SELECT json_agg(${standardRowSql('s', 'f')} ORDER BY s.step DESC) FROM line s), '[]') AS path,
       (SELECT ${standardRowSql('up', 'f')} FROM up) AS parent,
       coalesce((SELECT json_agg(${standardRowSql('s', 'f')} ORDER BY s.position) FROM (
         SELECT s.* FROM standard s
         WHERE s.framework_guid = here.framework_guid AND (s.retired_at IS NULL OR s.guid = $1)
           AND CASE WHEN EXISTS (SELECT 1 FROM up)
             THEN EXISTS (SELECT 1 FROM standard_parent l WHERE l.child_guid = s.guid AND l.parent_guid = (SELECT guid FROM up))
             ELSE s.depth = 0 END
         ORDER BY s.guid <> $1, s.position LIMIT ${SHOWN}) s), '[]') AS siblings,
       coalesce((SELECT json_agg(${standardRowSql('s', 'f')} ORDER BY s.sequence, s.position) FROM (
         SELECT s.*, l.sequence FROM standard_parent l JOIN standard s ON s.guid = l.child_guid
         WHERE l.parent_guid = $1 AND s.retired_at IS NULL ORDER BY l.sequence, s.position LIMIT ${SHOWN}) s), '[]') AS children,
       coalesce((SELECT json_agg(json_build_object('type', r.type, 'direction', r.direction, 'standard', ${standardRowSql('s', 'nf')})
           ORDER BY nf.is_state_own DESC, nf.position, s.position)
         FROM (SELECT * FROM resolved LIMIT ${SHOWN}) r JOIN standard s ON s.guid = r.guid
         JOIN framework nf ON nf.guid = s.framework_guid AND nf.visible), '[]') AS neighbors,
       coalesce((SELECT json_agg(${standardRowSql('s', 'nf')}) FROM standard s JOIN framework nf ON nf.guid = s.framework_guid AND nf.visible
         WHERE s.guid = ANY (${replacementsSql('here.guid')})), '[]') AS "replacedBy",
       coalesce((SELECT json_agg(json_build_object('id', l.id, 'slug', l.slug, 'label', l.name, 'position', l.position,
           'of', (SELECT count(*) FROM competency_level o WHERE o.scale_id = l.scale_id),
           'description', coalesce(d.description, nullif(l.description, ''))) ORDER BY l.position)
         FROM competency_scale c JOIN competency_level l ON l.scale_id = c.id
         LEFT JOIN level_descriptor d ON d.level_id = l.id AND d.standard_guid = $1 WHERE c.is_default), '[]') AS levels
     FROM here JOIN framework f ON f.guid = here.framework_guid`,
    [guid],
  );
  return rows[0];
}

/** Standards by GUID, in any order; those that are not there are left out. */
export async function standardsByGuid(
  pool: Pool,
  guids: readonly string[],
): Promise<Map<string, StandardRow>> {
  if (guids.length === 0) return new Map();
  const { rows } = await pool.query<{ standard: StandardRow }>(
    `SELECT ${standardRowSql('s', 'f')} AS standard FROM standard s JOIN framework f ON f.guid = s.framework_guid
     WHERE s.guid = ANY ($1::uuid[])`,
    [guids],
  );
  return new Map(rows.map(({ standard }) => [standard.guid, standard]));
}

/** What stands directly below a standard, or at the top of a framework, in order: for browsing in a picker. */
export async function standardsBelow(pool: Pool, guid: string): Promise<StandardRow[]> {
  const { rows } = await pool.query<{ standard: StandardRow }>(
    `SELECT ${standardRowSql('s', 'f')} AS standard FROM standard s JOIN framework f ON f.guid = s.framework_guid AND f.visible
     LEFT JOIN standard_parent l ON l.child_guid = s.guid AND l.parent_guid = $1
     WHERE s.retired_at IS NULL AND (l.parent_guid IS NOT NULL OR (s.framework_guid = $1 AND s.depth = 0))
     ORDER BY l.sequence, s.position LIMIT 500`,
    [guid],
  );
  return rows.map(({ standard }) => standard);
}
