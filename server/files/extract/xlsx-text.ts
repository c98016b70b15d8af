import { openZip, type BoundedZip } from '../zip-reader.ts';
import { parsePart, relationshipsOf, sendCoreHints } from './package-parts.ts';
import type { PageSink } from './page-sink.ts';
import { readSharedStrings } from './shared-strings.ts';
import { prefixedAttribute } from './xml-events.ts';

/** A longer list of shared strings is data, not teaching text. */
const MAX_SHARED_CHARACTERS = 10_000_000;

/** Text of an Excel workbook: one page a sheet, its name first, then the rows with tabs between cells. Hidden sheets are left out. */
export async function extractXlsx(path: string, sink: PageSink): Promise<void> {
  const zip = await openZip(path);
  try {
    await sendCoreHints(zip, 'docProps/core.xml', sink);
    const { strings: shared } = await readSharedStrings(zip, MAX_SHARED_CHARACTERS);
    const sheets = await visibleSheets(zip);
    for (const sheet of sheets) {
      if (sink.full) break;
      sink.page('sheet', `${sheet.name}\n${await sheetText(zip, sheet.part, shared, sink.room)}`);
    }
    sink.done(sheets.length);
  } finally {
    zip.close();
  }
}

async function visibleSheets(zip: BoundedZip): Promise<{ name: string; part: string }[]> {
  const MAIN = 'xl/workbook.xml';
  const relationships = await relationshipsOf(zip, MAIN);
  const sheets: { name: string; part: string }[] = [];
  await parsePart(zip, MAIN, {
    open: (element, attributes) => {
      if (element !== 'sheet' || (attributes['state'] ?? 'visible') !== 'visible') return;
      const part = relationships.get(prefixedAttribute(attributes, 'id') ?? '')?.target;
      if (part !== undefined) sheets.push({ name: attributes['name'] ?? '', part });
    },
  });
  return sheets;
}

async function sheetText(zip: BoundedZip, part: string, shared: string[], room: number): Promise<string> {
  let text = '';
  let type = '';
  let value = '';
  let inValue = false;
  await parsePart(
    zip,
    part,
    {
      open: (name, attributes) => {
        if (name === 'c') {
          type = attributes['t'] ?? 'n';
          value = '';
        } else if (name === 'v' || name === 't') inValue = true;
      },
      close: (name) => {
        if (name === 'v' || name === 't') inValue = false;
        else if (name === 'row') text += '\n';
        else if (name === 'c') text += `${type === 's' ? (shared[Number(value)] ?? '') : value}\t`;
      },
      text: (more) => {
        if (inValue) value += more;
      },
    },
    () => text.length > room,
  );
  return text.replaceAll(/\t+\n/g, '\n');
}
