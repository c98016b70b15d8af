import { describe, expect, it } from 'vitest';
import { claimedCodes, titleWords } from './drawn-queries.ts';
import { gradesOf, isHeldOut, parseJudged, readJudgedSet } from './judged-set.ts';

describe('the judged set', () => {
  const queries = readJudgedSet();

  it('has at least 120 queries of every kind', () => {
    expect(queries.length).toBeGreaterThanOrEqual(120);
    expect(new Set(queries.map(({ kind }) => kind)).size).toBe(10);
  });

  it('holds out about a third, of all larger kinds some', () => {
    const heldOut = queries.filter(isHeldOut);
    expect(heldOut.length / queries.length).toBeGreaterThan(0.25);
    expect(heldOut.length / queries.length).toBeLessThan(0.42);
    for (const kind of ['words', 'code', 'spelling', 'language'] as const) {
      const ofKind = queries.filter((query) => query.kind === kind);
      expect(ofKind.filter(isHeldOut).length, kind).toBeGreaterThan(0);
      expect(ofKind.filter(isHeldOut).length, kind).toBeLessThan(ofKind.length);
    }
  });

  it('has something that a teacher hopes for in every query', () => {
    for (const { q, judged } of queries)
      expect(
        judged.some(({ grade }) => grade === 3),
        q,
      ).toBe(true);
  });
});

describe('judgments', () => {
  const one = (records: string) => `
- q: cats
  kind: words
  judged:
    - { grade: 3, why: a cat is the hero, records: [${records}] }
    - { grade: 1, why: cats only come in, records: ['stories:*'] }`;
  const catalog = ['stories:cat', 'stories:dog', 'other:cat'];

  it('name a record or all that begin alike, and the first grade holds', () => {
    const [query] = parseJudged('cats.yaml', one('stories:cat'));
    expect(gradesOf(query!, catalog)).toEqual(
      new Map([
        ['stories:cat', 3],
        ['stories:dog', 1],
      ]),
    );
  });

  it('of a record that isn’t there are refused', () => {
    const [query] = parseJudged('cats.yaml', one('stories:lion'));
    expect(() => gradesOf(query!, catalog)).toThrow('“cats”: there is no record stories:lion');
  });

  it('without a reason or with another grade are refused, with the name of the file', () => {
    expect(() => parseJudged('cats.yaml', one('stories:cat').replace('a cat is the hero', "''"))).toThrow(
      'cats.yaml',
    );
    expect(() => parseJudged('cats.yaml', one('stories:cat').replace('grade: 3', 'grade: 4'))).toThrow(
      'cats.yaml',
    );
  });
});

describe('drawn queries', () => {
  const records = [
    { key: 'a', title: 'Adding fractions, with a drawing', codes: ['8.F.B.4'] },
    { key: 'b', title: '7 x 8', codes: ['8.F.B', 'MS-X1'] },
    { key: 'c', title: 'رنگوں کی پہچان', codes: ['8.F.A.1'] },
  ];

  it('are neighboring words of titles, the same ones each time', () => {
    const words = titleWords(records, 10);
    expect(words).toEqual(titleWords([...records].reverse(), 10));
    expect(words).toHaveLength(2);
    for (const text of words) expect(text.split(' ').every((word) => word.length >= 3)).toBe(true);
  });

  it('count those who claim a standard below the code, and leave out what no framework has', () => {
    const codes = claimedCodes(records, 10, (code) => code.startsWith('8'));
    expect(codes).toHaveLength(3);
    const parent = codes.find(({ q }) => /^8.f.b.?$/i.test(q));
    expect(parent?.claimedBy).toEqual(new Set(['a', 'b']));
  });
});
