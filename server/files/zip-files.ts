import type { Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import type { Deps } from '../deps.ts';
import { uniqueFileName } from '../lib/file-name.ts';
import { FileMissingError } from '../platform/file-store/file-store.ts';
import type { StoredFile } from './file-queries.ts';

/** A stored file under a path of a zip, whose folders are separated by slashes; every path is there once. */
export interface PackedFile {
  path: string;
  file: StoredFile;
}

/**
 * Packs files into a zip that streams: one file is open at a time, and nothing is compressed, since documents, pictures
 * and films are so already and thus the size is known before the first byte. Names that collide get numbers.
 * @throws FileMissingError before anything is sent when one of them isn't there
 */
export async function zipFiles(
  deps: Pick<Deps, 'files'>,
  files: StoredFile[],
): Promise<{ stream: Readable; bytes: number }> {
  const taken = new Set<string>();
  for (const file of files)
    if ((await deps.files.size(file.sha256)) !== file.bytes) throw new FileMissingError(file.sha256);
  return zipPaths(
    deps,
    files.map((file) => ({ path: uniqueFileName(file.name, taken), file })),
  );
}

/** The same with paths of one's own, for files that are known to be there, and with pages that were written for it. */
export async function zipPaths(
  { files: store }: Pick<Deps, 'files'>,
  files: readonly PackedFile[],
  pages: readonly { path: string; text: string }[] = [],
): Promise<{ stream: Readable; bytes: number }> {
  const zip = new ZipFile();
  const output = zip.outputStream as unknown as Readable;
  // yazl tells an error of any source on the zip itself.
  zip.on('error', (error) => output.destroy(error as Error));
  // A reader who leaves closes the output; the file that is open then would stay so.
  let current: Readable | undefined;
  output.on('close', () => current?.destroy());
  const open = async (sha256: string, callback: (error: unknown, stream: Readable) => void) => {
    try {
      current = await store.open(sha256);
      if (output.destroyed) current.destroy();
      else callback(null, current);
    } catch (error) {
      output.destroy(error as Error);
    }
  };
  for (const { path, text } of pages)
    zip.addBuffer(Buffer.from(text, 'utf8'), path, { compress: false, mode: 0o100644 });
  for (const { path, file } of files)
    zip.addReadStreamLazy(
      path,
      { size: file.bytes, compress: false, mtime: file.createdAt, mode: 0o100644 },
      (callback) => void open(file.sha256, callback),
    );
  const bytes = await new Promise<number>((resolve) =>
    zip.end({ forceZip64Format: false, comment: '' }, resolve as () => void),
  );
  return { stream: output, bytes };
}
