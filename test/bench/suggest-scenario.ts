import { Browser } from './browser.ts';
import { shuffled } from './query-mix.ts';
import { percentile, spread, table, verdict } from './report.ts';

/** What people type; each is asked for from its second letter on, letter by letter. */
const TYPED = [
  'fractions',
  'photosynthesis',
  'linear equations',
  'geometry',
  'the solar system',
  '3.NF.A.1',
  'MS-PS2',
  'place value',
  'how to read',
  'sonic boom',
  'turner',
  'probabilidad',
];

/** One request after another on one connection, all beginnings once to warm up and then `rounds` times. */
export async function measureSuggestions(url: string, engine: string, rounds: number): Promise<string> {
  const beginnings = TYPED.flatMap((text) =>
    Array.from({ length: text.length - 1 }, (_, index) => text.slice(0, index + 2)),
  );
  const browser = new Browser(url);
  const times: number[] = [];
  for (let round = 0; round <= rounds; round += 1)
    for (const text of shuffled(beginnings, round)) {
      const { status, ms } = await browser.get(`/api/v1/suggest?q=${encodeURIComponent(text)}`, {
        read: false,
      });
      if (status !== 200) throw new Error(`Suggestions for ${text} gave ${status}`);
      if (round > 0) times.push(ms);
    }
  browser.close();
  const bar = engine === 'meilisearch' ? 20 : 50;
  return table(
    ['suggestions', 'beginnings', 'p50 ms', 'p95 ms', 'p99 ms'],
    [
      [
        `letter by letter (bar: p95 ≤ ${bar} ms, ${verdict(percentile(times, 95), bar)})`,
        String(beginnings.length),
        ...spread(times),
      ],
    ],
  );
}
