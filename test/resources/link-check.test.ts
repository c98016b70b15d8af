import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { load } from 'cheerio';
import supertest from 'supertest';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { tasks } from '../../server/jobs.ts';
import type { FetchAllowance } from '../../server/platform/fetch-file.ts';
import { enqueue } from '../../server/platform/job-queue/job-queue.ts';
import { runJobs } from '../../server/platform/job-queue/worker.ts';
import { probeLink, publicLinks } from '../../server/platform/probe-link.ts';
import { checkLinks, forgetLinks } from '../../server/resources/link-check.ts';
import { readDocuments } from '../../server/search/search-documents.ts';
import { testApp } from '../support/app.ts';
import { seedCatalog, type Catalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';

const database = await testDatabase();
const { pool } = database;
const { app, deps } = await testApp(database);
let catalog: Catalog;
let server: Server;
let port = 0;
/** What the far end answers, by path. */
let answers: Record<string, (path: string) => { status: number; location?: string }> = {};
let asked: string[] = [];

/** A name leads to this machine; nothing else may be asked. */
const onlyHere: FetchAllowance = {
  ...publicLinks,
  ports: null,
  mayConnect: (address) => address === '127.0.0.1',
  resolve: async () => [{ address: '127.0.0.1', family: 4 }],
};
const at = (path: string) => `http://far.example:${port}${path}`;
let now = new Date('2026-11-01T08:00:00Z');
const later = (days: number) => (now = new Date(now.getTime() + days * 86_400_000));
const check = () => checkLinks({ pool, clock: { now: () => now }, allowance: onlyHere }, { most: 100 });

/** Gives a resource of the catalog a link, and nothing else one. */
async function link(key: string, url: string): Promise<string> {
  await pool.query('UPDATE version SET url = NULL WHERE url IS NOT NULL');
  await pool.query(
    'UPDATE version v SET url = $2 FROM resource r WHERE r.current_version_id = v.id AND r.id = $1',
    [catalog.id(key), url],
  );
  return catalog.id(key);
}
const stateOf = async (url: string) =>
  (await pool.query<{ state: string }>('SELECT state FROM link_check WHERE url = $1', [url])).rows[0]?.state;

beforeAll(async () => {
  catalog = await seedCatalog(pool);
  server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    const { status, location } = answers[path]?.(path) ?? { status: 200 };
    response.writeHead(status, location ? { location } : {}).end('x'.repeat(100));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(async () => {
  answers = {};
  asked = [];
  await pool.query('DELETE FROM link_check');
  await pool.query('DELETE FROM search_dirty');
});

describe('the link of a resource', () => {
  it('that answers works, and is asked again a month later, not before', async () => {
    await link('forces-packet', at('/works'));
    expect(await check()).toEqual({ asked: 1, died: 0, back: 0 });
    expect(await stateOf(at('/works'))).toBe('works');
    later(29);
    expect(await check()).toMatchObject({ asked: 0 });
    later(1);
    expect(await check()).toMatchObject({ asked: 1 });
  });

  it('is dead when it has failed on three days, which readers are told and search counts, and comes back by itself', async () => {
    const id = await link('forces-packet', at('/gone'));
    answers['/gone'] = () => ({ status: 404 });
    const quality = async () => (await readDocuments(pool, [id]))[0]!.quality;
    const before = await quality();
    const page = async () =>
      load((await supertest(app).get(`/resources/${id}`).redirects(1)).text)('main').text();
    for (const expected of [0, 0, 1]) {
      expect(await stateOf(at('/gone'))).not.toBe('dead');
      expect(await page()).not.toContain('has not answered');
      expect((await check()).died).toBe(expected);
      later(1);
    }
    expect(await quality()).toBeLessThan(before);
    expect(await page()).toContain('has not answered since');
    const { rows } = await pool.query('SELECT resource_id FROM search_dirty');
    expect(rows).toContainEqual({ resource_id: id });
    delete answers['/gone'];
    later(7);
    expect(await check()).toMatchObject({ asked: 1, back: 1 });
    expect(await quality()).toBe(before);
    expect(await page()).not.toContain('has not answered');
  });

  it('that wants a sign-in, or has enough of programs, is not called dead however often', async () => {
    await link('forces-packet', at('/members'));
    answers['/members'] = () => ({ status: 403 });
    for (let time = 0; time < 4; time += 1) {
      await check();
      expect(await stateOf(at('/members'))).toBe('unclear');
      later(30);
    }
  });

  it('is followed to where it leads now, five times at most', async () => {
    answers = {
      '/moved': () => ({ status: 301, location: '/here' }),
      '/round': () => ({ status: 302, location: '/round' }),
    };
    expect(await probeLink(at('/moved'), { allowance: onlyHere })).toEqual({
      answer: 'works',
      detail: '200',
    });
    asked = [];
    expect(await probeLink(at('/round'), { allowance: onlyHere })).toMatchObject({ answer: 'failed' });
    expect(asked).toHaveLength(6);
  });

  it('into a private network, by a number, with a password or to another port is never asked', async () => {
    const nothing = { answer: 'unclear' };
    for (const address of [
      `http://127.0.0.1:${port}/`,
      'http://169.254.169.254/latest',
      'http://user:word@far.example/',
      'ftp://far.example/',
      'not an address',
    ])
      expect(await probeLink(address, { allowance: onlyHere }), address).toMatchObject(nothing);
    const inside = { ...publicLinks, ports: null, resolve: onlyHere.resolve };
    expect(await probeLink(at('/'), { allowance: inside })).toEqual({ answer: 'unclear', detail: 'private' });
    answers['/out'] = () => ({ status: 302, location: `http://127.0.0.1:${port}/inside` });
    expect(await probeLink(at('/out'), { allowance: onlyHere })).toMatchObject(nothing);
    expect(asked).toEqual(['/out']);
  });

  it('where nobody listens counts as failed', async () => {
    expect(await probeLink('http://far.example:1/', { allowance: onlyHere })).toEqual({
      answer: 'failed',
      detail: 'unreachable',
    });
  });

  it('is not asked unless the operator says so', async () => {
    await link('forces-packet', at('/works'));
    await enqueue(pool, 'check-links', {});
    await runJobs(deps, tasks);
    expect(asked).toEqual([]);
    expect(await stateOf(at('/works'))).toBeUndefined();
  });

  it('is forgotten when no resource leads there any more', async () => {
    await link('forces-packet', at('/works'));
    await check();
    await forgetLinks(pool);
    expect(await stateOf(at('/works'))).toBe('works');
    await link('forces-packet', at('/other'));
    await forgetLinks(pool);
    expect(await stateOf(at('/works'))).toBeUndefined();
  });
});
