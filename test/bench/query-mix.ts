/** The stated mix of searches: every address once a round. `half`: words that about half of all resources hold. */
export interface QueryKind {
  kind: string;
  half?: boolean;
  searches: string[];
}

const q = (...words: string[]): string[] => words.map((word) => `q=${encodeURIComponent(word)}`);

export const queryMix: QueryKind[] = [
  {
    kind: 'rare words',
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
    searches: q(
      'fractions',
      'quadratic equations',
      'energy',
      'place value',
      'graph of a function',
      'story',
      'forces and motion',
      'probability',
      'how do magnets work',
      'समय',
    ),
  },
  {
    kind: 'broad words',
    half: true,
    searches: q('mathematics', 'lesson', 'module', 'english', 'grade 4 lesson'),
  },
  {
    kind: 'codes',
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
    searches: q('"order of operations"', '"kinetic energy"', 'triangle -area', '"place value" grade 2'),
  },
  {
    kind: 'typing errors',
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
    searches: q('fract', 'photosy', 'linear equ', 'wav'),
  },
  { kind: 'nothing to find', searches: q('zyzzyvas', 'quetzalcoatlus lesson plan') },
  {
    kind: 'filters only',
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
