import { stat } from 'node:fs/promises';
import { posix } from 'node:path';
import type { BoundedZip } from '../../files/zip-reader.ts';
import { fileExtension } from '../../lib/file-name.ts';
import { asUnreadable, openPackage, sumsIn } from '../packages/packed-files.ts';
import { UnreadableFile, type RowSource } from '../row-reader.ts';
import { MANIFEST, readCartridge } from './cartridge-reader.ts';
import { readCsv } from './csv-reader.ts';
import { readJson } from './json-reader.ts';
import { readNdjson } from './ndjson-reader.ts';
import type { TextPlace } from './text-chunks.ts';

const READERS: Record<string, (from: TextPlace) => Promise<RowSource>> = {
  csv: readCsv,
  tsv: readCsv,
  ndjson: readNdjson,
  jsonl: readNdjson,
  json: readJson,
};

/** What a row file is called where more than one file could be it. */
const USUAL_NAMES = /^(?:rows|metadata|resources|catalog)\.[a-z]+$/i;

/**
 * Opens a zip: a course package (Common Cartridge, Thin Common Cartridge), or a file of rows with the files that its
 * rows name beside it or below; those that were sent before by their hash only need a line in `SHA256SUMS`.
 * @throws UnreadableFile
 */
export async function readPackage(path: string): Promise<RowSource> {
  const zip = await openPackage(path);
  try {
    if (zip.has(MANIFEST)) return await readCartridge(zip, (await stat(path)).size);
    const entry = rowFileOf(zip);
    const source = await (READERS[fileExtension(entry)] ?? readCsv)({ zip, entry });
    const folder = posix.dirname(entry);
    const base = folder === '.' ? '' : `${folder}/`;
    const sent = await sumsIn(zip, base);
    return {
      ...source,
      packed: { zip, base, ...(sent ? { sent } : {}) },
      close: async () => {
        await source.close();
        zip.close();
      },
    };
  } catch (error) {
    zip.close();
    throw asUnreadable(error);
  }
}

/** The only file of rows at the top of the zip, or in the one folder that it has; of several, the one with a usual name. */
function rowFileOf(zip: BoundedZip): string {
  const tables = zip.entries
    .map(({ name }) => name)
    .filter(
      (name) => fileExtension(posix.basename(name)) in READERS && !/(?:^|\/)(?:__MACOSX|\.)/.test(name),
    );
  const depth = (name: string) => name.split('/').length;
  const top = Math.min(...tables.map(depth));
  const nearest = tables.filter((name) => depth(name) === top && top <= 2);
  const usual = nearest.filter((name) => USUAL_NAMES.test(posix.basename(name)));
  const [only, ...others] = usual.length > 0 ? usual : nearest;
  if (only === undefined || others.length > 0) throw new UnreadableFile('import.file.zip.noRows');
  return only;
}
