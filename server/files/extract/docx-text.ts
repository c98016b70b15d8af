import { openZip } from '../zip-reader.ts';
import { parsePart, sendCoreHints } from './package-parts.ts';
import type { PageLabel, PageSink } from './page-sink.ts';
import { attribute, type XmlHandlers } from './xml-events.ts';

/**
 * Text of a Word document. Word notes where its pages broke when it last saved (`lastRenderedPageBreak`): where it
 * did, these are the pages; else the document is one section. Deleted and hidden text, comments and the second
 * rendering that a drawing keeps for old versions (`Fallback`) are left out; notes come at the end.
 */
export async function extractDocx(path: string, sink: PageSink): Promise<void> {
  const zip = await openZip(path);
  try {
    await sendCoreHints(zip, 'docProps/core.xml', sink);
    const main =
      zip.entries.find(({ name }) => /^word\/document\d*\.xml$/.test(name))?.name ?? 'word/document.xml';
    const label = await labelOf(main, zip);
    const writer = new WordWriter((text) => sink.page(label, text), label === 'page');
    const full = () => sink.full || writer.length > sink.room;
    await parsePart(zip, main, writer.handlers, full);
    for (const notes of ['word/footnotes.xml', 'word/endnotes.xml']) {
      await parsePart(zip, notes, writer.handlers, full);
    }
    writer.end();
    sink.done();
  } finally {
    zip.close();
  }
}

async function labelOf(main: string, zip: Awaited<ReturnType<typeof openZip>>): Promise<PageLabel> {
  let label: PageLabel = 'section';
  await parsePart(
    zip,
    main,
    {
      open: (name) => {
        if (name === 'lastRenderedPageBreak') label = 'page';
      },
    },
    () => label === 'page',
  );
  return label;
}

class WordWriter {
  #text = '';
  #skipping = 0;
  #inText = false;
  #hidden = false;
  readonly #endPage: (text: string) => void;
  readonly #hasPages: boolean;

  constructor(endPage: (text: string) => void, hasPages: boolean) {
    this.#endPage = endPage;
    this.#hasPages = hasPages;
  }

  get length(): number {
    return this.#text.length;
  }

  readonly handlers: XmlHandlers = {
    open: (name, attributes) => this.#open(name, attributes),
    close: (name) => this.#close(name),
    text: (text) => {
      if (this.#inText && !this.#hidden && this.#skipping === 0) this.#text += text;
    },
  };

  end(): void {
    this.#endPage(this.#text);
  }

  #open(name: string, attributes: Record<string, string>): void {
    if (name === 'Fallback' || name === 'del' || name === 'moveFrom') this.#skipping++;
    else if (name === 't') this.#inText = true;
    else if (name === 'r') this.#hidden = false;
    else if (name === 'vanish') this.#hidden = attribute(attributes, 'val') !== '0';
    else if (name === 'tab') this.#text += '\t';
    else if (name === 'br' || name === 'cr') this.#text += '\n';
    else if (name === 'noBreakHyphen') this.#text += '-';
    else if (name === 'lastRenderedPageBreak' && this.#hasPages && this.#skipping === 0) this.#break();
  }

  #close(name: string): void {
    if (name === 'Fallback' || name === 'del' || name === 'moveFrom') this.#skipping--;
    else if (name === 't') this.#inText = false;
    else if (name === 'p') this.#text += '\n';
    else if (name === 'tc' || name === 'tr')
      this.#text = `${this.#text.trimEnd()}${name === 'tc' ? '\t' : '\n'}`;
  }

  #break(): void {
    this.#endPage(this.#text);
    this.#text = '';
  }
}
