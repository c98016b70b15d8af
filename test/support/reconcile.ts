import type { Pool } from 'pg';
import { createPostgresEngine } from '../../server/search/engines/postgres/postgres-engine.ts';
import { batchOf } from '../../server/search/indexer.ts';

/**
 * Holds the search projection in PostgreSQL against the database: what is on the shelf and not in the index, what is in
 * the index and not on the shelf, and what is written there differently than it would be written now. Writes every entry
 * anew to find out, so nothing else may index meanwhile.
 * @returns what differs, in words; empty when the two agree
 */
export async function reconcile(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ resource_id: string; shown: boolean; indexed: boolean }>(
    `SELECT coalesce(r.id, d.resource_id) AS resource_id, r.id IS NOT NULL AS shown, d.resource_id IS NOT NULL AS indexed
     FROM (SELECT id FROM resource WHERE state = 'published') r FULL JOIN search_document d ON d.resource_id = r.id`,
  );
  const before = await entries(pool);
  await createPostgresEngine(pool).apply(await batchOf(pool, rows));
  const after = await entries(pool);
  return [
    ...rows.filter(({ indexed }) => !indexed).map(({ resource_id: id }) => `${id} is not in the index`),
    ...rows.filter(({ shown }) => !shown).map(({ resource_id: id }) => `${id} is in the index only`),
    ...rows
      .filter(({ resource_id: id, shown, indexed }) => shown && indexed && before.get(id) !== after.get(id))
      .map(({ resource_id: id }) => `${id} is out of date in the index`),
  ];
}

/** Each entry as one text, whatever the order of its lists. */
async function entries(pool: Pool): Promise<Map<string, string>> {
  const { rows } = await pool.query<{ id: string; entry: string }>(
    `SELECT d.resource_id AS id, concat_ws('|', d.config, d.head, d.words, d.staff_words, d.title_sort, d.checked, d.complete, d.quality, d.fields, d.used,
       d.minutes, d.published_at, ARRAY(SELECT unnest(d.audience) ORDER BY 1), ARRAY(SELECT unnest(d.facets) ORDER BY 1),
       ARRAY(SELECT unnest(d.pairs) ORDER BY 1), ARRAY(SELECT unnest(d.sets) ORDER BY 1),
       (SELECT string_agg(concat_ws(' ', p.file_id, p.page, p.words), ';' ORDER BY p.file_id, p.page) FROM search_page p
        WHERE p.resource_id = d.resource_id)) AS entry
     FROM search_document d`,
  );
  return new Map(rows.map(({ id, entry }) => [id, entry]));
}
