import type { Pool } from 'pg';
import { groupBy } from '../lib/group-by.ts';

/** A file with what is known of its content and of the versions that have it. */
export interface StoredFile {
  id: string;
  resourceId: string;
  name: string;
  sha256: string;
  bytes: number;
  kind: string;
  mime: string;
  scanState: 'unscanned' | 'quarantined' | 'clean' | 'infected' | 'unscannable';
  createdAt: Date;
  /** It stands in a version that was published. */
  published: boolean;
  /** As the published version says that is on the shelf; for a file of old versions only, if any of them says so. */
  educatorsOnly: boolean;
}

const columns = `
  f.id, f.resource_id AS "resourceId", f.name, f.sha256, b.size AS bytes, b.kind, b.mime, b.scan_state AS "scanState",
  f.created_at AS "createdAt"`;

/** The file of this id, whoever may see it; undefined where there is none. */
export async function findFile(pool: Pool, id: string): Promise<StoredFile | undefined> {
  const { rows } = await pool.query<StoredFile>(
    `SELECT ${columns}, coalesce(bool_or(v.number IS NOT NULL), false) AS published,
       coalesce(bool_or(vf.educators_only) FILTER (WHERE v.id = r.current_version_id),
                bool_or(vf.educators_only), false) AS "educatorsOnly"
     FROM file f JOIN blob b ON b.sha256 = f.sha256 JOIN resource r ON r.id = f.resource_id
     LEFT JOIN version_file vf ON vf.file_id = f.id LEFT JOIN version v ON v.id = vf.version_id
     WHERE f.id = $1 GROUP BY f.id, b.sha256`,
    [id],
  );
  return rows[0];
}

/**
 * Whether file `file` of version `v` of resource `r` is educators-only: as the version on the shelf says, where it has
 * the file, so that marking an answer key later also closes the versions before. A draft says so for itself.
 * @param file the alias of the row of version_file
 */
export const educatorsOnlySql = (file: string): string =>
  `
  CASE WHEN v.number IS NULL OR v.id = r.current_version_id THEN ${file}.educators_only ELSE coalesce(
    (SELECT c.educators_only FROM version_file c WHERE c.file_id = ${file}.file_id AND c.version_id = r.current_version_id),
    ${file}.educators_only) END`.trim();

/** The files of a published version in their order. */
export async function filesOfVersion(pool: Pool, resourceId: string, number: number): Promise<StoredFile[]> {
  const { rows } = await pool.query<StoredFile>(
    `SELECT ${columns}, true AS published,
       ${educatorsOnlySql('vf')} AS "educatorsOnly"
     FROM version v JOIN resource r ON r.id = v.resource_id
     JOIN version_file vf ON vf.version_id = v.id JOIN file f ON f.id = vf.file_id JOIN blob b ON b.sha256 = f.sha256
     WHERE v.resource_id = $1 AND v.number = $2 ORDER BY vf.position, f.name`,
    [resourceId, number],
  );
  return rows;
}

/** The files of the versions on the shelf of resources that holders of the keys may see, in their order; by resource. */
export async function filesOnShelf(
  pool: Pool,
  resourceIds: readonly string[],
  audience: readonly string[],
): Promise<Map<string, StoredFile[]>> {
  const { rows } = await pool.query<StoredFile>(
    `SELECT ${columns}, true AS published, ${educatorsOnlySql('vf')} AS "educatorsOnly"
     FROM resource r JOIN version v ON v.id = r.current_version_id
     JOIN version_file vf ON vf.version_id = v.id JOIN file f ON f.id = vf.file_id JOIN blob b ON b.sha256 = f.sha256
     WHERE r.id = ANY ($1::uuid[]) AND r.state = 'published' AND r.audience && $2::text[] ORDER BY vf.position, f.name`,
    [resourceIds, audience],
  );
  return groupBy(rows, (file) => file.resourceId);
}

/** The picture of a page at least `width` pixels wide, or the widest there is; undefined where there is none. */
export async function findPreview(
  pool: Pool,
  sha256: string,
  page: number,
  width: number,
): Promise<{ name: string; width: number } | undefined> {
  const { rows } = await pool.query<{ name: string; width: number }>(
    `SELECT name, width FROM blob_preview WHERE sha256 = $1 AND page = $2
     ORDER BY width >= $3 DESC, CASE WHEN width >= $3 THEN width ELSE -width END LIMIT 1`,
    [sha256, page, width],
  );
  return rows[0];
}

/** What a reader sees of a file's pages: the widest picture of each that was drawn. */
export async function pagePictures(
  pool: Pool,
  sha256: string,
): Promise<{ page: number; width: number; height: number; text: string | null }[]> {
  const { rows } = await pool.query<{ page: number; width: number; height: number; text: string | null }>(
    `SELECT DISTINCT ON (p.page) p.page, p.width, p.height, left(b.text, 160) AS text
     FROM blob_preview p LEFT JOIN blob_page b ON b.sha256 = p.sha256 AND b.page = p.page
     WHERE p.sha256 = $1 ORDER BY p.page, p.width DESC`,
    [sha256],
  );
  return rows;
}

/** The text of a file by page, as far as a reader would scroll; pages without text are left out. */
export async function pageTexts(pool: Pool, sha256: string): Promise<{ page: number; text: string }[]> {
  const { rows } = await pool.query<{ page: number; text: string }>(
    `SELECT page, text FROM blob_page WHERE sha256 = $1 AND text <> '' ORDER BY page LIMIT 200`,
    [sha256],
  );
  return rows;
}
