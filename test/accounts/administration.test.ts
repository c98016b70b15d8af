import { load } from 'cheerio';
import supertest from 'supertest';
import { beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../server/app.ts';
import { formats } from '../../server/locale/format.ts';
import { translator } from '../../server/locale/locale.ts';
import { adminHealth } from '../../server/pages/admin-view.ts';
import { testApp } from '../support/app.ts';
import { catalogId, seedCatalog } from '../support/catalog.ts';
import { makeCarlaAdministrator } from '../support/administrator.ts';
import { testDatabase } from '../support/database.ts';
import { linkIn, outboxOf } from '../support/outbox.ts';
import { post, signedIn, type Browser } from '../support/sign-in.ts';

const database = await testDatabase();
const { pool } = database;
const { app, deps } = await testApp(database);
const outbox = outboxOf(deps);
let admin: Browser;
beforeAll(async () => {
  await seedCatalog(pool);
  admin = await signedIn(app, database, await makeCarlaAdministrator(pool));
});

const read = async (path: string) => load((await admin.get(path).expect(200)).text);
const send = (path: string, form: Record<string, string> = {}) => post(admin, path, form);
const audited = async () =>
  (await pool.query<{ action: string }>('SELECT action FROM audit_event ORDER BY id DESC LIMIT 1')).rows[0]
    ?.action;
const north = catalogId('organization', 'north');
const idOf = async (email: string) =>
  (await pool.query<{ id: string }>('SELECT id FROM person WHERE email = $1', [email])).rows[0]?.id ?? '';

describe('the overview', () => {
  it('says how much there is and how each part runs', async () => {
    const $ = await read('/admin');
    const counts = Object.fromEntries(
      $('.tally div')
        .map((_, one) => [[$(one).find('dt').text(), $(one).find('dd').text()]])
        .get(),
    ) as Record<string, string>;
    expect(counts).toMatchObject({ districts: '2', schools: '3', people: '4', frameworks: '2' });
    const parts = $('table tbody tr')
      .map((_, row) => $(row).text().replaceAll(/\s+/g, ' ').trim())
      .get();
    expect(parts).toHaveLength(6);
    expect(parts[0]).toMatch(/^Database ?In order ?PostgreSQL \d+/);
    expect(parts[1]).toMatch(/^Search ?Needs a look ?PostgreSQL: the index is being built/);
    expect(parts[3]).toContain('No virus scanner is set up');
    expect(parts[4]).toMatch(/^Mails ?Needs a look ?No mail server is set up/);
    expect(parts[5]).toMatch(/ free of /);
  });

  it('shows work that was given up, and an index that falls behind', async () => {
    await pool.query(`UPDATE search_engine SET settings = $1 WHERE name = 'postgres'`, [
      deps.search.first.settings,
    ]);
    await pool.query(`UPDATE search_dirty SET marked_at = now() - interval '20 minutes'`);
    await pool.query(
      `SELECT graphile_worker.add_job('nothing', run_at := now() - interval '1 hour', max_attempts := 1);`,
    );
    await pool.query(`UPDATE graphile_worker._private_jobs SET attempts = 1, last_error = 'it broke'`);
    const $ = await read('/admin');
    const text = $('table').text().replaceAll(/\s+/g, ' ');
    expect(text).toContain('1 job was given up; the log says why.');
    expect(text).toMatch(/resources wait for the index, the oldest for up to 2[01] min/);
    await pool.query('DELETE FROM search_dirty');
    await pool.query('DELETE FROM graphile_worker._private_jobs');
    expect((await read('/admin'))('table').text()).toContain('PostgreSQL: everything is in the index.');
  });
});

it('the overview says with the page of the operation that the first engine takes no changes', () => {
  const health = {
    engine: 'meilisearch' as const,
    waiting: 3,
    oldestSeconds: 90,
    failing: 1,
    lastError: 'no space',
    downSince: null,
    built: true,
    rebuild: { done: 0, total: 0 },
  };
  const search = adminHealth(
    {
      facts: {
        version: '18',
        databaseBytes: 1,
        jobs: { waiting: 0, oldestSeconds: 0, failed: 0, retrying: 0 },
        heldBack: 0,
      },
      search: [health, { ...health, engine: 'postgres' as const, waiting: 0, failing: 0 }],
      firstEngine: 'meilisearch',
      behind: true,
      scannerAnswers: true,
      room: { free: 1, total: 2, full: 0.5, open: true },
      mail: {},
    } as unknown as Parameters<typeof adminHealth>[0],
    { t: translator('en'), fmt: formats('en', translator('en')) },
  ).find(({ name }) => name === 'search');
  expect(search).toEqual({
    name: 'search',
    ok: false,
    note: 'Meilisearch takes no changes, and 3 wait for it; the other engine answers. PostgreSQL: everything is in the index.',
  });
});

describe('what is still to do', () => {
  const steps = async (page: ReturnType<typeof read>) => {
    const $ = await page;
    return $('ol.gap-list li')
      .map((_, one) => $(one).text().replaceAll(/\s+/g, ' ').trim())
      .get();
  };

  it('stands on the overview, the done ones marked, until the last of it is done', async () => {
    const before = await steps(read('/admin'));
    expect(before).toHaveLength(5);
    expect(before[1]).toMatch(/^Add a district and its schools ?Done$/);
    expect(before[3]).toMatch(/^Set up mail ?Whoever runs the server sets SMTP_URL/);
    const withMail = createApp({ ...deps, config: { ...deps.config, smtpUrl: 'smtp://mail.example.gov' } });
    await pool.query(
      `INSERT INTO setting (slug, name, position) VALUES ('lab', 'Lab', 1) ON CONFLICT DO NOTHING`,
    );
    const theirs = await signedIn(withMail, database, 'carla@test.example');
    const $ = load((await theirs.get('/admin').expect(200)).text);
    expect($('ol.gap-list')).toHaveLength(0);
    expect($('table').text()).toContain('They go out by mail.example.gov.');
  });
});

describe('organizations', () => {
  it('can be added: a district, and a school in it, each with a slug of its own', async () => {
    await send('/admin/organizations', { kind: 'district', name: ' Río  Grande Schools ' }).expect(303);
    expect(await audited()).toBe('organization.made');
    const $ = await read('/admin/organizations');
    expect($('.flash').text() + $('[role=status]').text()).toContain('Río Grande Schools was added.');
    expect(
      $('.tree > li > b > a')
        .map((_, one) => $(one).text())
        .get(),
    ).toContain('Río Grande Schools');
    const district =
      $('#district option')
        .filter((_, one) => $(one).text() === 'Río Grande Schools')
        .attr('value') ?? '';
    for (const name of ['Harbor Middle School', 'North High School'])
      await send('/admin/organizations', { kind: 'school', name, district }).expect(303);
    const { rows } = await pool.query(
      `SELECT slug, district_id, parent_id FROM organization WHERE district_id = $1 AND kind = 'school' ORDER BY slug`,
      [district],
    );
    expect(rows).toEqual([
      { slug: 'harbor-middle-school', district_id: district, parent_id: district },
      { slug: 'north-high-school', district_id: district, parent_id: district },
    ]);
    await send('/admin/organizations', { kind: 'school', name: 'Rio Grande Schools', district }).expect(303);
    await supertest(app).get('/schools/rio-grande-schools-2').expect(200);
  });

  it('come back with what was typed when something is missing or there already', async () => {
    const again = async (form: Record<string, string>) => {
      const $ = load((await send('/admin/organizations', form).expect(422)).text);
      return { summary: $('main').text(), name: $('#name').attr('value') };
    };
    expect(await again({ kind: 'school', name: 'New School' })).toMatchObject({
      summary: expect.stringContaining('Choose the district that the school belongs to.') as string,
      name: 'New School',
    });
    expect((await again({ kind: 'district', name: '' })).summary).toContain('This is needed.');
    expect((await again({ kind: 'district', name: 'north fork SCHOOLS' })).summary).toContain(
      'There is one of this name already.',
    );
    expect(
      (await again({ kind: 'school', name: 'X', district: catalogId('person', 'nora') })).summary,
    ).toContain('Choose the district that the school belongs to.');
    await again({ kind: 'state', name: 'Another state' });
  });
});

describe('people', () => {
  beforeAll(async () => {
    await pool.query(
      `INSERT INTO person (email, name, organization_id) VALUES ('jo.fenwick@north.example', 'Jo Fenwick', $1)`,
      [north],
    );
  });

  it('are found by name or address, page by page', async () => {
    const names = ($: Awaited<ReturnType<typeof read>>) =>
      $('tbody th a')
        .map((_, one) => $(one).text())
        .get();
    expect(names(await read('/admin/people?q=fénwick'))).toEqual(['Jo Fenwick']);
    expect(names(await read('/admin/people?q=jo.fen'))).toEqual(['Jo Fenwick']);
    expect(names(await read('/admin/people?q=%25'))).toEqual([]);
    await pool.query(
      `INSERT INTO person (email, name, organization_id) SELECT 'many' || n || '@test.example', 'Many ' || lpad(n::text, 2, '0'), $1 FROM generate_series(1, 30) n`,
      [north],
    );
    const first = await read('/admin/people?q=many');
    expect(names(first)).toHaveLength(25);
    expect(first('.pager a[rel=next]').attr('href')).toBe('/admin/people?q=many&page=2');
    expect(names(await read('/admin/people?q=many&page=2'))).toEqual([
      'Many 26',
      'Many 27',
      'Many 28',
      'Many 29',
      'Many 30',
    ]);
    expect(names(await read('/admin/people?page=999999999'))).toEqual([]);
  });

  it('whose account is closed are signed out everywhere, and come in again when it is opened', async () => {
    const hugo = await signedIn(app, database, 'hugo@test.example');
    const id = await idOf('hugo@test.example');
    await hugo.get('/account').expect(200);
    await send(`/admin/people/${id}/close`).expect(303);
    expect(await audited()).toBe('person.closed');
    await hugo.get('/account').expect(303);
    const again = { email: 'hugo@test.example', password: 'a password for tests' };
    const signIn = () =>
      supertest(app).post('/sign-in').set('Sec-Fetch-Site', 'same-origin').type('form').send(again);
    await signIn().expect(422);
    await send(`/admin/people/${id}/open`).expect(303);
    // The old session stays ended.
    await hugo.get('/account').expect(303);
    await signIn().expect(303);
  });

  it('who lost their password get a mail with a link; until they use it, all stays as it is', async () => {
    const sara = await signedIn(app, database, 'sara@test.example');
    await outbox.clear();
    await send(`/admin/people/${await idOf('sara@test.example')}/password`).expect(303);
    expect(await audited()).toBe('person.password_link_asked');
    await sara.get('/account').expect(200);
    const [mail] = await outbox.mails();
    expect(mail?.to).toBe('sara@test.example');
    await supertest(app).get(linkIn(mail!, '/set-password')).expect(200);
  });

  it('can’t close their own account, nor one that isn’t there', async () => {
    const own = await idOf('carla@test.example');
    await send(`/admin/people/${own}/close`).expect(409);
    await send(`/admin/people/${own}/password`).expect(409);
    await send(`/admin/people/${catalogId('person', 'nobody')}/close`).expect(404);
    await send('/admin/people/none/close').expect(404);
    await admin.get('/admin').expect(200);
  });
});

describe('administration', () => {
  it('is for administrators of the state alone', async () => {
    const nora = await signedIn(app, database, 'nora@test.example');
    for (const path of ['/admin', '/admin/organizations', '/admin/people']) {
      await supertest(app)
        .get(path)
        .expect(303)
        .expect('location', `/sign-in?why=needed&next=${encodeURIComponent(path)}`);
      await nora.get(path).expect(403);
    }
    for (const path of [
      '/admin/organizations',
      '/admin/people/invitations',
      `/admin/people/${await idOf('hugo@test.example')}/close`,
    ])
      await nora.post(path).set('Sec-Fetch-Site', 'same-origin').expect(403);
  });
});
