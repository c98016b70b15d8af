import { buffer } from 'node:stream/consumers';
import { Document, FootnoteReferenceRun, Packer, Paragraph, TextRun } from 'docx';
import PDFDocument from 'pdfkit';
import pptxgenjs from 'pptxgenjs';
import sharp from 'sharp';
import { rawZip } from './raw-zip.ts';

type Pptx = InstanceType<typeof pptxgenjs.default>;
/** Its types are written for CommonJS, where the class is one level deeper. */
const PptxGen = ((pptxgenjs as unknown as { default?: unknown }).default ?? pptxgenjs) as new () => Pptx;

/** A PDF with one line of text on each page. */
export async function samplePdf(pages: string[], options: PDFKit.PDFDocumentOptions = {}): Promise<Buffer> {
  const pdf = new PDFDocument({ ...options, autoFirstPage: false });
  for (const text of pages) pdf.addPage().fontSize(24).text(text);
  pdf.end();
  return buffer(pdf);
}

/** A Word document with a footnote. */
export async function sampleDocx(paragraphs: string[], footnote = 'A footnote'): Promise<Buffer> {
  const document = new Document({
    title: 'A worksheet',
    footnotes: { 1: { children: [new Paragraph(footnote)] } },
    sections: [
      {
        children: paragraphs.map(
          (text, index) =>
            new Paragraph({
              children: [new TextRun(text), ...(index === 0 ? [new FootnoteReferenceRun(1)] : [])],
            }),
        ),
      },
    ],
  });
  return Packer.toBuffer(document);
}

/** A presentation, each slide with speaker notes. */
export async function samplePptx(slides: { text: string; notes: string }[]): Promise<Buffer> {
  const deck = new PptxGen();
  for (const { text, notes } of slides) {
    const slide = deck.addSlide();
    slide.addText(text, { x: 1, y: 1, w: 6, h: 1 });
    slide.addNotes(notes);
  }
  return (await deck.write({ outputType: 'nodebuffer' })) as Buffer;
}

/** The least that is a Word document, with more entries beside. */
export function minimalDocx(extra: Parameters<typeof rawZip>[0] = []): Buffer {
  return rawZip([
    { name: '[Content_Types].xml', content: '<Types/>' },
    {
      name: 'word/document.xml',
      content: '<w:document><w:body><w:p><w:r><w:t>Hi</w:t></w:r></w:p></w:body></w:document>',
    },
    ...extra,
  ]);
}

/** A photo as a phone takes it: lying on its side, with its place, its maker and a comment in the EXIF. */
export async function samplePhoto(format: 'jpeg' | 'webp' | 'png' = 'jpeg'): Promise<Buffer> {
  const image = sharp({ create: { width: 80, height: 40, channels: 3, background: '#c04020' } })
    .withMetadata({ orientation: 6 })
    .withExif({
      IFD0: { Make: 'SecretPhone', ImageDescription: 'Ana at school' },
      IFD3: {
        GPSLatitudeRef: 'N',
        GPSLatitude: '45/1 30/1 0/1',
        GPSLongitudeRef: 'W',
        GPSLongitude: '90/1 0/1 0/1',
      },
    });
  return image.toFormat(format).toBuffer();
}
