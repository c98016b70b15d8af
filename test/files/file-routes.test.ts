import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { request as httpRequest, createServer as createHttpServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import supertest from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { processBlob } from '../../server/files/file-jobs.ts';
import { keepUpload } from '../../server/files/file-service.ts';
import { openZip } from '../../server/files/zip-reader.ts';
import { testApp } from '../support/app.ts';
import { seedCatalog, type Catalog } from '../support/catalog.ts';
import { catalogResources } from '../support/catalog-resources.ts';
import { testDatabase } from '../support/database.ts';
import { samplePdf, samplePhoto } from '../support/sample-files.ts';
import { signedIn } from '../support/sign-in.ts';

const database = await testDatabase();
const { pool } = database;
const { app, deps } = await testApp(database);
let catalog: Catalog;
let nora: Awaited<ReturnType<typeof signedIn>>;
let sara: Awaited<ReturnType<typeof signedIn>>;
let pdf: Buffer;

/** A public resource of Nora's on the shelf, and one of her district's. */
const open = catalogResources.find(
  (one) =>
    one.owner === 'nora' &&
    (one.visibility ?? 'public') === 'public' &&
    (one.state ?? 'published') === 'published',
)!.key;
const district = catalogResources.find(
  (one) => one.visibility === 'district' && (one.state ?? 'published') === 'published',
)!;

beforeAll(async () => {
  catalog = await seedCatalog(pool);
  nora = await signedIn(app, database, 'nora@test.example');
  sara = await signedIn(app, database, 'sara@test.example');
  pdf = await samplePdf(['Page one', 'Page two']);
});

async function shelve(
  content: Buffer | string,
  name: string,
  { key = open, educatorsOnly = false, process = false } = {},
): Promise<{ id: string; sha256: string; url: string }> {
  const staged = await deps.files.stage(Readable.from([Buffer.from(content)]), { maxBytes: 1e8 });
  const kept = await keepUpload(deps, staged, name);
  if (!kept.ok) throw new Error(kept.reason);
  if (process) await processBlob(deps, kept.sha256, { attempt: 1, signal: new AbortController().signal });
  const { rows } = await pool.query<{ id: string }>(
    `WITH f AS (INSERT INTO file (resource_id, sha256, name) VALUES ($1, $2, $3) RETURNING id),
       v AS (INSERT INTO version_file (version_id, file_id, educators_only, position)
             SELECT r.current_version_id, f.id, $4, (SELECT count(*) FROM version_file) FROM resource r, f WHERE r.id = $1)
     SELECT id FROM f`,
    [catalog.id(key), kept.sha256, kept.name, educatorsOnly],
  );
  const { id } = rows[0]!;
  return { id, sha256: kept.sha256, url: `/files/${id}/${encodeURIComponent(kept.name)}` };
}

describe('a file on the shelf', { timeout: 60_000 }, () => {
  test('opens in the browser when it is a PDF, whole and with its name', async () => {
    const { url, sha256 } = await shelve(pdf, 'Frações 🦋.pdf');
    const response = await supertest(app).get(url).buffer(true).expect(200);
    expect(Buffer.compare(response.body as Buffer, pdf)).toBe(0);
    expect(response.headers).toMatchObject({
      'content-type': 'application/pdf',
      'content-length': String(pdf.length),
      'content-disposition':
        'inline; filename="Fracoes _.pdf"; filename*=UTF-8\'\'Fra%C3%A7%C3%B5es%20%F0%9F%A6%8B.pdf',
      'x-content-type-options': 'nosniff',
      'accept-ranges': 'bytes',
      etag: `"${sha256}"`,
      'cache-control': 'public, max-age=300, no-transform',
    });
    expect(response.headers['content-security-policy']).not.toContain('sandbox');
    expect(response.headers['set-cookie']).toBeUndefined();
  });

  test('is only ever saved, and sandboxed, when it is anything that could run', async () => {
    const { url } = await shelve('# <script>alert(1)</script>', 'notes.md');
    const response = await supertest(app).get(url).expect(200);
    expect(response.headers['content-disposition']).toMatch(/^attachment/);
    expect(response.headers['content-security-policy']).toBe(
      "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox",
    );
    expect(response.headers['content-type']).toBe('text/markdown; charset=utf-8');
  });

  test('is saved on request, whatever it is', async () => {
    const { url } = await shelve(await samplePhoto('jpeg'), 'photo.jpg');
    const shown = await supertest(app).get(url).expect(200);
    expect(shown.headers['content-disposition']).toMatch(/^inline/);
    expect(shown.headers['content-security-policy']).toContain('sandbox');
    const saved = await supertest(app).get(`${url}?download`).expect(200);
    expect(saved.headers['content-disposition']).toMatch(/^attachment/);
  });

  test('is answered in ranges', async () => {
    const { url, sha256 } = await shelve('0123456789', 'digits.txt');
    const get = (range: string) => supertest(app).get(url).set('Range', range);
    const part = await get('bytes=2-4').expect(206);
    expect(part.text).toBe('234');
    expect(part.headers['content-range']).toBe('bytes 2-4/10');
    expect((await get('bytes=-3').expect(206)).text).toBe('789');
    expect((await get('bytes=8-').expect(206)).text).toBe('89');
    expect((await get('bytes=0-1,4-5').expect(200)).text).toBe('0123456789');
    expect((await get('lines=1-2').expect(200)).text).toBe('0123456789');
    expect((await get('bytes=10-').expect(416)).headers['content-range']).toBe('bytes */10');
    expect((await get('bytes=2-4').set('If-Range', `"${sha256}"`).expect(206)).text).toBe('234');
    expect((await get('bytes=2-4').set('If-Range', '"older"').expect(200)).text).toBe('0123456789');
  });

  test('is not sent again to who has it, and HEAD sends nothing', async () => {
    const { url, sha256 } = await shelve('unchanged', 'same.txt');
    await supertest(app).get(url).set('If-None-Match', `"${sha256}"`).expect(304);
    const head = await supertest(app).head(url).expect(200);
    expect(head.headers['content-length']).toBe('9');
  });

  test('is never compressed on the way, so that its length is true', async () => {
    const { url } = await shelve('a'.repeat(50_000), 'long.txt');
    const response = await supertest(app).get(url).set('Accept-Encoding', 'gzip').expect(200);
    expect(response.headers['content-encoding']).toBeUndefined();
    expect(response.headers['content-length']).toBe('50000');
  });

  test('counts as taken when someone takes it, not when a page shows it', async () => {
    const { url } = await shelve(await samplePhoto('webp'), 'count.webp');
    const taken = async () =>
      (
        await pool.query<{ taken: number }>(
          'SELECT coalesce(sum(taken), 0)::int AS taken FROM daily_count WHERE resource_id = $1',
          [catalog.id(open)],
        )
      ).rows[0]?.taken;
    const before = (await taken()) ?? 0;
    await supertest(app).get(url).set('Sec-Fetch-Dest', 'image').expect(200);
    await supertest(app).get(url).set('Range', 'bytes=0-1').expect(206);
    expect(await taken()).toBe(before);
    await supertest(app).get(url).set('Sec-Fetch-Dest', 'document').expect(200);
    await expect.poll(taken).toBe(before + 1);
  });

  test('that went missing is told in words, and as not found', async () => {
    const { id, url, sha256 } = await shelve('soon gone', 'gone.txt');
    await deps.files.remove(sha256);
    const quiet = deps.log.level;
    deps.log.level = 'silent';
    const response = await supertest(app).get(url).expect(404);
    deps.log.level = quiet;
    expect(response.text).toContain('can’t be found right now');
    expect(response.headers['content-disposition']).toBeUndefined();
    await pool.query('DELETE FROM version_file WHERE file_id = $1', [id]);
  });
});

describe('the pages of a file', { timeout: 60_000 }, () => {
  test('come as pictures in the width that is asked for', async () => {
    const { id } = await shelve(pdf, 'pages.pdf', { process: true });
    const small = await supertest(app).get(`/files/${id}/pages/1.webp?w=256`).expect(200);
    expect(small.headers).toMatchObject({
      'content-type': 'image/webp',
      'x-content-type-options': 'nosniff',
    });
    const large = await supertest(app).get(`/files/${id}/pages/1.webp?w=600`).expect(200);
    expect(Number(large.headers['content-length'])).toBeGreaterThan(Number(small.headers['content-length']));
    await supertest(app).get(`/files/${id}/pages/1.webp?w=99999&w=2`).expect(200);
    await supertest(app)
      .get(`/files/${id}/pages/1.webp?w=256`)
      .set('If-None-Match', String(small.headers['etag']))
      .expect(304);
    await supertest(app).get(`/files/${id}/pages/1.webp`).set('Range', 'bytes=0-9').expect(200);
    for (const wrong of ['3', '0', '-1', 'x', '1e9']) {
      await supertest(app).get(`/files/${id}/pages/${wrong}.webp`).expect(404);
    }
  });

  test('are read in a page, as pictures and as text', async () => {
    const { id } = await shelve(pdf, 'read.pdf', { process: true });
    const pictures = await supertest(app).get(`/files/${id}/pages`).expect(200);
    expect(pictures.text).toContain(`/files/${id}/pages/2.webp?w=1000`);
    expect(pictures.text).toContain('Page one');
    const text = await supertest(app).get(`/files/${id}/text`).expect(200);
    expect(text.text).toContain('Page two');
  });
});

describe('who may open a file', { timeout: 60_000 }, () => {
  const doors = (id: string, url: string) => [
    url,
    `/files/${id}/pages/1.webp`,
    `/files/${id}/pages`,
    `/files/${id}/text`,
  ];

  test('an answer key is for educators only, at every door', async () => {
    const { id, url } = await shelve(await samplePdf(['The answer is 42']), 'key.pdf', {
      educatorsOnly: true,
      process: true,
    });
    for (const door of doors(id, url)) {
      await supertest(app).get(door).expect(404);
      const seen = await sara.get(door).expect(200);
      expect(seen.headers['cache-control'], door).toMatch(/private/);
    }
  });

  test('a file of a district’s resource is for the district, at every door', async () => {
    const { id, url } = await shelve(await samplePdf(['Ours']), 'ours.pdf', {
      key: district.key,
      process: true,
    });
    const inside = district.at.startsWith('north') ? nora : sara;
    const outside = district.at.startsWith('north') ? sara : nora;
    for (const door of doors(id, url)) {
      await supertest(app).get(door).expect(404);
      await outside.get(door).expect(404);
      await inside.get(door).expect(200);
    }
  });

  test('a file that became an answer key in the newest version is one in the old versions too', async () => {
    const { id, url } = await shelve('was open', 'mistake.txt');
    await pool.query(`UPDATE version_file SET educators_only = true WHERE file_id = $1`, [id]);
    await supertest(app).get(url).expect(404);
    await nora.get(url).expect(200);
  });

  test('a file of a draft is its authors’ alone', async () => {
    const { id, url } = await shelve('draft words', 'draft.txt');
    await pool.query('DELETE FROM version_file WHERE file_id = $1', [id]);
    await supertest(app).get(url).expect(404);
    await sara.get(url).expect(404);
    await nora.get(url).expect(200);
  });

  test('a file of a withdrawn resource is nobody’s but its authors’', async () => {
    const { url } = await shelve('withdrawn', 'withdrawn.txt');
    const state = (to: string) =>
      pool.query(
        `UPDATE resource SET state = $2, withdrawn_at = CASE WHEN $2 = 'withdrawn' THEN now() END WHERE id = $1`,
        [catalog.id(open), to],
      );
    await state('withdrawn');
    await supertest(app).get(url).expect(404);
    await sara.get(url).expect(404);
    await nora.get(url).expect(200);
    await state('published');
    await supertest(app).get(url).expect(200);
  });

  test('what the virus check holds back is nobody’s, and the words say why', async () => {
    const { id, sha256, url } = await shelve(await samplePdf(['Scan me']), 'scan.pdf', { process: true });
    const scan = (state: string) =>
      pool.query('UPDATE blob SET scan_state = $2 WHERE sha256 = $1', [sha256, state]);
    await scan('quarantined');
    expect((await supertest(app).get(url).expect(409)).text).toContain('Virus check in progress');
    await supertest(app).get(`/files/${id}/pages/1.webp`).expect(409);
    await nora.get(url).expect(409);
    await nora.get(`/files/${id}/pages/1.webp`).expect(200);
    await scan('unscannable');
    await supertest(app).get(url).expect(409);
    await scan('infected');
    expect((await nora.get(url).expect(403)).text).toContain('The virus check found something');
    await scan('clean');
    await supertest(app).get(url).expect(200);
  });

  test('an address that is no file is not found', async () => {
    for (const path of ['/files/x/a.pdf', `/files/${catalog.id(open)}/a.pdf`, '/files/', '/files/%00/a']) {
      await supertest(app)
        .get(path)
        .expect((response) => expect([400, 404]).toContain(response.status));
    }
  });
});

describe('all files of a resource as one zip', { timeout: 60_000 }, () => {
  const key = catalogResources.find(
    (one) =>
      one.key !== open &&
      (one.visibility ?? 'public') === 'public' &&
      (one.state ?? 'published') === 'published',
  )!.key;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'commonshelf-zip-'));
    await pool.query(
      'DELETE FROM version_file vf USING file f WHERE f.id = vf.file_id AND f.resource_id = $1',
      [catalog.id(key)],
    );
    await shelve('first', 'lesson.txt', { key });
    await shelve('second', 'Lesson.txt', { key });
    await shelve(pdf, 'páginas.pdf', { key });
    await shelve('answers', 'answers.txt', { key, educatorsOnly: true });
    const held = await shelve('held back', 'held.txt', { key });
    await pool.query("UPDATE blob SET scan_state = 'quarantined' WHERE sha256 = $1", [held.sha256]);
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function unzip(browser: { get: (path: string) => supertest.Test }) {
    const response = await browser
      .get(`/resources/${catalog.id(key)}/files.zip`)
      .buffer(true)
      .parse((incoming, done) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('end', () => done(null, Buffer.concat(chunks)));
      })
      .expect(200);
    const body = response.body as Buffer;
    expect(response.headers['content-length']).toBe(String(body.length));
    expect(response.headers['content-disposition']).toMatch(/^attachment; filename=".+\.zip"/);
    const path = join(folder, 'all.zip');
    await writeFile(path, body);
    const zip = await openZip(path);
    const contents: Record<string, string> = {};
    for (const { name } of zip.entries) contents[name] = (await zip.read(name, 1e6)).toString('latin1');
    zip.close();
    return contents;
  }

  test('holds what the viewer may open, under safe names', async () => {
    const contents = await unzip(supertest(app));
    expect(Object.keys(contents).toSorted()).toEqual(['Lesson (2).txt', 'lesson.txt', 'páginas.pdf']);
    expect(contents['lesson.txt']).toBe('first');
    expect(contents['páginas.pdf']).toBe(pdf.toString('latin1'));
    expect(Object.keys(await unzip(sara))).toContain('answers.txt');
  });

  test('is not there for who may not see the resource, for a version that is none, or where there are no files', async () => {
    await supertest(app)
      .get(`/resources/${catalog.id(district.key)}/files.zip`)
      .expect(404);
    await supertest(app)
      .get(`/resources/${catalog.id(key)}/files.zip?version=99`)
      .expect(404);
    const head = await supertest(app)
      .head(`/resources/${catalog.id(key)}/files.zip`)
      .expect(200);
    expect(Number(head.headers['content-length'])).toBeGreaterThan(0);
  });
});

describe('readers who leave in the middle', { timeout: 60_000 }, () => {
  test('leave no file open', async () => {
    const large = await shelve(Buffer.alloc(30 * 1024 * 1024, 'x'), 'large.txt');
    const server = createHttpServer(app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const leave = (path: string) =>
      new Promise<void>((resolve) => {
        const request = httpRequest({ port, path }, (response) => {
          response.once('data', () => {
            request.destroy();
            resolve();
          });
          response.on('error', () => undefined);
        });
        request.on('error', () => undefined);
        request.end();
      });
    const openFiles = async () => (await readdir('/proc/self/fd').catch(() => [])).length;
    await leave(large.url);
    const before = await openFiles();
    for (let i = 0; i < 20; i++)
      await leave(i % 2 === 0 ? large.url : `/resources/${catalog.id(open)}/files.zip`);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await openFiles()).toBeLessThan(before + 8);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
});
