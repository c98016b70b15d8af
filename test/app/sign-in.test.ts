import { load } from 'cheerio';
import supertest from 'supertest';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testApp } from '../support/app.ts';
import { seedCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { signedIn } from '../support/sign-in.ts';

const database = await testDatabase();
const { pool } = database;
const { app, deps } = await testApp(database, { TRUST_PROXY: '1' });
const password = 'a password for tests';

beforeAll(async () => {
  await seedCatalog(pool);
  await signedIn(app, database, 'nora@test.example');
});
beforeEach(() => pool.query('DELETE FROM rate_limit'));

type Agent = Pick<ReturnType<typeof supertest.agent>, 'post'>;
const signIn = (
  form: Record<string, string>,
  { browser = supertest(app) as Agent, from = '10.0.0.1' } = {},
) =>
  browser
    .post('/sign-in')
    .set('Sec-Fetch-Site', 'same-origin')
    .set('X-Forwarded-For', from)
    .type('form')
    .send({ email: 'nora@test.example', password, ...form });
const cookieOf = (response: supertest.Response): string | undefined =>
  (response.headers['set-cookie'] as unknown as string[] | undefined)
    ?.find((one) => one.startsWith('session='))
    ?.split(';')[0];

describe('signing in', () => {
  it('leads back to where one was going, but never to another site', async () => {
    await signIn({ next: '/shelf?state=drafts' }).expect(303).expect('location', '/shelf?state=drafts');
    for (const next of [
      'https://elsewhere.example/',
      '//elsewhere.example',
      '/\\elsewhere.example',
      'javascript:alert(1)',
    ])
      await signIn({ next }).expect(303).expect('location', '/');
  });

  it('says the same for a wrong password, an unknown address and a closed account', async () => {
    await pool.query(`UPDATE person SET disabled_at = now() WHERE email = 'hugo@test.example'`);
    const wrong: Record<string, string>[] = [
      { password: 'wrong' },
      { email: 'nobody@test.example' },
      { email: 'hugo@test.example' },
    ];
    const answers = await Promise.all(
      wrong.map(async (form) => {
        const response = await signIn(form).expect(422);
        expect(cookieOf(response)).toBeUndefined();
        const $ = load(response.text);
        expect($('input[type=password]').attr('value')).toBeUndefined();
        return $('.errors').text();
      }),
    );
    expect(new Set(answers).size).toBe(1);
  });

  it('works whatever the case of the address', async () => {
    await signIn({ email: ' Nora@TEST.example' }).expect(303);
  });

  it('gives a visitor who doesn’t sign in no cookie', async () => {
    for (const path of ['/', '/sign-in', '/search'])
      expect(cookieOf(await supertest(app).get(path))).toBeUndefined();
  });

  it('begins a new session, so that a planted one is worth nothing', async () => {
    const attacker = supertest.agent(app);
    const planted = cookieOf(await signIn({}, { browser: attacker })) ?? '';
    const response = await signIn(
      {},
      { browser: { post: (path: string) => supertest(app).post(path).set('Cookie', planted) } },
    );
    const fresh = cookieOf(response) ?? '';
    expect(fresh).not.toBe('');
    expect(fresh).not.toBe(planted);
    const unsigned = await supertest(app)
      .get('/account')
      .set('Cookie', 'session=s%3Achosen-by-somebody.else');
    expect(unsigned.status).toBe(303);
  });
});

describe('guessing', () => {
  it('is stopped for an account after ten tries, wherever they come from, and told in words', async () => {
    for (let tries = 0; tries < 10; tries += 1)
      await signIn({ password: `guess ${tries}` }, { from: `10.1.0.${tries}` }).expect(422);
    const response = await signIn({}, { from: '10.1.0.99' }).expect(429);
    expect(Number(response.headers['retry-after'])).toBeGreaterThan(60);
    expect(load(response.text)('h1').text()).toBe('A little slower, please');
    // Others on the same school's line still get in.
    await signedIn(app, database, 'sara@test.example');
  });

  it('of one’s own password by mistake doesn’t count once one is in', async () => {
    for (let round = 0; round < 3; round += 1) {
      for (let tries = 0; tries < 4; tries += 1) await signIn({ password: 'typo' }).expect(422);
      await signIn({}).expect(303);
    }
  });

  it('across accounts from one address is stopped later than a school would notice', async () => {
    await pool.query(
      `INSERT INTO rate_limit (key, points, expire) VALUES ('sign-in-address:10.9.9.9', 299, (extract(epoch FROM now()) * 1000)::bigint + 900000)`,
    );
    await signIn({}, { from: '10.9.9.9' }).expect(303);
    await signIn({}, { from: '10.9.9.9' }).expect(429);
    await signIn({}, { from: '10.9.9.8' }).expect(303);
  });
});

describe('a session', () => {
  it('ends when one signs out, also for who kept the cookie', async () => {
    const browser = supertest.agent(app);
    const kept = cookieOf(await signIn({}, { browser })) ?? '';
    await supertest(app).get('/account').set('Cookie', kept).expect(200);
    await browser.post('/sign-out').set('Sec-Fetch-Site', 'same-origin').expect(303).expect('location', '/');
    await supertest(app).get('/account').set('Cookie', kept).expect(303);
    await browser.get('/account').expect(303);
  });

  it('ends everywhere else when the password is changed', async () => {
    const [here, elsewhere] = [supertest.agent(app), supertest.agent(app)];
    await signIn({}, { browser: here }).expect(303);
    await signIn({}, { browser: elsewhere }).expect(303);
    const change = (form: Record<string, string>) =>
      here.post('/account/password').set('Sec-Fetch-Site', 'same-origin').type('form').send(form);
    const fresh = 'quiet lantern under oak';
    await change({ current: 'not it', password: fresh, again: fresh }).expect(422);
    await change({ current: password, password: 'short', again: 'short' }).expect(422);
    await change({ current: password, password: fresh, again: 'another' }).expect(422);
    await elsewhere.get('/account').expect(200);
    await change({ current: password, password: fresh, again: fresh }).expect(303);
    await here.get('/account').expect(200);
    await elsewhere.get('/account').expect(303);
    await signIn({}).expect(422);
    await signIn({ password: fresh }).expect(303);
    await signedIn(app, database, 'nora@test.example');
  });

  it('ends a day after signing in, however busy it was', async () => {
    let now = Date.now();
    const later = await testApp(database);
    Object.assign(later.deps.clock, { now: () => new Date(now) });
    const browser = await signedIn(later.app, database, 'nora@test.example');
    for (let hours = 0; hours < 23; hours += 6) {
      now += 6 * 3600_000 - 1000;
      await browser.get('/account').expect(200);
    }
    now += 3600_000;
    await browser.get('/account').expect(303);
  });

  it('says who signed in and who failed in the audit log, by id alone', async () => {
    await signIn({ password: 'wrong' }).expect(422);
    const { rows } = await pool.query<{ outcome: string; detail: unknown }>(
      `SELECT a.outcome, a.detail FROM audit_event a JOIN person p ON p.id = a.actor_id
       WHERE p.email = 'nora@test.example' AND a.action = 'person.signed_in' ORDER BY a.id DESC LIMIT 1`,
    );
    expect(rows).toEqual([{ outcome: 'refused', detail: {} }]);
    expect(deps.config.demo).toBe(false);
  });
});
