import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import request from 'supertest';
import { beforeAll, describe, expect, it } from 'vitest';
import { testApp } from '../support/app.ts';
import { catalogId, seedCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { importRows, runImport } from '../support/import-runs.ts';
import { sharedData } from '../support/shared-data.ts';

const database = await testDatabase();
const { pool } = database;
const { app, deps } = await testApp(database);
const districtId = catalogId('organization', 'north');
let guid: string;

beforeAll(async () => {
  await seedCatalog(pool);
  const { rows } = await pool.query<{ guid: string }>(
    `SELECT guid FROM standard WHERE code = 'TS.MATH.3.NF.1'`,
  );
  guid = rows[0]!.guid;
});

const bring = (source: string, name: string, content: string | Buffer) =>
  runImport(deps, { districtId, source, name, content });
const shelf = async (source: string) =>
  (
    await pool.query<Record<string, unknown>>(
      `SELECT r.external_id AS id, v.title, v.summary, v.description, v.url, v.type, v.license, v.language, v.authors, v.publisher, v.minutes,
         ARRAY(SELECT keyword FROM version_keyword WHERE version_id = v.id ORDER BY position) AS keywords,
         ARRAY(SELECT subject FROM version_subject WHERE version_id = v.id ORDER BY position) AS subjects,
         ARRAY(SELECT grade FROM version_grade WHERE version_id = v.id ORDER BY grade) AS grades,
         ARRAY(SELECT concat_ws(' ', s.code, a.relation) FROM alignment a JOIN standard s ON s.guid = a.standard_guid
               WHERE a.resource_id = r.id AND a.to_version IS NULL ORDER BY s.code, a.relation) AS standards
       FROM resource r JOIN version v ON v.id = r.current_version_id WHERE r.source = $1 ORDER BY r.id`,
      [source],
    )
  ).rows;
const gaps = async (run: Awaited<ReturnType<typeof bring>>) =>
  (await importRows(deps, run))
    .flatMap(({ gaps }) => gaps ?? [])
    .map(({ field, value }) => `${field}: ${value}`);

const record = () => ({
  '@context': 'https://schema.org',
  '@type': ['CreativeWork', 'LearningResource'],
  '@id': 'https://shelf.example/resources/7',
  name: 'Fraction strips',
  description: 'Strips of paper show halves.',
  url: 'https://shelf.example/resources/7/fraction-strips',
  teaches: [
    { '@type': 'DefinedTerm', '@id': `https://standards.example/uri/${guid}`, termCode: 'unknown here' },
  ],
  educationalAlignment: [
    {
      '@type': 'AlignmentObject',
      alignmentType: 'teaches',
      targetName: 'unknown here',
      targetUrl: `https://standards.example/uri/${guid}`,
    },
    {
      '@type': 'AlignmentObject',
      alignmentType: 'assesses',
      targetName: 'TS.MATH.4.NF.1',
      targetUrl: 'https://nowhere.example/1',
    },
    { '@type': 'AlignmentObject', alignmentType: 'educationalSubject', targetName: 'Mathematics' },
    { '@type': 'AlignmentObject', alignmentType: 'textComplexity', targetName: 'Lexile 500' },
  ],
  educationalLevel: ['Grade 3', 'Grade 4'],
  learningResourceType: ['Nobody knows this', 'Lesson'],
  timeRequired: 'PT1H30M',
  license: { '@id': 'https://creativecommons.org/licenses/by/4.0/' },
  inLanguage: [{ '@type': 'Language', name: 'Spanish', alternateName: 'es' }],
  author: [{ '@type': 'Person', name: 'Ana Gil' }, 'Bo Li'],
  publisher: { '@type': 'Organization', name: 'North Fork' },
  keywords: 'paper, halves',
  typicalAgeRange: '5-6',
});
const read = {
  title: 'Fraction strips',
  summary: 'Strips of paper show halves.',
  url: 'https://shelf.example/resources/7/fraction-strips',
  type: 'lesson',
  license: 'CC-BY-4.0',
  language: 'es',
  authors: 'Ana Gil, Bo Li',
  publisher: 'North Fork',
  minutes: 90,
  keywords: ['paper', 'halves'],
  subjects: ['math'],
  grades: ['3', '4'],
  standards: ['TS.MATH.3.NF.1 teaches', 'TS.MATH.4.NF.1 assesses'],
};

describe('records of schema.org', () => {
  it('come in from one object, a list, a graph, and lines, each as the same resource', async () => {
    const one = record();
    const { '@context': context, ...bare } = one;
    const person = { '@id': '_:ana', '@type': 'Person', name: 'Ana Gil' };
    const forms: Record<string, [string, string]> = {
      one: ['record.jsonld', JSON.stringify(one, null, 2)],
      list: ['records.json', JSON.stringify([one])],
      graph: [
        'graph.json',
        JSON.stringify({
          '@context': [context, { x: 'y' }],
          '@graph': [person, { ...bare, author: [{ '@id': '_:ana' }, 'Bo Li'] }],
        }),
      ],
      lines: ['records.ndjson', `${JSON.stringify(one)}\n`],
      page: [
        'page.html',
        `<html><script>var a = 1</script><script type="application/ld+json">${JSON.stringify(one)}</script></html>`,
      ],
      prefixed: [
        'prefixed.json-ld',
        JSON.stringify(
          Object.fromEntries(
            Object.entries(one).map(([key, value]) => [key.startsWith('@') ? key : `schema:${key}`, value]),
          ),
        ),
      ],
      expanded: [
        'expanded.json',
        JSON.stringify([
          Object.fromEntries(
            Object.entries(bare).map(([key, value]) => [
              key.startsWith('@') ? key : `http://schema.org/${key}`,
              typeof value === 'string' && !key.startsWith('@') ? [{ '@value': value }] : value,
            ]),
          ),
        ]),
      ],
    };
    for (const [source, [name, content]] of Object.entries(forms)) {
      const run = await bring(source, name, content);
      expect(run, source).toMatchObject({ state: 'done', counts: { new: 1, rejected: 0, gaps: 0 } });
      expect(await shelf(source), source).toEqual([
        { id: 'https://shelf.example/resources/7', description: '', ...read },
      ]);
      expect((await bring(source, name, content)).counts, source).toMatchObject({ unchanged: 1 });
    }
  });

  it('give grades by ages only where they say no level, and minutes only where the time is one', async () => {
    const lines = [
      { typicalAgeRange: '8-9' },
      { typicalAgeRange: ['5-6', '10-12'] },
      { typicalAgeRange: '16-' },
      { typicalAgeRange: '18+' },
      {
        educationalAlignment: {
          alignmentType: 'Educational level',
          educationalFramework: 'US Grade Levels',
          targetName: 'Pre-K',
        },
      },
      {
        educationalAlignment: {
          alignmentType: 'educationalLevel',
          educationalFramework: 'SCQF',
          targetName: 'Level 2',
        },
      },
      { timeRequired: 'P30M' },
      { timeRequired: ['PT2700S', 'PT1H'] },
    ].map((more, index) =>
      JSON.stringify({
        '@type': 'LearningResource',
        '@id': `urn:x:${index}`,
        name: 'One',
        url: `https://a.example/${index}`,
        ...more,
      }),
    );
    const run = await bring('ages', 'records.ndjson', lines.join('\n'));
    expect((await shelf('ages')).map(({ grades }) => (grades as string[]).toSorted())).toEqual([
      ['3'],
      ['5', '6', 'K'],
      ['11', '12'],
      [],
      ['PK'],
      [],
      [],
      [],
    ]);
    expect((await shelf('ages')).map(({ minutes }) => minutes).slice(6)).toEqual([null, 45]);
    expect((await shelf('ages'))[5]).toMatchObject({ keywords: ['SCQF Level 2'] });
    expect(await gaps(run)).toEqual(['minutes: P30M']);
  });

  it('are told to be cut or too nested instead of stopping the run', async () => {
    expect((await bring('cut', 'one.jsonld', JSON.stringify(record()).slice(0, -9))).reason?.key).toBe(
      'import.file.ldBroken',
    );
    expect((await bring('cut', 'page.html', '<p>Nothing</p>')).reason?.key).toBe('import.file.noLd');
    const list = await bring('cut', 'list.json', JSON.stringify([record(), record()]).slice(0, -9));
    expect(list.counts).toMatchObject({ new: 1, rejected: 1, unreadable: 1 });
    let deep: unknown = 'x';
    for (let depth = 0; depth < 2000; depth += 1) deep = { name: deep };
    const nested = await bring('deep', 'one.jsonld', JSON.stringify({ ...record(), about: deep }));
    expect(nested).toMatchObject({ state: 'done', counts: { new: 1 } });
  });

  it('are read from this portal’s own pages', async () => {
    const { rows } = await pool.query<{ id: string; title: string }>(
      `SELECT r.id, v.title FROM resource r JOIN version v ON v.id = r.current_version_id
       WHERE r.state = 'published' AND r.audience && ARRAY['public'] AND r.external_id IS NULL
         AND EXISTS (SELECT 1 FROM alignment a WHERE a.resource_id = r.id) LIMIT 1`,
    );
    const [own] = rows;
    const page = await request(app).get(`/resources/${own!.id}`).redirects(1);
    const run = await bring(
      'pages',
      'page.html',
      page.text.replaceAll(deps.config.baseUrl, 'https://shelf.example.gov'),
    );
    expect(run).toMatchObject({ state: 'done', counts: { new: 1, rejected: 0 } });
    const [there] = await shelf('pages');
    expect(there?.['title']).toBe(own?.title);
    expect(there?.['standards']).not.toEqual([]);
  });
});

describe('real LRMI examples', () => {
  const folder = sharedData('resources/lrmi');
  it.skipIf(!folder)('come in, old spellings and all', async () => {
    const sourceOf = (file: string) => `real-${file.toLowerCase()}`;
    const real = async (file: string, name = file) =>
      bring(sourceOf(file), name, await readFile(join(folder!, file)));
    expect((await real('LRexample01.jsonld')).counts).toMatchObject({ new: 1, rejected: 0 });
    expect(await shelf(sourceOf('LRexample01.jsonld'))).toMatchObject([
      {
        title: 'Tiles, Blocks, Sapphires & Gold: Designing a Treasure Map',
        minutes: 120,
        language: 'en',
        publisher: 'Cooper-Hewitt, National Design Museum',
        keywords: ['teamwork', 'collaboration', 'classroom', 'teacher', 'activity'],
      },
    ]);
    const turned = await real('LRexample01a.json-ld');
    expect(turned.counts).toMatchObject({ new: 1, rejected: 0 });
    expect((await shelf(sourceOf('LRexample01a.json-ld')))[0]).toMatchObject({
      minutes: 120,
      grades: ['1', 'PK'],
    });
    expect(await gaps(turned)).toContain('standards: CCSS.ELA-Literacy.SL.K.1a');
    // The list of examples quotes JSON-LD between other mark-up, as a page does; two of them describe one address.
    const listed = await real('sdo-lrmi-examples.txt', 'examples.html');
    expect(listed.counts).toMatchObject({ new: 1, rejected: 1 });
  });
});
