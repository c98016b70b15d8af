import type { Pool } from 'pg';

export interface TitleSuggestion {
  id: string;
  title: string;
  type: string | null;
}

export interface TopicSuggestion {
  slug: string;
  name: string;
  /** Of the topic above it. */
  parent: string | null;
}

/** So many titles are compared; with more, any of them will do. */
const COMPARED = 3000;
const MOST_WORDS = 8;

/**
 * Titles of which words begin as typed, that holders of the keys may see: checked ones and much used ones first. Found in
 * the projection, and looked up in the database before anybody reads them.
 */
export async function suggestTitles(
  pool: Pool,
  asked: { q: string; audience: string[]; limit: number },
): Promise<TitleSuggestion[]> {
  const words = patterns(asked.q);
  if (words.length === 0) return [];
  const begins = words.map((_, index) => beginsWith('d.title_sort', `$${index + 3}`));
  const { rows } = await pool.query<TitleSuggestion>(
    `WITH near AS (
       SELECT d.resource_id, d.title_sort LIKE plain($3) AS first, d.checked, d.used FROM search_document d
       WHERE d.audience && $1::text[] AND ${begins.join(' AND ')} LIMIT ${COMPARED})
     SELECT r.id, v.title, t.name AS type
     FROM (SELECT * FROM near ORDER BY first DESC, checked DESC, used DESC, resource_id LIMIT $2::int * 2) n
     JOIN resource r ON r.id = n.resource_id AND r.state = 'published' AND r.audience && $1::text[]
     JOIN version v ON v.id = r.current_version_id LEFT JOIN resource_type t ON t.slug = v.type
     ORDER BY n.first DESC, n.checked DESC, n.used DESC, r.id LIMIT $2::int`,
    [asked.audience, asked.limit, ...words],
  );
  return rows;
}

/** Topics of which words begin as typed, those near the top of the tree first. */
export async function suggestTopics(
  pool: Pool,
  asked: { q: string; limit: number },
): Promise<TopicSuggestion[]> {
  const words = patterns(asked.q);
  if (words.length === 0) return [];
  const begins = words.map((_, index) => beginsWith('plain(t.name)', `$${index + 2}`));
  const { rows } = await pool.query<TopicSuggestion>(
    `SELECT t.slug, t.name, p.name AS parent FROM topic t LEFT JOIN topic p ON p.id = t.parent_id
     WHERE ${begins.join(' AND ')}
     ORDER BY plain(t.name) LIKE plain($2) DESC, (SELECT count(*) FROM topic_ancestor a WHERE a.topic_id = t.id), t.position, t.name
     LIMIT $1`,
    [asked.limit, ...words],
  );
  return rows;
}

/** So many people's searches make one that is worth offering; fewer may be one person's. */
const OFTEN = 5;
const LOOKED_AT = 12;

/**
 * Searches of others that begin as typed and found something: made often, in different weeks or districts, the most
 * frequent first. Each of their words stands in a title that everyone may see or in a vocabulary, so that none tells of
 * a hidden resource, and none is the name of a person.
 */
export async function suggestSearches(
  pool: Pool,
  asked: { q: string; limit: number },
): Promise<{ words: string; searches: number }[]> {
  const [first, ...others] = patterns(asked.q);
  if (first === undefined) return [];
  const whole = [first.slice(0, -1), ...others.map((pattern) => pattern.slice(0, -1))].join(' ');
  const { rows } = await pool.query<{ words: string; searches: number }>(
    `WITH past AS (
       SELECT words, sum(searches)::int AS searches FROM search_statistic
       WHERE words <> '' AND plain(words) LIKE plain($1) || '%'
       GROUP BY words
       HAVING sum(searches) >= ${OFTEN} AND count(DISTINCT (week, district_id)) > 1
         AND (array_agg(found ORDER BY week DESC, id DESC))[1] > 0
       ORDER BY searches DESC, words LIMIT ${LOOKED_AT})
     SELECT words, searches FROM past
     WHERE NOT EXISTS (
       SELECT 1 FROM regexp_split_to_table(plain(words), '[^[:alnum:]]+') AS w (word)
       WHERE w.word <> ''
         AND NOT EXISTS (SELECT 1 FROM search_document d
           WHERE d.audience && ARRAY['public'] AND (d.title_sort LIKE w.word || '%' OR d.title_sort LIKE '% ' || w.word || '%'))
         AND NOT EXISTS (SELECT 1 FROM (SELECT name FROM subject UNION ALL SELECT name FROM resource_type UNION ALL SELECT name FROM topic) v
           WHERE ' ' || plain(v.name) LIKE '% ' || w.word || '%'))
     ORDER BY searches DESC, words LIMIT $2`,
    [whole, asked.limit],
  );
  return rows;
}

/** What was typed, word by word, as patterns of LIKE. */
const patterns = (q: string): string[] =>
  q
    .split(/\s+/)
    .filter((word) => word !== '')
    .slice(0, MOST_WORDS)
    .map((word) => `${word.replaceAll(/[\\%_]/g, '\\$&')}%`);

/** SQL: the text, or a word in it, begins as the pattern says. A trigram index on the text serves both. */
const beginsWith = (text: string, pattern: string): string =>
  `(${text} LIKE plain(${pattern}) OR ${text} LIKE '% ' || plain(${pattern}))`;
