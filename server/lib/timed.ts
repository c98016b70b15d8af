/**
 * Does some work and tells how long it took and whether it went well.
 * @returns what the work gives back; throws what it throws
 */
export async function timed<T>(
  work: () => Promise<T>,
  tell: (seen: { seconds: number; ok: boolean }) => void,
): Promise<T> {
  const started = performance.now();
  let ok = false;
  try {
    const result = await work();
    ok = true;
    return result;
  } finally {
    tell({ seconds: (performance.now() - started) / 1000, ok });
  }
}
