import { load } from 'cheerio';
import pg from 'pg';
import supertest from 'supertest';
import { beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../server/app.ts';
import { problem } from '../../server/exchange/openapi-operation.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { grantRole, programWith, tokenFor } from '../support/api-programs.ts';
import { testApp } from '../support/app.ts';
import { catalogId } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { furnishedPortal, type FurnishedPortal } from '../support/furnished-portal.ts';

const database = await testDatabase();
const made = await testApp(database);
const { app, deps } = made;
let portal: FurnishedPortal;
let token: string;
beforeAll(async () => {
  portal = await furnishedPortal(database, made);
  await grantRole(deps, 'nora', 'importer', 'north');
  token = await tokenFor(deps, 'nora');
});

const silent = createLogger({ logLevel: 'silent' });
const secret = 'relation "secret_table" does not exist at /srv/portal/secret.ts';

/** The portal with a search that breaks, and one whose database is away. */
const broken = () => {
  const first = { ...deps.search.first, search: () => Promise.reject(new Error(secret)) };
  return createApp({ ...deps, log: silent, search: { ...deps.search, first, standIn: null } });
};
const away = () => {
  const pool = new pg.Pool({
    connectionString: 'postgresql://nobody@127.0.0.1:1/nothing',
    connectionTimeoutMillis: 500,
  });
  return createApp({ ...deps, log: silent, pool });
};

/** One row an error: how to get it as a person, its title, and how as a program. */
const table: {
  status: number;
  title: string;
  person: () => supertest.Test;
  program: () => supertest.Test;
}[] = [
  {
    status: 400,
    title: 'That cannot be read',
    person: () => supertest(app).get('/topics/%FF'),
    program: () => supertest(app).get('/api/v1/resources?page=two'),
  },
  {
    status: 401,
    title: 'Sign in first',
    person: () => supertest(app).post('/resources/new').set('Sec-Fetch-Site', 'same-origin'),
    program: () => supertest(app).get('/shelf').set('Accept', 'application/json'),
  },
  {
    status: 403,
    title: 'That is not open to you',
    person: () => portal.browsers.teacher.get('/admin'),
    program: () => portal.browsers.teacher.get('/admin').set('Accept', 'application/json'),
  },
  {
    status: 404,
    title: 'Nothing is here',
    person: () => supertest(app).get('/no/such/page'),
    program: () => supertest(app).get('/api/v1/nothing'),
  },
  {
    status: 413,
    title: 'That is too large',
    person: () =>
      supertest(app)
        .post('/sign-in')
        .set('Sec-Fetch-Site', 'same-origin')
        .type('form')
        .send({ email: 'x'.repeat(600_000) }),
    program: () =>
      programWith(app, token)('post', `/api/v1/imports/${catalogId('resource', 'none')}/resume`).send({
        q: 'x'.repeat(100_000),
      }),
  },
  {
    status: 500,
    title: 'Something broke on our side',
    person: () => supertest(broken()).get('/search?q=rope'),
    program: () => supertest(broken()).get('/api/v1/resources?q=rope'),
  },
  {
    status: 503,
    title: 'The shelf is closed for a moment',
    person: () => supertest(away()).get('/search?q=rope'),
    program: () => supertest(away()).get('/api/v1/resources?q=rope'),
  },
];

describe('an error', () => {
  for (const { status, title, person, program } of table) {
    it(`${status} is a page in words with the request’s number and a way on`, async () => {
      const response = await person()
        .expect(status)
        .expect('content-type', /^text\/html/);
      const $ = load(response.text);
      expect($('h1').text()).toBe(title);
      expect($('main code').text()).toBe(response.headers['x-request-id']);
      expect($('main a[href="/"]').length).toBe(1);
      expect($('meta[name=robots]').attr('content')).toBe('noindex');
      expect(response.headers['cache-control']).toBe('no-store');
      expect(response.text).not.toMatch(/secret|\.ts:|node_modules/);
    });

    it(`${status} is problem+json for a program`, async () => {
      const response = await program()
        .expect(status)
        .expect('content-type', /^application\/problem\+json/);
      const body = problem.strict().parse(response.body);
      expect(body).toMatchObject({ status, request_id: response.headers['x-request-id'] });
      expect(body.title).toMatch(/^[A-Z“].*\.$/);
      expect(response.text).not.toMatch(/secret/);
    });
  }

  it('409, 410 and 422 keep their own pages', async () => {
    const { catalog, browsers } = portal;
    const gone = await supertest(app)
      .get(`/resources/${catalog.id('withdrawn')}`)
      .expect(410);
    expect(load(gone.text)('h1').length).toBe(1);
    const form = await supertest(app)
      .post('/sign-in')
      .set('Sec-Fetch-Site', 'same-origin')
      .type('form')
      .send({ email: 'x' });
    expect(form.status).toBe(422);
    expect(load(form.text)('title').text()).toMatch(/^Error: /);
    expect(load(form.text)('.errors a[href="#password"]').length).toBe(1);
    await browsers.administrator
      .post(`/admin/people/${catalog.viewers.stateCurator.id}/close`)
      .set('Sec-Fetch-Site', 'same-origin')
      .expect(409);
  });

  it('429 says when to come back', async () => {
    await database.pool.query(
      `INSERT INTO rate_limit (key, points, expire) VALUES ('sign-in-account:slow@test.example', 10, (extract(epoch FROM now()) * 1000)::bigint + 600000)`,
    );
    const form = { email: 'slow@test.example', password: 'x' };
    const send = () =>
      supertest(app).post('/sign-in').set('Sec-Fetch-Site', 'same-origin').type('form').send(form);
    const page = await send().expect(429);
    expect(load(page.text)('main').text()).toMatch(/Try again in (?:9|10) minutes/);
    const body = problem.parse((await send().set('Accept', 'application/json').expect(429)).body);
    expect(body.code).toBe('too_many_requests');
    expect(Number(page.headers['retry-after'])).toBeGreaterThan(500);
  });

  it('that a form meets leads back to it and keeps what was typed, where sending it again may help', async () => {
    const words = 'A question that nobody wants to type a second time.';
    const send = (to: ReturnType<typeof createApp>, form: object) =>
      supertest(to)
        .post('/sign-in')
        .set('Sec-Fetch-Site', 'same-origin')
        .set('Referer', 'http://shelf.example/sign-in?next=%2Fshelf')
        .set('Host', 'shelf.example')
        .type('form')
        .send(form);
    await database.pool.query(
      `INSERT INTO rate_limit (key, points, expire) VALUES ('sign-in-account:fast@test.example', 10, (extract(epoch FROM now()) * 1000)::bigint + 600000)`,
    );
    for (const response of [
      await send(away(), {
        email: 'x@test.example',
        password: 'a password of thirty characters',
        note: words,
      }),
      await send(app, {
        email: 'fast@test.example',
        password: 'a password of thirty characters',
        note: words,
      }),
    ]) {
      const $ = load(response.text);
      expect([429, 503]).toContain(response.status);
      expect($('[data-keeps-typed] [data-kept][hidden]')).toHaveLength(1);
      expect($('main a[href="/sign-in?next=%2Fshelf"]')).toHaveLength(1);
      expect($('.typed').text()).toBe(words);
      expect(response.text).not.toContain('a password of thirty');
    }
    // A page that was only read says nothing of the form that was sent before it.
    const read = await supertest(away()).get('/search').expect(503);
    expect(load(read.text)('[data-keeps-typed]')).toHaveLength(0);
  });

  it('503 also tells a balancer, and healthz goes on', async () => {
    const closed = away();
    await supertest(closed).get('/readyz').expect(503);
    await supertest(closed).get('/healthz').expect(200);
    expect((await supertest(closed).get('/search')).headers['retry-after']).toBe('10');
  });

  it('leads someone who isn’t signed in to the page they wanted', async () => {
    const response = await supertest(app).get('/resources/new?adapt=1').expect(303);
    expect(response.headers['location']).toBe('/sign-in?why=needed&next=%2Fresources%2Fnew%3Fadapt%3D1');
  });
});
