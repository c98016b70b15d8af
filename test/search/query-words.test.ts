import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance } from '../../server/lib/edit-distance.ts';
import { indexable, isEmpty, readWords } from '../../server/search/query-words.ts';

describe('what was typed', () => {
  it.each<[string, Partial<ReturnType<typeof readWords>>]>([
    ['tug of war', { words: ['tug', 'of', 'war'], open: true }],
    ['"tug of war" rope', { words: ['rope'], phrases: [['tug', 'of', 'war']] }],
    ['“exit ticket”', { phrases: [['exit', 'ticket']], open: false }],
    ['«ciclo del agua»', { phrases: [['ciclo', 'del', 'agua']] }],
    ['"one"', { words: [], phrases: [['one']] }],
    ['forces -motion', { words: ['forces'], without: [['motion']] }],
    ['quiz -"answer key"', { words: ['quiz'], without: [['answer', 'key']] }],
    ['say "not closed', { words: ['say', 'not', 'closed'] }],
    ["teacher's don't", { words: ['teacher', 'don'] }],
    ['self-assessment', { words: ['self', 'assessment'], without: [] }],
    ['(forces)', { words: ['forces'] }],
    ['rope rope', { words: ['rope'] }],
    ['fracción ', { words: ['fracción'], open: false }],
    ['- -- "" -""', { words: [], phrases: [], without: [] }],
  ])('is read as words, phrases and what must not be there: %s', (text, expected) => {
    expect(readWords(text)).toMatchObject(expected);
  });

  it('is never more than ten words, and never fails', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        const { words, phrases, without } = readWords(text);
        const all = [...words, ...phrases.flat(), ...without.flat()];
        expect(all.length).toBeLessThanOrEqual(10);
        for (const word of all) expect(word).toMatch(/^[\p{L}\p{N}\p{M}]+$/u);
      }),
    );
  });

  it('is empty when it has no word', () => {
    expect(isEmpty(readWords(' -!? '))).toBe(true);
    expect(isEmpty(readWords('-x'))).toBe(false);
  });
});

describe('text for an index', () => {
  it('has nothing that a parser of text could take for a path, an address or a negative number', () => {
    expect(indexable('and/or 3-5 self-assessment -5 a.b@c.d x--y').split(/\s+/)).toEqual([
      'and',
      'or',
      '3',
      '5',
      'self-assessment',
      '5',
      'a',
      'b',
      'c',
      'd',
      'x',
      'y',
    ]);
  });

  it('has the same words that a query for it has', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-zé0-9]{1,8}$/), { minLength: 1, maxLength: 8 }),
        (words) => {
          const text = [...new Set(words)].join(', ');
          const typed = readWords(text);
          expect(indexable(text).split(/\s+/).filter(Boolean)).toEqual(typed.words);
        },
      ),
    );
  });
});

describe('the distance of two words', () => {
  it.each<[string, string, number]>([
    ['fraction', 'fraction', 0],
    ['fracton', 'fraction', 1],
    ['fractoin', 'fraction', 1],
    ['magents', 'magnets', 1],
    ['photosinthesis', 'photosynthesis', 1],
    ['kitten', 'sitting', 3],
  ])('counts slips of the finger: %s, %s', (a, b, expected) => {
    expect(editDistance(a, b, 3)).toBe(expected);
    expect(editDistance(b, a, 3)).toBe(expected);
  });

  it('stops counting behind its limit', () => {
    expect(editDistance('kitten', 'sitting', 1)).toBe(2);
    expect(editDistance('a', 'abcdefgh', 2)).toBe(3);
  });
});
