import { posix } from 'node:path';
import type { BoundedZip } from '../zip-reader.ts';
import type { DocumentHints, PageSink } from './page-sink.ts';
import { parseXml, type XmlHandlers } from './xml-events.ts';

/** No honest part of a document is larger, unpacked. */
const MAX_PART_BYTES = 200 * 1024 * 1024;

/** Parses a part of a zipped document; a part that isn't there is left out in silence. */
export async function parsePart(
  zip: BoundedZip,
  name: string,
  handlers: XmlHandlers,
  stop?: () => boolean,
): Promise<void> {
  if (zip.has(name)) await parseXml(zip.chunks(name, MAX_PART_BYTES), handlers, stop);
}

/** Reads the relationships of an OOXML part (ECMA-376 part 2, 8.3): id → type (its last word) and target part. */
export async function relationshipsOf(
  zip: BoundedZip,
  part: string,
): Promise<Map<string, { type: string; target: string }>> {
  const found = new Map<string, { type: string; target: string }>();
  const { dir, base } = posix.parse(part);
  await parsePart(zip, posix.join(dir, '_rels', `${base}.rels`), {
    open: (name, attributes) => {
      const { Id: id, Target: target, Type: type = '', TargetMode: mode } = attributes;
      if (name !== 'Relationship' || id === undefined || target === undefined || mode === 'External') return;
      const path = target.startsWith('/') ? target.slice(1) : posix.join(dir, target);
      found.set(id, { type: type.split('/').at(-1) ?? '', target: path });
    },
  });
  return found;
}

/** Sends title and language from a Dublin Core part (OOXML `docProps/core.xml`, ODF `meta.xml`, an EPUB's OPF). */
export async function sendCoreHints(zip: BoundedZip, part: string, sink: PageSink): Promise<void> {
  const hints: DocumentHints = {};
  let inside: 'title' | 'language' | undefined;
  await parsePart(zip, part, {
    open: (name) => {
      inside = (name === 'title' || name === 'language') && hints[name] === undefined ? name : undefined;
    },
    text: (text) => {
      if (inside) hints[inside] = ((hints[inside] ?? '') + text).slice(0, 500).trim();
    },
    close: () => {
      inside = undefined;
    },
  });
  sink.hints(hints);
}
