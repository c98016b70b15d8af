import { expect, it } from 'vitest';
import { createBm25 } from './bm25.ts';

const { search } = createBm25([
  { key: 'common', text: 'the lesson on the lesson' },
  { key: 'rare', text: 'the volcano' },
  { key: 'long', text: `the volcano ${'and more '.repeat(50)}` },
  { key: 'twice', text: 'volcano, volcano' },
]);

it('finds texts with at least one of the words and no others', () => {
  expect(search('volcano', 10)).toEqual(expect.arrayContaining(['rare', 'long', 'twice']));
  expect(search('volcano', 10)).toHaveLength(3);
  expect(search('nowhere', 10)).toEqual([]);
});

it('prefers the rarer word, the word said twice and the shorter text', () => {
  expect(search('lesson volcano', 10)[0]).not.toBe('long');
  expect(search('volcano', 10)).toEqual(['twice', 'rare', 'long']);
});

it('gives no more than it is asked for and reads any script', () => {
  expect(search('the', 1)).toHaveLength(1);
  expect(createBm25([{ key: 'ur', text: 'رنگوں کی پہچان' }]).search('پہچان', 5)).toEqual(['ur']);
});
