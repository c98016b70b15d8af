import fc from 'fast-check';
import { formats } from '../../server/locale/format.ts';
import { translator } from '../../server/locale/locale.ts';
import { describe, expect, it } from 'vitest';
import {
  cedsGrade,
  compareGrades,
  gradeLabel,
  gradesBetween,
  GRADES,
  isGrade,
  parseGrade,
  parseGrades,
  sortGrades,
} from '../../server/lib/grade.ts';

const spellings: [string, string][] = [
  ['3', '3'],
  ['03', '3'],
  [' 3 ', '3'],
  ['3.', '3'],
  ['K', 'K'],
  ['k', 'K'],
  ['KG', 'K'],
  ['Kindergarten', 'K'],
  ['kinder', 'K'],
  ['0', 'K'],
  ['00', 'K'],
  ['-1', 'PK'],
  ['PK', 'PK'],
  ['Pre-K', 'PK'],
  ['pre k', 'PK'],
  ['PreK', 'PK'],
  ['PreK4', 'PK'],
  ['Prekindergarten', 'PK'],
  ['Pre-Kindergarten', 'PK'],
  ['preschool', 'PK'],
  ['PR', 'PK'],
  ['IT', 'PK'],
  ['TK', 'K'],
  ['grade 3', '3'],
  ['Grade 03', '3'],
  ['GRADE THREE', '3'],
  ['Gr 3', '3'],
  ['Gr. 3', '3'],
  ['gr3', '3'],
  ['G3', '3'],
  ['grade3', '3'],
  ['3rd grade', '3'],
  ['3rd', '3'],
  ['Third Grade', '3'],
  ['first grade', '1'],
  ['2nd graders', '2'],
  ['11th', '11'],
  ['twelfth', '12'],
  ['grado 3', '3'],
  ['3-5', '3 4 5'],
  ['3–5', '3 4 5'],
  ['3 — 5', '3 4 5'],
  ['03-05', '3 4 5'],
  ['5-3', '3 4 5'],
  ['9-12', '9 10 11 12'],
  ['Grades 9 to 12', '9 10 11 12'],
  ['grades 6 through 8', '6 7 8'],
  ['3rd-5th grade', '3 4 5'],
  ['third to fifth grade', '3 4 5'],
  ['K-2', 'K 1 2'],
  ['K–2', 'K 1 2'],
  ['KG-02', 'K 1 2'],
  ['K to 2', 'K 1 2'],
  ['PK-2', 'PK K 1 2'],
  ['Pre-K-2', 'PK K 1 2'],
  ['PreK - 2', 'PK K 1 2'],
  ['PK-4', 'PK K 1 2 3 4'],
  ['Pre-K to K', 'PK K'],
  ['K12', 'K 1 2 3 4 5 6 7 8 9 10 11 12'],
  ['K-12', 'K 1 2 3 4 5 6 7 8 9 10 11 12'],
  ['PK-12', GRADES.join(' ')],
  ['all grades', GRADES.join(' ')],
  ['3,4,5', '3 4 5'],
  ['3|4|5', '3 4 5'],
  ['03;04', '3 4'],
  ['3 & 4', '3 4'],
  ['3 and 5', '3 5'],
  ['3/4', '3 4'],
  ['3 4', '3 4'],
  ['K, 1, 2', 'K 1 2'],
  ['6-8, 10', '6 7 8 10'],
  ['1-2, 5-6', '1 2 5 6'],
  ['9+', '9 10 11 12'],
  ['10 and up', '10 11 12'],
  ['high school', '9 10 11 12'],
  ['High-School', '9 10 11 12'],
  ['HS', '9 10 11 12'],
  ['HighSchool', '9 10 11 12'],
  ['middle school', '6 7 8'],
  ['Middle', '6 7 8'],
  ['MS', '6 7 8'],
  ['elementary', 'K 1 2 3 4 5'],
  ['Upper Elementary', '3 4 5'],
  ['primary', 'K 1 2'],
  ['middle school, high school', '6 7 8 9 10 11 12'],
  ['middle to high school', '6 7 8 9 10 11 12'],
  ['freshman', '9'],
  ['Seniors', '12'],
  ['http://purl.org/ASN/scheme/ASNEducationLevel/3', '3'],
  ['http://purl.org/ASN/scheme/ASNEducationLevel/Pre-K', 'PK'],
  ['http://purl.org/ASN/scheme/ASNEducationLevel/K', 'K'],
  ['http://example.org/levels#grade-11', '11'],
  ['https://example.org/grades/9-12/', '9 10 11 12'],
  ['urn:grade:05', '5'],
];

describe('Grades in any spelling', () => {
  it.each(spellings)('reads %j', (text, expected) => {
    const { grades, unknown } = parseGrades(text);
    expect(grades.join(' ')).toBe(expected);
    expect(unknown).toEqual([]);
  });

  it('reads a list of texts as one set', () => {
    expect(parseGrades(['05', 'KG', '3-4', 'K']).grades).toEqual(['K', '3', '4', '5']);
  });

  it.each(['', '   ', null, undefined])('makes nothing of %j', (text) => {
    expect(parseGrades(text)).toEqual({ grades: [], unknown: [] });
  });

  it.each(['Higher Education', 'HigherEducation', 'PS', 'AE', '13', 'Postsecondary', 'Ungraded'])(
    'says nothing about %j, which lies beyond grade 12',
    (text) => {
      expect(parseGrades(text)).toEqual({ grades: [], unknown: [] });
    },
  );

  it.each(['fractions', 'ages 8-10', '8 to 9 years', 'grade 14', '2020', '99', 'xyz'])(
    'does not guess at %j',
    (text) => {
      const { grades, unknown } = parseGrades(text);
      expect(grades).toEqual([]);
      expect(unknown.length).toBeGreaterThan(0);
    },
  );

  it('keeps what it understood beside what it did not', () => {
    expect(parseGrades('3, banana, 5')).toEqual({ grades: ['3', '5'], unknown: ['banana'] });
  });

  it('reads one grade only where there is one', () => {
    expect(parseGrade('Grade 3')).toBe('3');
    expect(parseGrade('3-5')).toBeUndefined();
    expect(parseGrade('3 banana')).toBeUndefined();
  });

  it('never throws and only ever gives grades in order, each once', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.webUrl()), (text) => {
        const { grades } = parseGrades(text);
        expect(grades.every((grade) => isGrade(grade))).toBe(true);
        expect(grades).toEqual(sortGrades(grades));
      }),
    );
  });

  it('reads back every grade, code, label and range that it writes', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.constantFrom(...GRADES), { minLength: 1 }), (set) => {
        const grades = sortGrades(set);
        expect(parseGrades(grades.join('|')).grades).toEqual(grades);
        expect(parseGrades(grades.map(cedsGrade)).grades).toEqual(grades);
        expect(parseGrades(grades.map((grade) => gradeLabel(grade))).grades).toEqual(grades);
        expect(parseGrades(formats('en', translator('en')).grades(grades))).toEqual({ grades, unknown: [] });
      }),
    );
  });

  it('reads every range between two grades, whatever the dash', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...GRADES),
        fc.constantFrom(...GRADES),
        fc.constantFrom('-', '–', '—', ' - ', ' to ', ' through '),
        (low, high, dash) => {
          expect(parseGrades(`${low}${dash}${high}`).grades).toEqual(gradesBetween(low, high));
        },
      ),
    );
  });
});

describe('Grade labels', () => {
  it.each([
    [[], ''],
    [['3'], 'Grade 3'],
    [['K'], 'Kindergarten'],
    [['PK'], 'Pre-K'],
    [['3', '4', '5'], 'Grades 3–5'],
    [['5', '3', '4', '4'], 'Grades 3–5'],
    [['K', '1', '2'], 'Grades K–2'],
    [['PK', 'K'], 'Grades Pre-K–K'],
    [['3', '5'], 'Grades 3 and 5'],
    [['K', '1', '2', '5'], 'Grades K–2 and 5'],
    [['1', '3', '5', '6'], 'Grades 1, 3, and 5–6'],
    [['9', '10', '11', '12'], 'Grades 9–12'],
    [[...GRADES], 'Grades Pre-K–12'],
  ] as [(typeof GRADES)[number][], string][])('says %j as %j', (grades, label) => {
    expect(formats('en', translator('en')).grades(grades)).toBe(label);
  });

  it('puts 2 before 10 and K before 1', () => {
    expect((['10', '2', '1', 'K', 'PK'] as const).toSorted(compareGrades)).toEqual([
      'PK',
      'K',
      '1',
      '2',
      '10',
    ]);
  });
});
