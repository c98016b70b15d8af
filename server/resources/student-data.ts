import type { Pool, PoolClient } from 'pg';
import { findPersonalData, type PersonalData } from '../lib/personal-data.ts';

/** So much text of one version is looked through. */
const MOST = 400_000;

/** What in a version looks like data of students: in what was typed, and in the pages of its files as far as they are read. */
export async function studentDataIn(
  db: Pick<Pool | PoolClient, 'query'>,
  versionId: string,
): Promise<PersonalData[]> {
  const { rows } = await db.query<{ text: string }>(
    `SELECT concat_ws(E'\\n', title, summary, description, left(full_text, $2::int)) AS text FROM version WHERE id = $1
     UNION ALL
     (SELECT left(p.text, 20000) FROM version_file vf JOIN file f ON f.id = vf.file_id JOIN blob_page p ON p.sha256 = f.sha256
      WHERE vf.version_id = $1 ORDER BY vf.position, p.page LIMIT 200)`,
    [versionId, MOST],
  );
  let left = MOST;
  const texts: string[] = [];
  for (const { text } of rows) {
    if (left <= 0) break;
    texts.push(text.slice(0, left));
    left -= text.length;
  }
  return findPersonalData(texts);
}
