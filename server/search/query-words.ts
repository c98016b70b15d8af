/** What a person typed, as words: pure, the same for every engine. */

export interface QueryWords {
  /** All of these, or their forms, must be there; the last one may be a beginning. */
  words: string[];
  /** Each of these in this order; a phrase of one word is that word as it is spelled. */
  phrases: string[][];
  /** None of these words or phrases. */
  without: string[][];
  /** The last word is at the very end of what was typed, so it may be unfinished. */
  open: boolean;
}

/** Both engines read so many words; Meilisearch can't read more. */
const MAX_WORDS = 10;
const MAX_LENGTH = 2000;

/**
 * The words of a text as an index has them: split at everything but letters, digits and marks; what an apostrophe
 * cuts off (`teacher's`, `don't`) is dropped.
 */
function wordsOf(text: string): string[] {
  return text
    .normalize('NFKC')
    .replaceAll(/(?<=\p{L})['’ʼ](?:s|t|d|m|re|ll|ve)(?![\p{L}\p{N}])/giu, '')
    .split(/[^\p{L}\p{N}\p{M}]+/u)
    .filter((word) => word !== '')
    .map((word) => word.slice(0, 60));
}

/** Text made ready for an index: PostgreSQL's parser would read `and/or` as a path, `3-5` as 3 and minus 5. */
export const indexable = (text: string): string =>
  text
    .normalize('NFKC')
    .replaceAll(/(?<=\p{L})['’ʼ](?:s|t|d|m|re|ll|ve)(?![\p{L}\p{N}])/giu, ' ')
    .replaceAll(/-(?![\p{L}])|(?<![\p{L}])-|[^\p{L}\p{N}\p{M}\s-]+/gu, ' ');

/**
 * Reads `"exact phrase"`, `-without` and words. Half-typed operators are read as well as can be: a quote that isn't
 * closed is left out, a lone minus means nothing. Never throws; long texts are cut.
 */
export function readWords(q: string): QueryWords {
  const text = q.slice(0, MAX_LENGTH);
  const found: QueryWords = { words: [], phrases: [], without: [], open: /[\p{L}\p{N}\p{M}]$/u.test(text) };
  let room = MAX_WORDS;
  const take = (words: string[]): string[] => {
    const taken = words.slice(0, room);
    room -= taken.length;
    return taken;
  };
  for (const [, minus, phrase, plain] of text.matchAll(PARTS)) {
    const words = wordsOf(phrase ?? plain ?? '');
    if (minus) found.without.push(...[take(words)].filter((taken) => taken.length > 0));
    else if (phrase === undefined) found.words.push(...take(words));
    else {
      const taken = take(words);
      if (taken.length > 0) found.phrases.push(taken);
    }
  }
  found.words = [...new Set(found.words)];
  return found;
}

/** A part of a query: a minus before it or not, then a phrase in quotes or anything without white space. */
const PARTS = /(?<![^\s("“”«»])([-−–])?(?:["“”«]([^"“”«»]*)["“”»]|([^\s"“”«»]+))/gu;

/** Where a query has operators: phrases in quotes, and what follows a minus. In the order of the text. */
export function operatorStretches(q: string): { start: number; end: number }[] {
  return [...q.slice(0, MAX_LENGTH).matchAll(PARTS)]
    .filter(([, minus, phrase]) => minus !== undefined || phrase !== undefined)
    .map((match) => ({ start: match.index, end: match.index + match[0].length }));
}

/** Whether nothing is asked for but filters. */
export const isEmpty = (words: QueryWords): boolean =>
  words.words.length === 0 && words.phrases.length === 0 && words.without.length === 0;
