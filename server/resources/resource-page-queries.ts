import type { Pool } from 'pg';
import { educatorsOnlySql } from '../files/file-queries.ts';
import { prepared } from '../platform/database/prepared.ts';
import { audiencesOf, type Viewer } from '../lib/viewer.ts';
import { standardOrderSql } from '../standards/standard-row.ts';
import type { Relation } from '../standards/standard-view.ts';
import type { LevelSign, LicenseWords, Term } from '../vocabularies/vocabulary-view.ts';
import { licenseWordsSql } from '../vocabularies/vocabulary-queries.ts';
import type { CheckRow } from './check-sign.ts';
import { ownFlagsSql, type OwnFlag } from './flags/flag-queries.ts';
import { differencesSql, type Difference } from './version-difference-queries.ts';

/** A file of a version with what is known of its content. */
export type FileRow = {
  id: string;
  name: string;
  kind: string;
  mime: string;
  bytes: number;
  pages: number | null;
  educators_only: boolean;
  scan_state: 'unscanned' | 'quarantined' | 'clean' | 'infected' | 'unscannable';
  has_text: boolean;
  /** The first three pages at their widest, in order. */
  previews: { page: number; width: number; height: number; text: string | null }[];
};

export type AlignmentPageRow = CheckRow & {
  guid: string;
  uri: string;
  code: string;
  framework: string;
  framework_uri: string;
  statement: string;
  retired: boolean;
  relation: Relation;
  level: LevelSign | null;
  check_note: string | null;
  fit: 'full' | 'part' | 'other_level' | 'none' | null;
};

export type RelatedRow = {
  id: string;
  title: string;
  language: string;
  authors: string;
  organization: string;
  on: string | null;
  note: string;
  visible: boolean;
};

/** What the page of one version of a resource shows beside its card. */
export type ResourceDetails = {
  version_id: string;
  number: number;
  published_at: Date;
  change_note: string;
  description: string;
  url: string | null;
  /** Since when the link has not answered, where it counts as dead. */
  dead_since: Date | null;
  publisher: string;
  credit: string;
  language: string;
  setting: Term | null;
  license: LicenseWords | null;
  keywords: string[];
  topics: { label: string; slug: string }[];
  files: FileRow[];
  alignments: AlignmentPageRow[];
  /** `changed`: what is other than in the version before, where its author didn't say. */
  versions: { number: number; published_at: string; change_note: string; changed: Difference[] | null }[];
  from: RelatedRow[];
  children: RelatedRow[];
  child_count: number;
  translations: { id: string; title: string; language: string }[];
  used_by_me: boolean;
  /** What the viewer reported and nobody has decided. */
  my_flags: OwnFlag[];
};

/**
 * Everything about one version of a resource whose page the viewer may see; one round trip.
 * @returns undefined where the resource has no such version
 */
export async function resourceDetails(
  pool: Pool,
  viewer: Viewer,
  resourceId: string,
  number: number,
): Promise<ResourceDetails | undefined> {
  const { rows } = await pool.query<ResourceDetails>(
    details([resourceId, number, audiencesOf(viewer), viewer.id]),
  );
  return rows[0];
}

/** Files of version `v` of resource `r` that the viewer (a parameter with a person's id or null) may know of, as FileRow. */
export const filesSql = (viewer: string): string => `
  coalesce((
    SELECT json_agg(json_build_object('id', f.id, 'name', f.name, 'kind', b.kind, 'mime', b.mime, 'bytes', b.size, 'pages', b.page_count,
      'educators_only', ${educatorsOnlySql('vf')}, 'scan_state', b.scan_state,
      'has_text', EXISTS (SELECT 1 FROM blob_page bp WHERE bp.sha256 = b.sha256),
      'previews', coalesce((
        SELECT json_agg(json_build_object('page', p.page, 'width', p.width, 'height', p.height, 'text', left(bp.text, 160)) ORDER BY p.page)
        FROM (SELECT DISTINCT ON (page) page, width, height FROM blob_preview WHERE sha256 = b.sha256 AND page <= 3
              ORDER BY page, CASE page WHEN 1 THEN -width ELSE width END) p
        LEFT JOIN blob_page bp ON bp.sha256 = b.sha256 AND bp.page = p.page), '[]')) ORDER BY vf.position, f.name)
    FROM version_file vf JOIN file f ON f.id = vf.file_id JOIN blob b ON b.sha256 = f.sha256
    WHERE vf.version_id = v.id AND (${viewer}::uuid IS NOT NULL OR NOT ${educatorsOnlySql('vf')})
  ), '[]')`;

const related = (resource: string, version: string) => `
  json_build_object('id', ${resource}.id, 'title', ${version}.title, 'language', ${version}.language,
    'authors', coalesce(nullif(${version}.authors, ''), (SELECT name FROM person WHERE id = ${resource}.owner_id), ''),
    'organization', (SELECT name FROM organization WHERE id = ${resource}.organization_id),
    'on', ${resource}.first_published_at, 'note', ${version}.change_note,
    'visible', ${resource}.state = 'published' AND ${resource}.audience && $3::text[])`;

const details = prepared(`
  SELECT v.id AS version_id, v.number, v.published_at, v.change_note, v.description, v.url,
    (SELECT l.failing_since FROM link_check l WHERE l.url = v.url AND l.state = 'dead') AS dead_since, v.publisher, v.credit, v.language,
    (SELECT json_build_object('slug', s.slug, 'label', s.name) FROM setting s WHERE s.slug = v.setting) AS setting,
    (SELECT ${licenseWordsSql('l')} FROM license l WHERE l.code = v.license) AS license,
    ARRAY(SELECT k.keyword FROM version_keyword k WHERE k.version_id = v.id ORDER BY k.position) AS keywords,
    coalesce((SELECT json_agg(json_build_object('label', t.name, 'slug', t.slug) ORDER BY vt.position)
              FROM version_topic vt JOIN topic t ON t.id = vt.topic_id WHERE vt.version_id = v.id), '[]') AS topics,
    ${filesSql('$4')} AS files,
    coalesce((
      SELECT json_agg(json_build_object('guid', st.guid, 'uri', st.uri, 'framework', fw.title, 'framework_uri', fw.uri, 'code', coalesce(st.code, st.label, left(st.statement, 40)),
        'statement', coalesce(st.short_statement, st.statement), 'retired', st.retired_at IS NOT NULL, 'relation', a.relation,
        'level', CASE WHEN l.id IS NULL THEN NULL ELSE json_build_object('slug', l.slug, 'label', l.name, 'position', l.position,
                   'of', (SELECT count(*) FROM competency_level o WHERE o.scale_id = l.scale_id)) END,
        'check_state', a.check_state, 'check_note', a.check_note, 'fit', a.fit, 'checked_at', a.checked_at,
        'checker_name', (SELECT name FROM person WHERE id = a.checked_by), 'checked_for_kind', (SELECT kind FROM organization WHERE id = a.checked_for))
        ORDER BY ${standardOrderSql('st', 'fw')}, l.position, a.relation DESC, a.id)
      FROM alignment a JOIN standard st ON st.guid = a.standard_guid JOIN framework fw ON fw.guid = st.framework_guid LEFT JOIN competency_level l ON l.id = a.level_id
      WHERE a.resource_id = r.id AND a.from_version <= v.number AND (a.to_version IS NULL OR a.to_version >= v.number)
    ), '[]') AS alignments,
    (SELECT json_agg(json_build_object('number', o.number, 'published_at', o.published_at, 'change_note', o.change_note,
        'changed', CASE WHEN o.change_note = '' THEN ${differencesSql('o', '$4')} END) ORDER BY o.number DESC)
     FROM version o WHERE o.resource_id = r.id AND o.number IS NOT NULL) AS versions,
    coalesce((
      WITH RECURSIVE line AS (
        SELECT r.adapted_from_id AS id, 1 AS depth WHERE r.adapted_from_id IS NOT NULL
        UNION ALL
        SELECT p.adapted_from_id, line.depth + 1 FROM line JOIN resource p ON p.id = line.id
        WHERE p.adapted_from_id IS NOT NULL AND line.depth < 6)
      SELECT json_agg(${related('p', 'pv')} ORDER BY line.depth DESC)
      FROM line JOIN resource p ON p.id = line.id JOIN version pv ON pv.id = p.current_version_id
    ), '[]') AS "from",
    coalesce((
      SELECT json_agg(child.item) FROM (
        SELECT ${related('c', 'cv')} AS item FROM resource c JOIN version cv ON cv.id = c.current_version_id
        WHERE c.adapted_from_id = r.id AND c.state = 'published' AND c.audience && $3::text[]
        ORDER BY c.used_count DESC, c.first_published_at LIMIT 6) child
    ), '[]') AS children,
    (SELECT count(*)::int FROM resource c WHERE c.adapted_from_id = r.id AND c.state = 'published' AND c.audience && $3::text[]) AS child_count,
    coalesce((
      SELECT json_agg(json_build_object('id', other.id, 'title', other.title, 'language', other.language) ORDER BY other.language)
      FROM (
        SELECT DISTINCT ON (cv.language) c.id, cv.title, cv.language
        FROM resource c JOIN version cv ON cv.id = c.current_version_id
        WHERE (c.adapted_from_id = r.id OR c.id = r.adapted_from_id OR c.adapted_from_id = r.adapted_from_id) AND c.id <> r.id
          AND cv.language <> v.language AND c.state = 'published' AND c.audience && $3::text[]
        -- the source itself before its other adaptations
        ORDER BY cv.language, (c.id = r.adapted_from_id) DESC, c.used_count DESC, c.id) other
    ), '[]') AS translations,
    ($4::uuid IS NOT NULL AND EXISTS (SELECT 1 FROM use_mark u WHERE u.resource_id = r.id AND u.person_id = $4)) AS used_by_me,
    ${ownFlagsSql('$4')} AS my_flags
  FROM resource r JOIN version v ON v.resource_id = r.id AND v.number = $2
  WHERE r.id = $1`);

/** Another resource to stand beside this one, and why. */
export type Neighbour = {
  id: string;
  why: 'level-after' | 'level-before' | 'same-rung' | 'same-standard' | 'same-topic' | 'same-words';
};

/** So many resources of a standard or topic are looked at; where there are more, any of them will do. */
const LOOKED_AT = 400;

/**
 * Up to `limit` published resources that the viewer may see next to this one: the same standards one level up or
 * down first, then the same level, then the same standard, then the same topic; checked ones before others, then those
 * that share most standards, then the most used.
 */
export async function neighboursOf(
  pool: Pool,
  viewer: Viewer,
  resourceId: string,
  limit: number,
): Promise<Neighbour[]> {
  const { rows } = await pool.query<Neighbour>(neighbours([resourceId, audiencesOf(viewer), limit]));
  return rows;
}

const neighbours = prepared(`
    WITH mine AS (
      SELECT a.standard_guid, l.position FROM alignment a LEFT JOIN competency_level l ON l.id = a.level_id
      WHERE a.resource_id = $1 AND a.to_version IS NULL LIMIT 20),
    near AS (
      SELECT a.resource_id AS id, count(*) AS shared,
        min(CASE l.position - m.position WHEN 1 THEN 1 WHEN -1 THEN 2 WHEN 0 THEN 3 ELSE 4 END) AS rank
      FROM mine m CROSS JOIN LATERAL (
        SELECT resource_id, level_id FROM alignment
        WHERE standard_guid = m.standard_guid AND to_version IS NULL AND resource_id <> $1 LIMIT ${LOOKED_AT}) a
      LEFT JOIN competency_level l ON l.id = a.level_id
      GROUP BY a.resource_id
      UNION ALL
      SELECT other.resource_id, 0, 5
      FROM resource r JOIN version_topic vt ON vt.version_id = r.current_version_id
      CROSS JOIN LATERAL (
        SELECT version_id FROM version_topic WHERE topic_id = vt.topic_id LIMIT ${LOOKED_AT}) ot
      JOIN version other ON other.id = ot.version_id AND other.resource_id <> $1
      WHERE r.id = $1),
    ranked AS (SELECT id, min(rank) AS rank, max(shared) AS shared FROM near GROUP BY id)
    SELECT r.id, CASE ranked.rank WHEN 1 THEN 'level-after' WHEN 2 THEN 'level-before' WHEN 3 THEN 'same-rung'
      WHEN 4 THEN 'same-standard' ELSE 'same-topic' END AS why
    FROM ranked JOIN resource r ON r.id = ranked.id
    WHERE r.state = 'published' AND r.audience && $2::text[]
    ORDER BY ranked.rank, (r.check_state = 'checked') DESC, ranked.shared DESC, r.used_count DESC, r.id LIMIT $3`);
