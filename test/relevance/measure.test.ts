import { describe, expect, it } from 'vitest';
import type { RealRecord } from '../bench/records/record.ts';
import type { JudgedQuery } from './judged-set.ts';
import { figures, measure, missedBars, shown, shownBar } from './measure.ts';

const record = (key: string, codes: string[] = []) => ({ key, title: `About ${key}`, codes }) as RealRecord;
const records = [record('a:one', ['3.NF.A.1']), record('a:two'), record('a:three')];
const judged = (q: string, kind: JudgedQuery['kind']): JudgedQuery => ({
  q,
  kind,
  judged: [
    { grade: 3, why: 'just what is asked for', records: ['a:one'] },
    { grade: 2, why: 'useful for the same class', records: ['a:two'] },
  ],
});
const queries = [judged('3.NF.A.1', 'code'), judged('fracshuns', 'spelling'), judged('fractions', 'words')];
const asked = (order: string[]) =>
  measure(
    { name: 'some order', search: async () => ({ keys: order, total: order.length }) },
    queries,
    records,
    () => true,
  );

describe('the figures of a ranking', () => {
  it('are full where the best comes first, and no bar is missed', async () => {
    const all = figures(await asked(['a:one', 'a:two']));
    expect(all).toMatchObject({
      'nDCG@10': 1,
      'codes at rank 1 (judged)': 1,
      'codes at rank 1 (drawn)': 1,
      'misspellings in the top 3': 1,
      'hits that nobody has judged': 0,
    });
    expect(missedBars(all)).toEqual([]);
  });

  it('count a code only where what a teacher hopes for comes first: useful is not enough', async () => {
    const all = figures(await asked(['a:two', 'a:one', 'a:three']));
    expect(all['codes at rank 1 (judged)']).toBe(0);
    expect(all['hits that nobody has judged']).toBeCloseTo(1 / 3);
    expect(missedBars(all)).toEqual(
      expect.arrayContaining(['nDCG@10', 'codes at rank 1 (judged)', 'codes at rank 1 (drawn)']),
    );
  });

  it('miss the bar for words that find nothing when there are too many of them', async () => {
    expect(missedBars(figures(await asked([])))).toContain('words of titles that find nothing');
  });
});

it('are shown as shares, but for nDCG', () => {
  expect(shown('nDCG@10', 0.9)).toBe('0.900');
  expect(shown('misspellings in the top 3', 0.9412)).toBe('94.1 %');
  expect(shown('nDCG@10, held out', null)).toBe('–');
  expect(shownBar('words of titles that find nothing')).toBe('≤ 2.0 %');
  expect(shownBar('nDCG@10, held out')).toBe('');
});
