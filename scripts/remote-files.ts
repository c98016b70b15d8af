import { createWriteStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { basename, resolve, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { cellOf, csvLine } from '../server/lib/csv-text.ts';
import { plainPath } from '../server/imports/packages/packed-files.ts';
import { mappingMapper, type Mapping } from '../server/imports/mapping.ts';
import { nativeFieldOf, nativeMapper } from '../server/imports/native-columns.ts';
import { readNativeRow } from '../server/imports/native-row.ts';
import { openRows } from '../server/imports/readers/read-rows.ts';
import { isReadable, type Row } from '../server/imports/row-reader.ts';
import { t, Unusable } from './import-options.ts';

/** A row file on this machine: where its bytes lie, what it is called, and where its files are looked for. */
export type RowFile = { path: string; name: string; folder: string };

/**
 * The files that rows name and that lie beside the row file or below it, by the path that the rows have. Where nobody
 * here knows which column has them (the portal has the mapping), every cell that names such a file counts.
 */
export async function filesOfRows(
  { path, name, folder }: RowFile,
  mapping: Mapping | undefined,
): Promise<Map<string, string>> {
  const source = await openRows({ path, name });
  const found = new Map<string, string>();
  const tried = new Set<string>();
  try {
    if (source.packed) return found;
    const { columns } = source;
    const native = columns === null || columns.some((column) => nativeFieldOf(column) === 'external_id');
    const mapRow = mapping ? mappingMapper(mapping) : native ? nativeMapper(columns) : undefined;
    for await (const row of source.rows) {
      if (!isReadable(row)) continue;
      for (const one of mapRow ? filesNamed(mapRow(row.values)) : cells(row.values)) {
        if (tried.has(one)) continue;
        tried.add(one);
        const file = await beside(folder, one);
        if (file !== undefined) found.set(one, file);
      }
    }
  } finally {
    await source.close();
  }
  return found;
}

function filesNamed(mapped: Parameters<typeof readNativeRow>[0]): string[] {
  const read = readNativeRow({ ...mapped, external_id: 'x', title: 'x', text: 'x' });
  return read.ok ? [...read.row.files, ...read.row.educator_files] : [];
}

const cells = (values: Record<string, unknown>): string[] =>
  Object.values(values)
    .flatMap((value) => (typeof value === 'string' ? value.split(/[|;,\n]/) : []))
    .map((text) => text.trim())
    .filter((text) => text !== '' && text.length < 500);

/** A file in the folder or below it; links may not lead out. */
async function beside(folder: string, name: string): Promise<string | undefined> {
  if (/^(?:https?:|sha256:)/i.test(name) || name.includes('\0')) return undefined;
  try {
    const [root, path] = await Promise.all([
      realpath(folder),
      realpath(resolve(folder, name.replaceAll('\\', '/'))),
    ]);
    return path.startsWith(root + sep) && (await stat(path)).isFile() ? path : undefined;
  } catch {
    return undefined;
  }
}

/** What a zip may have as its row file. */
const PACKABLE = /\.(?:csv|tsv|ndjson|jsonl|json)$/i;

/**
 * Writes a zip with the rows and the list of hashes of the files that were sent before.
 * @returns the zip's name
 */
export async function packRows(
  file: RowFile,
  hashes: ReadonlyMap<string, string>,
  target: string,
): Promise<string> {
  const zip = new ZipFile();
  const sums = Array.from(hashes, ([name, sha256]) => `${sha256}  ${plainPath(name)}\n`).join('');
  if (PACKABLE.test(file.name)) zip.addFile(file.path, basename(file.name));
  else {
    const { name, lines } = await asText(file);
    zip.addReadStream(Readable.from(lines), name);
  }
  zip.addBuffer(Buffer.from(sums), 'SHA256SUMS');
  zip.end();
  await pipeline(zip.outputStream as unknown as Readable, createWriteStream(target));
  return `${file.name}.zip`;
}

/** A workbook, a packed table or the list of a folder as text, with the same columns and rows. */
async function asText(file: RowFile): Promise<{ name: string; lines: AsyncIterable<string> }> {
  const source = await openRows(file);
  const { columns } = source;
  async function* lines(): AsyncGenerator<string> {
    try {
      if (columns) yield `\ufeff${csvLine(columns)}`;
      for await (const row of source.rows) {
        if (!isReadable(row) && row.skipped) continue;
        const { values } = readable(row, file.name);
        yield columns
          ? csvLine(columns.map((column) => cellOf(values[column])))
          : `${JSON.stringify(values)}\n`;
      }
    } finally {
      await source.close();
    }
  }
  return { name: `rows.${columns ? 'csv' : 'ndjson'}`, lines: lines() };
}

function readable(row: Row, file: string): Extract<Row, { values: unknown }> {
  if (isReadable(row)) return row;
  throw new Unusable(t('import.cli.remote.unreadable', { row: row.position, file }));
}
