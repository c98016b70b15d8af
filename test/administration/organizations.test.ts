import { load } from 'cheerio';
import supertest from 'supertest';
import { beforeAll, describe, expect, it } from 'vitest';
import { accountById } from '../../server/accounts/account-queries.ts';
import { loadImportWords } from '../../server/imports/import-words.ts';
import { noOrigin } from '../../server/lib/origin.ts';
import { isEducator } from '../../server/lib/viewer.ts';
import { createDraft } from '../../server/resources/draft-service.ts';
import { publishDraft } from '../../server/resources/publish-service.ts';
import { batchOf } from '../../server/search/indexer.ts';
import { insertAdministrators, type AdministratorName } from '../support/administrators.ts';
import { testApp } from '../support/app.ts';
import { catalogId, seedCatalog, type Catalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { indexCatalog } from '../support/index-catalog.ts';
import { post, signedIn, type Browser } from '../support/sign-in.ts';
import { whileClosing } from '../support/while-closing.ts';

const database = await testDatabase();
const { pool } = database;
const { app, deps } = await testApp(database);
type Actor = AdministratorName | 'hugo';
const browsers = new Map<Actor, Browser>();
let catalog: Catalog;
beforeAll(async () => {
  catalog = await seedCatalog(pool);
  await insertAdministrators(pool);
  await indexCatalog(deps, catalog);
  for (const who of ['stella', 'dora', 'sven', 'olga', 'hugo'] as const)
    browsers.set(who, await signedIn(app, database, `${who}@test.example`));
});

const id = (slug: string): string => catalogId('organization', slug);
const browser = (who: Actor): Browser => browsers.get(who)!;
const read = async (who: Actor, path: string) => load((await browser(who).get(path).expect(200)).text);
const send = (who: Actor, path: string, form: Record<string, string> = {}) => post(browser(who), path, form);
const stampOf = async (who: Actor, slug: string, change: string): Promise<string> =>
  (await read(who, `/admin/organizations/${id(slug)}/${change}`))('input[name=stamp]').attr('value') ?? '';
/** Opens the page of a change and sends its form, as somebody does who reads it. */
const change = async (who: Actor, slug: string, what: string, form: Record<string, string> = {}) =>
  send(who, `/admin/organizations/${id(slug)}/${what}`, { stamp: await stampOf(who, slug, what), ...form });
const actionsOf = async (slug: string): Promise<string[]> =>
  (
    await pool.query<{ action: string }>(
      `SELECT action FROM audit_event WHERE object_type = 'organization' AND object_id = $1 ORDER BY id`,
      [id(slug)],
    )
  ).rows.map(({ action }) => action);
const dirty = async (): Promise<string[]> =>
  (await pool.query<{ resource_id: string }>('SELECT DISTINCT resource_id FROM search_dirty')).rows.map(
    (row) => row.resource_id,
  );
/** What the indexer does by itself in a portal. */
const index = async () => {
  const ids = await dirty();
  await deps.search.first.apply(
    await batchOf(
      pool,
      ids.map((resource_id) => ({ resource_id })),
    ),
  );
  await pool.query('DELETE FROM search_dirty');
};

describe('the tree', () => {
  it('shows the state’s administrators everything and a district’s its own, found by name', async () => {
    const names = async (who: Actor, q = '') => {
      const $ = await read(who, `/admin/organizations?q=${encodeURIComponent(q)}`);
      return $('.tree a')
        .map((_, one) => $(one).text())
        .get();
    };
    expect(await names('stella')).toEqual([
      'North Fork Schools',
      'Alder Elementary',
      'North High School',
      'South Bay Unified',
      'Harbor Middle School',
    ]);
    expect(await names('dora')).toEqual(['North Fork Schools', 'Alder Elementary', 'North High School']);
    expect(await names('stella', 'hárbor')).toEqual(['South Bay Unified', 'Harbor Middle School']);
    expect(await names('stella', '%')).toEqual([]);
    expect(await names('dora', 'Harbor')).toEqual([]);
    const $ = await read('stella', '/admin/organizations');
    expect($('.tree .index li').first().text().replaceAll(/\s+/g, ' ')).toMatch(
      /Alder Elementary ?1 person, \d+ resources, 0 collections/,
    );
  });
});

describe('who may do what to which organization', () => {
  const changes = ['rename', 'move', 'merge', 'hand-over', 'publishing', 'close', 'reopen'] as const;
  /** 200: has the page; 303: has the right, but not now; 403: knows it and may not; 404: may not know of it. */
  const table: Record<string, Partial<Record<Actor, string>>> = {
    north: {
      stella: '200 403 200 200 200 200 303',
      dora: '200 403 403 200 200 403 403',
      sven: '404 404 404 404 404 404 404',
    },
    'north-high': {
      stella: '200 200 200 200 200 200 303',
      dora: '200 403 200 200 200 200 303',
      sven: '404 404 404 404 404 404 404',
    },
    state: {
      stella: '403 403 403 403 200 403 403',
      dora: '404 404 404 404 404 404 404',
      sven: '404 404 404 404 404 404 404',
    },
  };
  it.each(Object.keys(table))('%s', async (slug) => {
    for (const who of ['stella', 'dora', 'sven', 'olga', 'hugo'] as const) {
      const seen: number[] = [];
      const done: number[] = [];
      for (const what of changes) {
        seen.push((await browser(who).get(`/admin/organizations/${id(slug)}/${what}`)).status);
        done.push(
          (
            await send(who, `/admin/organizations/${id(slug)}/${what}`, {
              name: 'Taken over',
              slug: 'taken',
              mode: 'check_first',
              to: id('south'),
            })
          ).status,
        );
      }
      const expected = (table[slug]?.[who] ?? Array(7).fill('403').join(' ')).split(' ').map(Number);
      expect([who, ...seen]).toEqual([who, ...expected]);
      // Without what was there when the page was shown, nothing is done even by those who may.
      expect([who, ...done]).toEqual([who, ...expected.map((status) => (status < 400 ? 409 : status))]);
      const page = (await browser(who).get(`/admin/organizations/${id(slug)}`)).status;
      expect([who, page]).toEqual([
        who,
        expected.includes(404) ? 404 : who === 'olga' || who === 'hugo' ? 403 : 200,
      ]);
    }
    expect(await actionsOf(slug)).toEqual([]);
  });

  it('lets a district’s administrator make schools there and nowhere else', async () => {
    await send('dora', '/admin/organizations', { kind: 'district', name: 'A district of mine' }).expect(403);
    await send('dora', '/admin/organizations', {
      kind: 'school',
      name: 'A school',
      district: id('south'),
    }).expect(403);
    await send('dora', '/admin/organizations', {
      kind: 'school',
      name: 'Birch Annex',
      district: id('north'),
    }).expect(303);
    const { rows } = await pool.query(
      `SELECT parent_id FROM organization WHERE name IN ('A district of mine', 'A school', 'Birch Annex')`,
    );
    expect(rows).toEqual([{ parent_id: id('north') }]);
  });
});

describe('a school', () => {
  it('isn’t made in a district that is closed in that moment', async () => {
    const form = { kind: 'school', name: 'Too Late School', district: id('south') };
    const late = await whileClosing(pool, id('south'), () => send('stella', '/admin/organizations', form));
    await pool.query('UPDATE organization SET closed_at = NULL WHERE id = $1', [id('south')]);
    expect(late.status).toBe(422);
    expect((await pool.query(`SELECT 1 FROM organization WHERE name = 'Too Late School'`)).rowCount).toBe(0);
  });
});

describe('a rename', () => {
  it('is in search within seconds, and the old name and address still lead there', async () => {
    await index();
    const before = load((await supertest(app).get('/search?district=north').expect(200)).text)('.hit').length;
    expect(before).toBeGreaterThan(0);
    await change('stella', 'north', 'rename', {
      name: 'Northern Lakes Schools',
      slug: 'northern-lakes',
    }).then((res) => expect(res.status).toBe(303));
    expect(await actionsOf('north')).toEqual(['organization.renamed']);
    const { rows } = await pool.query<{ id: string }>(
      `SELECT id FROM resource WHERE district_id = $1 AND state = 'published'`,
      [id('north')],
    );
    expect((await dirty()).toSorted()).toEqual(rows.map((row) => row.id).toSorted());
    await index();
    for (const address of ['/search?district=northern-lakes', '/search?district=north']) {
      const $ = load((await supertest(app).get(address).expect(200)).text);
      expect($('.hit')).toHaveLength(before);
      expect($('.chip').text()).toContain('Northern Lakes Schools');
    }
    await supertest(app)
      .get('/districts/north')
      .expect(301)
      .expect('location', '/districts/northern-lakes')
      .expect('cache-control', 'private, no-cache');
    await supertest(app).get('/districts/nowhere').expect(404);
    const $ = await read('stella', `/admin/organizations/${id('north')}`);
    expect($('main').text()).toContain('North Fork Schools');
    // The address is its own again, and not another one's meanwhile.
    await change('stella', 'south', 'rename', { name: 'South Bay Unified', slug: 'north' }).then((res) =>
      expect(res.status).toBe(422),
    );
    await send('stella', '/admin/organizations', { kind: 'district', name: 'North' }).expect(303);
    expect((await pool.query(`SELECT slug FROM organization WHERE name = 'North'`)).rows).toEqual([
      { slug: 'north-2' },
    ]);
    await change('stella', 'north', 'rename', { name: 'North Fork Schools', slug: 'north' }).then((res) =>
      expect(res.status).toBe(303),
    );
    await supertest(app)
      .get('/districts/northern-lakes')
      .expect(301)
      .expect('location', '/districts/north')
      .expect('cache-control', 'private, no-cache');
    await index();
  });

  it('of a school is understood in imports under both names', async () => {
    await change('dora', 'north-high', 'rename', { name: 'Fork River High', slug: 'north-high' });
    const words = await loadImportWords(pool, id('north'));
    expect([words.find('school', 'North High School'), words.find('school', 'fork river high')]).toEqual([
      id('north-high'),
      id('north-high'),
    ]);
  });

  it('comes back with what was typed when it can’t be', async () => {
    const faults: [Record<string, string>, string][] = [
      [{ name: ' ', slug: 'north-high' }, 'This is needed.'],
      [{ name: 'alder ELEMENTARY', slug: 'north-high' }, 'There is one of this name already.'],
      [{ name: 'X', slug: 'North High!' }, 'Use small letters, digits and single dashes'],
      [{ name: 'X', slug: 'south' }, 'Another organization has or had this address.'],
    ];
    for (const [form, words] of faults) {
      const response = await change('dora', 'north-high', 'rename', form);
      expect(response.status).toBe(422);
      const $ = load(response.text);
      expect($('.errors').text()).toContain(words);
      expect($('#slug').attr('value')).toBe(form['slug']);
    }
  });

  it('that somebody else made first is told of, with what is there now', async () => {
    const stamp = await stampOf('dora', 'north-elementary', 'rename');
    await change('stella', 'north-elementary', 'rename', { name: 'Alder Academy', slug: 'north-elementary' });
    const response = await send('dora', `/admin/organizations/${id('north-elementary')}/rename`, {
      stamp,
      name: 'Alder School',
      slug: 'alder',
    }).expect(409);
    const text = load(response.text)('main').text();
    expect(text).toContain('Nothing of yours was done.');
    expect(text).toContain('Alder Academy');
    expect(text).toContain('Alder School');
    expect(
      (await pool.query(`SELECT name FROM organization WHERE id = $1`, [id('north-elementary')])).rows[0],
    ).toEqual({ name: 'Alder Academy' });
  });
});

describe('closing', () => {
  it('is refused in words while it has people or schools, and changes nothing', async () => {
    const $ = await read('stella', `/admin/organizations/${id('south')}/close`);
    expect($('main').text()).toContain('2 people with open accounts work here.');
    expect($('main').text()).toContain('1 school of it is open.');
    expect($('form button').text()).not.toContain('Close it');
    // Somebody who sends the form all the same is told the same.
    const stamp = await stampOf('stella', 'south', 'rename');
    const refused = await send('stella', `/admin/organizations/${id('south')}/close`, { stamp }).expect(422);
    expect(load(refused.text)('main').text()).toContain('2 people with open accounts');
    expect(await actionsOf('south')).toEqual([]);
    expect(
      (await pool.query('SELECT closed_at FROM organization WHERE id = $1', [id('south')])).rows,
    ).toEqual([{ closed_at: null }]);
  });

  it('keeps resources on the shelf and found, takes the school from every choice, and can be taken back', async () => {
    await pool.query(`UPDATE person SET disabled_at = now() WHERE organization_id = $1`, [
      id('south-middle'),
    ]);
    const shared = await pool.query(
      `SELECT count(*)::int AS n FROM resource WHERE organization_id = $1 AND state = 'published' AND audience && ARRAY['public']`,
      [id('south-middle')],
    );
    await change('sven', 'south-middle', 'close').then((res) => expect(res.status).toBe(303));
    expect(await actionsOf('south-middle')).toEqual(['organization.closed']);
    const page = load((await supertest(app).get('/schools/south-middle').expect(200)).text);
    expect(page('main').text()).toContain('This one is closed.');
    expect(page('main').text()).toContain(`${(shared.rows[0] as { n: number }).n} resources`);
    expect((await read('stella', '/admin/people/invitations'))('#organization').text()).not.toContain(
      'Harbor Middle School',
    );
    expect((await browser('stella').get(`/admin/organizations/${id('south-middle')}/move`)).status).toBe(303);
    await change('sven', 'south-middle', 'reopen').then((res) => expect(res.status).toBe(303));
    expect((await read('stella', '/admin/people/invitations'))('#organization').text()).toContain(
      'Harbor Middle School',
    );
    await pool.query(`UPDATE person SET disabled_at = NULL WHERE organization_id = $1`, [id('south-middle')]);
  });
});

describe('what happens when something is shared', () => {
  const effective = async (): Promise<Record<string, string>> =>
    Object.fromEntries(
      (
        await pool.query<{ slug: string; publish_mode: string }>(
          `SELECT slug, publish_mode FROM organization WHERE slug IN ('state', 'north', 'north-high', 'south', 'south-middle')`,
        )
      ).rows.map((row) => [row.slug, row.publish_mode]),
    );
  /** Publishes something new of a school's teacher. @returns what became of it */
  const publish = async (person: string): Promise<string> => {
    const viewer = (await accountById(pool, catalogId('person', person)))?.viewer;
    if (!viewer || !isEducator(viewer)) throw new Error('nobody');
    const fields = {
      title: `Of ${person}`,
      summary: '',
      description: 'Text',
      fullText: 'Text',
      url: 'https://rope.example/1',
      type: 'lesson',
      license: 'CC-BY-4.0',
      language: 'en',
      subjects: ['math'],
      grades: ['4'],
      visibility: 'public',
    } as const;
    const resourceId = await createDraft(
      deps,
      viewer,
      { fields: { ...fields, subjects: ['math'], grades: ['4'] } },
      noOrigin,
    );
    const { rows } = await pool.query<{ revision: number }>(
      'SELECT revision FROM version WHERE resource_id = $1',
      [resourceId],
    );
    return (await publishDraft(deps, viewer, { resourceId, revision: rows[0]!.revision, note: '' }, noOrigin))
      .state;
  };

  it('is inherited by districts from the state and by schools from their district, for what is shared from then on', async () => {
    expect(new Set(Object.values(await effective()))).toEqual(new Set(['at_once']));
    expect(await publish('sara')).toBe('published');
    await change('stella', 'state', 'publishing', { mode: 'check_first' });
    expect(new Set(Object.values(await effective()))).toEqual(new Set(['check_first']));
    expect([await publish('sara'), await publish('hugo')]).toEqual(['submitted', 'submitted']);
    // A district chooses for itself, and its schools follow.
    await change('sven', 'south', 'publishing', { mode: 'at_once' });
    expect(await effective()).toEqual({
      state: 'check_first',
      north: 'check_first',
      'north-high': 'check_first',
      south: 'at_once',
      'south-middle': 'at_once',
    });
    expect([await publish('sara'), await publish('hugo')]).toEqual(['published', 'submitted']);
    // A school chooses for itself, whatever its district does then.
    await change('sven', 'south-middle', 'publishing', { mode: 'check_first' });
    await change('sven', 'south', 'publishing', { mode: 'inherit' });
    await change('stella', 'state', 'publishing', { mode: 'at_once' });
    expect(await effective()).toEqual({
      state: 'at_once',
      north: 'at_once',
      'north-high': 'at_once',
      south: 'at_once',
      'south-middle': 'check_first',
    });
    expect([await publish('sara'), await publish('hugo')]).toEqual(['submitted', 'published']);
    // What was handed in goes on waiting, and the page says so.
    expect(
      (await read('sven', `/admin/organizations/${id('south-middle')}/publishing`))('main').text(),
    ).toContain('resources were handed in and go on waiting');
    await change('sven', 'south-middle', 'publishing', { mode: 'inherit' });
    expect(await publish('sara')).toBe('published');
  });

  it('is the state’s to choose for the state, and nothing that isn’t a choice', async () => {
    const response = await change('stella', 'state', 'publishing', { mode: 'inherit' });
    expect(response.status).toBe(422);
    expect((await change('sven', 'south', 'publishing', { mode: 'never' })).status).toBe(422);
  });
});
