import { setTimeout as sleep } from 'node:timers/promises';
import { createInterface } from 'node:readline/promises';
import type { Deps } from '../server/deps.ts';
import { noOrigin } from '../server/lib/origin.ts';
import { driveSource } from '../server/imports/drive-source.ts';
import { isPassing } from '../server/imports/run-executor.ts';
import { cancelRun, resumeRun } from '../server/imports/run-service.ts';
import { findRun, type ImportRun } from '../server/imports/run-store.ts';
import { importProgress } from './import-progress.ts';
import { t, type Options, Unusable, told } from './import-options.ts';
import { reportOf, tell } from './import-summary.ts';

/** Works on the run, or watches whoever does, and tells how it went. */
export async function follow(
  deps: Deps,
  begun: ImportRun,
  { options, beside }: { options: Options; beside: string },
): Promise<number> {
  const progress = importProgress(t, { quiet: options.json ?? false });
  const stop = new AbortController();
  const cancel = () => {
    told(`\n${t('import.cli.stopping')}`);
    cancelRun(deps, { runId: begun.id, personId: null, work: false }, noOrigin).catch(() => stop.abort());
  };
  const leave = () => stop.abort(new Unusable(t('import.cli.left', { run: begun.id })));
  process.once('SIGINT', cancel).once('SIGTERM', leave);
  try {
    for (;;) {
      const run = await workUntilOver(deps, begun, { stop: stop.signal, progress });
      const many = run.state === 'paused' && run.reason?.key === 'import.paused.manyMissing';
      if (!many || !(await agrees(t(run.reason!.key, run.reason!.params))))
        return await tell(run, reportOf(deps, run), { options, beside });
      await resumeRun(
        deps,
        { runId: run.id, personId: null, work: false, options: { withdrawMany: true } },
        noOrigin,
      );
    }
  } finally {
    progress.stop();
    process.off('SIGINT', cancel).off('SIGTERM', leave);
  }
}

async function workUntilOver(
  deps: Deps,
  begun: ImportRun,
  { stop, progress }: { stop: AbortSignal; progress: ReturnType<typeof importProgress> },
): Promise<ImportRun> {
  for (;;) {
    stop.throwIfAborted();
    try {
      const worked = await driveSource(deps, begun.sourceId, {
        signal: stop,
        until: begun.id,
        progress: progress.show,
      });
      const run = await findRun(deps.pool, begun.id);
      if (run && !['planned', 'running', 'undoing'].includes(run.state)) return run;
      // Another process works on this source: on this very run, or on one before it.
      if (!worked && run) progress.show(run);
    } catch (error) {
      if (stop.aborted || !isPassing(error)) throw error;
      told(t('import.cli.databaseAway'));
    }
    await sleep(1000);
  }
}

/** Asks at a terminal; elsewhere the answer is no. */
export async function agrees(question: string): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return false;
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await reader
    .question(`${question}\n${t('import.cli.agree')} `)
    .finally(() => reader.close());
  return answer.trim().toLowerCase() === 'withdraw';
}
