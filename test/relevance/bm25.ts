/**
 * Plain BM25 (Robertson and Zaragoza 2009, with k1 = 1.2 and b = 0.75) over one bag of words for each text: the
 * baseline that any search must leave behind. No stems, no typos, no fields, no filters. Ties go to what was added first.
 */
export interface Bm25 {
  /** Keys of the texts with at least one of the words, best first. */
  search: (query: string, limit: number) => string[];
}

const K1 = 1.2;
const B = 0.75;

export function createBm25(texts: Iterable<{ key: string; text: string }>): Bm25 {
  const keys: string[] = [];
  const lengths: number[] = [];
  const places = new Map<string, Map<number, number>>();
  for (const { key, text } of texts) {
    const words = wordsOf(text);
    for (const word of words) {
      const counts = places.get(word) ?? new Map<number, number>();
      counts.set(keys.length, (counts.get(keys.length) ?? 0) + 1);
      places.set(word, counts);
    }
    keys.push(key);
    lengths.push(words.length);
  }
  const average = lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, lengths.length);
  return {
    search: (query, limit) => {
      const scores = new Map<number, number>();
      for (const word of new Set(wordsOf(query))) {
        const counts = places.get(word) ?? new Map<number, number>();
        const rarity = Math.log(1 + (keys.length - counts.size + 0.5) / (counts.size + 0.5));
        for (const [place, count] of counts) {
          const length = (lengths[place] ?? 0) / average;
          const score = (rarity * count * (K1 + 1)) / (count + K1 * (1 - B + B * length));
          scores.set(place, (scores.get(place) ?? 0) + score);
        }
      }
      return [...scores]
        .sort(([a, score], [b, other]) => other - score || a - b)
        .slice(0, limit)
        .map(([place]) => keys[place] ?? '');
    },
  };
}

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}\p{M}]+/gu) ?? [];
