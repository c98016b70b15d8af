import type { Pool } from 'pg';
import { fileSign, formatName } from '../files/file-label.ts';
import { educatorsOnlySql } from '../files/file-queries.ts';
import { resourcePath } from '../lib/slug.ts';
import { prepared } from '../platform/database/prepared.ts';
import { audiencesOf, isEducator, type Viewer } from '../lib/viewer.ts';
import type { LevelSign, LicenseSign, Term } from '../vocabularies/vocabulary-view.ts';
import { standardOrderSql } from '../standards/standard-row.ts';
import type { StandardTab } from '../standards/standard-view.ts';
import { checkSign, type CheckRow } from './check-sign.ts';
import type { PageImage, ResourceCard, Visibility } from './resource-view.ts';
import { smallestGroup } from './small-groups.ts';

/** How many standards stand on a card. */
const tabsOnCard = 4;

type CardRow = CheckRow & {
  id: string;
  visibility: Visibility;
  title: string;
  language: string;
  summary: string;
  url: string | null;
  minutes: number | null;
  authors: string;
  owner_name: string | null;
  type: Term | null;
  license: LicenseSign | null;
  subjects: Term[];
  grades: string[];
  levels: LevelSign[];
  standards: Omit<StandardTab, 'url'>[];
  organization_name: string;
  organization_url: string;
  used_count: number;
  used_districts: number;
  files: number;
  main_kind: string | null;
  main_pages: number | null;
  thumb: { file: string; page: number; width: number; height: number } | null;
  adapted_from: { id: string; title: string; language: string } | null;
  saved: boolean;
};

/**
 * Cards of published resources, one round trip whatever their number. What the viewer may not see is left out, so
 * this is also the check of search results against the database.
 * @returns by resource id, in no order
 */
export async function resourceCards(
  pool: Pool,
  viewer: Viewer,
  ids: string[],
): Promise<Map<string, ResourceCard>> {
  if (ids.length === 0) return new Map();
  const { rows } = await pool.query<CardRow>(currentCards([ids, audiencesOf(viewer), viewer.id]));
  return new Map(rows.map((row) => [row.id, toCard(row, viewer)]));
}

/** The card of one version (number), or of the draft (null), for someone whose right to it was checked. */
export async function versionCard(
  pool: Pool,
  viewer: Viewer,
  resourceId: string,
  number: number | null,
): Promise<ResourceCard | undefined> {
  const { rows } = await pool.query<CardRow>(
    oneVersionCard([[resourceId], audiencesOf(viewer), viewer.id, number]),
  );
  const card = rows[0] && toCard(rows[0], viewer);
  // Only what is on the shelf can be saved to one's own.
  return card && number === null ? { ...card, saved: null, saveUrl: null } : card;
}

/** The address of the image of a page, as made for the given file. */
export const pageImage = (image: {
  file: string;
  page: number;
  width: number;
  height: number;
}): PageImage => ({
  url: `/files/${image.file}/pages/${image.page}.webp?w=${image.width}`,
  width: image.width,
  height: image.height,
});

/** What stands where a resource has no license: as with `unknown`, ask first. */
export const unknownLicense: LicenseSign = {
  code: 'unknown',
  name: '',
  url: null,
  adaptable: false,
  credit: true,
  shareAlike: false,
  nonCommercial: false,
  open: false,
};

function toCard(row: CardRow, viewer: Viewer): ResourceCard {
  return {
    id: row.id,
    url: resourcePath(row.id, row.title),
    title: row.title,
    language: row.language,
    summary: row.summary || null,
    type: row.type,
    subjects: row.subjects,
    grades: row.grades,
    levels: row.levels,
    standards: row.standards.slice(0, tabsOnCard).map(withUrl),
    moreStandards: Math.max(0, row.standards.length - tabsOnCard),
    minutes: row.minutes,
    license: row.license ?? unknownLicense,
    authors: row.authors || row.owner_name || '',
    organization: { label: row.organization_name, url: row.organization_url },
    check: checkSign(row),
    used: {
      people: row.used_count,
      districts: row.used_count >= smallestGroup ? row.used_districts : null,
    },
    thumb: row.thumb && pageImage(row.thumb),
    kind: row.main_kind ? fileSign(row.main_kind) : 'link',
    format: row.main_kind ? formatName(row.main_kind) : row.url && hostOf(row.url),
    pages: row.main_pages,
    files: row.files,
    adaptedFrom: row.adapted_from && {
      label: row.adapted_from.title,
      url: resourcePath(row.adapted_from.id, row.adapted_from.title),
      language: row.adapted_from.language,
    },
    visibility: row.visibility,
    saved: isEducator(viewer) ? row.saved : null,
    saveUrl: isEducator(viewer) ? `/resources/${row.id}/save` : null,
  };
}

/** A standard of a row as the tab that is shown. */
export const withUrl = (tab: Omit<StandardTab, 'url'>): StandardTab => ({
  ...tab,
  url: `/standards/${tab.guid}`,
});

/** The host of a link as people read it. */
export function hostOf(url: string): string | null {
  return URL.canParse(url) ? new URL(url).hostname.replace(/^www\./, '') : null;
}

/** What version `v` of resource `r` claims: standing alignments of a published version, wishes of a draft. */
const claimsSql = `(
  SELECT a.standard_guid, a.level_id, a.check_state FROM alignment a
  WHERE a.resource_id = r.id AND a.from_version <= v.number AND (a.to_version IS NULL OR a.to_version >= v.number)
  UNION ALL
  SELECT d.standard_guid, d.level_id, 'claimed' FROM draft_alignment d WHERE d.version_id = v.id)`;

/** Distinct levels of a version `v` of resource `r`: of its alignments, or its own where it has none. */
const levelsSql = `
  coalesce((
    SELECT json_agg(json_build_object('slug', l.slug, 'label', l.name, 'position', l.position, 'of', (SELECT count(*) FROM competency_level o WHERE o.scale_id = l.scale_id)) ORDER BY l.position)
    FROM competency_level l
    WHERE l.id IN (
      SELECT a.level_id FROM ${claimsSql} a
      UNION SELECT vl.level_id FROM version_level vl WHERE vl.version_id = v.id)
  ), '[]')`;

/** Aligned standards of a version `v` of resource `r`, best checked first, then in the frameworks' order. */
const standardsSql = `
  coalesce((
    SELECT json_agg(json_build_object('guid', s.guid, 'code', s.code, 'statement', s.statement, 'retired', s.retired) ORDER BY s.rank, s.place)
    FROM (
      SELECT st.guid, coalesce(st.code, st.label, left(st.statement, 40)) AS code, coalesce(st.short_statement, st.statement) AS statement,
             st.retired_at IS NOT NULL AS retired, min(CASE a.check_state WHEN 'checked' THEN 0 ELSE 1 END) AS rank,
             row_number() OVER (ORDER BY ${standardOrderSql('st', 'fw')}) AS place
      FROM ${claimsSql} a JOIN standard st ON st.guid = a.standard_guid JOIN framework fw ON fw.guid = st.framework_guid
      GROUP BY st.guid, fw.guid
    ) s
  ), '[]')`;

/** The license of a version `v` as LicenseSign, or null. */
const licenseSql = `
  (SELECT json_build_object('code', li.code, 'name', li.name, 'url', li.url, 'adaptable', li.adaptable, 'credit', li.credit,
                            'shareAlike', li.share_alike, 'nonCommercial', li.noncommercial, 'open', li.open)
   FROM license li WHERE li.code = v.license)`;

/** Grades of a version `v` in school order. */
const gradesSql = `
  ARRAY(SELECT vg.grade FROM version_grade vg WHERE vg.version_id = v.id
        ORDER BY array_position(ARRAY['PK','K','1','2','3','4','5','6','7','8','9','10','11','12'], vg.grade))`;

const cardSql = (version: string, where: string) => `
  SELECT r.id, r.visibility, r.used_count, v.title, v.language, v.summary, v.url, v.minutes, v.authors,
    owner.name AS owner_name,
    (SELECT json_build_object('slug', t.slug, 'label', t.name) FROM resource_type t WHERE t.slug = v.type) AS type,
    ${licenseSql} AS license,
    coalesce((SELECT json_agg(json_build_object('slug', su.slug, 'label', su.name) ORDER BY vs.position, su.position)
              FROM version_subject vs JOIN subject su ON su.slug = vs.subject WHERE vs.version_id = v.id), '[]') AS subjects,
    ${gradesSql} AS grades,
    ${levelsSql} AS levels,
    ${standardsSql} AS standards,
    o.name AS organization_name,
    CASE o.kind WHEN 'school' THEN '/schools/' || o.slug WHEN 'district' THEN '/districts/' || o.slug ELSE '/' END AS organization_url,
    CASE WHEN v.number IS NULL THEN 'claimed' ELSE r.check_state END AS check_state, r.checked_at, checker.name AS checker_name, checked_for.kind AS checked_for_kind,
    (SELECT count(DISTINCT u.district_id)::int FROM use_mark u WHERE u.resource_id = r.id) AS used_districts,
    files.files, files.main_kind, files.main_pages, files.thumb,
    CASE WHEN parent.id IS NULL THEN NULL ELSE json_build_object('id', parent.id, 'title', parent_version.title, 'language', parent_version.language) END AS adapted_from,
    ($3::uuid IS NOT NULL AND EXISTS (
      SELECT 1 FROM collection c JOIN collection_item ci ON ci.collection_id = c.id
      WHERE c.owner_id = $3 AND c.kind = 'saved' AND ci.resource_id = r.id)) AS saved
  FROM resource r
  JOIN version v ON ${version}
  JOIN organization o ON o.id = r.organization_id
  LEFT JOIN person owner ON owner.id = r.owner_id
  LEFT JOIN person checker ON checker.id = r.checked_by
  LEFT JOIN organization checked_for ON checked_for.id = r.checked_for
  LEFT JOIN resource parent ON parent.id = r.adapted_from_id AND parent.state = 'published' AND parent.audience && $2::text[]
  LEFT JOIN version parent_version ON parent_version.id = parent.current_version_id
  CROSS JOIN LATERAL (
    SELECT count(*)::int AS files,
      (array_agg(b.kind ORDER BY vf.educators_only, vf.position))[1] AS main_kind,
      (array_agg(b.page_count ORDER BY vf.educators_only, vf.position))[1] AS main_pages,
      (SELECT json_build_object('file', tf.file_id, 'page', p.page, 'width', p.width, 'height', p.height)
       FROM version_file tf JOIN file f2 ON f2.id = tf.file_id JOIN blob_preview p ON p.sha256 = f2.sha256 JOIN blob b2 ON b2.sha256 = f2.sha256
       WHERE tf.version_id = v.id AND NOT ${educatorsOnlySql('tf')} AND b2.scan_state IN ('unscanned', 'clean')
       ORDER BY tf.position, p.page, p.width LIMIT 1) AS thumb
    FROM version_file vf JOIN file f ON f.id = vf.file_id JOIN blob b ON b.sha256 = f.sha256
    WHERE vf.version_id = v.id AND ($3::uuid IS NOT NULL OR NOT ${educatorsOnlySql('vf')})
  ) files
  WHERE r.id = ANY ($1::uuid[]) ${where}`;

const currentCards = prepared(
  cardSql('v.id = r.current_version_id', "AND r.state = 'published' AND r.audience && $2::text[]"),
);
const oneVersionCard = prepared(
  cardSql('v.resource_id = r.id AND v.number IS NOT DISTINCT FROM $4::int', ''),
);
