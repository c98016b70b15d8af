import { educatorsOnlySql } from '../files/file-queries.ts';
import { standardOrderSql } from '../standards/standard-row.ts';

/** SQL: whether version `o` has something else than `p`. */
type Changed = (o: string, p: string) => string;
const column =
  (name: string): Changed =>
  (o, p) =>
    `${o}.${name} IS DISTINCT FROM ${p}.${name}`;
const list = (table: string, name: string): Changed => {
  const of = (version: string) =>
    `ARRAY(SELECT x.${name} FROM ${table} x WHERE x.version_id = ${version}.id ORDER BY 1)`;
  return (o, p) => `${of(o)} <> ${of(p)}`;
};

/** In the order in which they are said: what a teacher who took the last version needs to know comes first. */
const fields = {
  title: column('title'),
  description: column('description'),
  text: column('full_text'),
  link: column('url'),
  license: column('license'),
  summary: column('summary'),
  levels: list('version_level', 'level_id'),
  grades: list('version_grade', 'grade'),
  subjects: list('version_subject', 'subject'),
  topics: list('version_topic', 'topic_id'),
  type: column('type'),
  minutes: column('minutes'),
  setting: column('setting'),
  language: column('language'),
  authors: column('authors'),
  publisher: column('publisher'),
  keywords: list('version_keyword', 'keyword'),
  visibility: column('visibility'),
};

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
    | keyof typeof fields;
  name: string | null;
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
      FROM (VALUES ${Object.entries(fields)
        .map(([field, changed], place) => `('${field}', ${place}, ${changed(o, 'p')})`)
        .join(', ')}) f (what, place, changed)
      WHERE f.changed) d)
   FROM (SELECT * FROM version p WHERE p.resource_id = ${o}.resource_id AND p.number < ${o}.number ORDER BY p.number DESC LIMIT 1) p)`;
