import { fileExtension } from '../../lib/file-name.ts';
import { firstBytes } from '../../platform/first-bytes.ts';
import { isReadable, UnreadableFile, type RowFormat, type RowSource } from '../row-reader.ts';
import { readCsv } from './csv-reader.ts';
import { readJson } from './json-reader.ts';
import { readNdjson } from './ndjson-reader.ts';
import { readXlsx } from './xlsx-reader.ts';

const READERS: Record<RowFormat, (path: string) => Promise<RowSource>> = {
  ndjson: readNdjson,
  json: readJson,
  csv: readCsv,
  tsv: readCsv,
  xlsx: readXlsx,
};

const BY_EXTENSION: Record<string, RowFormat> = {
  ndjson: 'ndjson',
  jsonl: 'ndjson',
  json: 'json',
  csv: 'csv',
  tsv: 'tsv',
  txt: 'csv',
  xlsx: 'xlsx',
};

/**
 * Opens a file of rows by the ending of its name (`.gz` behind it may be packed); where the content says otherwise
 * (a workbook named `.csv`), the content is right.
 * @param path where the bytes lie; @param name what its sender calls it
 * @throws UnreadableFile with a sentence that says what would work
 */
export async function openRows({ path, name }: { path: string; name: string }): Promise<RowSource> {
  const plain = name.replace(/\.gz$/i, '');
  const extension = fileExtension(plain);
  const head = await firstBytes(path, 8);
  if (head.length === 0) throw new UnreadableFile('import.file.empty');
  if (head.toString('latin1', 0, 4) === 'PK\u0003\u0004') return readXlsx(path);
  if (head.toString('hex', 0, 8) === 'd0cf11e0a1b11ae1') throw new UnreadableFile('import.file.oldExcel');
  const format = BY_EXTENSION[extension];
  if (format === undefined || format === 'xlsx')
    throw new UnreadableFile(format ? 'import.file.noWorkbook' : 'import.file.kind', format ? {} : { name });
  return READERS[format](path);
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
