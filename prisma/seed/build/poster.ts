import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createCanvas } from '@napi-rs/canvas';
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { renderPdf } from './pdf.ts';
import { compactPng, drawSvg } from './raster.ts';
import type { Sheet } from './sheet.ts';

const PDFJS = dirname(createRequire(import.meta.url).resolve('pdfjs-dist/package.json'));

/**
 * Renders a sheet as one PNG: a part that is one SVG becomes that picture (1,400 pixels wide); any other part
 * becomes the first page of its PDF.
 */
export async function renderPng(sheet: Sheet): Promise<Buffer> {
  const [only, ...rest] = sheet.blocks;
  if (only?.kind === 'figure' && rest.length === 0) {
    const { width } = await drawSvg(only.svg, 1);
    return (await drawSvg(only.svg, 1400 / width)).png;
  }
  const data = new Uint8Array(await renderPdf(sheet));
  const pdf = await getDocument({
    data,
    standardFontDataUrl: join(PDFJS, 'standard_fonts') + '/',
    verbosity: 0,
  }).promise;
  const page = await pdf.getPage(1);
  const viewport = page.getViewport({ scale: 2 });
  const canvas = createCanvas(Math.ceil(viewport.width), Math.ceil(viewport.height));
  await page.render({ canvas: canvas as unknown as HTMLCanvasElement, viewport }).promise;
  await pdf.destroy();
  return compactPng(canvas.toBuffer('image/png'), 1224);
}
