import { load } from 'cheerio';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeCarlaAdministrator } from '../support/administrator.ts';
import { testApp } from '../support/app.ts';
import { catalogId, seedCatalog, type Catalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { importLink } from '../support/import-runs.ts';
import { indexCatalog } from '../support/index-catalog.ts';
import { signedIn } from '../support/sign-in.ts';

const database = await testDatabase();
const { pool } = database;
const { app, deps } = await testApp(database);
type Browser = Awaited<ReturnType<typeof signedIn>>;
let catalog: Catalog;
let carla: Browser;
let nora: Browser;
let levels: { id: string; slug: string; name: string }[];

beforeAll(async () => {
  catalog = await seedCatalog(pool);
  await indexCatalog(deps, catalog);
  carla = await signedIn(app, database, await makeCarlaAdministrator(pool));
  nora = await signedIn(app, database, 'nora@test.example');
  levels = (
    await pool.query<(typeof levels)[number]>('SELECT id, slug, name FROM competency_level ORDER BY position')
  ).rows;
});

const post = (path: string, form: Record<string, string>, who = carla) =>
  who.post(path).set('Sec-Fetch-Site', 'same-origin').type('form').send(form);
const pageOf = async (path: string, who = carla) => load((await who.get(path).expect(200)).text);
/** The form of the scale as it stands, with some fields changed. */
async function scale(changes: Record<string, string> = {}): Promise<Record<string, string>> {
  const page = await pageOf('/admin/levels');
  const fields: Record<string, string> = { do: 'look' };
  page(
    'input[name="scale"], input[name^="name-"], textarea, select[name^="place-"], input[name="seen"]',
  ).each((_, one) => {
    fields[page(one).attr('name') ?? ''] = String(page(one).val() ?? '').replace(/^\n/, '');
  });
  return { ...fields, ...changes };
}
const level = (slug: string) => levels.find((one) => one.slug === slug)?.id ?? '';

describe('the scale', () => {
  it('is previewed, then named and ordered anew; addresses, claims and imports keep their level', async () => {
    const form = await scale({
      [`name-${level('developing')}`]: 'Growing',
      [`place-${level('extending')}`]: '1',
    });
    const preview = load((await post('/admin/levels', form).expect(200)).text);
    expect(preview('main').text()).toContain('Growing');
    expect(preview('main').text()).toMatch(/From the lowest: Extending, /);
    expect((await pageOf('/standards/' + catalog.guid('TS.MATH.3.NF.1')))('main').text()).not.toContain(
      'Growing',
    );
    await post('/admin/levels', { ...form, sure: 'yes' }).expect(303);
    const now = await pool.query<{ slug: string; name: string }>(
      'SELECT slug, name FROM competency_level ORDER BY position',
    );
    expect(now.rows.map(({ slug }) => slug)).toEqual(['extending', 'emerging', 'developing', 'proficient']);
    expect((await pageOf('/search?level=developing', nora))('main').text()).toContain('Growing');
    expect((await pageOf('/search?q=growing+fractions', nora))('.readings, main').text()).toContain(
      'Growing',
    );
    await importLink(deps, 'l1', { standards: 'TS.MATH.3.NF.1@Developing' });
    const claim = await pool.query<{ slug: string }>(
      `SELECT l.slug FROM resource r JOIN alignment a ON a.resource_id = r.id JOIN competency_level l ON l.id = a.level_id WHERE r.external_id = 'l1'`,
    );
    expect(claim.rows).toEqual([{ slug: 'developing' }]);
    const audited = await pool.query(`SELECT 1 FROM audit_event WHERE action = 'levels.changed'`);
    expect(audited.rows).toHaveLength(1);
  });

  it('that somebody changed meanwhile, or with one name twice, is not changed', async () => {
    const mine = await scale({ scale: 'Mine' });
    await post('/admin/levels', { ...(await scale({ scale: 'Theirs' })), sure: 'yes' }).expect(303);
    const again = load((await post('/admin/levels', { ...mine, sure: 'yes' }).expect(409)).text);
    expect(again('[role="alert"]').text()).toContain('Somebody has changed');
    expect((await scale())['scale']).toBe('Theirs');
    const twice = load(
      (await post('/admin/levels', await scale({ [`name-${level('developing')}`]: 'emerging' })).expect(422))
        .text,
    );
    expect(twice(`.errors a[href^="#name-"]`)).toHaveLength(1);
    expect(twice(`[name="name-${level('developing')}"]`).val()).toBe('emerging');
  });

  it('gets another level, and loses one only while nothing names it', async () => {
    await post('/admin/levels', { do: 'add', name: 'Mastery', wording: 'Teaches others.' }).expect(303);
    const { rows } = await pool.query<{ id: string }>(
      `SELECT id FROM competency_level WHERE slug = 'mastery' AND position = 5`,
    );
    await post('/admin/levels', { remove: level('developing') }).expect(422);
    const mastery = rows[0]?.id ?? '';
    const page = await pageOf('/admin/levels');
    // Enter in a field presses the first button of its form: that one only previews the scale.
    const form = page('form:has([name="scale"])');
    expect(form.find('button:not([form])').first().attr('name')).toBeUndefined();
    expect(form.find(`button[value="${mastery}"]`).attr('form')).toBe(page('form#removal').attr('id'));
    await pool.query(
      `INSERT INTO level_descriptor (standard_guid, level_id, description) VALUES ($1, $2, 'Teaches thirds.')`,
      [catalog.guid('TS.MATH.3.NF.1'), mastery],
    );
    await pool.query(`INSERT INTO level_word (level_id, word) VALUES ($1, 'beyond')`, [mastery]);
    const preview = load((await post('/admin/levels', { remove: mastery }).expect(200)).text);
    expect(preview('main').text()).toContain('What it looks like for 1 standard is lost with it.');
    expect(preview('main').text()).toContain('no longer understand these words for it: beyond.');
    expect((await pool.query('SELECT 1 FROM competency_level')).rows).toHaveLength(5);
    const sure = { remove: mastery, seen: String(preview('[name="seen"]').val()), sure: 'yes' };
    await pool.query(`UPDATE level_descriptor SET description = 'Teaches halves.' WHERE level_id = $1`, [
      mastery,
    ]);
    const late = load((await post('/admin/levels', sure).expect(409)).text);
    await post('/admin/levels', { ...sure, seen: String(late('[name="seen"]').val()) }).expect(303);
    expect((await pool.query('SELECT 1 FROM competency_level')).rows).toHaveLength(4);
    const kept = await pool.query<{ detail: object }>(
      `SELECT detail FROM audit_event WHERE action = 'level.removed'`,
    );
    expect(kept.rows[0]?.detail).toMatchObject({
      slug: 'mastery',
      description: 'Teaches others.',
      descriptors: [{ standard: catalog.guid('TS.MATH.3.NF.1'), description: 'Teaches halves.' }],
      words: ['beyond'],
    });
  });
});

describe('what a level looks like for a standard', () => {
  const guid = () => catalog.guid('TS.MATH.3.NF.1');
  const form = async () => {
    const page = await pageOf(`/admin/levels/standards/${guid()}`);
    return { seen: String(page('[name="seen"]').val()), page };
  };

  it('is written by hand, and shown on its page and where a teacher chooses the level', async () => {
    const { seen } = await form();
    await post(`/admin/levels/standards/${guid()}`, {
      seen,
      [`words-${level('developing')}`]: 'Folds strips and names the parts.',
    }).expect(303);
    expect((await pageOf(`/standards/${guid()}`, nora))('main').text()).toContain(
      'Folds strips and names the parts.',
    );
    await pool.query('UPDATE resource SET owner_id = $1 WHERE id = $2', [
      catalogId('person', 'nora'),
      catalog.id('drafty'),
    ]);
    await pool.query(
      `INSERT INTO draft_alignment (version_id, standard_guid) SELECT id, $1 FROM version WHERE resource_id = $2 AND number IS NULL ON CONFLICT DO NOTHING`,
      [guid(), catalog.id('drafty')],
    );
    const share = await pageOf(`/resources/${catalog.id('drafty')}/edit`, nora);
    expect(share('.own-levels').text()).toContain('Folds strips and names the parts.');
    const late = load(
      (
        await post(`/admin/levels/standards/${guid()}`, {
          seen,
          [`words-${level('developing')}`]: 'Mine',
        }).expect(409)
      ).text,
    );
    expect(late('main').text()).toContain('Somebody has written meanwhile: Folds strips');
    expect(late('textarea').text()).toContain('Mine');
  });

  it('comes from CASE rubrics, whose levels are named, and is looked at first', async () => {
    const rubric = {
      identifier: '11111111-1111-4111-8111-111111111111',
      uri: 'https://case.example/r',
      title: 'Mathematics',
      CFRubricCriteria: [
        {
          identifier: '21111111-1111-4111-8111-111111111111',
          CFItemURI: { title: 'x', identifier: guid(), uri: `https://case.example/${guid()}` },
          CFRubricCriterionLevels: [
            {
              identifier: '31111111-1111-4111-8111-111111111111',
              quality: 'Developing',
              description: 'Shades the parts.',
              position: 2,
            },
            {
              identifier: '32111111-1111-4111-8111-111111111111',
              quality: 'Got it',
              description: 'Explains the parts.',
              position: 3,
            },
          ],
        },
        {
          identifier: '22111111-1111-4111-8111-111111111111',
          CFItemURI: {
            title: 'y',
            identifier: '99999999-9999-4999-8999-999999999999',
            uri: 'https://case.example/9',
          },
          CFRubricCriterionLevels: [
            {
              identifier: '33111111-1111-4111-8111-111111111111',
              quality: 'Developing',
              description: 'Nobody here.',
              position: 2,
            },
          ],
        },
      ],
    };
    const send = (json: unknown) =>
      carla
        .post('/admin/levels/rubrics')
        .set('Sec-Fetch-Site', 'same-origin')
        .attach('file', Buffer.from(JSON.stringify(json)), 'rubrics.json');
    const refused = load((await send({ CFItems: [] }).expect(422)).text);
    expect(refused('.errors').text()).toContain('no rubrics');
    const at = (await send({ CFRubrics: [rubric] }).expect(303)).headers['location'] ?? '';
    const counts = async (page: ReturnType<typeof load>) =>
      page('.tally dd')
        .map((_, dd) => Number(page(dd).text()))
        .get();
    const look = await pageOf(at);
    // new, changed, the same, unknown standards, left out
    expect(await counts(look)).toEqual([0, 1, 0, 1, 1]);
    const meant = { 'level-0': level('developing'), 'level-1': level('proficient') };
    const again = load((await post(at, { do: 'look', ...meant }).expect(200)).text);
    expect(await counts(again)).toEqual([1, 1, 0, 1, 0]);
    await post(at, { do: 'take', ...meant }).expect(303);
    const shown = (await pageOf(`/standards/${guid()}`, nora))('main').text();
    expect(shown).toContain('Shades the parts.');
    expect(shown).toContain('Explains the parts.');
    await post(at, { do: 'take', ...meant }).expect(404);
  });
});

describe('a framework', () => {
  it('that is hidden is offered nowhere any more, and stays on its resources', async () => {
    const guid = catalog.guid('test-science');
    const standard = catalog.guid('TS.SCI.3.PS.2');
    const at = `/admin/frameworks/${guid}`;
    const found = async () =>
      ((await nora.get('/api/v1/standards?q=TS.SCI.3.PS.2').expect(200)).body as { standards: unknown[] })
        .standards.length;
    expect(await found()).toBeGreaterThan(0);
    const seen = String((await pageOf(at))('[name="seen"]').val());
    const preview = load((await post(at, { own: 'yes', seen }).expect(200)).text);
    expect(Number(preview('.tally dd').first().text())).toBeGreaterThan(0);
    await post(at, { own: 'yes', seen: 'another', sure: 'yes' }).expect(409);
    await post(at, { own: 'yes', seen: String(preview('[name="seen"]').val()), sure: 'yes' }).expect(303);
    expect(await found()).toBe(0);
    expect((await pageOf('/standards', nora))('main').text()).not.toContain(
      'Testing State Standards for Science',
    );
    expect(
      (await pageOf('/search?q=rope', nora))(`input[name="standard"][value="${standard}"]`),
    ).toHaveLength(0);
    const page = await pageOf(`/resources/${catalog.id('forces-packet')}`, nora);
    expect(page('main').text()).toContain('TS.SCI.');
    await nora.get(`/standards/${standard}`).expect(200);
    expect((await pageOf('/admin/frameworks'))('main').text()).toContain('Hidden');
    await post(at, {
      own: 'yes',
      visible: 'yes',
      seen: String((await pageOf(at))('[name="seen"]').val()),
      sure: 'yes',
    }).expect(303);
    expect(await found()).toBeGreaterThan(0);
  });

  it('moves among the state’s own or among the others', async () => {
    const names = async () => {
      const page = await pageOf('/admin/frameworks');
      return page('tbody th a')
        .map((_, a) => page(a).text())
        .get();
    };
    await pool.query('UPDATE framework SET is_state_own = true');
    const [first, second] = await names();
    const { rows } = await pool.query<{ guid: string }>('SELECT guid FROM framework WHERE title = $1', [
      first,
    ]);
    await post(`/admin/frameworks/${rows[0]?.guid ?? ''}/place`, { by: 'down' }).expect(303);
    expect((await names()).slice(0, 2)).toEqual([second, first]);
    await pool.query('UPDATE framework SET is_state_own = false WHERE title = $1', [first]);
    await post(`/admin/frameworks/${rows[0]?.guid ?? ''}/place`, { by: 'up' }).expect(303);
    expect((await names()).at(-1)).toBe(first);
  });
});

it('only the state’s administrators change levels', async () => {
  for (const path of [
    '/admin/levels',
    `/admin/levels/standards/${catalog.guid('TS.MATH.3.NF.1')}`,
    '/admin/levels/rubrics',
  ])
    await post(path, { do: 'add', name: 'Mine' }, nora).expect(403);
});
