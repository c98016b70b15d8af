import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  expandWords,
  synonymIndex,
  synonymTable,
} from '../../../server/search/synonyms/synonym-expansion.ts';

const index = synonymIndex([
  { term: null, words: ['quiz', 'test'] },
  { term: null, words: ['exit ticket', 'exit slip'] },
  { term: 'ELA', words: ['English language arts'] },
  { term: null, words: ['fracción', 'quebrado'] },
]);
const expanded = (text: string) =>
  expandWords(text.split(' '), index).map(({ words, others }) => [
    words.join(' '),
    ...others.map((other) => other.join(' ')),
  ]);

describe('words that have synonyms', () => {
  it.each<[string, string[][]]>([
    ['quiz', [['quiz', 'test']]],
    ['fractions test', [['test', 'quiz']]],
    ['Tests', [['tests', 'quiz']]],
    ['quizzes', [['quizzes', 'test']]],
    ['my exit ticket', [['exit ticket', 'exit slip']]],
    ['exit', []],
    ['ela', [['ela', 'english language arts']]],
    ['english language arts', []],
    ['fraccion', [['fraccion', 'quebrado']]],
    [
      'exit slip test',
      [
        ['exit slip', 'exit ticket'],
        ['test', 'quiz'],
      ],
    ],
  ])('are widened by them: %s', (text, expected) => {
    expect(expanded(text)).toEqual(expected);
  });

  it('have those of every group that they are in, and never themselves', () => {
    const both = synonymIndex([
      { term: null, words: ['sum', 'total'] },
      { term: null, words: ['Total', 'whole'] },
    ]);
    expect(expandWords(['total'], both)).toEqual([{ words: ['total'], others: [['sum'], ['whole']] }]);
  });

  it('stand apart, in the query, and have others, whatever the groups are', () => {
    const word = fc.constantFrom('a', 'b', 'c', 'ds', 'a b', 'b c', 'é');
    const group = fc.record({
      term: fc.option(word, { nil: null }),
      words: fc.array(word, { minLength: 1, maxLength: 4 }),
    });
    fc.assert(
      fc.property(
        fc.array(group, { maxLength: 6 }),
        fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'ds', 'e')),
        (groups, query) => {
          const found = expandWords(query, synonymIndex(groups));
          const used = found.flatMap(({ words }) => words);
          expect(new Set(used).size).toBe(used.length);
          for (const { words, others } of found) {
            expect(` ${query.join(' ')} `).toContain(` ${words.join(' ')} `);
            expect(others.length).toBeGreaterThan(0);
            expect(others.map((other) => other.join(' '))).not.toContain(words.join(' '));
          }
        },
      ),
    );
  });
});

describe('for an engine that keeps synonyms itself', () => {
  it('they are a table by term, with plurals', () => {
    expect(synonymTable(index)).toMatchObject({
      quiz: ['test'],
      test: ['quiz'],
      tests: ['quiz'],
      'exit ticket': ['exit slip'],
      ela: ['english language arts'],
    });
    expect(synonymTable(index)).not.toHaveProperty('english language arts');
  });
});
