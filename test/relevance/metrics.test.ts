import { describe, expect, it } from 'vitest';
import { foundWithin, mean, ndcg } from './metrics.ts';

const grades = new Map([
  ['best', 3],
  ['good', 2],
  ['fair', 1],
]);

describe('nDCG', () => {
  it('is 1 for the best order, whatever comes after', () => {
    expect(ndcg(['best', 'good', 'fair', 'unknown'], grades)).toBe(1);
  });

  it('is 0 where nothing judged is found', () => {
    expect(ndcg(['unknown', 'other'], grades)).toBe(0);
    expect(ndcg([], grades)).toBe(0);
  });

  it('agrees with a sum done by hand', () => {
    const got = 1 / Math.log2(2) + 7 / Math.log2(4);
    const most = 7 / Math.log2(2) + 3 / Math.log2(3) + 1 / Math.log2(4);
    expect(ndcg(['fair', 'unknown', 'best'], grades)).toBeCloseTo(got / most, 12);
  });

  it('grows when a better hit moves up', () => {
    expect(ndcg(['best', 'fair', 'good'], grades)).toBeGreaterThan(ndcg(['fair', 'best', 'good'], grades));
  });

  it('counts a record that comes twice once', () => {
    expect(ndcg(['best', 'best', 'best'], grades)).toBe(ndcg(['best'], grades));
  });

  it('looks no deeper than it is told, and expects no more than fits there', () => {
    expect(ndcg(['best', 'good'], grades, 2)).toBe(1);
    expect(ndcg(['unknown', 'unknown2', 'best'], grades, 2)).toBe(0);
  });

  it('has no answer where nothing is judged', () => {
    expect(() => ndcg(['best'], new Map())).toThrow(RangeError);
  });
});

describe('a hit within a depth', () => {
  it('needs the grade', () => {
    expect(foundWithin(['fair', 'good'], grades, { depth: 2, grade: 2 })).toBe(true);
    expect(foundWithin(['fair', 'good'], grades, { depth: 2, grade: 3 })).toBe(false);
  });

  it('needs the depth', () => {
    expect(foundWithin(['fair', 'good'], grades, { depth: 1, grade: 2 })).toBe(false);
  });
});

it('has no mean of nothing', () => {
  expect(mean([1, 2, 6])).toBe(3);
  expect(() => mean([])).toThrow(RangeError);
});
