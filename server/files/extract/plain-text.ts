import { open } from 'node:fs/promises';
import { decodeText, detectEncoding } from '../text-encoding.ts';
import type { PageSink } from './page-sink.ts';

/** Two bytes a character are enough for UTF-16, and for UTF-8 text in most scripts. */
const BYTES_PER_CHARACTER = 2;

/** Text of TXT, Markdown, CSV and VTT in whatever encoding they were saved; a form feed begins a new page. */
export async function extractPlainText(path: string, sink: PageSink): Promise<void> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const length = Math.min(size, sink.room * BYTES_PER_CHARACTER);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, 0);
    if (length < size) sink.cut();
    const pages = decodeText(buffer, detectEncoding(buffer, length < size)).split('\f');
    for (const page of pages) sink.page(pages.length > 1 ? 'page' : 'section', page);
    sink.done();
  } finally {
    await file.close();
  }
}
