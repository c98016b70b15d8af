import { operatorStretches } from '../query-words.ts';

/** A stretch of a text, in UTF-16 units; `end` is exclusive. */
export interface Stretch {
  start: number;
  end: number;
}

/** A piece of a query: letters, digits, or one sign. */
export interface Token extends Stretch {
  /** Lower case, without accents. */
  fold: string;
  /** Nothing stands between it and the piece before. */
  glued: boolean;
  /** What is in quotes, after a minus or read already, as one piece that nothing reads into. */
  closed: boolean;
  /** A sign: says nothing by itself. */
  sign: boolean;
  /** The person wants it as a word. */
  kept: boolean;
}

export const foldText = (text: string): string =>
  text
    .normalize('NFKD')
    .replaceAll(/\p{M}+/gu, '')
    .toLowerCase();

const PIECE =
  /\p{N}+|(?:(?!\p{N})[\p{L}\p{M}])+(?:['’ʼ](?:s|t|d|m|re|ll|ve)(?![\p{L}\p{N}]))?|[^\s\p{L}\p{N}\p{M}]/gu;
const MOST_TOKENS = 120;

/** A text as folded words, without signs: for phrases of a table. */
export const foldedWords = (text: string): string[] =>
  [...text.matchAll(PIECE)].map(([piece]) => foldText(piece)).filter((piece) => /[\p{L}\p{N}]/u.test(piece));

/**
 * The pieces of a query. `taken` and `closed` stretches (codes) become closed pieces, as do quotes and what follows a minus. `keep`: texts that the person wants as words, wherever they stand. Reads the first 120 pieces.
 */
export function queryTokens(
  q: string,
  options: { taken?: readonly Stretch[]; closed?: readonly Stretch[]; keep?: readonly string[] } = {},
): Token[] {
  const closed = [...operatorStretches(q), ...(options.taken ?? []), ...(options.closed ?? [])].sort(
    (a, b) => a.start - b.start,
  );
  const tokens: Token[] = [];
  let end = 0;
  const add = (stretch: Stretch, fold: string): void => {
    tokens.push({
      ...stretch,
      fold,
      glued: tokens.length > 0 && stretch.start === end,
      closed: fold === '',
      sign: fold !== '' && !/[\p{L}\p{N}]/u.test(fold),
      kept: false,
    });
    end = stretch.end;
  };
  const open = (from: number, to: number): void => {
    for (const match of q.slice(from, to).matchAll(PIECE)) {
      if (tokens.length >= MOST_TOKENS) return;
      const start = from + match.index;
      add({ start, end: start + match[0].length }, foldText(match[0]).replace(/['’ʼ]\p{L}+$/u, '') || '·');
    }
  };
  let from = 0;
  for (const stretch of closed) {
    if (stretch.end <= from) continue;
    open(from, Math.max(from, stretch.start));
    add({ start: Math.max(from, stretch.start), end: stretch.end }, '');
    from = stretch.end;
  }
  open(from, q.length);
  for (const text of options.keep ?? []) markKept(tokens, foldedWords(text));
  return tokens;
}

function markKept(tokens: Token[], words: string[]): void {
  if (words.length === 0) return;
  for (const [at] of tokens.entries()) {
    const to = phraseEnd(tokens, at, words);
    if (to !== null) for (const token of tokens.slice(at, to)) token.kept = true;
  }
}

/** Where a phrase that begins at a token ends (exclusive), or null. Signs between its words don't matter. */
export function phraseEnd(tokens: readonly Token[], at: number, words: readonly string[]): number | null {
  let place = at;
  for (const [index, word] of words.entries()) {
    while (index > 0 && isJoint(tokens[place])) place += 1;
    if (tokens[place]?.fold !== word) return null;
    place += 1;
  }
  return place;
}

/** Where a phrase that ends before a token begins, or null. */
export function phraseStart(
  tokens: readonly Token[],
  before: number,
  words: readonly string[],
): number | null {
  let place = before;
  for (const word of words.toReversed()) {
    while (isJoint(tokens[place - 1])) place -= 1;
    if (tokens[place - 1]?.fold !== word) return null;
    place -= 1;
  }
  return place;
}

const JOINTS = new Set(['-', '–', '—', '‐', '‑', '.', '_']);
const isJoint = (token: Token | undefined): boolean => token !== undefined && JOINTS.has(token.fold);
