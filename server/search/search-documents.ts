import type { Pool, PoolClient } from 'pg';
import { groupBy } from '../lib/group-by.ts';
import { qualityOf } from './ranking/quality.ts';
import {
  DESCRIPTION_PAGE,
  FULL_TEXT_PAGE,
  minutesBucket,
  searchFilters,
  type PageText,
  type SearchDocument,
} from './search-port.ts';

type Queryable = Pick<Pool | PoolClient, 'query'>;

/** Of one resource at most so much text is indexed: more than a thick book. */
const MAX_TEXT = 250_000;
const MAX_STAFF_TEXT = 100_000;

/**
 * The index entries of resources, read in three round trips. Ids of resources that aren't on the shelf (drafts,
 * withdrawn, purged, unknown) are missing from the answer: they leave the index.
 */
export async function readDocuments(db: Queryable, ids: readonly string[]): Promise<SearchDocument[]> {
  if (ids.length === 0) return [];
  const { rows } = await db.query<RecordRow>(recordQuery, [ids]);
  if (rows.length === 0) return [];
  const shown = rows.map((row) => row.id);
  const { rows: alignments } = await db.query<AlignmentRow>(alignmentQuery, [shown]);
  const { rows: pages } = await db.query<PageRow>(pageQuery, [shown, MAX_TEXT]);
  const alignmentsOf = groupBy(alignments, (row) => row.resource_id);
  const pagesOf = groupBy(pages, (row) => row.resource_id);
  return rows.map((row) => documentOf(row, alignmentsOf.get(row.id) ?? [], pagesOf.get(row.id) ?? []));
}

function documentOf(row: RecordRow, alignments: AlignmentRow[], pages: PageRow[]): SearchDocument {
  const description = plainMarkdown(row.description);
  const byStandard = new Map<string, Set<string>>();
  for (const { standards, level } of alignments)
    for (const guid of standards) {
      const levels = byStandard.get(guid) ?? new Set();
      if (level) levels.add(level);
      byStandard.set(guid, levels);
    }
  const levels = new Set(alignments.length > 0 ? alignments.flatMap(({ level }) => level ?? []) : row.levels);
  const ownText = [
    ...(description === '' ? [] : [{ fileId: null, page: DESCRIPTION_PAGE, text: description }]),
    ...(row.full_text === '' ? [] : [{ fileId: null, page: FULL_TEXT_PAGE, text: row.full_text }]),
  ];
  const textOf = (staff: boolean) =>
    pages
      .filter((page) => page.educators_only === staff)
      .map((page): PageText => ({ fileId: page.file_id, page: page.page, text: page.text }));
  const worth = {
    checked: row.check_state === 'checked',
    complete: completeness(row, alignments),
    alignment: bestAlignment(alignments),
    claims: new Set(alignments.map(({ standard }) => standard)).size,
    used: row.used_count,
    deadLink: row.dead_link,
  };
  return {
    id: row.id,
    audience: row.audience,
    title: row.title,
    summary: row.summary,
    keywords: row.keywords,
    codes: unique(alignments.flatMap(({ code, norms }) => [...(code ? [code] : []), ...norms])),
    statements: unique(
      alignments.flatMap(({ statement, short_statement: short }) => [...(short ? [short] : []), statement]),
    ),
    terms: unique([...row.topic_names, ...row.subject_names, ...(row.type_name ? [row.type_name] : [])]),
    authors: row.authors === '' ? (row.owner_name ?? '') : row.authors,
    organizations: unique(
      [row.organization, row.district_name ?? '', row.publisher].filter((name) => name !== ''),
    ),
    description,
    pages: atMost([...ownText, ...textOf(false)], MAX_TEXT),
    staffPages: atMost(textOf(true), MAX_STAFF_TEXT),
    values: searchFilters({
      level: [...levels].sort(),
      standard: [...byStandard.keys()],
      grade: row.grades,
      subject: row.subjects,
      topic: row.topics,
      type: row.type ? [row.type] : [],
      checked: [
        row.check_state === 'checked' ? (row.checked_for === 'district' ? 'district' : 'state') : 'no',
      ],
      license: row.license ? [row.license] : [],
      language: [primaryLanguage(row.language)],
      district: row.district ? [row.district] : [],
      setting: row.setting ? [row.setting] : [],
      minutes: row.minutes === null ? [] : [minutesBucket(row.minutes)],
    }),
    standardLevels: [...byStandard].map(([standard, set]) => ({ standard, levels: [...set].sort() })),
    language: row.language,
    ...worth,
    quality: qualityOf(worth),
    minutes: row.minutes,
    publishedAt: row.published_at,
  };
}

/** `es-MX` → `es`: people filter by language, not by region. */
const primaryLanguage = (tag: string): string => tag.split('-', 1)[0]?.toLowerCase() ?? '';

/** 0 to 6, one point for each part of the record that helps a teacher choose. */
function completeness(row: RecordRow, alignments: AlignmentRow[]): number {
  return [
    row.summary.length >= 40,
    row.type !== null,
    row.grades.length > 0,
    row.subjects.length > 0,
    row.license !== null && row.license !== 'unknown',
    alignments.some(({ level }) => level !== null),
  ].filter(Boolean).length;
}

/** How far the best of the alignments holds. */
function bestAlignment(alignments: AlignmentRow[]): SearchDocument['alignment'] {
  const fits = alignments.filter(({ checked }) => checked).map(({ fit }) => fit);
  if (fits.includes('full')) return 'full';
  if (fits.includes('part')) return 'part';
  return alignments.some(({ level }) => level !== null) ? 'claimed' : null;
}

/** Markdown as the words that a reader sees; rough is good enough, only words are indexed. */
const plainMarkdown = (markdown: string): string =>
  markdown
    .replaceAll(/```[^\n]*/g, ' ')
    .replaceAll(/!?\[([^\]\n]*)\]\((?:[^()\s]*)(?:\s+"[^"\n]*")?\)/g, '$1')
    .replaceAll(/<\/?[a-z][^<>\n]{0,200}>/gi, ' ')
    .replaceAll(/^[ \t]{0,3}(?:#{1,6}|>|[-*+]|\d{1,3}[.)])[ \t]+/gm, '')
    .replaceAll(/[*_`~|]+/g, ' ')
    .replaceAll(/[ \t]+/g, ' ')
    .trim();

const unique = (values: string[]): string[] => [...new Set(values)];

function atMost(pages: PageText[], limit: number): PageText[] {
  let room = limit;
  const kept: PageText[] = [];
  for (const page of pages) {
    if (room <= 0) break;
    const text = page.text.slice(0, room).replace(/[\uD800-\uDBFF]$/, '');
    room -= text.length;
    kept.push(text === page.text ? page : { ...page, text });
  }
  return kept;
}

interface RecordRow {
  id: string;
  audience: string[];
  title: string;
  summary: string;
  description: string;
  full_text: string;
  language: string;
  type: string | null;
  type_name: string | null;
  license: string | null;
  setting: string | null;
  minutes: number | null;
  authors: string;
  owner_name: string | null;
  publisher: string;
  organization: string;
  district: string | null;
  district_name: string | null;
  check_state: string;
  checked_for: string | null;
  used_count: number;
  published_at: Date;
  dead_link: boolean;
  subjects: string[];
  subject_names: string[];
  grades: string[];
  keywords: string[];
  topics: string[];
  topic_names: string[];
  levels: string[];
}

// Names are words at places of a text, so their order is part of the entry; whole lists of values have none.
const recordQuery = `
  SELECT r.id, r.audience, v.title, v.summary, v.description, v.full_text, v.language, v.type, y.name AS type_name,
    v.license, v.setting, v.minutes, v.authors, p.name AS owner_name, v.publisher,
    o.name AS organization, d.slug AS district, d.name AS district_name,
    r.check_state, c.kind AS checked_for, r.used_count, coalesce(r.published_at, v.published_at) AS published_at,
    EXISTS (SELECT 1 FROM link_check l WHERE l.url = v.url AND l.state = 'dead') AS dead_link,
    ARRAY(SELECT x.subject FROM version_subject x WHERE x.version_id = v.id ORDER BY x.position) AS subjects,
    ARRAY(SELECT s.name FROM version_subject x JOIN subject s ON s.slug = x.subject WHERE x.version_id = v.id ORDER BY x.position) AS subject_names,
    ARRAY(SELECT x.grade FROM version_grade x WHERE x.version_id = v.id) AS grades,
    ARRAY(SELECT x.keyword FROM version_keyword x WHERE x.version_id = v.id ORDER BY x.position) AS keywords,
    ARRAY(SELECT DISTINCT t.slug FROM version_topic x JOIN topic_ancestor a USING (topic_id) JOIN topic t ON t.id = a.ancestor_id
          WHERE x.version_id = v.id) AS topics,
    ARRAY(SELECT DISTINCT t.name FROM version_topic x JOIN topic_ancestor a USING (topic_id) JOIN topic t ON t.id = a.ancestor_id
          WHERE x.version_id = v.id ORDER BY 1) AS topic_names,
    ARRAY(SELECT l.slug FROM version_level x JOIN competency_level l ON l.id = x.level_id WHERE x.version_id = v.id) AS levels
  FROM resource r
    JOIN version v ON v.id = r.current_version_id
    JOIN organization o ON o.id = r.organization_id
    LEFT JOIN organization d ON d.id = r.district_id
    LEFT JOIN organization c ON c.id = r.checked_for
    LEFT JOIN person p ON p.id = r.owner_id
    LEFT JOIN resource_type y ON y.slug = v.type
  WHERE r.id = ANY ($1::uuid[]) AND r.state = 'published'`;

interface AlignmentRow {
  resource_id: string;
  standard: string;
  level: string | null;
  checked: boolean;
  fit: string | null;
  code: string | null;
  norms: string[];
  statement: string;
  short_statement: string | null;
  /** GUIDs of the standard, of all above it, and of its framework. */
  standards: string[];
}

const alignmentQuery = `
  SELECT a.resource_id, a.standard_guid AS standard, l.slug AS level, a.check_state = 'checked' AS checked, a.fit, s.code, s.statement, s.short_statement,
    ARRAY(SELECT c.code_norm FROM standard_code c WHERE c.standard_guid = s.guid ORDER BY c.kind, c.code_norm LIMIT 12) AS norms,
    ARRAY(SELECT n.ancestor_guid::text FROM standard_ancestor n WHERE n.standard_guid = s.guid
          UNION SELECT s.guid::text UNION SELECT s.framework_guid::text) AS standards
  FROM alignment a
    JOIN standard s ON s.guid = a.standard_guid
    LEFT JOIN competency_level l ON l.id = a.level_id
  WHERE a.resource_id = ANY ($1::uuid[]) AND a.to_version IS NULL
    -- what a curator has found not to hold isn't found there
    AND NOT (a.check_state = 'returned' AND coalesce(a.fit, '') IN ('other_level', 'none'))
  ORDER BY a.resource_id, a.created_at, a.id`;

interface PageRow {
  resource_id: string;
  file_id: string;
  educators_only: boolean;
  page: number;
  text: string;
}

// Whole pages are read up to about the limit (stored size, so compressed), the rest is left where it is.
const pageQuery = `
  SELECT resource_id, file_id, educators_only, page, text FROM (
    SELECT r.id AS resource_id, f.id AS file_id, vf.educators_only, vf.position, b.page, b.text,
      sum(pg_column_size(b.text)) OVER (PARTITION BY r.id, vf.educators_only ORDER BY vf.position, f.id, b.page
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
    FROM resource r
      JOIN version_file vf ON vf.version_id = r.current_version_id
      JOIN file f ON f.id = vf.file_id
      JOIN blob o ON o.sha256 = f.sha256 AND o.scan_state NOT IN ('infected', 'quarantined')
      JOIN blob_page b ON b.sha256 = f.sha256
    WHERE r.id = ANY ($1::uuid[]) AND b.text <> ''
  ) pages
  WHERE before IS NULL OR before < $2
  ORDER BY resource_id, position, file_id, page`;
