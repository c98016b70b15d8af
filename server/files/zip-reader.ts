import type { Readable } from 'node:stream';
import { openPromise, type Entry, type ZipFile } from 'yauzl';

/** Why a zip can't be trusted. */
export type ZipFault =
  'damaged' | 'encrypted' | 'too-many-entries' | 'too-large' | 'bomb' | 'unsafe-path' | 'symlink' | 'overlap';

/** Thrown by everything here: the zip is broken, hostile or past a limit. */
export class ZipError extends Error {
  override name = 'ZipError';
  readonly fault: ZipFault;
  constructor(fault: ZipFault, detail: string) {
    super(detail);
    this.fault = fault;
  }
}

/** What a zip may hold. */
export interface ZipLimits {
  maxEntries: number;
  /** Bytes of all entries together, unpacked. */
  maxTotalBytes: number;
  /** Unpacked to packed, over the whole zip. */
  maxRatio: number;
}

const ZIP_LIMITS: ZipLimits = {
  maxEntries: 2000,
  maxTotalBytes: 1024 ** 3,
  maxRatio: 100,
};

/** Text packs well: a small zip is no bomb, whatever its ratio. */
const RATIO_MATTERS_FROM_BYTES = 20 * 1024 * 1024;

/** A file inside a zip. Folders are left out. */
export interface ZipEntry {
  name: string;
  size: number;
}

/** An open zip whose directory kept to the limits. Entries are read by name, each within a limit of its own. */
export class BoundedZip {
  readonly entries: readonly ZipEntry[];
  readonly #zip: ZipFile;
  readonly #byName: ReadonlyMap<string, Entry>;

  constructor(zip: ZipFile, entries: Entry[]) {
    this.#zip = zip;
    this.#byName = new Map(entries.map((entry) => [entry.fileName, entry]));
    this.entries = entries.map((entry) => ({ name: entry.fileName, size: entry.uncompressedSize }));
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  /** A stream of an entry's unpacked bytes. Throws ZipError('damaged') where there is none of that name. */
  async stream(name: string): Promise<Readable> {
    const entry = this.#byName.get(name);
    if (!entry) throw new ZipError('damaged', `There is no ${name}.`);
    try {
      return await this.#zip.openReadStreamPromise(entry);
    } catch (error) {
      throw toZipError(error);
    }
  }

  /** The chunks of an entry, counted: throws ZipError('too-large') past maxBytes, whatever its header says. */
  async *chunks(name: string, maxBytes: number): AsyncIterable<Buffer> {
    const stream = await this.stream(name);
    let size = 0;
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        size += chunk.length;
        if (size > maxBytes) throw new ZipError('too-large', `${name} is larger than ${maxBytes} bytes.`);
        yield chunk;
      }
    } catch (error) {
      throw toZipError(error);
    } finally {
      stream.destroy();
    }
  }

  /** An entry as a buffer. Throws as `chunks` does. */
  async read(name: string, maxBytes: number): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for await (const chunk of this.chunks(name, maxBytes)) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  close(): void {
    this.#zip.close();
  }
}

/**
 * Opens a zip and reads its directory, nothing else. Throws ZipError when it breaks a limit by what it declares:
 * number of entries, total size, ratio, encryption, links, names that climb out of a folder, entries that overlap.
 */
export async function openZip(path: string, limits: ZipLimits = ZIP_LIMITS): Promise<BoundedZip> {
  let zip: ZipFile;
  try {
    zip = await openPromise(path, { autoClose: false, decodeStrings: true, validateEntrySizes: true });
  } catch (error) {
    throw toZipError(error);
  }
  zip.on('error', () => undefined); // eachEntry and the streams report; nobody may die of a late one
  try {
    const entries: Entry[] = [];
    const sum = { unpacked: 0, packed: 0 };
    for await (const entry of zip.eachEntry()) {
      entries.push(entry);
      sum.unpacked += entry.uncompressedSize;
      sum.packed += entry.compressedSize;
      checkEntry(entry);
      if (entries.length > limits.maxEntries)
        throw new ZipError('too-many-entries', `Over ${limits.maxEntries}.`);
      if (sum.unpacked > limits.maxTotalBytes)
        throw new ZipError('too-large', `Over ${limits.maxTotalBytes}.`);
    }
    if (sum.unpacked > RATIO_MATTERS_FROM_BYTES && sum.unpacked > sum.packed * limits.maxRatio) {
      throw new ZipError('bomb', `${sum.packed} bytes unpack to ${sum.unpacked}.`);
    }
    checkOverlap(entries);
    return new BoundedZip(
      zip,
      entries.filter((entry) => !entry.fileName.endsWith('/')),
    );
  } catch (error) {
    zip.close();
    throw toZipError(error);
  }
}

/**
 * Unpacks every entry into nothing and counts, so that a header that lies is found out before anyone trusts it.
 * Throws ZipError. Memory stays flat.
 */
export async function checkContents(zip: BoundedZip, limits: ZipLimits = ZIP_LIMITS): Promise<void> {
  let left = limits.maxTotalBytes;
  for (const { name } of zip.entries) {
    for await (const chunk of zip.chunks(name, left)) left -= chunk.length;
  }
}

const UNIX = 3;
const LINK_MODE = 0o120000;
const TYPE_MASK = 0o170000;

function checkEntry(entry: Entry): void {
  if (entry.isEncrypted()) throw new ZipError('encrypted', entry.fileName);
  const mode = entry.externalFileAttributes >>> 16;
  if (entry.versionMadeBy >>> 8 === UNIX && (mode & TYPE_MASK) === LINK_MODE) {
    throw new ZipError('symlink', entry.fileName);
  }
  if (entry.fileName.includes('\0')) throw new ZipError('unsafe-path', entry.fileName);
}

/** Honest entries lie one after the other; bombs let many entries share one run of packed bytes. */
function checkOverlap(entries: Entry[]): void {
  const LOCAL_HEADER_BYTES = 30;
  const inOrder = entries.toSorted((a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader);
  for (const [index, entry] of inOrder.entries()) {
    const next = inOrder[index + 1];
    const end = entry.relativeOffsetOfLocalHeader + LOCAL_HEADER_BYTES + entry.compressedSize;
    if (next && next.relativeOffsetOfLocalHeader < end) throw new ZipError('overlap', next.fileName);
  }
}

function toZipError(error: unknown): ZipError {
  if (error instanceof ZipError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (/relative path|absolute path|invalid characters in fileName/i.test(message)) {
    return new ZipError('unsafe-path', message);
  }
  if (/encrypt/i.test(message)) return new ZipError('encrypted', message);
  if (/too many bytes in the stream/i.test(message)) return new ZipError('bomb', message);
  return new ZipError('damaged', message);
}
