import { pipeline, Readable } from 'node:stream';
import { CsvError, parse, type Info } from 'csv-parse';
import {
  MAX_RAW_CHARACTERS,
  MAX_ROW_CHARACTERS,
  UnreadableFile,
  type Row,
  type RowSource,
  type UnreadableRow,
} from '../row-reader.ts';
import { MAX_COLUMNS, tableOf } from './table-rows.ts';
import { openText, type TextFile, type TextPlace } from './text-chunks.ts';

type Cells = { cells: string[]; line: number; last: boolean };
type Broken = Omit<UnreadableRow, 'position'>;

/**
 * Rows of a table in a text file: commas, semicolons or tabs between the cells, RFC 4180 quotes with line ends inside,
 * any line ends. What is broken becomes a row that says so.
 * @throws UnreadableFile where there is no line of headings
 */
export async function readCsv(from: TextPlace): Promise<RowSource> {
  const text = await openText(from);
  const delimiter = await delimiterOf(text);
  const records = recordsOf(text, delimiter);
  const first = await records.next();
  if (first.done || !('cells' in first.value)) throw new UnreadableFile('import.file.noHeadings');
  const headings = first.value.cells;
  if (headings.length > MAX_COLUMNS)
    throw new UnreadableFile('import.file.tooManyColumns', { count: headings.length, max: MAX_COLUMNS });
  return {
    format: delimiter === '\t' ? 'tsv' : 'csv',
    columns: tableOf(headings).columns,
    text: { encoding: text.encoding, separator: delimiter },
    rows: rowsOf(headings, records),
    close: async () => void (await records.return(undefined)),
    bytesDone: text.bytesDone,
  };
}

async function* rowsOf(headings: string[], records: AsyncIterable<Cells | Broken>): AsyncGenerator<Row> {
  const { toRow } = tableOf(headings);
  let position = 0;
  let full = 0;
  for await (const item of records) {
    position += 1;
    if (!('cells' in item)) {
      yield { ...item, position };
      continue;
    }
    const { cells, line, last } = item;
    const short = cells.length < headings.length;
    // A program that leaves out empty cells at the end does so in many rows; a file that was cut, in its last.
    const cut = last && short && position > 1 && full === position - 1;
    if (!short) full += 1;
    yield toRow(cells, { position, line, cut });
  }
}

/** Records of the table with the line on which each begins; `last`: the text ends right behind it, without a line end. */
async function* recordsOf(text: TextFile, delimiter: string): AsyncGenerator<Cells | Broken> {
  let ended = '\n';
  const broken: Broken[] = [];
  const parser = parse({
    delimiter,
    info: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    skip_records_with_empty_values: true,
    skip_records_with_error: true,
    max_record_size: MAX_ROW_CHARACTERS,
    on_skip: (error, raw) => void (error && broken.push(brokenRecord(error, raw ?? ''))),
  });
  async function* chunks(): AsyncGenerator<string> {
    for await (const chunk of text.chunks()) {
      ended = chunk.at(-1) ?? ended;
      yield chunk;
    }
  }
  pipeline(Readable.from(chunks()), parser, () => {});
  let line = 1;
  let waiting: Cells | undefined;
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: Info }>) {
      if (waiting) yield waiting;
      waiting = undefined;
      yield* broken.splice(0);
      waiting = { cells: record, line, last: false };
      line = info.lines + 1;
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    broken.push(brokenRecord(error, ''));
  } finally {
    parser.destroy();
  }
  if (waiting) yield { ...waiting, last: broken.length === 0 && ended !== '\n' && ended !== '\r' };
  yield* broken;
}

/** A quotation mark that is never closed swallows the rest of the file: nobody knows which rows stood there. */
function brokenRecord(error: CsvError, raw: string): Broken {
  const context = error as { code?: string; lines?: number };
  const line = context.lines ?? 0;
  const key = context.code === 'CSV_QUOTE_NOT_CLOSED' ? 'import.fault.quote' : 'import.fault.csv';
  return {
    line,
    cut: context.code === 'CSV_QUOTE_NOT_CLOSED' || context.code === 'CSV_MAX_RECORD_SIZE',
    raw: raw.slice(0, MAX_RAW_CHARACTERS),
    fault: {
      field: null,
      key: context.code === 'CSV_MAX_RECORD_SIZE' ? 'import.fault.quote' : key,
      params: { line },
    },
  };
}

/** What stands between the headings most often, outside quotation marks. */
async function delimiterOf(text: TextFile): Promise<string> {
  let head = '';
  for await (const chunk of text.chunks()) {
    head += chunk;
    if (head.length > 64 * 1024 || /[^\s][^]*\n/.test(head)) break;
  }
  const line =
    head
      .replaceAll(/"(?:[^"]|"")*"/g, 'x')
      .trimStart()
      .split(/[\r\n]/, 1)[0] ?? '';
  const count = (sign: string) => line.split(sign).length;
  return ['\t', ';', ','].reduce((best, sign) => (count(sign) > count(best) ? sign : best), ',');
}
