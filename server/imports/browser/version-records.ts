import type { Pool } from 'pg';
import type { ImportRecord } from '../import-record.ts';

/** What a version says, as far as an import writes it. */
export type VersionRecord = Partial<ImportRecord>;

const list = (value: string, table: string, order: string): string =>
  `ARRAY(SELECT ${value} FROM ${table} l WHERE l.version_id = v.id ORDER BY ${order})`;

/** Versions by their ids, with the standards that were claimed while each stood. */
export async function versionRecords(
  pool: Pool,
  ids: readonly string[],
): Promise<Map<string, VersionRecord>> {
  const { rows } = await pool.query<{ id: string; record: VersionRecord }>(
    `SELECT v.id, json_build_object(
       'title', v.title, 'summary', v.summary, 'description', v.description, 'url', v.url, 'fullText', v.full_text,
       'type', v.type, 'license', v.license, 'language', v.language, 'authors', v.authors, 'publisher', v.publisher,
       'minutes', v.minutes, 'setting', v.setting, 'visibility', v.visibility,
       'subjects', ${list('l.subject', 'version_subject', 'l.position')},
       'grades', ${list('l.grade', 'version_grade', 'l.grade')},
       'topics', ${list('l.topic_id', 'version_topic', 'l.position')},
       'keywords', ${list('l.keyword', 'version_keyword', 'l.position')},
       'levels', ${list('l.level_id', 'version_level', 'l.level_id')},
       'files', coalesce((SELECT json_agg(json_build_object('sha256', f.sha256, 'name', f.name) ORDER BY vf.position, f.id)
                          FROM version_file vf JOIN file f ON f.id = vf.file_id WHERE vf.version_id = v.id), '[]'),
       'educatorFiles', ARRAY(SELECT f.name FROM version_file vf JOIN file f ON f.id = vf.file_id
                              WHERE vf.version_id = v.id AND vf.educators_only ORDER BY vf.position, f.id),
       'claims', coalesce((SELECT json_agg(json_build_object('guid', a.standard_guid, 'relation', a.relation, 'levelId', a.level_id) ORDER BY a.id)
                           FROM alignment a WHERE a.resource_id = v.resource_id AND a.claimed_as IN ('author', 'import')
                             AND a.from_version <= v.number AND (a.to_version IS NULL OR a.to_version >= v.number)), '[]')) AS record
     FROM version v WHERE v.id = ANY ($1::uuid[])`,
    [ids],
  );
  return new Map(rows.map(({ id, record }) => [id, record]));
}
