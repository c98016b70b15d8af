import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import iconv from 'iconv-lite';
import yazl from 'yazl';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { csvLine } from '../../server/lib/csv-text.ts';
import { openRows } from '../../server/imports/readers/read-rows.ts';
import { isReadable, UnreadableFile, type Row } from '../../server/imports/row-reader.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'commonshelf-rows-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(
  name: string,
  content: string | Buffer,
): Promise<{ columns: string[] | null; rows: Row[] }> {
  const path = join(folder, 'rows');
  await writeFile(path, content);
  const source = await openRows({ path, name });
  const rows: Row[] = [];
  for await (const row of source.rows) rows.push(row);
  return { columns: source.columns, rows };
}
const values = (rows: Row[]): unknown[] =>
  rows.map((row) => (isReadable(row) ? { ...row.values } : row.fault.key));
const refusal = (name: string, content: string | Buffer): Promise<string> =>
  read(name, content).then(
    () => 'read',
    (error: unknown) => (error instanceof UnreadableFile ? error.key : String(error)),
  );

describe('a table in a text file', () => {
  it('is read with commas, semicolons or tabs, and with any line ends', async () => {
    const expected = [
      { external_id: '1', title: 'Uno, dos' },
      { external_id: '2', title: 'Three' },
    ];
    for (const text of [
      'external_id,title\n1,"Uno, dos"\n2,Three\n',
      'external_id;title\r\n1;Uno, dos\r\n2;Three',
      'external_id\ttitle\r1\tUno, dos\r2\tThree\r',
      '\n\nexternal_id,title\n\n1,"Uno, dos"\n,\n2,Three\n\n',
    ])
      expect(values((await read('rows.csv', text)).rows), JSON.stringify(text)).toEqual(expected);
  });

  it('is read in UTF-8, UTF-16 and Windows-1252, with and without a mark at its start', async () => {
    const text = 'external_id,title\n1,"Fracción – ½"\n';
    for (const [encoding, addBOM] of [
      ['utf8', true],
      ['utf8', false],
      ['utf16le', true],
      ['utf16le', false],
      ['utf16be', true],
      ['win1252', false],
    ] as const)
      expect(
        values((await read('rows.csv', iconv.encode(text, encoding, { addBOM }))).rows),
        encoding,
      ).toEqual([{ external_id: '1', title: 'Fracción – ½' }]);
  });

  it('is Windows-1252 as a whole when its first accent stands far down', async () => {
    const lines = Array.from({ length: 5000 }, (_, index) => `${index},plain title`);
    const text = `external_id,title\n${lines.join('\n')}\nlast,Geografía\n`;
    const { rows } = await read('rows.csv', iconv.encode(text, 'win1252'));
    expect(values(rows).at(-1)).toEqual({ external_id: 'last', title: 'Geografía' });
  });

  it('may be packed with gzip', async () => {
    const { rows } = await read('rows.csv.gz', gzipSync('external_id,title\n1,One\n'));
    expect(values(rows)).toEqual([{ external_id: '1', title: 'One' }]);
  });

  it('keeps line ends and quotation marks inside a cell, a million letters in one, and 200 columns', async () => {
    const long = 'word '.repeat(200_000);
    const wide = Array.from({ length: 200 }, (_, index) => `column ${index}`);
    const text =
      csvLine(['external_id', 'title', ...wide]) +
      csvLine(['1', 'Line one\nline "two"', long, ...wide.slice(1)]) +
      csvLine(['2', 'Two', ...wide]);
    const { rows, columns } = await read('rows.csv', text);
    expect(columns).toHaveLength(202);
    const [first, second] = values(rows) as Record<string, string>[];
    expect(first).toMatchObject({ title: 'Line one\nline "two"', 'column 199': 'column 199' });
    expect(first?.['column 0']).toHaveLength(1_000_000);
    expect(second).toMatchObject({ external_id: '2', 'column 0': 'column 0' });
  });

  it('gives the cells under a heading that stands there twice as a list', async () => {
    const { rows, columns } = await read(
      'rows.csv',
      'external_id,subjects,subjects,title,subjects\n1,Math,,One,Art\n2,,,Two,\n',
    );
    expect(columns).toEqual(['external_id', 'subjects', 'title']);
    expect(values(rows)).toEqual([
      { external_id: '1', subjects: ['Math', 'Art'], title: 'One' },
      { external_id: '2', title: 'Two' },
    ]);
  });

  it('names the row that has a cell without a heading, and reads the others', async () => {
    const { rows } = await read('rows.csv', 'external_id,title\n1,One\n2,Two, and more\n3,Three\n');
    expect(values(rows)).toEqual([
      { external_id: '1', title: 'One' },
      'import.fault.extraCell',
      { external_id: '3', title: 'Three' },
    ]);
    expect(rows[1]).toMatchObject({
      position: 2,
      line: 3,
      fault: { params: { column: 3, read: ' and more' } },
    });
  });

  it('says where half a file ends', async () => {
    const cut = await read('rows.csv', 'external_id,title,url\n1,One,https://a.example\n2,Tw');
    expect(values(cut.rows)).toEqual([
      { external_id: '1', title: 'One', url: 'https://a.example' },
      'import.fault.cut',
    ]);
    expect(cut.rows[1]).toMatchObject({ position: 2, line: 3, cut: true });
    const quoted = await read('rows.csv', 'external_id,title\n1,One\n2,"Two and\n3,Three\n');
    expect(values(quoted.rows)).toEqual([{ external_id: '1', title: 'One' }, 'import.fault.quote']);
    expect(quoted.rows[1]).toMatchObject({ cut: true });
  });

  it('takes a row that is short where others are too', async () => {
    const { rows } = await read('rows.csv', 'external_id,title,url\n1,One\n2,Two\n3,Three');
    expect(values(rows)).toHaveLength(3);
    expect(rows.every(isReadable)).toBe(true);
  });

  it('gives back formulas that were neutralized on the way out', async () => {
    const cells = ['=1+1', '+1', '-1', '@SUM(A1)', "'=quoted", "it's", '-', '\tindented'];
    const text = csvLine(['external_id', ...cells.map((_, index) => `c${index}`)]) + csvLine(['1', ...cells]);
    expect(text).toContain("'=1+1");
    const [row] = values((await read('rows.csv', text)).rows) as Record<string, string>[];
    expect(cells.map((_, index) => row?.[`c${index}`])).toEqual(cells);
  });

  it('is refused in words when there is nothing to read', async () => {
    expect(await refusal('rows.csv', '')).toBe('import.file.empty');
    expect(await refusal('rows.csv', '\n\n')).toBe('import.file.noHeadings');
    expect(await refusal('rows.pdf', '%PDF-1.7')).toBe('import.file.kind');
    expect(await refusal('rows.xls', Buffer.from('d0cf11e0a1b11ae10000', 'hex'))).toBe(
      'import.file.oldExcel',
    );
    expect(await refusal('rows.xlsx', 'PK\u0003\u0004 but no zip')).toBe('import.file.noWorkbook');
  });
});

describe('rows of JSON', () => {
  it('stand one in a line; a line that is none is named, with what it says', async () => {
    const { rows } = await read(
      'rows.ndjson',
      '{"external_id":"1"}\n\nnot json\n[1]\n{"external_id":"4"}\n{"external',
    );
    expect(values(rows)).toEqual([
      { external_id: '1' },
      'import.fault.json',
      'import.fault.noObject',
      { external_id: '4' },
      'import.fault.cut',
    ]);
    expect(rows[1]).toMatchObject({ position: 2, line: 3, raw: 'not json', cut: false });
    expect(rows[4]).toMatchObject({ position: 5, cut: true });
  });

  it('are the objects of a list, which is the document or stands in it', async () => {
    const objects = [
      { external_id: '1', title: 'a ] } " \\ b', nested: { list: [{ deep: 1 }] } },
      { external_id: '2' },
    ];
    for (const text of [
      JSON.stringify(objects),
      JSON.stringify(objects, null, 2),
      JSON.stringify({ about: { version: 1 }, resources: objects, more: [1, 2] }),
    ])
      expect(values((await read('rows.json', text)).rows), text).toEqual(objects);
  });

  it('are read however the text falls into pieces', async () => {
    const objects = Array.from({ length: 3000 }, (_, index) => ({
      external_id: String(index),
      title: `\\"${'é"\\'.repeat(60)}`,
    }));
    expect(values((await read('rows.json', JSON.stringify(objects))).rows)).toEqual(objects);
    const lines = objects.map((object) => JSON.stringify(object)).join('\r\n');
    expect(values((await read('rows.ndjson', lines)).rows)).toEqual(objects);
  });

  it('are told to be cut where the list never ends, and refused where there is none', async () => {
    const { rows } = await read('rows.json', '[{"external_id":"1"},{"external_id":"2"');
    expect(values(rows)).toEqual([{ external_id: '1' }, 'import.fault.cut']);
    expect(await refusal('rows.json', '{"title": "one"}')).toBe('import.file.noList');
  });
});

describe('a workbook', () => {
  const sheet = (rows: string) =>
    `<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>${rows}</sheetData></worksheet>`;
  async function workbook(rows: string): Promise<Buffer> {
    const zip = new yazl.ZipFile();
    const add = (name: string, text: string) => zip.addBuffer(Buffer.from(text), name);
    add(
      '[Content_Types].xml',
      '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
    );
    add(
      'xl/workbook.xml',
      `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
       <sheets><sheet name="Hidden" sheetId="1" state="hidden" r:id="rId1"/><sheet name="Lessons" sheetId="2" r:id="rId2"/></sheets></workbook>`,
    );
    add(
      'xl/_rels/workbook.xml.rels',
      `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
       <Relationship Id="rId1" Type="x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="x/worksheet" Target="/xl/worksheets/sheet2.xml"/></Relationships>`,
    );
    add(
      'xl/sharedStrings.xml',
      '<sst><si><t>external_id</t></si><si><t>title</t></si><si><r><t>Half </t></r><r><t>of it</t></r></si></sst>',
    );
    add(
      'xl/styles.xml',
      '<styleSheet><numFmts><numFmt numFmtId="165" formatCode="d/m/yyyy"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="165"/></cellXfs></styleSheet>',
    );
    add('xl/worksheets/sheet1.xml', sheet('<row r="1"><c r="A1"><v>hidden</v></c></row>'));
    add('xl/worksheets/sheet2.xml', sheet(rows));
    zip.end();
    return buffer(zip.outputStream);
  }

  it('is read row by row from its first visible sheet: shared words, dates, numbers, gaps between cells', async () => {
    const content = await workbook(
      `<row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2" t="s"><v>1</v></c><c r="C2" t="inlineStr"><is><t>modified</t></is></c><c r="D2" t="str"><v>minutes</v></c><c r="E2" t="str"><v>x</v></c></row>
       <row r="3"/><row r="4"><c r="A4"><v>17</v></c><c r="B4" t="s"><v>2</v></c><c r="C4" s="1"><v>45536</v></c><c r="D4"><v>45</v></c></row>
       <row r="6"><c r="A6" t="str"><f>A4+1</f><v>18</v></c><c r="C6" s="2"><v>45536.5</v></c><c r="D6"><v>0.30000000000000004</v></c><c r="E6" t="e"><v>#REF!</v></c></row>`,
    );
    const { rows, columns } = await read('lessons.xlsx', content);
    expect(columns).toEqual(['external_id', 'title', 'modified', 'minutes', 'x']);
    expect(rows.map((row) => row.line)).toEqual([4, 6]);
    expect(values(rows)).toEqual([
      { external_id: '17', title: 'Half of it', modified: '2024-09-01', minutes: '45' },
      { external_id: '18', modified: '2024-09-01T12:00:00', minutes: '0.3' },
    ]);
  });

  it('is known by its content, whatever its name says', async () => {
    const content = await workbook('<row><c t="str"><v>external_id</v></c></row><row><c><v>1</v></c></row>');
    expect(values((await read('lessons.csv', content)).rows)).toEqual([{ external_id: '1' }]);
  });

  it('is refused when it was cut', async () => {
    const content = await workbook('<row><c t="str"><v>external_id</v></c></row>');
    expect(await refusal('lessons.xlsx', content.subarray(0, content.length / 2))).toBe(
      'import.file.noWorkbook',
    );
  });
});
