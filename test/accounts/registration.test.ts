import { load } from 'cheerio';
import supertest from 'supertest';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeCarlaAdministrator, makeHugoAdministrator } from '../support/administrator.ts';
import { testApp } from '../support/app.ts';
import { catalogId, seedCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { linkIn, outboxOf } from '../support/outbox.ts';
import { post, signedIn, type Browser } from '../support/sign-in.ts';
import { whileClosing } from '../support/while-closing.ts';

const database = await testDatabase();
const { pool } = database;
const { app, deps } = await testApp(database);
const outbox = outboxOf(deps);
let now = new Date();
deps.clock.now = () => now;
const place = (slug: string) => catalogId('organization', slug);
const HERE = '/admin/people/registration';
const password = 'a river under the old bridge';

let state: Browser;
/** Hugo, here an administrator of the district north. */
let district: Browser;

const set = (browser: Browser, slug: string, domains: string, open = 'yes') =>
  post(browser, `${HERE}/${place(slug)}`, { open, domains });
const faults = (text: string) => load(text)('.errors').text();

beforeAll(async () => {
  await seedCatalog(pool);
  state = await signedIn(app, database, await makeCarlaAdministrator(pool));
  district = await signedIn(app, database, await makeHugoAdministrator(pool));
});
beforeEach(async () => {
  now = new Date();
  await pool.query('DELETE FROM rate_limit');
  await set(district, 'north', 'staff.north.example, test.example').expect(303);
  await outbox.mails();
  await outbox.clear();
});

const ask = (email: string) => post(supertest(app), '/register', { email });
async function link(email: string): Promise<string> {
  await ask(email).expect(200);
  return linkIn((await outbox.mails()).at(-1)!, '/register/confirm');
}
const tokenOf = (path: string) => new URL(path, 'http://localhost').searchParams.get('token') ?? '';
const confirm = (path: string, more: Record<string, string> = {}, browser = supertest.agent(app)) =>
  post(browser, '/register/confirm', {
    token: tokenOf(path),
    name: 'Ida Nordin',
    school: place('north-high'),
    password,
    again: password,
    ...more,
  });

describe('making an account oneself', () => {
  it('takes an address of a district that is open, a mail, a name, a school and a password, and makes a teacher', async () => {
    expect(load((await supertest(app).get('/sign-in')).text)('main a[href="/register"]')).toHaveLength(1);
    const open = load((await supertest(app).get('/register').expect(200)).text)('main').text();
    expect(open).toContain('@staff.north.example');
    const path = await link('Ida@Staff.North.example');
    const page = await supertest(app).get(path).expect(200);
    expect(page.headers['cache-control']).toBe('no-store');
    const schools = load(page.text)('#school option').text();
    expect(schools).toContain('North High School');
    expect(schools).not.toContain('Harbor');
    const browser = supertest.agent(app);
    await confirm(path, {}, browser).expect(303);
    const account = load((await browser.get('/account').expect(200)).text)('main').text();
    for (const words of ['Ida Nordin', 'ida@staff.north.example', 'Teacher', 'North High School'])
      expect(account).toContain(words);
    await browser.get('/admin/people').expect(403);
    await confirm(path).expect(410);
  });

  it('answers every address alike; only the mail differs, and none goes where no district takes it', async () => {
    await pool.query(`UPDATE person SET disabled_at = now() WHERE email = 'sara@test.example'`);
    const answers = [];
    for (const email of [
      'new@test.example',
      'nora@test.example',
      'sara@test.example',
      'x@gmail.com',
      'kid@students.test.example',
      'x@notest.example',
    ]) {
      const { status, text } = await ask(email);
      answers.push(`${status} ${load(text)('main').text().replaceAll(email, 'X')}`);
    }
    expect(new Set(answers).size).toBe(1);
    const mails = await outbox.mails();
    expect(mails.map(({ to }) => to).toSorted()).toEqual(['new@test.example', 'nora@test.example']);
    expect(mails.find(({ to }) => to.startsWith('nora'))?.text).toContain('There is one already.');
    await pool.query(`UPDATE person SET disabled_at = NULL WHERE email = 'sara@test.example'`);
  });

  it('is written about in the name that the state’s administrators gave the site', async () => {
    await pool.query(`UPDATE site SET name = 'Meadowland'`);
    await ask('new@test.example').expect(200);
    await ask('nora@test.example').expect(200);
    const subjects = (await outbox.mails()).map(
      ({ text }) => /^Subject: (.*(?:\r?\n .*)*)$/m.exec(text)?.[1],
    );
    await pool.query(`UPDATE site SET name = ''`);
    expect(subjects).toEqual([expect.stringContaining('Meadowland'), expect.stringContaining('Meadowland')]);
  });

  it('works once, for an hour, by the newest link, and leaves no token behind', async () => {
    const older = await link('link@test.example');
    await outbox.clear();
    const newer = await link('link@test.example');
    await supertest(app).get(older).expect(410);
    const { rows } = await pool.query('SELECT row_to_json(l)::text AS row FROM registration_link l');
    expect(JSON.stringify(rows)).not.toContain(tokenOf(newer));
    now = new Date(now.getTime() + 61 * 60_000);
    await supertest(app).get(newer).expect(410);
    await confirm(newer).expect(410);
    now = new Date();
    const answers = await Promise.all([confirm(newer), confirm(newer)]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([303, 410]);
    for (const path of ['/register/confirm', '/register/confirm?token=guess', '/register/confirm?token[]=x'])
      await supertest(app).get(path).expect(410);
  });

  it('is refused in words for a place elsewhere or a password that can’t be used, and the link goes on working', async () => {
    const path = await link('slip@test.example');
    const elsewhere = await confirm(path, { school: place('south-middle') }).expect(422);
    expect(faults(elsewhere.text)).toContain('Choose where you work.');
    expect(load(elsewhere.text)('#name').attr('value')).toBe('Ida Nordin');
    await confirm(path, { school: place('state') }).expect(422);
    await confirm(path, { password: 'short', again: 'short' }).expect(422);
    await confirm(path, { name: '' }).expect(422);
    await confirm(path).expect(303);
  });

  it('brings nobody into a school that is closed in that moment, and the link goes on working', async () => {
    const path = await link('moment@test.example');
    const school = place('north-high');
    const late = await whileClosing(pool, school, () => confirm(path));
    expect(late.status).toBe(422);
    expect(faults(late.text)).toContain('Choose where you work.');
    await pool.query('UPDATE organization SET closed_at = NULL WHERE id = $1', [school]);
    await confirm(path).expect(303);
  });

  it('ends when the district switches it off, also for links that are on their way', async () => {
    const path = await link('late@test.example');
    await set(state, 'north', 'test.example', 'no').expect(303);
    await confirm(path).expect(410);
    expect((await supertest(app).get('/register')).text).toContain('No district lets people');
    expect(load((await supertest(app).get('/sign-in')).text)('main a[href="/register"]')).toHaveLength(0);
    await ask('more@test.example').expect(200);
    expect(await outbox.mails()).toHaveLength(1);
  });

  it('is asked for five times an hour for an address, and has a limit for each place', async () => {
    for (let time = 0; time < 5; time += 1) await ask('nobody@test.example').expect(200);
    await ask('Nobody@test.example').expect(429);
    await pool.query(
      `INSERT INTO rate_limit (key, points, expire) SELECT 'register-address:' || ip, 200, (extract(epoch FROM now()) * 1000)::bigint + 900000 FROM unnest(ARRAY['::ffff:127.0.0.1', '127.0.0.1', '::1']) ip
       ON CONFLICT (key) DO UPDATE SET points = 200`,
    );
    await ask('other@test.example').expect(429);
    await pool.query('DELETE FROM rate_limit');
    await ask('').expect(422);
    await ask('no address').expect(422);
  });
});

describe('a district’s domains', () => {
  it('are no public mail providers, no students’ and no other district’s, and each is named', async () => {
    const { text } = await set(
      state,
      'south',
      'gmail.com\nmail.yahoo.com\nstudents.south.example\nnot a domain\ntest.example',
    ).expect(422);
    for (const words of [
      'Anybody gets an address at “gmail.com”',
      'Anybody gets an address at “mail.yahoo.com”',
      '“students.south.example” looks like a domain of students.',
      '“not” is no mail domain.',
    ])
      expect(faults(text)).toContain(words);
    expect(load(text)('#domains').text()).toContain('mail.yahoo.com');
    expect(faults((await set(state, 'south', 'test.example').expect(422)).text)).toContain(
      '“test.example” belongs to another district already.',
    );
    expect(faults((await set(state, 'south', '').expect(422)).text)).toContain('Name at least one domain');
    await set(state, 'south', '@South.Example.').expect(303);
    const { rows } = await pool.query(`SELECT domain FROM registration_domain WHERE district_id = $1`, [
      place('south'),
    ]);
    expect(rows).toEqual([{ domain: 'south.example' }]);
    await set(state, 'south', '', 'no').expect(303);
  });

  it('are free again once their district is closed', async () => {
    await set(state, 'south', 'south.example').expect(303);
    await pool.query('UPDATE organization SET closed_at = now() WHERE id = $1', [place('south')]);
    await set(district, 'north', 'test.example, south.example').expect(303);
    await pool.query('UPDATE organization SET closed_at = NULL WHERE id = $1', [place('south')]);
    expect(faults((await set(state, 'south', 'south.example').expect(422)).text)).toContain(
      'another district',
    );
    await set(state, 'south', '', 'no').expect(303);
  });

  it('are set by its own administrators and the state’s, and the log says so', async () => {
    await set(district, 'south', 'mine.example').expect(404);
    await district.get(`${HERE}/${place('south')}`).expect(404);
    await set(state, 'north-high', 'mine.example').expect(404);
    const nora = await signedIn(app, database, 'nora@test.example');
    await nora.get(HERE).expect(403);
    await set(nora, 'north', 'mine.example').expect(403);
    const $ = load((await district.get(HERE).expect(200)).text);
    expect($('main').text()).toContain('North Fork Schools');
    expect($('main').text()).not.toContain('South');
    expect($('#domains').text()).toContain('staff.north.example');
    const { rows } = await pool.query(
      `SELECT actor_id, detail FROM audit_event WHERE action = 'registration.changed' ORDER BY id DESC LIMIT 1`,
    );
    expect(rows[0]).toMatchObject({
      actor_id: catalogId('person', 'hugo'),
      detail: { open: true, domains: ['staff.north.example', 'test.example'] },
    });
  });
});
