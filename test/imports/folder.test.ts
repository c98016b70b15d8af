import { mkdir, mkdtemp, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Document, Packer, Paragraph } from 'docx';
import { folderLines, type KnownDocuments } from '../../server/imports/folder/folder-list.ts';
import { documentsOf } from '../../server/imports/readers/folder-reader.ts';
import { skippedRows } from '../../server/imports/run-report.ts';
import { translator } from '../../server/locale/locale.ts';
import { testApp } from '../support/app.ts';
import { catalogId, seedCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { importRows, runImport } from '../support/import-runs.ts';
import { samplePdf } from '../support/sample-files.ts';
import { sharedData } from '../support/shared-data.ts';

const database = await testDatabase();
const { pool } = database;
const { deps } = await testApp(database);
const districtId = catalogId('organization', 'north');
const t = translator('en');
let parent: string;

beforeAll(async () => {
  await seedCatalog(pool);
  parent = await mkdtemp(join(tmpdir(), 'commonshelf-folder-'));
});
afterAll(() => rm(parent, { recursive: true, force: true }));

const made = async (name: string, files: Record<string, string | Buffer>): Promise<string> => {
  const folder = join(parent, name);
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
};
const listOf = async (folder: string, known: KnownDocuments = new Map()): Promise<string> => {
  let text = '';
  for await (const line of folderLines(folder, known, t)) text += line.toString();
  return text;
};
/** As the command does it: what the last list knows isn't read again. */
const lists = new Map<string, string>();
const bring = async (source: string, folder: string) => {
  const last = join(parent, `${source}.last`);
  await writeFile(last, lists.get(source) ?? '');
  lists.set(source, await listOf(folder, await documentsOf(last)));
  return runImport(deps, {
    districtId,
    source,
    name: `${source}.folder`,
    content: lists.get(source) ?? '',
    options: { folder, host: hostname() },
  });
};
const shelf = async (source: string) =>
  (
    await pool.query<Record<string, unknown>>(
      `SELECT r.external_id AS id, v.title, v.summary,
         ARRAY(SELECT keyword FROM version_keyword WHERE version_id = v.id ORDER BY position) AS keywords,
         ARRAY(SELECT grade FROM version_grade WHERE version_id = v.id) AS grades,
         ARRAY(SELECT f.name FROM version_file vf JOIN file f ON f.id = vf.file_id WHERE vf.version_id = v.id ORDER BY vf.position) AS files,
         ARRAY(SELECT f.name FROM version_file vf JOIN file f ON f.id = vf.file_id WHERE vf.version_id = v.id AND vf.educators_only) AS keys
       FROM resource r JOIN version v ON v.id = r.current_version_id WHERE r.source = $1 ORDER BY r.external_id`,
      [source],
    )
  ).rows;
const skippedOf = async (run: { id: string }) =>
  (await skippedRows(pool, run.id, 50)).map(
    ({ key, params }) => `${key.split('.').at(-1)} ${params['name']}`,
  );

describe('a folder of documents', () => {
  it('comes in as one resource a document, with its own title or its name; what is none is named', async () => {
    const docx = await Packer.toBuffer(
      new Document({
        title: 'The water cycle',
        sections: [
          {
            children: [
              new Paragraph('Water rises, cools and falls again, and nobody has ever seen the end of it.'),
            ],
          },
        ],
      }),
    );
    const folder = await made('water', {
      'unit_2/Lesson-3 rain  gauge.txt':
        'How to build a rain gauge from a bottle, step by step, in one lesson.',
      'unit_2/cycle.docx': docx,
      'worksheet.pdf': await samplePdf(['Rain']),
      'old.doc': 'x',
      'page.html': '<p>',
      '.DS_Store': 'x',
      '.git/config': 'x',
      '~$cycle.docx': 'x',
      'fake.pdf': 'no pdf at all',
    });
    await symlink('/etc/passwd', join(folder, 'passwd.txt'));
    await symlink('/etc', join(folder, 'etc'));
    const run = await bring('water', folder);
    expect(run).toMatchObject({ state: 'done', counts: { new: 3, rejected: 1, skipped: 7, unreadable: 0 } });
    expect(await shelf('water')).toMatchObject([
      {
        id: 'unit_2/Lesson-3 rain gauge.txt',
        title: 'Lesson 3 rain gauge',
        keywords: ['Unit 2'],
        files: ['Lesson-3 rain gauge.txt'],
      },
      {
        id: 'unit_2/cycle.docx',
        title: 'The water cycle',
        summary: expect.stringContaining('Water rises') as string,
      },
      { id: 'worksheet.pdf', files: ['worksheet.pdf'], keywords: [] },
    ]);
    expect(await skippedOf(run)).toEqual([
      'hidden .DS_Store',
      'hidden .git',
      'link etc',
      'kind old.doc',
      'kind page.html',
      'link passwd.txt',
      'hidden ~$cycle.docx',
    ]);
    expect((await bring('water', folder)).counts).toMatchObject({ new: 0, changed: 0, unchanged: 3 });

    await writeFile(join(folder, 'worksheet.pdf'), await samplePdf(['Snow']));
    await rm(join(folder, 'unit_2/cycle.docx'));
    const next = await bring('water', folder);
    expect(next.counts).toMatchObject({ changed: 1, missing: 1 });
    expect((await importRows(deps, next)).find(({ outcome }) => outcome === 'changed')?.external_id).toBe(
      'worksheet.pdf',
    );
  });

  it('takes what a table at its top says of its documents, under other headings too', async () => {
    const folder = await made('table', {
      'metadata.csv':
        'File,Name,Grade,educator_files,Remarks\nsheets\\one.txt|two.txt,,3,key.txt,x\nnone.txt,None,4,,\n,"Cut\n',
      'sheets/one.txt': 'One and one',
      'two.txt': 'Two and two',
      'key.txt': 'Four',
      'three.txt': 'Three and three',
    });
    const run = await bring('table', folder);
    expect(run.counts).toMatchObject({ new: 2, rejected: 2, skipped: 0 });
    expect(await shelf('table')).toMatchObject([
      {
        id: 'sheets/one.txt',
        title: 'One',
        grades: ['3'],
        files: ['one.txt', 'two.txt', 'key.txt'],
        keys: ['key.txt'],
      },
      { id: 'three.txt', title: 'Three' },
    ]);
    const faults = (await importRows(deps, run)).flatMap(({ faults }) => faults ?? []);
    expect(faults.find(({ key }) => key === 'import.fault.inTable')?.params).toMatchObject({
      name: 'metadata.csv',
    });
  });

  it('is not read anew where it did not change', async () => {
    const folder = await made('again', {
      'a.txt': 'First words of the document, and they are many enough to be taken.',
    });
    const list = await listOf(folder);
    const path = join(parent, 'list');
    await writeFile(path, list.replaceAll('"title":"A"', '"title":"Remembered"'));
    const known = await documentsOf(path);
    expect(await listOf(folder, known)).toContain('"title":"Remembered"');
    await utimes(join(folder, 'a.txt'), new Date(), new Date(Date.now() - 86_400_000));
    expect(await listOf(folder, known)).not.toContain('Remembered');
  });

  const documents = sharedData('documents');
  it.skipIf(!documents)('of real documents, good and hostile, comes in as far as it may', async () => {
    const some = async (name: string, files: string[]) =>
      made(
        name,
        Object.fromEntries(
          await Promise.all(
            files.map(
              async (file) => [file.split('/').at(-1) ?? '', await readFile(join(documents!, file))] as const,
            ),
          ),
        ),
      );
    const good = await bring(
      'good',
      await some('good', [
        'good/HCI - Heuristics lesson - Bingo board.pdf',
        'good/tables.docx',
        'good/baseball.png',
      ]),
    );
    expect(good.counts).toMatchObject({ new: 3, rejected: 0, skipped: 0 });
    const titles = (await shelf('good')).map(({ title }) => title);
    expect(titles).toContain('Baseball');
    expect(titles.every((title) => typeof title === 'string' && /\p{L}/u.test(title))).toBe(true);
    const bad = [
      'zip-slip.zip',
      'symlink.zip',
      'droste.zip',
      'zipWithEncryption.zip',
      'slides-named-as.pdf',
      'testODTnotaZipFile.odt',
    ];
    const hostile = await bring(
      'hostile',
      await some(
        'hostile',
        [...bad, 'testEXCEL_macro.xlsm'].map((name) => `hostile/${name}`),
      ),
    );
    expect(hostile).toMatchObject({ state: 'done', counts: { new: 0, rejected: bad.length, skipped: 1 } });
    expect(await skippedOf(hostile)).toEqual(['kind testEXCEL_macro.xlsm']);
  });
});
