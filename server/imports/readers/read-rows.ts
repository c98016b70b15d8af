import { fileExtension } from '../../lib/file-name.ts';
import { firstBytes } from '../../platform/first-bytes.ts';
import { isReadable, UnreadableFile, type RowFormat, type RowSource } from '../row-reader.ts';
import { readCsv } from './csv-reader.ts';
import { readFolderList } from './folder-reader.ts';
import { readJson } from './json-reader.ts';
import { looksLikeLd, readHtmlLd, readLd } from './ld-reader.ts';
import { readNdjson } from './ndjson-reader.ts';
import { openZip } from '../../files/zip-reader.ts';
import { readXlsx } from './xlsx-reader.ts';
import { readPackage } from './zip-rows.ts';

const READERS: Record<
  Exclude<RowFormat, 'cartridge' | 'json-ld' | 'folder'>,
  (path: string) => Promise<RowSource>
> = {
  ndjson: readNdjson,
  json: readJson,
  csv: readCsv,
  tsv: readCsv,
  xlsx: readXlsx,
};

const BY_EXTENSION: Record<string, keyof typeof READERS | 'package' | 'json-ld' | 'html' | 'folder'> = {
  ndjson: 'ndjson',
  jsonl: 'ndjson',
  json: 'json',
  csv: 'csv',
  tsv: 'tsv',
  txt: 'csv',
  xlsx: 'xlsx',
  zip: 'package',
  imscc: 'package',
  jsonld: 'json-ld',
  html: 'html',
  htm: 'html',
  folder: 'folder',
};

/**
 * Opens a file of rows by the ending of its name (`.gz` behind it may be packed); where the content says otherwise
 * (a workbook named `.csv`), the content is right.
 * @param path where the bytes lie; @param name what its sender calls it
 * @throws UnreadableFile with a sentence that says what would work
 */
export async function openRows({ path, name }: { path: string; name: string }): Promise<RowSource> {
  const plain = name.replace(/\.gz$/i, '');
  const extension = fileExtension(plain.replace(/\.json-ld$/i, '.jsonld'));
  const head = await firstBytes(path, 8);
  if (head.length === 0) throw new UnreadableFile('import.file.empty');
  if (head.toString('latin1', 0, 4) === 'PK\u0003\u0004') return readZip(path, extension);
  if (head.toString('hex', 0, 8) === 'd0cf11e0a1b11ae1') throw new UnreadableFile('import.file.oldExcel');
  const format = BY_EXTENSION[extension];
  if (format === undefined) throw new UnreadableFile('import.file.kind', { name });
  if (format === 'xlsx') throw new UnreadableFile('import.file.noWorkbook');
  if (format === 'package') throw new UnreadableFile('import.file.zip.damaged');
  if (format === 'folder') return readFolderList(path);
  if (format === 'html') return readHtmlLd(path);
  if (format === 'json-ld' || ((format === 'json' || format === 'ndjson') && (await looksLikeLd(path))))
    return readLd(path);
  return READERS[format](path);
}

/** A workbook is told from a package by its parts; where the zip is broken, by what its name promises. */
async function readZip(path: string, extension: string): Promise<RowSource> {
  if (extension === 'xlsx') return readXlsx(path);
  if (BY_EXTENSION[extension] === 'package') return readPackage(path);
  const zip = await openZip(path).catch(() => undefined);
  const isBook = zip?.has('xl/workbook.xml') ?? true;
  zip?.close();
  return isBook ? readXlsx(path) : readPackage(path);
}

/**
 * The columns of a file and the values of its first rows, for a look before it is imported.
 * @throws UnreadableFile
 */
export async function sampleRows(
  path: string,
  name: string,
  count: number,
): Promise<{ columns: string[]; sample: Record<string, unknown>[] }> {
  const source = await openRows({ path, name });
  const sample: Record<string, unknown>[] = [];
  try {
    for await (const row of source.rows) {
      if (isReadable(row)) sample.push(row.values);
      if (sample.length >= count) break;
    }
  } finally {
    await source.close();
  }
  return { columns: source.columns ?? [...new Set(sample.flatMap((values) => Object.keys(values)))], sample };
}
