import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { importRunList, importRunSummary } from '../server/exchange/import-api-schema.ts';
import { folderLines } from '../server/imports/folder/folder-list.ts';
import { guessMapping } from '../server/imports/mapping-guess.ts';
import { parseMapping, writeMapping } from '../server/imports/mapping.ts';
import { nativeFieldOf } from '../server/imports/native-columns.ts';
import { FOLDER_LIST } from '../server/imports/readers/folder-reader.ts';
import { sampleRows } from '../server/imports/readers/read-rows.ts';
import { SOURCE_NAME } from '../server/imports/run-service.ts';
import { t, type Options, told, Unusable, usage, whence } from './import-options.ts';
import { mustRead, ReportFolder } from './import-paths.ts';
import { followRemote, type RemoteRun } from './remote-follow.ts';
import { filesOfRows, packRows, type RowFile } from './remote-files.ts';
import { RemotePortal } from './remote-portal.ts';

/**
 * `--remote`: the same command on a portal elsewhere, through its API. Files go first, by their hash and behind what has
 * arrived, then the rows; then the run is followed to its end.
 * @returns the exit code
 */
export async function remoteImport(files: string[], options: Options): Promise<number> {
  const url = options.remote ?? '';
  const token = options.token ?? process.env['COMMONSHELF_TOKEN'] ?? '';
  if (token === '') throw new Unusable(t('import.cli.remote.noToken', { url }));
  const portal = new RemotePortal(url, token);
  const known = options.undo ?? options.cancel ?? options.resume;
  if (known !== undefined) return oneRun(portal, known, options);
  const { district } = options;
  if (district === undefined) throw new Unusable(usage());
  if (options.runs) return showRuns(portal, district);
  if (files.length === 0) throw new Unusable(usage());
  if (!SOURCE_NAME.test(options.source)) throw new Unusable(t('import.cli.badSource'));
  if (files.length > 1 && options.onMissing === 'withdraw') throw new Unusable(t('import.cli.oneFile'));
  const codes: number[] = [];
  for (const file of files)
    codes.push(await sendRows(portal, { file: resolve(whence(), file), district, options }));
  const [first = 0] = codes;
  return codes.every((code) => code === first) ? first : 2;
}

async function showRuns(portal: RemotePortal, district: string): Promise<number> {
  const query = new URLSearchParams({ district });
  const { runs } = await portal.read(importRunList, 'GET', `/api/v1/imports?${query.toString()}`);
  for (const { id, created_at: at, source, file, state, dry_run: dryRun, counts } of runs)
    console.log(
      `${id}  ${at.split('.')[0]}  ${source}  ${file.name}  ${dryRun ? `${state}, dry run` : state}  +${counts.new} ~${counts.changed} -${counts.rejected}`,
    );
  return 0;
}

/** What is asked of a run that is there. */
async function oneRun(portal: RemotePortal, id: string, options: Options): Promise<number> {
  if (!/^[0-9a-f-]{36}$/i.test(id)) throw new Unusable(t('import.cli.noRun', { id }));
  const verb = options.undo !== undefined ? 'undo' : options.cancel !== undefined ? 'cancel' : 'resume';
  const query = verb === 'resume' && options.yes ? '?withdrawMany=true' : '';
  const run = await portal.read(
    importRunSummary,
    'POST',
    `/api/v1/imports/${id.toLowerCase()}/${verb}${query}`,
    {
      headers: { 'idempotency-key': randomUUID() },
    },
  );
  if (verb !== 'cancel') return followRemote(portal, run, { options, beside: whence() });
  told(t('import.cli.cancelAsked'));
  return 0;
}

async function sendRows(
  portal: RemotePortal,
  { file, district, options }: { file: string; district: string; options: Options },
): Promise<number> {
  const work = await mkdtemp(join(tmpdir(), 'commonshelf-import-'));
  try {
    const rows = await rowFile(file, work);
    const map = await mapText(options);
    const sent = await sendFiles(portal, district, rows, map);
    const packed = join(work, 'rows.zip');
    const body: RowFile =
      sent.size === 0 ? rows : { ...rows, path: packed, name: await packRows(rows, sent, packed) };
    const run = await begin(portal, body, { district, options, map });
    const over = await followRemote(portal, run, { options, beside: dirname(file) });
    if (over === 1 && map === '') await guessBeside(rows, file);
    return over;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** The file itself, or the list of a folder's documents. @throws Unusable where there is none */
async function rowFile(file: string, work: string): Promise<RowFile> {
  await mustRead(file);
  const found = await stat(file);
  if (!found.isDirectory()) return { path: file, name: basename(file), folder: dirname(file) };
  told(t('import.cli.listing', { folder: file }));
  const path = join(work, 'list');
  await pipeline(Readable.from(folderLines(file, new Map(), t)), createWriteStream(path));
  if ((await stat(path)).size === 0) throw new Unusable(t('import.cli.emptyFolder', { folder: file }));
  return { path, name: `${basename(file)}${FOLDER_LIST}`, folder: file };
}

/** The mapping of the command as text; '' where the portal's own counts. */
async function mapText({ map }: Options): Promise<string> {
  if (map === undefined || map === 'native') return map ?? '';
  const given = resolve(whence(), map);
  await mustRead(given);
  return readFile(given, 'utf8');
}

/** Brings what the rows name to the portal. @returns hashes by the names in the rows */
async function sendFiles(
  portal: RemotePortal,
  district: string,
  rows: RowFile,
  map: string,
): Promise<Map<string, string>> {
  const mapping = map === '' || map === 'native' ? undefined : parseMapping(map);
  const named = await filesOfRows(rows, mapping);
  const sent = new Map<string, string>();
  if (named.size > 0) told(t('import.cli.remote.files', { count: named.size }));
  let done = 0;
  let last = Date.now();
  for (const [name, path] of named) {
    const answer = await portal.sendFile(district, path, basename(path));
    done += 1;
    if ('sha256' in answer) sent.set(name, answer.sha256);
    else told(t('import.cli.remote.fileRefused', { file: name, message: answer.refused }));
    if (Date.now() - last < 5000 && done < named.size) continue;
    last = Date.now();
    told(t('import.cli.remote.sent', { done, count: named.size }));
  }
  return sent;
}

/** Sends the rows as a form: the mapping may be longer than an address. */
async function begin(
  portal: RemotePortal,
  { path, name }: RowFile,
  { district, options, map }: { district: string; options: Options; map: string },
): Promise<RemoteRun> {
  const fields = {
    district,
    source: options.source,
    dryRun: String(options.dryRun ?? false),
    strict: String(options.strict ?? false),
    onMissing: options.onMissing,
    withdrawMany: String(options.yes ?? false),
    map,
    name,
  };
  const boundary = `----commonshelf-${randomUUID()}`;
  async function* form(): AsyncGenerator<Uint8Array> {
    for (const [field, value] of Object.entries(fields))
      yield Buffer.from(
        `--${boundary}\r\ncontent-disposition: form-data; name="${field}"\r\n\r\n${value}\r\n`,
      );
    yield Buffer.from(
      `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="rows"\r\ncontent-type: application/octet-stream\r\n\r\n`,
    );
    yield* createReadStream(path) as AsyncIterable<Buffer>;
    yield Buffer.from(`\r\n--${boundary}--\r\n`);
  }
  return portal.read(importRunSummary, 'POST', '/api/v1/imports', {
    body: form,
    headers: {
      'content-type': `multipart/form-data; boundary=${boundary}`,
      // Of this call: sent again when no answer came, it is still one run.
      'idempotency-key': randomUUID(),
    },
  });
}

/** A table that has other columns than the native ones, and no mapping on the portal: a guess for it is written beside. */
async function guessBeside({ path, name }: RowFile, file: string): Promise<void> {
  const { columns, sample } = await sampleRows(path, name, 200);
  if (sample.length === 0 || columns.some((column) => nativeFieldOf(column) === 'external_id')) return;
  const { fields, unused } = guessMapping(columns, sample);
  const comment = t('import.cli.guessComment', { file: name, unused: unused.join(', ') || '-' });
  const text = [writeMapping(fields, comment)];
  const folder = new ReportFolder(dirname(file));
  const guess = await folder.write(`${basename(file)}.map.yml`, () => text, { keep: true });
  if (guess !== undefined) told(t('import.cli.guessed', { columns: columns.slice(0, 30).join(', '), guess }));
}
