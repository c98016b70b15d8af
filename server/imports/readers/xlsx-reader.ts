import { SaxesParser } from 'saxes';
import { parsePart, relationshipsOf } from '../../files/extract/package-parts.ts';
import { readSharedStrings } from '../../files/extract/shared-strings.ts';
import { attribute, prefixedAttribute } from '../../files/extract/xml-events.ts';
import { openZip, ZipError, type BoundedZip } from '../../files/zip-reader.ts';
import { MAX_ROW_CHARACTERS, UnreadableFile, type Row, type RowSource } from '../row-reader.ts';
import { MAX_COLUMNS, tableOf } from './table-rows.ts';

/** The list of shared strings has to be in memory. */
const MAX_SHARED_CHARACTERS = 40_000_000;
const MAX_SHEET_BYTES = 1024 ** 3;

/**
 * Rows of the first visible sheet of an Excel workbook (ECMA-376), row by row. Dates come as `2024-08-31`, links and
 * formulas as what the cell shows.
 * @throws UnreadableFile for what is no workbook, or has no line of headings
 */
export async function readXlsx(path: string): Promise<RowSource> {
  const zip = await openZip(path).catch((error: unknown) => {
    throw error instanceof ZipError ? new UnreadableFile('import.file.noWorkbook') : error;
  });
  try {
    const book = await readBook(zip);
    if (!book) throw new UnreadableFile('import.file.noWorkbook');
    let bytes = 0;
    const sheet = sheetRows(zip, book, (count) => (bytes += count));
    const first = await sheet.next();
    if (first.done) throw new UnreadableFile('import.file.noHeadings');
    const headings = first.value.cells;
    return {
      format: 'xlsx',
      columns: tableOf(headings).columns,
      rows: rowsOf(headings, sheet, zip),
      close: async () => {
        await sheet.return(undefined);
        zip.close();
      },
      bytesDone: () => bytes,
    };
  } catch (error) {
    zip.close();
    throw error instanceof ZipError ? new UnreadableFile('import.file.noWorkbook') : error;
  }
}

type Book = { part: string; shared: string[]; dateStyles: ReadonlySet<number>; since1904: boolean };
type SheetRow = { cells: string[]; line: number };

async function* rowsOf(
  headings: string[],
  sheet: AsyncIterable<SheetRow>,
  zip: BoundedZip,
): AsyncGenerator<Row> {
  const { toRow } = tableOf(headings);
  let position = 0;
  let line = 1;
  try {
    for await (const row of sheet) {
      position += 1;
      line = row.line;
      yield toRow(row.cells, { position, line, cut: false });
    }
  } catch (error) {
    if (!(error instanceof ZipError)) throw error;
    yield {
      position: position + 1,
      line: line + 1,
      raw: '',
      cut: true,
      fault: { field: null, key: 'import.fault.cut', params: { line: line + 1 } },
    };
  } finally {
    zip.close();
  }
}

async function readBook(zip: BoundedZip): Promise<Book | undefined> {
  const MAIN = 'xl/workbook.xml';
  if (!zip.has(MAIN)) return undefined;
  const relationships = await relationshipsOf(zip, MAIN);
  let part: string | undefined;
  let since1904 = false;
  await parsePart(zip, MAIN, {
    open: (name, attributes) => {
      if (name === 'workbookPr') since1904 = ['1', 'true'].includes(attributes['date1904'] ?? '');
      if (name !== 'sheet' || part !== undefined || (attributes['state'] ?? 'visible') !== 'visible') return;
      part = relationships.get(prefixedAttribute(attributes, 'id') ?? '')?.target;
    },
  });
  if (part === undefined) return undefined;
  const { strings, complete } = await readSharedStrings(zip, MAX_SHARED_CHARACTERS);
  if (!complete) throw new UnreadableFile('import.file.workbookTooLarge');
  return { part, since1904, shared: strings, dateStyles: await dateStyles(zip) };
}

/** Numbers of built-in formats that show a date, and what a format of the file's own shows one by (ECMA-376 18.8.30). */
const BUILT_IN_DATES = new Set([14, 15, 16, 17, 22, 27, 30, 36, 50, 57]);
const DATE_CODE = /[yd]/i;

/** Positions of the cell styles that show a number as a date. */
async function dateStyles(zip: BoundedZip): Promise<ReadonlySet<number>> {
  const own = new Set<number>();
  const styles = new Set<number>();
  let inCells = false;
  let index = 0;
  await parsePart(zip, 'xl/styles.xml', {
    open: (name, attributes) => {
      if (name === 'numFmt') {
        const code = (attributes['formatCode'] ?? '').replaceAll(/"[^"]*"|\[[^\]]*\]|\\./g, '');
        if (DATE_CODE.test(code)) own.add(Number(attributes['numFmtId']));
      } else if (name === 'cellXfs') inCells = true;
      else if (name === 'xf' && inCells) {
        const format = Number(attributes['numFmtId'] ?? 0);
        if (BUILT_IN_DATES.has(format) || own.has(format)) styles.add(index);
        index += 1;
      }
    },
    close: (name) => {
      if (name === 'cellXfs') inCells = false;
    },
  });
  return styles;
}

const local = (name: string): string => name.slice(name.indexOf(':') + 1);

/** Rows that have anything in them, each with its number in the sheet. */
async function* sheetRows(
  zip: BoundedZip,
  book: Book,
  count: (bytes: number) => void,
): AsyncGenerator<SheetRow> {
  const parser = new SaxesParser({ xmlns: false, position: false });
  const ready: SheetRow[] = [];
  let line = 0;
  let cells: string[] = [];
  let size = 0;
  let column = -1;
  let type = 'n';
  let style = 0;
  let value = '';
  let inValue = false;
  let phonetic = 0;
  parser.on('error', () => undefined);
  parser.on('opentag', ({ name, attributes }) => {
    const element = local(name);
    if (element === 'row') {
      line = Number(attribute(attributes, 'r') ?? line + 1);
      cells = [];
      size = 0;
      column = -1;
    } else if (element === 'c') {
      const place = attribute(attributes, 'r');
      column = place === undefined ? column + 1 : columnOf(place);
      type = attribute(attributes, 't') ?? 'n';
      style = Number(attribute(attributes, 's') ?? 0);
      value = '';
    } else if (element === 'rPh') phonetic += 1;
    else if (element === 'v' || (element === 't' && phonetic === 0)) inValue = true;
  });
  parser.on('closetag', ({ name }) => {
    const element = local(name);
    if (element === 'rPh') phonetic -= 1;
    else if (element === 'v' || element === 't') inValue = false;
    else if (element === 'c' && value !== '' && column < MAX_COLUMNS) {
      const text = cellText(value, { type, style, book });
      while (cells.length < column) cells.push('');
      cells[column] = text;
      size += text.length;
    } else if (element === 'row' && cells.some((cell) => cell.trim() !== '') && size <= MAX_ROW_CHARACTERS)
      ready.push({ cells, line });
  });
  parser.on('text', (text) => {
    if (inValue) value += text;
  });
  const decoder = new TextDecoder();
  for await (const chunk of zip.chunks(book.part, MAX_SHEET_BYTES)) {
    count(chunk.length);
    parser.write(decoder.decode(chunk, { stream: true }));
    yield* ready.splice(0);
  }
  yield* ready;
}

/** `AB12` → 27 */
function columnOf(place: string): number {
  let column = 0;
  for (const sign of /^[A-Z]+/.exec(place)?.[0] ?? 'A') column = column * 26 + sign.charCodeAt(0) - 64;
  return column - 1;
}

function cellText(value: string, { type, style, book }: { type: string; style: number; book: Book }): string {
  if (type === 's') return book.shared[Number(value)] ?? '';
  if (type === 'b') return value === '1' ? 'true' : 'false';
  if (type === 'e') return '';
  if (type === 'n' && book.dateStyles.has(style)) return dateText(Number(value), book.since1904);
  // Excel writes 0.1 + 0.2 with all its digits.
  return type === 'n' && /\.\d{12,}|e/i.test(value) ? String(Number(Number(value).toPrecision(15))) : value;
}

/** Days since 1899-12-30 (or 1904-01-01), as Excel counts them, into a date, with a time where there is one. */
function dateText(days: number, since1904: boolean): string {
  const time = (since1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, 30)) + Math.round(days * 86_400) * 1000;
  if (!Number.isFinite(time) || Math.abs(time) > 8e15) return '';
  const iso = new Date(time).toISOString();
  return iso.endsWith('T00:00:00.000Z') ? iso.slice(0, 10) : iso.slice(0, 19);
}
