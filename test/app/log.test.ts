import { Writable } from 'node:stream';
import { beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../server/app.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { testApp } from '../support/app.ts';
import { testDatabase } from '../support/database.ts';
import { furnishedPortal, type FurnishedPortal } from '../support/furnished-portal.ts';
import supertest from 'supertest';

const database = await testDatabase();
const made = await testApp(database, { TRUST_PROXY: '1' });
let portal: FurnishedPortal;
const lines: string[] = [];
const log = createLogger(
  { logLevel: 'trace' },
  new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(...chunk.toString().trim().split('\n'));
      done();
    },
  }),
);
beforeAll(async () => {
  const deps = { ...made.deps, log };
  portal = await furnishedPortal(database, { app: createApp(deps), deps });
});

type Line = {
  level: string;
  requestId?: string;
  method?: string;
  path?: string;
  status?: number;
  ms?: number;
  msg: string;
};
const logged = (): Line[] => lines.map((line) => JSON.parse(line) as Line);

describe('the log', () => {
  it('has one line a request, with the id that the answer carries', async () => {
    lines.length = 0;
    const { headers } = await supertest(portal.app)
      .get('/search?q=rope')
      .set('X-Request-Id', 'from-the-proxy-1');
    expect(headers['x-request-id']).toBe('from-the-proxy-1');
    expect(logged()).toEqual([
      expect.objectContaining({
        level: 'info',
        requestId: 'from-the-proxy-1',
        method: 'GET',
        path: '/search',
        status: 200,
      }),
    ]);
  });

  it('names nobody: no name, address, password, cookie, query, title or file name', async () => {
    lines.length = 0;
    const { browsers, catalog, fileId } = portal;
    const from = '203.0.113.77';
    const send = (at: string, form: Record<string, string>) =>
      browsers.administrator
        .post(at)
        .set('X-Forwarded-For', from)
        .set('Sec-Fetch-Site', 'same-origin')
        .type('form')
        .send(form);
    await send('/sign-in', { email: 'nora@test.example', password: 'sesame-open' });
    await send('/sign-in', { email: 'nora@test.example', password: 'a password for tests' });
    const invited = {
      emails: 'Zelda Quartz <zelda@test.example>',
      role: 'teacher',
      organization: catalog.viewers.northHigh.organizationId ?? '',
    };
    await send('/sign-in', { email: 'carla@test.example', password: 'a password for tests' });
    await send('/admin/people/invitations', invited);
    await send('/admin/people/invitations', invited);
    for (const at of [
      '/search?q=zebrafish',
      '/account',
      `/resources/${catalog.id('secret-garden-lab')}/greenhouse-lab-of-alder-elementary`,
      `/resources/${catalog.id('forces-packet')}`,
      `/files/${fileId}/forces.pdf`,
      '/unsubscribe/zelda@test.example',
      '/unsubscribe/zelda%40test.example',
    ])
      await browsers.administrator.get(at).set('X-Forwarded-For', from);
    const text = lines.join('\n');
    expect(lines.length).toBeGreaterThan(10);
    for (const word of [
      'nora',
      'carla',
      'zelda',
      'quartz',
      'sesame',
      'a password',
      'session=',
      'zebrafish',
      from,
      'greenhouse',
      'forces.pdf',
    ])
      expect(text.toLowerCase(), word).not.toContain(word);
    expect(text).toContain(catalog.id('forces-packet'));
  });

  it('has what broke, with its place, under the id on the error page', async () => {
    lines.length = 0;
    const first = {
      ...made.deps.search.first,
      search: () => Promise.reject(new Error('the index is on fire')),
    };
    const app = createApp({ ...made.deps, log, search: { ...made.deps.search, first, standIn: null } });
    const { text, headers } = await supertest(app).get('/search').expect(500);
    expect(text).not.toContain('fire');
    const failure = logged().find(({ level }) => level === 'error');
    expect(failure).toMatchObject({
      requestId: headers['x-request-id'],
      path: '/search',
      err: { message: 'the index is on fire' },
    });
  });

  it('keeps no more of an address than can be read', async () => {
    lines.length = 0;
    await supertest(portal.app).get(`/${'long/'.repeat(1500)}`);
    expect(logged()[0]?.path?.length).toBeLessThan(310);
  });
});
