import { MINUTES_BUCKETS, minutesBucket } from '../search-port.ts';
import type { Candidate } from './grade-reading.ts';
import { foldedWords, phraseEnd, phraseStart, type Token } from './query-tokens.ts';
import type { TimeTable } from './word-table.ts';

/** How long something takes: `15 minutes`, `under 30 min`, `half an hour`, `30-45 minutes`, `una hora y media`. */
export function minutesCandidates(tokens: readonly Token[], table: TimeTable): Candidate<'minutes'>[] {
  const phrases = (texts: string[]): string[][] => texts.map(foldedWords);
  const [upTo, over, orLess] = [phrases(table.upTo), phrases(table.over), phrases(table.orLess)];
  const [notBefore, notAfter] = [phrases(table.notBefore), phrases(table.notAfter)];
  const startOf = (at: number, list: string[][]): number | null =>
    least(list.flatMap((words) => phraseStart(tokens, at, words) ?? []));
  const endOf = (at: number, list: string[][]): number | null =>
    most(list.flatMap((words) => phraseEnd(tokens, at, words) ?? []));
  return tokens.flatMap((_, at): Candidate<'minutes'>[] => {
    const span = spanAt(tokens, at, table);
    if (!span) return [];
    const below = startOf(at, upTo);
    const above = startOf(at, over);
    const behind = endOf(span.to, orLess);
    const from = below ?? above ?? at;
    const to = behind ?? span.to;
    if (notBefore.some((words) => phraseEnd(tokens, to, words) !== null)) return [];
    if (notAfter.some((words) => phraseStart(tokens, from, words) !== null)) return [];
    const { low, high } = span;
    const values =
      below !== null || behind !== null
        ? bucketsWithin(0, high)
        : above !== null
          ? bucketsWithin(high, Infinity)
          : low === high
            ? [minutesBucket(high)]
            : bucketsWithin(low - 1, high);
    return [{ facet: 'minutes', values, from, to, when: 'sure' }];
  });
}

/** Buckets that have some time between the two: `low` itself isn't between. */
function bucketsWithin(low: number, high: number): string[] {
  let floor = 0;
  return MINUTES_BUCKETS.filter((bucket) => {
    const begins = floor;
    const ends = bucket === 'more' ? Infinity : Number(bucket);
    floor = ends;
    return begins < high && ends > low;
  });
}

interface Span {
  low: number;
  high: number;
  to: number;
}

/** A length of time that begins at a piece. */
function spanAt(tokens: readonly Token[], at: number, table: TimeTable): Span | null {
  for (const [texts, minutes] of [
    [table.oneAndHalf, 90],
    [table.half, 30],
  ] as const) {
    const ends = texts.flatMap((text) => phraseEnd(tokens, at, foldedWords(text)) ?? []);
    if (ends.length > 0) return { low: minutes, high: minutes, to: Math.max(...ends) };
  }
  const first = numberAt(tokens, at, table);
  if (!first) return null;
  const joint = tokens[first.to];
  const joined = joint && (/^[-–]$/.test(joint.fold) || table.to.includes(joint.fold));
  const second = joined ? numberAt(tokens, first.to + 1, table) : null;
  const last = second ?? first;
  const unitAt = /^[-–]$/.test(tokens[last.to]?.fold ?? '') ? last.to + 1 : last.to;
  const unit = tokens[unitAt]?.fold ?? '';
  const perUnit = table.minutes.includes(unit) && !first.one ? 1 : table.hours.includes(unit) ? 60 : 0;
  const high = last.value * perUnit;
  if (perUnit === 0 || high < 1 || high > 600) return null;
  const rest = perUnit === 60 ? numberAt(tokens, unitAt + 1, table) : null;
  if (rest && table.minutes.includes(tokens[rest.to]?.fold ?? ''))
    return { low: high + rest.value, high: high + rest.value, to: rest.to + 1 };
  return { low: Math.min(first.value * perUnit, high), high, to: unitAt + 1 };
}

function numberAt(
  tokens: readonly Token[],
  at: number,
  table: TimeTable,
): { value: number; to: number; one: boolean } | null {
  const token = tokens[at];
  if (!token || token.closed) return null;
  // `2.5 hours`, `$15 minutes`, `a15`: not ours.
  const before = tokens[at - 1];
  if (/^\d{1,3}$/.test(token.fold) && !(token.glued && before && /^[.$:/]$|^\p{L}/u.test(before.fold)))
    return { value: Number(token.fold), to: at + 1, one: false };
  if (table.one.includes(token.fold)) return { value: 1, to: at + 1, one: true };
  const words = Object.entries(table.numbers).flatMap(([text, value]) => {
    const to = phraseEnd(tokens, at, foldedWords(text));
    return to === null ? [] : [{ value, to, one: false }];
  });
  return words.sort((a, b) => b.to - a.to)[0] ?? null;
}

const least = (numbers: number[]): number | null => (numbers.length === 0 ? null : Math.min(...numbers));
const most = (numbers: number[]): number | null => (numbers.length === 0 ? null : Math.max(...numbers));
