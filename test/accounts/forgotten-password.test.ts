import { load } from 'cheerio';
import supertest from 'supertest';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { tasks } from '../../server/jobs.ts';
import { runJobs } from '../../server/platform/job-queue/worker.ts';
import { testApp } from '../support/app.ts';
import { seedCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { linkIn, outboxOf } from '../support/outbox.ts';
import { signedIn } from '../support/sign-in.ts';

const database = await testDatabase();
const { pool } = database;
const { app, deps } = await testApp(database);
const nora = 'nora@test.example';
const fresh = 'a river under the old bridge';
const outbox = outboxOf(deps);
const mails = () => outbox.mails();
let now = new Date();
deps.clock.now = () => now;

beforeAll(async () => {
  await seedCatalog(pool);
  await runJobs(deps, tasks);
});
beforeEach(async () => {
  now = new Date();
  await pool.query('DELETE FROM rate_limit');
  await pool.query('DELETE FROM password_link');
  await runJobs(deps, tasks);
  await outbox.clear();
});

const post = (path: string, form: Record<string, string>, browser = supertest.agent(app)) =>
  browser.post(path).set('Sec-Fetch-Site', 'same-origin').type('form').send(form);
const ask = (email: string) => post('/forgot-password', { email });

const tokenOf = (link: string): string => new URL(link, 'http://localhost').searchParams.get('token')!;
async function link(): Promise<string> {
  await ask(nora).expect(200);
  // A mail about a password that was set before may come with it.
  const mail = (await mails()).findLast(({ text }) => text.includes('/set-password'));
  return linkIn(mail!, '/set-password');
}
const set = (path: string, password = fresh, again = password, browser = supertest.agent(app)) =>
  post('/set-password', { token: tokenOf(path), password, again }, browser);

describe('a forgotten password', () => {
  it('is asked for on the sign-in page', async () => {
    const { text } = await supertest(app).get('/sign-in').expect(200);
    expect(load(text)('main a[href="/forgot-password"]')).toHaveLength(1);
  });

  it('gets the same answer for an account, a closed one and an unknown address; only the account gets a mail', async () => {
    await pool.query(`UPDATE person SET disabled_at = now() WHERE email = 'hugo@test.example'`);
    const answers = [];
    for (const email of [nora, 'hugo@test.example', 'nobody@test.example']) {
      const { status, text } = await ask(email);
      answers.push(`${status} ${load(text)('main').text().replace(email, 'X')}`);
    }
    expect(new Set(answers).size).toBe(1);
    expect((await mails()).map(({ to }) => to)).toEqual([nora]);
  });

  it('is set by the link, which signs in here, ends every other session, and tells the person', async () => {
    const before = await signedIn(app, database, nora);
    await before.get('/account').expect(200);
    const path = await link();
    const page = await supertest(app).get(path).expect(200);
    expect(page.headers['cache-control']).toBe('no-store');
    const browser = supertest.agent(app);
    await set(path, fresh, fresh, browser).expect(303).expect('location', '/');
    await browser.get('/account').expect(200);
    await before.get('/account').expect(303);
    expect((await mails()).at(-1)?.text).toContain('was just changed');
    await post('/sign-in', { email: nora, password: fresh }).expect(303);
    await post('/sign-in', { email: nora, password: 'a password for tests' }).expect(422);
  });

  it('is set once: the second time, and after half an hour, the link no longer works', async () => {
    const used = await link();
    await set(used).expect(303);
    await set(used, 'another river and bridge').expect(410);
    await supertest(app).get(used).expect(410);
    const late = await link();
    now = new Date(now.getTime() + 31 * 60_000);
    const { text } = await supertest(app).get(late).expect(410);
    expect(load(text)('main a[href="/forgot-password"]')).toHaveLength(1);
    await set(late).expect(410);
  });

  it('is set by one of two who use the link at the same moment', async () => {
    const path = await link();
    const answers = await Promise.all([set(path), set(path, 'another river and bridge')]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([303, 410]);
  });

  it('has one link at a time: a newer mail ends the older one', async () => {
    const older = await link();
    await outbox.clear();
    const newer = await link();
    await supertest(app).get(older).expect(410);
    await supertest(app).get(newer).expect(200);
  });

  it('that comes back to mind ends the link once it is changed on the account', async () => {
    const path = await link();
    const browser = await signedIn(app, database, nora);
    const other = 'seven herons on a wire';
    await post(
      '/account/password',
      { current: 'a password for tests', password: other, again: other },
      browser,
    ).expect(303);
    await supertest(app).get(path).expect(410);
  });

  it('that can’t be used is refused in words, and the link goes on working', async () => {
    const path = await link();
    const short = await set(path, 'short');
    expect(short.status).toBe(422);
    expect(load(short.text)('main').text()).toContain('at least 12 characters');
    await set(path, fresh, 'something else entirely').expect(422);
    await set(path).expect(303);
  });

  it('is not set for an account that was closed after the mail', async () => {
    const path = await link();
    await pool.query('UPDATE person SET disabled_at = now() WHERE email = $1', [nora]);
    await set(path).expect(410);
    await pool.query('UPDATE person SET disabled_at = NULL WHERE email = $1', [nora]);
  });

  it('is mailed five times an hour at most, and guessed links lead nowhere', async () => {
    for (let time = 0; time < 5; time += 1) await ask('nobody@test.example').expect(200);
    await ask('Nobody@test.example').expect(429);
    await supertest(app)
      .get(`/set-password?token=${'g'.repeat(43)}`)
      .expect(410);
    expect((await supertest(app).get('/set-password?token=guess').expect(410)).text).toContain(
      'is not whole',
    );
    await supertest(app).get('/set-password?token[]=x').expect(410);
    await post('/set-password', { password: fresh, again: fresh }).expect(410);
    await post('/forgot-password', { email: '' }).expect(422);
  });

  it('leaves no token in the database', async () => {
    const path = await link();
    const { rows } = await pool.query('SELECT row_to_json(l)::text AS row FROM password_link l');
    expect(JSON.stringify(rows)).not.toContain(tokenOf(path));
  });
});
