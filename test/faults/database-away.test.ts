import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { load } from 'cheerio';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPrisma } from '../../server/platform/database/database.ts';
import { createPool } from '../../server/platform/database/pool.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { testApp } from '../support/app.ts';
import { catalogId, seedCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { PortalClient } from '../support/portal-client.ts';
import { tcpProxy } from '../support/tcp-proxy.ts';

// The portal reaches its database by a line that the test can cut; the test itself has another one.
const direct = await testDatabase();
const address = new URL(direct.url);
const line = await tcpProxy({ host: address.hostname, port: Number(address.port || 5432) });
address.hostname = '127.0.0.1';
address.port = String(line.port);
const pool = createPool({ databaseUrl: address.href, max: 8 }, createLogger({ logLevel: 'silent' }));
const { app } = await testApp({ pool, db: createPrisma(pool), url: address.href }, { LOG_LEVEL: 'silent' });
const resource = `/resources/${catalogId('resource', 'tug-of-war')}`;

let server: Server;
let nora: PortalClient;
let visitor: PortalClient;

beforeAll(async () => {
  await seedCatalog(direct.pool);
  server = createServer(app).listen(0, '127.0.0.1');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  nora = await PortalClient.signIn(url, direct.pool, 'nora@test.example');
  visitor = PortalClient.visitor(url);
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await line.mend().catch(() => {});
  await pool.end();
  await line.cut();
});

/** The page says in words that it will be back, and under which id the people who run the portal find what happened. */
async function saysSo(answer: Response): Promise<void> {
  expect(answer.status).toBe(503);
  expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
  const $ = load(await answer.text());
  expect($('main h1').text().trim()).not.toBe('');
  expect($('main').text()).toContain(answer.headers.get('x-request-id'));
  expect($('main').text()).not.toMatch(/ECONN|terminat|postgres/i);
}

const addresses = [
  '/',
  '/search?q=rope',
  resource,
  '/standards',
  '/topics/forces',
  '/districts/north',
  '/shelf',
];

test('while the database is away every page says so in words, at once, and comes back by itself', async () => {
  expect((await nora.get(resource)).status).toBe(200);
  await line.cut();
  for (const client of [visitor, nora])
    for (const path of addresses) {
      if (client === visitor && path === '/shelf') continue;
      const started = Date.now();
      await saysSo(await client.get(path));
      expect(Date.now() - started).toBeLessThan(5000);
    }
  expect((await visitor.get('/healthz')).status).toBe(200);
  expect((await visitor.get('/readyz')).status).toBe(503);
  const problem = await visitor.get('/api/v1/resources?q=rope');
  expect(problem.status).toBe(503);
  expect(problem.headers.get('content-type')).toContain('application/problem+json');

  await line.mend();
  for (const client of [visitor, nora]) expect((await client.get(resource)).status).toBe(200);
  // Whoever was signed in still is.
  expect((await nora.get('/shelf')).status).toBe(200);
  expect((await visitor.get('/readyz')).status).toBe(200);
});

test('a request whose database goes away in the middle says so, and nothing of it is kept', async () => {
  const id = await nora.begin();
  const revision = await nora.save(id, await nora.openForm(id), { title: 'Before' });
  // The draft is held by somebody else, so that saving waits in the middle of its transaction.
  const other = await direct.pool.connect();
  await other.query('BEGIN');
  await other.query('SELECT 1 FROM resource WHERE id = $1 FOR UPDATE', [id]);
  const form = new URLSearchParams({ revision: String(revision), title: 'After', do: 'save' });
  const saving = nora.send(`/resources/${id}/edit`, form);
  await sleep(300);
  await line.cut();
  await saysSo(await saving);
  await other.query('ROLLBACK');
  other.release();
  await line.mend();
  expect(await (await nora.get(`/resources/${id}/edit`)).text()).toContain('value="Before"');
  await nora.save(id, revision, { title: 'After' });
});

test('an upload whose row can’t be written is refused in words, and can be sent again', async () => {
  const id = await nora.begin();
  const file = { name: 'rope.txt', bytes: Buffer.from('One rope, two teams.') };
  await line.cut();
  const refused = await nora.upload(id, file);
  expect(refused.status).toBe(503);
  await line.mend();
  expect((await nora.upload(id, file)).status).toBe(201);
  const { rows } = await direct.pool.query<{ n: number }>(
    'SELECT count(*)::int AS n FROM file WHERE resource_id = $1',
    [id],
  );
  expect(rows).toEqual([{ n: 1 }]);
});
