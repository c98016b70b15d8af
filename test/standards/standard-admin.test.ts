import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { load } from 'cheerio';
import supertest from 'supertest';
import { beforeAll, describe, expect, it } from 'vitest';
import { casePackage } from '../support/case-package.ts';
import { testApp } from '../support/app.ts';
import { seedCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { signedIn } from '../support/sign-in.ts';

const database = await testDatabase();
const { pool } = database;
const { app } = await testApp(database, { MAX_UPLOAD_MB: '1' });
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

  it('loads a framework and reports what it did', async () => {
    const first = load((await send(JSON.stringify(casePackage()), 'Mathe – 2026.json').expect(200)).text);
    expect(first('#rep').text()).toContain('Mathe – 2026.json');
    expect(first('a[href="/standards/test-mathematics"]').length).toBeGreaterThan(0);
    expect(
      (
        await pool.query(
          `SELECT count(*)::int AS count FROM standard s JOIN framework f ON f.guid = s.framework_guid WHERE f.title = 'Test Mathematics'`,
        )
      ).rows,
    ).toEqual([{ count: 5 }]);
    const { rows } = await pool.query<{ email: string; ip: string | null }>(
      `SELECT p.email, a.ip FROM audit_event a JOIN person p ON p.id = a.actor_id WHERE a.action = 'framework.imported'`,
    );
    expect(rows).toMatchObject([{ email: 'carla@test.example' }]);
    const list = load((await admin.get('/admin/frameworks').expect(200)).text);
    expect(list('table').text()).toContain('Test Mathematics');
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
    const left = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('upload-')).length;
    const before = await left();
    await send(JSON.stringify(casePackage())).expect(200);
    await send('broken').expect(422);
    await send('x'.repeat(1024 * 1024 + 10)).expect(413);
    expect(await left()).toBe(before);
  });
});
