import type { Deps } from '../server/deps.ts';
import {
  gapsCsv,
  gapWords,
  leftByUndo,
  likelyCsv,
  likelyRows,
  rejectedCsv,
  skippedRows,
  unknownValues,
} from '../server/imports/run-report.ts';
import type { ImportRun } from '../server/imports/run-store.ts';
import { calledAs, t, type Options } from './import-options.ts';
import { ReportFolder } from './import-paths.ts';

/** What is told of a run, here or on a portal elsewhere. */
export type ToldRun = Pick<ImportRun, 'id' | 'state' | 'source' | 'districtName' | 'dryRun' | 'counts'> & {
  input: { name: string; size?: number; sha256?: string };
};

/** Where the rest of the report comes from. */
export type RunReport = {
  /** Why it waits or can't go on, in words. */
  reason: string | null;
  rejected: () => AsyncIterable<string | Uint8Array>;
  gaps: () => AsyncIterable<string | Uint8Array>;
  unknown: () => Promise<{ total: number; values: { rows: number; words: string; near: string[] }[] }>;
  /** What an undo left, and why. */
  left: () => Promise<{ externalId: string; why: string }[]>;
  /** What is of a kind that isn't taken, in words. */
  skipped: () => Promise<string[]>;
  /** What is perhaps on the shelf already: a few in words, and all; left out where it can't be had. */
  likely?: { some: () => Promise<string[]>; all: () => AsyncIterable<string | Uint8Array> };
};

/** The report of a run in our own database. */
export const reportOf = (deps: Deps, run: ImportRun): RunReport => ({
  reason: run.reason && t(run.reason.key, run.reason.params),
  rejected: () => rejectedCsv(deps, run, t),
  gaps: () => gapsCsv(deps, run, t),
  unknown: async () => {
    const { total, values } = await unknownValues(deps.pool, run, 10);
    return {
      total,
      values: values.map(({ rows, near, ...gap }) => ({ rows, near, words: gapWords(gap, t) })),
    };
  },
  left: () => leftByUndo(deps.pool, run.id, 20),
  likely: {
    some: async () =>
      (await likelyRows(deps.pool, run, { after: 0, limit: 5 })).map(
        ({ externalId, why, title, organization, id }) =>
          t('import.cli.likely', {
            id: externalId,
            why: t(`import.likely.${why}`),
            title,
            organization,
            address: `${deps.config.baseUrl}/resources/${id}`,
          }),
      ),
    all: () => likelyCsv(deps, run, t),
  },
  skipped: async () => (await skippedRows(deps.pool, run.id, 20)).map(({ key, params }) => t(key, params)),
});

/** Writes rejected rows and gaps beside the file, or where it can, says how it went, and comes back with the exit code. */
export async function tell(
  run: ToldRun,
  report: RunReport,
  { options, beside }: { options: Options; beside: string },
): Promise<number> {
  const files: Record<string, string> = {};
  const { counts } = run;
  const folder = new ReportFolder(beside);
  const write = async (name: string, content: () => AsyncIterable<string | Uint8Array>) => {
    const path = await folder.write(name, content);
    if (path !== undefined) files[name] = path;
  };
  const undone = run.state === 'undone';
  if (!undone && counts.rejected > 0) await write('rejected.csv', report.rejected);
  if (!undone && counts.gaps > 0) await write('gaps.csv', report.gaps);
  if (!undone && counts.likely > 0 && report.likely) await write('likely.csv', report.likely.all);
  if (options.json) console.log(JSON.stringify({ ...run, files }));
  else await summary(run, report, { files, remote: options.remote });
  const arrived = counts.new + counts.changed + counts.unchanged + counts.kept;
  if (run.state === 'failed' || (!undone && arrived === 0 && counts.rejected > 0)) return 1;
  if (undone) return counts.leftAsIs > 0 ? 2 : 0;
  return run.state === 'done' && counts.rejected === 0 ? 0 : 2;
}

const FILE_WORDS: Record<string, 'import.cli.gapsFile' | 'import.cli.likelyFile'> = {
  'gaps.csv': 'import.cli.gapsFile',
  'likely.csv': 'import.cli.likelyFile',
};

async function summary(
  run: ToldRun,
  report: RunReport,
  { files, remote }: { files: Record<string, string>; remote: string | undefined },
): Promise<void> {
  const { counts } = run;
  const say = (text: string) => console.log(text);
  say(
    t(`import.cli.state.${run.state}` as 'import.cli.state.done', {
      file: run.input.name,
      district: run.districtName,
      source: run.source,
    }),
  );
  if (report.reason !== null) say(report.reason);
  if (run.state === 'undone') {
    say(t('import.cli.undone', { count: counts.takenBack }));
    const left = await report.left();
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
    'likely',
    'rejected',
    'skipped',
    'missing',
    'withdrawn',
  ] as const;
  for (const name of lines)
    if (counts[name] > 0 || ['new', 'changed', 'unchanged', 'rejected'].includes(name))
      say(`  ${String(counts[name]).padStart(9)}  ${t(`import.count.${name}`)}`);
  if (counts.gaps > 0) {
    const { total, values } = await report.unknown();
    say(t('import.cli.gaps'));
    for (const { rows, near, words } of values)
      say(
        `  ${String(rows).padStart(9)}  ${words}${near.length > 0 ? ` ${t('import.cli.near', { near: near.join(', ') })}` : ''}`,
      );
    if (total > values.length) say(t('import.cli.moreGaps', { count: total - values.length }));
  }
  if (counts.likely > 0 && report.likely) for (const words of await report.likely.some()) say(words);
  if (counts.skipped > 0) {
    const shown = await report.skipped();
    for (const words of shown) say(`  ${words}`);
    if (counts.skipped > shown.length)
      say(t('import.cli.moreGaps', { count: counts.skipped - shown.length }));
  }
  for (const [name, path] of Object.entries(files))
    say(t(FILE_WORDS[name] ?? 'import.cli.rejectedFile', { path }));
  if (run.dryRun) return say(t('import.cli.nothingWritten'));
  if (counts.new + counts.changed + counts.withdrawn === 0)
    return say(t('import.cli.nothingChanged', { run: run.id }));
  const command = `${calledAs} --undo ${run.id}${remote === undefined ? '' : ` --remote ${remote}`}`;
  say(t('import.cli.undoHint', { run: run.id, command }));
}
