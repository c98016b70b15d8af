import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { load } from 'cheerio';
import request from 'supertest';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { sendSearchDigest } from '../../server/search/search-digest.ts';
import { offPath } from '../../server/lib/mail-off.ts';
import { saveSearch } from '../../server/search/saved-search-service.ts';
import { paramsOfAddress } from '../../server/search/search-address.ts';
import { testApp } from '../support/app.ts';
import { catalogId, seedCatalog, type Catalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { indexCatalog } from '../support/index-catalog.ts';
import { signedIn } from '../support/sign-in.ts';

const database = await testDatabase();
const { app, deps } = await testApp(database);
const { pool } = database;
const nora = catalogId('person', 'nora');
const sara = catalogId('person', 'sara');
let catalog: Catalog;
let browser: Awaited<ReturnType<typeof signedIn>>;
/** A form sent by a page of the portal. */
const send = (path: string, fields: Record<string, string> = {}) =>
  browser.post(path).set('Sec-Fetch-Site', 'same-origin').type('form').send(fields);

beforeAll(async () => {
  catalog = await seedCatalog(pool);
  await indexCatalog(deps, catalog);
  browser = await signedIn(app, database, 'nora@test.example');
});

afterEach(async () => {
  await pool.query('DELETE FROM saved_search');
  await pool.query('DELETE FROM search_ask');
});

const saved = async () =>
  (
    await pool.query<{ name: string; address: string; mail: string }>(
      'SELECT name, address, mail FROM saved_search',
    )
  ).rows;

describe('whoever isn’t signed in', () => {
  it.each(['/search?q=forces&grade=8', '/search?q=qwertzuiopq'])(
    'is led to sign in and back to %s, to save it or to ask for it',
    async (address) => {
      const page = load((await request(app).get(address).expect(200)).text);
      expect(page('form[action="/searches"]').length).toBe(0);
      const link = page(`main a[href="/sign-in?next=${encodeURIComponent(address)}"]`);
      expect(link.text()).toContain('save this search');
    },
  );
});

describe('a teacher', () => {
  it('keeps the search on the screen, finds it on her list and on her shelf, and changes it', async () => {
    const page = load((await browser.get('/search?page=2&subject=science&q=forces').expect(200)).text);
    const form = page('form[action="/searches"]');
    expect(form.find('[name=name]').val()).toBe('forces, Science');
    await send('/searches', {
      search: form.find('[name=search]').val() as string,
      name: 'Forces',
      mail: 'daily',
    })
      .expect(303)
      .expect('Location', '/search?q=forces&subject=science');
    expect(await saved()).toEqual([
      { name: 'Forces', address: '/search?q=forces&subject=science', mail: 'daily' },
    ]);
    for (const at of ['/searches', '/shelf'])
      expect(load((await browser.get(at).expect(200)).text)('main').text()).toContain('Forces');
    const again = load((await browser.get('/search?subject=science&q=forces').expect(200)).text);
    expect(again('.keep summary').text()).toBe('You saved this search');

    const list = load((await browser.get('/searches')).text);
    await send(list('.saved-searches form').first().attr('action') ?? '', {
      name: 'Push and pull',
      mail: 'never',
    });
    expect(await saved()).toMatchObject([{ name: 'Push and pull', mail: 'never' }]);
  });

  it('removes one, and is led back to it', async () => {
    const id = await saveSearch(deps, nora, {
      params: paramsOfAddress('/search?q=rope'),
      name: 'Rope',
      mail: 'never',
    });
    await send(`/searches/${id}/remove`).expect(303);
    expect(await saved()).toEqual([]);
    expect((await browser.get('/searches')).text).toContain('href="/search?q=rope"');
  });

  it('can neither change nor remove what somebody else saved', async () => {
    const id = await saveSearch(deps, sara, {
      params: paramsOfAddress('/search?q=rope'),
      name: 'Rope',
      mail: 'never',
    });
    await send(`/searches/${id}`, { name: 'Mine', mail: 'daily' }).expect(404);
    await send(`/searches/${id}/remove`).expect(404);
    expect(await saved()).toMatchObject([{ name: 'Rope', mail: 'never' }]);
  });

  it('without a name keeps it under its words; a name of nothing is refused on a change', async () => {
    await send('/searches', { search: 'q=rope', name: '  ' }).expect(303);
    const [{ name } = { name: '' }] = await saved();
    expect(name).toBe('rope');
    const { rows } = await pool.query<{ id: string }>('SELECT id FROM saved_search');
    await send(`/searches/${rows[0]?.id}`, { name: ' ' }).expect(422);
  });

  it('is told when a search is too long to keep', async () => {
    const search = Array.from({ length: 50 }, (_, index) => `topic=${'t'.repeat(90)}${index}`).join('&');
    await send('/searches', { search }).expect(422);
  });

  it('asks for what nobody has made, once for each search', async () => {
    for (const note of ['For Friday.', 'For my grade 9.'])
      await send('/searches/ask', { search: 'q=zeppelins', note }).expect(303);
    const { rows } = await pool.query('SELECT words, note, person_id FROM search_ask');
    expect(rows).toEqual([{ words: 'zeppelins', note: 'For my grade 9.', person_id: nora }]);
  });
});

describe('the mail about saved searches', () => {
  const outbox = async (): Promise<string[]> => {
    const folder = join(deps.config.dataDir, 'outbox');
    const names = await readdir(folder).catch(() => []);
    return Promise.all(
      names.toSorted((a, b) => a.localeCompare(b)).map((name) => readFile(join(folder, name), 'utf8')),
    );
  };
  const longAgo = "told_until = '2020-01-01'";

  it('names what is new since the last one, all searches in one, and then says nothing twice', async () => {
    for (const q of ['forces', 'rope', 'zeppelins'])
      await saveSearch(deps, nora, {
        params: paramsOfAddress(`/search?q=${q}`),
        name: `My ${q}`,
        mail: 'weekly',
      });
    await pool.query(`UPDATE saved_search SET ${longAgo}`);
    const before = (await outbox()).length;
    expect(await sendSearchDigest(deps, nora, ['daily', 'weekly'])).toBe(true);
    const mails = (await outbox()).slice(before);
    expect(mails).toHaveLength(1);
    const [mail = ''] = mails;
    expect(mail).toContain('To: nora@test.example');
    expect(mail).toContain('List-Unsubscribe-Post: List-Unsubscribe=One-Click');
    expect(mail).toContain('My forces:');
    expect(mail).toContain('My rope:');
    expect(mail).not.toContain('My zeppelins');
    expect(await sendSearchDigest(deps, nora, ['daily', 'weekly'])).toBe(false);
  });

  it('comes on the days that were asked for only', async () => {
    await saveSearch(deps, nora, { params: paramsOfAddress('/search?q=rope'), name: 'Rope', mail: 'weekly' });
    await pool.query(`UPDATE saved_search SET ${longAgo}`);
    expect(await sendSearchDigest(deps, nora, ['daily'])).toBe(false);
  });

  it('names nothing that its reader may not see', async () => {
    await pool.query(
      `UPDATE resource SET first_published_at = now() WHERE state = 'published' AND visibility <> 'public'`,
    );
    await saveSearch(deps, sara, { params: paramsOfAddress('/search'), name: 'Everything', mail: 'daily' });
    await pool.query(`UPDATE saved_search SET told_until = now() - interval '1 hour'`);
    const before = (await outbox()).length;
    await sendSearchDigest(deps, sara, ['daily']);
    const text = (await outbox()).slice(before).join('');
    const hidden = catalog.resources.filter(
      ({ visibility, at }) =>
        (visibility === 'district' || visibility === 'school') && at.startsWith('north'),
    );
    expect(hidden.length).toBeGreaterThan(0);
    for (const { title } of hidden) expect(text).not.toContain(title);
  });

  it('ends by one press of a link that needs no sign-in, also from a mail program', async () => {
    await saveSearch(deps, nora, { params: paramsOfAddress('/search?q=rope'), name: 'Rope', mail: 'daily' });
    const link = offPath(deps.config.sessionSecret, 'searches', nora);
    // Mail programs open links to look at them: that ends nothing.
    await request(app).get(link).expect(200);
    expect(await saved()).toMatchObject([{ mail: 'daily' }]);
    await request(app).post(link).type('form').send('List-Unsubscribe=One-Click').expect(200);
    expect(await saved()).toMatchObject([{ name: 'Rope', mail: 'never' }]);
    await request(app).post(link.replace(nora, sara)).expect(404);
    await request(app).get('/searches/off?person=x&token=').expect(404);
  });
});

describe('the feed of a search', () => {
  it('holds what everyone may see, the newest first, whoever asks', async () => {
    const mine = (
      await browser
        .get('/search.atom')
        .expect(200)
        .expect('Content-Type', /atom\+xml/)
    ).text;
    const feed = load(mine, { xml: true });
    const titles = feed('entry > title')
      .map((_, title) => load(title).text())
      .get();
    const shown = catalog.resources.filter(({ title }) => titles.includes(title));
    expect(shown.length).toBeGreaterThan(10);
    expect(
      shown.every(
        ({ visibility = 'public', state = 'published' }) => visibility === 'public' && state === 'published',
      ),
    ).toBe(true);
    const dates = feed('entry > updated')
      .map((_, date) => load(date).text())
      .get();
    expect(dates).toEqual(dates.toSorted((a, b) => b.localeCompare(a)));
  });

  it('is announced on the page, and empty without an error when nothing is found', async () => {
    const page = load((await request(app).get('/search?q=rope')).text);
    expect(page('link[type="application/atom+xml"]').attr('href')).toBe('/search.atom?q=rope');
    const { text } = await request(app).get('/search.atom?q=%3Czeppelins%3E%26').expect(200);
    expect(text).toContain('&lt;zeppelins&gt;&amp;');
    expect(text).not.toContain('<entry');
  });
});

describe('what is counted of searches', () => {
  const counts = async (words: string) => {
    await deps.statistics.flush();
    const { rows } = await pool.query(
      `SELECT s.searches, s.empty, s.opened, s.found, d.slug AS district FROM search_statistic s
       LEFT JOIN organization d ON d.id = s.district_id WHERE words = $1 ORDER BY d.slug NULLS FIRST`,
      [words],
    );
    return rows;
  };
  const people = { 'User-Agent': 'Mozilla/5.0' };

  it('is how often, by district, without a person; the same search in another order is the same', async () => {
    await browser.get('/search?q=Balloons&grade=4&grade=3').set(people);
    await browser.get('/search?grade=3&grade=4&q=balloons&sort=newest').set(people);
    await request(app).get('/search?q=balloons').set(people);
    await request(app).get('/search?q=balloons').set('User-Agent', 'Googlebot/2.1');
    await request(app).get('/search?q=balloons&page=2').set(people);
    const all = await counts('balloons');
    expect(all).toMatchObject([
      { district: null, searches: 1 },
      { district: 'north', searches: 2 },
    ]);
    expect(all.every(({ empty, searches }) => empty === searches)).toBe(true);
  });

  it('is also whether a result was opened', async () => {
    await request(app).get('/search?q=rope').set(people);
    const base = 'http://127.0.0.1';
    await request(app)
      .get(`/resources/${catalog.id('tug-of-war')}`)
      .set({ ...people, Host: '127.0.0.1', Referer: `${base}/search?q=rope` })
      .expect(200);
    await request(app)
      .get(`/resources/${catalog.id('tug-of-war')}`)
      .set({ ...people, Host: '127.0.0.1', Referer: 'https://elsewhere.example/search?q=rope' });
    expect(await counts('rope')).toMatchObject([{ searches: 1, opened: 1, empty: 0 }]);
  });
});
