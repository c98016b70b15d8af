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

/** How many rows of the tables of resources were ever written, by PostgreSQL's own count. */
export async function rowsWritten(pool: Pool): Promise<number> {
  await pool.query('SELECT pg_stat_clear_snapshot()');
  const { rows } = await pool.query<{ written: number }>(
    `SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::float8 AS written FROM pg_stat_user_tables
     WHERE relname IN ('resource', 'version', 'alignment', 'file', 'version_file', 'version_subject', 'version_grade',
       'version_topic', 'version_keyword', 'version_level', 'search_dirty', 'search_document', 'search_page')`,
  );
  return rows[0]?.written ?? 0;
}
