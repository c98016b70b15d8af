/** How good a list of hits is, by grades that people gave: pure. */

/** 3: just what a teacher hopes for; 2: useful; 1: better than nothing. What nobody judged counts as 0. */
export type Grades = ReadonlyMap<string, number>;

/**
 * Normalized discounted cumulative gain of the first `depth` hits (Järvelin and Kekäläinen 2002, with gains of
 * 2^grade - 1): 1 for the best order that the judged records allow, 0 where none of them is among the hits. A record
 * that comes twice counts once.
 * @throws RangeError when nothing is judged, for then no order is good or bad
 */
export function ndcg(hits: readonly string[], grades: Grades, depth = 10): number {
  const best = [...grades.values()].sort((a, b) => b - a).slice(0, depth);
  const most = discounted(best);
  if (most === 0) throw new RangeError('Nothing is judged');
  const seen = new Set<string>();
  const got = hits.slice(0, depth).map((key) => {
    const grade = seen.has(key) ? 0 : (grades.get(key) ?? 0);
    seen.add(key);
    return grade;
  });
  return discounted(got) / most;
}

const discounted = (grades: readonly number[]): number =>
  grades.reduce((sum, grade, place) => sum + (2 ** grade - 1) / Math.log2(place + 2), 0);

/** Whether one of the first `depth` hits has at least this grade. */
export const foundWithin = (
  hits: readonly string[],
  grades: Grades,
  { depth, grade }: { depth: number; grade: number },
): boolean => hits.slice(0, depth).some((key) => (grades.get(key) ?? 0) >= grade);

/** @throws RangeError for an empty list */
export function mean(numbers: readonly number[]): number {
  if (numbers.length === 0) throw new RangeError('No numbers');
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
