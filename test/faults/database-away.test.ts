import { load } from 'cheerio';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { catalogId, seedCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import {
  databasePid,
  databaseUrl,
  runEntry,
  startPortal,
  temporaryDataDir,
  type Portal,
} from '../support/portal.ts';
import { PortalClient } from '../support/portal-client.ts';
import { tcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { untilWaiting } from '../support/until-waiting.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

const resource = `/resources/${catalogId('resource', 'tug-of-war')}`;
const comesBack = { timeout: 60_000, interval: 100 };

beforeAll(async () => {
  expect(await runEntry(['scripts/build.mjs'], {}).ended).toBe(0);
});

/** The page says in words that it will be back, and under which id the people who run the portal find what happened. */
async function saysSo(answer: Response): Promise<void> {
  expect(answer.status).toBe(503);
  expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
  const main = load(await answer.text())('main');
  expect(main.find('h1').text().trim()).not.toBe('');
  expect(main.text()).toContain("The shelf can't be reached right now.");
  expect(answer.headers.get('x-request-id')).toBeTruthy();
  expect(main.text()).toContain(answer.headers.get('x-request-id'));
  expect(main.text()).not.toMatch(/ECONN|terminat|postgres/i);
}

async function end(portal: Portal | undefined): Promise<void> {
  portal?.signal('SIGTERM');
  await portal?.ended;
}

describe("the operator's database", async () => {
  // The portal reaches its database by a line that the test can cut; the test itself has another one.
  const direct = await testDatabase();
  let line: TcpProxy;
  let portal: Portal;
  let remove: () => Promise<void>;
  let nora: PortalClient;
  let visitor: PortalClient;

  beforeAll(async () => {
    await seedCatalog(direct.pool);
    const address = new URL(direct.url);
    line = await tcpProxy({ host: address.hostname, port: Number(address.port || 5432) });
    address.hostname = '127.0.0.1';
    address.port = String(line.port);
    const temporary = await temporaryDataDir();
    remove = temporary.remove;
    portal = await startPortal(temporary.dataDir, { DATABASE_URL: address.href });
    nora = await PortalClient.signIn(portal.url, direct.pool, 'nora@test.example');
    visitor = PortalClient.visitor(portal.url);
  });
  afterAll(async () => {
    await end(portal);
    await line?.cut();
    await remove?.();
  });

  async function isBack(): Promise<void> {
    for (const [client, path] of [
      [visitor, '/readyz'],
      [visitor, resource],
      [nora, '/shelf'],
    ] as const)
      await expect.poll(async () => (await client.get(path)).status, comesBack).toBe(200);
  }

  test('is away: every page says so in words, and comes back by itself, and so does the work behind', async () => {
    expect((await nora.get(resource)).status).toBe(200);
    await line.cut();
    for (const path of ['/', '/search?q=rope', resource, '/standards', '/topics/forces', '/districts/north'])
      for (const client of [visitor, nora]) await saysSo(await client.get(path));
    await saysSo(await nora.get('/shelf'));
    expect((await visitor.get('/healthz')).status).toBe(200);
    const ready = await visitor.get('/readyz');
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({ ready: false, database: 'away', files: 'ok' });
    const problem = await visitor.get('/api/v1/resources?q=rope');
    expect(problem.status).toBe(503);
    expect(problem.headers.get('content-type')).toContain('application/problem+json');
    expect(await problem.json()).toMatchObject({ request_id: problem.headers.get('x-request-id') });

    await line.mend();
    await isBack();
    const id = await nora.begin([{ name: 'knots.txt', bytes: Buffer.from('How to tie a bowline') }]);
    const revision = await nora.save(id, await nora.openForm(id), { title: 'Knots after the storm' });
    expect(await nora.publish(id, revision)).toBe(303);
    // The words of the title come by the indexer, those of the document by a job before that.
    for (const words of ['storm', 'bowline'])
      await expect
        .poll(async () => (await visitor.get(`/search?q=${words}`)).text(), comesBack)
        .toContain('Knots after the storm');
  });

  test('goes away in the middle of a request: that says so, and nothing of it is kept', async () => {
    const id = await nora.begin();
    const revision = await nora.save(id, await nora.openForm(id), { title: 'Before' });
    // The draft is held by somebody else, so that saving waits in the middle of its transaction.
    const other = await direct.pool.connect();
    try {
      await other.query('BEGIN');
      await other.query('SELECT 1 FROM resource WHERE id = $1 FOR UPDATE', [id]);
      const form = new URLSearchParams({ revision: String(revision), title: 'After', do: 'save' });
      const saving = nora.send(`/resources/${id}/edit`, form);
      await untilWaiting(direct.pool, 1, 20_000);
      await line.cut();
      await saysSo(await saving);
    } finally {
      other.release(true);
    }
    await line.mend();
    await isBack();
    expect(await (await nora.get(`/resources/${id}/edit`)).text()).toContain('value="Before"');
    await nora.save(id, revision, { title: 'After' });
  });

  test('is away while a file arrives: the upload is refused in words, and can be sent again', async () => {
    const id = await nora.begin();
    const file = { name: 'rope.txt', bytes: Buffer.from('One rope, two teams.') };
    await line.cut();
    await saysSo(await nora.upload(id, file));
    await line.mend();
    await isBack();
    expect((await nora.upload(id, file)).status).toBe(201);
    const { rows } = await direct.pool.query<{ n: number }>(
      'SELECT count(*)::int AS n FROM file WHERE resource_id = $1',
      [id],
    );
    expect(rows).toEqual([{ n: 1 }]);
  });
});

describe("the portal's own database", () => {
  let dataDir: string;
  let remove: () => Promise<void>;
  let portal: Portal;
  let pool: pg.Pool;

  beforeAll(async () => {
    ({ dataDir, remove } = await temporaryDataDir());
    portal = await startPortal(dataDir);
    pool = new pg.Pool({ connectionString: await databaseUrl(dataDir), max: 4 });
    pool.on('error', () => {});
    pool.on('connect', (client) => void client.on('error', () => {}));
    await seedCatalog(pool);
  });
  afterAll(async () => {
    await pool?.end();
    await end(portal);
    expect(dataDir && (await databasePid(dataDir))).toBeUndefined();
    await remove?.();
  });

  test('is killed under it: what was under way says so in words, and all comes back by itself', async () => {
    const nora = await PortalClient.signIn(portal.url, pool, 'nora@test.example');
    const before = (await databasePid(dataDir)) ?? 0;
    // Pages wait for a table that somebody holds, so that the database goes away in the middle of each.
    const holder = await pool.connect();
    await holder.query('BEGIN');
    await holder.query('LOCK TABLE resource IN ACCESS EXCLUSIVE MODE');
    const pages = [PortalClient.visitor(portal.url), nora].map((client) => client.get(resource));
    await untilWaiting(pool, 2, 20_000);
    process.kill(before, 'SIGKILL');
    for (const answer of await Promise.all(pages)) await saysSo(answer);
    holder.release(true);

    // Meanwhile a page is there, or says why not.
    await expect
      .poll(async () => {
        const answer = await nora.get('/shelf');
        if (answer.status !== 200) await saysSo(answer);
        return answer.status;
      }, comesBack)
      .toBe(200);
    await expect.poll(async () => (await nora.get('/readyz')).status, comesBack).toBe(200);
    expect((await nora.get(resource)).status).toBe(200);
    expect(await databasePid(dataDir)).not.toBe(before);
  });
});
