import { foldedWords, foldText, phraseEnd, queryTokens, type Token } from './query-tokens.ts';
import type { WordTable } from './word-table.ts';

/**
 * Takes words that name a kind of file ("pdf", "word document") out of a query: hardly a text says what it is stored as,
 * so as words they would leave nothing. What is in quotes, after a minus or to be kept as words stays.
 * @returns the query without them, and what was taken out, as typed
 */
export function withoutFileWords(
  q: string,
  tables: readonly WordTable[],
  keep: readonly string[] = [],
): { rest: string; taken: string[] } {
  const tokens = queryTokens(q, { keep });
  const phrases = tables
    .flatMap(({ files }) => files.map(foldedWords))
    .toSorted((a, b) => b.length - a.length);
  const taken: string[] = [];
  let rest = '';
  let from = 0;
  for (let at = 0; at < tokens.length; at += 1) {
    const to = phrases.map((phrase) => phraseEnd(tokens, at, phrase)).find((end) => end !== null);
    if (to === undefined || to === null || !isFree(tokens, at, to)) continue;
    const { start, end } = { start: tokens[at]!.start, end: tokens[to - 1]!.end };
    taken.push(q.slice(start, end));
    rest += q.slice(from, start);
    from = end;
    at = to - 1;
  }
  return { rest: (rest + q.slice(from)).replaceAll(/\s+/g, ' ').trim(), taken };
}

/** Whether a word alone names a kind of file, and so is no misspelling. */
export const isFileWord = (word: string, tables: readonly WordTable[]): boolean =>
  tables.some(({ files }) => files.includes(foldText(word)));

/** Nothing is glued to it, and it may be taken. */
const isFree = (tokens: readonly Token[], from: number, to: number): boolean =>
  !tokens.slice(from, to).some(({ closed, kept }) => closed || kept) &&
  !(tokens[from]?.glued && from > 0) &&
  !tokens[to]?.glued;
