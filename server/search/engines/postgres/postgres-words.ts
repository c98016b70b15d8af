import { escapeLiteral, type PoolClient, type QueryResult } from 'pg';
import { prepared } from '../../../platform/database/prepared.ts';
import type { QueryWords } from '../../query-words.ts';
import type { Alternative } from '../../synonyms/synonym-expansion.ts';
import { NO_WORDS, placeSynonyms, wordQuery, type LookedUp, type WordQuery } from './postgres-word-query.ts';

/** What a snapshot shows. */
export interface Shown {
  /** The state of the index; NaN where that isn't known. */
  changes: number;
  /** What words were found to mean, in this state and in others. */
  words: Map<string, { changes: number; query: WordQuery }>;
}

/**
 * Looks the words up, in one round trip: stems in each language, whether anybody has written them, words that begin
 * so, and near ones for those that nobody has written. `educator`: words of what the public doesn't see count too.
 * A query is asked about once in each state of the index: by the engine, for snippets, for the next page.
 */
export async function lookUpWords(
  client: PoolClient,
  query: QueryWords,
  educator: boolean,
  shown: Shown,
  synonyms: readonly Alternative[] = [],
): Promise<WordQuery> {
  const key = JSON.stringify([query, educator, synonyms]);
  const kept = shown.words.get(key);
  if (kept?.changes === shown.changes) return kept.query;
  const looked = await lookUpAll(client, query, educator, synonyms);
  shown.words.delete(key);
  shown.words.set(key, { changes: shown.changes, query: looked });
  for (const oldest of shown.words.keys()) if (shown.words.size > KEPT) shown.words.delete(oldest);
  return looked;
}

/** So many queries are kept. */
const KEPT = 1000;

async function lookUpAll(
  client: PoolClient,
  query: QueryWords,
  educator: boolean,
  synonyms: readonly Alternative[],
): Promise<WordQuery> {
  const placed = placeSynonyms(query.words, synonyms);
  const single = query.without.filter((words) => words.length === 1).flat();
  const phrases = [...query.phrases, ...query.without.filter((words) => words.length > 1)];
  if (query.words.length + single.length + phrases.length === 0) return NO_WORDS;
  const { rows } = await client.query<LookedUp>(
    lookUp([
      [...query.words, ...single],
      query.words.length,
      query.open ? query.words.length : 0,
      educator,
      [...phrases, ...placed.flatMap(({ others }) => others)].map((words) => words.join(' ')),
    ]),
  );
  const looked = rows[0];
  if (!looked) return NO_WORDS;
  const common = await commonRows(client, looked.phrases.slice(phrases.length));
  return wordQuery(query, looked, placed, common);
}

/**
 * Where words stand is known only to the text itself. Beyond so many texts that have the words of a synonym somewhere,
 * reading them takes longer than the rest of the search. Reckoned as if words met by chance: in truth those of a phrase
 * meet five to twenty times as often.
 */
const READ_AT_MOST = 150;

/** Which of these want words in a row that many texts have, as PostgreSQL's planner reckons. */
async function commonRows(client: PoolClient, phrases: readonly string[]): Promise<Set<string>> {
  const rows = [...new Set(phrases)].filter((text) => text.includes(' <'));
  if (rows.length === 0) return new Set();
  const explain = (text: string) =>
    `EXPLAIN (FORMAT JSON) SELECT FROM search_document WHERE words @@ ${escapeLiteral(text)}::tsquery`;
  const plans = [await client.query(rows.map(explain).join('; '))].flat() as QueryResult<PlanRow>[];
  return new Set(
    rows.filter((_, at) => (plans[at]?.rows[0]?.['QUERY PLAN'][0]?.Plan['Plan Rows'] ?? 0) > READ_AT_MOST),
  );
}

interface PlanRow {
  'QUERY PLAN': { Plan: { 'Plan Rows': number } }[];
}

const phraseOf = ['shelf_en', 'shelf_es', 'shelf_any']
  .map((config) => `phraseto_tsquery('${config}', t)`)
  .join(' || ');

// $1 words, $2 how many of them are wanted, $3 the number of the one that may be unfinished, $4 educator, $5 phrases
const lookUp = prepared(`
  SELECT
    (SELECT coalesce(json_agg(w ORDER BY n), '[]') FROM (
      SELECT u.n, p.plain, ts_lexize('english_stem', p.plain) AS en, ts_lexize('spanish_stem', p.plain) AS es,
        k.known, u.n = $3 AS beginning, l.longer IS NOT NULL AS begins, l.longer,
        CASE WHEN u.n <= $2 AND length(p.plain) >= 4 AND NOT k.known THEN (
          SELECT json_agg(m) FROM (
            SELECT s.word AS plain, s.docs, ts_lexize('english_stem', s.word) AS en, ts_lexize('spanish_stem', s.word) AS es
            FROM search_word s WHERE s.word % p.plain AND (s.open OR $4) ORDER BY similarity(s.word, p.plain) DESC LIMIT 40) m
        ) END AS near
      FROM unnest($1::text[]) WITH ORDINALITY u (word, n)
        CROSS JOIN LATERAL (SELECT plain(u.word) AS plain) p
        CROSS JOIN LATERAL (
          SELECT EXISTS (SELECT FROM search_word s WHERE s.word = p.plain AND (s.open OR $4)) AS known) k
        CROSS JOIN LATERAL (
          SELECT array_agg(DISTINCT stem) AS longer FROM (
            SELECT s.word FROM search_word s
            WHERE u.n = $3 AND length(p.plain) >= 3 AND s.word >= p.plain AND s.word < p.plain || chr(1114111) AND (s.open OR $4)
            ORDER BY s.docs DESC LIMIT 100) f
          CROSS JOIN LATERAL unnest(coalesce(ts_lexize('english_stem', f.word), '{}') || coalesce(ts_lexize('spanish_stem', f.word), '{}')) stem) l
    ) w) AS words,
    (SELECT coalesce(json_agg(coalesce((${phraseOf})::text, '') ORDER BY n), '[]')
     FROM unnest($5::text[]) WITH ORDINALITY x (t, n)) AS phrases`);
