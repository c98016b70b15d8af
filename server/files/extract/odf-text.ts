import { openZip } from '../zip-reader.ts';
import { parsePart, sendCoreHints } from './package-parts.ts';
import type { PageLabel, PageSink } from './page-sink.ts';
import { attribute } from './xml-events.ts';

/** Elements whose text isn't the document's: deleted text, comments, and what a form or a style says of itself. */
const SKIPPED = new Set(['tracked-changes', 'annotation', 'forms', 'sender-firstname']);

/** What begins a new page, by kind of document. */
const PAGE_ELEMENT = { odp: 'page', ods: 'table' } as const;
const LABEL: Record<'odt' | 'odp' | 'ods', PageLabel> = { odt: 'page', odp: 'slide', ods: 'sheet' };

/**
 * Text of an OpenDocument file (`content.xml`): a presentation by slide with its notes, a spreadsheet by sheet, a text
 * by the page breaks that its program noted when it saved (`soft-page-break`), or as one section without these.
 */
export async function extractOdf(path: string, kind: 'odt' | 'odp' | 'ods', sink: PageSink): Promise<void> {
  const zip = await openZip(path);
  try {
    await sendCoreHints(zip, 'meta.xml', sink);
    const pageElement = kind === 'odt' ? undefined : PAGE_ELEMENT[kind];
    let text = '';
    let skipping = 0;
    let inBody = false;
    let broken = false;
    const endPage = (label: PageLabel) => {
      sink.page(label, text);
      text = '';
    };
    await parsePart(
      zip,
      'content.xml',
      {
        open: (name, attributes) => {
          if (name === 'body') inBody = true;
          else if (SKIPPED.has(name)) skipping++;
          else if (name === 's')
            text += ' '.repeat(Math.min(Number(attribute(attributes, 'c') ?? 1) || 1, 100));
          else if (name === 'tab') text += '\t';
          else if (name === 'line-break') text += '\n';
          else if (name === pageElement && kind === 'ods') text += `${attribute(attributes, 'name') ?? ''}\n`;
          else if (name === 'soft-page-break' && kind === 'odt' && text.trim() !== '') {
            broken = true;
            endPage('page');
          }
        },
        close: (name) => {
          if (name === 'body') inBody = false;
          else if (SKIPPED.has(name)) skipping--;
          else if (name === 'p' || name === 'h') text += '\n';
          else if (name === 'table-cell') text = `${text.trimEnd()}\t`;
          else if (name === 'table-row') text = `${text.trimEnd()}\n`;
          else if (name === pageElement) endPage(LABEL[kind]);
        },
        text: (more) => {
          if (inBody && skipping === 0) text += more;
        },
      },
      () => sink.full || text.length > sink.room * 2,
    );
    if (kind === 'odt') endPage(broken ? 'page' : 'section');
    sink.done();
  } finally {
    zip.close();
  }
}
