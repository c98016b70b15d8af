import { Presets, SingleBar } from 'cli-progress';
import type { ImportRun } from '../server/imports/run-store.ts';
import type { Translate } from '../server/locale/locale.ts';

/** As much of a run as is shown while it works. */
export type ShownRun = Pick<ImportRun, 'state' | 'rowsDone' | 'bytesDone' | 'counts'> & {
  input: { size: number };
};

/** Seconds between two lines where there is no terminal to draw a bar on. */
const LINE_EVERY_S = 5;

/** Shows how far a run is, on standard error: a bar at a terminal, else a plain line every few seconds. */
export function importProgress(
  t: Translate,
  { quiet }: { quiet: boolean },
): { show: (run: ShownRun) => void; stop: () => void } {
  if (quiet) return { show: () => {}, stop: () => {} };
  const bar = process.stderr.isTTY
    ? new SingleBar(
        { format: '{bar} {percentage}% | {words}', hideCursor: true, stream: process.stderr },
        Presets.shades_classic,
      )
    : undefined;
  let began = false;
  let last = Date.now();
  return {
    show(run) {
      const words = wordsOf(run, t);
      if (bar) {
        if (!began) bar.start(run.input.size, run.bytesDone, { words });
        else bar.update(run.bytesDone, { words });
        began = true;
      } else if (Date.now() - last > LINE_EVERY_S * 1000) {
        last = Date.now();
        process.stderr.write(`${words}\n`);
      }
    },
    stop: () => bar?.stop(),
  };
}

function wordsOf(run: ShownRun, t: Translate): string {
  const { counts } = run;
  if (run.state === 'undoing')
    return t('import.cli.progressUndo', { count: counts.takenBack + counts.leftAsIs });
  return t('import.cli.progress', {
    count: run.rowsDone,
    percent: run.input.size === 0 ? 100 : Math.floor((run.bytesDone / run.input.size) * 100),
    fresh: counts.new,
    changed: counts.changed,
    rejected: counts.rejected,
  });
}
