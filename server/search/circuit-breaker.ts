/**
 * Stops asking someone who doesn't answer: after `failures` in a row nobody asks for `restMs`, then one try decides.
 * Only keeps count; the caller decides what a failure is.
 */
export interface CircuitBreaker {
  /** Whether to ask now. After a rest only the first to ask gets true, until it is known how that went. */
  mayAsk(): boolean;
  succeeded(): void;
  failed(): void;
}

export function circuitBreaker(
  clock: { now: () => Date },
  { failures = 3, restMs = 10_000 }: { failures?: number; restMs?: number } = {},
): CircuitBreaker {
  let inRow = 0;
  let restUntil = 0;
  return {
    mayAsk() {
      if (inRow < failures) return true;
      const now = clock.now().getTime();
      if (now < restUntil) return false;
      restUntil = now + restMs;
      return true;
    },
    succeeded() {
      inRow = 0;
    },
    failed() {
      inRow += 1;
      restUntil = clock.now().getTime() + restMs;
    },
  };
}
