import { openZip, ZipError, type BoundedZip } from '../../files/zip-reader.ts';
import { UnreadableFile } from '../row-reader.ts';

/** A whole course is larger than a hand-out: what a package may hold, all of it read piece by piece. */
const PACKAGE_LIMITS = { maxEntries: 20_000, maxTotalBytes: 20 * 1024 ** 3, maxRatio: 100 };

/** Opens a package by the rules of every zip. @throws UnreadableFile that says what is wrong with it */
export async function openPackage(path: string): Promise<BoundedZip> {
  try {
    return await openZip(path, PACKAGE_LIMITS);
  } catch (error) {
    throw asUnreadable(error);
  }
}

/** What is wrong with a zip, in words; anything else as it is. */
export const asUnreadable = (error: unknown): unknown =>
  error instanceof ZipError ? new UnreadableFile(`import.file.zip.${error.fault}`) : error;

/**
 * The entry that a path of a row or a manifest means: as it is written, with `%20` and the like, or with the marks of
 * letters written in the other way (NFC, NFD).
 */
export function entryOf(zip: BoundedZip, path: string): string | undefined {
  const plain = path.replaceAll('\\', '/').replace(/^(?:\.\/)+/, '');
  const tries = [plain, decoded(plain), withoutQuery(decoded(plain))];
  return tries
    .flatMap((name) => [name, name.normalize('NFC'), name.normalize('NFD')])
    .find((name) => zip.has(name));
}

export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const withoutQuery = (text: string): string => text.split(/[?#]/, 1)[0] ?? '';
