import { describe, expect, it } from 'vitest';
import { qualityOf } from '../../../server/search/ranking/quality.ts';
import type { RankFields } from '../../../server/search/ranking/rank-fields.ts';
import {
  plainTerms,
  rankHits,
  type RankedHit,
  type RankQuery,
} from '../../../server/search/ranking/rank-hits.ts';
import { formOf } from '../../../server/search/ranking/word-match.ts';

const hit = (
  id: string,
  words: RankFields['words'],
  more: Partial<RankedHit> & Partial<RankFields> = {},
): RankedHit => ({
  id,
  quality: more.quality ?? 0,
  published: more.published ?? 0,
  fit: more.fit ?? null,
  fields: { worth: [], words, language: 'en', kind: null, grades: [], levels: [], subjects: [], ...more },
});
const order = (q: string, hits: RankedHit[], more: Partial<RankQuery> = {}): string[] =>
  rankHits(hits, { terms: plainTerms(q), language: 'en', preferred: [], relaxed: false, ...more }).map(
    ({ id }) => id,
  );

describe('hits are put in order', () => {
  it('by where the words stand: title, keywords, summary, deep in a text', () => {
    const hits = [
      hit('deep', { title: 'a thick book' }, { quality: 1000 }),
      hit('summary', { title: 'heat', summary: 'with some osmosis in it' }),
      hit('keywords', { title: 'cells', keywords: 'osmosis' }),
      hit('title', { title: 'osmosis in plants' }),
    ];
    expect(order('osmosis', hits)).toEqual(['title', 'keywords', 'summary', 'deep']);
  });

  it('by how much of the title was asked for, and words that stand together', () => {
    const hits = [
      hit('among', { title: 'partial fraction expansion of rational functions' }),
      hit('apart', { title: 'second thoughts on the law of newton' }),
      hit('all', { title: 'fractions' }),
      hit('side', { title: 'on newton second law' }),
    ];
    expect(order('fractions', hits)[0]).toBe('all');
    expect(order('newton second law', hits).slice(0, 2)).toEqual(['side', 'apart']);
  });

  it('by what the record is worth where words stand alike, and then the newer first', () => {
    const title = { title: 'water cycle' };
    const claimed = hit('claimed', title, { quality: 180 });
    const checked = hit('checked', title, { quality: 700 });
    const newer = hit('newer', title, { quality: 180, published: 5 });
    expect(order('water cycle', [claimed, checked, newer])).toEqual(['checked', 'newer', 'claimed']);
  });

  it('but a title beats whatever a record with the words elsewhere is worth', () => {
    const better = hit('better', { title: 'weather', summary: 'the water cycle' }, { quality: 1000 });
    expect(order('water cycle', [better, hit('named', { title: 'water cycle' })])[0]).toBe('named');
  });

  it('in the language of the query first', () => {
    const hits = [
      hit('en', { title: 'sortiernetzwerk', keywords: 'sorting networks' }),
      hit('de', { title: 'sortiernetzwerk', keywords: 'sorting networks' }, { language: 'de' }),
    ];
    expect(order('sorting networks', hits, { language: 'de' })[0]).toBe('de');
    expect(order('sorting networks', hits)[0]).toBe('en');
  });

  it('with a whole before its parts, and not all of a row on top', () => {
    const lesson = (number: number) =>
      hit(`lesson ${number}`, { title: `unit rates lesson ${number}` }, { kind: 'lesson' });
    const hits = [
      ...[2, 3, 4, 5, 6].map(lesson),
      hit('whole', { title: 'grade unit rates' }, { kind: 'unit' }),
      hit('other', { title: 'unit rates and their graphs' }),
    ];
    const ranked = order('unit rates', hits);
    expect(ranked[0]).toBe('whole');
    expect(ranked.indexOf('other')).toBeLessThan(ranked.indexOf('lesson 6'));
  });

  it('by how far an alignment was found to hold, where a standard is asked for', () => {
    const hits = [hit('claimed', {}), hit('part', {}, { fit: 'part' }), hit('full', {}, { fit: 'full' })];
    expect(order('', hits)).toEqual(['full', 'part', 'claimed']);
  });

  it('with those first that have what is preferred, and all words before some', () => {
    const hits = [
      hit('any', { title: 'fractions' }),
      hit('easy', { title: 'fractions again' }, { levels: ['emerging'] }),
    ];
    const preferred = [{ facet: 'level', values: ['emerging'] }];
    expect(order('fractions', hits, { preferred })).toEqual(['easy', 'any']);
    const some = [
      hit('one', { title: 'diffusion' }),
      hit('both', { title: 'cells', summary: 'osmosis diffusion' }),
    ];
    expect(order('osmosis diffusion', some, { relaxed: true })).toEqual(['both', 'one']);
  });
});

describe('a word of a text is what was asked for', () => {
  const form = (asked: string, word: string, open = false) => formOf(word, { word: asked, open, others: [] });
  it.each([
    ['fractions', 'fractions', 'same'],
    ['fractions', 'fraction', 'number'],
    ['stories', 'story', 'number'],
    ['multiplication', 'multiplying', 'form'],
    ['fracciones', 'fraccion', 'number'],
    ['probability', 'probable', 'form'],
    ['simple', 'sample', null],
    ['cat', 'car', null],
    ['ratio', 'patio', null],
    ['a', 'an', null],
  ])('%s: %s is %s', (asked, word, expected) => {
    expect(form(asked, word)).toBe(expected);
  });

  it('as a beginning only while it is typed', () => {
    expect(form('electromag', 'electromagnetism', true)).toBe('begins');
    expect(form('electromag', 'electromagnetism')).toBeNull();
  });
});

describe('what a record is worth', () => {
  const plain = {
    checked: false,
    alignment: null,
    complete: 6,
    used: 0,
    claims: 2,
    deadLink: false,
  } as const;
  it('is more when it is checked, aligned in full, complete and used', () => {
    expect(qualityOf({ ...plain, checked: true })).toBeGreaterThan(
      qualityOf({ ...plain, used: 1000, alignment: 'claimed' }),
    );
    expect(qualityOf({ ...plain, alignment: 'full' })).toBeGreaterThan(
      qualityOf({ ...plain, alignment: 'part' }),
    );
    expect(qualityOf({ ...plain, alignment: 'part' })).toBeGreaterThan(
      qualityOf({ ...plain, alignment: 'claimed' }),
    );
    expect(qualityOf({ ...plain, used: 3 })).toBeGreaterThan(qualityOf({ ...plain, used: 1 }));
    expect(qualityOf(plain)).toBeGreaterThan(qualityOf({ ...plain, complete: 2 }));
  });

  it('is less when its link is dead, even where somebody checked it once', () => {
    const checked = { ...plain, checked: true };
    expect(qualityOf({ ...checked, deadLink: true })).toBeLessThanOrEqual(qualityOf(plain));
  });

  it('is less when it claims very many standards, and stays between 0 and 1,000', () => {
    expect(qualityOf({ ...plain, claims: 50 })).toBeLessThan(qualityOf(plain));
    expect(qualityOf({ ...plain, complete: 0, claims: 500 })).toBe(0);
    expect(qualityOf({ ...plain, complete: 0, deadLink: true })).toBe(0);
    expect(
      qualityOf({ ...plain, checked: true, alignment: 'full', used: 1e9, claims: 1 }),
    ).toBeLessThanOrEqual(1000);
  });
});
