import { load } from 'cheerio';
import supertest from 'supertest';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deviceOf } from '../../server/lib/device.ts';
import { testApp } from '../support/app.ts';
import { catalogId, seedCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { post, signedIn, type Browser } from '../support/sign-in.ts';
import { untilWaiting } from '../support/until-waiting.ts';
import { whileClosing } from '../support/while-closing.ts';

const database = await testDatabase();
const { pool } = database;
const { app } = await testApp(database);
const place = (slug: string) => catalogId('organization', slug);
const nora = 'nora@test.example';

beforeAll(async () => {
  await seedCatalog(pool);
});
beforeEach(async () => {
  await pool.query('DELETE FROM rate_limit');
  await pool.query('DELETE FROM session');
});

const accountOf = async (browser: Browser) => load((await browser.get('/account').expect(200)).text);
const phone =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1';
async function onPhone(): Promise<Browser> {
  const browser = supertest.agent(app).set('User-Agent', phone);
  await post(browser, '/sign-in', { email: nora, password: 'a password for tests' }).expect(303);
  return browser;
}

describe('one’s own sessions', () => {
  it('are listed with device, address and times, and nobody else’s are', async () => {
    await signedIn(app, database, 'sara@test.example');
    const here = await signedIn(app, database, nora);
    await onPhone();
    const $ = await accountOf(here);
    const rows = $('#sessions tbody tr')
      .map((_, row) => $(row).text().replaceAll(/\s+/g, ' ').trim())
      .get();
    expect(rows).toHaveLength(2);
    expect(rows[0]).toContain('This one');
    expect(rows[1]).toMatch(/^Safari on iPhone ?127\.0\.0\.1/);
    expect(rows[1]).not.toContain('This one');
    const { rows: kept } = await pool.query<{ sid: string }>('SELECT sid FROM session');
    for (const { sid } of kept) expect($.html()).not.toContain(sid);
  });

  it('end one by one, or all others at once', async () => {
    const here = await signedIn(app, database, nora);
    const [first, second] = [await onPhone(), await onPhone()];
    const end = (await accountOf(here))('#sessions form[action$="/end"]').first().attr('action') ?? '';
    await post(here, end).expect(303);
    const open = await Promise.all([first, second].map(async (one) => (await one.get('/account')).status));
    expect(open.toSorted((a, b) => a - b)).toEqual([200, 303]);
    await post(here, end).expect(404);
    const sara = await signedIn(app, database, 'sara@test.example');
    const others =
      (await accountOf(here))('#sessions form[action*="/sessions/"]').first().attr('action') ?? '';
    await post(sara, others).expect(404);
    await post(here, '/account/sessions/none/end').expect(404);
    await post(here, '/account/sessions/end').expect(303);
    await here.get('/account').expect(200);
    for (const one of [first, second]) await one.get('/account').expect(303);
    await sara.get('/account').expect(200);
  });

  it('stay ended, also by a request that was under way and stores them at its end', async () => {
    const here = await signedIn(app, database, nora);
    const there = await onPhone();
    const gate = await pool.connect();
    await gate.query('BEGIN');
    await gate.query('SELECT 1 FROM person WHERE email = $1 FOR NO KEY UPDATE', [nora]);
    const long = post(there, '/account/home', { first: 'yes' }).then((answer) => answer);
    await untilWaiting(pool);
    const end = (await accountOf(here))('#sessions form[action*="/sessions/"]').first().attr('action') ?? '';
    await post(here, end).expect(303);
    await gate.query('COMMIT');
    gate.release();
    expect((await long).status).toBe(303);
    await there.get('/account').expect(303);
    await here.get('/account').expect(200);
  });

  it('say how long they go on, and each request puts the end off', async () => {
    const here = await signedIn(app, database, nora);
    const $ = await accountOf(here);
    expect(Number($('[data-session]').attr('data-idle'))).toBe(8 * 3600);
    const { body } = await here.get('/account/session').expect(200);
    expect(body).toEqual({ idle: 8 * 3600, last: expect.any(Number) as number });
    await pool.query(
      `UPDATE session SET sess = jsonb_set(sess::jsonb, '{signedInAt}', to_jsonb((extract(epoch FROM now()) * 1000)::bigint - 23 * 3600000))::json`,
    );
    const { body: late } = await here.get('/account/session').expect(200);
    expect((late as { idle: number }).idle).toBeLessThanOrEqual(3600);
    await supertest(app).get('/account/session').set('Accept', 'application/json').expect(401);
  });

  it('that ended under a form keep what was typed in sight, but nothing secret', async () => {
    const words = 'A long comment that nobody wants to write twice.\nSecond line.';
    const { text } = await post(supertest(app), '/account/tokens', {
      tokenName: words,
      password: 'a password that is long enough to show',
    }).expect(401);
    const $ = load(text);
    expect($('.typed').text()).toBe(words);
    expect($('[data-keeps-typed]')).toHaveLength(1);
    expect(text).not.toContain('a password that is');
  });

  it('are named by what browsers say of themselves', () => {
    const windows = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)';
    expect(
      deviceOf(`${windows} AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0`),
    ).toEqual({ browser: 'Edge', system: 'Windows' });
    expect(
      deviceOf(
        'Mozilla/5.0 (X11; CrOS x86_64 1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36',
      ),
    ).toEqual({ browser: 'Chrome', system: 'Chromebook' });
    expect(deviceOf('Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0')).toEqual({
      browser: 'Firefox',
      system: 'Linux',
    });
    expect(deviceOf('curl/8')).toEqual({ browser: null, system: null });
  });
});

describe('a profile', () => {
  it('keeps name, subjects and grades, and says what can’t be kept with all that was typed', async () => {
    const browser = await signedIn(app, database, nora);
    await post(browser, '/account/profile', {
      name: ' Nora  Vega ',
      subject: ['science', 'none'],
      grade: ['5', '3', '99'],
    }).expect(303);
    const $ = await accountOf(browser);
    expect($('#name').attr('value')).toBe('Nora Vega');
    expect(
      $('#profile input:checked')
        .map((_, one) => $(one).attr('value'))
        .get(),
    ).toEqual(['science', '3', '5']);
    const { text } = await post(browser, '/account/profile', { name: '', grade: '7' }).expect(422);
    expect(load(text)('.errors').text()).toContain('This is needed.');
    expect(load(text)('#profile input[value="7"]').attr('checked')).toBeDefined();
  });

  it('puts what they teach first on the home page, says so, and is switched off and on', async () => {
    const browser = await signedIn(app, database, nora);
    await post(browser, '/account/profile', { name: 'Nora Vega', subject: 'science', grade: ['3'] }).expect(
      303,
    );
    const home = async () => load((await browser.get('/').expect(200)).text);
    const $ = await home();
    expect($('#new').text()).toBe('For what you teach first');
    expect($('main').text()).toContain('First comes what is for Science, Grade 3');
    const { rows } = await pool.query<{ title: string }>(
      `SELECT v.title FROM resource r JOIN version v ON v.id = r.current_version_id JOIN version_subject s ON s.version_id = v.id AND s.subject = 'science'
         JOIN version_grade g ON g.version_id = v.id AND g.grade = '3' WHERE r.state = 'published'`,
    );
    expect(rows.map(({ title }) => title)).toContain($('.shelf h3').first().text().trim());
    await post(browser, '/account/home', { first: 'no' }).expect(303).expect('location', '/#new');
    expect((await home())('#new').text()).not.toBe('For what you teach first');
    await post(browser, '/account/home', { first: 'yes' }).expect(303);
    expect((await home())('#new').text()).toBe('For what you teach first');
    expect(load((await supertest(app).get('/')).text)('#new').text()).not.toBe('For what you teach first');
    // So do the rungs that nobody has filled.
    const firstGap = ($page: typeof $) => $page('.gaps li .code').first().text().trim();
    await post(browser, '/account/profile', { name: 'Nora Vega', subject: 'math' }).expect(303);
    expect(firstGap(await home())).toMatch(/^TS\.MATH/);
    expect(firstGap(load((await supertest(app).get('/')).text))).toMatch(/^TS\.SCI/);
  });

  it('lets a teacher move between the schools of the district, which ends their other sessions', async () => {
    const browser = await signedIn(app, database, nora);
    const elsewhere = await onPhone();
    expect((await accountOf(browser))('#school option').text()).not.toContain('Harbor');
    const move = (school: string, who = browser) =>
      post(who, '/account/profile', { name: 'Nora Vega', school });
    await move(place('south-middle')).expect(422);
    await move(place('state')).expect(422);
    await elsewhere.get('/account').expect(200);
    const late = await whileClosing(pool, place('north-high'), () => move(place('north-high')));
    expect(late.status).toBe(422);
    await pool.query('UPDATE organization SET closed_at = NULL WHERE id = $1', [place('north-high')]);
    await move(place('north-high')).expect(303);
    await browser.get('/account').expect(200);
    await elsewhere.get('/account').expect(303);
    const { rows } = await pool.query('SELECT organization_id, role FROM role_grant WHERE person_id = $1', [
      catalogId('person', 'nora'),
    ]);
    expect(rows).toEqual([{ organization_id: place('north-high'), role: 'teacher' }]);
  });

  it('of somebody with another role is moved by an administrator alone', async () => {
    await pool.query(`INSERT INTO role_grant (person_id, organization_id, role) VALUES ($1, $2, 'curator')`, [
      catalogId('person', 'hugo'),
      place('north'),
    ]);
    const hugo = await signedIn(app, database, 'hugo@test.example');
    expect((await accountOf(hugo))('#school')).toHaveLength(0);
    const { text } = await post(hugo, '/account/profile', {
      name: 'Hugo',
      school: place('north-elementary'),
    }).expect(422);
    expect(load(text)('.errors').text()).toContain('Whoever administers your district');
    await post(hugo, '/account/profile', { name: 'Hugo' }).expect(303);
  });
});
