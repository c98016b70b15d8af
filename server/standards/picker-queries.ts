import type { Pool, PoolClient } from 'pg';
import { parseGrades } from '../lib/grade.ts';
import type { Grade } from '../lib/grade.ts';
import { codeParts, normCode } from '../lib/standard-code.ts';
import { resolveCode } from './code-queries.ts';
import { isStandardSql, kindOf } from './standard-kind.ts';
import { standardRowSql } from './standard-row.ts';
import type { StandardRow } from './standard-row.ts';

type Client = Pick<Pool | PoolClient, 'query'>;

export interface StandardFilter {
  /** GUID or slug of a framework. */
  framework?: string | undefined;
  /** Slug of a subject. */
  subject?: string | undefined;
  grades?: readonly Grade[] | undefined;
  /** Default 20, at most 100. */
  limit?: number | undefined;
}

/** A standard that a picker offers. */
export interface StandardHit extends StandardRow {
  kind: 'group' | 'standard';
  /** Where it stands, from the top of its framework: the codes or first words of what is above it. */
  path: string[];
  match: 'code' | 'words';
}

/**
 * Standards for a picker, best first: codes that begin as typed (any spelling); where there are none, standards whose words,
 * with those of what stands above them, have all words typed; where there are none either, words that are written alike. A grade in the
 * text ("grade 3 fractions") filters. The state's own frameworks come first, retired standards only by their whole
 * code. At most two round trips; an empty text finds nothing.
 */
export async function searchStandards(
  client: Client,
  text: string,
  filter: StandardFilter = {},
): Promise<StandardHit[]> {
  const limit = Math.min(Math.max(filter.limit ?? 20, 1), 100);
  const { words, grades } = withoutGrade(text.slice(0, 300), filter.grades ?? []);
  if (normCode(words) === '' && words.trim() === '') return [];
  const where = { ...filter, grades, limit };
  const byCode = await codesBeginning(client, words, { ...where, grades: filter.grades ?? [] });
  return byCode.length > 0 ? byCode : withWords(client, words, where);
}

const GRADE_WORDS =
  /\b(?:grades?|gr\.?)\s*(?:\d{1,2}|k|pk)(?:\s*(?:-|–|to)\s*\d{1,2})?\b|\b\d{1,2}(?:st|nd|rd|th)[\s-]+grade(?:rs?)?\b|\bkindergarten\b|\bpre-?k\b/i;

/** Takes "grade 3" out of the text; grades chosen beside it win. */
function withoutGrade(text: string, chosen: readonly Grade[]): { words: string; grades: readonly Grade[] } {
  const found = GRADE_WORDS.exec(text)?.[0];
  const grades = found === undefined ? [] : parseGrades(found).grades;
  if (found === undefined || grades.length === 0) return { words: text, grades: chosen };
  const words = text.replace(found, ' ').trim();
  // Nothing but a grade: leave it as words, some standards are called so.
  return words === ''
    ? { words: text, grades: chosen }
    : { words, grades: chosen.length > 0 ? chosen : grades };
}

/** SQL conditions on `s` and `f`; parameters $1 framework, $2 subject, $3 grades. */
const FILTERS = `f.visible
  AND ($1::text IS NULL OR f.guid::text = lower($1) OR f.slug = $1)
  AND ($2::text IS NULL OR f.subject_slug = $2)
  AND (cardinality($3::text[]) = 0 OR s.grades && $3)`;

const filters = ({ framework, subject, grades }: StandardFilter) => [
  framework ?? null,
  subject ?? null,
  grades ?? [],
];

/** A StandardHit but for `kind`, which is worked out here, and `match`. */
const hitSql = `(${standardRowSql('s', 'f')}::jsonb || jsonb_build_object('path', ARRAY(
  SELECT coalesce(p.code, p.short_statement, left(p.statement, 60)) FROM standard_ancestor t JOIN standard p ON p.guid = t.ancestor_guid
  WHERE t.standard_guid = s.guid AND t.distance > 0 ORDER BY t.distance DESC)))`;

type Row = { hit: Omit<StandardHit, 'kind' | 'match'> };

const toHit =
  (match: StandardHit['match']) =>
  ({ hit }: Row): StandardHit => ({ ...hit, kind: kindOf(hit), match });

async function codesBeginning(client: Client, text: string, filter: StandardFilter): Promise<StandardHit[]> {
  const norm = normCode(text);
  // "frac" is no code, "3nf" and "DS.MATH" are; letters alone count when they are written as parts.
  const codeLike = norm.length >= 2 && norm.length <= 48 && (/\d/.test(norm) || codeParts(text).length > 1);
  if (!codeLike || text.trim().split(/\s+/).length > 6) return [];
  const { rows } = await client.query<Row & { norm: string }>(
    `SELECT ${hitSql} AS hit FROM (
       SELECT DISTINCT ON (s.guid) s.guid, c.code_norm = $4 AS whole, c.kind, length(c.code_norm) AS length
       FROM standard_code c JOIN standard s ON s.guid = c.standard_guid JOIN framework f ON f.guid = s.framework_guid
       WHERE c.code_norm LIKE $4 || '%' AND (s.retired_at IS NULL OR c.code_norm = $4) AND ${FILTERS}
       ORDER BY s.guid, (c.code_norm = $4) DESC, length(c.code_norm)
     ) best JOIN standard s ON s.guid = best.guid JOIN framework f ON f.guid = s.framework_guid
     ORDER BY best.whole DESC, s.retired_at IS NOT NULL, f.is_state_own DESC, f.position, best.kind = 'previous', s.position
     LIMIT $5`,
    [...filters(filter), norm, filter.limit],
  );
  const hits = rows.map(toHit('code'));
  // A spelling that only looks like the beginning (`51` of `5.1`) is told apart where it is a whole code.
  const exact = await resolveCode(client, text);
  if (exact.length === 0) return hits;
  const rank = new Map(exact.map(({ guid }, index) => [guid, index]));
  return hits.sort((a, b) => (rank.get(a.guid) ?? 1000) - (rank.get(b.guid) ?? 1000));
}

async function withWords(client: Client, text: string, filter: StandardFilter): Promise<StandardHit[]> {
  const words = [...new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])].slice(0, 12);
  if (words.length === 0) return [];
  const { rows } = await client.query<Row>(
    `WITH q AS (SELECT to_tsquery('english', $4) AS every, to_tsquery('english', $5) AS some),
     own AS MATERIALIZED (
       SELECT s.guid, s.words @@ q.every AS complete, ts_rank(s.words, q.some) AS rank
       FROM q, standard s JOIN framework f ON f.guid = s.framework_guid
       WHERE s.words @@ q.some AND s.retired_at IS NULL AND ${FILTERS}
       ORDER BY complete DESC, rank DESC LIMIT 1500),
     found AS (
       SELECT own.guid, own.complete, own.rank FROM own WHERE own.complete
       UNION ALL
       SELECT own.guid, own.complete, own.rank FROM own, q WHERE NOT own.complete AND (
         SELECT join_words(p.words)
         FROM standard_ancestor t JOIN standard p ON p.guid = t.ancestor_guid WHERE t.standard_guid = own.guid) @@ q.every)
     SELECT ${hitSql} AS hit FROM found JOIN standard s ON s.guid = found.guid JOIN framework f ON f.guid = s.framework_guid
     ORDER BY found.complete DESC, f.is_state_own DESC, ${isStandardSql('s')} DESC, round(found.rank::numeric, 2) DESC, f.position, s.position
     LIMIT $6`,
    [...filters(filter), tsquery(words, '&'), tsquery(words, '|'), filter.limit],
  );
  if (rows.length > 0) return rows.map(toHit('words'));
  return writtenAlike(client, words.join(' '), filter);
}

/** The last word may be unfinished, so it counts as a beginning too. */
const tsquery = (words: readonly string[], operator: '&' | '|'): string =>
  words
    .map((word, index) => (index === words.length - 1 ? `(${word} | ${word}:*)` : word))
    .join(` ${operator} `);

async function writtenAlike(client: Client, text: string, filter: StandardFilter): Promise<StandardHit[]> {
  if (text.length < 4) return [];
  const { rows } = await client.query<Row>(
    `SELECT ${hitSql} AS hit FROM standard s JOIN framework f ON f.guid = s.framework_guid
     WHERE plain($4) <% plain(coalesce(s.code, '') || ' ' || coalesce(s.short_statement, '') || ' ' || s.statement)
       AND s.retired_at IS NULL AND ${FILTERS}
     ORDER BY word_similarity(plain($4), plain(coalesce(s.short_statement, '') || ' ' || s.statement)) DESC, f.is_state_own DESC, f.position, s.position
     LIMIT $5`,
    [...filters(filter), text, filter.limit],
  );
  return rows.map(toHit('words'));
}
