import { posix } from 'node:path';
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

/** The list of files that were sent before, as `sha256sum` writes it. */
const SUMS = 'SHA256SUMS';
const MAX_SUMS_BYTES = 64 * 1024 * 1024;

/** A path in one spelling: forward slashes, no `./`, composed letters. */
export const plainPath = (path: string): string =>
  posix.normalize(path.replaceAll('\\', '/')).normalize('NFC');

/** Hashes by paths of `SHA256SUMS` in a folder of a package; undefined where it has none. @throws ZipError */
export async function sumsIn(
  zip: BoundedZip,
  base: string,
): Promise<ReadonlyMap<string, string> | undefined> {
  if (!zip.has(base + SUMS)) return undefined;
  const text = (await zip.read(base + SUMS, MAX_SUMS_BYTES)).toString('utf8');
  const lines = text.matchAll(/^([0-9a-f]{64}) [ *](.+?)\r?$/gim);
  return new Map(Array.from(lines, ([, hash = '', path = '']) => [plainPath(path), hash.toLowerCase()]));
}

export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const withoutQuery = (text: string): string => text.split(/[?#]/, 1)[0] ?? '';
