import { load } from 'cheerio';
import supertest from 'supertest';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { tasks } from '../../server/jobs.ts';
import { notify } from '../../server/notices/notice-service.ts';
import { sendNoticeDigest } from '../../server/notices/notice-digest.ts';
import { runJobs } from '../../server/platform/job-queue/worker.ts';
import { searchHealth } from '../../server/search/index-queue.ts';
import { startIndexer, type Indexer } from '../../server/search/indexer.ts';
import { forgetFarLimits } from '../../server/web/rate-limit.ts';
import { testApp } from '../support/app.ts';
import { catalogId, seedCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { freePort } from '../support/free-port.ts';
import { mailServer, type MailServer } from '../support/mail-server.ts';
import { meiliStub, problem, type MeiliStub } from '../support/meili-stub.ts';
import { signedIn } from '../support/sign-in.ts';

// The portal over HTTP while what it leans on is gone, slow, wrong or full, and while the clock jumps. That Meilisearch
// gets everything afterwards is held by search/two-engines.test.ts; the database has faults/database-away.test.ts.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const database = await testDatabase();
const { pool } = database;
const eventually = { timeout: 20_000, interval: 50 };

const [meiliPort, mailPort] = await Promise.all([freePort(), freePort()]);
const { app, deps } = await testApp(database, {
  MEILI_URL: `http://127.0.0.1:${meiliPort}`,
  MEILI_KEY: 'k'.repeat(16),
  SMTP_URL: `smtp://127.0.0.1:${mailPort}`,
});
let ahead = 0;
let stands: Date | undefined;
deps.clock.now = () => stands ?? new Date(Date.now() + ahead);
let indexer: Indexer;

beforeAll(async () => {
  await seedCatalog(pool);
  indexer = startIndexer({ ...deps, engines: deps.search.all }, { down: 100, poll: 300 });
});
afterAll(() => indexer?.stop());
beforeEach(async () => {
  ahead = 0;
  await pool.query('DELETE FROM rate_limit');
});

const post = (path: string, form: Record<string, string>) =>
  supertest(app).post(path).set('Sec-Fetch-Site', 'same-origin').type('form').send(form);

describe('Meilisearch', () => {
  const faults: Record<string, ((stub: MeiliStub) => void) | null> = {
    'is gone': null,
    'never answers': (stub) => (stub.answer = () => 'hang'),
    'has another key': (stub) => (stub.answer = () => problem(403, 'invalid_api_key')),
    'takes no more tasks': (stub) =>
      (stub.answer = ({ method }) =>
        method === 'GET' ? undefined : problem(503, 'too_many_search_requests')),
  };
  it.each(Object.keys(faults))(
    '%s: what is changed is found within seconds all the same, staff are told, and pages don’t wait for it',
    async (name) => {
      // So late that it is asked again, however it failed before.
      ahead = 3600_000 * (1 + Object.keys(faults).indexOf(name));
      const stub = faults[name] ? await meiliStub(meiliPort) : null;
      if (stub) faults[name]!(stub);
      try {
        const word = `Meili${name.replaceAll(' ', '')}`.toLowerCase();
        await pool.query(
          `UPDATE version SET title = $2 WHERE id = (SELECT current_version_id FROM resource WHERE id = $1)`,
          [catalogId('resource', 'tug-of-war'), word],
        );
        await pool.query('SELECT mark_dirty(ARRAY[$1::uuid])', [catalogId('resource', 'tug-of-war')]);
        const curator = await signedIn(app, database, 'carla@test.example');
        const search = async () => (await curator.get(`/search?q=${word}`).expect(200)).text;
        await expect.poll(async () => load(await search())('.hits').text(), eventually).toContain(word);
        // While its rest lasts, and here the clock stands still, nobody asks it any more.
        stands = deps.clock.now();
        for (let time = 0; time < 3; time += 1) await search();
        const asked = new Set<string>();
        deps.search.watch = ({ engine }) => void asked.add(engine);
        expect(await search()).toContain('The faster search engine is not answering');
        expect([...asked]).toEqual(['postgres']);
        expect((await supertest(app).get('/readyz').expect(200)).body).toMatchObject({ ready: true });
        // What it lacks is known, so it gets it later.
        const health = (await searchHealth(pool, deps.search.all)).find(
          ({ engine }) => engine === 'meilisearch',
        );
        expect(health?.built && health.waiting === 0).toBe(false);
      } finally {
        stands = undefined;
        delete deps.search.watch;
        await stub?.close();
      }
    },
  );
});

describe('the mail server', () => {
  let server: MailServer | undefined;
  afterAll(() => server?.close());

  it('is gone: pages go on, mails wait and are sent once when it is back', async () => {
    await post('/forgot-password', { email: 'nora@test.example' }).expect(200);
    const nora = catalogId('person', 'nora');
    const client = await pool.connect();
    await notify(client, {
      to: [nora],
      kind: 'check.checked',
      resourceId: catalogId('resource', 'tug-of-war'),
      detail: {},
    });
    client.release();
    await expect(sendNoticeDigest(deps, nora)).rejects.toThrow();
    await runJobs(deps, tasks);
    const { rows: waiting } = await pool.query<{ attempts: number; last_error: string }>(
      `SELECT attempts, last_error FROM graphile_worker.jobs WHERE task_identifier = 'password-link'`,
    );
    expect(waiting).toEqual([{ attempts: 1, last_error: expect.stringMatching(/ECONNREFUSED/) as string }]);

    server = await mailServer(mailPort);
    const { heard } = server;
    const receivers = () => [...heard.join('').matchAll(/RCPT TO:<([^>]+)>/g)].map(([, to]) => to);
    await pool.query(`UPDATE graphile_worker._private_jobs SET run_at = now()`);
    await runJobs(deps, tasks);
    expect(receivers().filter((to) => to === 'nora@test.example').length).toBeGreaterThan(0);
    expect(heard.join('').match(/set-password\?token=3D/g)).toHaveLength(1);
    // The link that was sent at last is the one that works.
    const token = /token=3D([\w-]+(?:=\r\n[\w-]+)*)/.exec(heard.join(''))![1]!.replaceAll('=\r\n', '');
    await supertest(app).get(`/set-password?token=${token}`).expect(200);
    heard.length = 0;
    expect(await sendNoticeDigest(deps, nora)).toBe(true);
    expect(await sendNoticeDigest(deps, nora)).toBe(false);
    expect(receivers()).toEqual(['nora@test.example']);
  });
});

describe('the clock', () => {
  const HOUR = 3600_000;
  const year = 365 * 24 * HOUR;

  it('was a year ahead and is set right: sessions from then end, and links from then don’t work', async () => {
    ahead = year;
    const browser = await signedIn(app, database, 'nora@test.example');
    await browser.get('/account').expect(200);
    await pool.query(
      `INSERT INTO password_link (token_hash, person_id, created_at, expires_at)
       VALUES (encode(sha256('ahead'), 'hex'), $1, $2, $3) ON CONFLICT (person_id) DO UPDATE SET token_hash = excluded.token_hash,
         created_at = excluded.created_at, expires_at = excluded.expires_at`,
      [catalogId('person', 'nora'), deps.clock.now(), new Date(deps.clock.now().getTime() + HOUR / 2)],
    );
    await supertest(app).get('/set-password?token=ahead').expect(200);
    ahead = 0;
    await browser.get('/account').expect(303);
    await supertest(app).get('/set-password?token=ahead').expect(410);
  });

  it('jumps forward: sessions end, and signing in works', async () => {
    const browser = await signedIn(app, database, 'nora@test.example');
    ahead = 25 * HOUR;
    await browser.get('/account').expect(303);
    await (await signedIn(app, database, 'nora@test.example')).get('/account').expect(200);
  });

  it('goes back a little, as clocks do: nobody is signed out', async () => {
    const browser = await signedIn(app, database, 'nora@test.example');
    ahead = -60_000;
    await browser.get('/account').expect(200);
  });

  it('was ahead when somebody guessed too often: they are let in again', async () => {
    await pool.query(
      `INSERT INTO rate_limit (key, points, expire) VALUES ('sign-in-account:nora@test.example', 99, $1)`,
      [Date.now() + year],
    );
    await post('/sign-in', { email: 'nora@test.example', password: 'a password for tests' }).expect(429);
    await forgetFarLimits(pool, deps.clock.now());
    await post('/sign-in', { email: 'nora@test.example', password: 'a password for tests' }).expect(303);
  });
});
