import { chance, pick, type RealRecord } from '../bench/records/record.ts';

/** Queries that nobody had to think of: drawn from the records, the same ones each time. */

type Titled = Pick<RealRecord, 'key' | 'title'>;

/** One to three neighboring words of `count` titles, each of at least three letters. */
export function titleWords(records: readonly Titled[], count: number): string[] {
  return drawn(records, count, 'title').flatMap(({ key, title }) => {
    const words = (title.match(/[\p{L}\p{M}]{3,}/gu) ?? []).map((word) => word.toLowerCase());
    if (words.length === 0) return [];
    const many = Math.min(words.length, pick([1, 2, 3], key, 'many'));
    const from = Math.floor(chance(key, 'from') * (words.length - many + 1));
    return [words.slice(from, from + many).join(' ')];
  });
}

/**
 * Codes that records claim, each in one of the spellings that teachers use, with the records that claim it or a standard
 * below it: a parent stands for all that it has. `known`: whether a framework of the catalog has the code at all.
 */
export function claimedCodes(
  records: readonly Pick<RealRecord, 'key' | 'codes'>[],
  count: number,
  known: (code: string) => boolean = () => true,
): { q: string; claimedBy: Set<string> }[] {
  const codes = [...new Set(records.flatMap((record) => record.codes))].filter(known);
  return drawn(
    codes.map((code) => ({ key: code })),
    count,
    'code',
  ).map(({ key }) => ({
    q: pick(SPELLINGS, key, 'spelling')(key),
    claimedBy: new Set(
      records
        .filter((record) => record.codes.some((code) => code === key || code.startsWith(`${key}.`)))
        .map((record) => record.key),
    ),
  }));
}

const SPELLINGS: ((code: string) => string)[] = [
  (code) => code,
  (code) => code.toLowerCase(),
  (code) => code.replaceAll('.', ' '),
  (code) => code.replaceAll('.', '-'),
  (code) => `${code}.`,
];

const drawn = <Item extends { key: string }>(items: readonly Item[], count: number, what: string): Item[] =>
  [...items].sort((a, b) => chance(what, a.key) - chance(what, b.key)).slice(0, count);
