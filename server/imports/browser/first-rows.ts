import { nativeFieldOf } from '../native-columns.ts';
import { openRows } from '../readers/read-rows.ts';
import { isReadable, UnreadableFile, type Row, type RowFormat, type RowSource } from '../row-reader.ts';

/** The beginning of a file, as an import would read it. */
export type FirstRows = {
  format: RowFormat;
  text: RowSource['text'];
  /** Headings of a table; of objects their names, with paths into what they hold. */
  columns: string[];
  /** Whether the columns are headings of a table. */
  table: boolean;
  /** Whether the files of the rows lie in the same package. */
  packed: boolean;
  rows: Row[];
  /** Whether there are more. */
  more: boolean;
};

/**
 * Reads the first rows of a file.
 * @throws UnreadableFile with a sentence that says what would work, also for a file without any row
 */
export async function firstRows(path: string, name: string, count: number): Promise<FirstRows> {
  const source = await openRows({ path, name });
  const rows: Row[] = [];
  let more = false;
  try {
    for await (const row of source.rows) {
      more = rows.length >= count;
      if (more) break;
      rows.push(row);
    }
  } finally {
    await source.close();
  }
  if (rows.length === 0) throw new UnreadableFile('import.file.noRows');
  const columns = source.columns ?? pathsOf(rows.flatMap((row) => (isReadable(row) ? [row.values] : [])));
  return {
    format: source.format,
    text: source.text,
    packed: source.packed !== undefined,
    columns,
    table: source.columns !== null,
    rows,
    more,
  };
}

/** Names of what objects hold, in the order in which they come: `title`, `about.name`, `alignments[].code`. */
function pathsOf(rows: readonly Record<string, unknown>[]): string[] {
  const paths = new Set<string>();
  for (const row of rows)
    for (const [name, value] of Object.entries(row)) {
      // What stands under a field's own name is read as it is.
      if (nativeFieldOf(name)) {
        paths.add(name);
        continue;
      }
      const [inside, prefix] = Array.isArray(value)
        ? [value.find(isObject) as unknown, `${name}[].`]
        : [value, `${name}.`];
      if (isObject(inside)) for (const key of Object.keys(inside)) paths.add(`${prefix}${key}`);
      else paths.add(name);
    }
  return [...paths];
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
