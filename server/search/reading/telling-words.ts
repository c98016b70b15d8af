import { queryLanguage } from './query-language.ts';
import { foldedWords, phraseEnd, queryTokens, type Token } from './query-tokens.ts';
import type { WordTable } from './word-table.ts';

/**
 * The words of a query that tell what is looked for: without phrases that any search could begin with ("lesson on",
 * "for my class") and without words that only join others, English ones or, in a Spanish query, Spanish ones. What is in
 * quotes, after a minus or to be kept as words stays; so does everything where nothing else would be left.
 */
export function tellingWords(q: string, tables: readonly WordTable[], keep: readonly string[] = []): string {
  const tokens = queryTokens(q, { keep });
  const gone = tokens.map(() => false);
  const isFree = (from: number, to: number): boolean =>
    !tokens.slice(from, to).some(({ closed, kept }, at) => closed || kept || gone[from + at]);
  for (const phrase of phrasesOf(tables))
    for (const from of tokens.keys()) {
      const to = phraseEnd(tokens, from, phrase);
      if (to !== null && isFree(from, to) && isWhole(tokens, from, to)) gone.fill(true, from, to);
    }
  const withoutFillers = left(q, tokens, gone);
  const stops = stopsOf(tables, queryLanguage(q) === 'es');
  for (const [at, { fold }] of tokens.entries()) if (stops.has(fold) && isFree(at, at + 1)) gone[at] = true;
  return left(q, tokens, gone) ?? withoutFillers ?? q;
}

/** Nothing is glued to it: `on-line` is one word. */
const isWhole = (tokens: readonly Token[], from: number, to: number): boolean =>
  !(tokens[from]?.glued && from > 0) && !tokens[to]?.glued;

/** The query without what is gone; null when no word would be left. */
function left(q: string, tokens: readonly Token[], gone: readonly boolean[]): string | null {
  if (!tokens.some(({ sign, closed }, at) => !gone[at] && (closed || !sign))) return null;
  let rest = '';
  let from = 0;
  for (const [at, { start, end }] of tokens.entries()) {
    if (!gone[at]) continue;
    rest += q.slice(from, start);
    from = end;
  }
  return (rest + q.slice(from)).replaceAll(/\s+/g, ' ').trim();
}

const known = new WeakMap<readonly WordTable[], string[][]>();

/** The longest first. */
function phrasesOf(tables: readonly WordTable[]): string[][] {
  const phrases =
    known.get(tables) ??
    tables.flatMap(({ fillers }) => fillers.map(foldedWords)).sort((a, b) => b.length - a.length);
  known.set(tables, phrases);
  return phrases;
}

const stopsOf = ([en, ...others]: readonly WordTable[], isSpanish: boolean): ReadonlySet<string> =>
  new Set([...(en?.stops ?? []), ...(isSpanish ? others.flatMap(({ stops }) => stops) : [])]);
