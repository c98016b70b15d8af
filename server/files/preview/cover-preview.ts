import { posix } from 'node:path';
import sharp from 'sharp';
import { parsePart } from '../extract/package-parts.ts';
import { openZip, type BoundedZip } from '../zip-reader.ts';
import { PIXEL_LIMIT, writeWidths } from './image-preview.ts';
import type { PreviewInput, SendPreview } from './preview-messages.ts';

const MAX_COVER_BYTES = 30 * 1024 * 1024;

/** Keynote, Pages and Numbers keep a picture of their first page, under names that changed with the years. */
const IWORK_PICTURE = /^(?:[^/]+\/)?(?:preview\.jpg|QuickLook\/Thumbnail\.jpg)$/;

/** The picture that a package carries of itself: an EPUB's cover, or what an Apple program saved of the first page. */
export async function renderCover(input: PreviewInput, send: SendPreview): Promise<void> {
  const zip = await openZip(input.path);
  try {
    const part = input.kind === 'epub' ? await epubCover(zip) : iworkPicture(zip);
    if (part === undefined || !zip.has(part)) {
      send({ type: 'none' });
      return;
    }
    const picture = await zip.read(part, MAX_COVER_BYTES);
    await writeWidths(() => sharp(picture, PIXEL_LIMIT).autoOrient(), 1, input, send);
  } finally {
    zip.close();
  }
}

function iworkPicture(zip: BoundedZip): string | undefined {
  return zip.entries.find(({ name }) => IWORK_PICTURE.test(name))?.name;
}

/** EPUB 3 marks the cover in the manifest; EPUB 2 by a `meta` that names the item. SVG covers are left out. */
async function epubCover(zip: BoundedZip): Promise<string | undefined> {
  let opf = '';
  await parsePart(zip, 'META-INF/container.xml', {
    open: (name, attributes) => {
      if (name === 'rootfile') opf ||= attributes['full-path'] ?? '';
    },
  });
  const pictures = new Map<string, string>();
  let cover: string | undefined;
  await parsePart(zip, opf, {
    open: (element, { id = '', href = '', properties = '', name, content, ...rest }) => {
      if (element === 'meta' && name === 'cover') cover ??= content;
      const type = rest['media-type'] ?? '';
      if (element !== 'item' || !/^image\/(?:jpeg|png|gif|webp)$/.test(type)) return;
      pictures.set(id, href);
      if (properties.split(' ').includes('cover-image')) cover = id;
    },
  });
  const href = cover === undefined ? undefined : pictures.get(cover);
  return href === undefined ? undefined : posix.join(posix.dirname(opf), href);
}
