import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { widthsOf, type PreviewInput, type SendPreview } from './preview-messages.ts';

/** Guards against pictures that are small on disk and huge in memory. */
export const PIXEL_LIMIT = { limitInputPixels: 50_000_000, failOn: 'none' } as const;

/** Text stays readable; more would make a page of previews heavier than its bar of 100 KB. */
const QUALITY = 62;

sharp.concurrency(1);
sharp.cache(false);

/** A picture's only page: the right way up, first frame, without any of its metadata. */
export async function renderImage(input: PreviewInput, send: SendPreview): Promise<void> {
  await writeWidths(() => sharp(input.path, PIXEL_LIMIT).autoOrient(), 1, input, send);
  send({ type: 'pages', pageCount: 1 });
}

/** Writes a page in every width that was asked for as WebP and reports each. `open` gives a fresh picture each time. */
export async function writeWidths(
  open: () => Sharp,
  page: number,
  input: PreviewInput,
  send: SendPreview,
): Promise<void> {
  for (const wanted of widthsOf(input, page)) {
    const name = `page-${page}-w${wanted}.webp`;
    const { width, height } = await open()
      .resize({ width: wanted, height: wanted * 3, fit: 'inside', withoutEnlargement: true })
      .webp({ quality: QUALITY, effort: 5 })
      .toFile(join(input.outDir, name));
    send({ type: 'preview', page, width, height, name });
  }
}
