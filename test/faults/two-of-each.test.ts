import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { balancer, type Balancer } from '../support/balancer.ts';
import { catalogId, seedCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { freePort } from '../support/free-port.ts';
import { runEntry, temporaryDataDir, type Run } from '../support/portal.ts';
import { PortalClient, sha256 } from '../support/portal-client.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

// Two web processes and two workers on one PostgreSQL and one folder, behind a proxy that shares requests out.
const { pool, url: databaseUrl } = await testDatabase();
let dataDir: string;
let remove: () => Promise<void>;
let proxy: Balancer;
let nora: PortalClient;
let sara: PortalClient;
const ports: number[] = [];
const webs: Run[] = [];
const workers: Run[] = [];
const settings = () => ({
  NODE_ENV: 'production',
  LOG_LEVEL: 'warn',
  SESSION_SECRET: 'a secret that both processes have, of course',
  BASE_URL: proxy.url,
  DATABASE_URL: databaseUrl,
  DATA_DIR: dataDir,
});
const startWeb = (port: number): Run =>
  runEntry(['scripts/start.mjs', '--web-only'], { ...settings(), PORT: String(port) });
const startWorker = (): Run => runEntry(['scripts/start.mjs', '--worker-only'], settings());

async function untilReady(port: number): Promise<void> {
  for (const end = Date.now() + 90_000; Date.now() < end; await sleep(50)) {
    const status = await fetch(`http://127.0.0.1:${port}/readyz`).then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 200) return;
  }
  throw new Error(`Nothing is ready on port ${port}:\n${webs.map((run) => run.said()).join('\n')}`);
}
const stop = async (run: Run): Promise<void> => {
  run.signal('SIGTERM');
  expect(await run.ended, run.said()).toBe(0);
};

beforeAll(async () => {
  expect(await runEntry(['scripts/build.mjs'], {}).ended).toBe(0);
  await seedCatalog(pool);
  ({ dataDir, remove } = await temporaryDataDir());
  ports.push(await freePort(), await freePort());
  proxy = await balancer(ports);
  webs.push(...ports.map(startWeb));
  workers.push(startWorker(), startWorker());
  await Promise.all(ports.map(untilReady));
  nora = await PortalClient.signIn(proxy.url, pool, 'nora@test.example');
  sara = await PortalClient.signIn(proxy.url, pool, 'sara@test.example');
});
afterAll(async () => {
  for (const run of [...webs, ...workers]) run.signal('SIGTERM');
  await Promise.all([...webs, ...workers].map(({ ended }) => ended));
  await proxy?.close();
  await remove?.();
});

test('whoever signed in at one is signed in at the other', async () => {
  const before = new Map(proxy.served);
  for (let asked = 0; asked < 6; asked += 1) expect((await nora.get('/shelf')).status).toBe(200);
  for (const port of ports) expect((proxy.served.get(port) ?? 0) - (before.get(port) ?? 0)).toBe(3);
});

test('the limit of wrong passwords is one for both', async () => {
  const statuses: number[] = [];
  for (let tried = 0; tried < 30 && !statuses.includes(429); tried += 1) {
    const form = new URLSearchParams({ email: 'hugo@test.example', password: `guess ${tried}` });
    statuses.push((await PortalClient.visitor(proxy.url).send('/sign-in', form)).status);
  }
  expect(statuses.at(-1)).toBe(429);
  // At each of them, and not after twice as many.
  for (const port of ports) {
    const form = new URLSearchParams({ email: 'hugo@test.example', password: 'guess' });
    const answer = await fetch(`http://127.0.0.1:${port}/sign-in`, {
      method: 'POST',
      body: form,
      redirect: 'manual',
      headers: { origin: proxy.url },
    });
    expect(answer.status).toBe(429);
  }
});

test('both are deployed anew, one after the other, while people read and share: no request fails, nothing is lost or done twice', async () => {
  const stopped = new AbortController();
  const failures: string[] = [];
  const titles: string[] = [];
  const contents: string[] = [];
  let requests = 0;
  const saw = (what: string, status: number, wanted: number) => {
    requests += 1;
    if (status !== wanted) failures.push(`${what} was answered ${status}`);
  };
  const loop = async (work: (round: number) => Promise<void>) => {
    for (let round = 0; !stopped.signal.aborted; round += 1)
      await work(round).catch((error: unknown) => failures.push(String(error)));
  };
  const paths = ['/', '/search?q=water', `/resources/${catalogId('resource', 'cells')}`, '/standards'];
  const reads = [PortalClient.visitor(proxy.url), nora, sara].map((client) =>
    loop(async (round) => {
      const path = paths[round % paths.length]!;
      const answer = await client.get(path);
      await answer.arrayBuffer();
      saw(`${path} (${answer.headers.get('x-balancer')})`, answer.status, 200);
    }),
  );
  const shares = [nora, sara].map((client, who) =>
    loop(async (round) => {
      const file = { name: 'rope.txt', bytes: Buffer.from(`Rope number ${round} of teacher ${who}`) };
      const id = await client.begin();
      const put = await client.upload(id, file);
      saw('an upload', put.status, 201);
      const title = `Lesson ${round} of teacher ${who}`;
      const revision = await client.save(id, await client.openForm(id), { title });
      saw('publishing', await client.publish(id, revision), 303);
      titles.push(title);
      contents.push(sha256(file.bytes));
      requests += 3;
    }),
  );
  await sleep(1000);
  for (const [index, port] of ports.entries()) {
    await stop(webs[index]!);
    await sleep(500);
    webs[index] = startWeb(port);
    await untilReady(port);
  }
  await stop(workers[0]!);
  workers[0] = startWorker();
  await sleep(1000);
  // Those that were stopped took themselves off the list; the newest worker may still be starting.
  const listed = async () =>
    (await pool.query<{ kind: string }>('SELECT kind FROM process ORDER BY kind')).rows.map(
      ({ kind }) => kind,
    );
  await expect.poll(listed, { timeout: 30_000 }).toEqual(['web', 'web', 'worker', 'worker']);
  stopped.abort();
  await Promise.all([...reads, ...shares]);
  process.stdout.write(
    `\nDeployed two web processes during ${requests} requests, ${titles.length} of them shared a lesson.\n`,
  );
  expect(failures).toEqual([]);
  expect(titles.length).toBeGreaterThan(3);

  const { rows } = await pool.query<{ title: string; n: number }>(
    `SELECT v.title, count(*)::int AS n FROM resource r JOIN version v ON v.id = r.current_version_id
     WHERE v.title LIKE 'Lesson % of teacher %' AND r.state = 'published' GROUP BY v.title`,
  );
  expect(rows.map(({ title }) => title).sort()).toEqual(titles.toSorted());
  expect(rows.every(({ n }) => n === 1)).toBe(true);
  // The workers have read every file, and none of it twice.
  await expect
    .poll(
      async () =>
        (
          await pool.query<{ n: number }>(
            `SELECT count(*)::int AS n FROM blob b WHERE sha256 = ANY ($1::text[]) AND text_state = 'done'
               AND (SELECT count(*) FROM blob_page p WHERE p.sha256 = b.sha256) = 1`,
            [contents],
          )
        ).rows[0]?.n,
      { timeout: 60_000, interval: 200 },
    )
    .toBe(contents.length);
  const { rows: audited } = await pool.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM audit_event a JOIN resource r ON r.id::text = a.object_id JOIN version v ON v.id = r.current_version_id
     WHERE a.action = 'resource.published' AND v.title LIKE 'Lesson % of teacher %'`,
  );
  expect(audited[0]?.n).toBe(titles.length);
  await expect
    .poll(
      async () =>
        (await (await sara.get(`/search?q=${encodeURIComponent(titles.at(-1)!)}`)).text()).includes(
          titles.at(-1)!,
        ),
      { timeout: 30_000 },
    )
    .toBe(true);
});
