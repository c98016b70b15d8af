import { foldedWords } from '../reading/query-tokens.ts';

/** Words that mean the same; with a `term`, whoever looks for it finds the words too, and not the other way. */
export interface SynonymGroup {
  term: string | null;
  words: readonly string[];
}

/** Words of a query that stand in a row, and what may stand in their place; all folded. */
export interface Alternative {
  words: string[];
  others: string[][];
}

/** What may be looked for instead, by the words joined with a blank. */
export type SynonymIndex = ReadonlyMap<string, string[][]>;

/** The longest row of words that has synonyms. */
const MOST_WORDS = 6;
/** More alternatives than this make a query slow, and vague. */
const MOST_OTHERS = 8;

/** Puts groups in order for `expandWords`. A row of words that is in several groups has the synonyms of all. */
export function synonymIndex(groups: readonly SynonymGroup[]): SynonymIndex {
  const index = new Map<string, string[][]>();
  const add = (from: string[], others: string[][]): void => {
    if (from.length === 0 || from.length > MOST_WORDS) return;
    const key = from.join(' ');
    const known = index.get(key) ?? [];
    const had = new Set([key, ...known.map((words) => words.join(' '))]);
    index.set(key, [...known, ...others.filter((words) => words.length > 0 && !had.has(words.join(' ')))]);
  };
  for (const { term, words } of groups) {
    const folded = words.map(foldedWords);
    if (term !== null) add(foldedWords(term), folded);
    else for (const from of folded) add(from, folded);
  }
  return index;
}

/**
 * What else may stand in the place of words of a query, the longest rows first; they don't overlap. A word is also
 * looked up without the ending of its plural.
 */
export function expandWords(words: readonly string[], index: SynonymIndex): Alternative[] {
  if (index.size === 0) return [];
  const folded = words.map((word) => foldedWords(word).join(''));
  const taken = folded.map(() => false);
  const found: Alternative[] = [];
  for (let length = Math.min(MOST_WORDS, folded.length); length > 0; length -= 1) {
    for (let from = 0; from + length <= folded.length; from += 1) {
      if (taken.slice(from, from + length).some(Boolean)) continue;
      const row = folded.slice(from, from + length);
      const others = othersOf(row, index);
      if (others.length === 0) continue;
      taken.fill(true, from, from + length);
      found.push({ words: row, others: others.slice(0, MOST_OTHERS) });
    }
  }
  return found;
}

function othersOf(row: string[], index: SynonymIndex): string[][] {
  const form = formsOf(row).find((text) => index.has(text));
  const own = new Set(formsOf(row));
  return (index.get(form ?? '') ?? []).filter((words) => !own.has(words.join(' ')));
}

/** Every folded word that stands in a row with synonyms. */
export const synonymWords = (index: SynonymIndex): ReadonlySet<string> =>
  new Set([...index.keys()].flatMap((key) => key.split(' ')));

/** Whether a folded word, or its singular, is among the words of synonyms. */
export const isSynonymWord = (word: string, words: ReadonlySet<string>): boolean =>
  formsOf([word]).some((form) => words.has(form));

/** The row itself, and with the last word in the singular. */
function formsOf(row: readonly string[]): string[] {
  const text = row.join(' ');
  const forms = [text];
  if (/[^s]s$/.test(text)) forms.push(text.slice(0, -1));
  if (/(?:[sxz]|ch|sh|[lnrd])es$/.test(text)) forms.push(text.slice(0, -2));
  if (text.endsWith('zzes')) forms.push(text.slice(0, -3));
  return forms;
}

/** The index as an engine keeps it that knows synonyms itself; plurals are terms of their own there. */
export function synonymTable(index: SynonymIndex): Record<string, string[]> {
  const table: Record<string, string[]> = {};
  for (const [from, others] of index) {
    const texts = others.map((words) => words.join(' ')).slice(0, MOST_OTHERS);
    table[from] = texts;
    const plural = `${from}s`;
    if (!from.endsWith('s') && !index.has(plural)) table[plural] = texts;
  }
  return table;
}
