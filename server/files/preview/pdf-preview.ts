import type { Canvas } from '@napi-rs/canvas';
import sharp from 'sharp';
import { isPasswordError, openPdf, type PDFDocumentProxy } from '../pdf-document.ts';
import { writeWidths } from './image-preview.ts';
import { widthsOf, type PreviewInput, type SendPreview } from './preview-messages.ts';

/** A banner of ten metres must not become a picture of ten gigabytes. */
const MAX_CANVAS_PIXELS = 6_000_000;

/** Pages of a PDF as pictures. A page that can't be drawn is left out; the others still come. */
export async function renderPdf(input: PreviewInput, send: SendPreview): Promise<void> {
  const opened = await openPdf(input.path).catch((error: unknown) => {
    if (isPasswordError(error)) return undefined;
    throw error;
  });
  if (!opened) {
    send({ type: 'none' });
    return;
  }
  const { pdf, close } = opened;
  send({ type: 'pages', pageCount: pdf.numPages });
  const last = Math.min(input.lastPage, pdf.numPages);
  let failure: unknown;
  let drawn = 0;
  for (let page = input.firstPage; page <= last; page++) {
    try {
      await renderPage(pdf, page, input, send);
      drawn++;
    } catch (error) {
      failure = error;
    }
  }
  await close();
  if (drawn === 0 && failure) throw failure;
}

interface CanvasAndContext {
  canvas: Canvas;
  context: unknown;
}

async function renderPage(
  pdf: PDFDocumentProxy,
  number: number,
  input: PreviewInput,
  send: SendPreview,
): Promise<void> {
  const page = await pdf.getPage(number);
  const natural = page.getViewport({ scale: 1 });
  const wanted = Math.max(...widthsOf(input, number)) / natural.width;
  const most = Math.sqrt(MAX_CANVAS_PIXELS / (natural.width * natural.height));
  const viewport = page.getViewport({ scale: Math.min(wanted, most) });
  const width = Math.max(1, Math.floor(viewport.width));
  const height = Math.max(1, Math.floor(viewport.height));
  const factory = pdf.canvasFactory as {
    create(width: number, height: number): CanvasAndContext;
    destroy(canvas: CanvasAndContext): void;
  };
  const surface = factory.create(width, height);
  const target = { canvas: surface.canvas, canvasContext: surface.context, viewport, background: 'white' };
  await page.render(target as unknown as Parameters<typeof page.render>[0]).promise;
  const pixels = Buffer.from(surface.canvas.data());
  await writeWidths(
    () => sharp(pixels, { raw: { width, height, channels: 4 } }).flatten({ background: 'white' }),
    number,
    input,
    send,
  );
  factory.destroy(surface);
  page.cleanup();
}
