import { load } from 'cheerio';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import supertest from 'supertest';
import { beforeAll, describe, expect, it } from 'vitest';
import { createMailer } from '../../server/platform/mailer.ts';
import { contrast, isReadable, leastContrast, nearestReadable } from '../../server/site/colour.ts';
import { siteName } from '../../server/site/site-queries.ts';
import { makeCarlaAdministrator } from '../support/administrator.ts';
import { testApp } from '../support/app.ts';
import { seedCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { signedIn } from '../support/sign-in.ts';

const database = await testDatabase();
const { pool } = database;
const { app, deps } = await testApp(database);
// A second web process on the same database.
const { app: other } = await testApp(database);
let carla: Awaited<ReturnType<typeof signedIn>>;
let nora: typeof carla;

beforeAll(async () => {
  await seedCatalog(pool);
  carla = await signedIn(app, database, await makeCarlaAdministrator(pool));
  nora = await signedIn(app, database, 'nora@test.example');
});

const post = (path: string, form: Record<string, string>, who = carla) =>
  who.post(path).set('Sec-Fetch-Site', 'same-origin').type('form').send(form);
const revision = async () =>
  String((await pool.query<{ revision: number }>('SELECT revision FROM site')).rows[0]?.revision ?? 0);
const save = async (form: Record<string, string>) =>
  post('/admin/site', { do: 'save', revision: await revision(), ...form });
const home = async (of = app) => load((await supertest(of).get('/').expect(200)).text);
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

describe('a colour', () => {
  it('has the contrast that WCAG gives it, and the nearest that can be read keeps its hue', () => {
    expect(contrast('000000', 'ffffff')).toBeCloseTo(21, 5);
    expect(contrast('767676', 'ffffff')).toBeCloseTo(4.54, 2);
    for (const colour of ['ffcc00', '0a5943', 'ff0000', '808080', '3366ff', 'ffffff', '000000'])
      for (const scheme of ['light', 'dark'] as const) {
        const near = nearestReadable(colour, scheme);
        expect(leastContrast(near, scheme)).toBeGreaterThanOrEqual(4.5);
        if (isReadable(colour, scheme)) expect(near).toBe(colour);
      }
  });
});

describe('the look of the site', () => {
  it('is tried on the page itself before it is saved', async () => {
    const tried = load(
      (
        await post('/admin/site', {
          do: 'look',
          revision: await revision(),
          name: 'State of Trying',
          accent: '#7a1f5c',
        }).expect(200)
      ).text,
    );
    expect(tried('link[rel="stylesheet"]').last().attr('href')).toMatch(
      /^\/css\/site-7a1f5c-[0-9a-f]{6}\.css$/,
    );
    expect(tried('.utility').text()).toContain('State of Trying');
    expect((await home())('.utility').text()).not.toContain('State of Trying');
  });

  it('is on every page of every process within seconds, in titles and mails, by a stylesheet of its own', async () => {
    await home(other);
    await save({ name: 'Department of Testing', accent: '7A1F5C', contact: 'help@test.example' });
    const here = await home();
    expect(here('.utility').text()).toContain('Department of Testing');
    expect((await supertest(app).get('/search.atom?q=rope').expect(200)).text).toContain(
      'Department of Testing',
    );
    expect((await supertest(app).get('/api/openapi.json').expect(200)).text).toContain(
      'Department of Testing',
    );
    await sleep(1100);
    const there = await home(other);
    expect(there('footer').text()).toContain('Department of Testing');
    const css = there('link[rel="stylesheet"]').last().attr('href') ?? '';
    const sheet = await supertest(other).get(css).expect(200);
    expect(sheet.headers['cache-control']).toContain('immutable');
    expect(sheet.headers['content-type']).toContain('text/css');
    expect(sheet.text).toContain('--accent:light-dark(#7a1f5c,');
    expect(there('[style]')).toHaveLength(0);
    expect((await supertest(app).get('/help').expect(200)).text).toContain('help@test.example');
    await createMailer(deps.config, deps.log, () => siteName(pool, deps.config)).send({
      to: 'nora@test.example',
      subject: 'S',
      text: 'T',
    });
    const outbox = join(deps.config.dataDir, 'outbox');
    const mails = await Promise.all(
      (await readdir(outbox)).map((name) => readFile(join(outbox, name), 'utf8')),
    );
    expect(mails.join('\n')).toContain('Department of Testing Commonshelf');
    // What was before is one look and one press away.
    const was = load((await carla.get('/admin/site?show=before').expect(200)).text);
    expect([was('#name').val(), was('#accent').val(), was('#contact').val()]).toEqual(['', '', '']);
    expect(was('button[value=save]').first().hasClass('quiet')).toBe(false);
    expect((await home())('.utility').text()).toContain('Department of Testing');
    expect((await carla.get('/admin/site')).text).toContain('/admin/site?show=before');
    const { rows } = await pool.query<{ detail: unknown }>(
      `SELECT detail FROM audit_event WHERE action = 'site.changed'`,
    );
    expect(rows[0]?.detail).toMatchObject({ accent: { before: null, after: '7a1f5c' } });
  });

  it('refuses what can’t be read, in words with the nearest that can, and keeps what was typed', async () => {
    const page = load((await save({ name: 'Kept', accent: '#ffcc00' })).text);
    expect(page('.errors').text()).toContain(`#${nearestReadable('ffcc00', 'light')}`);
    expect(page('#accent').val()).toBe('#ffcc00');
    expect(page('#name').val()).toBe('Kept');
    const wrong: Record<string, string>[] = [
      { accent: 'red' },
      { accent: '7a1f5c', accentDark: '111111' },
      { accentDark: '7a1f5c' },
      { contact: 'nobody' },
      { bannerFrom: '2026-12-02', bannerUntil: '2026-12-01' },
      { bannerFrom: 'soon' },
    ];
    for (const form of wrong) expect((await save(form)).status).toBe(422);
    await supertest(app).get('/css/site-ffcc00-ffcc00.css').expect(404);
    await supertest(app).get('/css/site-7a1f5c-zzzzzz.css').expect(404);
  });

  it('that somebody changed meanwhile is not overwritten unseen', async () => {
    const seen = await revision();
    await save({ name: 'Theirs' });
    const late = load(
      (await post('/admin/site', { do: 'save', revision: seen, name: 'Mine' }).expect(409)).text,
    );
    expect(late('#name').val()).toBe('Mine');
    expect((await home())('.utility').text()).toContain('Theirs');
  });
});

describe('a banner', () => {
  it('stands on every page in its time until the reader closes it, and another text stands again', async () => {
    const today = new Date().toISOString().slice(0, 10);
    await save({
      banner: 'Closed on <b>Friday</b>',
      bannerFrom: today,
      bannerUntil: today,
      bannerCloses: 'yes',
    });
    const reader = supertest.agent(app);
    const banner = async () => load((await reader.get('/about').expect(200)).text)('.banner');
    expect((await banner()).text()).toContain('Closed on <b>Friday</b>');
    const id = String((await banner()).find('[name="id"]').val());
    const closed = await reader
      .post('/banner/close')
      .set('Sec-Fetch-Site', 'same-origin')
      .set('Referer', 'http://elsewhere.example/x')
      .type('form')
      .send({ id })
      .expect(303);
    expect(closed.headers['location']).toBe('/');
    expect(await banner()).toHaveLength(0);
    await save({ banner: 'Open again', bannerCloses: 'yes' });
    expect((await banner()).text()).toContain('Open again');
    await save({ banner: 'Over', bannerUntil: '2020-01-01' });
    expect(await banner()).toHaveLength(0);
  });
});

describe('legal pages', () => {
  it('are there as the state wrote them, without HTML of its own', async () => {
    await supertest(app).get('/terms').expect(404);
    await save({
      terms: '## Be kind\n\n<script>alert(1)</script>',
      privacy: 'We keep *little*.',
      accessibility: 'Write to Ada.',
    });
    const terms = load((await supertest(app).get('/terms').expect(200)).text);
    expect(terms('main script')).toHaveLength(0);
    expect(terms('main h2').text()).toBe('Be kind');
    expect(terms('footer a[href="/terms"]')).toHaveLength(1);
    expect((await supertest(app).get('/privacy').expect(200)).text).toContain('<em>little</em>');
    expect((await supertest(app).get('/accessibility').expect(200)).text).toContain('Write to Ada.');
  });
});

describe('a logo', () => {
  const send = (bytes: Buffer, name = 'logo.png', who = carla) =>
    who.post('/admin/site/logo').set('Sec-Fetch-Site', 'same-origin').attach('file', bytes, name);

  it('is a picture and nothing else, under an address of its content, and can be taken away', async () => {
    await send(PNG).expect(303);
    const src = (await home())('.wordmark img').attr('src') ?? '';
    expect(src).toMatch(/^\/site\/[0-9a-f]{64}\.png$/);
    const picture = await supertest(app).get(src).expect(200);
    expect(picture.headers['content-type']).toBe('image/png');
    expect(picture.headers['x-content-type-options']).toBe('nosniff');
    expect(picture.headers['content-security-policy']).toContain('sandbox');
    expect(picture.headers['cache-control']).toContain('immutable');
    await supertest(app).get(src.replace('.png', '.jpg')).expect(404);
    await post('/admin/site/logo', { do: 'remove' }).expect(303);
    expect((await home())('.wordmark img')).toHaveLength(0);
  });

  it('that is anything else, damaged or too big is refused in words', async () => {
    for (const bytes of [
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
      PNG.subarray(0, 40),
      Buffer.from([0xff, 0xd8, 0xff, 0xd9, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    ])
      expect(load((await send(bytes).expect(422)).text)('.errors a[href="#file"]')).toHaveLength(1);
    await send(Buffer.alloc(300 * 1024)).expect(413);
    await send(PNG, 'logo.png', nora).expect(403);
  });
});

it('only the state’s administrators change the look', async () => {
  await post('/admin/site', { do: 'save', name: 'Mine' }, nora).expect(403);
  await nora.get('/admin/site').expect(403);
});
