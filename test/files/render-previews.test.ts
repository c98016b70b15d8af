import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FileKind } from '../../server/files/file-kinds.ts';
import { renderPreviews } from '../../server/files/preview/render-previews.ts';
import { rawZip } from '../support/raw-zip.ts';
import { sampleDocx, samplePdf, samplePhoto } from '../support/sample-files.ts';
import { sharedData } from '../support/shared-data.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'commonshelf-preview-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function preview(kind: FileKind, content: Buffer | string, widths = [320, 1000], lastPage = 3) {
  const path = join(folder, 'upload');
  await writeFile(path, content);
  const out = await mkdtemp(join(folder, 'out-'));
  const seen: string[] = [];
  const result = await renderPreviews(path, kind, out, {
    firstPage: 1,
    lastPage,
    widths,
    onPreview: async ({ name }) => {
      const { format } = await sharp(await readFile(join(out, name))).metadata();
      seen.push(`${name} ${format}`);
    },
  });
  return { result, seen, out };
}

const hasOffice = (() => {
  try {
    execFileSync('which', ['soffice'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

describe('the pages of an uploaded file as pictures', { timeout: 120_000 }, () => {
  test('PDF: each page in both widths, each whole as soon as it is told', async () => {
    const { result, seen, out } = await preview(
      'pdf',
      await samplePdf(['One', 'Two', 'Three', 'Four']),
      [320, 1000],
      2,
    );
    expect(result).toMatchObject({ ok: true, pageCount: 4, truncated: false });
    expect(seen).toEqual([
      'page-1-w320.webp webp',
      'page-1-w1000.webp webp',
      'page-2-w320.webp webp',
      'page-2-w1000.webp webp',
    ]);
    const { channels } = await sharp(join(out, 'page-1-w320.webp')).stats();
    expect(channels[0]).toMatchObject({ max: 255 });
    expect(channels[0]?.min).toBeLessThan(120);
  });

  test('a page of ten metres does not become a picture of gigabytes', async () => {
    const { result } = await preview('pdf', await samplePdf(['Wide'], { size: [14_000, 200] }));
    expect(result).toMatchObject({ ok: true });
    const tall = await preview('pdf', await samplePdf(['Tall'], { size: [200, 14_000] }));
    expect(tall.result).toMatchObject({ ok: true, previews: [{ page: 1 }, { page: 1 }] });
  });

  test('photo: the right way up, without its metadata, never enlarged', async () => {
    const { result, out } = await preview('jpg', await samplePhoto('jpeg'));
    expect(result).toMatchObject({
      ok: true,
      previews: [
        { width: 40, height: 80 },
        { width: 40, height: 80 },
      ],
    });
    expect((await readFile(join(out, 'page-1-w320.webp'))).includes('SecretPhone')).toBe(false);
  });

  test('e-book: its cover', async () => {
    const cover = await sharp({ create: { width: 60, height: 90, channels: 3, background: 'blue' } })
      .jpeg()
      .toBuffer();
    const { result } = await preview(
      'epub',
      rawZip([
        { name: 'META-INF/container.xml', content: '<c><rootfile full-path="OEBPS/book.opf"/></c>' },
        {
          name: 'OEBPS/book.opf',
          content: '<p><item id="c" href="cover.jpg" media-type="image/jpeg" properties="cover-image"/></p>',
        },
        { name: 'OEBPS/cover.jpg', content: cover },
      ]),
    );
    expect(result).toMatchObject({ ok: true, previews: [{ width: 60 }, { width: 60 }] });
  });

  test.skipIf(!hasOffice)('Word: by LibreOffice, which leaves nothing behind', async () => {
    const { result, out } = await preview('docx', await sampleDocx(['One half']), [320]);
    expect(result).toMatchObject({ ok: true, pageCount: 1, previews: [{ page: 1, width: 320 }] });
    expect(await readdir(out)).toEqual(['page-1-w320.webp']);
  });

  test('sound has none', async () => {
    expect((await preview('mp3', 'x')).result).toMatchObject({ ok: false, reason: 'none' });
  });

  test('a broken file is a result, not an error', async () => {
    expect((await preview('pdf', '%PDF-1.7 nothing more')).result).toMatchObject({
      ok: false,
      reason: 'crashed',
    });
    expect((await preview('png', 'nothing')).result).toMatchObject({ ok: false, reason: 'crashed' });
  });

  test('a locked PDF has none', async () => {
    const locked = await samplePdf(['x'], { userPassword: 'secret' });
    expect((await preview('pdf', locked)).result).toMatchObject({ ok: false, reason: 'none' });
  });
});

const hostile = sharedData('documents/hostile');

describe.skipIf(!hostile)('the real hostile files', { timeout: 240_000 }, () => {
  test('end within their limits and leave us as we were', async () => {
    const before = process.memoryUsage().rss;
    for (const name of ['bomb_giant.pdf', 'evaljs.pdf', 'poppler-395-0-fuzzed.pdf']) {
      const out = await mkdtemp(join(folder, 'out-'));
      const result = await renderPreviews(join(hostile!, name), 'pdf', out, {
        firstPage: 1,
        lastPage: 2,
        widths: [320],
      });
      expect([name, result.ok]).toEqual([name, name !== 'poppler-395-0-fuzzed.pdf']);
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(60 * 1024 * 1024);
  });
});
