import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { guessMapping } from '../../server/imports/mapping-guess.ts';
import { latestMapping, saveMapping } from '../../server/imports/mapping-service.ts';
import { MappingError, mappingMapper, parseMapping, writeMapping } from '../../server/imports/mapping.ts';
import { NATIVE_FIELDS } from '../../server/imports/native-row.ts';
import { unknownValues } from '../../server/imports/run-report.ts';
import { projectRoot } from '../../server/lib/project-root.ts';
import { sampleRows } from '../../server/imports/readers/read-rows.ts';
import { testApp } from '../support/app.ts';
import { catalogId, seedCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { importRows, runImport } from '../support/import-runs.ts';
import { sharedData } from '../support/shared-data.ts';

const database = await testDatabase();
const { pool } = database;
const { deps } = await testApp(database);
const districtId = catalogId('organization', 'north');
beforeAll(async () => void (await seedCatalog(pool)));

const map = (yaml: string, values: Record<string, unknown>) => mappingMapper(parseMapping(yaml))(values);
const refusal = (yaml: string): unknown => {
  try {
    return parseMapping(yaml);
  } catch (error) {
    return error instanceof MappingError ? `${error.key} ${JSON.stringify(error.params)}` : error;
  }
};

describe('a mapping', () => {
  it('takes columns, paths, several columns, constants and templates', () => {
    const yaml = `
fields:
  external_id: Item No.
  title: { from: about.title }
  keywords: { from: [Tags, Unit] }
  standards: { from: 'alignments[].code' }
  authors: { from: 'people[0].name' }
  license: { constant: CC BY 4.0 }
  url: { template: 'https://library.north.example/items/{Item No.}' }
  summary: { template: '{Missing} of {Item No.}' }
`;
    expect(
      map(yaml, {
        'Item No.': '17',
        about: { title: 'Half of a half' },
        Tags: 'paper',
        Unit: 'Fractions',
        alignments: [{ code: '3.NF.A.1' }, { code: '3.NF.A.2' }, {}],
        people: [{ name: 'Team three' }, { name: 'Other' }],
      }),
    ).toEqual({
      external_id: '17',
      title: 'Half of a half',
      keywords: ['paper', 'Fractions'],
      standards: ['3.NF.A.1', '3.NF.A.2'],
      authors: 'Team three',
      license: 'CC BY 4.0',
      url: 'https://library.north.example/items/17',
      summary: null,
    });
  });

  it('splits, trims, lowers, joins, replaces, takes the first, and translates values', () => {
    const yaml = `
fields:
  subjects: { from: Subject, split: ';', values: { Maths: mathematics, Sci: science, None: null }, default: arts }
  grades: { from: [From, To], do: [trim, { join: '-' }] }
  title: { from: Title, do: [{ replace: { from: '_', to: ' ' } }, trim] }
  type: { from: Kind, do: [lower, { split: '/' }, first, { template: 'a {value}' }] }
`;
    const row = {
      Subject: 'Maths; Sci;None',
      From: ' 3',
      To: '5 ',
      Title: 'Area_of_a_garden ',
      Kind: 'Lesson/Video',
    };
    expect(map(yaml, row)).toEqual({
      subjects: ['mathematics', 'science'],
      grades: '3-5',
      title: 'Area of a garden',
      type: 'a lesson',
    });
    expect(map(yaml, { Subject: 'None' })).toMatchObject({ subjects: 'arts' });
  });

  it('leaves columns that have a field’s own name to themselves', () => {
    expect(
      map('fields: { title: Name }', {
        external_id: '1',
        Name: 'One',
        Title: 'Not this',
        URL: 'https://a.example',
      }),
    ).toEqual({
      external_id: '1',
      title: 'One',
      url: 'https://a.example',
    });
  });

  it('that can’t be used says where', () => {
    expect(refusal('fields: { title: [')).toMatch(/^import\.map\.yaml \{"line":1/);
    expect(refusal('fields: { titel: Name }')).toMatch(/^import\.map\.field \{"field":"titel"/);
    expect(refusal('fields: { title: { from: Name, uppercase: true } }')).toBe(
      'import.map.rule {"place":"fields.title"}',
    );
    expect(refusal('title: Name')).toMatch(/^import\.map\./);
    expect(refusal(`a: &a [x, x]\nb: &b [*a, *a]\nfields: { title: *b }`)).toMatch(/^import\.map\./);
  });

  it('is kept for its source, a changed one as the next version', async () => {
    const key = { districtId, source: 'library', name: 'main' };
    const first = await saveMapping(deps, { ...key, text: 'fields: { title: Name }', personId: null });
    expect(await saveMapping(deps, { ...key, text: 'fields: { title: Name }', personId: null })).toEqual(
      first,
    );
    const second = await saveMapping(deps, { ...key, text: 'fields: { title: Heading }', personId: null });
    expect([first.version, second.version]).toEqual([1, 2]);
    expect(await latestMapping(deps, key)).toMatchObject({ id: second.id, version: 2 });
    expect(await latestMapping(deps, { ...key, source: 'other' })).toBeUndefined();
    await expect(saveMapping(deps, { ...key, text: 'nonsense', personId: null })).rejects.toBeInstanceOf(
      MappingError,
    );
  });

  it('goes with its run to the rows', async () => {
    const text = `
fields:
  external_id: No
  title: Name
  url: { template: 'https://library.north.example/{No}' }
  subjects: { from: Area, values: { Num: math } }
`;
    const { id } = await saveMapping(deps, {
      districtId,
      source: 'mapped',
      name: 'main',
      text,
      personId: null,
    });
    const run = await runImport(deps, {
      districtId,
      source: 'mapped',
      name: 'rows.csv',
      content: 'No,Name,Area\n1,One,Num\n2,,Num\n',
      mappingId: id,
    });
    expect(run.counts).toMatchObject({ new: 1, rejected: 1, gaps: 0 });
    const { rows } = await pool.query(
      `SELECT v.title, v.url FROM resource r JOIN version v ON v.id = r.current_version_id WHERE r.source = 'mapped'`,
    );
    expect(rows).toEqual([{ title: 'One', url: 'https://library.north.example/1' }]);
  });

  it('is asked for where a table has other columns', async () => {
    const run = await runImport(deps, {
      districtId,
      source: 'none',
      name: 'rows.csv',
      content: 'No,Name\n1,One\n',
    });
    expect(run).toMatchObject({
      state: 'failed',
      reason: { key: 'import.file.columns', params: { columns: 'No, Name' } },
    });
    expect(await importRows(deps, run)).toEqual([]);
  });
});

describe('the guide for district data leads', () => {
  const block = async (language: string): Promise<string> => {
    const guide = await readFile(join(projectRoot, 'docs/district.md'), 'utf8');
    return new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(guide)?.[1] ?? '';
  };

  it('gives a first file that comes in, and a mapping that does what it says', async () => {
    const run = await runImport(deps, {
      districtId,
      source: 'guide',
      name: 'lessons.csv',
      content: await block('csv'),
    });
    expect(run.counts).toMatchObject({ new: 3, rejected: 0 });
    const { values } = await unknownValues(pool, run, 50);
    // The test's state has other standards, kinds and licenses; everything else must be understood.
    expect(new Set(values.map(({ field }) => field))).toEqual(new Set(['standards', 'license', 'type']));
    const row = {
      'Item No.': '17',
      Name: ' Senses ',
      'From grade': '1',
      'To grade': '2',
      Area: 'Sci;Other',
      Codes: 'A,B',
      Kind: '',
    };
    expect(map(await block('yaml'), row)).toEqual({
      external_id: '17',
      title: 'Senses',
      grades: '1-2',
      subjects: 'Science',
      standards: ['A', 'B'],
      license: 'CC BY 4.0',
      url: 'https://library.example.org/items/17',
      type: 'lesson',
    });
  });

  it('names every column, and none that isn’t one', async () => {
    const guide = await readFile(join(projectRoot, 'docs/district.md'), 'utf8');
    const named = [...guide.matchAll(/^\| `(\w+)` /gm)].map(([, name]) => name);
    expect(named.toSorted()).toEqual([...NATIVE_FIELDS].toSorted());
  });
});

describe('a guess', () => {
  it('knows columns by what they are called elsewhere, then by what stands in them', () => {
    const columns = [
      'Resource ID',
      'Resource Title',
      'Web Address',
      'Content Area',
      'A',
      'B',
      'C',
      'Remarks',
    ];
    const sample = [1, 2, 3].map((n) => ({
      'Resource ID': `R${n}`,
      'Resource Title': `Lesson ${n}`,
      'Web Address': `https://a.example/${n}`,
      'Content Area': 'Math',
      A: n === 1 ? '3-5' : 'Grade 4',
      B: '3.NF.A.1',
      C: 'https://creativecommons.org/licenses/by/4.0/',
      Remarks: 'none',
    }));
    const { fields, unused } = guessMapping(columns, sample);
    expect(fields).toEqual({
      external_id: 'Resource ID',
      title: 'Resource Title',
      url: 'Web Address',
      subjects: 'Content Area',
      grades: 'A',
      standards: 'B',
      license: 'C',
    });
    expect(unused).toEqual(['Remarks']);
    const yaml = writeMapping(fields, 'A guess.\nLook it over.');
    expect(yaml).toMatch(/^# A guess\.\n# Look it over\.\n/);
    expect(map(yaml, sample[0]!)).toMatchObject({ external_id: 'R1', title: 'Lesson 1' });
  });

  const gutenberg = sharedData('scale/gutenberg-catalog-part.csv.gz');
  it.skipIf(!gutenberg)('brings a library’s real catalog in, line ends in its fields and all', async () => {
    const { columns, sample } = await sampleRows(gutenberg!, 'catalog.csv.gz', 200);
    const { fields } = guessMapping(columns, sample);
    expect(fields).toMatchObject({
      external_id: 'Text#',
      title: 'Title',
      language: 'Language',
      authors: 'Authors',
    });
    const text =
      writeMapping(fields, 'guess') + `  url: { template: 'https://www.gutenberg.org/ebooks/{Text#}' }\n`;
    const { id } = await saveMapping(deps, {
      districtId,
      source: 'gutenberg',
      name: 'main',
      text,
      personId: null,
    });
    const all = gunzipSync(await readFile(gutenberg!)).toString('utf8');
    const part = all.slice(0, all.indexOf('\n', 300_000) + 1);
    const run = await runImport(deps, {
      districtId,
      source: 'gutenberg',
      name: 'catalog.csv',
      content: part,
      mappingId: id,
    });
    expect(run.counts.new).toBeGreaterThan(1000);
    expect(run.counts.rejected).toBeLessThan(10);
  });

  const curricula = sharedData('resources/global-curricula');
  it.skipIf(!curricula)('finds what it can in a table that nobody made for us', async () => {
    const names = (await readdir(curricula!)).filter((name) => name.endsWith('.csv'));
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) {
      const { columns, sample } = await sampleRows(join(curricula!, name), name, 200);
      expect(guessMapping(columns, sample).fields, name).toMatchObject({
        title: expect.any(String) as string,
        url: expect.any(String) as string,
        external_id: expect.any(String) as string,
      });
    }
  });
});
