import type { Pool } from 'pg';
import { audiencesOf, type Viewer } from '../lib/viewer.ts';
import { prepared } from '../platform/database/prepared.ts';

/** A word that more resources have says little about what this one is about. */
const RARE_ENOUGH = 1000;
const WORDS = 5;
const LOOKED_AT = 300;

/**
 * Ids of published resources that the viewer may see and that share the rarest words of this one's title, keywords and
 * topics, the likest first, those in its own language before others. Its sources and adaptations are not among them:
 * they stand in its lineage. One word alone says little: two must be shared where there are two.
 */
export async function similarByWords(
  pool: Pool,
  viewer: Viewer,
  resourceId: string,
  limit: number,
): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(similar([resourceId, audiencesOf(viewer), limit]));
  return rows.map(({ id }) => id);
}

const similar = prepared(`
  WITH mine AS (
    SELECT r.id, r.adapted_from_id, v.language, d.head
    FROM search_document d JOIN resource r ON r.id = d.resource_id JOIN version v ON v.id = r.current_version_id
    WHERE d.resource_id = $1),
  -- A lexeme is a stem: it is as frequent as the words that begin with it.
  rare AS (
    SELECT l.lexeme
    FROM mine CROSS JOIN LATERAL unnest(mine.head) AS l (lexeme, positions, weights)
    CROSS JOIN LATERAL (SELECT sum(w.docs) AS docs FROM search_word w WHERE w.word >= l.lexeme AND w.word < l.lexeme || chr(1114111)) f
    WHERE l.lexeme ~ '^[[:alpha:]]{3,}$' AND l.weights && ARRAY['A', 'B'] AND f.docs BETWEEN 2 AND ${RARE_ENOUGH}
    ORDER BY f.docs, l.lexeme LIMIT ${WORDS}),
  wanted AS (SELECT string_agg(lexeme, ' | ')::tsquery AS words FROM rare),
  near AS (
    SELECT d.resource_id, ts_rank('{0.1, 0.3, 0.7, 1}', d.head, w.words) AS likeness,
      (SELECT count(*) FROM rare r WHERE d.head @@ r.lexeme::tsquery) AS shared
    FROM wanted w CROSS JOIN LATERAL (
      -- A head lies beside its row: it is read once here, for all that is asked of it.
      SELECT resource_id, head || ''::tsvector AS head FROM search_document
      WHERE head @@ w.words AND audience && $2::text[] AND resource_id <> $1 LIMIT ${LOOKED_AT}) d)
  SELECT r.id
  FROM near n JOIN resource r ON r.id = n.resource_id JOIN version v ON v.id = r.current_version_id CROSS JOIN mine m
  WHERE r.state = 'published' AND r.audience && $2::text[]
    AND n.shared >= least(2, (SELECT count(*) FROM rare))
    AND r.id IS DISTINCT FROM m.adapted_from_id AND r.adapted_from_id IS DISTINCT FROM m.id
  ORDER BY v.language = m.language DESC, n.likeness DESC, (r.check_state = 'checked') DESC, r.used_count DESC, r.id
  LIMIT $3`);
