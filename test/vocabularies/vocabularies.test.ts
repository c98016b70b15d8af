import { load } from 'cheerio';
import { beforeAll, describe, expect, it } from 'vitest';
import { tasks } from '../../server/jobs.ts';
import { noOrigin } from '../../server/lib/origin.ts';
import { accountById } from '../../server/accounts/account-queries.ts';
import { runJobs } from '../../server/platform/job-queue/worker.ts';
import { batchOf } from '../../server/search/indexer.ts';
import { planTopic, touchedByTopic } from '../../server/vocabularies/topic-plan.ts';
import { makeChange } from '../../server/vocabularies/vocabulary-service.ts';
import { makeCarlaAdministrator } from '../support/administrator.ts';
import { testApp } from '../support/app.ts';
import { catalogId, seedCatalog, type Catalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { importLink } from '../support/import-runs.ts';
import { indexCatalog } from '../support/index-catalog.ts';
import { signedIn } from '../support/sign-in.ts';

const database = await testDatabase();
const { pool } = database;
const { app, deps } = await testApp(database);
// A second web process on the same database.
const { app: other } = await testApp(database);
type Browser = Awaited<ReturnType<typeof signedIn>>;
let catalog: Catalog;
let carla: Browser;
let nora: Browser;
const topic = (slug: string): string => catalogId('topic', slug);

beforeAll(async () => {
  catalog = await seedCatalog(pool);
  await pool.query('SELECT order_topics()');
  await indexCatalog(deps, catalog);
  carla = await signedIn(app, database, await makeCarlaAdministrator(pool));
  nora = await signedIn(app, database, 'nora@test.example');
});

const post = (path: string, form: Record<string, string>, who = carla) =>
  who.post(path).set('Sec-Fetch-Site', 'same-origin').type('form').send(form);
/** Looks at a change. @returns its preview */
const look = async (path: string, form: Record<string, string>, status = 200) =>
  load((await post(path, form).expect(status)).text);
/** Looks at a change and makes it. */
async function make(path: string, form: Record<string, string>): Promise<void> {
  const preview = await look(path, form);
  await post(path, { ...form, sure: 'yes', seen: String(preview('[name="seen"]').val()) }).expect(303);
}
/** What waits for the index goes in, as the indexer does it. */
async function index(): Promise<void> {
  const { rows } = await pool.query<{ resource_id: string }>(
    'DELETE FROM search_dirty RETURNING resource_id',
  );
  if (rows.length > 0) for (const engine of deps.search.all) await engine.apply(await batchOf(pool, rows));
}
const titles = async (path: string, from = nora): Promise<string[]> => {
  const page = load((await from.get(path).redirects(1).expect(200)).text);
  return page('.hits h3')
    .map((_, h3) => page(h3).text().trim())
    .get()
    .sort();
};
const lastAudit = async () =>
  (
    await pool.query<{ action: string; detail: Record<string, unknown> }>(
      'SELECT action, detail FROM audit_event ORDER BY id DESC LIMIT 1',
    )
  ).rows[0];
const pathOf = async (slug: string) =>
  (await pool.query<{ path: string }>('SELECT path FROM topic WHERE slug = $1', [slug])).rows[0]?.path;
const idOf = async (slug: string) =>
  (await pool.query<{ id: string }>('SELECT id FROM topic WHERE slug = $1', [slug])).rows[0]?.id ?? '';

describe('a topic', () => {
  it('is previewed with its resources and drafts, renamed, and found under its new name by another process', async () => {
    const before = await titles('/search?topic=fractions');
    const preview = await look(`/admin/topics/${topic('fractions')}`, {
      what: 'rename',
      name: 'Portions of wholes',
      subject: '',
    });
    const { shelf, drafts } = await touchedByTopic(pool, topic('fractions'));
    expect(shelf).toBeGreaterThanOrEqual(before.length);
    expect(
      preview('.tally dd')
        .map((_, dd) => preview(dd).text())
        .get()
        .slice(0, 2),
    ).toEqual([String(shelf), String(drafts)]);
    expect(await pathOf('fractions')).toBe('Mathematics > Fractions');
    await make(`/admin/topics/${topic('fractions')}`, {
      what: 'rename',
      name: 'Portions of wholes',
      subject: '',
    });
    expect(await pathOf('equivalent-fractions')).toBe(
      'Mathematics > Portions of wholes > Equivalent fractions',
    );
    expect(await lastAudit()).toMatchObject({
      action: 'topic.renamed',
      detail: { before: { name: 'Fractions' }, after: { name: 'Portions of wholes' } },
    });
    await index();
    const elsewhere = await signedIn(other, database, 'nora@test.example');
    expect(await titles('/search?topic=fractions', elsewhere)).toEqual(before);
    const page = load((await elsewhere.get('/search?topic=fractions').expect(200)).text);
    expect(page('main').text()).toContain('Portions of wholes');
    expect(await titles('/search?q=%22portions+of+wholes%22&read=words', elsewhere)).toEqual(before);
  });

  it('moves with what is below it, and its address stays', async () => {
    const all = await titles('/search?topic=mathematics');
    const moving = await titles('/search?topic=ratios');
    await make(`/admin/topics/${topic('ratios')}`, { what: 'move', under: topic('science') });
    await index();
    expect(await pathOf('ratios')).toBe('Science > Ratios');
    expect(await titles('/search?topic=mathematics')).toEqual(all.filter((title) => !moving.includes(title)));
    expect(await titles('/search?topic=science')).toEqual(expect.arrayContaining(moving));
    await nora.get('/topics/ratios').expect(200);
  });

  it('that is merged takes its resources, drafts and topics along, and its address and its words lead on', async () => {
    await pool.query(
      'INSERT INTO version_topic (version_id, topic_id) SELECT id, $1 FROM version WHERE number IS NULL ON CONFLICT DO NOTHING',
      [topic('fractions')],
    );
    const both = [
      ...(await titles('/search?topic=fractions')),
      ...(await titles('/search?topic=ratios')),
    ].sort();
    await make(`/admin/topics/${topic('fractions')}`, { what: 'merge', into: topic('ratios') });
    await index();
    expect(await titles('/search?topic=ratios')).toEqual(both);
    expect((await nora.get('/topics/fractions').expect(301)).headers['location']).toBe('/topics/ratios');
    // Renamed back, it would lead round in a circle in a browser that kept this.
    for (const path of ['/topics/fractions', '/search?topic=fractions&grade=3'])
      expect((await nora.get(path)).headers['cache-control']).toBe('private, no-cache');
    expect((await nora.get('/search?topic=fractions&grade=3').expect(301)).headers['location']).toContain(
      'topic=ratios',
    );
    const answer = (await nora.get('/api/v1/resources?topic=fractions').expect(200)).body as {
      total: number;
    };
    expect(answer.total).toBe(both.length);
    expect(await pathOf('equivalent-fractions')).toBe('Science > Ratios > Equivalent fractions');
    const { rows } = await pool.query(
      'SELECT 1 FROM version_topic x JOIN version v ON v.id = x.version_id WHERE v.number IS NULL AND x.topic_id = $1',
      [topic('ratios')],
    );
    expect(rows.length).toBeGreaterThan(0);
    await importLink(deps, 'a', { topics: 'Mathematics > Fractions' });
    const imported = await pool.query<{ path: string }>(
      `SELECT t.path FROM resource r JOIN version_topic x ON x.version_id = r.current_version_id JOIN topic t ON t.id = x.topic_id WHERE r.external_id = 'a'`,
    );
    expect(imported.rows).toEqual([{ path: 'Science > Ratios' }]);
  });

  it('that is merged merges those below it that have one name, as its preview says, also where tags can be taken back', async () => {
    for (const [name, under] of [
      ['Paths', ''],
      ['Straße', 'paths'],
      ['Ways', ''],
      ['Strasse', 'ways'],
    ] as const)
      await post('/admin/topics', {
        name,
        under: under === '' ? '' : await idOf(under),
        subject: '',
      }).expect(303);
    const [paths, ways, twin] = [await idOf('paths'), await idOf('ways'), await idOf('strasse')];
    const { rows } = await pool.query<{ id: string }>(
      `INSERT INTO tag_change (field, mode, value) VALUES ('topic', 'add', $1) RETURNING id`,
      [JSON.stringify([paths])],
    );
    await pool.query(
      `INSERT INTO tag_change_item (change_id, resource_id, planned, before, after) VALUES ($1, $2, 'change', $3, $4)`,
      [rows[0]?.id, catalog.id('drafty'), JSON.stringify([]), JSON.stringify([paths])],
    );
    const preview = await look(`/admin/topics/${paths}`, { what: 'merge', into: ways });
    expect(preview('main').text()).toContain('Straße');
    await make(`/admin/topics/${paths}`, { what: 'merge', into: ways });
    const below = await pool.query<{ id: string }>('SELECT id FROM topic WHERE parent_id = $1', [ways]);
    expect(below.rows).toEqual([{ id: twin }]);
    const tags = await pool.query(
      'SELECT c.value, i.before, i.after FROM tag_change c JOIN tag_change_item i ON i.change_id = c.id',
    );
    expect(tags.rows).toEqual([{ value: [ways], before: [], after: [ways] }]);
  });

  it('is never moved or merged into what is below it, nor named like its neighbour', async () => {
    const science = `/admin/topics/${topic('science')}`;
    const wrong: Record<string, string>[] = [
      { what: 'move', under: topic('ratios') },
      { what: 'merge', into: topic('equivalent-fractions') },
      { what: 'merge', into: topic('science') },
      { what: 'rename', name: 'READING', subject: '' },
      { what: 'rename', name: 'A > B', subject: '' },
      { what: 'rename', name: ' ', subject: '' },
    ];
    const sures: Record<string, string>[] = [{}, { sure: 'yes', seen: 'x' }];
    for (const form of wrong)
      for (const sure of sures) {
        const page = await look(science, { ...form, ...sure }, 422);
        expect(page('.errors a').length).toBeGreaterThan(0);
      }
    expect(await pathOf('science')).toBe('Science');
  });

  it('that somebody changed since it was looked at is shown again, and nothing is changed', async () => {
    const path = `/admin/topics/${topic('water')}`;
    const preview = await look(path, { what: 'rename', name: 'Rain', subject: '' });
    const seen = String(preview('[name="seen"]').val());
    await make(path, { what: 'rename', name: 'Water', subject: '' });
    const again = await look(path, { what: 'rename', name: 'Rain', subject: '', sure: 'yes', seen }, 409);
    expect(again('h1').text()).toContain('“Science › Water”');
    expect(await pathOf('water')).toBe('Science > Water');
    await post(path, {
      what: 'rename',
      name: 'Rain',
      subject: '',
      sure: 'yes',
      seen: String(again('[name="seen"]').val()),
    }).expect(303);
    expect(await pathOf('water')).toBe('Science > Rain');
  });

  it('is added, ordered and taken away while nothing has it', async () => {
    await post('/admin/topics', { name: 'Weather', under: topic('science'), subject: '' }).expect(303);
    const { rows } = await pool.query<{ id: string; path: string }>(
      `SELECT id, path FROM topic WHERE slug = 'weather'`,
    );
    expect(rows[0]?.path).toBe('Science > Weather');
    await post(`/admin/topics/${rows[0]?.id ?? ''}/place`, { by: 'up' }).expect(303);
    const names = async () => {
      const page = load((await carla.get('/admin/topics').expect(200)).text);
      return page('.ordered th a')
        .map((_, a) => page(a).text())
        .get();
    };
    expect((await names()).indexOf('Weather')).toBeGreaterThan((await names()).indexOf('Science'));
    const found = load((await carla.get('/admin/topics?q=weather%20SCI').expect(200)).text);
    expect(found('#all').text()).toBe('1 topic');
    expect(found('tbody th').text()).toContain('Weather');
    expect((await carla.get('/admin/topics?q=nosuch').expect(200)).text).toContain('No topic has “nosuch”');
    await make(`/admin/topics/${rows[0]?.id ?? ''}`, { what: 'remove' });
    expect(await names()).not.toContain('Weather');
    await look(`/admin/topics/${topic('forces')}`, { what: 'remove' }, 422);
  });

  it('with very many resources is changed by a job that can be followed', async () => {
    const viewer = (await accountById(pool, catalogId('person', 'carla')))!.viewer;
    const asked = {
      kind: 'topic',
      target: topic('civics'),
      change: { what: 'rename', name: 'Government', subject: null },
    } as const;
    const { seen } = await planTopic(pool, asked.target, asked.change);
    const { waits } = await makeChange(deps, viewer, { ...asked, seen }, noOrigin, 1);
    expect(await pathOf('civics')).toBe('Civics');
    const page = async () => load((await carla.get(`/admin/changes/${waits ?? ''}`).expect(200)).text);
    const begun = (await page())('[data-follow]').text();
    expect(begun).toContain('It is being made');
    // Search can't know yet what isn't made.
    expect(begun).toMatch(/\b0 of [1-9]\d* resources/);
    await pool.query('DELETE FROM search_dirty');
    await runJobs(deps, { 'change-vocabulary': tasks['change-vocabulary']! });
    expect(await pathOf('civics')).toBe('Government');
    expect((await page())('[data-follow]').text()).toContain('search is catching up');
    await index();
    expect((await page())('[data-follow]')).toHaveLength(0);
    expect(await titles('/search?q=government&read=words')).toEqual(await titles('/search?topic=civics'));
  });
});

describe('subjects, kinds and settings', () => {
  it('are merged everywhere, and forms that were opened before still mean them', async () => {
    const both = [
      ...(await titles('/search?type=worksheet')),
      ...(await titles('/search?type=activity')),
    ].sort();
    await make('/admin/types/worksheet', { what: 'merge', into: 'activity' });
    await index();
    expect(await titles('/search?type=worksheet')).toEqual(both);
    const math = await titles('/search?subject=math');
    await make('/admin/subjects/math', { what: 'rename', name: 'Numbers and shapes' });
    await index();
    expect(await titles('/search?q=%22numbers+and+shapes%22&read=words')).toEqual(math);
    expect((await pool.query('SELECT 1 FROM version WHERE type = $1', ['worksheet'])).rows).toEqual([]);
  });

  it('that are retired stay where they are and are offered no more, until they are offered again', async () => {
    const draft = `/resources/${catalog.id('drafty')}/edit`;
    await pool.query('UPDATE resource SET owner_id = $1 WHERE id = $2', [
      catalogId('person', 'nora'),
      catalog.id('drafty'),
    ]);
    await pool.query(`UPDATE version SET type = 'lesson' WHERE resource_id = $1`, [catalog.id('drafty')]);
    const offers = async () => {
      const page = load((await nora.get(draft).expect(200)).text);
      return page('select[name="type"] option, input[name="type"]')
        .map((_, one) => page(one).val())
        .get();
    };
    const videos = await titles('/search?type=video');
    await make('/admin/types/video', { what: 'retire' });
    await make('/admin/types/lesson', { what: 'retire' });
    expect(await offers()).not.toContain('video');
    expect(await offers()).toContain('lesson');
    expect(await titles('/search?type=video')).toEqual(videos);
    await make('/admin/types/video', { what: 'offer' });
    expect(await offers()).toContain('video');
  });

  it('that people teach are merged into what they teach from then on, and aren’t taken away from them', async () => {
    await pool.query(
      `INSERT INTO subject (slug, name, position) VALUES ('algebra', 'Algebra', 900), ('sums', 'Sums', 901)`,
    );
    await pool.query(
      `INSERT INTO person_subject (person_id, subject_slug) VALUES ($1, 'algebra'), ($2, 'algebra'), ($2, 'sums')`,
      [catalogId('person', 'nora'), catalogId('person', 'sara')],
    );
    const refused = await look('/admin/subjects/algebra', { what: 'remove' }, 422);
    expect(refused('.errors').text()).toContain('people say that they teach it');
    await make('/admin/subjects/algebra', { what: 'merge', into: 'sums' });
    const { rows } = await pool.query<{ email: string; subject_slug: string }>(
      'SELECT p.email, s.subject_slug FROM person_subject s JOIN person p ON p.id = s.person_id ORDER BY 1, 2',
    );
    expect(rows).toEqual([
      { email: 'nora@test.example', subject_slug: 'sums' },
      { email: 'sara@test.example', subject_slug: 'sums' },
    ]);
    await look('/admin/subjects/sums', { what: 'remove' }, 422);
  });

  it('in use are never taken away', async () => {
    await look('/admin/subjects/math', { what: 'remove' }, 422);
    await look('/admin/settings/home', { what: 'merge', into: 'home' }, 422);
    await look('/admin/settings', { name: 'at HOME' }, 422);
  });
});

describe('a license', () => {
  const cc = '/admin/licenses/CC-BY-4.0';
  const form = async (path = cc) => load((await carla.get(path).expect(200)).text);
  const words = {
    name: 'CC BY 4.0',
    url: '',
    may: 'Copy it\nChange it',
    must: 'Name me',
    mayNot: '',
    offered: 'yes',
  };

  it('says what the state writes, is offered or not, and keeps what was typed when somebody was quicker', async () => {
    const seen = String((await form())('[name="seen"]').val());
    await post(cc, { ...words, seen }).expect(303);
    const late = load((await post(cc, { ...words, may: 'Something else', seen }).expect(409)).text);
    expect(late('#may').val()).toContain('Something else');
    expect(late('main').text()).toContain('What you wrote is still here, and not saved.');
    expect(await lastAudit()).toMatchObject({
      action: 'license.changed',
      detail: { after: { may: ['Copy it', 'Change it'] } },
    });
  });

  it('in use stays, the unknown one is never offered, and one is always offered', async () => {
    expect((await form())('button[value="remove"]')).toHaveLength(0);
    await post(cc, { do: 'remove' }).expect(422);
    await post('/admin/licenses/unknown', {
      ...words,
      name: 'Not known',
      seen: String((await form('/admin/licenses/unknown'))('[name="seen"]').val()),
    }).expect(422);
    await pool.query(`UPDATE license SET offered = code = 'CC-BY-4.0'`);
    await post(cc, { ...words, offered: '', seen: String((await form())('[name="seen"]').val()) }).expect(
      422,
    );
    await post('/admin/licenses/new', {
      ...words,
      code: 'STATE-1',
      name: 'For our classrooms',
      fact: 'credit',
    }).expect(303);
    await post('/admin/licenses/STATE-1', { do: 'remove' }).expect(303);
  });
});

it('only the state’s administrators change any of it', async () => {
  await pool.query(
    `INSERT INTO role_grant (person_id, organization_id, role) VALUES ($1, $2, 'admin'), ($1, $3, 'curator')`,
    [catalogId('person', 'nora'), catalogId('organization', 'north'), catalogId('organization', 'state')],
  );
  for (const path of [
    '/admin/topics',
    `/admin/topics/${topic('science')}`,
    `/admin/topics/${topic('science')}/place`,
    '/admin/subjects',
    '/admin/types/activity',
    '/admin/licenses/new',
    '/admin/licenses/CC-BY-4.0',
  ])
    await post(path, { what: 'rename', name: 'Mine', by: 'up' }, nora).expect(403);
});
