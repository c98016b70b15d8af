import { posix } from 'node:path';
import { openZip, type BoundedZip } from '../zip-reader.ts';
import { parsePart, sendCoreHints } from './package-parts.ts';
import type { PageSink } from './page-sink.ts';

const BLOCKS = new Set(
  'p div h1 h2 h3 h4 h5 h6 li tr br hr blockquote section article figcaption dt dd pre'.split(' '),
);
const SKIPPED = new Set(['head', 'script', 'style', 'svg']);

/** Text of an EPUB, one section for each document of its spine (EPUB 3.3, 5.7). */
export async function extractEpub(path: string, sink: PageSink): Promise<void> {
  const zip = await openZip(path);
  try {
    const opf = await packageDocument(zip);
    if (opf === undefined) throw new Error('The EPUB names no package document.');
    await sendCoreHints(zip, opf, sink);
    const sections = await spine(zip, opf);
    for (const section of sections) {
      if (sink.full) break;
      sink.page('section', await xhtmlText(zip, section, sink.room));
    }
    sink.done(sections.length);
  } finally {
    zip.close();
  }
}

async function packageDocument(zip: BoundedZip): Promise<string | undefined> {
  let found: string | undefined;
  await parsePart(zip, 'META-INF/container.xml', {
    open: (name, attributes) => {
      if (name === 'rootfile') found ??= attributes['full-path'];
    },
  });
  return found;
}

async function spine(zip: BoundedZip, opf: string): Promise<string[]> {
  const manifest = new Map<string, string>();
  const order: string[] = [];
  await parsePart(zip, opf, {
    open: (name, { id, href, idref }) => {
      if (name === 'item' && id !== undefined && href !== undefined) manifest.set(id, href);
      else if (name === 'itemref' && idref !== undefined) order.push(idref);
    },
  });
  return order
    .map((id) => manifest.get(id))
    .filter((href) => href !== undefined)
    .map((href) => posix.join(posix.dirname(opf), decodeHref(href)))
    .filter((part) => zip.has(part));
}

function decodeHref(href: string): string {
  try {
    return decodeURIComponent(href.split('#', 1)[0] ?? '');
  } catch {
    return href;
  }
}

async function xhtmlText(zip: BoundedZip, part: string, room: number): Promise<string> {
  let text = '';
  let skipping = 0;
  await parsePart(
    zip,
    part,
    {
      open: (name) => {
        if (SKIPPED.has(name)) skipping++;
        else if (BLOCKS.has(name)) text += '\n';
      },
      close: (name) => {
        if (SKIPPED.has(name)) skipping--;
        else if (BLOCKS.has(name)) text += '\n';
        else if (name === 'td' || name === 'th') text += '\t';
      },
      text: (more) => {
        if (skipping === 0) text += more.replaceAll(/\s+/g, ' ');
      },
    },
    () => text.length > room,
  );
  return text;
}
