import type { FacetName } from '../search-view.ts';
import { gradeCandidates, type Candidate } from './grade-reading.ts';
import { minutesCandidates } from './minutes-reading.ts';
import type { PhraseVocabulary } from './phrase-vocabulary.ts';
import { phraseEnd, phraseStart, queryTokens, type Stretch, type Token } from './query-tokens.ts';
import type { WordTable } from './word-table.ts';

/** A part of the query that was read as values of a filter. */
export interface Reading extends Stretch {
  facet: FacetName;
  values: string[];
  /** As typed. */
  text: string;
  /** The words without it, and without what only joined it to them. */
  rest: string;
}

export interface ReadQuery {
  /** In the order of the text; they don't overlap. */
  readings: Reading[];
  /** The words that are left when readings and `taken` are out. */
  rest: string;
}

/** What a query is read with: made once of the state's lists. */
export interface Reader {
  phrases: PhraseVocabulary;
  tables: readonly WordTable[];
}

/**
 * Reads grades, subjects, kinds, levels, licenses, languages and lengths of time from a query. What is in quotes, after
 * a minus, `taken` already (codes), `closed` (what can only be a code) or to be kept as words is left alone. Pure; never throws.
 */
export function readFilters(
  q: string,
  { phrases, tables }: Reader,
  options: { taken?: readonly Stretch[]; closed?: readonly Stretch[]; keep?: readonly string[] } = {},
): ReadQuery {
  const tokens = queryTokens(q, options);
  const candidates = [
    ...tables.flatMap((table): Candidate<FacetName>[] => [
      ...gradeCandidates(tokens, table.grade),
      ...minutesCandidates(tokens, table.time),
    ]),
    ...phraseCandidates(tokens, phrases),
  ].filter(({ from, to }) => !tokens.slice(from, to).some(({ closed, kept }) => closed || kept));
  const joining = joiners(tables);
  const chosen = choose(tokens, candidates, joining);
  const taken = options.taken ?? [];
  const cutOut = (stretches: readonly Stretch[]): string => without(q, tokens, stretches, joining);
  const readings = chosen.map(({ facet, values, from, to }) => {
    const stretch = { start: tokens[from]?.start ?? 0, end: tokens[to - 1]?.end ?? 0 };
    return { facet, values, ...stretch, text: q.slice(stretch.start, stretch.end), rest: cutOut([stretch]) };
  });
  return { readings, rest: cutOut([...readings, ...taken]) };
}

function phraseCandidates(tokens: readonly Token[], phrases: PhraseVocabulary): Candidate<FacetName>[] {
  return tokens.flatMap(({ fold }, from) =>
    (phrases.get(fold) ?? []).flatMap(({ words, facet, values, when, notBefore, notAfter }) => {
      const to = phraseEnd(tokens, from, words);
      if (to === null) return [];
      const meansElse =
        notBefore.some((next) => phraseEnd(tokens, afterHyphen(tokens, to), next) !== null) ||
        notAfter.some((previous) => phraseStart(tokens, from, previous) !== null);
      return meansElse ? [] : [{ facet, values, from, to, when }];
    }),
  );
}

const afterHyphen = (tokens: readonly Token[], at: number): number =>
  tokens[at]?.fold === '-' && tokens[at].glued ? at + 1 : at;

interface Joiners {
  connectors: ReadonlySet<string>;
  leading: ReadonlySet<string>;
  trailing: ReadonlySet<string>;
}

const joiners = (tables: readonly WordTable[]): Joiners => ({
  connectors: new Set(tables.flatMap(({ connectors }) => connectors)),
  leading: new Set(tables.flatMap(({ connectors, leading }) => [...connectors, ...leading])),
  trailing: new Set(tables.flatMap(({ connectors, trailing }) => [...connectors, ...trailing])),
});

/** The longest first; then what needs its surroundings to be read, as long as something new is found. */
function choose(
  tokens: readonly Token[],
  candidates: readonly Candidate<FacetName>[],
  { connectors, leading }: Joiners,
): Candidate<FacetName>[] {
  const longest = candidates.toSorted((a, b) => b.to - b.from - (a.to - a.from) || a.from - b.from);
  const read = tokens.map(({ closed }) => closed);
  const chosen: Candidate<FacetName>[] = [];
  const isFree = ({ from, to }: Candidate<FacetName>) => !read.slice(from, to).some(Boolean);
  const take = (one: Candidate<FacetName>): void => {
    chosen.push(one);
    read.fill(true, one.from, one.to);
  };
  const saysSomething = (token: Token, place: number): boolean =>
    !token.sign && !read[place] && !leading.has(token.fold);
  const isEnd = (at: number): boolean => at >= tokens.length || read[at] === true;
  const fits = ({ when, from, to }: Candidate<FacetName>): boolean => {
    let next = to;
    while (tokens[next]?.sign) next += 1;
    if (when === 'head') return isEnd(next) || connectors.has(tokens[next]?.fold ?? '');
    if (when === 'edge') return isEnd(next);
    return when === 'tail' && next >= tokens.length && tokens.slice(0, from).some(saysSomething);
  };
  for (const one of longest) if (one.when === 'sure' && isFree(one)) take(one);
  const seen = new Set<Candidate<FacetName>>(chosen);
  for (let found = true; found;) {
    const next = longest.find((one) => !seen.has(one) && isFree(one) && fits(one));
    found = next !== undefined;
    if (next) {
      seen.add(next);
      take(next);
    }
  }
  const alone = longest.filter((one) => one.when === 'alone' && isFree(one));
  const covered = (place: number): boolean => alone.some(({ from, to }) => from <= place && place < to);
  if (tokens.every((token, place) => !saysSomething(token, place) || covered(place)))
    for (const one of alone) if (isFree(one)) take(one);
  return chosen.toSorted((a, b) => a.from - b.from);
}

/** The query without stretches, and without the words that only joined them to the rest. */
function without(
  q: string,
  tokens: readonly Token[],
  stretches: readonly Stretch[],
  { leading, trailing }: Joiners,
): string {
  if (stretches.length === 0) return q;
  const gone = tokens.map(({ start, end }) =>
    stretches.some((stretch) => start < stretch.end && stretch.start < end),
  );
  const original = [...gone];
  const drop = (from: number, step: 1 | -1, words: ReadonlySet<string>): void => {
    for (let at = from; ; at += step) {
      const token = tokens[at];
      if (!token || token.closed || token.kept || (!token.sign && !words.has(token.fold))) return;
      gone[at] = true;
    }
  };
  for (const [at, isGone] of original.entries()) {
    if (!isGone) continue;
    drop(at - 1, -1, leading);
    drop(at + 1, 1, trailing);
  }
  const left = tokens.filter((_, at) => !gone[at]);
  if (!left.some(({ sign, fold, closed }) => closed || (!sign && !leading.has(fold)))) return '';
  // Behind the last piece that was read nothing was looked at, and nothing is lost.
  const end = tokens.at(-1)?.end ?? 0;
  let rest = '';
  let last = 0;
  for (const [at, { start, end: stop }] of tokens.entries()) {
    if (gone[at]) rest += ' ';
    else rest += q.slice(tokens[at - 1] && gone[at - 1] ? start : last, stop);
    last = stop;
  }
  return (rest + q.slice(end)).replaceAll(/\s+/g, ' ').trim();
}
