import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pdfNeedsPassword } from '../../server/files/extract/extract-document.ts';
import { refusalWords } from '../../server/files/file-view.ts';
import { sniffFile } from '../../server/files/sniff-file.ts';
import { translator } from '../../server/locale/locale.ts';
import { rawZip } from '../support/raw-zip.ts';
import { minimalDocx, sampleDocx, samplePdf, samplePhoto, samplePptx } from '../support/sample-files.ts';
import { sharedData } from '../support/shared-data.ts';

let folder: string;
const t = translator('en');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'commonshelf-sniff-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function sniff(name: string, content: Buffer | string) {
  const path = join(folder, 'upload');
  await writeFile(path, content);
  return describeResult(await sniffFile(path, name, { pdfNeedsPassword }));
}

/** The kind, or the reason and the whole sentence that the teacher reads. */
function describeResult(result: Awaited<ReturnType<typeof sniffFile>>): string {
  if (result.ok) return result.kind;
  return `${result.reason}: ${refusalWords(result, t)}`;
}

describe('a file that a teacher uploads is taken when it is', { timeout: 60_000 }, () => {
  test('a PDF, a Word document or slides', async () => {
    expect(await sniff('a.pdf', await samplePdf(['Hello']))).toBe('pdf');
    expect(await sniff('a.docx', await sampleDocx(['Hello']))).toBe('docx');
    expect(await sniff('a.PPTX', await samplePptx([{ text: 'Hello', notes: '' }]))).toBe('pptx');
  });

  test('a Word document as Google exports it, with its parts in any order', async () => {
    expect(
      await sniff(
        'google.docx',
        rawZip([
          { name: 'word/numbering.xml', content: '<x/>' },
          { name: 'word/document.xml', content: '<x/>' },
          { name: '[Content_Types].xml', content: '<Types/>' },
        ]),
      ),
    ).toBe('docx');
  });

  test.each(['png', 'jpeg', 'webp', 'gif'] as const)('a picture: %s', async (format) => {
    const image = await sharp({ create: { width: 30, height: 20, channels: 3, background: 'red' } })
      .toFormat(format)
      .toBuffer();
    const path = join(folder, 'image');
    await writeFile(path, image);
    expect(await sniffFile(path, `a.${format}`, { pdfNeedsPassword })).toMatchObject({
      ok: true,
      width: 30,
      height: 20,
    });
  });

  test('text, in UTF-8, UTF-16 or Windows-1252', async () => {
    expect(await sniff('notes.txt', 'Fractions: ½ + ¼')).toBe('txt');
    expect(await sniff('notes.md', '# Fractions')).toBe('md');
    expect(await sniff('list.csv', Buffer.from('\ufeffname;año\nAna;4', 'utf16le'))).toBe('csv');
    expect(await sniff('old.txt', Buffer.from('a\xf1o', 'latin1'))).toBe('txt');
    expect(await sniff('captions.vtt', 'WEBVTT\n\n00:01.000 --> 00:02.000\nHello')).toBe('vtt');
  });

  test('a course package or a zip of lessons', async () => {
    expect(await sniff('course.imscc', rawZip([{ name: 'imsmanifest.xml', content: '<manifest/>' }]))).toBe(
      'imscc',
    );
    expect(await sniff('quiz.h5p', rawZip([{ name: 'h5p.json', content: '{}' }]))).toBe('h5p');
    expect(await sniff('unit.zip', rawZip([{ name: 'a/lesson.txt', content: 'x' }]))).toBe('zip');
  });

  test('a PDF that only forbids printing', async () => {
    expect(await sniff('a.pdf', await samplePdf(['Hello'], { ownerPassword: 'secret' }))).toBe('pdf');
  });
});

describe('a file is refused in words when it is', { timeout: 60_000 }, () => {
  test('empty', async () => {
    expect(await sniff('a.pdf', '')).toBe(
      'empty: “a.pdf” is empty. Check that it finished saving, then choose it again.',
    );
  });

  test('something else than its name says', async () => {
    expect(await sniff('a.pdf', await samplePptx([{ text: 'x', notes: '' }]))).toBe(
      'wrong-extension: The ending of “a.pdf” doesn’t fit what is inside (PowerPoint presentation). Rename it so that it ends in .pptx, then choose it again.',
    );
    expect(await sniff('a.png', await samplePhoto('jpeg'))).toMatch(
      /^wrong-extension: .*JPEG picture.*\.jpg/,
    );
    expect(await sniff('a.txt', await samplePdf(['x']))).toMatch(/^wrong-extension: .*PDF/);
    expect(await sniff('a.docx', 'just text')).toMatch(/^wrong-content: .*Word document/);
    expect(await sniff('a.mp3', Buffer.from('MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff', 'latin1'))).toMatch(
      /^program: /,
    );
    expect(await sniff('a.zip', await sampleDocx(['x']))).toMatch(/^wrong-extension: .*\.docx/);
  });

  test('without an extension', async () => {
    expect(await sniff('lesson', await samplePdf(['x']))).toMatch(/^wrong-extension: .*\.pdf/);
    expect(await sniff('lesson', 'text')).toMatch(/^no-extension: /);
  });

  test.each([
    ['page.html', '<html></html>', 'web-page'],
    ['drawing.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>', 'web-page'],
    ['game.swf', 'FWS', 'program'],
    ['setup.exe', 'MZ', 'program'],
    ['script.js', 'alert(1)', 'web-page'],
    ['data.xml', '<x/>', 'web-page'],
    ['old.doc', 'x', 'old-office'],
    ['marks.xlsm', 'x', 'macros'],
    ['photo.heic', 'x', 'image-format'],
    ['film.mov', 'x', 'video-format'],
    ['unit.rar', 'x', 'archive-format'],
    ['lesson.gdoc', '{}', 'cloud-shortcut'],
    ['thing.xyz', 'x', 'kind'],
  ])('of a kind we do not take: %s', async (name, content, reason) => {
    expect(await sniff(name, content)).toMatch(new RegExp(`^${reason}: .*${name.replace('.', '\\.')}`));
  });

  test('locked with a password', async () => {
    expect(await sniff('a.pdf', await samplePdf(['x'], { userPassword: 'secret' }))).toMatch(/^password: /);
    expect(await sniff('a.zip', rawZip([{ name: 'a.txt', content: 'x', encrypted: true }]))).toMatch(
      /^password: /,
    );
    const odt = [
      { name: 'mimetype', content: 'application/vnd.oasis.opendocument.text', stored: true },
      { name: 'META-INF/manifest.xml', content: '<manifest:encryption-data/>' },
    ];
    expect(await sniff('a.odt', rawZip(odt))).toMatch(/^password: /);
  });

  test('full of macros', async () => {
    expect(await sniff('a.docx', minimalDocx([{ name: 'word/vbaProject.bin', content: 'x' }]))).toMatch(
      /^macros: /,
    );
  });

  test('damaged', async () => {
    const docx = await sampleDocx(['x']);
    expect(await sniff('a.docx', docx.subarray(0, docx.length / 2))).toMatch(/^damaged: /);
    const broken = Buffer.from(docx);
    broken.fill(0x55, 60, 200);
    expect(await sniff('a.docx', broken)).toMatch(/^damaged: /);
    expect(await sniff('a.png', (await samplePhoto('png')).subarray(0, 60))).toMatch(/^damaged: /);
  });

  test('a picture of more than 50 megapixels, without decoding it', async () => {
    const png = await samplePhoto('png');
    png.writeUInt32BE(60_000, 16);
    png.writeUInt32BE(60_000, 20);
    expect(await sniff('huge.png', png)).toMatch(/^image-too-large: .*3600 megapixels/);
  });
});

describe('a zip is refused when it', () => {
  const refuses = async (entries: Parameters<typeof rawZip>[0], reason: string) => {
    expect(await sniff('a.zip', rawZip(entries))).toMatch(new RegExp(`^${reason}: `));
  };
  const zeros = Buffer.alloc(30 * 1024 * 1024);

  test('has more than 2,000 entries', () =>
    refuses(
      Array.from({ length: 2001 }, (_, index) => ({ name: `${index}.txt` })),
      'too-many-entries',
    ));
  test('unpacks to more than a hundred times its size', () =>
    refuses([{ name: 'zeros.txt', content: zeros }], 'zip-bomb'));
  test('declares more than a gigabyte', () =>
    refuses([{ name: 'a.txt', content: 'x', claimedSize: 2 ** 31 }], 'zip-bomb'));
  test('lies about how large it is inside', () =>
    refuses([{ name: 'a.txt', content: zeros, claimedSize: 10 }], 'zip-bomb'));
  test('lets entries share their bytes', () =>
    refuses(
      [
        { name: 'a.txt', content: 'x'.repeat(1000) },
        { name: 'b.txt', sameAs: 0 },
      ],
      'zip-bomb',
    ));
  test('climbs out of its folder', () => refuses([{ name: '../../evil.txt', content: 'x' }], 'zip-unsafe'));
  test('has an absolute path', () => refuses([{ name: '/etc/passwd', content: 'x' }], 'zip-unsafe'));
  test('has a drive letter', () => refuses([{ name: 'C:\\evil.txt', content: 'x' }], 'zip-unsafe'));
  test('has a link', () => refuses([{ name: 'link', content: '/etc/passwd', mode: 0o120777 }], 'zip-unsafe'));
  test('holds another archive', () => refuses([{ name: 'in/more.7z', content: 'x' }], 'zip-in-zip'));
  test('holds a program', () => refuses([{ name: 'in/setup.EXE', content: 'x' }], 'zip-program'));
  test('hides in a document', async () => {
    expect(await sniff('a.docx', minimalDocx([{ name: 'word/media/z.bin', content: zeros }]))).toMatch(
      /^zip-bomb: /,
    );
  });
});

const good = sharedData('documents/good');
const hostile = sharedData('documents/hostile');

describe.skipIf(!good || !hostile)('the real files', { timeout: 60_000 }, () => {
  test('that teachers made all come in', async () => {
    for (const name of await readdir(good!)) {
      const result = await sniffFile(join(good!, name), name, { pdfNeedsPassword });
      expect(describeResult(result), name).toBe(name.split('.').at(-1)!.toLowerCase());
    }
  });

  test('that attack are refused in words, or are PDFs and documents that the readers defuse', async () => {
    const outcome: Record<string, string> = {};
    for (const name of await readdir(hostile!)) {
      const result = await sniffFile(join(hostile!, name), name, { pdfNeedsPassword });
      outcome[name] = describeResult(result).split(':', 1)[0] ?? '';
    }
    expect(outcome).toEqual({
      'NullHeader.docx': 'docx',
      'annotation-fileattachment.pdf': 'pdf',
      'bomb_giant.pdf': 'pdf',
      'droste.zip': 'zip-in-zip',
      'empty_protected.pdf': 'pdf',
      'entityTest.svg': 'web-page',
      'evaljs.pdf': 'pdf',
      'helloworld-bad.pdf': 'pdf',
      'maliciousJsAndPhpTest.svg': 'web-page',
      'poppler-395-0-fuzzed.pdf': 'pdf',
      'slides-named-as.pdf': 'wrong-extension',
      'symlink.zip': 'zip-unsafe',
      'testEXCEL_macro.xlsm': 'macros',
      'testExternalRefs.docx': 'docx',
      'testODTnotaZipFile.odt': 'wrong-content',
      'testWORD_protected_passtika.docx': 'password',
      'testWORD_truncated.docx': 'damaged',
      'xlinkLaughsTest.svg': 'web-page',
      'zip-slip.zip': 'zip-unsafe',
      'zipWithEncryption.zip': 'password',
    });
  });
});
