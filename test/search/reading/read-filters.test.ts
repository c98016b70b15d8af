import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GRADES } from '../../../server/lib/grade.ts';
import { levelMeanings, levelsMeant, wordsOfLevel } from '../../../server/search/reading/level-meanings.ts';
import {
  licensesMeant,
  phraseVocabulary,
  type ReadableVocabularies,
} from '../../../server/search/reading/phrase-vocabulary.ts';
import { foldedWords } from '../../../server/search/reading/query-tokens.ts';
import { readFilters } from '../../../server/search/reading/read-filters.ts';
import { wordTables } from '../../../server/search/reading/word-table.ts';
import { MINUTES_BUCKETS } from '../../../server/search/search-port.ts';

const named = (...labels: string[]) =>
  labels.map((label) => ({ slug: label.toLowerCase().replaceAll(/\W+/g, '-'), label }));

/** The lists of a state like the demo's. */
const state: ReadableVocabularies = {
  subjects: named(
    'Mathematics',
    'English language arts',
    'Science',
    'Social studies',
    'Arts',
    'Computer science',
    'Tribal history and culture',
  ),
  types: named(
    'Lesson',
    'Activity',
    'Assessment',
    'Exit ticket',
    'Worksheet',
    'Project',
    'Unit',
    'Slides',
    'Video',
    'Game',
    'Lab',
    'Choice board',
    'Podcast',
  ),
  levels: named('Emerging', 'Developing', 'Proficient', 'Extending'),
  licenses: [
    { code: 'CC0-1.0', name: 'CC0 1.0', adaptable: true, open: true, nonCommercial: false },
    { code: 'CC-BY-4.0', name: 'CC BY 4.0', adaptable: true, open: true, nonCommercial: false },
    { code: 'CC-BY-NC-4.0', name: 'CC BY-NC 4.0', adaptable: true, open: true, nonCommercial: true },
    { code: 'CC-BY-ND-4.0', name: 'CC BY-ND 4.0', adaptable: false, open: true, nonCommercial: false },
    { code: 'unknown', name: 'Ask before you reuse', adaptable: false, open: false, nonCommercial: false },
  ],
};
const reader = { phrases: phraseVocabulary(state, wordTables), tables: wordTables };
const read = (q: string, keep: string[] = []) => {
  const { readings, rest } = readFilters(q, reader, { keep });
  return [rest, ...readings.map(({ facet, values }) => `${facet} ${values.join(' ')}`)];
};

describe('grades', () => {
  it.each<[string, string, string]>([
    ['3rd grade fractions', 'fractions', '3'],
    ['fractions gr 3', 'fractions', '3'],
    ['Gr. 3 fractions', 'fractions', '3'],
    ['gr3 fractions', 'fractions', '3'],
    ['fractions for 3rd graders', 'fractions', '3'],
    ['third grade fractions', 'fractions', '3'],
    ['third-grade fractions', 'fractions', '3'],
    ['grade three fractions', 'fractions', '3'],
    ['grades 3-5 ecosystems', 'ecosystems', '3 4 5'],
    ['grades 3–5 ecosystems', 'ecosystems', '3 4 5'],
    ['grade 3 to 5 ecosystems', 'ecosystems', '3 4 5'],
    ['3rd-5th grade ecosystems', 'ecosystems', '3 4 5'],
    ['6th–8th', '', '6 7 8'],
    ['grades 3, 4 and 6', '', '3 4 6'],
    ['grades 3, 4, and 6', '', '3 4 6'],
    ['3rd/4th grade maps', 'maps', '3 4'],
    ['third and fourth grade maps', 'maps', '3 4'],
    ['grades 10 and up', '', '10 11 12'],
    ['grade 11+ civics', 'civics', '11 12'],
    ['kindergarten', '', 'K'],
    ['counting in kindergarten', 'counting', 'K'],
    ['K-2 phonics', 'phonics', 'K 1 2'],
    ['k–2', '', 'K 1 2'],
    ['kindergarten and first grade', '', 'K 1'],
    ['kindergarten through second grade', '', 'K 1 2'],
    ['pre-k shapes', 'shapes', 'PK'],
    ['preschool shapes', 'shapes', 'PK'],
    ['high school chemistry', 'chemistry', '9 10 11 12'],
    ['middle school', '', '6 7 8'],
    ['elementary', '', 'K 1 2 3 4 5'],
    ['upper elementary maps', 'maps', '3 4 5'],
    ['unit 3 grade 5', 'unit 3', '5'],
    ['fracciones cuarto grado', 'fracciones', '4'],
    ['fracciones 4to grado', 'fracciones', '4'],
    ['fracciones de 4º grado', 'fracciones', '4'],
    ['fracciones 4.º grado', 'fracciones', '4'],
    ['de segundo a quinto', '', '2 3 4 5'],
    ['fracciones de segundo a quinto grado', 'fracciones', '2 3 4 5'],
    ['tercero de primaria', '', '3'],
    ['séptimo grado', '', '7'],
    ['grado 3', '', '3'],
    ['kínder', '', 'K'],
    ['jardín de niños', '', 'K'],
    ['escuela intermedia mapas', 'mapas', '6 7 8'],
  ])('are read from “%s”', (q, rest, grades) => {
    expect(read(q)).toEqual([rest, `grade ${grades}`]);
  });

  it.each([
    'elementary particles',
    'elementary algebra',
    'third law of motion',
    'ecuaciones de segundo grado',
    '5th to 8th century',
    '3 digit numbers',
    'grade point average',
    'high school musical',
    'fuentes primarias',
    'be kinder',
    '3-5',
    'k',
  ])('are not read from “%s”', (q) => {
    expect(read(q)).toEqual([q]);
  });

  it('are read from any range that a person may write', () => {
    const number = fc.integer({ min: 1, max: 12 });
    fc.assert(
      fc.property(
        number,
        number,
        fc.constantFrom('-', ' - ', '–', ' to ', ' through '),
        fc.constantFrom('grades ', 'grade ', 'gr ', 'Gr. '),
        (a, b, joint, noun) => {
          const expected = GRADES.slice(Math.min(a, b) + 1, Math.max(a, b) + 2).join(' ');
          expect(read(`maps ${noun}${a}${joint}${b}`)).toEqual(['maps', `grade ${expected}`]);
        },
      ),
    );
  });
});

describe('kinds of resource', () => {
  it.each<[string, string, string]>([
    ['fractions worksheet', 'fractions', 'worksheet'],
    ['worksheets on equivalent fractions', 'equivalent fractions', 'worksheet'],
    ['exit ticket', '', 'exit-ticket'],
    ['exit-ticket photosynthesis', 'photosynthesis', 'exit-ticket'],
    ['lesson plan', '', 'lesson'],
    ['a lesson plan about volcanoes', 'volcanoes', 'lesson'],
    ['fractions unit', 'fractions', 'unit'],
    ['photosynthesis lab', 'photosynthesis', 'lab'],
    ['fraction games', 'fraction', 'game'],
    ['quiz', '', 'assessment'],
    ['choice board poetry', 'poetry', 'choice-board'],
    ['poetry podcast', 'poetry', 'podcast'],
    ['hoja de trabajo', '', 'worksheet'],
    ['hoja de trabajo de fracciones', 'fracciones', 'worksheet'],
    ['plan de lección fracciones', 'fracciones', 'lesson'],
    ['juegos de fracciones', 'fracciones', 'game'],
    ['boleto de salida', '', 'exit-ticket'],
  ])('are read from “%s”', (q, rest, type) => {
    expect(read(q)).toEqual([rest, `type ${type}`]);
  });

  it.each([
    'unit fractions',
    'unit circle',
    'lab safety',
    'game theory',
    'the hunger games',
    'video game design',
    'project management',
    'activity series of metals',
    'litmus test',
    'podcast microphones',
    'juegos olímpicos',
  ])('are not read from “%s”', (q) => {
    expect(read(q)).toEqual([q]);
  });
});

describe('subjects', () => {
  it.each<[string, string, string]>([
    ['math', '', 'mathematics'],
    ['Maths puzzles', 'puzzles', 'mathematics'],
    ['matemáticas', '', 'mathematics'],
    ['ELA', '', 'english-language-arts'],
    ['social studies maps', 'maps', 'social-studies'],
    ['ciencias naturales', '', 'science'],
    ['computer science', '', 'computer-science'],
    ['art', '', 'arts'],
    ['tribal history and culture', '', 'tribal-history-and-culture'],
  ])('are read from “%s”', (q, rest, subject) => {
    expect(read(q)).toEqual([rest, `subject ${subject}`]);
  });

  it.each([
    'art of war',
    'science fiction',
    'science fair',
    'earth science',
    'music',
    'music notes',
    'health care',
  ])('are not read from “%s”', (q) => {
    expect(read(q)).toEqual([q]);
  });
});

describe('levels of the student', () => {
  it.each<[string, string, string]>([
    ['developing', '', 'developing'],
    ['fractions developing', 'fractions', 'developing'],
    ['fractions at the developing level', 'fractions', 'developing'],
    ['developing students fractions', 'fractions', 'developing'],
    ['fractions for struggling students', 'fractions', 'emerging developing'],
    ['reteach fractions', 'fractions', 'emerging developing'],
    ['fractions enrichment', 'fractions', 'extending'],
    ['enrichment activities for fractions', 'fractions', 'extending'],
    ['fracciones para estudiantes con dificultades', 'fracciones', 'emerging developing'],
    ['fracciones nivel avanzado', 'fracciones', 'extending'],
  ])('are read from “%s”', (q, rest, levels) => {
    expect(read(q)).toEqual([rest, `level ${levels}`]);
  });

  it.each([
    'developing number sense',
    'developing countries',
    'extending patterns',
    'emerging technologies',
    'uranium enrichment',
    'sea level',
    'países en desarrollo',
  ])('are not read from “%s”', (q) => {
    expect(read(q)).toEqual([q]);
  });

  it('are found by their place in whatever scale the state has', () => {
    const three = named('Beginning', 'Meets the standard', 'Beyond');
    expect(levelsMeant('below', three)).toEqual(['beginning']);
    expect(levelsMeant('at', three)).toEqual(['meets-the-standard']);
    expect(levelsMeant('above', three)).toEqual(['beyond']);
    const numbered = named('One', 'Two', 'Three', 'Four', 'Five');
    expect(levelsMeant('at', numbered)).toEqual(['four']);
    expect(levelsMeant('near', numbered)).toEqual(['three']);
    expect(levelsMeant('first', numbered)).toEqual(['one']);
    for (const meaning of ['first', 'below', 'near', 'at', 'above'])
      expect(levelsMeant(meaning, [])).toEqual([]);
  });

  it('are those that the state wrote, where it wrote any', () => {
    const levels = [
      { slug: 'rung-1', label: 'Rung 1', words: ['Newcomers', 'needs a hand'] },
      { slug: 'rung-2', label: 'Rung 2', words: ['needs a hand'] },
      { slug: 'rung-3', label: 'Rung 3', words: [] },
    ];
    const meanings = levelMeanings(levels, wordTables);
    expect(meanings).toEqual([
      { values: ['rung-1'], phrase: 'Newcomers', when: 'edge' },
      { values: ['rung-1', 'rung-2'], phrase: 'needs a hand', when: 'sure' },
    ]);
    expect(wordsOfLevel('rung-2', meanings)).toEqual(['needs a hand']);
    const phrases = phraseVocabulary({ ...state, levels }, wordTables);
    const levelsIn = (q: string) =>
      readFilters(q, { phrases, tables: wordTables }).readings.flatMap(({ facet, values }) =>
        facet === 'level' ? values : [],
      );
    expect(levelsIn('fractions needs a hand')).toEqual(['rung-1', 'rung-2']);
    expect(levelsIn('fractions for struggling students')).toEqual([]);
    expect(levelsIn('fractions for rung 3 students')).toEqual(['rung-3']);
  });
});

describe('length of time', () => {
  it.each<[string, string, string]>([
    ['15 minutes', '', '15'],
    ['15-minute warm up', 'warm up', '15'],
    ['warm up 15min', 'warm up', '15'],
    ['30 minutes or less', '', '15 30'],
    ['warm up under 30 min', 'warm up', '15 30'],
    ['up to 45 minutes', '', '15 30 60'],
    ['half an hour', '', '30'],
    ['an hour', '', '60'],
    ['1 hour 30 minutes', '', '90'],
    ['over an hour', '', '90 more'],
    ['30-45 minutes', '', '30 60'],
    ['fifteen minutes', '', '15'],
    ['15 minutos', '', '15'],
    ['menos de 30 minutos', '', '15 30'],
    ['media hora', '', '30'],
    ['una hora y media', '', '90'],
  ])('is read from “%s”', (q, rest, minutes) => {
    expect(read(q)).toEqual([rest, `minutes ${minutes}`]);
  });

  it.each([
    '15 minutes of fame',
    'time to the nearest 5 minutes',
    'time to the half hour',
    'count by 5 minutes',
    'hour of code',
    '15 minutes after 3',
  ])('is not read from “%s”', (q) => {
    expect(read(q)).toEqual([q]);
  });

  it('of any number of minutes is one bucket, and of up to any number all that begin below it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), (minutes) => {
        const bucket = MINUTES_BUCKETS.find((one) => one === 'more' || minutes <= Number(one)) ?? 'more';
        expect(read(`${minutes} minutes`)).toEqual(['', `minutes ${bucket}`]);
        const upTo = MINUTES_BUCKETS.slice(0, MINUTES_BUCKETS.indexOf(bucket) + 1).join(' ');
        expect(read(`under ${minutes} minutes`)).toEqual(['', `minutes ${upTo}`]);
      }),
    );
  });
});

describe('languages', () => {
  it.each<[string, string, string]>([
    ['in Spanish', '', 'es'],
    ['water cycle in Spanish', 'water cycle', 'es'],
    ['water cycle in Spanish for 3rd grade', 'water cycle', 'es|grade 3'],
    ['water cycle spanish', 'water cycle', 'es'],
    ['Spanish version water cycle', 'water cycle', 'es'],
    ['ciclo del agua en español', 'ciclo del agua', 'es'],
    ['ciclo del agua en inglés', 'ciclo del agua', 'en'],
    ['fractions in Vietnamese', 'fractions', 'vi'],
  ])('are read from “%s”', (q, rest, expected) => {
    const [language = '', ...others] = expected.split('|');
    expect(read(q)).toEqual([rest, `language ${language}`, ...others]);
  });

  it.each(['art in Spanish America', 'learn Spanish', 'Spanish verbs', 'Old English'])(
    'are not read from “%s”',
    (q) => {
      expect(read(q)).toEqual([q]);
    },
  );
});

describe('licenses', () => {
  it.each<[string, string]>([
    ['free to adapt', 'CC0-1.0 CC-BY-4.0 CC-BY-NC-4.0'],
    ['libre para adaptar', 'CC0-1.0 CC-BY-4.0 CC-BY-NC-4.0'],
    ['cc by', 'CC-BY-4.0'],
    ['CC BY 4.0', 'CC-BY-4.0'],
    ['cc-by-nc', 'CC-BY-NC-4.0'],
    ['public domain', 'CC0-1.0'],
    ['dominio público', 'CC0-1.0'],
    ['creative commons', 'CC0-1.0 CC-BY-4.0 CC-BY-NC-4.0 CC-BY-ND-4.0'],
  ])('are read from “%s”', (q, licenses) => {
    expect(read(`maps ${q}`)).toEqual(['maps', `license ${licenses}`]);
  });

  it('are not read from “free body diagrams”, nor where the state has none that fits', () => {
    expect(read('free body diagrams')).toEqual(['free body diagrams']);
    expect(licensesMeant('CC-BY-SA', state.licenses)).toEqual([]);
    expect(read('maps cc by sa')).toEqual(['maps sa', 'license CC-BY-4.0']);
  });
});

it('is no kind where it only begins what any search could begin with', () => {
  expect(read('lessons about the water cycle')).toEqual(['lessons about the water cycle']);
  expect(read('actividades sobre fracciones')).toEqual(['actividades sobre fracciones']);
});

describe('a whole query', () => {
  it('is taken apart, and what only joined the parts goes', () => {
    expect(
      read('4th grade science lesson plan on energy in Spanish under 45 minutes that is free to adapt'),
    ).toEqual([
      'energy that is',
      'grade 4',
      'subject science',
      'type lesson',
      'language es',
      'minutes 15 30 60',
      'license CC0-1.0 CC-BY-4.0 CC-BY-NC-4.0',
    ]);
    expect(read('a worksheet for the 3rd grade')).toEqual(['', 'type worksheet', 'grade 3']);
  });

  it('has nothing read from quotes or after a minus', () => {
    expect(read('"3rd grade" fractions')).toEqual(['"3rd grade" fractions']);
    expect(read('fractions -worksheet')).toEqual(['fractions -worksheet']);
    expect(read('“exit ticket” -"grade 3" maps grade 4')).toEqual([
      '“exit ticket” -"grade 3" maps',
      'grade 4',
    ]);
  });

  it('leaves as words what the person wants as words', () => {
    expect(read('3rd grade fractions worksheet', ['3rd grade'])).toEqual([
      '3rd grade fractions',
      'type worksheet',
    ]);
    expect(read('3rd grade fractions worksheet', ['worksheet', '3RD-Grade'])).toEqual([
      '3rd grade fractions worksheet',
    ]);
  });

  it('says where each reading stands, and what the query is without it', () => {
    const q = 'fractions worksheet for 3rd grade';
    expect(readFilters(q, reader).readings).toMatchObject([
      { text: 'worksheet', start: 10, end: 19, rest: 'fractions 3rd grade' },
      { text: '3rd grade', start: 24, end: 33, rest: 'fractions worksheet' },
    ]);
  });

  const anyQuery = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc
      .array(
        fc.constantFrom(
          ...'3rd grade grades 3 - 5 K kindergarten to and fractions worksheet lesson plan on in Spanish'.split(
            ' ',
          ),
          ...'developing for struggling students "exit ticket" -math cc by 4.0 15 minutes under hour de a'.split(
            ' ',
          ),
        ),
        { maxLength: 25 },
      )
      .map((words) => words.join(' ')),
  );

  it('of any kind never fails; readings are in order, apart, and have values', () => {
    fc.assert(
      fc.property(anyQuery, fc.array(fc.string({ maxLength: 10 }), { maxLength: 3 }), (q, keep) => {
        const { readings, rest } = readFilters(q, reader, { keep });
        let end = 0;
        for (const reading of readings) {
          expect(reading.start).toBeGreaterThanOrEqual(end);
          expect(q.slice(reading.start, reading.end)).toBe(reading.text);
          expect(reading.values.length).toBeGreaterThan(0);
          end = reading.end;
        }
        const had = new Set(foldedWords(q));
        expect(foldedWords(rest).filter((word) => !had.has(word))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('has nothing read any more when each reading is kept as words', () => {
    fc.assert(
      fc.property(anyQuery, (q) => {
        let keep: string[] = [];
        for (let round = 0; round < 30; round += 1) {
          const { readings } = readFilters(q, reader, { keep });
          if (readings.length === 0) break;
          keep = [...keep, ...readings.map(({ text }) => text)];
        }
        expect(readFilters(q, reader, { keep }).readings).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});
