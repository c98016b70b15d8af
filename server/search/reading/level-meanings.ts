import { foldedWords } from './query-tokens.ts';
import type { Sureness, WordTable } from './word-table.ts';

/** A level of the state's scale, with the words that the state itself wrote for it. */
export interface ReadableLevel {
  slug: string;
  label: string;
  words?: readonly string[];
}

/** A phrase that means some levels. */
export interface LevelMeaning {
  values: string[];
  phrase: string;
  when: Sureness;
}

const MEETS = /proficien|meet|secur|master|competen|achiev|standard|on[- ]?(?:level|track)/i;

/**
 * The levels of the state's scale that a table means. `at`: where a student meets the standard (a name that says so,
 * else the last but one); `below`: all before it, `near`: the one before it; `above`: all behind it; `first`: the lowest.
 */
export function levelsMeant(meaning: string, levels: readonly ReadableLevel[]): string[] {
  const slugs = levels.map(({ slug }) => slug);
  const named = levels.findIndex(({ slug, label }) => MEETS.test(slug) || MEETS.test(label));
  const at = named === -1 ? Math.max(0, slugs.length - 2) : named;
  switch (meaning) {
    case 'first':
      return slugs.slice(0, 1);
    case 'below':
      return slugs.slice(0, Math.max(1, at));
    case 'near':
      return slugs.slice(Math.max(0, at - 1), at);
    case 'at':
      return slugs.slice(at, at + 1);
    case 'above':
      return at + 1 < slugs.length ? slugs.slice(at + 1) : slugs.slice(-1);
    default:
      return [];
  }
}

/**
 * What phrases mean which levels: the state's own where it wrote any, else those of the tables. A phrase that several
 * levels have means any of them.
 */
export function levelMeanings(
  levels: readonly ReadableLevel[],
  tables: readonly WordTable[],
): LevelMeaning[] {
  const starter = starterMeanings(levels, tables);
  if (!levels.some(({ words = [] }) => words.length > 0)) return starter;
  const sureness = new Map(starter.map(({ phrase, when }) => [keyOf(phrase), when]));
  const own = new Map<string, LevelMeaning>();
  for (const { slug, words = [] } of levels)
    for (const phrase of words) {
      const key = keyOf(phrase);
      // One word alone ("extension") is often a word of what is taught, as the names of levels are.
      const when = sureness.get(key) ?? (foldedWords(phrase).length > 1 ? 'sure' : 'edge');
      const known = own.get(key);
      own.set(key, { values: [...(known?.values ?? []), slug], phrase, when });
    }
  return [...own.values()];
}

/** The phrases that mean a level, in the order in which they are written. */
export const wordsOfLevel = (slug: string, meanings: readonly LevelMeaning[]): string[] => [
  ...new Set(meanings.filter(({ values }) => values.includes(slug)).map(({ phrase }) => phrase)),
];

function starterMeanings(levels: readonly ReadableLevel[], tables: readonly WordTable[]): LevelMeaning[] {
  return tables.flatMap((table) =>
    Object.entries(table.levels).flatMap(([meaning, phrases]) =>
      (['sure', 'head', 'edge', 'tail', 'alone'] as const).flatMap((when) =>
        (phrases[when] ?? []).map((phrase) => ({ values: levelsMeant(meaning, levels), phrase, when })),
      ),
    ),
  );
}

const keyOf = (phrase: string): string => foldedWords(phrase).join(' ');
