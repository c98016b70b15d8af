import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits for an answer no longer than so many milliseconds. What was asked goes on; nobody hears of it any more.
 * @throws what the answer throws, or that it takes too long
 */
export function inTime<T>(answer: Promise<T>, milliseconds: number): Promise<T> {
  const late = sleep(milliseconds, undefined, { ref: false }).then((): never => {
    throw new Error(`No answer within ${milliseconds} ms`);
  });
  return Promise.race([answer, late]);
}
