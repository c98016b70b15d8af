import { openZip, type BoundedZip } from '../zip-reader.ts';
import { parsePart, relationshipsOf, sendCoreHints } from './package-parts.ts';
import type { PageSink } from './page-sink.ts';
import { prefixedAttribute } from './xml-events.ts';

/** Text of a PowerPoint presentation, slide by slide in the order of the show, each with its speaker notes. */
export async function extractPptx(path: string, sink: PageSink): Promise<void> {
  const zip = await openZip(path);
  try {
    await sendCoreHints(zip, 'docProps/core.xml', sink);
    const slides = await slideParts(zip);
    for (const slide of slides) {
      if (sink.full) break;
      const related = [...(await relationshipsOf(zip, slide)).values()];
      let text = await drawingText(zip, slide);
      for (const { type, target } of related) {
        if (type === 'notesSlide' || type === 'diagramData') text += `\n${await drawingText(zip, target)}`;
      }
      sink.page('slide', text);
    }
    sink.done(slides.length);
  } finally {
    zip.close();
  }
}

async function slideParts(zip: BoundedZip): Promise<string[]> {
  const MAIN = 'ppt/presentation.xml';
  const relationships = await relationshipsOf(zip, MAIN);
  const slides: string[] = [];
  await parsePart(zip, MAIN, {
    open: (name, attributes) => {
      if (name !== 'sldId') return;
      const part = relationships.get(prefixedAttribute(attributes, 'id') ?? '')?.target;
      if (part !== undefined && zip.has(part)) slides.push(part);
    },
  });
  if (slides.length > 0) return slides;
  const number = (name: string) => Number(/(\d+)\.xml$/.exec(name)?.[1] ?? 0);
  return zip.entries
    .map(({ name }) => name)
    .filter((name) => /^ppt\/slides\/[^/]+\.xml$/.test(name))
    .toSorted((a, b) => number(a) - number(b));
}

/** Paragraphs of DrawingML (`a:p`, `a:t`); fields such as the slide number are not text anyone wrote. */
async function drawingText(zip: BoundedZip, part: string): Promise<string> {
  const MAX_CHARACTERS = 200_000;
  let text = '';
  let inText = false;
  let skipping = 0;
  await parsePart(
    zip,
    part,
    {
      open: (name) => {
        if (name === 'fld' || name === 'Fallback') skipping++;
        else if (name === 't') inText = true;
        else if (name === 'br') text += '\n';
      },
      close: (name) => {
        if (name === 'fld' || name === 'Fallback') skipping--;
        else if (name === 't') inText = false;
        else if (name === 'p') text += '\n';
        else if (name === 'tc') text = `${text.trimEnd()}\t`;
        else if (name === 'tr') text = `${text.trimEnd()}\n`;
      },
      text: (more) => {
        if (inText && skipping === 0) text += more;
      },
    },
    () => text.length > MAX_CHARACTERS,
  );
  return text;
}
