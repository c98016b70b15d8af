import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { posix, resolve, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pdfNeedsPassword } from '../files/extract/extract-document.ts';
import { kindOfExtension } from '../files/file-kinds.ts';
import { needRoom } from '../files/disk-room.ts';
import { keepUpload } from '../files/file-service.ts';
import { sniffFile } from '../files/sniff-file.ts';
import { ZipError } from '../files/zip-reader.ts';
import { cleanFileName, fileExtension, uniqueFileName } from '../lib/file-name.ts';
import { FileTooLargeError } from '../platform/file-store/file-store.ts';
import { jobPriority } from '../platform/job-queue/job-queue.ts';
import type { Gap } from './import-record.ts';
import { entryOf, plainPath } from './packages/packed-files.ts';
import type { NativeRow } from './native-row.ts';
import type { RowFiles } from './resolve-row.ts';
import type { RowSource } from './row-reader.ts';
import { bringAddress } from './row-addresses.ts';
import { RunPaused, type ExecuteDeps } from './run-context.ts';

type FileDeps = Pick<ExecuteDeps, 'pool' | 'files' | 'config' | 'allowance'>;

export type FileContext = {
  districtId: string;
  /** The folder beside whose row file paths are looked for; null where a run has none. */
  folder: string | null;
  /** The machine that has it. */
  host: string | null;
  /** The package that has them, in place of a folder. */
  packed: RowSource['packed'];
  /** Ends what is being fetched. */
  signal?: AbortSignal;
  /** Nothing is stored, only looked at. */
  dry: boolean;
};

export type Brought = { ok: true; sha256: string; name: string } | { ok: false; gap: Gap };

/** How many files of a run are remembered, for those that many rows share. */
const REMEMBERED = 5000;
const MOST_FILES = 60;

/**
 * Makes what brings the files of rows into the store: from paths beside the row file (never out of its folder, not by
 * `..` nor by a link), or by the hash of what the district sent before. Each goes through the same checks as an upload.
 * What it returns throws RunPaused where a row names a path and the folder can't be reached from this machine.
 */
export function fileBringer(
  deps: FileDeps,
  context: FileContext,
): (row: Pick<NativeRow, 'files' | 'educator_files'>) => Promise<RowFiles> {
  const remembered = new Map<string, Brought>();
  const bring = async (name: string): Promise<Brought> => {
    const known = remembered.get(name);
    if (known) return known;
    const brought = await bringOne(deps, context, name);
    if (remembered.size < REMEMBERED) remembered.set(name, brought);
    return brought;
  };
  return async (row) => {
    const result: RowFiles = { files: [], educatorFiles: [], gaps: [], complete: true };
    const names = [...row.files.filter((name) => !row.educator_files.includes(name)), ...row.educator_files];
    const taken = new Set<string>();
    if (names.length > MOST_FILES)
      result.gaps.push({ field: 'files', reason: 'tooMany', value: String(names.length) });
    for (const name of names.slice(0, MOST_FILES)) {
      const brought = await bring(name);
      if (brought.ok) {
        const forEducators = row.educator_files.includes(name);
        const twice = result.files.find((file) => file.sha256 === brought.sha256);
        const file = twice ?? { sha256: brought.sha256, name: uniqueFileName(brought.name, taken) };
        if (!twice) result.files.push(file);
        if (forEducators && !result.educatorFiles.includes(file.name)) result.educatorFiles.push(file.name);
      } else {
        result.gaps.push(brought.gap);
        result.complete = false;
      }
    }
    return result;
  };
}

const missed = (reason: Gap['reason'], value: string, detail?: Gap['detail']): Brought => ({
  ok: false,
  gap: { field: 'files', reason, value: value.slice(0, 500), ...(detail ? { detail } : {}) },
});

async function bringOne(deps: FileDeps, context: FileContext, name: string): Promise<Brought> {
  if (/^https?:\/\//i.test(name)) {
    const answer = await bringAddress(deps, context, name);
    return answer.ok ? answer : missed(answer.reason, name, answer.detail);
  }
  const sent = /^sha256:([0-9a-f]{64})(?:[/\s]+(.+))?$/i.exec(name);
  if (sent) return bringSent(deps, context, sent[1]?.toLowerCase() ?? '', sent[2]);
  if (context.packed) {
    const entry = findPacked(context.packed, name);
    if (entry) return bringContent(deps, context, entry, name);
    const before = context.packed.sent?.get(plainPath(name));
    return before === undefined ? missed('fileMissing', name) : bringSent(deps, context, before, name);
  }
  await needFolder(context);
  const path = await findBeside(context.folder, name);
  return path === undefined ? missed('fileMissing', name) : bringContent(deps, context, onDisk(path), name);
}

/** @throws RunPaused where the folder is on another machine, or is gone */
async function needFolder({ folder, host }: FileContext): Promise<void> {
  if (folder === null) return;
  const there = stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (host !== hostname() || !(await there))
    throw new RunPaused({ key: 'import.paused.folder', params: { folder, host: host ?? '' } });
}

type Sent = { stored_sha256: string; name: string; kind: string; scan_state: string };

/** What the district sent under this hash, if it is still kept. */
export async function findSent(
  { pool }: FileDeps,
  districtId: string,
  sha256: string,
): Promise<Sent | undefined> {
  const { rows } = await pool.query<Sent>(
    `SELECT d.stored_sha256, d.name, b.kind, b.scan_state FROM district_content d JOIN blob b ON b.sha256 = d.stored_sha256
     WHERE d.district_id = $1 AND d.sent_sha256 = $2`,
    [districtId, sha256],
  );
  const [sent] = rows;
  // The collector takes what no resource has for a day; what is named now is as fresh as what arrives now.
  if (sent)
    await pool.query(
      "UPDATE blob SET created_at = now() WHERE sha256 = $1 AND created_at < now() - interval '12 hours' AND NOT EXISTS (SELECT 1 FROM file f WHERE f.sha256 = blob.sha256)",
      [sent.stored_sha256],
    );
  return sent;
}

async function bringSent(
  deps: FileDeps,
  { districtId }: FileContext,
  sha256: string,
  name: string | undefined,
): Promise<Brought> {
  const sent = await findSent(deps, districtId, sha256);
  if (!sent || sent.scan_state === 'infected') return missed('fileUnknown', `sha256:${sha256}`);
  return { ok: true, sha256: sent.stored_sha256, name: cleanFileName(name ?? sent.name) };
}

/** The path of a file in the folder or below it; links may not lead out. */
async function findBeside(folder: string | null, name: string): Promise<string | undefined> {
  if (folder === null || name.includes('\0')) return undefined;
  const wanted = resolve(folder, name.replaceAll('\\', '/'));
  try {
    const [root, path] = await Promise.all([realpath(folder), realpath(wanted)]);
    if (!path.startsWith(root.endsWith(sep) ? root : root + sep)) return undefined;
    return (await stat(path)).isFile() ? path : undefined;
  } catch {
    return undefined;
  }
}

/** Bytes that can be read as often as needed. */
type Content = { name: string; path: string | null; open: () => Readable };

const onDisk = (path: string): Content => ({
  name: path,
  path,
  open: () => createReadStream(path, { highWaterMark: 256 * 1024 }),
});

/** A file of a package; never one outside of the folder in which the rows lie. */
function findPacked({ zip, base }: NonNullable<RowSource['packed']>, name: string): Content | undefined {
  const wanted = posix.join(base, name.replaceAll('\\', '/'));
  const entry = wanted.startsWith(base) && !name.includes('\0') ? entryOf(zip, wanted) : undefined;
  return entry === undefined
    ? undefined
    : { name: entry, path: null, open: () => Readable.from(zip.chunks(entry, Infinity)) };
}

async function bringContent(
  deps: FileDeps,
  context: FileContext,
  content: Content,
  named: string,
): Promise<Brought> {
  const name = cleanFileName(content.name);
  const { maxUploadBytes: maxBytes } = deps.config;
  try {
    const sha256 = await hashOf(content.open(), maxBytes);
    const sent = await findSent(deps, context.districtId, sha256);
    if (sent && sent.scan_state !== 'infected' && sent.kind === kindOfExtension(fileExtension(name)))
      return { ok: true, sha256: sent.stored_sha256, name };
    if (context.dry && content.path !== null) return await lookAt(content.path, { sha256, name, named });
    await needRoom(deps, content.path === null ? 0 : (await stat(content.path)).size);
    const staged =
      content.path === null
        ? await deps.files.stage(content.open(), { maxBytes })
        : await deps.files.stageFile(content.path, { maxBytes });
    if (!context.dry) return await keepSent(deps, context.districtId, staged, name, named);
    try {
      return await lookAt(staged.path, { sha256, name, named });
    } finally {
      await deps.files.discard(staged);
    }
  } catch (error) {
    if (error instanceof ZipError) return missed('fileDamaged', named);
    if (!(error instanceof FileTooLargeError)) throw error;
    return missed('fileRefused', named, {
      key: 'file.refused.too-large',
      params: { name, limit: megabytes(error.maxBytes) },
    });
  }
}

/** What an upload of it would come to. */
async function lookAt(
  path: string,
  { sha256, name, named }: { sha256: string; name: string; named: string },
): Promise<Brought> {
  const sniffed = await sniffFile(path, name, { pdfNeedsPassword });
  return sniffed.ok
    ? { ok: true, sha256: `sent:${sha256}`, name }
    : missed('fileRefused', named, sniffed.message);
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MB`;

export async function keepSent(
  deps: FileDeps,
  districtId: string,
  staged: Parameters<typeof keepUpload>[1],
  name: string,
  named: string,
): Promise<Brought> {
  const kept = await keepUpload(deps, staged, name, jobPriority.documents);
  if (!kept.ok) return missed('fileRefused', named, kept.message);
  await deps.pool.query(
    `INSERT INTO district_content (district_id, sent_sha256, stored_sha256, name) VALUES ($1, $2, $3, $4)
     ON CONFLICT (district_id, sent_sha256) DO UPDATE SET stored_sha256 = excluded.stored_sha256, name = excluded.name`,
    [districtId, staged.sha256, kept.sha256, kept.name],
  );
  return { ok: true, sha256: kept.sha256, name: kept.name };
}

/** @throws FileTooLargeError, and whatever the stream ends with */
async function hashOf(stream: Readable, maxBytes: number): Promise<string> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new FileTooLargeError(maxBytes);
    hash.update(chunk);
  }
  return hash.digest('hex');
}
