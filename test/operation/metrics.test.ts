import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../server/app.ts';
import { keepHeartbeat } from '../../server/operation/heartbeat.ts';
import { createMetrics } from '../../server/operation/metrics/metrics.ts';
import { serveMetrics, type MetricsServer } from '../../server/operation/metrics/metrics-server.ts';
import { addPortalGauges } from '../../server/operation/metrics/portal-gauges.ts';
import { onQuery } from '../../server/platform/database/watch-queries.ts';
import { openDiskFileStore } from '../../server/platform/file-store/disk-file-store.ts';
import { enqueue } from '../../server/platform/job-queue/job-queue.ts';
import { startWorker } from '../../server/platform/job-queue/worker.ts';
import { listen, type HttpServer } from '../../server/web/http-server.ts';
import { testApp } from '../support/app.ts';
import { catalogId, seedCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { PortalClient } from '../support/portal-client.ts';

const database = await testDatabase();
const { pool } = database;
const { deps } = await testApp(database);
// A job fails here on purpose.
deps.log.level = 'silent';
const metrics = createMetrics('1.2.3');
let portal: HttpServer;
let server: MetricsServer;
let url: string;
let nora: PortalClient;

beforeAll(async () => {
  await seedCatalog(pool);
  addPortalGauges(metrics, deps);
  onQuery(pool, (_text, ms) => metrics.query(ms / 1000));
  deps.search.watch = metrics.search;
  server = await serveMetrics(metrics, { host: '127.0.0.1', port: 0, log: deps.log });
  portal = await listen(createApp(deps, { onRequest: metrics.request }), { host: '127.0.0.1', port: 0 });
  url = `http://127.0.0.1:${portal.port}`;
  nora = await PortalClient.signIn(url, pool, 'nora@test.example');
});
afterAll(async () => {
  await portal.drain(1000);
  await server.close();
});

const scrape = async (): Promise<string> => {
  const answer = await fetch(`http://127.0.0.1:${server.port}/metrics`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4');
  return answer.text();
};
/** The value of a series; its labels in any order. */
const valueOf = (text: string, name: string, labels: Record<string, string> = {}): number | undefined => {
  const line = text
    .split('\n')
    .find(
      (one) =>
        (one.startsWith(`${name} `) || one.startsWith(`${name}{`)) &&
        Object.entries(labels).every(([label, value]) => one.includes(`${label}="${value}"`)),
    );
  return line === undefined ? undefined : Number(line.split(' ').at(-1));
};

describe('the metrics', () => {
  it('are right the first time somebody reads them', async () => {
    const stop = await keepHeartbeat(deps, 'web');
    const text = await scrape();
    await stop();
    expect(valueOf(text, 'commonshelf_processes', { kind: 'web' })).toBe(1);
    expect(valueOf(text, 'commonshelf_processes', { kind: 'worker' })).toBe(0);
    expect(valueOf(text, 'commonshelf_disk_total_bytes')).toBeGreaterThan(0);
    expect(valueOf(text, 'commonshelf_unindexed', { engine: 'postgres' })).toBeGreaterThan(0);
  });

  it('count requests by pattern and status, and never say what was asked for', async () => {
    const visitor = PortalClient.visitor(url);
    const id = catalogId('resource', 'cells');
    for (const path of [
      `/resources/${id}`,
      `/resources/${id}/a-title-of-hers`,
      '/search?q=a-secret-word',
      '/nothing/of/the-kind',
      '/resources/01890000-0000-7000-8000-000000000000',
      '/files/../etc/passwd-like',
      '/css/base.css',
      '/api/v1/resources?q=other-secret',
    ])
      await (await visitor.get(path)).arrayBuffer();
    const text = await scrape();
    const count = (route: string, status: string) =>
      valueOf(text, 'commonshelf_http_request_seconds_count', { method: 'GET', route, status });
    expect(count('/search', '200')).toBe(1);
    expect(count('/css/*', '200')).toBe(1);
    expect(count('/api/v1/resources', '200')).toBe(1);
    expect(text).toMatch(/route="\/resources\/:id[^"]*",status="404"/);
    expect(text).not.toMatch(/secret|title-of-hers|the-kind|passwd|01890000|nora|@test/);
    expect(text).not.toContain(id);
    const routes = new Set([...text.matchAll(/route="([^"]*)"/g)].map(([, route = '']) => route));
    for (const route of routes) expect(route).toMatch(/^(none|\/[\w\-/:*.{}]*)$/);
  });

  it('count uploads, searches by engine, jobs by outcome, and statements', async () => {
    const before = valueOf(await scrape(), 'commonshelf_search_seconds_count', { engine: 'postgres' }) ?? 0;
    const standsIn = { ...deps.search.first, name: 'meilisearch' as const };
    standsIn.search = async () => {
      throw new Error('away');
    };
    Object.assign(deps.search, { first: standsIn, standIn: deps.search.first });
    await (await PortalClient.visitor(url).get('/search?q=water')).arrayBuffer();
    const store = await openDiskFileStore(join(deps.config.dataDir, 'files'), { onKept: metrics.kept });
    await store.receive(Readable.from([Buffer.from('Twelve bytes')]), { maxBytes: 100 });
    const worker = await startWorker(
      deps,
      {
        'draw-map': async () => {},
        'lose-map': async () => {
          throw new Error('No paper');
        },
      },
      { onJob: metrics.job },
    );
    await enqueue(pool, 'draw-map', {});
    await enqueue(pool, 'lose-map', {}, { maxAttempts: 1 });
    const count = async (name: string, labels: Record<string, string> = {}) =>
      valueOf(await scrape(), name, labels);
    await expect
      .poll(() => count('commonshelf_job_seconds_count', { task: 'lose-map', outcome: 'failed' }))
      .toBe(1);
    await expect
      .poll(() => count('commonshelf_job_seconds_count', { task: 'draw-map', outcome: 'done' }))
      .toBe(1);
    await worker.stop();
    const text = await scrape();
    expect(valueOf(text, 'commonshelf_search_seconds_count', { engine: 'postgres' })).toBeGreaterThan(before);
    expect(
      valueOf(text, 'commonshelf_search_seconds_count', { engine: 'meilisearch', outcome: 'failed' }),
    ).toBeGreaterThan(0);
    expect(valueOf(text, 'commonshelf_search_fallbacks_total')).toBeGreaterThan(0);
    expect(valueOf(text, 'commonshelf_files_kept_total')).toBe(1);
    expect(valueOf(text, 'commonshelf_files_kept_bytes_total')).toBe(12);
    expect(valueOf(text, 'commonshelf_database_query_seconds_count')).toBeGreaterThan(10);
    // What all processes share is asked for every five seconds.
    await expect
      .poll(() => count('commonshelf_jobs', { task: 'lose-map', state: 'failed' }), { timeout: 8000 })
      .toBe(1);
  }, 20_000);

  it('tell of disk, pool, memory, event loop and version', async () => {
    const text = await scrape();
    expect(valueOf(text, 'commonshelf_info', { version: '1.2.3' })).toBe(1);
    expect(valueOf(text, 'commonshelf_database_up')).toBe(1);
    expect(valueOf(text, 'commonshelf_uploads_open')).toBe(1);
    expect(valueOf(text, 'commonshelf_disk_free_bytes')).toBeGreaterThan(0);
    expect(valueOf(text, 'commonshelf_unindexed', { engine: 'postgres' })).toBeGreaterThan(0);
    expect(valueOf(text, 'commonshelf_pool_connections', { state: 'idle' })).toBeGreaterThan(0);
    expect(valueOf(text, 'process_resident_memory_bytes')).toBeGreaterThan(1e7);
    expect(text).toContain('nodejs_eventloop_lag_seconds');
  });

  it('leave out what only the database knows while it does not answer, and do not wait for it', async () => {
    const own = createMetrics('1.2.3');
    const hanging = Object.assign(Object.create(pool) as typeof pool, { query: () => new Promise(() => {}) });
    addPortalGauges(own, { ...deps, pool: hanging });
    const started = performance.now();
    for (const gather of own.gather) await gather();
    expect(performance.now() - started).toBeLessThan(5000);
    const text = await own.registry.metrics();
    expect(valueOf(text, 'commonshelf_database_up')).toBe(0);
    expect(valueOf(text, 'commonshelf_disk_total_bytes')).toBeGreaterThan(0);
    for (const name of ['jobs', 'jobs_oldest_seconds', 'unindexed', 'files_damaged', 'database_bytes'])
      expect(valueOf(text, `commonshelf_${name}`)).toBeUndefined();
    expect(valueOf(text, 'commonshelf_files_oldest_check_seconds')).toBeUndefined();
  });

  it('are not to be had on the port of the pages, and their port has nothing else', async () => {
    expect((await nora.get('/metrics')).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${server.port}/`)).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${server.port}/metrics`, { method: 'POST' })).status).toBe(404);
  });
});
