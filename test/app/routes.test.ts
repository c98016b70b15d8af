import express from 'express';
import { beforeAll, describe, expect, it } from 'vitest';
import { resourcePath } from '../../server/lib/slug.ts';
import { offPath } from '../../server/lib/mail-off.ts';
import { tokenFor } from '../support/api-programs.ts';
import { testApp } from '../support/app.ts';
import { catalogId } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { furnishedPortal, type FurnishedPortal } from '../support/furnished-portal.ts';
import { routesOf } from '../support/routes.ts';

const database = await testDatabase();
const made = await testApp(database);
const routes = routesOf(made.app);
let portal: FurnishedPortal;
beforeAll(async () => {
  portal = await furnishedPortal(database, made);
});

/** To the public, to a teacher, to an administrator. */
type Statuses = [number, number, number];
const all = (status: number): Statuses => [status, status, status];
const signedIn: Statuses = [303, 200, 200];
/** Only programs with a token: no cookie opens these. */
const programs: Statuses = [401, 401, 401];
const administrators: Statuses = [303, 403, 200];

/** Every page and answer: an address of it, and what it answers to whom. A new route must be added here. */
function addresses(): Record<string, { at: string; answers: Statuses }> {
  const { catalog, collectionId, fileId, importId, uploadId } = portal;
  const packet = catalog.id('forces-packet');
  const draft = catalog.id('drafty');
  const standard = catalog.guid('TS.SCI.3.PS.2');
  const place = catalogId('organization', 'north-high');
  const at = (address: string, answers: Statuses = all(200)) => ({ at: address, answers });
  return {
    '/': at('/'),
    '/healthz': at('/healthz'),
    '/readyz': at('/readyz'),
    '/sign-in': at('/sign-in', [200, 303, 303]),
    '/forgot-password': at('/forgot-password'),
    '/set-password': at('/set-password?token=none', all(410)),
    '/register': at('/register'),
    '/register/confirm': at('/register/confirm?token=none', all(410)),
    '/invitation': at('/invitation?token=none', all(410)),
    '/account': at('/account', signedIn),
    '/account/session': at('/account/session', signedIn),
    '/topics': at('/topics'),
    '/topics/:slug': at('/topics/fractions'),
    '/districts': at('/districts'),
    '/districts/:slug': at('/districts/north'),
    '/schools/:slug': at('/schools/north-high'),
    '/shelf': at('/shelf', signedIn),
    '/calls': at('/calls'),
    '/calls/:id': at(`/calls/${standard}`, all(404)),
    '/curate/calls/new': at('/curate/calls/new', administrators),
    '/curate/calls/:id': at(`/curate/calls/${standard}`, [303, 403, 404]),
    '/curate/tags': at('/curate/tags', administrators),
    '/curate/tags/changes/:id': at(`/curate/tags/changes/${standard}`, [303, 403, 404]),
    '/curate/coverage': at('/curate/coverage', administrators),
    '/curate/coverage.csv': at('/curate/coverage.csv', administrators),
    '/curate': at('/curate', administrators),
    '/curate/settings': at('/curate/settings', administrators),
    '/curate/checks/:id': at(`/curate/checks/${packet}`, administrators),
    '/collections': at('/collections'),
    '/collections/new': at('/collections/new', signedIn),
    '/collections/:id{/:slug}': at(`/collections/${collectionId}`),
    '/collections/:id/print': at(`/collections/${collectionId}/print`),
    '/collections/:id/files.zip': at(`/collections/${collectionId}/files.zip`),
    '/collections/:id/edit': at(`/collections/${collectionId}/edit`, [303, 404, 200]),
    '/collections/:id/rule': at(`/collections/${collectionId}/rule`, [303, 404, 200]),
    '/resources/:id/add': at(`/resources/${packet}/add`, signedIn),
    '/curate/flags': at('/curate/flags', administrators),
    '/curate/flags/:id': at(`/curate/flags/${packet}`, [303, 403, 404]),
    '/curate/purges': at('/curate/purges', administrators),
    '/curate/purges/:id': at(`/curate/purges/${packet}`, administrators),
    '/curate/takedowns': at('/curate/takedowns', administrators),
    '/curate/takedowns.csv': at('/curate/takedowns.csv', administrators),
    '/curate/numbers': at('/curate/numbers', administrators),
    '/curate/numbers.csv': at('/curate/numbers.csv?of=months', administrators),
    '/curate/search': at('/curate/search', administrators),
    '/curate/search.csv': at('/curate/search.csv', administrators),
    '/curate/search/levels': at('/curate/search/levels', administrators),
    '/curate/search/synonyms': at('/curate/search/synonyms', administrators),
    '/curate/search/synonyms/:id': at(`/curate/search/synonyms/${portal.synonymId}`, administrators),
    '/imports': at('/imports', administrators),
    '/imports/guide': at('/imports/guide', administrators),
    '/imports/template.csv': at('/imports/template.csv', administrators),
    '/imports/files/:id': at(`/imports/files/${uploadId}`, administrators),
    '/imports/files/:id/mapping.yml': at(`/imports/files/${uploadId}/mapping.yml`, administrators),
    '/imports/:id': at(`/imports/${importId}`, administrators),
    '/imports/:id/rows': at(`/imports/${importId}/rows`, administrators),
    '/imports/:id/rows/:position': at(`/imports/${importId}/rows/2`, administrators),
    '/imports/:id/rejected.csv': at(`/imports/${importId}/rejected.csv`, administrators),
    '/imports/:id/gaps.csv': at(`/imports/${importId}/gaps.csv`, administrators),
    '/imports/:id/likely.csv': at(`/imports/${importId}/likely.csv`, administrators),
    '/imports/:id/undo': at(`/imports/${importId}/undo`, administrators),
    '/searches': at('/searches', signedIn),
    '/searches/off': at(offPath(portal.deps.config.sessionSecret, 'searches', catalogId('person', 'nora'))),
    '/notices': at('/notices', signedIn),
    '/notices/:id': at(`/notices/${packet}`, [303, 404, 404]),
    '/notices/off': at(offPath(portal.deps.config.sessionSecret, 'notices', catalogId('person', 'nora'))),
    '/search.atom': at('/search.atom?q=rope'),
    '/files/:id/pages': at(`/files/${fileId}/pages`),
    '/files/:id/text': at(`/files/${fileId}/text`),
    '/files/:id/pages/:page.webp': at(`/files/${fileId}/pages/1.webp`),
    '/files/:id/:name': at(`/files/${fileId}/forces.pdf`),
    '/resources/:id/files.zip': at(`/resources/${packet}/files.zip`),
    '/standards': at('/standards'),
    '/standards/:guid': at(`/standards/${standard}`),
    '/admin/standards/uploads/:id': at(`/admin/standards/uploads/${standard}`, [303, 403, 404]),
    '/admin/standards/uploads/:id/standards.csv': at(
      `/admin/standards/uploads/${standard}/standards.csv`,
      [303, 403, 404],
    ),
    '/admin/standards': at('/admin/standards', administrators),
    '/admin': at('/admin', administrators),
    '/admin/organizations': at('/admin/organizations', administrators),
    '/admin/topics': at('/admin/topics', administrators),
    '/admin/topics/:id': at(`/admin/topics/${catalogId('topic', 'fractions')}`, administrators),
    '/admin/subjects': at('/admin/subjects', administrators),
    '/admin/subjects/:slug': at('/admin/subjects/math', administrators),
    '/admin/types': at('/admin/types', administrators),
    '/admin/types/:slug': at('/admin/types/lesson', administrators),
    '/admin/settings': at('/admin/settings', administrators),
    '/admin/settings/:slug': at('/admin/settings/home', administrators),
    '/admin/licenses': at('/admin/licenses', administrators),
    '/admin/licenses/new': at('/admin/licenses/new', administrators),
    '/admin/licenses/:code': at('/admin/licenses/CC-BY-4.0', administrators),
    '/admin/frameworks': at('/admin/frameworks', administrators),
    '/admin/frameworks/:guid': at(`/admin/frameworks/${catalog.guid('test-science')}`, administrators),
    '/admin/site': at('/admin/site', administrators),
    '/terms': at('/terms', all(404)),
    '/site/:sha256.png': at(`/site/${'a'.repeat(64)}.png`, all(404)),
    '/site/:sha256.jpg': at(`/site/${'a'.repeat(64)}.jpg`, all(404)),
    '/css/site-:light-:dark.css': at('/css/site-0a5943-86d2b4.css'),
    '/admin/levels': at('/admin/levels', administrators),
    '/admin/levels/standards': at('/admin/levels/standards?q=forces', administrators),
    '/admin/levels/standards/:guid': at(`/admin/levels/standards/${standard}`, administrators),
    '/admin/levels/rubrics': at('/admin/levels/rubrics', administrators),
    '/admin/levels/rubrics/:id': at(`/admin/levels/rubrics/${standard}`, [303, 403, 404]),
    '/admin/changes/:id': at(`/admin/changes/${standard}`, [303, 403, 404]),
    '/admin/organizations/:id': at(`/admin/organizations/${place}`, administrators),
    '/admin/organizations/:id/:change': at(`/admin/organizations/${place}/rename`, administrators),
    '/admin/transfers/:id': at(`/admin/transfers/${place}`, [303, 403, 404]),
    '/admin/people': at('/admin/people', administrators),
    '/admin/people.csv': at('/admin/people.csv', administrators),
    '/admin/people/import': at('/admin/people/import', administrators),
    '/admin/people/import/template.csv': at('/admin/people/import/template.csv', administrators),
    '/admin/people/import/:id': at(`/admin/people/import/${packet}`, [303, 403, 404]),
    '/admin/people/import/:id/rejected.csv': at(
      `/admin/people/import/${packet}/rejected.csv`,
      [303, 403, 404],
    ),
    '/admin/people/registration': at('/admin/people/registration', administrators),
    '/admin/people/registration/:id': at(
      `/admin/people/registration/${catalogId('organization', 'north')}`,
      administrators,
    ),
    '/admin/people/:id': at(`/admin/people/${catalogId('person', 'hugo')}`, administrators),
    '/admin/people/:id/close': at(`/admin/people/${catalogId('person', 'hugo')}/close`, administrators),
    '/admin/people/:id/hand-over': at(
      `/admin/people/${catalogId('person', 'hugo')}/hand-over`,
      administrators,
    ),
    '/admin/people/invitations': at('/admin/people/invitations', administrators),
    '/admin/operation': at('/admin/operation', administrators),
    '/admin/audit': at('/admin/audit', administrators),
    '/admin/audit.csv': at('/admin/audit.csv', administrators),
    '/api/v1/standards': at('/api/v1/standards?q=forces'),
    '/api/v1/standards/:guid': at(`/api/v1/standards/${standard}`),
    '/api/v1/resources': at('/api/v1/resources?q=rope'),
    '/api/v1/resources/:id': at(`/api/v1/resources/${packet}`),
    '/api/v1/collections/:id': at(`/api/v1/collections/${collectionId}`),
    '/api/v1/imports': at('/api/v1/imports?district=north', programs),
    '/api/v1/imports/:id': at(`/api/v1/imports/${packet}`, programs),
    '/api/v1/imports/:id/rejected.csv': at(`/api/v1/imports/${packet}/rejected.csv`, programs),
    '/api/v1/imports/:id/likely.csv': at(`/api/v1/imports/${packet}/likely.csv`, programs),
    '/api/v1/imports/:id/gaps.csv': at(`/api/v1/imports/${packet}/gaps.csv`, programs),
    '/api/v1/districts/:district/resources/:externalId': at('/api/v1/districts/north/resources/1', programs),
    '/api/v1/districts/:district/files/:sha256': at(
      `/api/v1/districts/north/files/${'a'.repeat(64)}`,
      programs,
    ),
    '/api/v1/suggest': at('/api/v1/suggest?q=fo'),
    '/api/v1/vocabularies': at('/api/v1/vocabularies'),
    '/api/openapi.json': at('/api/openapi.json'),
    '/api': at('/api'),
    '/api/docs': at('/api/docs', all(301)),
    '/sitemap.xml': at('/sitemap.xml'),
    '/sitemaps/places.xml': at('/sitemaps/places.xml'),
    '/sitemaps/resources/:first.xml': at(`/sitemaps/resources/${packet}.xml`),
    '/sitemaps/standards/:first.xml': at(`/sitemaps/standards/${catalog.guid('test-science')}.xml`),
    '/robots.txt': at('/robots.txt'),
    '/.well-known/security.txt': at('/.well-known/security.txt'),
    '/favicon.ico': at('/favicon.ico', all(301)),
    '/about': at('/about'),
    '/help': at('/help'),
    '/accessibility': at('/accessibility'),
    '/privacy': at('/privacy'),
    '/search': at('/search?q=rope'),
    '/resources/new': at('/resources/new', signedIn),
    '/resources/:id/edit': at(`/resources/${draft}/edit`, [303, 200, 404]),
    '/resources/:id/checks': at(`/resources/${packet}/checks`, [303, 404, 200]),
    '/resources/:id/check': at(`/resources/${draft}/check`, [303, 200, 404]),
    '/resources/:id{/:slug}': at(`/resources/${packet}`),
    '/resources/:id/flag': at(`/resources/${packet}/flag`),
    '/flags/thanks': at('/flags/thanks'),
    '/voices/:id/edit': at(`/voices/${packet}/edit`, [303, 404, 404]),
    '/voices/:id/remove': at(`/voices/${packet}/remove`, [303, 404, 404]),
    '/voices/:id/flag': at(`/voices/${packet}/flag`, [303, 404, 404]),
    '/resources/:id/versions/:number': at(`/resources/${packet}/versions/1`),
    '/resources/:id/adapt': at(`/resources/${packet}/adapt`, signedIn),
  };
}

const gets = routes.filter(({ method }) => method === 'get').map(({ path }) => path);
const posts = routes.filter(({ method }) => method !== 'get');

/** A path of a route with something in its place for each parameter. */
const filled = (path: string): string =>
  path
    .replace(/\{[^}]*\}/g, '')
    .replace(':id', portal.catalog.id('forces-packet'))
    .replace(/:\w+/g, '1');

describe('every route', () => {
  it('states who may use it', () => {
    expect(routes.length).toBeGreaterThan(60);
    expect(routes.filter(({ access }) => access === undefined)).toEqual([]);
  });

  it('is only trusted when it states it itself: one that doesn’t is found out', () => {
    const app = express();
    app.use(express.Router().get('/open', (_req, res) => void res.end()));
    expect(routesOf(app)).toEqual([{ method: 'get', path: '/open', access: undefined }]);
  });

  it('is in the table of this test, so that somebody has said what it answers to whom', () => {
    expect(Object.keys(addresses()).toSorted()).toEqual([...gets].toSorted());
  });

  it('has an address that no title of a resource can have', () => {
    const words = gets.flatMap((path) => /^\/resources\/:id\/([a-z]+)$/.exec(path)?.[1] ?? []);
    expect(words.length).toBeGreaterThan(2);
    for (const word of words) expect(resourcePath('ID', word)).toBe('/resources/ID');
    expect(resourcePath('ID', 'Edit and check')).toBe('/resources/ID/edit-and-check');
  });

  it('answers the public, a teacher and an administrator as the table says', async () => {
    const { browsers } = portal;
    for (const [route, { at, answers }] of Object.entries(addresses()))
      for (const [index, who] of (['public', 'teacher', 'administrator'] as const).entries()) {
        const response = await browsers[who].get(at);
        expect(`${who} ${route} ${response.status}`).toBe(`${who} ${route} ${answers[index]}`);
      }
  }, 120_000);

  it('that changes something refuses who may not, before it looks at anything', async () => {
    const { browsers } = portal;
    expect(posts.length).toBeGreaterThan(15);
    for (const { path, access } of posts) {
      if (access?.name === 'anyone') continue;
      const send = (who: keyof typeof browsers) =>
        browsers[who].post(filled(path)).set('Sec-Fetch-Site', 'same-origin');
      expect(`${path} ${(await send('public')).status}`).toBe(`${path} 401`);
      if (access?.name.startsWith('state'))
        expect(`${path} ${(await send('teacher')).status}`).toBe(`${path} 403`);
    }
  }, 60_000);
});

describe('every answer', () => {
  it('carries the headers that keep it safe', async () => {
    const { browsers } = portal;
    const others = ['/no/such/page', '/img/icon.svg', '/resources/none', '/api/v1/none', '/search?q=%00'];
    for (const at of [...Object.values(addresses()).map((one) => one.at), ...others]) {
      const { headers, status } = await browsers.administrator.get(at);
      const isEmpty = status === 304 || headers['content-length'] === '0';
      expect(headers, at).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'strict-origin-when-cross-origin',
        'cross-origin-opener-policy': 'same-origin',
        'x-frame-options': 'DENY',
        'x-request-id': expect.stringMatching(/^[\w-]{8,64}$/) as string,
        'permissions-policy': expect.stringContaining('geolocation=()') as string,
      });
      expect(headers, at).not.toHaveProperty('x-powered-by');
      const type = headers['content-type'] ?? '';
      if (!isEmpty) expect(type, at).toMatch(/^[a-z]+\/[\w.+-]+/);
      if (/^text\/|[/+](?:json|xml)/.test(type) && !type.startsWith('image/'))
        expect(type, at).toMatch(/; charset=utf-8$/i);
      const policy = headers['content-security-policy'] ?? '';
      // Files have a policy of their own, under which nothing in them runs.
      expect(policy, at).toContain(
        at.startsWith('/files/') || at.endsWith('.zip') ? "'none'" : "frame-ancestors 'none'",
      );
      // A PDF is shown by the browser's own viewer, which a stricter policy would stop; it runs nothing of ours.
      if (!at.endsWith('forces.pdf')) expect(policy, at).toContain("default-src 'none'");
      expect(policy, at).not.toMatch(/unsafe-eval|script-src[^;]*unsafe-inline/);
    }
  }, 60_000);

  it('over https asks browsers to stay with it, and binds the session to this host', async () => {
    const secure = await testApp(database, { BASE_URL: 'https://shelf.test.example', TRUST_PROXY: '1' });
    const { default: supertest } = await import('supertest');
    const response = await supertest(secure.app)
      .post('/sign-in')
      .set('X-Forwarded-Proto', 'https')
      .set('Sec-Fetch-Site', 'same-origin')
      .type('form')
      .send({ email: 'nora@test.example', password: 'a password for tests' })
      .expect(303);
    expect(response.headers['strict-transport-security']).toMatch(/max-age=\d{8}/);
    expect(response.headers['set-cookie']?.[0]).toMatch(
      /^__Host-session=.*; Path=\/.*; HttpOnly; Secure; SameSite=Lax/,
    );
  });

  it('to a person is kept by no shared cache', async () => {
    for (const at of ['/', '/search', '/shelf', '/api/v1/resources'])
      expect((await portal.browsers.teacher.get(at)).headers['cache-control'], at).toContain('private');
  });
});

describe('strange input', () => {
  const long = 'x'.repeat(10_000);
  const queries = [
    `q=${long}&page=1000000000&grade=${long.slice(0, 3000)}`,
    'q[]=1&q[$ne]=2&page[]=x&page=-1&__proto__[a]=1&constructor=1',
    'q=%00a%00&standard=%00&next=%00&w=%00&below=%00&version=%00',
    'q=%FF%FE%C0%80&subject=%ED%A0%80&page=%F0%9F&standard=%FF',
    'page=1e9&page=2&page=NaN&limit=99999999999999999999&sort=%27%3B--&level=%27%20OR%201=1',
    `${Array.from({ length: 300 }, (_, index) => `subject=s${index}&standard=4.NF.${index}`).join('&')}`,
    `q=${encodeURIComponent('"((()))\\"" -- -"- & | ! <-> :* \u202E\uFEFF\u{1F600}'.repeat(20))}`,
  ];

  it('in the query is answered with 200 or 400, or as ever, in under a second on every route', async () => {
    const { browsers } = portal;
    for (const { at } of Object.values(addresses())) {
      const path = at.split('?')[0] ?? at;
      const plain = await browsers.administrator.get(path);
      for (const query of queries) {
        const { status, ms } = await timed(() => browsers.administrator.get(`${path}?${query}`));
        expect([200, 400, plain.status], `${path}?${query.slice(0, 60)}: ${status}`).toContain(status);
        expect(ms, `${path}?${query.slice(0, 60)}`).toBeLessThan(1000);
      }
    }
  }, 300_000);

  it('in the path is 400 or 404', async () => {
    const { browsers } = portal;
    const token = await tokenFor(portal.deps, 'carla');
    const strange = [
      '%00',
      '%FF%FE',
      '%ED%A0%80',
      '%',
      '..%2F..%2Fetc%2Fpasswd',
      long.slice(0, 7000),
      '%27--',
      '%F0%9F%98%80',
      "'",
    ];
    for (const path of gets.filter((one) => one.includes(':')))
      for (const text of strange) {
        const at = path
          .replace(/\{[^}]*\}/g, '')
          .replace(/:\w+/, text)
          .replace(/:\w+/g, '1');
        // Doors for programs are tried by one, with a token that opens them.
        const program = routes.find((one) => one.path === path)?.access?.scope !== undefined;
        const ask = () => browsers.administrator.get(at);
        const { status, ms } = await timed(() =>
          program ? ask().set('Authorization', `Bearer ${token}`) : ask(),
        );
        expect([400, 404], `${at.slice(0, 80)}: ${status}`).toContain(status);
        expect(ms).toBeLessThan(1000);
      }
  }, 300_000);

  it('in headers and cookies disturbs nobody', async () => {
    const { browsers } = portal;
    const odd: Record<string, string> = {
      Cookie: `session=${'%'.repeat(2000)}; __proto__=1; session=s%3Anone.none`,
      'Accept-Language': 'x'.repeat(4000),
      Accept: 'image/*;q=nonsense',
      'X-Request-Id': '<script>'.repeat(100),
      Range: 'bytes=9-1,,,--',
      'If-None-Match': '"'.repeat(500),
      'X-Forwarded-For': '::::, 999.1.1.1',
    };
    for (const [name, value] of Object.entries(odd))
      for (const at of ['/', '/search', '/api/v1/resources', '/sign-in']) {
        const { status, ms } = await timed(() => browsers.public.get(at).set(name, value));
        expect(status, `${name} ${at}`).toBe(200);
        expect(ms).toBeLessThan(1000);
      }
    // More than Node reads is refused by Node itself, and the next request is served.
    expect((await browsers.public.get('/').set('X-Long', 'x'.repeat(40_000))).status).toBe(431);
    await browsers.public.get('/healthz').expect(200);
  });

  /** The best of three, since others use this machine too. */
  async function timed(ask: () => PromiseLike<{ status: number }>): Promise<{ status: number; ms: number }> {
    let best = { status: 0, ms: Infinity };
    for (let tries = 0; tries < 3 && best.ms >= 1000; tries += 1) {
      const started = performance.now();
      const { status } = await ask();
      const ms = performance.now() - started;
      if (ms < best.ms) best = { status, ms };
    }
    return best;
  }
});
