import type { ImportRun } from './run-store.ts';
import { findRun, openRuns, RunLost } from './run-store.ts';
import type { ExecuteDeps } from './run-context.ts';
import { executeRun } from './run-executor.ts';
import { lockSource } from './source-lock.ts';

/**
 * Works on the open runs of a source, oldest first, so that two runs of one source never work at once; runs of others
 * don't wait. Returns when none is open, or when `until` is over.
 * @returns false when another process works on the source
 * @throws the signal's reason, or an error of the connection: what is open stays open
 */
export async function driveSource(
  deps: ExecuteDeps,
  sourceId: string,
  options: { signal: AbortSignal; until?: string; progress?: (run: ImportRun) => void },
): Promise<boolean> {
  const lock = await lockSource(deps.pool, sourceId);
  if (!lock) return false;
  const signal = AbortSignal.any([options.signal, lock.signal]);
  try {
    for (;;) {
      signal.throwIfAborted();
      const [run] = await openRuns(deps.pool, sourceId);
      if (!run) return true;
      // Somebody may cancel it at this very moment; then the list is simply read again.
      await executeRun(deps, run, {
        signal,
        ...(options.progress ? { progress: options.progress } : {}),
      }).catch((error: unknown) => {
        if (!(error instanceof RunLost)) throw error;
      });
      if (options.until !== undefined && !(await isOpen(deps, options.until))) return true;
    }
  } finally {
    await lock.release();
  }
}

const isOpen = async ({ pool }: ExecuteDeps, id: string): Promise<boolean> =>
  ['planned', 'running', 'undoing'].includes((await findRun(pool, id))?.state ?? '');
