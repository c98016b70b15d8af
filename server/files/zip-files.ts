import type { Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import type { Deps } from '../deps.ts';
import { uniqueFileName } from '../lib/file-name.ts';
import { FileMissingError } from '../platform/file-store/file-store.ts';
import type { StoredFile } from './file-queries.ts';

/**
 * Packs files into a zip that streams: one file is open at a time, and nothing is compressed, since documents, pictures
 * and films are so already and thus the size is known before the first byte. Names that collide get numbers.
 * @throws FileMissingError before anything is sent when one of them isn't there
 */
export async function zipFiles(
  { files: store }: Pick<Deps, 'files'>,
  files: StoredFile[],
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
  const taken = new Set<string>();
  for (const file of files) {
    if ((await store.size(file.sha256)) !== file.bytes) throw new FileMissingError(file.sha256);
    zip.addReadStreamLazy(
      uniqueFileName(file.name, taken),
      { size: file.bytes, compress: false, mtime: file.createdAt, mode: 0o100644 },
      (callback) => void open(file.sha256, callback),
    );
  }
  const bytes = await new Promise<number>((resolve) =>
    zip.end({ forceZip64Format: false, comment: '' }, resolve as () => void),
  );
  return { stream: output, bytes };
}
