import { chance } from './records/record.ts';

/** The stated mix of searches. `half`: words that about half of all resources hold. */
export interface QueryKind {
  kind: string;
  /** Of 100 searches, as logs of school catalogs have them; all kinds together are 100. */
  share: number;
  half?: boolean;
  searches: string[];
}

export interface Search {
  kind: string;
  half: boolean;
  path: string;
}

const q = (...words: string[]): string[] => words.map((word) => `q=${encodeURIComponent(word)}`);

export const queryMix: QueryKind[] = [
  {
    kind: 'rare words',
    share: 18,
    searches: q(
      'doppler effect',
      'parallelogram',
      'semiconductor',
      'sonic boom',
      'radians',
      'tessellation',
      'impressionism',
      'parity magic',
      'half-life',
      'manipulate tables in pyret',
    ),
  },
  {
    kind: 'middling words',
    share: 22,
    searches: q(
      'fractions',
      'quadratic equations',
      'energy',
      'place value',
      'graph of a function',
      'story',
      'forces and motion',
      'grade 4 lesson',
      'mathematics module',
      'probability',
      'how do magnets work',
      'समय',
    ),
  },
  {
    kind: 'broad words',
    share: 3,
    half: true,
    searches: q('students', 'use', 'one', 'find time', 'paper', 'how to use two'),
  },
  {
    kind: 'codes',
    share: 8,
    searches: q(
      '3.NF.A.1',
      'CCSS.Math.Content.4.NF.B.3',
      '5.OA.A.1 order of operations',
      '8.EE.7',
      'HSA-REI.B.3',
      'MS-PS2-2',
    ),
  },
  {
    kind: 'phrases and exclusions',
    share: 3,
    searches: q('"order of operations"', '"kinetic energy"', 'triangle -area', '"place value" grade 2'),
  },
  {
    kind: 'typing errors',
    share: 6,
    searches: q(
      'fracshuns',
      'quadradic equations',
      'photosynthsis',
      'pythagorian theorem',
      'probabilty',
      'multipication',
    ),
  },
  {
    kind: 'unfinished words',
    share: 4,
    searches: q('fract', 'photosy', 'linear equ', 'wav'),
  },
  { kind: 'nothing to find', share: 2, searches: q('zyzzyvas', 'quetzalcoatlus lesson plan') },
  {
    kind: 'filters only',
    share: 14,
    searches: [
      '',
      'subject=mathematics',
      'subject=science&type=lab',
      'subject=mathematics&grade=4&grade=5',
      'standard=3.NF',
      'standard=3.NF&level=proficient',
      'level=proficient&checked=state',
      'language=ur',
      'license=CC-BY-4.0&subject=science',
      'district=alder',
      'minutes=15&setting=small-group',
    ],
  },
  {
    kind: 'words with filters',
    share: 14,
    searches: [
      'q=fractions&grade=4',
      'q=energy&subject=science&grade=9&grade=10',
      'q=lesson&subject=english-language-arts&checked=state',
      'q=equations&level=developing&type=assessment',
      'q=story&language=sw',
      'q=geometry&standard=HSG',
    ],
  },
  {
    kind: 'later pages and other orders',
    share: 6,
    searches: [
      'q=lesson&page=2',
      'q=fractions&page=4',
      'subject=mathematics&page=20',
      'q=energy&sort=newest',
      'q=module&sort=used',
      'subject=science&sort=title&page=3',
    ],
  },
];

/** A hundred searches, of each kind as many as its share: over the rounds all of a kind come up equally often. */
export function hundredOf<T extends Search>(all: readonly T[], round: number): T[] {
  const chosen = queryMix.flatMap(({ kind, share }) => {
    const mine = all.filter((one) => one.kind === kind);
    return Array.from({ length: share }, (_, index) => mine[(round * share + index) % mine.length]!);
  });
  return shuffled(chosen, round);
}

/** The same order for the same round. */
export function shuffled<T>(items: readonly T[], round: number): T[] {
  return items
    .map((item, index) => ({ item, at: chance(round, index) }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
