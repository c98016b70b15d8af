import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { parseMapping } from '../../server/imports/mapping.ts';
import { saveMapping } from '../../server/imports/mapping-service.ts';
import { projectRoot } from '../../server/lib/project-root.ts';
import { testApp } from '../support/app.ts';
import { catalogId, seedCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { runImport } from '../support/import-runs.ts';
import { sharedData } from '../support/shared-data.ts';

vi.setConfig({ testTimeout: 120_000 });
const database = await testDatabase();
const { pool } = database;
const { deps } = await testApp(database);
const districtId = catalogId('organization', 'north');
const folder = join(projectRoot, 'docs/imports');
const data = sharedData('resources');

beforeAll(() => seedCatalog(pool));

type Node = Record<string, unknown> & { children?: Node[] };
const leaves = (node: Node): Node[] => (node.children?.length ? node.children.flatMap(leaves) : [node]);
const textOf = async (name: string): Promise<string> => {
  const bytes = await readFile(join(data!, name));
  return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
};
const lines = async (name: string, most = 150) =>
  `${(await textOf(name)).split('\n').slice(0, most).join('\n')}\n`;
const tree = async (name: string) =>
  leaves(JSON.parse(await textOf(name)) as Node)
    .slice(0, 150)
    .map((leaf) => JSON.stringify(leaf))
    .join('\n');

/** By the name of the mapping: the file that it is for, and what must be true of what comes in. */
const catalogs: Record<
  string,
  { file: string; content: () => Promise<string>; name: string; sample: Record<string, unknown> }
> = {
  'bootstrap-lessons': {
    file: 'bootstrap-lessons.ndjson.gz',
    content: () => lines('bootstrap-lessons.ndjson.gz'),
    name: 'lessons.ndjson',
    sample: {
      title: 'Building Decision Trees',
      summary: expect.stringMatching(/^Students explore an approach to recommending videos/) as string,
      keywords: ['AI'],
    },
  },
  'african-storybook': {
    file: 'african-storybook.ndjson.gz',
    content: () => lines('african-storybook.ndjson.gz'),
    name: 'stories.ndjson',
    sample: { title: 'Gweno Kodi Ongongolo', language: 'adh' },
  },
  'khan-tutorials': {
    file: 'khan-tutorials.json.gz',
    content: async () =>
      JSON.stringify((JSON.parse(await textOf('khan-tutorials.json.gz')) as object[]).slice(0, 150)),
    name: 'tutorials.json',
    sample: {
      title: 'Counting',
      url: 'https://www.khanacademy.org/math/early-math/cc-early-math-counting-topic/cc-early-math-counting',
      subjects: ['math'],
    },
  },
  pradigi: {
    file: 'pradigi/pradigi_ur_web_resource_tree.json',
    content: () => tree('pradigi/pradigi_ur_web_resource_tree.json'),
    name: 'urdu.ndjson',
    sample: { title: 'City Of Stories', language: 'ur' },
  },
  tessa: {
    file: 'tessa/ricecooker_json_tree_en.json',
    content: () => tree('tessa/ricecooker_json_tree_en.json'),
    name: 'tessa.ndjson',
    sample: { title: 'Primary Curriculum framework', language: 'en', publisher: 'TESSA' },
  },
  'openstax-physics': {
    file: 'openstax-hs-physics.ndjson.gz',
    content: () => lines('openstax-hs-physics.ndjson.gz', 40),
    name: 'modules.ndjson',
    sample: {
      license: 'CC-BY-4.0',
      full_text: expect.not.stringContaining('<para') as string,
      grades: ['10', '11', '12', '9'],
    },
  },
  'world-curricula': {
    file: 'global-curricula/Curricula Documents.csv',
    content: () => lines('global-curricula/Curricula Documents.csv'),
    name: 'curricula.csv',
    sample: {
      title: 'Kindergarten Program · All · K · Ontario · Canada',
      keywords: ['Canada', 'Ontario'],
      grades: ['K'],
    },
  },
  'concord-interactives': {
    file: 'concord-interactives.ndjson.gz',
    content: () => lines('concord-interactives.ndjson.gz'),
    name: 'interactives.ndjson',
    sample: {
      title: 'Air Pollution 1',
      description: expect.stringContaining('pollution levels over a city. Change the direction') as string,
    },
  },
};

describe('the mappings of docs/imports', () => {
  it('are all of them tried here, and can be read', async () => {
    const names = (await readdir(folder)).map((name) => name.replace(/\.yml$/, ''));
    expect(names.toSorted()).toEqual(Object.keys(catalogs).toSorted());
    for (const name of names)
      expect(Object.keys(parseMapping(await readFile(join(folder, `${name}.yml`), 'utf8')).fields)).toContain(
        'title',
      );
  });

  for (const [source, { file, content, name, sample }] of Object.entries(catalogs))
    it.skipIf(!sharedData(`resources/${file}`))(
      `bring the real catalog “${source}” in, and change nothing the second time`,
      async () => {
        const text = await readFile(join(folder, `${source}.yml`), 'utf8');
        const { id } = await saveMapping(deps, { districtId, source, name: 'main', text, personId: null });
        const input = { districtId, source, name, mappingId: id, content: await content() };
        const run = await runImport(deps, input);
        expect(run.state).toBe('done');
        const { new: fresh, rejected } = run.counts;
        expect(fresh).toBeGreaterThanOrEqual(20);
        // Real catalogs have the same address twice, or none: few rows, and each is said.
        expect(rejected).toBeLessThanOrEqual(fresh / 5);
        const { rows } = await pool.query<Record<string, unknown>>(
          `SELECT v.title, v.summary, v.description, v.url, v.language, v.license, v.publisher, v.full_text,
           ARRAY(SELECT keyword FROM version_keyword WHERE version_id = v.id ORDER BY position) AS keywords,
           ARRAY(SELECT subject FROM version_subject WHERE version_id = v.id ORDER BY position) AS subjects,
           ARRAY(SELECT grade FROM version_grade WHERE version_id = v.id ORDER BY grade) AS grades
         FROM resource r JOIN version v ON v.id = r.current_version_id WHERE r.source = $1`,
          [source],
        );
        expect(rows).toContainEqual(expect.objectContaining(sample));
        expect((await runImport(deps, input)).counts).toMatchObject({ new: 0, changed: 0, unchanged: fresh });
      },
    );
});

const old = sharedData('resources/wp-oer-resource-import.xls');
it.skipIf(!old)('a workbook of old Excel says how to save it', async () => {
  const content = await readFile(old!);
  const run = await runImport(deps, { districtId, source: 'old', name: 'resources.xls', content });
  expect(run).toMatchObject({ state: 'failed', reason: { key: 'import.file.oldExcel' } });
});
