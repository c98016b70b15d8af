import { readFile, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { Readable } from 'node:stream';
import { basename, dirname, resolve } from 'node:path';
import type { Deps } from '../server/deps.ts';
import { hasRoom } from '../server/files/disk-room.ts';
import { noOrigin } from '../server/lib/origin.ts';
import { folderLines } from '../server/imports/folder/folder-list.ts';
import { guessMapping } from '../server/imports/mapping-guess.ts';
import { latestMapping, saveMapping } from '../server/imports/mapping-service.ts';
import { writeMapping } from '../server/imports/mapping.ts';
import { nativeFieldOf } from '../server/imports/native-columns.ts';
import { documentsOf, FOLDER_LIST } from '../server/imports/readers/folder-reader.ts';
import { sampleRows } from '../server/imports/readers/read-rows.ts';
import { runOptions, type RunOptions } from '../server/imports/run-options.ts';
import { createRun, findUnfinished, resumeRun } from '../server/imports/run-service.ts';
import { findRun, lastInput } from '../server/imports/run-store.ts';
import type { StagedContent } from '../server/platform/file-store/file-store.ts';
import { follow } from './import-follow.ts';
import { t, type Options, Unusable, told, whence } from './import-options.ts';
import { mustRead, ReportFolder } from './import-paths.ts';

/** Takes a file in as a run, or goes on with the one that it began; comes back with the exit code. */
export async function importFile(
  deps: Deps,
  { file, districtId, options }: { file: string; districtId: string; options: Options },
): Promise<number> {
  await mustRead(file);
  const found = await stat(file);
  const isFolder = found.isDirectory();
  if (!(await hasRoom(deps, isFolder ? 0 : found.size))) throw new Unusable(t('error.diskFull'));
  const name = isFolder ? `${basename(file)}${FOLDER_LIST}` : basename(file);
  const staged = isFolder
    ? await stageFolder(deps, { folder: file, name, districtId, source: options.source })
    : await deps.files.stageFile(file, { maxBytes: Number.MAX_SAFE_INTEGER });
  const stored = await deps.files.keep(staged);
  const chosen: RunOptions = runOptions.parse({
    onMissing: options.onMissing,
    strict: options.strict ?? false,
    withdrawMany: options.yes ?? false,
    folder: isFolder ? file : dirname(file),
    host: hostname(),
  });
  const path = deps.files.path(stored.sha256);
  const mappingId = await mappingFor(deps, { file, name, path, districtId, options });
  const wanted = {
    districtId,
    source: options.source,
    dryRun: options.dryRun ?? false,
    options: chosen,
    mappingId,
    input: { ...stored, name },
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

/** The list of a folder's documents, which is what a run then reads; what the last list knows isn't read again. */
async function stageFolder(
  deps: Deps,
  { folder, name, districtId, source }: { folder: string; name: string; districtId: string; source: string },
): Promise<StagedContent> {
  told(t('import.cli.listing', { folder }));
  const last = await lastInput(deps, { districtId, source, name });
  const known = last === undefined ? new Map() : await documentsOf(deps.files.path(last));
  const staged = await deps.files.stage(Readable.from(folderLines(folder, known, t)), {
    maxBytes: Number.MAX_SAFE_INTEGER,
  });
  if (staged.size > 0) return staged;
  await deps.files.discard(staged);
  throw new Unusable(t('import.cli.emptyFolder', { folder }));
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
  {
    file,
    name,
    path,
    districtId,
    options,
  }: {
    file: string;
    name: string;
    path: string;
    districtId: string;
    options: Options;
  },
): Promise<string | null> {
  const key = { districtId, source: options.source, name: 'main' };
  if (options.map !== undefined && options.map !== NATIVE) {
    const given = resolve(whence(), options.map);
    await mustRead(given);
    const text = await readFile(given, 'utf8');
    const { id, version } = await saveMapping(deps, { ...key, text, personId: null });
    told(t('import.cli.mapKept', { version, source: options.source }));
    return id;
  }
  const kept = options.map === NATIVE ? undefined : await latestMapping(deps, key);
  if (kept) told(t('import.cli.mapUsed', { version: kept.version, source: options.source }));
  if (kept || options.map === NATIVE) return kept?.id ?? null;
  const { columns, sample } = await sampleRows(path, name, SAMPLE_ROWS);
  if (sample.length === 0 || columns.some((column) => nativeFieldOf(column) === 'external_id')) return null;
  const { fields, unused } = guessMapping(columns, sample);
  const comment = t('import.cli.guessComment', { file: basename(file), unused: unused.join(', ') || '-' });
  const text = [writeMapping(fields, comment)];
  const folder = new ReportFolder(dirname(file));
  const guess = await folder.write(`${basename(file)}.map.yml`, () => text, { keep: true });
  const named = columns.slice(0, 30).join(', ');
  throw new Unusable(
    guess === undefined
      ? t('import.cli.notGuessed', { columns: named })
      : t('import.cli.guessed', { columns: named, guess }),
  );
}
