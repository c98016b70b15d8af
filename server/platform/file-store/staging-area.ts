import { createHash, randomUUID } from 'node:crypto';
import { open, opendir, rename, rm, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { FILE_MODE, isCode, statOf, writeDurably, writeWhole } from './durable-files.ts';
import { FileMissingError, FileTooLargeError, type FileStore, type StagedContent } from './file-store.ts';

/** Uploads touch their file with every chunk; one that was silent for so long is dead. */
const STALE_AFTER_MS = 60 * 60 * 1000;

/** An upload in pieces may wait this long for its next one. */
const STALE_PART_MS = 24 * 60 * 60 * 1000;

/** The part of a disk's file store in which content arrives: `tmp/`, and `parts/` for what comes in pieces. */
export class StagingArea implements Pick<
  FileStore,
  | 'stage'
  | 'stageFile'
  | 'restage'
  | 'discard'
  | 'tempPath'
  | 'partSize'
  | 'addToPart'
  | 'stagePart'
  | 'dropPart'
  | 'emptyStaleTemp'
> {
  protected readonly root: string;

  constructor(root: string) {
    this.root = root;
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

  async discard({ path }: { path: string }): Promise<void> {
    await unlink(path).catch(() => undefined);
  }

  tempPath(): string {
    return join(this.root, 'tmp', randomUUID());
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
    for await (const entry of await opendir(join(this.root, folder))) {
      const path = join(this.root, folder, entry.name);
      const found = await stat(path).catch(() => undefined);
      if (!found || found.mtimeMs > staleBefore) continue;
      await rm(path, { recursive: true, force: true });
      removed++;
    }
    return removed;
  }

  #partPath(name: string): string {
    if (!/^[a-z0-9][a-z0-9-]{0,199}$/.test(name)) throw new RangeError(`Not a name for an upload: ${name}`);
    return join(this.root, 'parts', name);
  }
}
