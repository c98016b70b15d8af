import { queryTokens, type Stretch, type Token } from '../reading/query-tokens.ts';
import { bestSpelling } from './best-spelling.ts';
import type { LookedUpWord } from './spelling-queries.ts';

/** A word that nobody has written, and the one that was meant. */
export interface Mended {
  /** As typed. */
  typed: string;
  used: string;
  /** The query for exactly what was typed: that word in quotes. */
  literal: string;
}

export interface MendedQuery {
  q: string;
  mended: Mended[];
  /** Where a place of the query as typed is in the mended one. */
  moved: (place: number) => number;
}

/** A word of a query whose spelling is looked up. */
export interface SpelledWord extends Stretch {
  /** Folded. */
  word: string;
}

const MOST_WORDS = 10;
/** Words of English and Spanish; any other letter is a sign of a language whose words we can't mend. */
const OURS = /^[a-záéíóúüñ]{4,30}$/;

/**
 * The words of a query that may be misspelled: plain ones of Latin letters, outside quotes and codes. At most ten, as the
 * engines read. `unfinished`: the place of the last one, when nothing stands behind it.
 */
export function spelledWords(
  q: string,
  closed: readonly Stretch[] = [],
): { words: SpelledWord[]; unfinished: number | null } {
  const tokens = queryTokens(q, { closed });
  const words = tokens
    .filter(
      (token, at) => isPlain(q, token) && !tokens[at + 1]?.glued && !(token.glued && !isSign(tokens[at - 1])),
    )
    .slice(0, MOST_WORDS)
    .map(({ start, end, fold }) => ({ start, end, word: fold }));
  const last = words.at(-1);
  return { words, unfinished: last?.end === q.length ? words.length - 1 : null };
}

const isSign = (token: Token | undefined): boolean => token === undefined || token.sign || token.closed;

const isPlain = (q: string, { start, end, closed, sign, kept }: Token): boolean =>
  !closed && !sign && !kept && OURS.test(q.slice(start, end).normalize('NFC').toLowerCase());

/** Puts the words that were meant in the place of those that nobody has written. */
export function mendQuery(
  q: string,
  words: readonly (SpelledWord & { looked: LookedUpWord | undefined })[],
): MendedQuery {
  const changes = words.flatMap(({ word, start, end, looked }) => {
    const best = looked === undefined || looked.known ? null : bestSpelling(word, looked.near);
    return best ? [{ start, end, used: best.word }] : [];
  });
  let text = '';
  let from = 0;
  for (const { start, end, used } of changes) {
    text += q.slice(from, start) + used;
    from = end;
  }
  return {
    q: text + q.slice(from),
    mended: changes.map(({ start, end, used }) => ({
      typed: q.slice(start, end),
      used,
      literal: `${q.slice(0, start)}"${q.slice(start, end)}"${q.slice(end)}`,
    })),
    moved: (place) =>
      changes.reduce(
        (at, { start, end, used }) => (end <= place ? at + used.length - (end - start) : at),
        place,
      ),
  };
}
