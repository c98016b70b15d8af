import request from 'supertest';
import { beforeAll, describe, expect, it } from 'vitest';
import { catalogId, seedCatalog, type Catalog } from '../support/catalog.ts';
import { testApp } from '../support/app.ts';
import { testDatabase } from '../support/database.ts';
import { finishImport, importRows, runImport } from '../support/import-runs.ts';
import { loadImportWords } from '../../server/imports/import-words.ts';
import { subjectWords } from '../../server/imports/subject-words.ts';
import { understoodWords, unknownValues } from '../../server/imports/run-report.ts';
import { resumeRun } from '../../server/imports/run-service.ts';
import { noOrigin } from '../../server/lib/origin.ts';

const database = await testDatabase();
const { pool } = database;
const { app, deps } = await testApp(database);
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

  it('can be opened by everyone it is for, though nobody owns it', async () => {
    const { id } = (await shelf('NF-17'))!;
    const page = await request(app)
      .get(`/resources/${String(id)}`)
      .redirects(1);
    expect(page.status).toBe(200);
    expect(page.text).toContain('Half of a half');
    expect(page.text).toContain('The third-grade team');
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

  it('comes in with gaps where nobody knows its words, and is mended when the state learns them', async () => {
    const row = {
      external_id: 'GAP-1',
      title: 'Circuits',
      url: 'https://maps.north.example/circuits',
      type: 'Lesson plan',
      subjects: 'Sciense|Robotics',
      standards: 'TS.MATH.3.NF.1|TS.MATH.3.NF.9',
      license: 'Ask Bob',
      grades: 'Gr 4|ages 9-10',
      minutes: 'a while',
      school: 'Nowhere High',
    };
    const run = await runImport(deps, { districtId, source: 'gaps', content: [row] });
    expect(run.counts).toMatchObject({ new: 1, gaps: 1, rejected: 0 });
    const [imported] = await importRows(deps, run);
    expect(imported?.gaps?.map(({ field, value }) => `${field}: ${value}`).toSorted()).toEqual([
      'grades: ages 9-10',
      'license: Ask Bob',
      'minutes: a while',
      'school: Nowhere High',
      'standards: TS.MATH.3.NF.9',
      'subjects: Robotics',
      'subjects: Sciense',
    ]);
    expect(await shelf('GAP-1')).toMatchObject({
      license: 'unknown',
      visibility: 'state',
      school: 'north',
      type: 'lesson',
      grades: ['4'],
      subjects: [],
      claims: ['TS.MATH.3.NF.1 teaches import claimed'],
    });
    const { values } = await unknownValues(pool, run, 20);
    expect(values.find(({ value }) => value === 'Sciense')).toMatchObject({ rows: 1, near: ['Science'] });
    const words = await loadImportWords(pool, run.districtId);
    for (const text of ['Math', 'MATHS', 'mathematics'])
      expect(words.find('subjects', text)).toBe(words.find('subjects', 'Mathematics'));
    expect(words.find('subjects', 'Language Arts')).toBe(words.find('subjects', 'English language arts'));
    expect(['MATHS', 'Language Arts', 'mathematics'].map(words.shortFor)).toEqual([
      'Mathematics',
      'English language arts',
      undefined,
    ]);
    const short = { ...row, external_id: 'SHORT-1', subjects: ['Maths', 'language arts'] };
    const tried = await runImport(deps, { districtId, source: 'short', content: [short], dryRun: true });
    expect(await understoodWords(pool, tried.id)).toEqual([
      { word: 'Maths', rows: 1 },
      { word: 'language arts', rows: 1 },
    ]);
    expect((await unknownValues(pool, tried, 20)).values.map(({ field }) => field)).not.toContain('subjects');
    expect(
      subjectWords([
        { slug: 'a', name: 'english' },
        { slug: 'b', name: 'english for newcomers' },
      ]),
    ).toEqual([]);
    expect(words.near('subjects', 'Maths')).toEqual(['Mathematics']);
    expect(words.near('subjects', 'ELA')).toEqual(['English language arts']);
    expect(values.find(({ value }) => value === 'TS.MATH.3.NF.9')?.near.length).toBeGreaterThan(0);

    expect((await runImport(deps, { districtId, source: 'gaps', content: [row] })).counts).toMatchObject({
      unchanged: 1,
      changed: 0,
      gaps: 1,
    });
    await pool.query(`INSERT INTO subject (slug, name) VALUES ('robotics', 'Robotics')`);
    const mended = await runImport(deps, { districtId, source: 'gaps', content: [row] });
    expect(mended.counts).toMatchObject({ changed: 1, unchanged: 0 });
    expect((await importRows(deps, mended))[0]?.changes).toEqual([{ field: 'subjects' }]);
    expect(await shelf('GAP-1')).toMatchObject({ number: 2, subjects: ['robotics'] });
  });

  it('is rejected only without an id, a title, or anything to open, with its column and what would work', async () => {
    const run = await runImport(deps, {
      districtId,
      source: 'faults',
      name: 'rows.csv',
      content:
        'external_id,title,url,text\n,No id,https://a.example,\nR2,,https://a.example,\nR3,Nothing to open,,\nR4,Only text,,Read me\nR4,Twice,https://a.example,\nR5,No address,not an address,\n',
    });
    expect(run).toMatchObject({ state: 'done', counts: { new: 1, rejected: 5, unreadable: 1 } });
    const rows = await importRows(deps, run);
    expect(
      rows
        .filter(({ outcome }) => outcome === 'rejected')
        .map(({ position, faults }) => [position, faults?.map(({ field, key }) => `${field} ${key}`)]),
    ).toEqual([
      [1, ['external_id import.fault.noId']],
      [2, ['title import.fault.noTitle']],
      [3, ['url import.fault.noContent']],
      [5, ['external_id import.fault.twice']],
      [6, ['url import.gap.unreadable', 'url import.fault.noContent']],
    ]);
    expect(rows[4]?.faults?.[0]).toMatchObject({ line: 6, params: { read: 'R4', row: 4 } });
    expect(await shelf('R4')).toMatchObject({ full_text: 'Read me', url: null });
  });

  it('loses NUL bytes and half characters, and is cut where it is longer than is kept', async () => {
    const run = await runImport(deps, {
      districtId,
      source: 'odd',
      content: [
        {
          external_id: 'ODD-1',
          title: 'a\u0000b\ud800c',
          text: 'x'.repeat(1_200_000),
          description: 'é'.repeat(30_000),
        },
      ],
    });
    expect(run.counts).toMatchObject({ new: 1, gaps: 1 });
    const { rows } = await pool.query(
      `SELECT v.title, length(v.full_text) AS text, length(v.description) AS description FROM version v JOIN resource r ON r.id = v.resource_id WHERE r.external_id = 'ODD-1'`,
    );
    expect(rows).toEqual([{ title: 'ab\ufffdc', text: 1_000_000, description: 20_000 }]);
  });

  it('that holds bytes which nothing can store doesn’t keep the others out', async () => {
    const run = await runImport(deps, {
      districtId,
      source: 'bytes',
      content:
        '{"external_id":"Y1","title":"One","url":"https://a.example"}\nnot \0 json \0\n{"external_id":"Y2","title":"Two","url":"https://a.example"}',
    });
    expect(run).toMatchObject({ state: 'done', counts: { new: 2, rejected: 1 } });
    const table = await runImport(deps, {
      districtId,
      source: 'bytes',
      name: 'rows.csv',
      content: 'external_id,title,url\nY3,Th\0ree,https://a.example\nY4,Four,https://a.example,ex\0tra\n',
    });
    expect(table).toMatchObject({ state: 'done', counts: { new: 1, rejected: 1 } });
    expect(await shelf('Y3')).toMatchObject({ title: 'Three' });
  });

  it('is held back whole where gaps are not wanted', async () => {
    const run = await runImport(deps, {
      districtId,
      source: 'strict',
      options: { strict: true },
      content: [
        { external_id: 'S1', title: 'Good', url: 'https://a.example', subjects: 'math' },
        { external_id: 'S2', title: 'Not known', url: 'https://a.example', subjects: 'Alchemy' },
      ],
    });
    expect(run.counts).toMatchObject({ new: 1, rejected: 1 });
  });

  it('ten thousand times over, all bad, leaves the shelf alone and every row accounted for', async () => {
    const content = Array.from(
      { length: 10_000 },
      (_, index) => `{"external_id": "B${index}", "title": ""}`,
    ).join('\n');
    const run = await runImport(deps, { districtId, source: 'bad', content });
    expect(run).toMatchObject({ state: 'done', counts: { new: 0, rejected: 10_000 } });
    const { rows } = await pool.query('SELECT count(*) AS rows FROM import_row WHERE run_id = $1', [run.id]);
    expect(rows).toEqual([{ rows: 10_000 }]);
  });
});

describe('a dry run', () => {
  it('says what would happen, field by field, and writes nothing', async () => {
    const before = [
      { external_id: 'D1', title: 'One', url: 'https://a.example/1' },
      { external_id: 'D2', title: 'Two', url: 'https://a.example/2' },
      { external_id: 'D3', title: 'Three', url: 'https://a.example/3' },
    ];
    await runImport(deps, { districtId, source: 'dry', content: before });
    const resources = await pool.query('SELECT xmin, * FROM resource ORDER BY id');
    const run = await runImport(deps, {
      districtId,
      source: 'dry',
      dryRun: true,
      options: { onMissing: 'withdraw' },
      content: [
        before[0]!,
        { ...before[1]!, title: 'Two, changed', subjects: 'math' },
        { external_id: 'D4', title: 'Four', url: 'https://a.example/4', subjects: 'Alchemy' },
        { external_id: 'D5', title: '' },
      ],
    });
    expect(run.counts).toMatchObject({
      new: 1,
      changed: 1,
      unchanged: 1,
      rejected: 1,
      gaps: 1,
      missing: 1,
      withdrawn: 0,
    });
    expect(
      (await importRows(deps, run)).map(({ position, outcome, external_id: id, changes }) => [
        position,
        outcome,
        id,
        changes,
      ]),
    ).toEqual([
      [2, 'changed', 'D2', [{ field: 'title' }, { field: 'subjects' }]],
      [3, 'new', 'D4', null],
      [4, 'rejected', 'D5', null],
      [5, 'missing', 'D3', null],
    ]);
    expect((await pool.query('SELECT xmin, * FROM resource ORDER BY id')).rows).toEqual(resources.rows);
  });
});

describe('a row that changed', () => {
  const row = {
    external_id: 'C1',
    title: 'Area of a garden',
    summary: 'Measure it.',
    url: 'https://a.example/garden',
    license: 'CC BY 4.0',
    standards: ['TS.MATH.3.NF.1', 'TS.MATH.3.NF.2@Developing', 'TS.MATH.4.NF.1'],
  };
  const imported = (content: object) =>
    runImport(deps, { districtId, source: 'changes', content: [content] });
  const alignments = async (id: unknown) =>
    (
      await pool.query<{ claim: string }>(
        `SELECT concat_ws(' ', s.code, a.claimed_as, a.check_state, a.from_version, a.to_version) AS claim
         FROM alignment a JOIN standard s ON s.guid = a.standard_guid WHERE a.resource_id = $1 ORDER BY s.code, a.from_version`,
        [id],
      )
    ).rows.map(({ claim }) => claim);

  it('makes a new version, and keeps what teachers and staff did', async () => {
    await imported(row);
    const { id } = (await shelf('C1'))!;
    const nora = catalog.viewers.northElementary.id;
    const carla = catalog.viewers.stateCurator.id;
    await pool.query('INSERT INTO use_mark (resource_id, person_id) VALUES ($1, $2)', [id, nora]);
    await pool.query(
      `UPDATE resource SET check_state = 'checked', checked_by = $2, checked_at = now() WHERE id = $1`,
      [id, carla],
    );
    await pool.query(
      `UPDATE alignment SET check_state = 'checked', checked_by = $2, checked_at = now() WHERE resource_id = $1 AND standard_guid = $3`,
      [id, carla, catalog.guid('TS.MATH.3.NF.1')],
    );
    await pool.query(
      `INSERT INTO alignment (resource_id, standard_guid, claimed_by, claimed_as, from_version) VALUES ($1, $2, $3, 'curator', 1)`,
      [id, catalog.guid('TS.MATH.6.RP.1'), carla],
    );
    const run = await imported({
      ...row,
      title: 'The area of a garden',
      standards: ['TS.MATH.3.NF.1', 'TS.MATH.4.NF.2'],
    });
    expect(run.counts).toMatchObject({ changed: 1 });
    expect(await shelf('C1')).toMatchObject({
      id,
      number: 2,
      title: 'The area of a garden',
      check_state: 'checked',
    });
    expect(await alignments(id)).toEqual([
      'TS.MATH.3.NF.1 import checked 1',
      'TS.MATH.3.NF.2 import claimed 1 1',
      'TS.MATH.4.NF.1 import claimed 1 1',
      'TS.MATH.4.NF.2 import claimed 2',
      'TS.MATH.6.RP.1 curator claimed 1',
    ]);
    const kept = await pool.query(
      `SELECT r.used_count, (SELECT array_agg(title ORDER BY number) FROM version v WHERE v.resource_id = r.id) AS titles FROM resource r WHERE id = $1`,
      [id],
    );
    expect(kept.rows).toEqual([{ used_count: 1, titles: ['Area of a garden', 'The area of a garden'] }]);
  });

  it('asks for a new check when it now leads to something else', async () => {
    await imported({
      ...row,
      title: 'The area of a garden',
      standards: ['TS.MATH.3.NF.1', 'TS.MATH.4.NF.2'],
      url: 'https://a.example/other',
    });
    expect(await shelf('C1')).toMatchObject({ number: 3, check_state: 'claimed' });
  });

  it('leaves what staff corrected by hand, and says that it differs', async () => {
    const before = (await shelf('C1'))!;
    await pool.query(
      `UPDATE version SET summary = 'Measure it twice.' FROM resource r WHERE r.id = $1 AND version.id = r.current_version_id`,
      [before['id']],
    );
    await pool.query(`UPDATE alignment SET to_version = 3 WHERE resource_id = $1 AND standard_guid = $2`, [
      before['id'],
      catalog.guid('TS.MATH.4.NF.2'),
    ]);
    const next = {
      ...row,
      title: 'Garden areas',
      summary: 'Measure the beds.',
      standards: ['TS.MATH.3.NF.1', 'TS.MATH.4.NF.2'],
      url: 'https://a.example/other',
    };
    const run = await imported(next);
    expect((await importRows(deps, run))[0]).toMatchObject({
      outcome: 'changed',
      changes: [{ field: 'title' }, { field: 'summary', kept: true }, { field: 'claims', kept: true }],
    });
    expect(await shelf('C1')).toMatchObject({ number: 4, title: 'Garden areas' });
    const summary = await pool.query(
      `SELECT v.summary FROM version v JOIN resource r ON r.current_version_id = v.id WHERE r.id = $1`,
      [before['id']],
    );
    expect(summary.rows).toEqual([{ summary: 'Measure it twice.' }]);
    expect(await alignments(before['id'])).not.toContain('TS.MATH.4.NF.2 import claimed 4');
    expect((await imported(next)).counts).toMatchObject({ unchanged: 1 });
    const onlyThat = await imported({ ...next, summary: 'Measure the paths.' });
    expect(onlyThat.counts).toMatchObject({ changed: 0, kept: 1 });
    expect((await importRows(deps, onlyThat))[0]).toMatchObject({ outcome: 'kept' });
  });

  it('stays off the shelf where staff took it off', async () => {
    const { id } = (await shelf('C1'))!;
    await pool.query(`UPDATE resource SET state = 'withdrawn', withdrawn_at = now() WHERE id = $1`, [id]);
    const run = await imported({ ...row, title: 'Back again' });
    expect(run.counts).toMatchObject({ changed: 0, kept: 1 });
    expect(await shelf('C1')).toMatchObject({ state: 'withdrawn', title: 'Garden areas' });
  });
});

describe('what the file no longer has', () => {
  const rows = Array.from({ length: 40 }, (_, index) => ({
    external_id: `M${index}`,
    title: `Lesson ${index}`,
    url: `https://a.example/${index}`,
  }));
  const bring = (content: object[] | string, options: object) =>
    runImport(deps, { districtId, source: 'missing', content, options });
  const standing = async () =>
    (
      await pool.query<{ count: number }>(
        `SELECT count(*) AS count FROM resource WHERE source = 'missing' AND state = 'published'`,
      )
    ).rows[0]?.count;

  it('is named and kept unless told otherwise', async () => {
    await bring(rows, {});
    const run = await bring(rows.slice(1), {});
    expect(run.counts).toMatchObject({ missing: 1, withdrawn: 0, unchanged: 39 });
    expect((await importRows(deps, run)).map(({ outcome, external_id: id }) => `${outcome} ${id}`)).toEqual([
      'missing M0',
    ]);
  });

  it('is taken off the shelf when that is asked for, and comes back with the file that has it', async () => {
    expect((await bring(rows.slice(1), { onMissing: 'withdraw' })).counts).toMatchObject({
      missing: 1,
      withdrawn: 1,
    });
    expect(await standing()).toBe(39);
    const { rows: gone } = await pool.query<{ id: string }>(
      `SELECT id FROM resource WHERE source = 'missing' AND external_id = 'M0'`,
    );
    expect((await request(app).get(`/resources/${gone[0]!.id}`)).status).toBe(404);
    expect((await bring(rows, {})).counts).toMatchObject({ changed: 1, unchanged: 39 });
    expect(await standing()).toBe(40);
  });

  it('waits for an answer when more than one in twenty would go', async () => {
    const run = await bring(rows.slice(3), { onMissing: 'withdraw' });
    expect(run).toMatchObject({
      state: 'paused',
      reason: { key: 'import.paused.manyMissing', params: { count: 3, of: 40 } },
    });
    expect(await standing()).toBe(40);
    await resumeRun(
      deps,
      { runId: run.id, personId: null, work: false, options: { withdrawMany: true } },
      noOrigin,
    );
    expect(await finishImport(deps, run.id)).toMatchObject({
      state: 'done',
      counts: { missing: 3, withdrawn: 3 },
    });
    expect(await standing()).toBe(37);
  });

  it('is not known after half a file, so nothing goes', async () => {
    const cut = rows
      .slice(3, 39)
      .map((row) => JSON.stringify(row))
      .join('\n')
      .slice(0, -5);
    const run = await bring(cut, { onMissing: 'withdraw', withdrawMany: true });
    expect(run.counts).toMatchObject({ rejected: 1, withdrawn: 0 });
    expect(await standing()).toBe(37);
  });
});

describe('trust', () => {
  it('never reaches another district, even by its ids', async () => {
    const south = catalogId('organization', 'south');
    await runImport(deps, {
      districtId: south,
      content: [{ external_id: 'NF-17', title: 'Of the south', url: 'https://s.example' }],
    });
    await runImport(deps, {
      districtId: south,
      content: [
        {
          external_id: 'SECRET',
          title: 'Kept to the south',
          url: 'https://s.example',
          visibility: 'district',
        },
      ],
    });
    expect(await shelf('NF-17')).toMatchObject({ title: 'Half of a half' });
    const { rows } = await pool.query<{ id: string }>(`SELECT id FROM resource WHERE external_id = 'SECRET'`);
    const run = await runImport(deps, {
      districtId,
      source: 'pointing',
      content: [
        {
          external_id: 'P1',
          title: 'Points at a secret',
          url: 'https://a.example',
          adapted_from: rows[0]!.id,
        },
        {
          external_id: 'P2',
          title: 'Points at an id of another source',
          url: 'https://a.example',
          adapted_from: 'SECRET',
        },
        { external_id: 'P3', title: 'Points at the next', url: 'https://a.example', adapted_from: 'P4' },
        { external_id: 'P4', title: 'The source', url: 'https://a.example', school: 'south-middle' },
        {
          external_id: 'P5',
          title: 'Points at what everyone sees',
          url: 'https://a.example',
          adapted_from: `/resources/${catalog.id('water-cycle')}`,
        },
      ],
    });
    expect(
      (await importRows(deps, run)).map(({ external_id: id, gaps }) => [
        id,
        gaps?.map(({ field }) => field) ?? [],
      ]),
    ).toEqual([
      ['P1', ['adapted_from']],
      ['P2', ['adapted_from']],
      ['P3', []],
      ['P4', ['school']],
      ['P5', []],
    ]);
    const adapted = await pool.query(
      `SELECT r.external_id, a.external_id AS source, r.adapted_from_version AS version FROM resource r JOIN resource a ON a.id = r.adapted_from_id WHERE r.source = 'pointing' ORDER BY 1`,
    );
    expect(adapted.rows).toMatchObject([
      { external_id: 'P3', source: 'P4', version: 1 },
      { external_id: 'P5' },
    ]);
    expect(
      (
        await runImport(deps, {
          districtId,
          source: 'pointing',
          content: [
            { external_id: 'P3', title: 'Points at the next', url: 'https://a.example', adapted_from: 'P4' },
          ],
        })
      ).counts,
    ).toMatchObject({ unchanged: 1 });
  });

  it('opens nothing wider than its catalog may, nor what nobody can read', async () => {
    const first = await runImport(deps, {
      districtId,
      source: 'inner',
      content: [{ external_id: 'V0', title: 'First', url: 'https://a.example' }],
    });
    await pool.query(`UPDATE import_source SET widest = 'district' WHERE id = $1`, [first.sourceId]);
    const run = await runImport(deps, {
      districtId,
      source: 'inner',
      content: [
        {
          external_id: 'V1',
          title: 'One',
          url: 'https://a.example',
          license: 'CC0 1.0',
          visibility: 'public',
        },
        {
          external_id: 'V2',
          title: 'Two',
          url: 'https://a.example',
          visibility: 'school',
          school: 'North High School',
        },
        {
          external_id: 'V3',
          title: 'Three',
          url: 'https://a.example',
          license: 'CC BY 4.0',
          visibility: 'just us',
        },
      ],
    });
    expect(run.counts).toMatchObject({ new: 3, gaps: 2 });
    expect(
      await Promise.all(['V1', 'V2', 'V3'].map(async (id) => (await shelf(id))?.['visibility'])),
    ).toEqual(['district', 'school', 'district']);
  });

  it('waits for a check where the organization checks first', async () => {
    await pool.query(`UPDATE organization SET publish_mode = 'check_first' WHERE slug = 'north-high'`);
    const row = {
      external_id: 'W1',
      title: 'Waiting',
      url: 'https://a.example',
      school: 'north-high',
      standards: 'TS.MATH.3.NF.1',
    };
    await runImport(deps, { districtId, source: 'waits', content: [row] });
    await runImport(deps, { districtId, source: 'waits', content: [{ ...row, title: 'Still waiting' }] });
    const { rows } = await pool.query(
      `SELECT r.state, r.current_version_id, v.title, v.number, (SELECT count(*) FROM draft_alignment d WHERE d.version_id = v.id) AS claims
       FROM resource r JOIN version v ON v.resource_id = r.id WHERE r.external_id = 'W1'`,
    );
    expect(rows).toEqual([
      { state: 'submitted', current_version_id: null, title: 'Still waiting', number: null, claims: 1 },
    ]);
    await pool.query(`UPDATE organization SET publish_mode = 'at_once' WHERE slug = 'north-high'`);
  });

  it('marks what it changed for the index behind what people changed', async () => {
    await runImport(deps, {
      districtId,
      source: 'index',
      content: [{ external_id: 'I1', title: 'Indexed', url: 'https://a.example' }],
    });
    const { rows } = await pool.query(
      `SELECT d.priority FROM search_dirty d JOIN resource r ON r.id = d.resource_id WHERE r.external_id = 'I1' AND d.engine = 'postgres'`,
    );
    expect(rows).toEqual([{ priority: 1 }]);
  });
});
