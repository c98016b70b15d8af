import { createReadStream, createWriteStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command, Option } from 'commander';
import type { Deps } from '../server/deps.ts';
import { PortalError } from '../server/errors.ts';
import { noOrigin } from '../server/lib/origin.ts';
import { translator } from '../server/locale/locale.ts';
import { driveSource } from '../server/imports/drive-source.ts';
import { isPassing } from '../server/imports/run-executor.ts';
import { guessMapping } from '../server/imports/mapping-guess.ts';
import { latestMapping, saveMapping } from '../server/imports/mapping-service.ts';
import { MappingError, writeMapping } from '../server/imports/mapping.ts';
import { nativeFieldOf } from '../server/imports/native-columns.ts';
import { sampleRows } from '../server/imports/readers/read-rows.ts';
import { UnreadableFile } from '../server/imports/row-reader.ts';
import { runOptions, type RunOptions } from '../server/imports/run-options.ts';
import { gapsCsv, leftByUndo, rejectedCsv, unknownValues, gapWords } from '../server/imports/run-report.ts';
import {
  cancelRun,
  createRun,
  findUnfinished,
  resumeRun,
  SOURCE_NAME,
  startUndo,
} from '../server/imports/run-service.ts';
import { findRun, listRuns, type ImportRun } from '../server/imports/run-store.ts';
import { openDeps } from '../server/open-deps.ts';
import { runOrExplain } from '../server/run-or-explain.ts';
import { importProgress } from './import-progress.ts';

// `npm run import -- FILE… --district north`: brings rows of a district in, beside a running portal or alone.
// Ends with 0 when everything is in, 2 when something was held back or waits for an answer, 1 when nothing was done.
const t = translator('en');

type Options = {
  district?: string;
  source: string;
  dryRun?: boolean;
  strict?: boolean;
  map?: string;
  onMissing: 'keep' | 'withdraw';
  yes?: boolean;
  json?: boolean;
  undo?: string;
  cancel?: string;
  resume?: string;
  runs?: boolean;
};

/** Something that whoever called it can mend, in words. */
class Unusable extends Error {}

const command = new Command('import')
  .description(t('import.cli.description'))
  .argument('[files...]', t('import.cli.files'))
  .option('--district <slug>', t('import.cli.district'))
  .option('--source <name>', t('import.cli.source'), 'main')
  .option('--map <file>', t('import.cli.map'))
  .option('--dry-run', t('import.cli.dryRun'))
  .option('--strict', t('import.cli.strict'))
  .addOption(
    new Option('--on-missing <what>', t('import.cli.onMissing'))
      .choices(['keep', 'withdraw'])
      .default('keep'),
  )
  .option('--yes', t('import.cli.yes'))
  .option('--json', t('import.cli.json'))
  .option('--undo <run>', t('import.cli.undo'))
  .option('--runs', t('import.cli.runs'))
  .option('--cancel <run>', t('import.cli.cancel'))
  .option('--resume <run>', t('import.cli.resume'))
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 1));

const told: (text: string) => void = (text) => console.error(text);

async function run(deps: Deps, files: string[], options: Options): Promise<number> {
  const known = options.undo ?? options.cancel ?? options.resume;
  if (known !== undefined) return oneRun(deps, await knownRun(deps, known), options);
  if (options.runs && options.district !== undefined)
    return showRuns(deps, await districtOf(deps, options.district));
  if (files.length === 0 || options.district === undefined) throw new Unusable(t('import.cli.usage'));
  if (!SOURCE_NAME.test(options.source)) throw new Unusable(t('import.cli.badSource'));
  if (files.length > 1 && options.onMissing === 'withdraw') throw new Unusable(t('import.cli.oneFile'));
  const districtId = await districtOf(deps, options.district);
  const codes: number[] = [];
  for (const file of files)
    codes.push(await importFile(deps, { file: resolve(whence(), file), districtId, options }));
  const [first = 0] = codes;
  return codes.every((code) => code === first) ? first : 2;
}

/** The last runs of a district, newest first. */
async function showRuns({ pool }: Deps, districtId: string): Promise<number> {
  for (const run of await listRuns(pool, { districtId, limit: 20 })) {
    const { new: fresh, changed, rejected } = run.counts;
    const [at] = run.createdAt.toISOString().split('.');
    const state = run.dryRun ? `${run.state}, dry run` : run.state;
    console.log(
      `${run.id}  ${at}  ${run.source}  ${run.input.name}  ${state}  +${fresh} ~${changed} -${rejected}`,
    );
  }
  return 0;
}

/** npm runs scripts in the folder of package.json; the caller's own folder is told apart. */
const whence = (): string => process.env['INIT_CWD'] ?? process.cwd();

async function districtOf({ pool }: Deps, slug: string): Promise<string> {
  const { rows } = await pool.query<{ id: string; slug: string }>(
    `SELECT id, slug FROM organization WHERE kind = 'district' AND closed_at IS NULL ORDER BY slug`,
  );
  const found = rows.find((row) => row.slug === slug);
  if (!found)
    throw new Unusable(
      t('import.cli.noDistrict', {
        slug,
        known: rows
          .slice(0, 40)
          .map((row) => row.slug)
          .join(', '),
      }),
    );
  return found.id;
}

async function knownRun({ pool }: Deps, id: string): Promise<ImportRun> {
  const found = /^[0-9a-f-]{36}$/i.test(id) ? await findRun(pool, id.toLowerCase()) : undefined;
  if (!found) throw new Unusable(t('import.cli.noRun', { id }));
  return found;
}

/** What is asked of a run that is there. */
async function oneRun(deps: Deps, given: ImportRun, options: Options): Promise<number> {
  const by = { runId: given.id, personId: null, work: false };
  if (options.cancel !== undefined) {
    await cancelRun(deps, by, noOrigin);
    told(t('import.cli.cancelAsked'));
    return 0;
  }
  if (options.undo !== undefined) await startUndo(deps, by, noOrigin);
  else await resumeRun(deps, { ...by, options: options.yes ? { withdrawMany: true } : {} }, noOrigin);
  return follow(deps, given, { options, beside: process.cwd() });
}

async function importFile(
  deps: Deps,
  { file, districtId, options }: { file: string; districtId: string; options: Options },
): Promise<number> {
  const staged = await deps.files
    .stage(createReadStream(file), { maxBytes: Number.MAX_SAFE_INTEGER })
    .catch((error: unknown) => {
      const { code } = error as { code?: string };
      if (code === 'ENOENT' || code === 'EISDIR') throw new Unusable(t('import.cli.noFile', { file }));
      throw error;
    });
  const stored = await deps.files.keep(staged);
  const chosen: RunOptions = runOptions.parse({
    onMissing: options.onMissing,
    strict: options.strict ?? false,
    withdrawMany: options.yes ?? false,
    folder: dirname(file),
    host: hostname(),
  });
  const path = deps.files.path(stored.sha256);
  const mappingId = await mappingFor(deps, { file, path, districtId, options });
  const wanted = {
    districtId,
    source: options.source,
    dryRun: options.dryRun ?? false,
    options: chosen,
    mappingId,
    input: { ...stored, name: basename(file) },
  };
  const unfinished = await findUnfinished(deps, wanted);
  if (unfinished) {
    told(t('import.cli.goesOn', { run: unfinished.id }));
    if (unfinished.state === 'paused')
      await resumeRun(deps, { runId: unfinished.id, personId: null, work: false, options: chosen }, noOrigin);
  }
  const id =
    unfinished?.id ??
    (await createRun(deps, { ...wanted, door: 'command', personId: null, work: false }, noOrigin));
  return follow(deps, (await findRun(deps.pool, id))!, { options, beside: dirname(file) });
}

/** What `--map native` says: the file has the native names, whatever mapping is kept. */
const NATIVE = 'native';
const SAMPLE_ROWS = 200;

/**
 * The mapping of the command, kept for the next time; else the one that is kept. A file that has neither a mapping nor
 * the native names is not read: a guess is written beside it instead.
 */
async function mappingFor(
  deps: Deps,
  { file, path, districtId, options }: { file: string; path: string; districtId: string; options: Options },
): Promise<string | null> {
  const key = { districtId, source: options.source, name: 'main' };
  if (options.map !== undefined && options.map !== NATIVE) {
    const given = resolve(whence(), options.map);
    const text = await readFile(given, 'utf8').catch(() => {
      throw new Unusable(t('import.cli.noFile', { file: given }));
    });
    const { id, version } = await saveMapping(deps, { ...key, text, personId: null });
    told(t('import.cli.mapKept', { version, source: options.source }));
    return id;
  }
  const kept = options.map === NATIVE ? undefined : await latestMapping(deps, key);
  if (kept) told(t('import.cli.mapUsed', { version: kept.version, source: options.source }));
  if (kept || options.map === NATIVE) return kept?.id ?? null;
  const { columns, sample } = await sampleRows(path, basename(file), SAMPLE_ROWS);
  if (sample.length === 0 || columns.some((column) => nativeFieldOf(column) === 'external_id')) return null;
  const { fields, unused } = guessMapping(columns, sample);
  const guess = `${file}.map.yml`;
  const comment = t('import.cli.guessComment', { file: basename(file), unused: unused.join(', ') || '-' });
  await writeFile(guess, writeMapping(fields, comment), { flag: 'wx' }).catch((error: unknown) => {
    if ((error as { code?: string }).code !== 'EEXIST') throw error;
  });
  throw new Unusable(t('import.cli.guessed', { columns: columns.slice(0, 30).join(', '), guess }));
}

/** Works on the run, or watches whoever does, and tells how it went. */
async function follow(
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
        return await tell(deps, run, { options, beside });
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
async function agrees(question: string): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return false;
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await reader
    .question(`${question}\n${t('import.cli.agree')} `)
    .finally(() => reader.close());
  return answer.trim().toLowerCase() === 'withdraw';
}

async function tell(
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
  const lines = ['new', 'changed', 'unchanged', 'kept', 'gaps', 'rejected', 'missing', 'withdrawn'] as const;
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
  for (const [name, path] of Object.entries(files))
    say(t(name === 'gaps.csv' ? 'import.cli.gapsFile' : 'import.cli.rejectedFile', { path }));
  if (run.dryRun) say(t('import.cli.nothingWritten'));
  else say(t('import.cli.undoHint', { run: run.id }));
}

await runOrExplain(async () => {
  command.parse();
  const options = command.opts<Options>();
  const { deps, close } = await openDeps({ step: told });
  try {
    process.exitCode = await run(deps, command.args, options);
  } catch (error) {
    const words =
      error instanceof Unusable
        ? error.message
        : error instanceof PortalError || error instanceof MappingError || error instanceof UnreadableFile
          ? t(error.key, error.params)
          : undefined;
    if (words === undefined) throw error;
    told(words);
    process.exitCode = 1;
  } finally {
    await close();
  }
});
