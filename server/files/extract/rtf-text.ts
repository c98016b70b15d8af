import { open } from 'node:fs/promises';
import iconv from 'iconv-lite';
import type { PageSink } from './page-sink.ts';

/** Pictures stand in RTF as hex: read far, keep little. */
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_DEPTH = 1000;

/** Groups that hold no text of the document. */
const DESTINATIONS = new Set(
  (
    'fonttbl colortbl stylesheet info pict object objdata themedata colorschememapping datastore latentstyles ' +
    'listtable listoverridetable revtbl rsidtbl generator xmlnstbl fldinst header headerl headerr headerf footer ' +
    'footerl footerr footerf annotation atnid atnauthor bkmkstart bkmkend nonshppict private'
  ).split(' '),
);

const CHARACTERS: Record<string, string> = {
  par: '\n',
  line: '\n',
  sect: '\n',
  row: '\n',
  cell: '\t',
  tab: '\t',
  emdash: '—',
  endash: '–',
  bullet: '•',
  lquote: '‘',
  rquote: '’',
  ldblquote: '“',
  rdblquote: '”',
  '~': ' ',
  _: '-',
  '\\': '\\',
  '{': '{',
  '}': '}',
  '\n': '\n',
  '\r': '\n',
};

interface Group {
  skip: boolean;
  /** How many characters follow a \u for readers that don't know Unicode. */
  fallback: number;
}

/** Text of an RTF file (RTF 1.9.1), by the page breaks its author set. */
export async function extractRtf(path: string, sink: PageSink): Promise<void> {
  const rtf = await readLatin1(path, sink);
  const TOKEN = /\\'([0-9a-f]{2})|\\([a-z]{1,32})(-?\d{1,10})? ?|\\([^a-z])|([{}])|[\r\n]+|([^\\{}\r\n]+)/gis;
  let text = '';
  let bytes: number[] = [];
  let codepage = 'windows-1252';
  let group: Group = { skip: false, fallback: 1 };
  const groups: Group[] = [];
  let swallow = 0;
  const flush = () => {
    if (bytes.length > 0) text += iconv.decode(Buffer.from(bytes), codepage);
    bytes = [];
  };
  const put = (more: string) => {
    flush();
    if (!group.skip) text += more;
  };
  for (const [, hex, word, number, symbol, brace, run] of rtf.matchAll(TOKEN)) {
    if (hex !== undefined) {
      if (swallow > 0) swallow--;
      else if (!group.skip) bytes.push(Number.parseInt(hex, 16));
    } else if (brace === '{') {
      if (groups.length >= MAX_DEPTH) break;
      groups.push(group);
      group = { ...group };
    } else if (brace === '}') {
      flush();
      group = groups.pop() ?? group;
      swallow = 0;
    } else if (run !== undefined) {
      put(run.slice(swallow));
      swallow = Math.max(0, swallow - run.length);
    } else if (symbol === '*') group.skip = true;
    else if (symbol !== undefined) put(CHARACTERS[symbol] ?? '');
    else if (word === 'u') {
      put(String.fromCharCode(Number(number ?? 0) & 0xffff));
      swallow = group.fallback;
    } else if (word === 'uc') group.fallback = Math.min(Math.max(Number(number ?? 1), 0), 16);
    else if (word === 'ansicpg' && iconv.encodingExists(`cp${number}`)) codepage = `cp${number}`;
    else if (word === 'page' && !group.skip) {
      flush();
      sink.page('page', text);
      text = '';
    } else if (word !== undefined && DESTINATIONS.has(word)) group.skip = true;
    else if (word !== undefined) put(CHARACTERS[word] ?? '');
    if (sink.full || text.length > sink.room) break;
  }
  flush();
  sink.page(sink.pages > 0 ? 'page' : 'section', text);
  sink.done();
}

async function readLatin1(path: string, sink: PageSink): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size > MAX_BYTES) sink.cut();
    const length = Math.min(size, MAX_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await file.close();
  }
}
