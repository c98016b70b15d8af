import { z } from 'zod';
import { isReadable, type Row, type RowSource } from '../row-reader.ts';
import { readNdjson } from './ndjson-reader.ts';
import type { TextPlace } from './text-chunks.ts';

/** What the name of a list of a folder ends in. */
export const FOLDER_LIST = '.folder';

const folderLine = z.union([
  z.object({
    values: z.record(z.string(), z.unknown()),
    document: z
      .object({ path: z.string(), seen: z.string(), title: z.string(), summary: z.string() })
      .optional(),
  }),
  z.object({ skipped: z.enum(['hidden', 'link', 'kind']), name: z.string() }),
  z.object({ unreadable: z.string(), name: z.string(), raw: z.string() }),
]);

/** A line of a folder's list: a row with what was read from its document, or what is no document. */
export type FolderLine = z.output<typeof folderLine>;

/** Rows of the list that is made of a folder before a run (`folderLines`). */
export async function readFolderList(from: TextPlace): Promise<RowSource> {
  const source = await readNdjson(from);
  async function* rows(): AsyncGenerator<Row> {
    for await (const row of source.rows) yield rowOf(row);
  }
  const reading = rows();
  return {
    ...source,
    format: 'folder',
    rows: reading,
    close: async () => {
      await reading.return(undefined);
      await source.close();
    },
  };
}

function rowOf(row: Row): Row {
  if (!isReadable(row)) return row;
  const { position, line } = row;
  const place = { position, line, cut: false };
  const { data } = folderLine.safeParse(row.values);
  if (!data)
    return { ...place, raw: '', fault: { field: null, key: 'import.fault.noObject', params: { line } } };
  if ('values' in data) return { position, line, values: data.values };
  if ('skipped' in data)
    return {
      ...place,
      skipped: true,
      raw: data.name,
      fault: { field: null, key: `import.skipped.${data.skipped}`, params: { name: data.name } },
    };
  const params = { name: data.name, message: data.unreadable };
  return { ...place, raw: data.raw, fault: { field: null, key: 'import.fault.inTable', params } };
}

/** What a list says of the documents in it, by path. */
export async function documentsOf(
  from: TextPlace,
): Promise<Map<string, { seen: string; title: string; summary: string }>> {
  const source = await readNdjson(from);
  const found = new Map<string, { seen: string; title: string; summary: string }>();
  try {
    for await (const row of source.rows) {
      const data = isReadable(row) ? folderLine.safeParse(row.values).data : undefined;
      if (data && 'values' in data && data.document) found.set(data.document.path, data.document);
    }
  } finally {
    await source.close();
  }
  return found;
}
