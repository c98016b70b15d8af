import { createWriteStream } from 'node:fs';
import { access, constants, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { t, told, Unusable } from './import-options.ts';

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : '';
const REFUSALS: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS']);

/** Makes sure that this account can read a file or folder. @throws Unusable that says why not */
export async function mustRead(file: string): Promise<void> {
  try {
    await access(file, constants.R_OK);
  } catch (error) {
    const key = REFUSALS.has(codeOf(error)) ? 'import.cli.mayNotRead' : 'import.cli.noFile';
    throw new Unusable(t(key, { file }));
  }
}

/** What a report or a guess says: made anew for each place that is tried. */
type Content = () => AsyncIterable<string | Uint8Array> | Iterable<string>;

/**
 * Where a command leaves its reports: beside the file that was brought in, and where this account can't write there, in a
 * folder of the machine's temporary files. What can be written nowhere is said, and never keeps the outcome from being told.
 */
export class ReportFolder {
  readonly #beside: string;
  #elsewhere: string | undefined;

  constructor(beside: string) {
    this.#beside = beside;
  }

  /**
   * Writes one of them.
   * @param options.keep leaves a file of this name that is there already as it is
   * @returns where it stands; undefined where it could be written nowhere, which was said
   */
  async write(name: string, content: Content, options: { keep?: boolean } = {}): Promise<string | undefined> {
    if (this.#elsewhere === undefined) {
      const path = join(this.#beside, name);
      const fault = await put(path, content, options);
      if (fault === undefined) return path;
      this.#elsewhere = await temporaryFolder();
      const words = REFUSALS.has(codeOf(fault)) ? 'import.cli.mayNotWrite' : 'import.cli.notWritten';
      told(t(words, { folder: this.#beside, message: fault.message }));
    }
    const path = join(this.#elsewhere, name);
    const fault = await put(path, content, options);
    if (fault === undefined) return path;
    told(t('import.cli.nowhere', { name, message: fault.message }));
    return undefined;
  }
}

/** A folder of its own, which only this account can read; where none can be made, the one for all. */
const temporaryFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'commonshelf-import-')).catch(tmpdir);

/** @returns what the file system said against it; what the report itself fails with is thrown */
async function put(
  path: string,
  content: Content,
  { keep = false }: { keep?: boolean },
): Promise<Error | undefined> {
  try {
    await pipeline(Readable.from(content()), createWriteStream(path, { flags: keep ? 'wx' : 'w' }));
  } catch (error) {
    if (keep && codeOf(error) === 'EEXIST') return undefined;
    if (error instanceof Error && /^E[A-Z]+$/.test(codeOf(error)) && 'syscall' in error) return error;
    throw error;
  }
  return undefined;
}
