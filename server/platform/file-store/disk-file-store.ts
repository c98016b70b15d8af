import { createHash, randomUUID } from 'node:crypto';
import { constants, createReadStream, type Stats } from 'node:fs';
import {
  access,
  copyFile,
  mkdir,
  open,
  opendir,
  rename,
  rm,
  stat,
  statfs,
  unlink,
  utimes,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  FileMissingError,
  FileTooLargeError,
  type ByteRange,
  type ContentState,
  type DerivedEntry,
  type FileStore,
  type StagedContent,
  type StoredContent,
  type StoredEntry,
} from './file-store.ts';

/** Uploads touch their file with every chunk; one that was silent for so long is dead. */
const STALE_AFTER_MS = 60 * 60 * 1000;

/** An upload in pieces may wait this long for its next one. */
const STALE_PART_MS = 24 * 60 * 60 * 1000;

const FILE_MODE = 0o640;
const DIRECTORY_MODE = 0o750;

/**
 * Opens (and makes) a file store in a folder:
 * `content/ab/cd/abcd…` the content, `derived/ab/cd/abcd…/name` what was made from it, `tmp/` the staging area, `parts/`
 * uploads that come in pieces, `damaged/abcd…` content that isn't what it was.
 * Staging and content share a file system so that a rename is atomic; files and folders are fsynced in the order that
 * makes a name appear only when its bytes are on the disk.
 * @param options.onKept told of every content that was kept, with its size in bytes
 */
export async function openDiskFileStore(
  root: string,
  { onKept = () => {} }: { onKept?: (bytes: number) => void } = {},
): Promise<FileStore> {
  const store = new DiskFileStore(root, onKept);
  for (const folder of ['content', 'derived', 'tmp', 'parts', 'damaged']) {
    await mkdir(join(root, folder), { recursive: true, mode: DIRECTORY_MODE });
  }
  await store.emptyStaleTemp();
  return store;
}

class DiskFileStore implements FileStore {
  readonly #root: string;
  readonly #onKept: (bytes: number) => void;

  constructor(root: string, onKept: (bytes: number) => void) {
    this.#root = root;
    this.#onKept = onKept;
  }

  async stage(
    source: Readable,
    { maxBytes, signal }: { maxBytes: number; signal?: AbortSignal },
  ): Promise<StagedContent> {
    const path = this.tempPath();
    try {
      signal?.throwIfAborted();
      const { sha256, size } = await writeDurably(path, source, { maxBytes, signal });
      return { path, sha256, size };
    } catch (error) {
      source.destroy();
      await this.discard({ path });
      throw error;
    }
  }

  async stageFile(path: string, options: { maxBytes: number; signal?: AbortSignal }): Promise<StagedContent> {
    // Opened first: a stream that fails before anyone listens to it would end the process.
    const file = await open(path);
    return this.stage(file.createReadStream(), options);
  }

  async restage(path: string): Promise<StagedContent> {
    const file = await open(path, 'r+');
    try {
      const hash = createHash('sha256');
      let size = 0;
      for await (const chunk of file.createReadStream({
        autoClose: false,
        start: 0,
      }) as AsyncIterable<Buffer>) {
        hash.update(chunk);
        size += chunk.length;
      }
      await file.sync();
      return { path, sha256: hash.digest('hex'), size };
    } finally {
      await file.close();
    }
  }

  async keep(staged: StagedContent): Promise<StoredContent> {
    const stored = await this.#keep(staged);
    this.#onKept(stored.size);
    return stored;
  }

  async #keep({ path, sha256, size }: StagedContent): Promise<StoredContent> {
    const target = this.path(sha256);
    if ((await this.size(sha256)) === size && (await renew(target))) {
      await this.discard({ path });
      return { sha256, size };
    }
    await makeDirectory(dirname(target));
    await rename(path, target);
    await syncDirectory(dirname(target));
    return { sha256, size };
  }

  async discard({ path }: { path: string }): Promise<void> {
    await unlink(path).catch(() => undefined);
  }

  async receive(
    source: Readable,
    options: { maxBytes: number; signal?: AbortSignal },
  ): Promise<StoredContent> {
    return this.#keepOrDiscard(await this.stage(source, options));
  }

  async adopt(path: string): Promise<StoredContent> {
    const own = this.tempPath();
    try {
      await rename(path, own);
    } catch (error) {
      if (!isCode(error, 'EXDEV')) throw error;
      await copyFile(path, own);
      await unlink(path);
    }
    return this.#keepOrDiscard(await this.restage(own));
  }

  async open(sha256: string, range?: ByteRange): Promise<Readable> {
    const file = await open(this.path(sha256), 'r').catch((error: unknown) => {
      throw isCode(error, 'ENOENT') ? new FileMissingError(sha256) : error;
    });
    return file.createReadStream(range ? { start: range.start, end: range.end } : {});
  }

  async size(sha256: string): Promise<number | undefined> {
    return (await statOf(this.path(sha256)))?.size;
  }

  async receivedAt(sha256: string): Promise<Date | undefined> {
    return (await statOf(this.path(sha256)))?.mtime;
  }

  path(sha256: string): string {
    return join(this.#root, 'content', ...fanOut(sha256));
  }

  async remove(sha256: string): Promise<void> {
    await rm(this.#derivedFolder(sha256), { recursive: true, force: true });
    await rm(this.path(sha256), { force: true });
    await rm(this.#asidePath(sha256), { force: true });
  }

  verify(sha256: string, options: { signal?: AbortSignal } = {}): Promise<ContentState> {
    return stateOf(this.path(sha256), sha256, options.signal);
  }

  async setAside(sha256: string): Promise<void> {
    await rename(this.path(sha256), this.#asidePath(sha256)).catch((error: unknown) => {
      if (!isCode(error, 'ENOENT')) throw error;
    });
  }

  async bringBack(sha256: string): Promise<boolean> {
    const aside = this.#asidePath(sha256);
    if ((await stateOf(aside, sha256)) !== 'right') return false;
    await makeDirectory(dirname(this.path(sha256)));
    await rename(aside, this.path(sha256));
    await syncDirectory(dirname(this.path(sha256)));
    return true;
  }

  async putDerived(sha256: string, name: string, source: Readable): Promise<number> {
    const target = this.#derivedPath(sha256, name);
    const path = this.tempPath();
    try {
      const { size } = await writeDurably(path, source, { maxBytes: Number.MAX_SAFE_INTEGER });
      await makeDirectory(dirname(target));
      await rename(path, target);
      await syncDirectory(dirname(target));
      return size;
    } catch (error) {
      await this.discard({ path });
      throw error;
    }
  }

  async openDerived(sha256: string, name: string): Promise<{ stream: Readable; size: number } | undefined> {
    const path = this.#derivedPath(sha256, name);
    const size = (await statOf(path))?.size;
    return size === undefined ? undefined : { stream: createReadStream(path), size };
  }

  async derivedSize(sha256: string, name: string): Promise<number | undefined> {
    return (await statOf(this.#derivedPath(sha256, name)))?.size;
  }

  async removeDerived(sha256: string, name?: string): Promise<void> {
    const path = name === undefined ? this.#derivedFolder(sha256) : this.#derivedPath(sha256, name);
    await rm(path, { recursive: true, force: true });
  }

  async *listDerived(): AsyncIterable<DerivedEntry> {
    for await (const path of walk(join(this.#root, 'derived'))) {
      const [sha256 = '', name = ''] = path.split('/').slice(-2);
      if (!/^[0-9a-f]{64}$/.test(sha256)) continue;
      const found = await statOf(path);
      if (found) yield { sha256, name, madeAt: found.mtime };
    }
  }

  async freeSpace(): Promise<{ free: number; total: number }> {
    const { bavail, bfree, blocks, bsize } = await statfs(this.#root);
    // As `df` counts: what only root may use is neither free nor there.
    return { free: bavail * bsize, total: (blocks - bfree + bavail) * bsize };
  }

  async check(): Promise<void> {
    for (const folder of ['content', 'tmp'])
      await access(join(this.#root, folder), constants.R_OK | constants.W_OK | constants.X_OK);
  }

  async *list(): AsyncIterable<StoredEntry> {
    for await (const path of walk(join(this.#root, 'content'))) {
      const sha256 = path.slice(-64);
      if (!/^[0-9a-f]{64}$/.test(sha256)) continue;
      const found = await stat(path).catch(() => undefined);
      if (found) yield { sha256, size: found.size, receivedAt: found.mtime };
    }
  }

  async partSize(name: string): Promise<number | undefined> {
    return (await statOf(this.#partPath(name)))?.size;
  }

  async addToPart(
    name: string,
    source: AsyncIterable<Buffer>,
    { offset, maxBytes }: { offset: number; maxBytes: number },
  ): Promise<number> {
    const file = await open(this.#partPath(name), offset === 0 ? 'w' : 'r+', FILE_MODE);
    let size = offset;
    try {
      for await (const chunk of source) {
        if (size + chunk.length > maxBytes) throw new FileTooLargeError(maxBytes);
        // At its place and not at the end: whoever sends the same piece twice at once writes the same bytes.
        await writeWhole(file, chunk, size);
        size += chunk.length;
      }
      return size;
    } finally {
      await file.sync();
      await file.close();
    }
  }

  async stagePart(name: string): Promise<StagedContent> {
    const path = this.tempPath();
    try {
      await rename(this.#partPath(name), path);
    } catch (error) {
      throw isCode(error, 'ENOENT') ? new FileMissingError(name) : error;
    }
    return this.restage(path);
  }

  async dropPart(name: string): Promise<void> {
    await rm(this.#partPath(name), { force: true });
  }

  async emptyStaleTemp(): Promise<number> {
    return (await this.#emptyStale('tmp', STALE_AFTER_MS)) + (await this.#emptyStale('parts', STALE_PART_MS));
  }

  async #emptyStale(folder: string, age: number): Promise<number> {
    let removed = 0;
    const staleBefore = Date.now() - age;
    for await (const entry of await opendir(join(this.#root, folder))) {
      const path = join(this.#root, folder, entry.name);
      const found = await stat(path).catch(() => undefined);
      if (!found || found.mtimeMs > staleBefore) continue;
      await rm(path, { recursive: true, force: true });
      removed++;
    }
    return removed;
  }

  tempPath(): string {
    return join(this.#root, 'tmp', randomUUID());
  }

  async #keepOrDiscard(staged: StagedContent): Promise<StoredContent> {
    try {
      return await this.keep(staged);
    } catch (error) {
      await this.discard(staged);
      throw error;
    }
  }

  #partPath(name: string): string {
    if (!/^[a-z0-9][a-z0-9-]{0,199}$/.test(name)) throw new RangeError(`Not a name for an upload: ${name}`);
    return join(this.#root, 'parts', name);
  }

  #asidePath(sha256: string): string {
    return join(this.#root, 'damaged', fanOut(sha256)[2]);
  }

  #derivedFolder(sha256: string): string {
    return join(this.#root, 'derived', ...fanOut(sha256));
  }

  #derivedPath(sha256: string, name: string): string {
    if (!/^[a-z0-9][a-z0-9._-]{0,99}$/.test(name))
      throw new RangeError(`Not a name for derived content: ${name}`);
    return join(this.#derivedFolder(sha256), name);
  }
}

/**
 * Reads a file that should have this hash. That the disk can't read it is an answer; anything else (no right to read, too
 * many open files, a network disk that is away) says nothing about the file and is thrown.
 */
async function stateOf(path: string, sha256: string, signal?: AbortSignal): Promise<ContentState> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    if (isCode(error, 'ENOENT')) return 'missing';
    if (isCode(error, 'EIO')) return 'unreadable';
    throw error;
  }
  return hash.digest('hex') === sha256 ? 'right' : 'changed';
}

/** Two levels of folders keep each below a few thousand names at ten million files. */
function fanOut(sha256: string): [string, string, string] {
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw new RangeError(`Not a SHA-256: ${sha256.slice(0, 80)}`);
  return [sha256.slice(0, 2), sha256.slice(2, 4), sha256];
}

async function writeDurably(
  path: string,
  source: Readable,
  { maxBytes, signal }: { maxBytes: number; signal?: AbortSignal | undefined },
): Promise<{ sha256: string; size: number }> {
  const file = await open(path, 'wx', FILE_MODE);
  try {
    const hash = createHash('sha256');
    let size = 0;
    await pipeline(
      source,
      async (chunks: AsyncIterable<Buffer>) => {
        for await (const chunk of chunks) {
          size += chunk.length;
          if (size > maxBytes) throw new FileTooLargeError(maxBytes);
          hash.update(chunk);
          await writeWhole(file, chunk);
        }
      },
      { signal },
    );
    await file.sync();
    return { sha256: hash.digest('hex'), size };
  } finally {
    await file.close();
  }
}

/** A write may be short (a full disk, a signal): go on until all is written or the error comes. */
async function writeWhole(
  file: Awaited<ReturnType<typeof open>>,
  chunk: Buffer,
  at: number | null = null,
): Promise<void> {
  for (let offset = 0; offset < chunk.length;) {
    const place = at === null ? null : at + offset;
    const { bytesWritten } = await file.write(chunk, offset, chunk.length - offset, place);
    offset += bytesWritten;
  }
}

/** Makes a folder and fsyncs the parents of every folder that was new, else a power cut could lose the branch. */
async function makeDirectory(path: string): Promise<void> {
  const firstMade = await mkdir(path, { recursive: true, mode: DIRECTORY_MODE });
  if (firstMade === undefined) return;
  for (let made = path; made.length >= firstMade.length; made = dirname(made)) {
    await syncDirectory(dirname(made));
  }
}

async function syncDirectory(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Marks content as just received; false where it went away in the meantime. */
async function renew(path: string): Promise<boolean> {
  const now = new Date();
  try {
    await utimes(path, now, now);
    return true;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return false;
    throw error;
  }
}

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function* walk(folder: string): AsyncIterable<string> {
  for await (const entry of await opendir(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(path);
    else yield path;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
