/**
 * Remembers answers for a short time, by key: for numbers that many readers ask for and nobody needs to the second.
 * Callers that come while an answer is being worked out share it; a failure is not remembered.
 */
export function briefCache<T>(
  milliseconds: number,
  mostKeys = 200,
): (key: string, work: () => Promise<T>) => Promise<T> {
  const answers = new Map<string, { until: number; answer: Promise<T> }>();
  return (key, work) => {
    // Not by the clock: put back by an hour, it would have all answers remembered for an hour.
    const now = performance.now();
    const known = answers.get(key);
    if (known && known.until > now) return known.answer;
    if (answers.size >= mostKeys) answers.clear();
    const answer = work();
    answers.set(key, { until: now + milliseconds, answer });
    answer.catch(() => answers.delete(key));
    return answer;
  };
}
