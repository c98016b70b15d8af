import type { Readable } from 'node:stream';

/** What is known of stored content: its SHA-256 in lower-case hex and its size in bytes. */
export interface StoredContent {
  sha256: string;
  size: number;
}

/** Content that has arrived whole and on disk (fsynced) but isn't part of the store yet. */
export interface StagedContent extends StoredContent {
  /** Where it lies, for sniffing and for changes before it is kept. Whoever changes it calls `restage`. */
  path: string;
}

/** Bytes from `start` to `end`, both counted in, as in an HTTP Range. */
export interface ByteRange {
  start: number;
  end: number;
}

/** Stored content as the collector of orphans sees it. */
export interface StoredEntry extends StoredContent {
  /** When it was last received; receiving the same content again renews it. */
  receivedAt: Date;
}

/** What reading stored content to its end has shown. */
export type ContentState = 'right' | 'missing' | 'changed' | 'unreadable';

/** What was derived from some content, under one name. */
export interface DerivedEntry {
  sha256: string;
  name: string;
  madeAt: Date;
}

/**
 * The store of uploaded content, addressed by SHA-256. Content is never changed and never held in memory.
 * A crash at any moment leaves at most an orphan (content without a row), never half a file under its final name.
 */
export interface FileStore {
  /**
   * Streams content into the staging area of the store while hashing it.
   * Throws FileTooLargeError past `maxBytes`, the signal's reason when aborted, or the stream's own error;
   * in each case nothing stays behind.
   */
  stage(source: Readable, options: { maxBytes: number; signal?: AbortSignal }): Promise<StagedContent>;
  /** The same for a file of this machine. Throws the system's own error (`ENOENT`, `EISDIR` …) when it can't be read. */
  stageFile(path: string, options: { maxBytes: number; signal?: AbortSignal }): Promise<StagedContent>;
  /** Hashes and fsyncs staged content again after it was changed in place. */
  restage(path: string): Promise<StagedContent>;
  /**
   * Moves staged content to its place, durably. The same content again is kept once: it takes the place of what is there,
   * which may have been damaged meanwhile, and what was set aside goes. Whoever reads the old one goes on.
   */
  keep(staged: StagedContent): Promise<StoredContent>;
  /** Deletes staged content that isn't wanted. Never throws. */
  discard(staged: { path: string }): Promise<void>;
  /** `stage` and `keep` in one. */
  receive(source: Readable, options: { maxBytes: number; signal?: AbortSignal }): Promise<StoredContent>;
  /** Takes over a file that lies on this machine: moves it (copies across file systems) and removes the original. */
  adopt(path: string): Promise<StoredContent>;
  /** A stream of the content or of a range of it. Throws FileMissingError; opened before it returns. */
  open(sha256: string, range?: ByteRange): Promise<Readable>;
  /** The size in bytes, or undefined where there is no such content. */
  size(sha256: string): Promise<number | undefined>;
  /** When the content last arrived, or undefined where there is no such content. */
  receivedAt(sha256: string): Promise<Date | undefined>;
  /** Where the content lies on this machine, for programs that need a path. It may be missing. */
  path(sha256: string): string;
  /** Deletes the content, what was set aside of it, and all that was derived from it. Missing content is no error. */
  remove(sha256: string): Promise<void>;
  /** Reads content to its end, hashes it, and says whether it still is what its name promises. Throws what says nothing about the content. */
  verify(sha256: string, options?: { signal?: AbortSignal }): Promise<ContentState>;
  /** Takes damaged content out of its place, so that no door hands it out, and keeps it beside. Missing content is no error. */
  setAside(sha256: string): Promise<void>;
  /** Looks at what was set aside once more and puts it back when it is right after all; says whether it did. */
  bringBack(sha256: string): Promise<boolean>;
  /** Keeps something made from the content (a preview) under a short name; replaces what was there in one step. */
  putDerived(sha256: string, name: string, source: Readable): Promise<number>;
  /** A stream of something derived and its size, or undefined where it was never made. */
  openDerived(sha256: string, name: string): Promise<{ stream: Readable; size: number } | undefined>;
  /** The size in bytes of something derived, or undefined where there is no such thing. */
  derivedSize(sha256: string, name: string): Promise<number | undefined>;
  /** Deletes something derived; without a name everything that was derived from the content. Missing ones are no error. */
  removeDerived(sha256: string, name?: string): Promise<void>;
  /** Everything derived, in no order. */
  listDerived(): AsyncIterable<DerivedEntry>;
  /** Room on the store's disk in bytes. */
  freeSpace(): Promise<{ free: number; total: number }>;
  /** Whether the store is there and can be written. Throws the system's own error. */
  check(): Promise<void>;
  /** Everything stored, in no order. */
  list(): AsyncIterable<StoredEntry>;
  /** How much has arrived of an upload that comes in pieces, or undefined where there is none of that name (a–z, 0–9, -). */
  partSize(name: string): Promise<number | undefined>;
  /**
   * Writes a piece of such an upload from an offset on; at 0 it begins anew. When the source fails, what arrived stays
   * (fsynced), so that the next piece goes on behind it. Throws FileTooLargeError when the whole grows past `maxBytes`.
   * Returns how much there is.
   */
  addToPart(
    name: string,
    source: AsyncIterable<Buffer>,
    options: { offset: number; maxBytes: number },
  ): Promise<number>;
  /** Makes staged content of such an upload, hashed; its name is free again. Throws FileMissingError. */
  stagePart(name: string): Promise<StagedContent>;
  /** Deletes such an upload. Missing ones are no error. */
  dropPart(name: string): Promise<void>;
  /** Deletes what aborted uploads left in the staging area and returns how many files that were. */
  emptyStaleTemp(): Promise<number>;
  /** A fresh path on the store's own file system, for programs that write a file. Its folder is emptied when stale. */
  tempPath(): string;
}

/** The content is larger than allowed. */
export class FileTooLargeError extends Error {
  override name = 'FileTooLargeError';
  readonly maxBytes: number;
  constructor(maxBytes: number) {
    super(`The file is larger than ${maxBytes} bytes.`);
    this.maxBytes = maxBytes;
  }
}

/** There is no content with this SHA-256. */
export class FileMissingError extends Error {
  override name = 'FileMissingError';
  constructor(sha256: string) {
    super(`No stored content ${sha256}.`);
  }
}
