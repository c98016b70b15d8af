import { beforeAll, describe, expect, it } from 'vitest';
import { catalogId, seedCatalog, type Catalog } from '../support/catalog.ts';
import { testApp } from '../support/app.ts';
import { testDatabase } from '../support/database.ts';
import { importRows, runImport } from '../support/import-runs.ts';

const database = await testDatabase();
const { pool } = database;
const { deps } = await testApp(database);
const districtId = catalogId('organization', 'north');
let catalog: Catalog;

beforeAll(async () => {
  catalog = await seedCatalog(pool);
});

const whole = {
  external_id: 'NF-17',
  title: 'Half of a half',
  summary: 'Folding paper to see what half of a half is.',
  description: 'Fold, **color**, say it aloud.',
  url: 'https://maps.north.example/fold',
  type: 'Lesson',
  subjects: ['Mathematics', 'math'],
  grades: '3-5',
  topics: ['Mathematics'],
  standards: ['TS.MATH.3.NF.1@Proficient', { code: 'math 4 nf 1', relation: 'assesses' }],
  license: 'https://creativecommons.org/licenses/by/4.0/',
  language: 'Spanish',
  authors: 'The third-grade team',
  publisher: 'North Fork',
  school: 'north-elementary',
  keywords: 'paper|halves',
  minutes: '1 hour',
  setting: 'Small group',
  visibility: 'Everyone',
};

type Shelf = Record<string, unknown>;
const shelf = async (externalId: string): Promise<Shelf | undefined> =>
  (
    await pool.query<Shelf>(
      `SELECT r.id, r.state, r.visibility, r.owner_id, r.check_state, o.slug AS school, r.audience, v.number, v.title, v.url, v.type, v.license,
         v.language, v.authors, v.minutes, v.setting, v.full_text,
         ARRAY(SELECT subject FROM version_subject WHERE version_id = v.id ORDER BY position) AS subjects,
         ARRAY(SELECT grade FROM version_grade WHERE version_id = v.id ORDER BY grade) AS grades,
         ARRAY(SELECT keyword FROM version_keyword WHERE version_id = v.id ORDER BY position) AS keywords,
         ARRAY(SELECT t.path FROM version_topic vt JOIN topic t ON t.id = vt.topic_id WHERE vt.version_id = v.id) AS topics,
         ARRAY(SELECT concat_ws(' ', s.code, a.relation, l.slug, a.claimed_as, a.check_state, a.claimed_by) FROM alignment a JOIN standard s ON s.guid = a.standard_guid
               LEFT JOIN competency_level l ON l.id = a.level_id WHERE a.resource_id = r.id AND a.to_version IS NULL ORDER BY s.code) AS claims
       FROM resource r JOIN organization o ON o.id = r.organization_id JOIN version v ON v.id = r.current_version_id
       WHERE r.district_id = $1 AND r.external_id = $2`,
      [districtId, externalId],
    )
  ).rows[0];

describe('a row of an import', () => {
  it('stands on the shelf with everything it says, claimed by nobody in person and checked by nobody', async () => {
    const run = await runImport(deps, { districtId, content: [whole] });
    expect(run).toMatchObject({ state: 'done', counts: { new: 1, rejected: 0, gaps: 0 } });
    expect(await importRows(deps, run)).toMatchObject([{ position: 1, outcome: 'new', gaps: null }]);
    expect(await shelf('NF-17')).toMatchObject({
      state: 'published',
      visibility: 'public',
      audience: ['public'],
      owner_id: null,
      check_state: 'claimed',
      school: 'north-elementary',
      number: 1,
      title: 'Half of a half',
      url: 'https://maps.north.example/fold',
      type: 'lesson',
      license: 'CC-BY-4.0',
      language: 'es',
      authors: 'The third-grade team',
      minutes: 60,
      setting: 'small',
      subjects: ['math'],
      grades: ['3', '4', '5'],
      keywords: ['paper', 'halves'],
      topics: ['Mathematics'],
      claims: ['TS.MATH.3.NF.1 teaches proficient import claimed', 'TS.MATH.4.NF.1 assesses import claimed'],
    });
    expect(catalog.resources.length).toBeGreaterThan(0);
  });

  it('changes nothing when the same file comes again', async () => {
    const before = await pool.query('SELECT xmin, * FROM resource ORDER BY id');
    const dirty = await pool.query('SELECT max(stamp) AS stamp FROM search_dirty');
    const run = await runImport(deps, { districtId, content: [whole] });
    expect(run.counts).toMatchObject({ new: 0, changed: 0, unchanged: 1 });
    expect(await importRows(deps, run)).toEqual([]);
    expect((await pool.query('SELECT xmin, * FROM resource ORDER BY id')).rows).toEqual(before.rows);
    expect((await pool.query('SELECT max(stamp) AS stamp FROM search_dirty')).rows).toEqual(dirty.rows);
  });
});
