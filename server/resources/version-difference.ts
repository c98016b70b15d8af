import { educatorsOnlySql } from '../files/file-queries.ts';
import type { Format } from '../locale/format.ts';
import type { Translate } from '../locale/locale.ts';
import { standardOrderSql } from '../standards/standard-row.ts';

/** What one version has other than the one before it; `name` is of the file, standard or license. */
export interface Difference {
  what:
    | 'fileAdded'
    | 'fileReplaced'
    | 'fileRemoved'
    | 'standardAdded'
    | 'standardRemoved'
    | 'standardLevel'
    | 'standardRelation'
    | 'title'
    | 'description'
    | 'text'
    | 'link'
    | 'license'
    | 'summary'
    | 'levels'
    | 'grades'
    | 'subjects'
    | 'topics'
    | 'type'
    | 'minutes'
    | 'setting'
    | 'language'
    | 'authors'
    | 'publisher'
    | 'keywords'
    | 'visibility';
  name: string | null;
}

/** So many are named; the rest are counted. */
const NAMED = 3;

/** One short line: "File poster.pdf replaced, title changed, license now CC BY 4.0, and 2 more". */
export function differencesInWords(
  found: readonly Difference[],
  { t, fmt }: { t: Translate; fmt: Format },
): string {
  if (found.length === 0) return t('version.changed.nothing');
  const named = found
    .slice(0, NAMED)
    .map(({ what, name }) =>
      what === 'license' && name === null
        ? t('version.changed.noLicense')
        : t(`version.changed.${what}`, { name: name ?? '' }),
    );
  const more = found.length - named.length;
  const line = fmt.list(more > 0 ? [...named, t('version.changed.more', { count: more })] : named);
  return line.charAt(0).toLocaleUpperCase() + line.slice(1);
}

/** The files of a version by name that the viewer (a parameter with a person's id or null) may know of. */
const filesSql = (version: string, viewer: string) => `
  (SELECT f.name, string_agg(f.sha256, ' ' ORDER BY f.sha256) AS content
   FROM (SELECT ${version}.id, ${version}.number) v JOIN version_file vf ON vf.version_id = v.id JOIN file f ON f.id = vf.file_id
   WHERE ${viewer}::uuid IS NOT NULL OR NOT ${educatorsOnlySql('vf')} GROUP BY f.name)`;

/** What authors claimed for a version; what curators add or mend is no version. */
const claimsSql = (version: string) => `
  (SELECT a.standard_guid AS guid, array_agg(a.level_id ORDER BY a.level_id) AS levels, array_agg(a.relation ORDER BY a.relation) AS relations
   FROM alignment a WHERE a.resource_id = ${version}.resource_id AND a.from_version <= ${version}.number
     AND (a.to_version IS NULL OR a.to_version >= ${version}.number) AND a.claimed_as IN ('author', 'import')
   GROUP BY a.standard_guid)`;

const list = (table: string, column: string, version: string) =>
  `ARRAY(SELECT x.${column} FROM ${table} x WHERE x.version_id = ${version}.id ORDER BY 1)`;

const lists = {
  grades: ['version_grade', 'grade'],
  subjects: ['version_subject', 'subject'],
  topics: ['version_topic', 'topic_id'],
  keywords: ['version_keyword', 'keyword'],
  levels: ['version_level', 'level_id'],
} as const;

const columns = {
  title: 'title',
  description: 'description',
  text: 'full_text',
  link: 'url',
  license: 'license',
  summary: 'summary',
  type: 'type',
  minutes: 'minutes',
  setting: 'setting',
  language: 'language',
  authors: 'authors',
  publisher: 'publisher',
  visibility: 'visibility',
} as const;

/** The order in which they are said: what a teacher who took the last version needs to know comes first. */
const fields = [
  'title', 'description', 'text', 'link', 'license', 'summary', 'levels', 'grades', 'subjects', 'topics', 'type', 'minutes',
  'setting', 'language', 'authors', 'publisher', 'keywords', 'visibility',
] as const satisfies Difference['what'][]; // prettier-ignore

const changedSql = (field: (typeof fields)[number], o: string, p: string) => {
  if (field in columns) {
    const column = columns[field as keyof typeof columns];
    return `${o}.${column} IS DISTINCT FROM ${p}.${column}`;
  }
  const [table, column] = lists[field as keyof typeof lists];
  return `${list(table, column, o)} <> ${list(table, column, p)}`;
};

/**
 * Everything in which version `o` of resource `r` differs from the one before it, as JSON of Difference[]; null where
 * there is none before.
 */
export const differencesSql = (o: string, viewer: string): string => `
  (SELECT (
    SELECT coalesce(json_agg(json_build_object('what', d.what, 'name', d.name) ORDER BY d.kind, d.place), '[]') FROM (
      SELECT CASE WHEN was.name IS NULL THEN 'fileAdded' WHEN now.name IS NULL THEN 'fileRemoved' ELSE 'fileReplaced' END AS what,
             coalesce(now.name, was.name) AS name, 1 AS kind, row_number() OVER (ORDER BY coalesce(now.name, was.name)) AS place
      FROM ${filesSql('p', viewer)} was FULL JOIN ${filesSql(o, viewer)} now ON now.name = was.name
      WHERE was.content IS DISTINCT FROM now.content
      UNION ALL
      SELECT CASE WHEN was.guid IS NULL THEN 'standardAdded' WHEN now.guid IS NULL THEN 'standardRemoved'
                  WHEN was.levels <> now.levels THEN 'standardLevel' ELSE 'standardRelation' END,
             coalesce(st.code, st.label, left(st.statement, 40)), 2, row_number() OVER (ORDER BY ${standardOrderSql('st', 'fw')})
      FROM ${claimsSql('p')} was FULL JOIN ${claimsSql(o)} now ON now.guid = was.guid
      JOIN standard st ON st.guid = coalesce(now.guid, was.guid) JOIN framework fw ON fw.guid = st.framework_guid
      WHERE was.levels IS DISTINCT FROM now.levels OR was.relations <> now.relations
      UNION ALL
      SELECT f.what, CASE f.what WHEN 'license' THEN (SELECT li.name FROM license li WHERE li.code = ${o}.license) END, 3, f.place
      FROM (VALUES ${fields.map((field, place) => `('${field}', ${place}, ${changedSql(field, o, 'p')})`).join(', ')}) f (what, place, changed)
      WHERE f.changed) d)
   FROM (SELECT * FROM version p WHERE p.resource_id = ${o}.resource_id AND p.number < ${o}.number ORDER BY p.number DESC LIMIT 1) p)`;
