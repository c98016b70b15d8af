import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from 'cheerio';
import supertest from 'supertest';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { runJobs } from '../../server/platform/job-queue/worker.ts';
import { standardTasks } from '../../server/standards/framework-upload.ts';
import { uploadButtons, uploadMovedTo } from '../../server/standards/upload-states.ts';
import { casePackage } from '../support/case-package.ts';
import { testApp } from '../support/app.ts';
import { seedCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { signedIn } from '../support/sign-in.ts';

const database = await testDatabase();
const { pool } = database;
const { app, deps } = await testApp(database, { MAX_UPLOAD_MB: '1' });
let admin: Awaited<ReturnType<typeof signedIn>>;
beforeAll(async () => {
  await seedCatalog(pool);
  await pool.query(
    `INSERT INTO role_grant (person_id, organization_id, role)
     SELECT p.id, o.id, 'admin' FROM person p, organization o WHERE p.email = 'carla@test.example' AND o.kind = 'state'`,
  );
  admin = await signedIn(app, database, 'carla@test.example');
});

const send = (content: string | Uint8Array, name = 'framework.json') =>
  admin
    .post('/admin/standards')
    .set('Sec-Fetch-Site', 'same-origin')
    .attach('file', Buffer.from(content), name);

const press = (at: string, what: string) =>
  admin.post(at).set('Sec-Fetch-Site', 'same-origin').type('form').send({ do: what });
const work = () => runJobs(deps, standardTasks);
const pageOf = async (at: string) => load((await admin.get(at).expect(200)).text);
/** Sends a framework, has it looked at. @returns the address of its page */
async function look(content: string, name?: string): Promise<string> {
  const at = (await send(content, name).expect(303)).headers['location'] ?? '';
  expect((await pageOf(at))('[data-follow]')).toHaveLength(1);
  await work();
  return at;
}
const count = async () =>
  (
    await pool.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM standard s JOIN framework f ON f.guid = s.framework_guid WHERE f.title = 'Test Mathematics'`,
    )
  ).rows[0]?.count;

it('moves a file of standards by its table, and by nothing else', () => {
  expect(uploadMovedTo('looked', 'load', 'staff')).toBe('loading');
  expect(uploadMovedTo('looked', 'load', 'job')).toBeUndefined();
  for (const state of ['looking', 'loading', 'loaded', 'dropped'] as const)
    expect(uploadButtons(state)).toEqual([]);
  expect(uploadButtons('looked')).toEqual(['load', 'drop']);
});

describe('The administrator’s page of standards', () => {
  it('is for administrators of the state alone', async () => {
    await supertest(app).get('/admin/standards').expect(303);
    const teacher = await signedIn(app, database, 'nora@test.example');
    await teacher.get('/admin/standards').expect(403);
    await teacher
      .post('/admin/standards')
      .set('Sec-Fetch-Site', 'same-origin')
      .attach('file', Buffer.from('{}'), 'x')
      .expect(403);
    expect((await pool.query(`SELECT 1 FROM framework WHERE title = 'Test Mathematics'`)).rows).toEqual([]);
  });

  it('shows what a framework would do, changes nothing, and then loads it', async () => {
    const at = await look(JSON.stringify(casePackage()), 'Mathe – 2026.json');
    const first = await pageOf(at);
    expect(first('main').text()).toContain('Mathe – 2026.json');
    expect(first('#l-created').text()).toContain('5 new standards');
    const all = await admin.get(first('a[download]').attr('href') ?? '').expect(200);
    expect(all.text.split('\n')).toHaveLength(7);
    expect(all.text).toContain('added,');
    expect(await count()).toBe(0);
    await press(at, 'load').expect(303);
    await work();
    expect((await pageOf(at))('a[href="/standards/test-mathematics"]').length).toBeGreaterThan(0);
    expect(await count()).toBe(5);
    await press(at, 'load').expect(409);
    const { rows } = await pool.query<{ email: string; ip: string | null }>(
      `SELECT p.email, a.ip FROM audit_event a JOIN person p ON p.id = a.actor_id WHERE a.action = 'framework.imported'`,
    );
    expect(rows).toMatchObject([{ email: 'carla@test.example' }]);
    const list = load((await admin.get('/admin/frameworks').expect(200)).text);
    expect(list('table').text()).toContain('Test Mathematics');
  });

  it('looks again when the framework was loaded meanwhile, and drops a file that nobody wants', async () => {
    const at = await look(JSON.stringify(casePackage()));
    await pool.query(
      `UPDATE framework SET imported_at = now() + interval '1 minute' WHERE title = 'Test Mathematics'`,
    );
    await press(at, 'load').expect(303);
    await work();
    expect((await pageOf(at))('button[value="load"]')).toHaveLength(1);
    await press(at, 'drop').expect(303);
    expect((await pageOf(at))('button[value="load"]')).toHaveLength(0);
    await press(at, 'load').expect(409);
  });

  it.each([
    ['{"a":1}', /neither a CASE package/],
    ['', /empty/],
    ['<html></html>', /not ASN RDF/],
  ])('says in words why it can’t take %j', async (content, words) => {
    const $ = load((await send(content).expect(422)).text);
    expect($('main').text()).toMatch(words);
    expect($('#file').attr('aria-invalid')).toBe('true');
  });

  it('asks for a file when there is none, and refuses one that is too big', async () => {
    const none = await admin
      .post('/admin/standards')
      .set('Sec-Fetch-Site', 'same-origin')
      .field('x', '1')
      .expect(422);
    expect(none.text).toContain('Choose a file first.');
    await send('x'.repeat(1024 * 1024 + 10)).expect(413);
  });

  it('leaves no upload behind, whether it was taken or not', async () => {
    // In a folder of its own: other tests receive uploads at the same time.
    const folder = await mkdtemp(join(tmpdir(), 'commonshelf-uploads-'));
    vi.stubEnv('TMPDIR', folder);
    onTestFinished(async () => {
      vi.unstubAllEnvs();
      await rm(folder, { recursive: true });
    });
    expect(tmpdir()).toBe(folder);
    const left = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('upload-')).length;
    const before = await left();
    await send(JSON.stringify(casePackage())).expect(303);
    await send('broken').expect(422);
    await send('x'.repeat(1024 * 1024 + 10)).expect(413);
    expect(await left()).toBe(before);
  });
});
