import { MAX_ROW_CHARACTERS, UnreadableFile, type Row, type RowSource } from '../row-reader.ts';
import { parse } from './ndjson-reader.ts';
import { openText, type TextPlace } from './text-chunks.ts';

/**
 * Rows of a JSON document: the objects of its list, which is the document itself or the first list in it
 * (`{"resources": [ … ]}`). Reads object by object, never the whole document.
 */
export async function readJson(from: TextPlace): Promise<RowSource> {
  const text = await openText(from);
  const rows = rowsOf(text.chunks());
  const close = async () => void (await rows.return(undefined));
  return { format: 'json', columns: null, rows, bytesDone: text.bytesDone, close };
}

const OUTSIDE = /["{}[\]\n]/g;
const INSIDE = /["\\\n]/g;

async function* rowsOf(chunks: AsyncIterable<string>): AsyncGenerator<Row> {
  let depth = 0;
  let listDepth = 0;
  let inString = false;
  let escaped = false;
  let over = false;
  let line = 1;
  let position = 0;
  /** The text of the object that is being read, and the line on which it began. */
  let object: string[] | undefined;
  let length = 0;
  let began = 1;
  for await (const chunk of chunks) {
    let from = 0;
    for (let at: number = escaped ? 1 : 0; !over;) {
      escaped = false;
      const pattern = inString ? INSIDE : OUTSIDE;
      pattern.lastIndex = at;
      const sign: RegExpExecArray | null = pattern.exec(chunk);
      if (!sign) break;
      at = sign.index + 1;
      if (sign[0] === '\n') line += 1;
      else if (sign[0] === '\\') {
        escaped = at >= chunk.length;
        at += 1;
      } else if (sign[0] === '"') inString = !inString;
      else if (sign[0] === '{' || sign[0] === '[') {
        if (listDepth === 0 && sign[0] === '[' && depth <= 1) listDepth = depth + 1;
        else if (listDepth > 0 && depth === listDepth && sign[0] === '{') {
          object = [];
          length = 0;
          from = sign.index;
          began = line;
        }
        depth += 1;
      } else {
        depth -= 1;
        if (object && depth === listDepth) {
          object.push(chunk.slice(from, at));
          position += 1;
          yield parse(position, began, object.join(''), false);
          object = undefined;
        } else if (listDepth > 0 && depth < listDepth) over = true;
      }
    }
    if (!object) continue;
    object.push(chunk.slice(from));
    length += chunk.length - from;
    if (length > MAX_ROW_CHARACTERS)
      throw new UnreadableFile('import.file.rowTooLong', { line: began, max: MAX_ROW_CHARACTERS });
  }
  if (listDepth === 0) throw new UnreadableFile('import.file.noList');
  if (!over) yield parse(position + 1, began, object ? object.join('') : '[', true);
}
