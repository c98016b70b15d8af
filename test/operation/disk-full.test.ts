import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, hostname } from 'node:os';
import { join } from 'node:path';
import { load } from 'cheerio';
import request from 'supertest';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { importTasks } from '../../server/imports/import-jobs.ts';
import { enqueue } from '../../server/platform/job-queue/job-queue.ts';
import { runJobs } from '../../server/platform/job-queue/worker.ts';
import { findRun } from '../../server/imports/run-store.ts';
import { makeCarlaAdministrator } from '../support/administrator.ts';
import { grantRole, programWith, tokenFor } from '../support/api-programs.ts';
import { testApp } from '../support/app.ts';
import { catalogId, seedCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { beginImport, finishImport } from '../support/import-runs.ts';
import { signedIn } from '../support/sign-in.ts';

const database = await testDatabase();
const { pool } = database;
const { app, deps } = await testApp(database, { UPLOAD_STOP_PERCENT: '90' });
// Requests fail here on purpose.
deps.log.level = 'silent';
const GB = 1024 ** 3;
const WORDS = 'There is no room for more files right now.';
let teacher: Awaited<ReturnType<typeof signedIn>>;
let administrator: Awaited<ReturnType<typeof signedIn>>;
let program: ReturnType<typeof programWith>;
let folder: string;

/** A disk of a terabyte that is so full. */
const fullTo = (percent: number) => {
  deps.files.freeSpace = async () => ({ free: 1000 * GB * (1 - percent / 100), total: 1000 * GB });
};
beforeAll(async () => {
  await seedCatalog(pool);
  await grantRole(deps, 'nora', 'importer', 'north');
  teacher = await signedIn(app, database, 'nora@test.example');
  administrator = await signedIn(app, database, await makeCarlaAdministrator(pool));
  program = programWith(app, await tokenFor(deps, 'nora'));
  folder = await mkdtemp(join(tmpdir(), 'commonshelf-full-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(() => fullTo(91));

const send = (path: string) => teacher.post(path).set('Sec-Fetch-Site', 'same-origin');
const file = Buffer.from('Ten to the power of nine bytes are a gigabyte');
const sha256 = createHash('sha256').update(file).digest('hex');

describe('with the disk 91 % full', () => {
  it('no door takes a file, and each says why', async () => {
    const draft = await send('/resources/new').type('form').field('title', 'Without files').field('url', '');
    const id = /[0-9a-f-]{36}/.exec(draft.headers['location'] ?? '')?.[0];
    const page = await send('/resources/new').attach('files', file, 'power.txt').expect(507);
    expect(load(page.text)('main').text()).toContain(WORDS);
    const script = await send(`/resources/${id}/draft/files`)
      .set('Accept', 'application/json')
      .attach('files', file, 'power.txt')
      .expect(507);
    expect((script.body as { title: string }).title).toContain(WORDS);
    await send('/imports').attach('files', file, 'rows.csv').field('district', 'north').expect(507);
    const answers = [
      await program('put', `/api/v1/districts/north/files/${sha256}?name=power.txt`)
        .type('application/octet-stream')
        .send(file),
      await program('post', '/api/v1/imports?district=north&name=rows.csv').type('text/csv').send(file),
      await program('post', '/api/v1/imports').field('district', 'north').attach('file', file, 'rows.csv'),
    ];
    for (const { status, body, headers } of answers) {
      expect(status).toBe(507);
      expect(headers['content-type']).toContain('application/problem+json');
      expect(body).toMatchObject({ code: 'disk_full', title: expect.stringContaining(WORDS) as string });
    }
    const { rows } = await pool.query('SELECT 1 FROM blob WHERE sha256 = $1', [sha256]);
    expect(rows).toEqual([]);
  });

  it('nor does a page of the administrators: standards, rubrics, the logo, a pasted list of people', async () => {
    const sent = (path: string) => administrator.post(path).set('Sec-Fetch-Site', 'same-origin');
    for (const path of ['/admin/standards', '/admin/levels/rubrics', '/admin/site/logo']) {
      const { text } = await sent(path).attach('file', file, 'file.json').expect(507);
      expect(load(text)('main').text(), path).toContain(WORDS);
    }
    const list = await sent('/admin/people/import').field('pasted', 'email\nnew@north.example').expect(422);
    expect(load(list.text)('main').text()).toContain(WORDS);
    expect(load(list.text)('textarea[name=pasted]').val()).toContain('new@north.example');
  });

  it('a row that is mended on its page is kept as it was typed', async () => {
    const runId = await beginImport(deps, {
      districtId: catalogId('organization', 'north'),
      source: 'mended',
      content: [{ external_id: 'M1', title: '', url: 'https://a.example/1' }],
      options: {},
    });
    await finishImport(deps, runId);
    const path = `/imports/${runId}/rows/1`;
    const form = load((await teacher.get(path).expect(200)).text)('form[action$="/rows/1"]');
    const title = form
      .find('input, textarea')
      .toArray()
      .map(({ attribs }) => attribs['name'] ?? '')
      .filter((name) => name.startsWith('value.'))[1]!;
    const answer = await send(path)
      .type('form')
      .send({ [title]: 'Mended at last' })
      .expect(422);
    expect(load(answer.text)('main').text()).toContain(WORDS);
    expect(answer.text).toContain('Mended at last');
  });

  it('no way in forgets to ask: whatever writes into the store asks for room itself, or is handed the asking', async () => {
    /** Asked by whoever calls them. */
    const elsewhere: Record<string, string> = {
      'server/imports/sent-files.ts': 'server/exchange/district-file-routes.ts',
    };
    const ways: string[] = [];
    const all = await Promise.all(
      ['server', 'scripts'].map((folder) => readdir(folder, { recursive: true })),
    );
    const paths = all.flatMap((names, index) =>
      names.map((name) => `${index === 0 ? 'server' : 'scripts'}/${name}`),
    );
    for (const path of paths) {
      if (!path.endsWith('.ts') || path.startsWith('server/platform/')) continue;
      if (!/\.(?:stage|stageFile|receive|adopt|addToPart)\(|\bmulter\(/.test(await readFile(path, 'utf8')))
        continue;
      ways.push(path);
      const asks = await readFile(elsewhere[path] ?? path, 'utf8');
      expect(asks, path).toMatch(/\b(?:needRoom|hasRoom|expectBytes)\(/);
    }
    expect(ways).toEqual(expect.arrayContaining(['server/files/upload.ts', 'server/web/one-upload.ts']));
  });

  it('a large form is refused before it is read, a form without a file is taken', async () => {
    await send('/resources/new')
      .attach('files', Buffer.alloc(2 * 1024 * 1024), 'large.txt')
      .expect(507);
    const link = await send('/resources/new')
      .field('url', 'https://example.org/powers')
      .attach('files', Buffer.alloc(0), '')
      .expect(303);
    expect(link.headers['location']).toMatch(/^\/resources\/[0-9a-f-]{36}\/edit$/);
  });

  it('reading goes on, the administrator sees it, and at 89 % files are taken again', async () => {
    await request(app).get('/search?q=water').expect(200);
    await request(app)
      .get(`/resources/${catalogId('resource', 'cells')}`)
      .expect(200);
    await request(app).get('/readyz').expect(200);
    expect((await administrator.get('/admin').expect(200)).text).toContain('91 % full: 90 GB free');
    fullTo(89);
    await program('put', `/api/v1/districts/north/files/${sha256}?name=power.txt`)
      .type('application/octet-stream')
      .send(file)
      .expect(201);
  });

  it('an import says that it waits for room, and goes on by itself when there is', async () => {
    await writeFile(join(folder, 'power.txt'), 'Powers of ten');
    const rows = [
      { external_id: 'P1', title: 'A link', url: 'https://a.example/1' },
      { external_id: 'P2', title: 'A file', files: 'power.txt' },
    ];
    const options = { folder, host: hostname() };
    const runId = await beginImport(deps, {
      districtId: catalogId('organization', 'north'),
      source: 'full',
      content: rows,
      options,
    });
    const waiting = await finishImport(deps, runId);
    expect(waiting).toMatchObject({ state: 'paused', reason: { key: 'import.paused.diskFull' } });
    const page = await teacher.get(`/imports/${runId}`).expect(200);
    expect(load(page.text)('main').text()).toContain('The import goes on by itself as soon as there is.');

    const look = async () => {
      await enqueue(pool, 'resume-imports', {});
      await runJobs(deps, importTasks);
      return (await findRun(pool, runId))?.state;
    };
    expect(await look()).toBe('paused');
    fullTo(50);
    expect(await look()).toBe('done');
    const { rows: files } = await pool.query<{ name: string }>(
      `SELECT f.name FROM file f JOIN resource r ON r.id = f.resource_id WHERE r.external_id = 'P2'`,
    );
    expect(files).toEqual([{ name: 'power.txt' }]);
  });
});

it("when the database's own disk is full, nothing is saved, the page says so, and reading goes on", async () => {
  fullTo(10);
  await pool.query(`
    CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;
    CREATE TRIGGER no_room BEFORE INSERT OR UPDATE ON resource FOR EACH STATEMENT EXECUTE FUNCTION no_room();
    CREATE TRIGGER no_room BEFORE INSERT OR UPDATE ON session FOR EACH STATEMENT EXECUTE FUNCTION no_room()`);
  try {
    const refused = await send('/resources/new')
      .type('form')
      .field('url', 'https://example.org/x')
      .expect(507);
    expect(load(refused.text)('main').text()).toContain('nothing can be saved right now');
    await teacher.get('/shelf').expect(200);
    await request(app).get('/search?q=water').expect(200);
  } finally {
    await pool.query('DROP FUNCTION no_room CASCADE');
  }
  await send('/resources/new').field('url', 'https://example.org/x').expect(303);
});
