import { load } from 'cheerio';
import supertest from 'supertest';
import { beforeAll, describe, expect, it } from 'vitest';
import { forgetDeletedCollections } from '../../server/collections/collection-removal.ts';
import { testApp } from '../support/app.ts';
import { catalogId, seedCatalog, type Catalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { indexCatalog } from '../support/index-catalog.ts';
import { signedIn } from '../support/sign-in.ts';

const database = await testDatabase();
const { app, deps } = await testApp(database);
const { pool } = database;
let catalog: Catalog;
type Browser = Awaited<ReturnType<typeof signedIn>>;
/** A teacher, a colleague of her district, a teacher of another district, a curator of the state, and the public. */
let nora: Browser;
let hugo: Browser;
let sara: Browser;
let carla: Browser;
const anybody = supertest(app);

type Fields = Record<string, string | string[]>;
const send = (browser: Browser, path: string, fields: Fields = {}) =>
  browser.post(path).set('Sec-Fetch-Site', 'same-origin').type('form').send(fields);
const pageOf = async (browser: Pick<Browser, 'get'>, path: string, status = 200) =>
  load((await browser.get(path).expect(status)).text);
const textOf = async (browser: Pick<Browser, 'get'>, path: string, status = 200) =>
  (await pageOf(browser, path, status))('main').text().replaceAll(/\s+/g, ' ');

/** Makes a collection by its form. */
async function make(browser: Browser, fields: Fields): Promise<string> {
  const { headers } = await send(browser, '/collections', fields).expect(303);
  return /collections\/([0-9a-f-]{36})/.exec(headers['location'] ?? '')?.[1] ?? '';
}
const add = (browser: Browser, id: string, key: string) =>
  send(browser, `/collections/${id}/items`, {
    resource: `http://localhost/resources/${catalog.id(key)}/some-words`,
  });
const titlesIn = async (browser: Pick<Browser, 'get'>, path: string): Promise<string[]> => {
  const $ = await pageOf(browser, path);
  return $('.hit h3 a')
    .get()
    .map((link) => $(link).text());
};
const revisionIn = async (browser: Browser, id: string, form = '') =>
  String(
    (await pageOf(browser, `/collections/${id}/edit`))(
      `form[action="/collections/${id}${form}"] [name=revision]`,
    ).val(),
  );

beforeAll(async () => {
  catalog = await seedCatalog(pool);
  await indexCatalog(deps, catalog);
  nora = await signedIn(app, database, 'nora@test.example');
  hugo = await signedIn(app, database, 'hugo@test.example');
  sara = await signedIn(app, database, 'sara@test.example');
  carla = await signedIn(app, database, 'carla@test.example');
}, 60_000);

const countOfCollections = async (): Promise<number> =>
  (await pool.query<{ count: number }>('SELECT count(*)::int AS count FROM collection')).rows[0]?.count ?? 0;

describe('a teacher', () => {
  it('puts a collection together with sections and notes, and readers see it in that order', async () => {
    const id = await make(nora, { title: 'Forces in spring', description: 'For the *third* week.' });
    for (const key of ['tug-of-war', 'magnets', 'push-pull']) await add(nora, id, key).expect(303);
    await send(nora, `/collections/${id}/sections`, { section: 'Outside' }).expect(303);
    const edit = await pageOf(nora, `/collections/${id}/edit`);
    const section = String(edit('.arranged[data-section]').last().attr('data-section'));
    const item = (key: string) => `/collections/${id}/items/${catalog.id(key)}`;
    await send(nora, item('tug-of-war'), {
      do: 'to',
      section,
      note: 'Take the **long** rope.',
      revision: '1',
    }).expect(303);
    await send(nora, item('push-pull'), { do: 'up', note: '', revision: '1' }).expect(303);
    expect(await titlesIn(nora, `/collections/${id}`)).toEqual(
      ['push-pull', 'magnets', 'tug-of-war'].map(
        (key) => catalog.resources.find((one) => one.key === key)?.title,
      ),
    );
    const $ = await pageOf(nora, `/collections/${id}`);
    expect($('h2.ruled').text()).toBe('Outside');
    expect($('.note-here').html()).toContain('<strong>long</strong>');
    expect($('.prose').html()).toContain('<em>third</em>');
    await pageOf(hugo, `/collections/${id}`, 404);
    await send(hugo, item('magnets'), { do: 'remove' }).expect(404);
  });

  it('is told what is wrong in words, and loses nothing that was typed', async () => {
    const id = await make(nora, { title: 'Full' });
    for (const [path, fields, field, status] of [
      ['/collections', { title: ' ', description: 'kept' }, 'title', 422],
      ['/collections', { title: 'For all', visibility: 'public' }, 'visibility', 422],
      [`/collections/${id}`, { title: '', description: 'kept', revision: '1' }, 'title', 422],
      [`/collections/${id}`, { title: 'x'.repeat(300), description: 'kept', revision: '1' }, 'title', 422],
      [
        `/collections/${id}`,
        { title: 'A', description: 'kept', visibility: 'public', revision: '1' },
        'visibility',
        422,
      ],
      [`/collections/${id}/items`, { resource: 'https://elsewhere.example' }, 'resource', 422],
      [`/collections/${id}/items`, { resource: catalog.id('withdrawn') }, 'resource', 422],
      [`/collections/${id}/items`, { resource: catalogId('resource', 'nothing') }, 'resource', 422],
      [`/collections/${id}/sections`, { section: '' }, 'section', 422],
      [`/collections/${id}/editors`, { email: 'nobody@test.example' }, 'email', 422],
      [`/collections/${id}/editors`, { email: 'nora@test.example' }, 'email', 422],
      [`/collections/${id}/items/${catalog.id('cells')}`, { do: 'up', note: 'kept' }, 'items', 409],
    ] as const) {
      const { text } = await send(nora, path, fields as Fields).expect(status);
      const $ = load(text);
      expect($(`.errors a[href="#${field}"]`).text(), `${path} ${JSON.stringify(fields)}`).not.toBe('');
      if ('description' in fields) expect(text).toContain('kept');
    }
    await pool.query(
      `INSERT INTO resource (organization_id, state) SELECT organization_id, 'draft' FROM resource CROSS JOIN generate_series(1, 500) LIMIT 500`,
    );
    await pool.query(
      `INSERT INTO collection_item (collection_id, resource_id) SELECT $1, id FROM resource WHERE state = 'draft' LIMIT 500`,
      [id],
    );
    const { text } = await add(nora, id, 'cells').expect(422);
    expect(load(text)('.errors').text()).toContain('at most 500 resources');
    await pool.query(
      `DELETE FROM resource r WHERE state = 'draft' AND NOT EXISTS (SELECT 1 FROM version v WHERE v.resource_id = r.id)`,
    );
  });

  it('adds from the page of a resource, once, and to a new one too', async () => {
    const at = `/resources/${catalog.id('cells')}/add`;
    expect((await pageOf(nora, `/resources/${catalog.id('cells')}`))(`a[href="${at}"]`)).toHaveLength(1);
    const { headers } = await send(nora, at, { collection: 'new', title: 'Cells and more' }).expect(303);
    expect(headers['location']).toMatch(/^\/resources\//);
    const $ = await pageOf(nora, at);
    const id = String($('.choice:contains("Cells and more") input').val());
    await send(nora, at, { collection: id, note: 'Twice?' }).expect(303);
    expect(await textOf(nora, `/collections/${id}`)).toMatch(/1 resource .*Twice\?/);
    await send(nora, at, { collection: '' }).expect(422);
    await send(hugo, at, { collection: id }).expect(404);
    await nora.get(`/resources/${catalog.id('withdrawn')}/add`).expect(404);
  });

  it('deletes it and takes it back within a month', async () => {
    const id = await make(nora, { title: 'Not any more', visibility: 'school' });
    await send(nora, `/collections/${id}/delete`).expect(303);
    await pageOf(nora, `/collections/${id}`, 404);
    expect(await textOf(nora, '/collections')).toContain('Not any more');
    await send(hugo, `/collections/${id}/restore`).expect(404);
    await send(nora, `/collections/${id}/restore`).expect(303);
    await pageOf(nora, `/collections/${id}`);
    await send(nora, `/collections/${id}/delete`).expect(303);
    await pool.query(`UPDATE collection SET deleted_at = now() - interval '31 days' WHERE id = $1`, [id]);
    await send(nora, `/collections/${id}/restore`).expect(409);
    // In the night it goes for good, and nothing else does.
    const before = await countOfCollections();
    await forgetDeletedCollections(pool, new Date());
    expect(await countOfCollections()).toBe(before - 1);
    await nora.get('/collections');
    expect(await textOf(nora, '/collections')).not.toContain('Not any more');
  });

  it('has what she saved as a collection that can’t be deleted or shown to others', async () => {
    await send(nora, `/resources/${catalog.id('rhythm')}/save`).expect(303);
    const $ = await pageOf(nora, '/collections');
    const url = String($('#mine + ul a').first().attr('href'));
    expect($('#mine + ul a').first().text()).toBe('Saved');
    expect(await titlesIn(nora, url)).toHaveLength(1);
    await pageOf(hugo, url, 404);
    await send(nora, `${url}/delete`).expect(404);
    await send(nora, url, { title: 'Mine', revision: '1', visibility: 'district' }).expect(404);
    const copy = await send(nora, `${url}/copy`).expect(303);
    expect(copy.headers['location']).toMatch(/edit$/);
  });
});

describe('sharing', () => {
  it('by link opens it to whoever has it, until the link is ended', async () => {
    const id = await make(nora, { title: 'For families', visibility: 'link' });
    await add(nora, id, 'cells').expect(303);
    await add(nora, id, 'state-guide').expect(303);
    const link = async () =>
      new URL(String((await pageOf(nora, `/collections/${id}/edit`))('#address').val()));
    const first = await link();
    const at = first.pathname + first.search;
    await pageOf(anybody, `/collections/${id}`, 404);
    await pageOf(anybody, `/collections/${id}?key=guess`, 404);
    expect(await textOf(anybody, at)).toContain('1 resource');
    expect(await textOf(sara, at)).toContain('2 resources');
    expect((await anybody.get(at)).headers['referrer-policy']).toBe('same-origin');
    expect(await textOf(sara, '/collections')).not.toContain('For families');
    await send(sara, `/collections/${id}/copy`, { key: first.searchParams.get('key') ?? '' }).expect(303);
    await send(nora, `/collections/${id}/link`, { do: 'renew' }).expect(303);
    await pageOf(anybody, at, 404);
    const second = await link();
    await pageOf(anybody, second.pathname + second.search);
    await send(nora, `/collections/${id}/link`, { do: 'end' }).expect(303);
    await pageOf(anybody, second.pathname + second.search, 404);
    await send(nora, `/collections/${id}/link`, { do: 'renew' }).expect(409);
  });

  it.each([
    ['school', [200, 404, 404, 404, 200]],
    ['district', [200, 200, 404, 404, 200]],
  ] as const)('with the %s shows it to its people and to staff over it', async (visibility, answers) => {
    const id = await make(nora, { title: `Of the ${visibility}`, visibility });
    await add(nora, id, 'watershed').expect(303);
    for (const [index, browser] of [nora, hugo, sara, anybody, carla].entries())
      expect((await browser.get(`/collections/${id}`)).status, String(index)).toBe(answers[index]);
    await send(carla, `/collections/${id}/close`).expect(303);
    await pageOf(carla, `/collections/${id}`, 404);
    await pageOf(nora, `/collections/${id}`);
    expect(await textOf(nora, '/notices')).toContain(`“Of the ${visibility}” out of others’ sight`);
  });

  it('with a co-editor lets two change it at once, and neither loses anything', async () => {
    const id = await make(nora, { title: 'Ours', description: 'Begun by Nora.' });
    await add(nora, id, 'cells').expect(303);
    await send(nora, `/collections/${id}/editors`, { email: 'HUGO@test.example' }).expect(303);
    const revision = await revisionIn(hugo, id);
    await send(nora, `/collections/${id}`, { title: 'Ours', description: 'Nora’s words.', revision }).expect(
      303,
    );
    const conflict = load(
      (
        await send(hugo, `/collections/${id}`, {
          title: 'Ours',
          description: 'Hugo’s words.',
          revision,
        }).expect(409)
      ).text,
    );
    expect(conflict('textarea[name=description]').val()).toContain('Hugo’s words.');
    expect(conflict('.text').text()).toContain('Nora’s words.');
    const again = String(conflict('[name=revision]').val());
    await send(hugo, `/collections/${id}`, { title: 'Ours', description: 'Both.', revision: again }).expect(
      303,
    );
    const item = `/collections/${id}/items/${catalog.id('cells')}`;
    await send(nora, item, { do: 'save', note: 'From Nora', revision: '1' }).expect(303);
    const note = load(
      (await send(hugo, item, { do: 'down', note: 'From Hugo', revision: '1' }).expect(409)).text,
    );
    expect(note('textarea').val()).toContain('From Hugo');
    expect(note('main').text()).toContain('From Nora');
    // Adding and moving go on beside each other.
    await add(hugo, id, 'rhythm').expect(303);
    await send(nora, `/collections/${id}/items/${catalog.id('rhythm')}`, { do: 'first' }).expect(303);
    expect(await titlesIn(hugo, `/collections/${id}`)).toHaveLength(2);
    await send(hugo, `/collections/${id}`, { title: 'Ours', visibility: 'district', revision: '3' }).expect(
      422,
    );
    await send(hugo, `/collections/${id}/delete`).expect(404);
    await send(hugo, `/collections/${id}/editors`, { email: 'sara@test.example' }).expect(404);
  });

  it('says of a co-editor whose account was closed that it is, and takes no new one like that', async () => {
    const id = await make(nora, { title: 'Left alone' });
    await send(nora, `/collections/${id}/editors`, { email: 'sara@test.example' }).expect(303);
    await pool.query(`UPDATE person SET disabled_at = now() WHERE email = 'sara@test.example'`);
    expect(await textOf(nora, `/collections/${id}/edit`)).toContain('account closed');
    const other = await make(nora, { title: 'Another' });
    await send(nora, `/collections/${other}/editors`, { email: 'sara@test.example' }).expect(422);
    await pool.query(`UPDATE person SET disabled_at = NULL WHERE email = 'sara@test.example'`);
    sara = await signedIn(app, database, 'sara@test.example');
    await send(sara, `/collections/${id}/editors/${catalogId('person', 'sara')}/remove`).expect(303);
    await pageOf(sara, `/collections/${id}`, 404);
  });
});

describe('a copy', () => {
  it('remembers where it came from and holds what its maker may see', async () => {
    const id = await make(nora, { title: 'From the district', visibility: 'district', description: 'Text.' });
    for (const key of ['cells', 'watershed', 'secret-garden-lab']) await add(nora, id, key);
    await send(nora, `/collections/${id}/sections`, { section: 'Part one' }).expect(303);
    const { headers } = await send(hugo, `/collections/${id}/copy`).expect(303);
    const copy = /collections\/([0-9a-f-]{36})/.exec(headers['location'] ?? '')?.[1] ?? '';
    const text = await textOf(hugo, `/collections/${copy}`);
    expect(text).toContain('Copied from From the district by Nora Adler');
    const seen = await titlesIn(hugo, `/collections/${id}`);
    expect(await titlesIn(hugo, `/collections/${copy}`)).toEqual(seen);
    const { rows } = await pool.query('SELECT 1 FROM collection_item WHERE collection_id = $1', [copy]);
    expect(rows).toHaveLength(seen.length);
    await send(nora, `/collections/${id}/delete`).expect(303);
    expect(await textOf(hugo, `/collections/${copy}`)).toContain('“From the district”');
  });
});

describe('what has become hidden', () => {
  it('is missing for each as for each it is hidden, with counts that agree on every door', async () => {
    const id = await make(nora, { title: 'Counted', visibility: 'link' });
    for (const key of ['cells', 'rhythm', 'state-guide', 'watershed']) await add(nora, id, key);
    const { rows } = await pool.query<{ link_key: string }>('SELECT link_key FROM collection WHERE id = $1', [
      id,
    ]);
    const key = rows[0]?.link_key ?? '';
    const count = async (browser: Pick<Browser, 'get'>) => {
      const at = `/collections/${id}?key=${key}`;
      const shown = (await titlesIn(browser, at)).length;
      const said = Number(/(\d+) resources?/.exec(await textOf(browser, at))?.[1] ?? 0);
      const print = await pageOf(browser, `/collections/${id}/print?key=${key}`);
      return { shown, said, printed: print('.printed > li').length };
    };
    for (const browser of [nora, sara, anybody]) {
      const { shown, said, printed } = await count(browser);
      expect({ said, printed }).toEqual({ said: shown, printed: shown });
    }
    const before = (await count(nora)).shown;
    await pool.query(`UPDATE resource SET state = 'withdrawn', withdrawn_at = now() WHERE id = $1`, [
      catalog.id('rhythm'),
    ]);
    expect((await count(nora)).shown).toBe(before - 1);
    expect(await textOf(nora, `/collections/${id}/edit`)).toContain(
      'One resource that you put in is no longer open to you',
    );
    await send(nora, `/collections/${id}/gone`).expect(303);
    expect(await textOf(nora, `/collections/${id}/edit`)).not.toContain('no longer open to you');
    await pool.query(`UPDATE resource SET state = 'published', withdrawn_at = NULL WHERE id = $1`, [
      catalog.id('rhythm'),
    ]);
  });
});
