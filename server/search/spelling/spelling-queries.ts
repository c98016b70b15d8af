import type { Pool } from 'pg';
import { prepared } from '../../platform/database/prepared.ts';
import { stampsSql, type ListStamps } from '../search-lists.ts';
import type { WrittenWord } from './best-spelling.ts';
import { soundKeys } from './sound-keys.ts';

export interface LookedUpWord {
  /** Somebody has written it where the viewer may read it, or it may be the beginning of such a word. */
  known: boolean;
  /** Written words that look or sound like it; empty for a known one. */
  near: WrittenWord[];
}

/**
 * Looks folded words up among those that are written, in one round trip; in the order of `words`. A word that only stands
 * in resources which the viewer may see but not everybody (their school's) is known to them, and to nobody else; near
 * words are only such as everybody, or every educator, may read.
 * Comes with the stamps of `list_stamp`, so that nobody has to ask for them.
 */
export async function lookUpSpelling(
  pool: Pool,
  asked: {
    words: readonly string[];
    /** The place of the word that may be unfinished; null when there is none. */
    unfinished: number | null;
    audience: readonly string[];
    educator: boolean;
  },
): Promise<{ words: LookedUpWord[]; stamps: ListStamps }> {
  const { rows } = await pool.query<{ words: LookedUpWord[]; stamps: ListStamps }>(
    lookUp([
      asked.words,
      asked.words.map((word) => soundKeys(word).join(' ')),
      asked.educator,
      asked.audience,
      asked.unfinished === null ? 0 : asked.unfinished + 1,
    ]),
  );
  return { words: rows[0]?.words ?? [], stamps: rows[0]?.stamps ?? {} };
}

// $1 words, $2 their sounds, $3 educator, $4 audience, $5 the number of the unfinished one.
// Documents are counted, not looked for with EXISTS: the planner would expect to meet the word soon and read them all.
const lookUp = prepared(`
  SELECT ${stampsSql} AS stamps,
    (SELECT coalesce(json_agg(json_build_object('known', k.known, 'near', coalesce(m.near, '[]'::json)) ORDER BY u.n), '[]'::json)
     FROM unnest($1::text[], $2::text[]) WITH ORDINALITY u (word, sounds, n)
       CROSS JOIN LATERAL (
         SELECT CASE
           WHEN EXISTS (SELECT FROM search_word s WHERE s.word = u.word AND (s.open OR $3)) THEN true
           WHEN u.n = $5 AND EXISTS (
             SELECT FROM search_word s WHERE s.word >= u.word AND s.word < u.word || chr(1114111) AND (s.open OR $3)) THEN true
           ELSE (SELECT count(*) > 0 FROM search_document d
                 WHERE d.words @@ (plainto_tsquery('shelf_en', u.word) || plainto_tsquery('shelf_es', u.word) || plainto_tsquery('shelf_any', u.word))
                   AND d.audience && $4::text[])
         END AS known) k
       LEFT JOIN LATERAL (
         SELECT json_agg(json_build_object('word', w.word, 'docs', w.docs)) AS near FROM (
           (SELECT s.word, s.docs FROM search_word s WHERE s.word % u.word AND (s.open OR $3)
            ORDER BY similarity(s.word, u.word) DESC LIMIT 30)
           UNION
           (SELECT s.word, s.docs FROM search_word s WHERE s.sounds && string_to_array(u.sounds, ' ') AND (s.open OR $3)
            ORDER BY abs(length(s.word) - length(u.word)), s.docs DESC LIMIT 60)
         ) w) m ON NOT k.known) AS words`);
