import { readHtml } from '../../lib/html-markdown.ts';
import { nativeOfLd, resourcesIn } from '../packages/json-ld.ts';
import { NATIVE_FIELDS } from '../native-row.ts';
import { isReadable, MAX_ROW_CHARACTERS, UnreadableFile, type Row, type RowSource } from '../row-reader.ts';
import { readJson } from './json-reader.ts';
import { readNdjson } from './ndjson-reader.ts';
import { openText, type TextFile, type TextPlace } from './text-chunks.ts';

/** Whether a JSON text describes things by JSON-LD, and isn't a list of rows in the native form. */
export async function looksLikeLd(from: TextPlace): Promise<boolean> {
  const head = await headOf(await openText(from));
  return (
    /"@(?:context|graph|type)"\s*:/.test(head) &&
    !/"external_?id"\s*:/i.test(head) &&
    (head.trimStart().startsWith('{') || head.trimStart().startsWith('['))
  );
}

async function headOf(text: TextFile): Promise<string> {
  let head = '';
  for await (const chunk of text.chunks()) {
    head += chunk;
    if (head.length > 64 * 1024) break;
  }
  return head;
}

/**
 * Rows of schema.org or LRMI records in JSON-LD: one object a line, a list of objects, one object, or one with a
 * `@graph`. A list and lines are read one by one; a single object is read whole.
 * @throws UnreadableFile for a single object that is too long, or isn't JSON
 */
export async function readLd(from: TextPlace): Promise<RowSource> {
  const text = await openText(from);
  const head = await headOf(text);
  const [line = ''] = head.trimStart().split('\n', 1);
  if (head.trimStart().startsWith('[')) return ldRows(await readJson(from));
  if (isJson(line)) return ldRows(await readNdjson(from));
  return wholeDocuments([await wholeText(text)], text.bytesDone);
}

/** Rows of the JSON-LD that stands in a web page. */
export async function readHtmlLd(from: TextPlace): Promise<RowSource> {
  const text = await openText(from);
  const { jsonLd } = readHtml(await wholeText(text));
  if (jsonLd.length === 0) throw new UnreadableFile('import.file.noLd');
  return wholeDocuments(jsonLd, text.bytesDone);
}

async function wholeText(text: TextFile): Promise<string> {
  let whole = '';
  for await (const chunk of text.chunks()) {
    whole += chunk;
    if (whole.length > MAX_ROW_CHARACTERS) throw new UnreadableFile('import.file.ldTooLong');
  }
  return whole;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function wholeDocuments(texts: readonly string[], bytesDone: () => number): RowSource {
  const documents = texts.map((text): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      throw new UnreadableFile('import.file.ldBroken');
    }
  });
  // eslint-disable-next-line @typescript-eslint/require-await -- a source is read as it comes, also where it is there
  async function* rows(): AsyncGenerator<Row> {
    let position = 0;
    for (const node of documents.flatMap(resourcesIn)) {
      position += 1;
      yield { position, line: position, values: nativeOfLd(node) };
    }
  }
  const reading = rows();
  return {
    format: 'json-ld',
    columns: [...NATIVE_FIELDS],
    rows: reading,
    bytesDone,
    close: async () => void (await reading.return(undefined)),
  };
}

/** The rows of a list or of lines, as what they describe; one with a graph is as many rows as that has resources. */
function ldRows(source: RowSource): RowSource {
  async function* rows(): AsyncGenerator<Row> {
    let position = 0;
    for await (const row of source.rows) {
      if (!isReadable(row)) {
        position += 1;
        yield { ...row, position };
        continue;
      }
      for (const node of resourcesIn(row.values)) {
        position += 1;
        yield { position, line: row.line, values: nativeOfLd(node) };
      }
    }
  }
  const reading = rows();
  return {
    ...source,
    format: 'json-ld',
    columns: [...NATIVE_FIELDS],
    rows: reading,
    close: async () => {
      await reading.return(undefined);
      await source.close();
    },
  };
}
