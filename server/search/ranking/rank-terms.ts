import { readWords } from '../query-words.ts';
import type { SearchRequest, SearchResult } from '../search-port.ts';
import { foldedList } from './rank-fields.ts';
import type { Term } from './word-match.ts';

/** The words of a search as ranking compares them, those of phrases too, each with its synonyms. */
export function termsOf({ q, synonyms = [] }: Pick<SearchRequest, 'q' | 'synonyms'>): Term[] {
  const { words, phrases, open } = readWords(q);
  const typed = words.flatMap(foldedList);
  const all = [...typed, ...phrases.flat().flatMap(foldedList)];
  const last = open && phrases.length === 0 ? typed.length - 1 : -1;
  return [...new Set(all)].map((word) => ({
    word,
    open: word === typed[last],
    others: synonyms
      // What stands for a row of words stands for each of them.
      .filter((one) => one.words.includes(word))
      .flatMap(({ others }) => others.map((row) => ({ words: row, form: 'synonym' as const }))),
  }));
}

/** The same words with the near spellings that an engine has used instead. */
export const withCorrections = (terms: readonly Term[], corrected: SearchResult['corrected']): Term[] =>
  terms.map((term) => {
    const near = corrected
      .filter(({ typed }) => foldedList(typed).join(' ') === term.word)
      .map(({ used }) => ({ words: foldedList(used), form: 'near' as const }));
    return near.length === 0 ? term : { ...term, others: [...term.others, ...near] };
  });
