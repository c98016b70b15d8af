import type { Pool } from 'pg';
import type { LicenseTerms } from '../../lib/license-arithmetic.ts';

export type AutoFacts = {
  resource_id: string;
  version_id: string;
  url: string | null;
  language: string;
  grades: string[];
  files: {
    name: string;
    kind: string;
    scan_state: string;
    text_state: string;
    preview_state: string;
    letters: number;
  }[];
  own_letters: number;
  link: { state: 'works' | 'unclear' | 'failing' | 'dead'; detail: string } | null;
  license: LicenseTerms | null;
  source: { visible: boolean; license: LicenseTerms } | null;
  alignments: { code: string; grades: string[]; level: boolean }[];
  no_student_data: boolean;
};

const terms = (alias: string): string =>
  `json_build_object('code', ${alias}.code, 'adaptable', ${alias}.adaptable, 'shareAlike', ${alias}.share_alike,
     'nonCommercial', ${alias}.noncommercial, 'credit', ${alias}.credit)`;

/** What the automatic checks look at: the version on the shelf, or the one that was handed in; one round trip. */
export async function autoFacts(pool: Pool, resourceId: string): Promise<AutoFacts | undefined> {
  const { rows } = await pool.query<AutoFacts>(
    `SELECT r.id AS resource_id, v.id AS version_id, v.url, v.language, v.no_student_data,
       ARRAY(SELECT grade FROM version_grade g WHERE g.version_id = v.id) AS grades,
       coalesce((SELECT json_agg(json_build_object('name', f.name, 'kind', b.kind, 'scan_state', b.scan_state, 'text_state', b.text_state,
           'preview_state', b.preview_state, 'letters', (SELECT coalesce(sum(length(p.text)), 0) FROM blob_page p WHERE p.sha256 = b.sha256)) ORDER BY vf.position)
         FROM version_file vf JOIN file f ON f.id = vf.file_id JOIN blob b ON b.sha256 = f.sha256 WHERE vf.version_id = v.id), '[]') AS files,
       length(v.full_text) + length(v.description) AS own_letters,
       (SELECT json_build_object('state', l.state, 'detail', l.detail) FROM link_check l WHERE l.url = v.url) AS link,
       (SELECT ${terms('l')} FROM license l WHERE l.code = v.license) AS license,
       (SELECT json_build_object('license', ${terms('l')}) FROM version sv JOIN license l ON l.code = sv.license
        WHERE sv.resource_id = r.adapted_from_id AND sv.number = r.adapted_from_version) AS source,
       coalesce((SELECT json_agg(json_build_object('code', coalesce(s.code, s.label, left(s.statement, 40)), 'grades', s.grades, 'level', a.level_id IS NOT NULL))
         FROM (SELECT standard_guid, level_id FROM alignment WHERE resource_id = r.id AND to_version IS NULL AND claimed_as <> 'curator' AND r.state = 'published'
               UNION ALL SELECT standard_guid, level_id FROM draft_alignment WHERE version_id = v.id AND r.state = 'submitted') a
         JOIN standard s ON s.guid = a.standard_guid), '[]') AS alignments
     FROM resource r JOIN version v ON v.resource_id = r.id AND CASE r.state WHEN 'published' THEN v.id = r.current_version_id ELSE v.number IS NULL END
     WHERE r.id = $1 AND r.state IN ('published', 'submitted')`,
    [resourceId],
  );
  return rows[0];
}

/**
 * Resources of the whole state that are perhaps the same: the same content of a file, the same link, or the same title.
 * Who may hear of each is decided when it is shown. By indexes.
 */
export async function likelyTwins(
  pool: Pool,
  versionId: string,
): Promise<{ id: string; why: 'file' | 'link' | 'title' }[]> {
  const { rows } = await pool.query<{ id: string; why: 'file' | 'link' | 'title' }>(
    `WITH mine AS (SELECT v.*, title_keys(v.title) AS keys FROM version v WHERE v.id = $1), hit AS (
       SELECT 1 AS rank, 'file' AS why, x.version_id FROM version_file mf JOIN file f ON f.id = mf.file_id
         CROSS JOIN LATERAL (SELECT vf.version_id FROM file o JOIN version_file vf ON vf.file_id = o.id WHERE o.sha256 = f.sha256 LIMIT 20) x
       WHERE mf.version_id = $1
       UNION ALL
       SELECT 2, 'link', x.id FROM mine CROSS JOIN LATERAL (
         SELECT v.id FROM version v WHERE link_key(v.url) = link_key(mine.url) AND v.url IS NOT NULL AND v.number IS NOT NULL LIMIT 20) x
       UNION ALL
       SELECT 3, 'title', x.id FROM mine CROSS JOIN LATERAL (
         SELECT v.id, v.language FROM version v WHERE (title_keys(v.title))[1] = mine.keys[1] AND v.number IS NOT NULL LIMIT 20) x
       WHERE mine.title ~ '[[:alnum:]]' AND split_part(x.language, '-', 1) = split_part(mine.language, '-', 1))
     SELECT id, why FROM (
       SELECT DISTINCT ON (r.id) r.id, hit.why, hit.rank FROM hit JOIN resource r ON r.current_version_id = hit.version_id
       WHERE r.state = 'published' AND r.id <> (SELECT resource_id FROM mine)
         -- an adaptation may share a file with what it was made from
         AND NOT (hit.why = 'file' AND (r.id = (SELECT adapted_from_id FROM resource WHERE id = (SELECT resource_id FROM mine))
                                        OR r.adapted_from_id = (SELECT resource_id FROM mine)))
       ORDER BY r.id, hit.rank) one
     ORDER BY rank, id LIMIT 5`,
    [versionId],
  );
  return rows;
}
