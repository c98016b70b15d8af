import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { extractDocument } from '../../server/files/extract/extract-document.ts';
import type { FileKind } from '../../server/files/file-kinds.ts';
import { rawZip } from '../support/raw-zip.ts';
import { minimalDocx, sampleDocx, samplePdf, samplePptx } from '../support/sample-files.ts';
import { sharedData } from '../support/shared-data.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'commonshelf-extract-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function extract(
  kind: FileKind,
  content: Buffer | string,
  options: Parameters<typeof extractDocument>[2] = {},
) {
  const path = join(folder, `upload-${kind}`);
  await writeFile(path, content);
  return extractDocument(path, kind, options);
}

async function pagesOf(kind: FileKind, content: Buffer | string): Promise<string[]> {
  const result = await extract(kind, content);
  if (!result.ok) throw new Error(`${result.reason}: ${result.detail}`);
  return result.pages.map(({ label, number, text }) => `${label} ${number}: ${text}`);
}

describe('the text of an uploaded document', { timeout: 60_000 }, () => {
  test('PDF: by page, with title and language', async () => {
    const pdf = await samplePdf(['Equal parts', 'Number line'], {
      info: { Title: 'Fractions' },
      lang: 'es',
    });
    const result = await extract('pdf', pdf);
    expect(result).toMatchObject({ ok: true, pageCount: 2, truncated: false });
    expect(result).toMatchObject({
      pages: [
        { number: 1, label: 'page', text: 'Equal parts' },
        { number: 2, label: 'page', text: 'Number line' },
      ],
      hints: { title: 'Fractions', language: 'es' },
    });
  });

  test('Word: paragraphs and footnotes', async () => {
    expect(await pagesOf('docx', await sampleDocx(['One half', 'One third'], 'Of a pizza'))).toEqual([
      expect.stringMatching(/^section 1: One half\nOne third\n+.*Of a pizza$/s),
    ]);
  });

  test('Word: by the pages that Word saw, without what was deleted or hidden', async () => {
    const run = (inner: string) => `<w:p><w:r>${inner}</w:r></w:p>`;
    const body =
      run('<w:t>First</w:t>') +
      '<w:p><w:del><w:r><w:delText>gone</w:delText></w:r></w:del></w:p>' +
      run('<w:rPr><w:vanish/></w:rPr><w:t>answer key</w:t>') +
      run('<w:lastRenderedPageBreak/><w:t>Second</w:t>');
    const docx = rawZip([
      { name: '[Content_Types].xml', content: '<Types/>' },
      { name: 'word/document.xml', content: `<w:document><w:body>${body}</w:body></w:document>` },
    ]);
    expect(await pagesOf('docx', docx)).toEqual(['page 1: First', 'page 2: Second']);
  });

  test('PowerPoint: by slide, with notes', async () => {
    const deck = await samplePptx([
      { text: 'Plants', notes: 'Ask first' },
      { text: 'Animals', notes: '' },
    ]);
    expect(await pagesOf('pptx', deck)).toEqual(['slide 1: Plants\n\nAsk first', 'slide 2: Animals']);
  });

  test('Excel: by sheet that can be seen', async () => {
    const rel = (id: number) =>
      `<Relationship Id="r${id}" Type="x/worksheet" Target="worksheets/s${id}.xml"/>`;
    const xlsx = rawZip([
      { name: '[Content_Types].xml', content: '<Types/>' },
      {
        name: 'xl/workbook.xml',
        content:
          '<workbook><sheet name="Scores" sheetId="1" r:id="r1"/><sheet name="Keys" state="hidden" r:id="r2"/></workbook>',
      },
      { name: 'xl/_rels/workbook.xml.rels', content: `<Relationships>${rel(1)}${rel(2)}</Relationships>` },
      { name: 'xl/sharedStrings.xml', content: '<sst><si><t>Ana</t></si></sst>' },
      {
        name: 'xl/worksheets/s1.xml',
        content:
          '<worksheet><row><c t="s"><v>0</v></c><c><v>4</v></c></row><row><c t="inlineStr"><is><t>Total</t></is></c></row></worksheet>',
      },
      { name: 'xl/worksheets/s2.xml', content: '<worksheet><row><c><v>42</v></c></row></worksheet>' },
    ]);
    expect(await pagesOf('xlsx', xlsx)).toEqual(['sheet 1: Scores\nAna\t4\nTotal']);
  });

  test('OpenDocument: slides and sheets', async () => {
    const odf = (body: string) =>
      rawZip([{ name: 'content.xml', content: `<d><o:body>${body}</o:body></d>` }]);
    const slide = (text: string) => `<draw:page><text:p>${text}</text:p></draw:page>`;
    expect(await pagesOf('odp', odf(slide('One') + slide('Two')))).toEqual(['slide 1: One', 'slide 2: Two']);
    const cell = '<table:table-cell><text:p>1</text:p></table:table-cell>';
    const table = `<table:table table:name="Data"><table:table-row>${cell}${cell}</table:table-row></table:table>`;
    expect(await pagesOf('ods', odf(table))).toEqual(['sheet 1: Data\n1\t1']);
  });

  test('rich text: in any code page, without pictures', async () => {
    const rtf =
      "{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0 Arial;}}{\\pict 89504e47}A\\'f1o \\u8212? ni\\'f1os\\par Two\\page Three}";
    expect(await pagesOf('rtf', rtf)).toEqual(['page 1: Año — niños\nTwo', 'page 2: Three']);
  });

  test('plain text: in UTF-8, UTF-16 and Windows-1252', async () => {
    expect(await pagesOf('txt', 'Año\r\nnuevo')).toEqual(['section 1: Año\nnuevo']);
    expect(await pagesOf('csv', Buffer.from('\ufeffAño;1', 'utf16le'))).toEqual(['section 1: Año;1']);
    expect(await pagesOf('txt', Buffer.from('A\xf1o', 'latin1'))).toEqual(['section 1: Año']);
  });

  test('holds nothing that the database refuses', async () => {
    const docx = minimalDocx([{ name: 'word/footnotes.xml', content: '<w:t>a&#x0;b\u0000c \ud800</w:t>' }]);
    expect((await pagesOf('docx', docx)).join('')).not.toMatch(/[\0\ud800]/);
  });

  test('is cut where it is too much, and says so', async () => {
    const long = await extract('txt', 'word '.repeat(10_000), { text: { maxCharacters: 1000 } });
    expect(long).toMatchObject({ ok: true, truncated: true });
    const pdf = await extract('pdf', await samplePdf(['a', 'b', 'c']), { text: { maxPages: 2 } });
    expect(pdf).toMatchObject({ ok: true, truncated: true, pageCount: 3, pages: { length: 2 } });
  });
});

describe('a document that resists', { timeout: 60_000 }, () => {
  test('because it is locked is said to be locked', async () => {
    expect(await extract('pdf', await samplePdf(['x'], { userPassword: 'secret' }))).toMatchObject({
      ok: false,
      reason: 'password',
    });
  });

  test('because it is broken is a result, not an error', async () => {
    expect(await extract('pdf', '%PDF-1.7 nothing more')).toMatchObject({ ok: false, reason: 'crashed' });
    expect(await extract('docx', 'no zip')).toMatchObject({ ok: false, reason: 'crashed' });
    const unclosed = rawZip([{ name: 'word/document.xml', content: '<w:p><w:r><w:t>Half a' }]);
    expect(await extract('docx', unclosed)).toMatchObject({ ok: true });
  });

  test('by entities that multiply gains nothing', async () => {
    const laughs =
      '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>' +
      '<w:document><w:p><w:r><w:t>&c; end</w:t></w:r></w:p></w:document>';
    const result = await pagesOf('docx', rawZip([{ name: 'word/document.xml', content: laughs }]));
    expect(result.join('').length).toBeLessThan(60);
  });

  test('a file without text says so', async () => {
    expect(await extract('mp3', 'x')).toMatchObject({ ok: false, reason: 'no-text' });
  });
});

const good = sharedData('documents/good');
const hostile = sharedData('documents/hostile');

describe.skipIf(!good || !hostile)('the real files', { timeout: 180_000 }, () => {
  test.each([
    ['Unit5-More-About-Forces.docx', 'docx', 45, 'Human Dynamics Cart'],
    ['Unit5-More-About-Forces.pdf', 'pdf', 47, 'Human Dynamics Cart'],
    ['tracemonkey.pdf', 'pdf', 14, 'Just-in-Time Type Specialization'],
    ['ArabicCIDTrueType.pdf', 'pdf', 1, 'العربية'],
    ['testPPT_various.pptx', 'pptx', 1, 'Here is a text box'],
    ['testEXCEL.xlsx', 'xlsx', 3, 'Numbers and their Squares'],
    ['LibreOfficeWriter_odt_1.3.odt', 'odt', 1, 'This is an example document'],
    ['LibreOfficeImpress_odp_1.3.odp', 'odp', 2, 'An example Impress file'],
    ['testEPUB.epub', 'epub', 4, 'Plus a simple div'],
    ['testRTF.rtf', 'rtf', 1, 'Test d’indexation Word'],
  ] as const)('%s reads well', async (name, kind, pages, words) => {
    const result = await extractDocument(join(good!, name), kind);
    if (!result.ok) throw new Error(result.detail);
    expect(result.pages).toHaveLength(pages);
    expect(result.pages.map((page) => page.text).join('\n')).toContain(words);
  });

  test('the hostile ones end within their limits and leave us as we were', async () => {
    const before = process.memoryUsage().rss;
    const outcomes: Record<string, unknown> = {};
    for (const name of [
      'bomb_giant.pdf',
      'evaljs.pdf',
      'poppler-395-0-fuzzed.pdf',
      'helloworld-bad.pdf',
      'testExternalRefs.docx',
    ]) {
      const result = await extractDocument(join(hostile!, name), name.endsWith('.pdf') ? 'pdf' : 'docx');
      outcomes[name] = result.ok ? result.pages.length : result.reason;
    }
    expect(outcomes).toEqual({
      'bomb_giant.pdf': 1,
      'evaljs.pdf': 2,
      'poppler-395-0-fuzzed.pdf': 'crashed',
      'helloworld-bad.pdf': 1,
      'testExternalRefs.docx': 1,
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(60 * 1024 * 1024);
  });
});
