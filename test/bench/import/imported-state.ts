import type { Pool } from 'pg';

/**
 * All that a source has on the shelf, resource by resource, as text by external id: every version with its words, values
 * and alignments. Equal texts: nobody can tell the resources apart but by their ids and times.
 */
export async function stateOf(pool: Pool, source: string): Promise<Map<string, string>> {
  const { rows } = await pool.query<{ external_id: string; state: string }>(
    `SELECT r.external_id, md5(jsonb_build_object(
       'state', r.state, 'visibility', r.visibility, 'versions', (
         SELECT jsonb_agg(to_jsonb(v) - ARRAY['id', 'resource_id', 'created_at', 'updated_at', 'updated_by', 'published_at', 'published_by'] ||
           jsonb_build_object(
             'subjects', ARRAY(SELECT subject FROM version_subject x WHERE x.version_id = v.id ORDER BY 1),
             'grades', ARRAY(SELECT grade FROM version_grade x WHERE x.version_id = v.id ORDER BY 1),
             'keywords', ARRAY(SELECT keyword FROM version_keyword x WHERE x.version_id = v.id ORDER BY 1)) ORDER BY v.number)
         FROM version v WHERE v.resource_id = r.id),
       'alignments', ARRAY(SELECT a.standard_guid || coalesce(a.level_id::text, '') || a.relation || a.from_version || coalesce(a.to_version::text, '')
         FROM alignment a WHERE a.resource_id = r.id ORDER BY 1))::text) AS state
     FROM resource r WHERE r.source = $1 ORDER BY r.external_id`,
    [source],
  );
  return new Map(rows.map(({ external_id: id, state }) => [id, state]));
}

/** The transaction after which `rowsWrittenSince` counts. */
export async function writingNow(pool: Pool): Promise<string> {
  const { rows } = await pool.query<{ id: string }>('SELECT pg_current_xact_id()::text AS id');
  return rows[0]?.id ?? '0';
}

/**
 * How many rows of a source's resources were written since then, by the transaction that each row bears: the resources,
 * their versions with what belongs to them, what search has of them and what it still waits for.
 */
export async function rowsWrittenSince(pool: Pool, source: string, since: string): Promise<number> {
  const own = 'resource_id IN (SELECT id FROM resource WHERE source = $1)';
  const ofVersion = `version_id IN (SELECT v.id FROM version v WHERE v.${own})`;
  const counts = [
    ['resource', 'source = $1'],
    ...['version', 'alignment', 'search_document', 'search_page', 'search_dirty'].map((name) => [name, own]),
    ...['version_file', 'version_subject', 'version_grade', 'version_topic', 'version_keyword'].map(
      (name) => [name, ofVersion],
    ),
  ].map(
    ([name, whose]) => `(SELECT count(*) FROM ${name} WHERE ${whose} AND xmin::text::bigint >= $2::bigint)`,
  );
  const { rows } = await pool.query<{ written: number }>(`SELECT (${counts.join(' + ')})::int AS written`, [
    source,
    since,
  ]);
  return rows[0]?.written ?? 0;
}
