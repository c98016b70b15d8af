import { MAX_RAW_CHARACTERS, MAX_ROW_CHARACTERS, type Row, type RowSource } from '../row-reader.ts';
import { openText, type TextPlace } from './text-chunks.ts';

/** Rows of a file with one JSON object a line. */
export async function readNdjson(from: TextPlace): Promise<RowSource> {
  const text = await openText(from);
  const rows = rowsOf(text.chunks());
  const close = async () => void (await rows.return(undefined));
  return { format: 'ndjson', columns: null, rows, bytesDone: text.bytesDone, close };
}

async function* rowsOf(chunks: AsyncIterable<string>): AsyncGenerator<Row> {
  let position = 0;
  for await (const { line, text, last, tooLong } of linesOf(chunks)) {
    if (text.trim() === '') continue;
    position += 1;
    if (tooLong) yield unreadable(position, line, text, false, 'import.fault.rowTooLong');
    else yield parse(position, line, text, last);
  }
}

/** A row from the JSON text of one object. */
export function parse(position: number, line: number, text: string, last: boolean): Row {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return unreadable(position, line, text, last, last ? 'import.fault.cut' : 'import.fault.json');
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return { position, line, values: value as Record<string, unknown> };
  return unreadable(position, line, text, false, 'import.fault.noObject');
}

function unreadable(
  position: number,
  line: number,
  text: string,
  cut: boolean,
  key: 'import.fault.rowTooLong' | 'import.fault.cut' | 'import.fault.json' | 'import.fault.noObject',
): Row {
  const raw = text.trim().slice(0, MAX_RAW_CHARACTERS);
  return { position, line, raw, cut, fault: { field: null, key, params: { line } } };
}

type Line = { line: number; text: string; last: boolean; tooLong: boolean };

/** Lines of a text, however the chunks fall. What is behind the longest row is dropped, not kept. */
async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<Line> {
  let line = 1;
  let rest: string[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf('\n', from); end !== -1; end = chunk.indexOf('\n', from)) {
      const piece = chunk.slice(from, end);
      yield {
        line,
        text: rest.join('') + piece,
        last: false,
        tooLong: length + piece.length > MAX_ROW_CHARACTERS,
      };
      rest = [];
      length = 0;
      line += 1;
      from = end + 1;
    }
    const piece = chunk.slice(from);
    if (length <= MAX_ROW_CHARACTERS) rest.push(piece);
    length += piece.length;
  }
  if (length > 0) yield { line, text: rest.join(''), last: true, tooLong: length > MAX_ROW_CHARACTERS };
}
