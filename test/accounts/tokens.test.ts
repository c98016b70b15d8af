import { load } from 'cheerio';
import supertest from 'supertest';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { problem } from '../../server/exchange/openapi-operation.ts';
import { setActive } from '../../server/accounts/person-service.ts';
import { withTransaction } from '../../server/platform/database/transaction.ts';
import type { Viewer } from '../../server/lib/viewer.ts';
import { noOrigin } from '../../server/lib/origin.ts';
import { testApp } from '../support/app.ts';
import { makeCarlaAdministrator } from '../support/administrator.ts';
import { catalogId, catalogViewers, seedCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { indexCatalog } from '../support/index-catalog.ts';
import { signedIn } from '../support/sign-in.ts';
import { untilWaiting } from '../support/until-waiting.ts';

const database = await testDatabase();
const { pool } = database;
const { app, deps } = await testApp(database);
type Browser = Awaited<ReturnType<typeof signedIn>>;
let nora: Browser;
let sara: Browser;
beforeAll(async () => {
  await indexCatalog(deps, await seedCatalog(pool));
  await makeCarlaAdministrator(pool);
  nora = await signedIn(app, database, 'nora@test.example');
  sara = await signedIn(app, database, 'sara@test.example');
});
beforeEach(() => pool.query('DELETE FROM api_token; DELETE FROM rate_limit'));

const send = (browser: Browser, path: string, form: object) =>
  browser.post(path).set('Sec-Fetch-Site', 'same-origin').type('form').send(form);

/** Fills the form and reads the token from the page. */
async function makeToken(browser: Browser, form: object = {}): Promise<string> {
  const page = await send(browser, '/account/tokens', {
    tokenName: 'Nightly',
    scope: 'read',
    days: '90',
    ...form,
  }).expect(200);
  return /cshelf_[\w-]{43}/.exec(load(page.text)('section.panel code').first().text())?.[0] ?? '';
}
const ask = (token: string, path = '/api/v1/resources?q=greenhouse') =>
  supertest(app).get(path).set('Authorization', `Bearer ${token}`);
const idOf = async () =>
  (await pool.query<{ id: string }>('SELECT id FROM api_token ORDER BY id DESC LIMIT 1')).rows[0]?.id ?? '';

describe('a token', () => {
  it('isn’t made for somebody whose account is closed in that moment', async () => {
    const closing = await pool.connect();
    await closing.query('BEGIN');
    await closing.query(`UPDATE person SET disabled_at = now() WHERE email = 'nora@test.example'`);
    const form = { tokenName: 'Nightly', scope: 'read', days: '90' };
    const made = send(nora, '/account/tokens', form).then(({ status }) => status);
    await untilWaiting(pool);
    await closing.query('COMMIT');
    closing.release();
    expect(await made).toBe(401);
    expect(await idOf()).toBe('');
    await pool.query(`UPDATE person SET disabled_at = NULL WHERE email = 'nora@test.example'`);
  });

  it('is shown once, and kept only as a hash', async () => {
    const page = await send(nora, '/account/tokens', {
      tokenName: ' My  script ',
      scope: 'read',
      days: '30',
    });
    expect(page.status).toBe(200);
    expect(page.headers['cache-control']).toBe('no-store');
    const [secret = ''] = /cshelf_[\w-]{43}/.exec(page.text) ?? [];
    expect(secret).not.toBe('');
    const again = await nora.get('/account').expect(200);
    expect(again.text).toContain('My script');
    expect(again.text).not.toContain('cshelf_');
    const { rows } = await pool.query<{ all: string; days: number }>(
      `SELECT t::text AS all, extract(day FROM expires_at - created_at)::int AS days FROM api_token t`,
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]?.days).toBe(30);
    expect(rows[0]?.all).not.toContain(secret.slice(7));
    const log = await pool.query<{ action: string; actor_id: string }>(
      `SELECT action, actor_id FROM audit_event WHERE object_id = $1`,
      [await idOf()],
    );
    expect(log.rows).toEqual([{ action: 'token.made', actor_id: catalogId('person', 'nora') }]);
  });

  it('lets a program see what its person sees, and tells when it was last used', async () => {
    const token = await makeToken(nora);
    expect((await supertest(app).get('/api/v1/resources?q=greenhouse')).body).toMatchObject({ total: 0 });
    const answer = await ask(token).expect(200);
    expect((answer.body as { total: number }).total).toBe(1);
    expect(answer.headers['cache-control']).toContain('private');
    expect(answer.headers).not.toHaveProperty('set-cookie');
    const $ = load((await nora.get('/account')).text);
    expect($('#tokens td[data-label="Last used"]').text()).not.toBe('Never');
  });

  it('is refused in words when it is not good, in the way that programs understand', async () => {
    const token = await makeToken(nora);
    for (const wrong of ['nothing', `${token.slice(0, -1)}_`, token.toUpperCase(), 'cshelf_', 'a b']) {
      const refused = await ask(wrong).expect(401);
      expect(refused.headers['www-authenticate']).toBe(
        'Bearer realm="Commonshelf API", error="invalid_token"',
      );
      expect(problem.parse(refused.body)).toMatchObject({ status: 401, code: 'invalid_token' });
    }
    await supertest(app).get('/api/v1/resources').set('Authorization', 'Basic bm9yYTpub3Jh').expect(401);
    // In an address it would land in logs: there it counts for nothing.
    const inAddress = await supertest(app).get(`/api/v1/resources?q=greenhouse&access_token=${token}`);
    expect((inAddress.body as { total?: number }).total ?? 0).toBe(0);
    await ask(token, '/account').expect(303);
  });

  it('ends on its day, when it is revoked, and with the account', async () => {
    const token = await makeToken(nora);
    await ask(token).expect(200);
    await pool.query(`UPDATE api_token SET expires_at = now() - interval '1 second'`);
    await ask(token).expect(401);
    expect(load((await nora.get('/account')).text)('#tokens .state.bad').text()).toBe('Expired');
    await pool.query(`UPDATE api_token SET expires_at = now() + interval '1 day'`);
    await ask(token).expect(200);
    await send(nora, `/account/tokens/${await idOf()}/revoke`, {}).expect(303);
    await ask(token).expect(401);
    expect((await nora.get('/account')).text).toContain('The token “Nightly” is revoked.');

    const other = await makeToken(sara);
    const person = catalogId('person', 'sara');
    const carla: Viewer = {
      ...catalogViewers.stateCurator,
      grants: [
        {
          role: 'admin',
          organizationId: catalogId('organization', 'state'),
          kind: 'state',
          districtId: null,
        },
      ],
    };
    const setTo = (active: boolean) =>
      withTransaction(pool, (client) =>
        setActive(client, carla, { personId: person, active, at: new Date() }, noOrigin),
      );
    await setTo(false);
    await ask(other).expect(401);
    // An account that is opened again starts without what its programs held.
    await setTo(true);
    await ask(other).expect(401);
    sara = await signedIn(app, database, 'sara@test.example');
  });

  it('can be given only what its person may do', async () => {
    const page = load((await nora.get('/account')).text);
    expect(
      page('#tokens input[name="scope"]')
        .map((_, one) => page(one).attr('value'))
        .get(),
    ).toEqual(['read']);
    const refused = await send(nora, '/account/tokens', {
      tokenName: 'Mine',
      scope: ['read', 'import'],
      days: '90',
    });
    expect(refused.status).toBe(422);
    expect(load(refused.text)('.errors a[href="#scope"]').text()).toBe('Choose what it may do.');
    await pool.query(
      `INSERT INTO role_grant (person_id, organization_id, role) VALUES ($1, $2, 'importer')`,
      [catalogId('person', 'nora'), catalogId('organization', 'north')],
    );
    const token = await makeToken(nora, { scope: ['import'] });
    expect(token).not.toBe('');
    const scope = await ask(token).expect(403);
    expect(problem.parse(scope.body)).toMatchObject({ code: 'insufficient_scope' });
    expect(scope.headers['www-authenticate']).toContain('insufficient_scope');
    await pool.query(`DELETE FROM role_grant WHERE role = 'importer'`);
  });

  it('is nobody else’s: not on their page, not theirs to revoke', async () => {
    const token = await makeToken(nora, { tokenName: 'Secret of Nora' });
    expect((await sara.get('/account')).text).not.toContain('Secret of Nora');
    await send(sara, `/account/tokens/${await idOf()}/revoke`, {}).expect(404);
    await ask(token).expect(200);
    for (const path of ['/account/tokens', `/account/tokens/${await idOf()}/revoke`])
      await supertest(app).post(path).set('Sec-Fetch-Site', 'same-origin').expect(401);
  });

  it('needs a name, a use and an end, and there may not be too many', async () => {
    const refused = await send(nora, '/account/tokens', { tokenName: ' ', days: '9999' });
    expect(refused.status).toBe(422);
    const $ = load(refused.text);
    expect(
      $('.errors a')
        .map((_, one) => $(one).attr('href'))
        .get(),
    ).toEqual(['#tokenName', '#scope', '#days']);
    await pool.query(
      `INSERT INTO api_token (person_id, name, secret_hash, scopes, expires_at)
       SELECT $1, 'n', encode(sha256(n::text::bytea), 'hex'), '{read}', now() + interval '1 day' FROM generate_series(1, 20) n`,
      [catalogId('person', 'nora')],
    );
    await send(nora, '/account/tokens', { tokenName: 'One more', scope: 'read', days: '90' }).expect(409);
  });

  it('that is used too often is told when to come again', async () => {
    const token = await makeToken(nora);
    await ask(token).expect(200);
    await pool.query(`UPDATE rate_limit SET points = 5000 WHERE key = $1`, [`api-token:${await idOf()}`]);
    const refused = await ask(token).expect(429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(problem.parse(refused.body)).toMatchObject({ code: 'too_many_requests' });
  });
});

describe('writing through the API', () => {
  it('is for programs alone: a browser’s cookie changes nothing', async () => {
    for (const method of ['post', 'put', 'delete'] as const) {
      const refused = await nora[method]('/api/v1/anything').set('Sec-Fetch-Site', 'same-origin');
      expect(refused.status).toBe(401);
      expect(refused.headers['www-authenticate']).toBe('Bearer realm="Commonshelf API"');
      expect(problem.parse(refused.body)).toMatchObject({ code: 'token_needed' });
    }
  });

  it('does not ask a program where a form came from', async () => {
    const token = await makeToken(nora);
    const answer = await supertest(app)
      .post('/api/v1/anything')
      .set('Authorization', `Bearer ${token}`)
      .set('Sec-Fetch-Site', 'cross-site')
      .set('Origin', 'https://elsewhere.example');
    expect(answer.status).toBe(404);
  });
});
