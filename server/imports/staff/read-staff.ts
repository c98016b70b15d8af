import type { RowFormat } from '../row-reader.ts';
import { UnreadableFile } from '../row-reader.ts';
import { openRows } from '../readers/read-rows.ts';
import { readColumns } from './staff-columns.ts';
import { readStaffRow, type StaffRow } from './staff-row.ts';

/** So many people are in one list; a larger district brings a file for each of its schools. */
const MOST_STAFF = 20_000;

const TABLES: ReadonlySet<RowFormat> = new Set(['csv', 'tsv', 'xlsx']);

export type StaffList = {
  columns: string[];
  /** Columns that nothing is read from. */
  unread: string[];
  rows: StaffRow[];
};

/**
 * Reads a list of staff: a table in CSV, TSV or XLSX, whatever stands between its cells and however it is encoded.
 * @throws UnreadableFile with a sentence that says what would work
 */
export async function readStaff(file: { path: string; name: string }): Promise<StaffList> {
  const source = await openRows(file);
  try {
    if (!TABLES.has(source.format) || source.columns === null)
      throw new UnreadableFile('staff.file.kind', { name: file.name });
    const columns = readColumns(source.columns);
    if (![...columns.of.values()].includes('email'))
      throw new UnreadableFile('staff.file.noEmail', { read: source.columns.slice(0, 12).join(', ') });
    const rows: StaffRow[] = [];
    for await (const row of source.rows) {
      if (rows.length >= MOST_STAFF) throw new UnreadableFile('staff.file.tooMany', { max: MOST_STAFF });
      rows.push(readStaffRow(row, columns));
    }
    if (rows.length === 0) throw new UnreadableFile('staff.file.noRows');
    return { columns: source.columns, unread: columns.unread, rows };
  } finally {
    await source.close();
  }
}
