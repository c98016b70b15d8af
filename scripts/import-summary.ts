import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Deps } from '../server/deps.ts';
import {
  gapsCsv,
  leftByUndo,
  rejectedCsv,
  skippedRows,
  unknownValues,
  gapWords,
} from '../server/imports/run-report.ts';
import type { ImportRun } from '../server/imports/run-store.ts';
import { t, type Options } from './import-options.ts';

/** Writes rejected rows and gaps beside the file, says how it went, and comes back with the exit code. */
export async function tell(
  deps: Deps,
  run: ImportRun,
  { options, beside }: { options: Options; beside: string },
): Promise<number> {
  const files: Record<string, string> = {};
  const { counts } = run;
  const write = async (name: string, text: AsyncIterable<string>) => {
    const path = join(beside, name);
    await pipeline(Readable.from(text), createWriteStream(path));
    files[name] = path;
  };
  const undone = run.state === 'undone';
  if (!undone && counts.rejected > 0) await write('rejected.csv', rejectedCsv(deps, run, t));
  if (!undone && counts.gaps > 0) await write('gaps.csv', gapsCsv(deps, run, t));
  if (options.json) console.log(JSON.stringify({ ...run, files }));
  else await summary(deps, run, files);
  const arrived = counts.new + counts.changed + counts.unchanged + counts.kept;
  if (run.state === 'failed' || (!undone && arrived === 0 && counts.rejected > 0)) return 1;
  if (undone) return counts.leftAsIs > 0 ? 2 : 0;
  return run.state === 'done' && counts.rejected === 0 ? 0 : 2;
}

async function summary(deps: Deps, run: ImportRun, files: Record<string, string>): Promise<void> {
  const { counts } = run;
  const say = (text: string) => console.log(text);
  say(
    t(`import.cli.state.${run.state}` as 'import.cli.state.done', {
      file: run.input.name,
      district: run.districtName,
      source: run.source,
    }),
  );
  if (run.reason) say(t(run.reason.key, run.reason.params));
  if (run.state === 'undone') {
    say(t('import.cli.undone', { count: counts.takenBack }));
    const left = await leftByUndo(deps.pool, run.id, 20);
    if (counts.leftAsIs > 0) say(t('import.cli.leftAsIs', { count: counts.leftAsIs }));
    for (const { externalId, why } of left)
      say(`  ${externalId}: ${t(`import.left.${why}` as 'import.left.edited')}`);
    return;
  }
  const lines = [
    'new',
    'changed',
    'unchanged',
    'kept',
    'gaps',
    'rejected',
    'skipped',
    'missing',
    'withdrawn',
  ] as const;
  for (const name of lines)
    if (counts[name] > 0 || ['new', 'changed', 'unchanged', 'rejected'].includes(name))
      say(`  ${String(counts[name]).padStart(9)}  ${t(`import.count.${name}`)}`);
  if (counts.gaps > 0) {
    const { total, values } = await unknownValues(deps.pool, run, 10);
    say(t('import.cli.gaps'));
    for (const { rows, near, ...gap } of values)
      say(
        `  ${String(rows).padStart(9)}  ${gapWords(gap, t)}${near.length > 0 ? ` ${t('import.cli.near', { near: near.join(', ') })}` : ''}`,
      );
    if (total > values.length) say(t('import.cli.moreGaps', { count: total - values.length }));
  }
  if (counts.skipped > 0) {
    const shown = await skippedRows(deps.pool, run.id, 20);
    for (const { key, params } of shown) say(`  ${t(key, params)}`);
    if (counts.skipped > shown.length)
      say(t('import.cli.moreGaps', { count: counts.skipped - shown.length }));
  }
  for (const [name, path] of Object.entries(files))
    say(t(name === 'gaps.csv' ? 'import.cli.gapsFile' : 'import.cli.rejectedFile', { path }));
  if (run.dryRun) say(t('import.cli.nothingWritten'));
  else say(t('import.cli.undoHint', { run: run.id }));
}
