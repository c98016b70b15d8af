import { afterEach, expect, test, vi } from 'vitest';
import { briefCache } from '../../server/lib/brief-cache.ts';

afterEach(() => vi.restoreAllMocks());

test('an answer is remembered for its time and no longer, also when the clock is put back', async () => {
  let asked = 0;
  const remembered = briefCache<number>(30);
  const ask = (key = 'one') => remembered(key, () => Promise.resolve((asked += 1)));
  expect([await ask(), await ask(), await ask('another')]).toEqual([1, 1, 2]);
  const now = Date.now();
  vi.spyOn(Date, 'now').mockReturnValue(now - 3_600_000);
  await expect.poll(() => ask(), { interval: 10, timeout: 2000 }).toBe(3);
});

test('a failure is not remembered, and those who ask at once share an answer', async () => {
  let asked = 0;
  const remembered = briefCache<number>(60_000);
  const fail = () => remembered('one', () => Promise.reject(new Error('away')));
  await expect(fail()).rejects.toThrow('away');
  const ask = () => remembered('one', () => Promise.resolve((asked += 1)));
  expect(await Promise.all([ask(), ask()])).toEqual([1, 1]);
});
