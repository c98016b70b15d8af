import supertest from 'supertest';
import { beforeAll, describe, expect, it } from 'vitest';
import { testApp } from '../support/app.ts';
import { testDatabase } from '../support/database.ts';
import { furnishedPortal, type FurnishedPortal } from '../support/furnished-portal.ts';
import { routesOf } from '../support/routes.ts';

const database = await testDatabase();
const made = await testApp(database, { BASE_URL: 'https://shelf.test.example' });
const plain = await testApp(database);
let portal: FurnishedPortal;
beforeAll(async () => {
  portal = await furnishedPortal(database, plain);
});

/** What a browser says of where a form comes from; `passes` without and with our cookie. */
const table: { says: string; headers: Record<string, string>; passes: [boolean, boolean] }[] = [
  { says: 'this very site', headers: { 'Sec-Fetch-Site': 'same-origin' }, passes: [true, true] },
  { says: 'nobody, the person typed it', headers: { 'Sec-Fetch-Site': 'none' }, passes: [true, true] },
  { says: 'another site', headers: { 'Sec-Fetch-Site': 'cross-site' }, passes: [false, false] },
  {
    says: 'a neighbor on the same domain',
    headers: { 'Sec-Fetch-Site': 'same-site' },
    passes: [false, false],
  },
  {
    says: 'another site, with a forged Origin',
    headers: { 'Sec-Fetch-Site': 'cross-site', Origin: 'http://localhost' },
    passes: [false, false],
  },
  { says: 'our Origin', headers: { Origin: 'http://localhost' }, passes: [true, true] },
  { says: 'another Origin', headers: { Origin: 'https://elsewhere.example' }, passes: [false, false] },
  {
    says: 'an Origin that begins like ours',
    headers: { Origin: 'http://localhost.elsewhere.example' },
    passes: [false, false],
  },
  { says: 'an Origin that is kept back', headers: { Origin: 'null' }, passes: [false, false] },
  { says: 'an Origin that is none', headers: { Origin: 'what?' }, passes: [false, false] },
  { says: 'our Referer', headers: { Referer: 'http://localhost/sign-in' }, passes: [true, true] },
  {
    says: 'another Referer',
    headers: { Referer: 'https://elsewhere.example/http://localhost/' },
    passes: [false, false],
  },
  { says: 'nothing', headers: {}, passes: [true, false] },
];

describe('a form sent by a browser that says it comes from', () => {
  for (const { says, headers, passes } of table)
    it(`${says} ${passes[0] ? 'passes' : 'is refused'} without a cookie and ${passes[1] ? 'passes' : 'is refused'} with one`, async () => {
      const without = await supertest(plain.app)
        .post('/sign-in')
        .set(headers)
        .type('form')
        .send({ email: '' });
      const withCookie = await portal.browsers.teacher
        .post('/sign-in')
        .set(headers)
        .type('form')
        .send({ email: '' });
      // A form without an address is a 422: it was read. A refused one is not looked at.
      expect([without.status, withCookie.status]).toEqual(passes.map((pass) => (pass ? 422 : 403)));
    });

  it('another site is refused in words, with a way on, and nothing has changed', async () => {
    const response = await portal.browsers.teacher
      .post('/sign-out')
      .set('Sec-Fetch-Site', 'cross-site')
      .expect(403);
    expect(response.text).toContain('Your browser did not say that this form came from this site');
    await portal.browsers.teacher.get('/account').expect(200);
  });

  it('the public address passes where a proxy names another host', async () => {
    const send = (origin: string) =>
      supertest(made.app)
        .post('/sign-in')
        .set('Host', 'internal:3000')
        .set('Origin', origin)
        .type('form')
        .send({});
    await send('https://shelf.test.example').expect(422);
    await send('https://elsewhere.example').expect(403);
  });

  it('another site is refused by every route that changes something', async () => {
    const changing = routesOf(plain.app).filter(({ method }) => method !== 'get');
    expect(changing.length).toBeGreaterThan(15);
    for (const { method, path, access } of changing) {
      const program = access?.scope !== undefined;
      if (!program) expect(method).toBe('post');
      const at = path.replace(/:\w+/g, portal.catalog.id('tug-of-war'));
      const send = portal.browsers.administrator[method as 'post'](at);
      const { status } = await send.set('Sec-Fetch-Site', 'cross-site');
      // Doors for programs don't look at cookies at all.
      expect(`${method} ${path} ${status}`).toBe(`${method} ${path} ${program ? 401 : 403}`);
    }
  });
});
