import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { mkdir, open, opendir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FileTooLargeError } from './file-store.ts';

/** Files that are on the disk when they are said to be, and what else the store asks of a file system. */

export const FILE_MODE = 0o640;
export const DIRECTORY_MODE = 0o750;

/**
 * Writes a new file and hashes what is written; its bytes are on the disk at the end.
 * @throws FileTooLargeError when there is more than `maxBytes`
 */
export async function writeDurably(
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
export async function writeWhole(
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
export async function makeDirectory(path: string): Promise<void> {
  const firstMade = await mkdir(path, { recursive: true, mode: DIRECTORY_MODE });
  if (firstMade === undefined) return;
  for (let made = path; made.length >= firstMade.length; made = dirname(made)) {
    await syncDirectory(dirname(made));
  }
}

/** What was named or renamed in a folder is on the disk after that. */
export async function syncDirectory(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Undefined where there is no such file. */
export async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** The paths of all files below a folder, in no order. */
export async function* walk(folder: string): AsyncIterable<string> {
  for await (const entry of await opendir(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(path);
    else yield path;
  }
}

/** Whether it is the system's error of this code. */
export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
