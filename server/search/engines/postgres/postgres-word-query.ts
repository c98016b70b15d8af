import { editDistance } from '../../../lib/edit-distance.ts';
import type { QueryWords } from '../../query-words.ts';
import { foldText } from '../../reading/query-tokens.ts';
import type { Alternative } from '../../synonyms/synonym-expansion.ts';

/** Which words an entry must have: all; at least one; of several at least two, or one, in the record itself. */
export type Match = 'all' | 'any' | 'most' | 'some';

/** A query's words as PostgreSQL matches them; each a `tsquery` in text form, null where there is nothing to match. */
export interface WordQuery {
  /** Every word in one of its forms, with beginnings and corrected spellings. */
  all: string | null;
  /** At least one of the words. Null where that says the same as `all`. */
  any: string | null;
  /** Of three or more words at least two. Null for fewer. */
  most: string | null;
  /** Synonyms of several common words, which are only asked of the record itself: `phrase` there, `rest` anywhere. */
  instead: { phrase: string; rest: string | null }[];
  /** `all` and `any` without these: what is asked of long texts. */
  inText: { all: string | null; any: string | null };
  /** Must not be there. */
  without: string | null;
  /** As `all`, only in the title. */
  title: string | null;
  /** Every word as typed (its own stems), only in the title. */
  titleExact: string | null;
  /** Every word as typed, for the rank. */
  exact: string | null;
  corrected: { typed: string; used: string }[];
}

/** Of a query without words. */
export const NO_WORDS: WordQuery = {
  all: null,
  any: null,
  most: null,
  instead: [],
  inText: { all: null, any: null },
  without: null,
  title: null,
  titleExact: null,
  exact: null,
  corrected: [],
};

/**
 * What PostgreSQL is asked with for a query, of what was looked up about its words.
 * @param placed synonyms, whose phrases were looked up behind those of the query, in their order
 * @param common synonyms of several words that many texts have somewhere: only asked of the record itself
 */
export function wordQuery(
  query: QueryWords,
  looked: LookedUp,
  placed: readonly PlacedSynonyms[],
  common: ReadonlySet<string>,
): WordQuery {
  const { words } = looked;
  const phrases = looked.phrases.slice(
    0,
    query.phrases.length + query.without.filter((one) => one.length > 1).length,
  );
  const others = otherForms(placed, looked.phrases.slice(phrases.length), common);
  const all = words.slice(0, query.words.length).map((word) => clauseOf(word));
  const clauses = all.filter((clause) => clause !== null);
  /** Each word, or each row of words that something else may stand for; `rows`: what of that is only asked of records. */
  const partsOf = (weight: '' | 'A'): { plain: string; rows: string[] }[] =>
    rowsOf(all, placed).flatMap(({ row, synonyms }) => {
      const own = andOf(
        row.flatMap((clause) => (clause ? [orOf(clause.wide.map((form) => form(weight)))] : [])),
      );
      if (own === null) return [];
      const instead = synonyms === null ? [] : (others[synonyms] ?? []);
      const made = (inRecord: boolean) =>
        instead.filter((other) => other.inRecord === inRecord).map(({ form }) => form(weight));
      const plain = made(false);
      return [
        {
          plain: plain.length === 0 ? own : orOf([row.length > 1 ? `(${own})` : own, ...plain]),
          rows: made(true),
        },
      ];
    });
  const wholeOf = ({ plain, rows }: { plain: string; rows: string[] }): string =>
    rows.length === 0 ? plain : orOf([`(${plain})`, ...rows]);
  const phraseQueries = phrases.slice(0, query.phrases.length).filter((text) => text !== '');
  const banned = [
    ...words.slice(query.words.length).map((word) => orOf(stemsOf(word).map((stem) => lexeme(stem)))),
    ...phrases.slice(query.phrases.length).filter((text) => text !== ''),
  ];
  const quoted = phraseQueries.map((text) => `(${text})`);
  const parts = partsOf('');
  const wide = parts.map(wholeOf);
  const inText = [...parts.map(({ plain }) => plain), ...quoted];
  const some = inText.length > 1;
  const exact = clauses.map(({ exact: forms }) => orOf(forms.map((form) => form(''))));
  const inTitle = (parts: string[]) => (quoted.length > 0 ? null : andOf(parts));
  return {
    all: andOf([...wide, ...quoted]),
    any: some ? orOf([...wide, ...quoted]) : null,
    most: pairsOf([...wide, ...quoted]),
    instead: parts.flatMap(({ rows }, at) =>
      rows.length === 0
        ? []
        : [{ phrase: orOf(rows), rest: andOf(inText.filter((_, other) => other !== at)) }],
    ),
    inText: { all: andOf(inText), any: some ? orOf(inText) : null },
    without: banned.length > 0 ? orOf(banned.map((text) => `(${text})`)) : null,
    title: inTitle(partsOf('A').map(wholeOf)),
    titleExact: inTitle(clauses.map(({ exact: forms }) => orOf(forms.map((form) => form('A'))))),
    exact: andOf([...exact, ...quoted]),
    corrected: clauses.flatMap(({ corrected }) => corrected ?? []),
  };
}

/** At least two of three or more. */
const pairsOf = (parts: string[]): string | null =>
  parts.length < 3
    ? null
    : orOf(parts.flatMap((one, at) => parts.slice(at + 1).map((other) => `((${one}) & (${other}))`)));

export interface PlacedSynonyms {
  from: number;
  to: number;
  others: string[][];
}

/** Where in the query the words stand that have synonyms. */
export const placeSynonyms = (words: readonly string[], synonyms: readonly Alternative[]): PlacedSynonyms[] =>
  synonyms.flatMap(({ words: row, others }) => {
    const folded = words.map((word) => foldText(word));
    const from = folded.findIndex((_, at) => row.every((word, step) => folded[at + step] === word));
    return from === -1 ? [] : [{ from, to: from + row.length, others }];
  });

/** The words, each alone or in the row that has synonyms; `synonyms`: which. */
function rowsOf<Word>(words: readonly Word[], placed: readonly PlacedSynonyms[]) {
  const rows: { row: Word[]; synonyms: number | null }[] = [];
  for (let at = 0; at < words.length;) {
    const synonyms = placed.findIndex(({ from }) => from === at);
    const to = placed[synonyms]?.to ?? at + 1;
    rows.push({ row: words.slice(at, to), synonyms: synonyms === -1 ? null : synonyms });
    at = to;
  }
  return rows;
}

/**
 * The queries that PostgreSQL has made of synonyms; a weight goes to every word of a phrase. `inRecord`: it is one of
 * `common`, and not looked for in long texts.
 */
function otherForms(
  placed: readonly PlacedSynonyms[],
  phrases: readonly string[],
  common: ReadonlySet<string>,
): { form: Form; inRecord: boolean }[][] {
  let at = 0;
  return placed.map(({ others }) => {
    const texts = phrases.slice(at, at + others.length).filter((text) => text !== '');
    at += others.length;
    return texts.map((text) => ({
      form: (weight) => `(${weight === '' ? text : text.replaceAll(/'(?:[^']|'')+'/g, '$&:A')})`,
      inRecord: common.has(text),
    }));
  });
}

type Form = (weight: '' | 'A') => string;

interface Clause {
  exact: Form[];
  wide: Form[];
  corrected: { typed: string; used: string } | null;
}

/**
 * One word of the query. Null for a stop word. A word that only Spanish leaves out ("sin", "era") is asked of texts
 * in other languages: their entries carry the mark of their language.
 */
function clauseOf(word: Word): Clause | null {
  if (word.en?.length === 0) return null;
  const exact = stemsOf(word).map(formOf);
  if (word.es?.length === 0) exact.push(() => lexeme('@shelf_es'));
  const wide = [...exact];
  if (word.beginning && (word.plain.length >= 4 || (word.plain.length >= 2 && !word.known)))
    wide.push((weight) => `${lexeme(word.plain)}:*${weight}`);
  wide.push(...(word.longer ?? []).filter((stem) => !stem.startsWith(word.plain)).map(formOf));
  const near = word.known || (word.beginning && word.begins) ? [] : nearest(word);
  wide.push(...near.flatMap((other) => stemsOf(other)).map(formOf));
  const [best] = near;
  return { exact, wide, corrected: best ? { typed: word.plain, used: best.plain } : null };
}

/** How many slips are forgiven: one from four letters, two from eight. */
const slips = (word: string): number => (word.length < 4 ? 0 : word.length < 8 ? 1 : 2);

/** The nearest words that somebody has written, at most four; the commonest first. */
function nearest(word: Word): Near[] {
  const limit = slips(word.plain);
  const within = (word.near ?? [])
    .map((near) => ({ near, distance: editDistance(word.plain, near.plain, limit) }))
    .filter(({ distance }) => distance <= limit);
  const least = Math.min(...within.map(({ distance }) => distance));
  return within
    .filter(({ distance }) => distance === least)
    .map(({ near }) => near)
    .sort((a, b) => b.docs - a.docs)
    .slice(0, 4);
}

const stemsOf = (word: Stems): string[] => [...new Set([word.plain, ...(word.en ?? []), ...(word.es ?? [])])];

const formOf =
  (stem: string): Form =>
  (weight) =>
    weight === '' ? lexeme(stem) : `${lexeme(stem)}:${weight}`;

const lexeme = (text: string): string => `'${text.replaceAll(/['\\]/g, (sign) => sign + sign)}'`;
const orOf = (parts: string[]): string => (parts.length === 1 ? (parts[0] ?? '') : `(${parts.join(' | ')})`);
const andOf = (parts: string[]): string | null => (parts.length === 0 ? null : parts.join(' & '));

interface Stems {
  plain: string;
  /** Null: the dictionary doesn't know; empty: a stop word. */
  en: string[] | null;
  es: string[] | null;
}
interface Near extends Stems {
  docs: number;
}
interface Word extends Stems {
  known: boolean;
  /** It stands last and may be unfinished. */
  beginning: boolean;
  /** Somebody has written a word that begins so. */
  begins: boolean;
  /** Stems of words that begin so. */
  longer: string[] | null;
  near: Near[] | null;
}
/** What is known of the words of a query, and its phrases as PostgreSQL asks for them. */
export interface LookedUp {
  words: Word[];
  phrases: string[];
}
