import type { SnippetPart } from './search-view.ts';

/** So many words a snippet has at most, and so many stand before the first marked one. */
const MOST_WORDS = 28;
const WORDS_BEFORE = 6;
/** A form of a word is at most so much longer than its stem: `energ` is in "energetic". */
const ENDING = 5;

/** Stems to look for, as they stand in a `tsquery`; a beginning fits however a word goes on. */
interface Stem {
  text: string;
  isBeginning: boolean;
}

/** The stems of a `tsquery` in text form. */
export function stemsIn(query: string): Stem[] {
  const stems = [...query.matchAll(/'((?:[^'\\]|''|\\.)+)'(?::(\*)?)?/g)].map(([, quoted = '', star]) => ({
    // English stems end in i where words end in y: `energi`.
    text: quoted
      .replaceAll(/''|\\(.)/g, (sign, escaped?: string) => escaped ?? sign.slice(1))
      .replace(/(?<=.{3})i$/, ''),
    isBeginning: star !== undefined,
  }));
  return stems.filter(({ text }) => /^[\p{L}\p{N}]/u.test(text));
}

/**
 * The stretch of a text that has the most of some words, those marked. PostgreSQL's own `ts_headline` reads every word of
 * a page through its dictionaries, which takes longer than finding the page; here a word fits when it begins as a stem
 * does and is hardly longer.
 */
export function snippetOf(text: string, stems: readonly Stem[]): SnippetPart[] {
  const words = [...text.matchAll(/[\p{L}\p{N}\p{M}]+/gu)].map(({ 0: word, index }) => ({
    from: index,
    to: index + word.length,
    stem: stemOf(plain(word), stems),
  }));
  const marked = words.flatMap(({ stem }, at) => (stem === -1 ? [] : [at]));
  const first = Math.max(0, (bestStart(words, marked) ?? 0) - WORDS_BEFORE);
  const shown = words.slice(first, first + MOST_WORDS);
  const [begin, end] = [shown[0], shown.at(-1)];
  if (!begin || !end) return [];
  const parts: SnippetPart[] = [];
  const add = (piece: string, mark: boolean): void => {
    const tidy = piece.replaceAll(/\s+/g, ' ');
    if (tidy === '') return;
    const last = parts.at(-1);
    if (last?.mark === mark) last.text += tidy;
    else parts.push({ text: tidy, mark });
  };
  let at = begin.from;
  for (const { from, to, stem } of shown) {
    add(text.slice(at, from), false);
    add(text.slice(from, to), stem !== -1);
    at = to;
  }
  return parts;
}

/** The first marked word of the stretch with the most different stems, then with the most marks; the earliest of those. */
function bestStart(words: readonly { stem: number }[], marked: readonly number[]): number | null {
  let best: { start: number; different: number; marks: number } | null = null;
  for (const [place, start] of marked.entries()) {
    const seen = new Set<number>();
    let marks = 0;
    for (
      let next = place;
      next < marked.length && marked[next]! < start + MOST_WORDS - WORDS_BEFORE;
      next += 1
    ) {
      seen.add(words[marked[next]!]!.stem);
      marks += 1;
    }
    if (!best || seen.size > best.different || (seen.size === best.different && marks > best.marks))
      best = { start, different: seen.size, marks };
  }
  return best?.start ?? null;
}

const stemOf = (word: string, stems: readonly Stem[]): number =>
  stems.findIndex(
    ({ text, isBeginning }) => word.startsWith(text) && (isBeginning || word.length <= text.length + ENDING),
  );

/** As an index has it: without accents and capitals. */
const plain = (word: string): string =>
  /^[a-z0-9]+$/.test(word) ? word : word.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
