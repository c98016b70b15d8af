import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { access, copyFile, mkdir, open, rename, rm, stat, statfs, unlink, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  DIRECTORY_MODE,
  isCode,
  makeDirectory,
  statOf,
  syncDirectory,
  walk,
  writeDurably,
} from './durable-files.ts';
import {
  FileMissingError,
  type ByteRange,
  type ContentState,
  type DerivedEntry,
  type FileStore,
  type StagedContent,
  type StoredContent,
  type StoredEntry,
} from './file-store.ts';
import { StagingArea } from './staging-area.ts';

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

class DiskFileStore extends StagingArea implements FileStore {
  readonly #onKept: (bytes: number) => void;

  constructor(root: string, onKept: (bytes: number) => void) {
    super(root);
    this.#onKept = onKept;
  }

  async keep(staged: StagedContent): Promise<StoredContent> {
    const stored = await this.#keep(staged);
    this.#onKept(stored.size);
    return stored;
  }

  async #keep({ path, sha256, size }: StagedContent): Promise<StoredContent> {
    const target = this.path(sha256);
    // It has just been hashed; what lies in its place may have been damaged since, and nobody noticed yet.
    const now = new Date();
    await utimes(path, now, now);
    await makeDirectory(dirname(target));
    await rename(path, target);
    await syncDirectory(dirname(target));
    await rm(this.#asidePath(sha256), { force: true });
    return { sha256, size };
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
    return join(this.root, 'content', ...fanOut(sha256));
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
    for await (const path of walk(join(this.root, 'derived'))) {
      const [sha256 = '', name = ''] = path.split('/').slice(-2);
      if (!/^[0-9a-f]{64}$/.test(sha256)) continue;
      const found = await statOf(path);
      if (found) yield { sha256, name, madeAt: found.mtime };
    }
  }

  async freeSpace(): Promise<{ free: number; total: number }> {
    const { bavail, bfree, blocks, bsize } = await statfs(this.root);
    // As `df` counts: what only root may use is neither free nor there.
    return { free: bavail * bsize, total: (blocks - bfree + bavail) * bsize };
  }

  async check(): Promise<void> {
    for (const folder of ['content', 'tmp'])
      await access(join(this.root, folder), constants.R_OK | constants.W_OK | constants.X_OK);
  }

  async *list(): AsyncIterable<StoredEntry> {
    for await (const path of walk(join(this.root, 'content'))) {
      const sha256 = path.slice(-64);
      if (!/^[0-9a-f]{64}$/.test(sha256)) continue;
      const found = await stat(path).catch(() => undefined);
      if (found) yield { sha256, size: found.size, receivedAt: found.mtime };
    }
  }

  async #keepOrDiscard(staged: StagedContent): Promise<StoredContent> {
    try {
      return await this.keep(staged);
    } catch (error) {
      await this.discard(staged);
      throw error;
    }
  }

  #asidePath(sha256: string): string {
    return join(this.root, 'damaged', fanOut(sha256)[2]);
  }

  #derivedFolder(sha256: string): string {
    return join(this.root, 'derived', ...fanOut(sha256));
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
