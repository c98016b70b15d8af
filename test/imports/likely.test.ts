import { beforeAll, describe, expect, it } from 'vitest';
import { likelyCsv, likelyRows } from '../../server/imports/run-report.ts';
import { translator } from '../../server/locale/locale.ts';
import { testApp } from '../support/app.ts';
import { catalogId, seedCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { runImport } from '../support/import-runs.ts';
import { rawZip } from '../support/raw-zip.ts';

const database = await testDatabase();
const { pool } = database;
const { deps } = await testApp(database);
const [north, south] = [catalogId('organization', 'north'), catalogId('organization', 'south')];

const theirs = [
  {
    external_id: 'S1',
    title: 'Half of a half, folded in paper',
    url: 'https://www.maps.example/fold/?utm_source=mail',
    visibility: 'public',
    language: 'en',
  },
  {
    external_id: 'S2',
    title: 'Where the rain goes after a storm',
    url: 'https://rain.example/a',
    visibility: 'state',
    language: 'en-US',
  },
  {
    external_id: 'S3',
    title: 'The secret garden of the south',
    url: 'https://secret.example/',
    visibility: 'district',
    language: 'en',
  },
  {
    external_id: 'S4',
    title: 'La lluvia y el río grande',
    url: 'https://rio.example/',
    visibility: 'public',
    language: 'es',
  },
  {
    external_id: 'S5',
    title: 'Grade 4 unit 2 lesson 7',
    url: 'https://series.example/7',
    visibility: 'public',
    language: 'en',
  },
];

beforeAll(async () => {
  await seedCatalog(pool);
  await runImport(deps, { districtId: south, source: 'south', content: theirs });
  await runImport(deps, {
    districtId: south,
    source: 'files',
    name: 'rows.zip',
    content: rawZip([
      { name: 'rows.csv', content: 'external_id,title,files,visibility\nF1,Water sheet,sheet.txt,public\n' },
      { name: 'sheet.txt', content: 'The same words in both districts' },
    ]),
  });
});

const look = async (rows: object[], dryRun = true, source = 'look') => {
  const run = await runImport(deps, { districtId: north, source, content: rows, dryRun });
  const likely = await likelyRows(pool, run, { after: 0, limit: 100 });
  return { run, likely: likely.map(({ externalId, why, title }) => `${externalId} ${why} ${title}`) };
};
const row = (external_id: string, title: string, url: string, language = 'en') => ({
  external_id,
  title,
  url,
  language,
});

describe('what is perhaps on the shelf already', () => {
  it('is found in a dry run by its link, however that is written', async () => {
    for (const url of [
      'http://maps.example/fold',
      'https://maps.example/fold/#top',
      'https://WWW.maps.example/fold/index.html',
      'https://maps.example/fold?utm_campaign=x&utm_medium=y',
    ]) {
      const { run, likely } = await look([row('1', 'Nothing alike', url)]);
      expect(likely, url).toEqual(['1 link Half of a half, folded in paper']);
      expect(run.counts).toMatchObject({ new: 1, likely: 1, gaps: 0 });
    }
    for (const url of [
      'https://maps.example/fold?page=2',
      'https://maps.example/folds',
      'https://other.example/fold',
    ])
      expect((await look([row('1', 'Nothing alike', url)])).likely, url).toEqual([]);
  });

  it('is found by a title that is nearly the same, in the same language, but not by the next of a series', async () => {
    const found = async (title: string, language = 'en') =>
      (await look([row('1', title, 'https://new.example/', language)])).likely;
    for (const title of [
      'Half of a Half — folded in paper!',
      'Folded in paper: half of a half',
      'Half of a half, folded in card',
      'A half of a half, folded in paper',
    ])
      expect(await found(title), title).toEqual(['1 title Half of a half, folded in paper']);
    expect(await found('La lluvia y el rio grande', 'es-MX')).toEqual(['1 title La lluvia y el río grande']);
    expect(await found('La lluvia y el río grande', 'pt')).toEqual([]);
    expect(await found('Grade 4, Unit 2: Lesson 7')).toEqual(['1 title Grade 4 unit 2 lesson 7']);
    expect(await found('Grade 4 unit 2 lesson 8')).toEqual([]);
    expect(await found('Paper')).toEqual([]);
    expect(await found('???')).toEqual([]);
  });

  it('is found by the content of a file, before that is stored', async () => {
    const run = await runImport(deps, {
      districtId: north,
      source: 'file',
      name: 'rows.zip',
      dryRun: true,
      content: rawZip([
        { name: 'rows.csv', content: 'external_id,title,files\n9,Quite another name,copy.txt\n' },
        { name: 'copy.txt', content: 'The same words in both districts' },
      ]),
    });
    expect(await likelyRows(pool, run, { after: 0, limit: 10 })).toMatchObject([
      { externalId: '9', why: 'file', title: 'Water sheet', organization: expect.any(String) as string },
    ]);
  });

  it('is never what another district keeps to itself', async () => {
    expect(
      (await look([row('1', 'The secret garden of the south', 'https://secret.example/')])).likely,
    ).toEqual([]);
    expect(
      (await look([row('1', 'Where the rain goes after a storm', 'https://new.example/')])).likely,
    ).toHaveLength(1);
    const { run } = await look([row('1', 'x', 'https://rain.example/a')]);
    await pool.query(`UPDATE resource SET visibility = 'district' WHERE external_id = 'S2'`);
    expect(await likelyRows(pool, run, { after: 0, limit: 10 })).toEqual([]);
    await pool.query(`UPDATE resource SET visibility = 'state' WHERE external_id = 'S2'`);
  });

  it('comes in all the same, is named in the report, and is not asked about again where nothing of it changed', async () => {
    const mine = row('N1', 'Half of a half, folded in paper', 'https://north.example/1');
    const { run, likely } = await look([mine], false, 'real');
    expect(run.counts).toMatchObject({ new: 1, likely: 1 });
    expect(likely).toEqual(['N1 title Half of a half, folded in paper']);
    let csv = '';
    for await (const line of likelyCsv(deps, run, translator('en'))) csv += line;
    expect(csv).toMatch(
      /N1,nearly the same title,"Half of a half, folded in paper",.*,http:\/\/localhost\/resources\//,
    );
    expect((await look([mine], false, 'real')).run.counts).toMatchObject({ unchanged: 1, likely: 0 });
    expect((await look([{ ...mine, keywords: 'paper' }], false, 'real')).run.counts).toMatchObject({
      changed: 1,
      likely: 0,
    });
    expect(
      (await look([{ ...mine, url: 'https://rain.example/a' }], false, 'real')).run.counts,
    ).toMatchObject({ changed: 1, likely: 1 });
  });
});
