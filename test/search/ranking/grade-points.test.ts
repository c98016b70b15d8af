import { expect, it } from 'vitest';
import { plainTerms, rankHits, type RankedHit } from '../../../server/search/ranking/rank-hits.ts';

const hit = (id: string, grades: string[], title: string): RankedHit => ({
  id,
  quality: 0,
  published: 0,
  fit: null,
  fields: { worth: [], words: { title }, language: 'en', kind: null, grades, levels: [], subjects: [] },
});
const order = (hits: RankedHit[], more: object, q = 'ratios'): string[] =>
  rankHits(hits, { terms: plainTerms(q), language: 'en', preferred: [], relaxed: false, ...more }).map(
    ({ id }) => id,
  );

it('what is for just the grades that were asked for stands before what is for all', () => {
  const hits = [hit('all', ['6', '7', '8', '9', '10'], 'ratios'), hit('just', ['7'], 'ratios')];
  expect(order(hits, { grades: ['7'] })).toEqual(['just', 'all']);
  expect(order(hits, {})).toEqual(['all', 'just']);
});

it('a standard alone puts what is named after it first', () => {
  const hits = [
    hit('project', [], 'a final project'),
    hit('named', [], 'inverting logarithms with exponentials'),
  ];
  const about = plainTerms('relationship exponents logarithms');
  expect(order(hits, { about }, '')).toEqual(['named', 'project']);
});

it('a title that is the name of a file comes behind', () => {
  const hits = [hit('file', [], 'ratios md'), hit('named', [], 'on some ratios and other things')];
  expect(order(hits, {})).toEqual(['named', 'file']);
});
