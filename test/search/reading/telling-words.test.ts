import { describe, expect, it } from 'vitest';
import { queryLanguage } from '../../../server/search/reading/query-language.ts';
import { tellingWords } from '../../../server/search/reading/telling-words.ts';
import { wordTables } from '../../../server/search/reading/word-table.ts';

const telling = (q: string, keep?: string[]): string => tellingWords(q, wordTables, keep);

describe('the words that tell what is looked for', () => {
  it.each([
    ['how to teach equivalent fractions', 'equivalent fractions'],
    ['activities about the water cycle for my class', 'water cycle'],
    ['lesson on photosynthesis', 'photosynthesis'],
    ['ideas for long division in the classroom', 'long division'],
    ['how the heart works', 'heart works'],
    ['slope of a line', 'slope line'],
    ['actividades sobre el ciclo del agua', 'ciclo agua'],
    ['cómo enseñar fracciones para mi clase', 'fracciones'],
    ['Earth and space', 'Earth space'],
  ])('of “%s” are “%s”', (q, words) => {
    expect(telling(q)).toBe(words);
  });

  it('are all where nothing else would be left', () => {
    expect(telling('to be or not to be')).toBe('to be or not to be');
    expect(telling('how to')).toBe('how to');
    expect(telling('for my class')).toBe('for my class');
  });

  it('are left alone in quotes, after a minus and where the person keeps them', () => {
    expect(telling('"how to" knit -"in the classroom"')).toBe('"how to" knit -"in the classroom"');
    expect(telling('how to knit', ['how to'])).toBe('how to knit');
  });

  it('are everything in a language of which nothing is known', () => {
    expect(telling('le vent')).toBe('le vent');
    expect(telling('पानी का चक्र')).toBe('पानी का चक्र');
    expect(telling('la casa')).toBe('casa');
  });
});

describe('the language of a query', () => {
  it.each<[string, 'en' | 'es' | null]>([
    ['how the heart works', 'en'],
    ['slope of a line', 'en'],
    ['fracciones equivalentes', 'es'],
    ['el ciclo del agua', 'es'],
    ['multiplicación', 'es'],
    ['niños', 'es'],
    ['photosynthesis', null],
    ['پہچان', null],
  ])('“%s” is %s', (q, language) => {
    expect(queryLanguage(q)).toBe(language);
  });
});
