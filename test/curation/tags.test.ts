import { load } from 'cheerio';
import { beforeAll, describe, expect, it } from 'vitest';
import { runChange } from '../../server/curation/tags/change-job.ts';
import {
  CHANGE_MOVES,
  CHANGE_STATES,
  movedTo,
  type ChangeMove,
} from '../../server/curation/tags/change-states.ts';
import { testApp } from '../support/app.ts';
import { catalogId, seedCatalog, type Catalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { runImport } from '../support/import-runs.ts';
import { signedIn } from '../support/sign-in.ts';

const database = await testDatabase();
const { app, deps } = await testApp(database);
const { pool } = database;
type Browser = Awaited<ReturnType<typeof signedIn>>;
const NORTH = catalogId('organization', 'north');
let catalog: Catalog;
const browsers: Record<string, Browser> = {};

const rows = (more: Record<string, string> = {}): Record<string, string>[] => [
  {
    external_id: 'a',
    title: 'Rope, counted',
    url: 'https://maps.north.example/a',
    standards: 'XX.9.Z',
    license: 'weird',
    ...more,
  },
  {
    external_id: 'b',
    title: 'Rope, measured',
    url: 'https://maps.north.example/b',
    standards: 'XX.9.Z',
    type: 'lesson',
  },
];
const bring = (content: Record<string, string>[]) =>
  runImport(deps, { districtId: NORTH, source: 'rope', content });

/** Carla curates for the state, Hugo for the district north, Sara teaches. */
beforeAll(async () => {
  catalog = await seedCatalog(pool);
  await pool.query(`INSERT INTO role_grant (person_id, role, organization_id) VALUES ($1, 'curator', $2)`, [
    catalogId('person', 'hugo'),
    NORTH,
  ]);
  await bring(rows());
  for (const name of ['carla', 'hugo', 'sara'])
    browsers[name] = await signedIn(app, database, `${name}@test.example`);
});

const who = (name: string): Browser => browsers[name]!;
const post = (name: string, path: string, form: Record<string, string | string[]>) =>
  who(name).post(path).set('Sec-Fetch-Site', 'same-origin').type('form').send(form);
const pageOf = async (name: string, path: string) => load((await who(name).get(path).expect(200)).text);
/** Plans a change, as by the form. @returns the path of its preview */
const plan = async (name: string, form: Record<string, string | string[]>) =>
  (await post(name, '/curate/tags/changes', form).expect(303)).headers['location'] ?? '';
const idOf = (path: string) => path.split('/').at(-1) ?? '';
const move = (name: string, path: string, how: string) => post(name, `${path}/move`, { move: how });
const numbers = async (name: string, path: string) => {
  const page = await pageOf(name, path);
  return page('.tally dd')
    .map((_, dd) => Number(page(dd).text()))
    .get();
};
const imported = async (externalId: string) =>
  (
    await pool.query<{ id: string; number: number; license: string; type: string | null; codes: string[] }>(
      `SELECT r.id, v.number, v.license, v.type, ARRAY(SELECT s.code FROM alignment a JOIN standard s ON s.guid = a.standard_guid WHERE a.resource_id = r.id AND a.to_version IS NULL) AS codes
       FROM resource r JOIN version v ON v.id = r.current_version_id WHERE r.external_id = $1`,
      [externalId],
    )
  ).rows[0]!;

it('moves by its table, and by nothing else', () => {
  const allowed: Record<ChangeMove, { by: string; from: string[] }> = {
    start: { by: 'staff', from: ['planned', 'stopped'] },
    drop: { by: 'staff', from: ['planned'] },
    stop: { by: 'staff', from: ['running'] },
    undo: { by: 'staff', from: ['stopped', 'done'] },
    finish: { by: 'job', from: ['running'] },
    finishUndo: { by: 'job', from: ['undoing'] },
  };
  for (const one of Object.keys(CHANGE_MOVES) as ChangeMove[])
    for (const state of CHANGE_STATES)
      for (const by of ['staff', 'job'] as const)
        expect([one, state, by, movedTo(state, one, by) !== undefined]).toEqual([
          one,
          state,
          by,
          allowed[one].by === by && allowed[one].from.includes(state),
        ]);
});

describe('a word of an import that nobody knew', () => {
  it('is listed with its resources, mended with a preview, and stays mended when the catalog comes again', async () => {
    const list = await pageOf('hugo', '/curate/tags');
    const link =
      list('[aria-labelledby=gap] a')
        .filter((_, a) => list(a).text().includes('XX.9.Z'))
        .attr('href') ?? '';
    const chosen = await pageOf('hugo', link);
    expect(
      chosen('.ticks tbody th a')
        .map((_, a) => chosen(a).text())
        .get()
        .toSorted(),
    ).toEqual(['Rope, counted', 'Rope, measured']);
    const form = Object.fromEntries(
      chosen('form[method=post] input[type=hidden]')
        .toArray()
        .map((input) => [chosen(input).attr('name') ?? '', String(chosen(input).val())]),
    );
    expect(form['set']).toBe('standard');
    const wrong = await post('hugo', '/curate/tags/changes', { ...form, to: 'no.such.code', which: 'all' });
    expect(wrong.status).toBe(422);
    expect(load(wrong.text)('#to').val()).toBe('no.such.code');

    const preview = await plan('hugo', { ...form, to: 'TS.MATH.3.NF.1', level: 'developing', which: 'all' });
    expect(await numbers('hugo', preview)).toEqual([2, 0, 0]);
    expect((await imported('a')).codes).toEqual([]);
    await move('hugo', preview, 'start').expect(303);
    expect((await pageOf('hugo', preview))('progress').length).toBe(1);
    await runChange(deps, idOf(preview));
    expect(await numbers('hugo', preview)).toEqual([2, 0, 0]);
    expect((await pageOf('hugo', preview))('h1').text()).toContain('Done');
    const now = await imported('a');
    expect([now.codes, now.number]).toEqual([['TS.MATH.3.NF.1'], 1]);
    const { rows: marked } = await pool.query('SELECT 1 FROM search_dirty WHERE resource_id = $1', [now.id]);
    expect(marked.length).toBeGreaterThan(0);
    const { rows: noted } = await pool.query<{ actor_id: string }>(
      `SELECT actor_id FROM audit_event WHERE action = 'resource.corrected' AND object_id = $1`,
      [now.id],
    );
    expect(noted).toEqual([{ actor_id: catalogId('person', 'hugo') }]);

    await bring(rows({ summary: 'Another summary, so that the row is a changed one.' }));
    expect((await imported('a')).codes).toEqual(['TS.MATH.3.NF.1']);
    expect((await pageOf('hugo', '/curate/tags'))('[aria-labelledby=gap]').text()).not.toContain('XX.9.Z');
  });

  it('is open again when the change is taken back', async () => {
    const { rows: last } = await pool.query<{ id: string }>(
      `SELECT id FROM tag_change WHERE state = 'done' ORDER BY id DESC LIMIT 1`,
    );
    const path = `/curate/tags/changes/${last[0]?.id}`;
    await move('hugo', path, 'undo').expect(303);
    await runChange(deps, idOf(path));
    expect((await pageOf('hugo', path))('h1').text()).toContain('Taken back');
    expect((await imported('a')).codes).toEqual([]);
    expect((await pageOf('carla', '/curate/tags'))('[aria-labelledby=gap]').text()).toContain('XX.9.Z');
    await move('hugo', path, 'undo').expect(409);
  });
});

it('leaves to curators what they set where an import said nothing or another thing', async () => {
  const { id } = await imported('a');
  const preview = await plan('hugo', {
    set: 'type',
    to: 'lesson',
    mode: 'fill',
    which: 'ticked',
    resource: [id],
  });
  await move('hugo', preview, 'start');
  await runChange(deps, idOf(preview));
  expect((await imported('a')).type).toBe('lesson');
  const run = await bring(rows({ type: 'video', summary: 'And again another one.' }));
  const kept = await imported('a');
  expect([kept.type, kept.number]).toEqual(['lesson', 3]);
  const { rows: reported } = await pool.query<{ changes: { field: string; kept?: boolean }[] }>(
    `SELECT changes FROM import_row WHERE run_id = $1 AND external_id = 'a'`,
    [run.id],
  );
  expect(reported[0]?.changes).toContainEqual({ field: 'type', kept: true });
});

describe('each field', () => {
  const cases: [
    field: string,
    to: string | string[],
    mode: string,
    key: string,
    before: unknown,
    after: unknown,
  ][] = [
    ['license', 'CC0-1.0', 'fill', 'a', 'unknown', 'CC0-1.0'],
    ['setting', 'home', 'fill', 'a', null, 'home'],
    ['language', 'es', 'replace', 'a', 'en', 'es'],
    ['grade', ['4', '5'], 'add', 'a', [], ['4', '5']],
    ['subject', ['math'], 'fill', 'a', [], ['math']],
    ['topic', 'fractions', 'fill', 'a', [], [catalogId('topic', 'fractions')]],
    ['level', 'developing', 'fill', 'a', [], [catalogId('level', 'developing')]],
  ];
  const read = async (field: string, id: string): Promise<unknown> => {
    const sql: Record<string, string> = {
      grade: 'ARRAY(SELECT grade FROM version_grade WHERE version_id = v.id ORDER BY 1)',
      subject: 'ARRAY(SELECT subject FROM version_subject WHERE version_id = v.id)',
      topic: 'ARRAY(SELECT topic_id FROM version_topic WHERE version_id = v.id)',
      level: 'ARRAY(SELECT level_id FROM version_level WHERE version_id = v.id)',
    };
    const { rows: found } = await pool.query<{ value: unknown }>(
      `SELECT ${sql[field] ?? `v.${field}`} AS value FROM resource r JOIN version v ON v.id = r.current_version_id WHERE r.id = $1`,
      [id],
    );
    return found[0]?.value;
  };
  it.each(cases)('%s is set to %s and taken back', async (field, to, mode, key, before, after) => {
    const { id } = await imported(key);
    expect(await read(field, id)).toEqual(before);
    const preview = await plan('carla', { set: field, to, mode, which: 'ticked', resource: [id] });
    expect(await numbers('carla', preview)).toEqual([1, 0, 0]);
    await move('carla', preview, 'start').expect(303);
    await runChange(deps, idOf(preview));
    expect(await read(field, id)).toEqual(after);
    // Again, it is there already.
    expect(
      await numbers('carla', await plan('carla', { set: field, to, mode, which: 'ticked', resource: [id] })),
    ).toEqual([0, 1, 0]);
    await move('carla', preview, 'undo').expect(303);
    await runChange(deps, idOf(preview));
    expect(await read(field, id)).toEqual(before);
  });
});

describe('what must not be changed', () => {
  it('is refused with a reason: another district’s, what is gone, what was changed after the preview', async () => {
    const south = catalog.id('forces-packet');
    const [a, b] = [await imported('a'), await imported('b')];
    const preview = await plan('hugo', {
      set: 'grade',
      to: ['7'],
      mode: 'replace',
      which: 'ticked',
      resource: [a.id, b.id, south],
    });
    expect(await numbers('hugo', preview)).toEqual([2, 0, 1]);
    expect((await pageOf('hugo', `${preview}?show=refuse`))('tbody').text()).toContain(
      'a district where you don’t curate',
    );
    await pool.query('INSERT INTO version_grade SELECT current_version_id, $2 FROM resource WHERE id = $1', [
      a.id,
      '2',
    ]);
    await pool.query(`UPDATE resource SET state = 'withdrawn', withdrawn_at = now() WHERE id = $1`, [b.id]);
    await move('hugo', preview, 'start');
    await runChange(deps, idOf(preview));
    expect(await numbers('hugo', preview)).toEqual([0, 0, 3]);
    const text = (await pageOf('hugo', `${preview}?show=refused`))('main').text();
    expect(text).toContain('changed it after the preview');
    expect(text).toContain('not on the shelf any more');
    await pool.query(`UPDATE resource SET state = 'published', withdrawn_at = NULL WHERE id = $1`, [b.id]);
  });

  it('is what somebody changed since, when a change is taken back', async () => {
    const { id } = await imported('b');
    const preview = await plan('carla', {
      set: 'setting',
      to: 'whole',
      mode: 'fill',
      which: 'ticked',
      resource: [id],
    });
    await move('carla', preview, 'start');
    await runChange(deps, idOf(preview));
    await pool.query(`UPDATE version SET setting = 'home' WHERE resource_id = $1`, [id]);
    await move('carla', preview, 'undo');
    await runChange(deps, idOf(preview));
    expect(await numbers('carla', preview)).toEqual([1, 0, 0, 0, 1]);
    const { rows: found } = await pool.query('SELECT setting FROM version WHERE resource_id = $1', [id]);
    expect(found).toContainEqual({ setting: 'home' });
  });

  it('stops where its curator’s role has ended', async () => {
    const { id } = await imported('b');
    const preview = await plan('hugo', { set: 'language', to: 'fr', which: 'ticked', resource: [id] });
    await move('hugo', preview, 'start');
    await pool.query(`DELETE FROM role_grant WHERE person_id = $1 AND role = 'curator'`, [
      catalogId('person', 'hugo'),
    ]);
    await runChange(deps, idOf(preview));
    expect(await numbers('carla', preview)).toEqual([0, 0, 1]);
    await who('hugo').get(preview).expect(403);
    await pool.query(`INSERT INTO role_grant (person_id, role, organization_id) VALUES ($1, 'curator', $2)`, [
      catalogId('person', 'hugo'),
      NORTH,
    ]);
  });

  it('keeps a license that its author chose, and one that the source doesn’t allow', async () => {
    const { id } = await imported('b');
    const { rows: licensed } = await pool.query<{ id: string }>(
      `SELECT r.id FROM resource r JOIN version v ON v.id = r.current_version_id WHERE v.license = 'CC-BY-ND-4.0' AND r.state = 'published' LIMIT 1`,
    );
    const source = licensed[0]!.id;
    await pool.query('UPDATE resource SET adapted_from_id = $2, adapted_from_version = 1 WHERE id = $1', [
      id,
      source,
    ]);
    const preview = await plan('carla', {
      set: 'license',
      to: 'CC0-1.0',
      which: 'ticked',
      resource: [id, source],
    });
    expect(await numbers('carla', preview)).toEqual([0, 1, 1]);
    expect((await pageOf('carla', `${preview}?show=refuse`))('tbody').text()).toContain('adapted from');
  });

  it('is nobody’s who only teaches, or of a change that is another’s', async () => {
    const { id } = await imported('a');
    const preview = await plan('carla', { set: 'language', to: 'es', which: 'ticked', resource: [id] });
    await who('sara').get('/curate/tags').expect(403);
    await who('hugo').get(preview).expect(404);
    await move('hugo', preview, 'start').expect(404);
    await move('carla', preview, 'drop').expect(303);
    await move('carla', preview, 'start').expect(409);
    await post('carla', '/curate/tags/changes', { set: 'language', to: 'es', which: 'ticked' }).expect(422);
  });
});

it('counts what is missing as the records say, for a district its own', async () => {
  const { rows: none } = await pool.query<{ state: number; north: number }>(
    `SELECT count(*)::int AS state, (count(*) FILTER (WHERE r.district_id = $1))::int AS north FROM resource r JOIN version v ON v.id = r.current_version_id
     WHERE r.state = 'published' AND v.type IS NULL`,
    [NORTH],
  );
  for (const [name, count] of [
    ['carla', none[0]?.state],
    ['hugo', none[0]?.north],
  ] as const) {
    const page = await pageOf(name, '/curate/tags?what=type');
    expect(
      page('[aria-labelledby=mis] li')
        .filter((_, li) => page(li).text().startsWith('No kind'))
        .find('.n')
        .text(),
    ).toBe(String(count));
    expect(page('#found').text()).toBe(count === 1 ? '1 resource' : `${count} resources`);
  }
  await who('carla')
    .get('/curate/tags?what=gap-nothing&grade=99&page=-4&words=%25_%27&district=nowhere&set=password')
    .expect(200);
});
