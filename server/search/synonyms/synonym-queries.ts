import type { Pool } from 'pg';
import type { SearchEngine } from '../search-port.ts';
import { synonymIndex, synonymTable, type SynonymGroup } from './synonym-expansion.ts';

/** A group with what a list for its curators says of it. */
export interface SynonymRow extends SynonymGroup {
  id: string;
  language: string;
  words: string[];
  /** Null: it came with the portal, or who changed it is gone. */
  changedBy: string | null;
  changedAt: Date;
}

/** All groups, by language and their first word. */
export async function synonymGroups(pool: Pool): Promise<SynonymRow[]> {
  const { rows } = await pool.query<SynonymRow>(
    `SELECT g.id, g.language, g.term, g.words, p.name AS "changedBy", g.updated_at AS "changedAt"
     FROM synonym_group g LEFT JOIN person p ON p.id = g.updated_by
     ORDER BY g.language, plain(coalesce(g.term, g.words[1])), g.id`,
  );
  return rows;
}

/** The groups alone, as queries are widened by them. */
export async function readSynonyms(pool: Pool): Promise<SynonymGroup[]> {
  const { rows } = await pool.query<SynonymGroup>('SELECT term, words FROM synonym_group ORDER BY id');
  return rows;
}

/**
 * Tells an engine that keeps synonyms itself what they are now, if they have changed since it was told.
 * @throws EngineDown
 */
export async function tellSynonyms(pool: Pool, engine: SearchEngine): Promise<void> {
  if (!engine.setSynonyms) return;
  const { rows } = await pool.query<{ stamp: string }>(
    `SELECT l.stamp::text FROM list_stamp l JOIN search_engine e ON e.name = $1
     WHERE l.name = 'synonyms' AND e.synonyms <> l.stamp::text`,
    [engine.name],
  );
  const [changed] = rows;
  if (!changed) return;
  await engine.setSynonyms(synonymTable(synonymIndex(await readSynonyms(pool))));
  await pool.query('UPDATE search_engine SET synonyms = $2 WHERE name = $1', [engine.name, changed.stamp]);
}
