import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { collectOrphans } from '../../server/files/file-collector.ts';
import { openDiskFileStore } from '../../server/platform/file-store/disk-file-store.ts';
import type { FileStore } from '../../server/platform/file-store/file-store.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { seedCatalog } from '../support/catalog.ts';
import {
  databasePid,
  databaseUrl,
  runEntry,
  startPortal,
  temporaryDataDir,
  type Portal,
  type Run,
} from '../support/portal.ts';
import { PortalClient, sha256, type Upload } from '../support/portal-client.ts';
import { randomFrom } from '../support/random.ts';
import { reconcile } from '../support/reconcile.ts';
import { samplePdf } from '../support/sample-files.ts';
import { holdAt, installStopPoints, stopPoints, type StopPoint } from '../support/stop-points.ts';

// Teachers share, change and publish while the portal is killed (SIGKILL), at named points and at random moments, or its
// database, or a worker beside it. What they were told is kept in a history outside; whatever was acknowledged must be
// there afterwards, and nothing by halves. KILL_ROUNDS=200 npm run kill kills more often than an ordinary run, which begins
// anywhere in the list; KILL_SEED takes the chances of an earlier one; KILL_AT=moments leaves the named points out.

const points = Object.keys(stopPoints) as StopPoint[];
/** What is killed at some moment. Whatever it is, the portal is killed after it, so that all has ended. */
const victims = ['the portal', 'the database', 'a worker'] as const;
type Victim = (typeof victims)[number];
const places: (StopPoint | Victim)[] =
  process.env['KILL_AT'] === 'moments' ? [...victims] : [...points, ...victims];
const isPoint = (place: StopPoint | Victim): place is StopPoint => place in stopPoints;
const rounds = Number(process.env['KILL_ROUNDS'] ?? 11);
const seed = Number(process.env['KILL_SEED'] ?? Date.now() % 1_000_000);
const random = randomFrom(seed);
vi.setConfig({ testTimeout: 120_000 + rounds * 30_000, hookTimeout: 180_000 });

/** What a teacher did to one resource, as far as they know. */
interface Told {
  id: string;
  uploads: { sha256: string; acked: boolean }[];
  /** Titles of versions 1, 2 …, the last one perhaps not published. */
  titles: string[];
  /** Versions whose publication was acknowledged. */
  published: number;
}

const teachers = ['nora', 'sara'];
let dataDir: string;
let remove: () => Promise<void>;
let portal: Portal;
let pool: pg.Pool;
let files: FileStore;
let clients: PortalClient[];
const history: Told[] = [];
const kills: Record<string, number> = {};

beforeAll(async () => {
  expect(await runEntry(['scripts/build.mjs'], {}).ended).toBe(0);
  ({ dataDir, remove } = await temporaryDataDir());
  portal = await startPortal(dataDir);
  pool = new pg.Pool({ connectionString: await databaseUrl(dataDir), max: 4 });
  pool.on('error', () => {});
  files = await openDiskFileStore(join(dataDir, 'files'));
  await seedCatalog(pool, []);
  await installStopPoints(pool);
  clients = [];
  for (const name of teachers)
    clients.push(await PortalClient.signIn(portal.url, pool, `${name}@test.example`));
});
afterAll(async () => {
  await pool?.end();
  portal?.signal('SIGTERM');
  await portal?.ended;
  await remove?.();
});

const unique = () => randomBytes(6).toString('hex');

async function someFile(kind: 'pdf' | 'any' = 'any'): Promise<Upload> {
  const word = unique();
  return kind === 'pdf' || random() < 0.2
    ? { name: `${word}.pdf`, bytes: await samplePdf([`Words about ${word}`]) }
    : { name: `${word}.txt`, bytes: Buffer.from(`Words about ${word}. `.repeat(1 + random() * 4000)) };
}

/** Shares, adds files, publishes and brings out next versions until no answer comes any more, or enough is done. */
async function workUntilKilled(client: PortalClient, point: StopPoint | undefined): Promise<void> {
  for (let resource = 0; resource < (point === undefined ? 3 : 1); resource += 1) {
    const first = [await someFile('pdf')];
    const told: Told = { id: '', uploads: [], titles: [], published: 0 };
    told.id = await client.begin(first);
    history.push(told);
    told.uploads.push(...first.map(({ bytes }) => ({ sha256: sha256(bytes), acked: true })));
    for (let version = 1; version <= 2; version += 1) {
      const file = await someFile();
      const upload = { sha256: sha256(file.bytes), acked: false };
      told.uploads.push(upload);
      let revision = await client.openForm(told.id);
      upload.acked = (await client.upload(told.id, file)).status === 201;
      told.titles.push(`Words ${unique()} in version ${version}`);
      revision = await client.save(told.id, revision, { title: told.titles.at(-1)! });
      if ((await client.publish(told.id, revision)) === 303) told.published = version;
    }
  }
}

/** Kills at a named point, or something at some moment, and the portal in the end. @returns where it was killed */
async function killOnce(place: StopPoint | Victim): Promise<StopPoint | Victim> {
  const point = isPoint(place) ? place : undefined;
  const worker = place === 'a worker' ? await startWorker() : undefined;
  const hold = point && (await holdAt(pool, point));
  const work = clients.map((client) => workUntilKilled(client, point).catch(() => {}));
  const reached = hold ? await hold.reached(60_000) : false;
  if (!reached) await sleep(100 + random() * 1500);
  if (worker) {
    worker.signal('SIGKILL', 'group');
    await worker.ended;
    // Those who work don't notice it.
    await Promise.all(work);
  }
  if (place === 'the database') {
    const pid = (await databasePid(dataDir))!;
    process.kill(pid, 'SIGKILL');
    await Promise.all(work);
    await expect
      .poll(() => fetch(`${portal.url}/readyz`).then(({ status }) => status), {
        timeout: 60_000,
        interval: 50,
      })
      .toBe(200);
    expect(await databasePid(dataDir)).not.toBe(pid);
  }
  portal.signal('SIGKILL', 'group');
  await portal.ended;
  await hold?.letGo();
  await Promise.all(work);
  return reached || !point ? place : 'the portal';
}

/** A process that only works, beside the portal, once it holds a connection. */
async function startWorker(): Promise<Run> {
  const others = await connections();
  const run = runEntry(['scripts/start.mjs', '--worker-only'], { DATA_DIR: dataDir });
  await expect.poll(connections, { timeout: 60_000, interval: 50 }).toBeGreaterThan(others + 1);
  return run;
}

const connections = () =>
  numberOf(
    `pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'commonshelf command%'`,
  );

/** Until whatever the killed portal had under way in the database has ended, one way or the other. */
async function untilAlone(): Promise<void> {
  await expect
    .poll(
      async () => {
        const { rows } = await pool.query<{ n: number }>(
          `SELECT count(*)::int AS n FROM pg_stat_activity
           WHERE datname = current_database() AND application_name LIKE 'commonshelf%'`,
        );
        return rows[0]?.n;
      },
      { timeout: 10_000, interval: 20 },
    )
    .toBe(0);
}

async function hashOnDisk(content: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(files.path(content)), hash);
  return hash.digest('hex');
}

/** Every acknowledged change is there, and nothing is there by halves. */
async function checkEverything(): Promise<string[]> {
  const wrong: string[] = [];
  const { rows: resources } = await pool.query<{
    id: string;
    state: string;
    titles: string[];
    current: number | null;
    contents: string[];
    audited: number;
    wishes: number;
  }>(
    `SELECT r.id, r.state, (SELECT number FROM version WHERE id = r.current_version_id) AS current,
       ARRAY(SELECT v.title FROM version v WHERE v.resource_id = r.id AND v.number IS NOT NULL ORDER BY v.number) AS titles,
       ARRAY(SELECT f.sha256 FROM file f WHERE f.resource_id = r.id) AS contents,
       (SELECT count(*)::int FROM audit_event a WHERE a.object_id = r.id::text AND a.action = 'resource.published') AS audited,
       (SELECT count(*)::int FROM draft_alignment d JOIN version v ON v.id = d.version_id WHERE v.resource_id = r.id AND v.number IS NOT NULL) AS wishes
     FROM resource r`,
  );
  const byId = new Map(resources.map((row) => [row.id, row]));
  for (const told of history) {
    const kept = byId.get(told.id);
    if (!kept) {
      wrong.push(`${told.id} is gone`);
      continue;
    }
    for (const upload of told.uploads)
      if (upload.acked && !kept.contents.includes(upload.sha256)) wrong.push(`${told.id} lost a file`);
    if (kept.titles.length < told.published || kept.titles.length > told.titles.length)
      wrong.push(`${told.id} has ${kept.titles.length} versions of ${told.published} that were acknowledged`);
    for (const [index, title] of kept.titles.entries())
      if (title !== told.titles[index]) wrong.push(`${told.id} has another title in version ${index + 1}`);
  }
  for (const { id, state, titles, current, audited, wishes } of resources) {
    const published = titles.length > 0;
    if ((state === 'published') !== published || current !== (published ? titles.length : null))
      wrong.push(`${id} is ${state} with ${titles.length} versions, at number ${current}`);
    if (audited !== titles.length) wrong.push(`${id}: ${titles.length} versions, ${audited} written down`);
    if (wishes > 0) wrong.push(`${id}: claims of a draft were left in a version`);
  }
  const { rows: blobs } = await pool.query<{ sha256: string; size: number }>('SELECT sha256, size FROM blob');
  for (const blob of blobs) {
    if ((await files.size(blob.sha256)) !== Number(blob.size)) wrong.push(`${blob.sha256} has no content`);
    else if ((await hashOnDisk(blob.sha256)) !== blob.sha256)
      wrong.push(`${blob.sha256} holds something else`);
  }
  return wrong;
}

const numberOf = async (sql: string): Promise<number> =>
  Number((await pool.query<{ n: string }>(`SELECT count(*) AS n FROM ${sql}`)).rows[0]?.n);

/** Waits as long as there are fewer every other minute: many kills leave many documents to read. */
async function untilNone(sql: string): Promise<void> {
  let before = Infinity;
  for (;;) {
    const left = await numberOf(sql);
    if (left === 0) return;
    expect(left, 'it is stuck').toBeLessThan(before);
    before = left;
    await vi
      .waitUntil(async () => (await numberOf(sql)) === 0, { timeout: 120_000, interval: 200 })
      .catch(() => {});
  }
}

test(`a portal that is killed ${rounds} times loses nothing that it acknowledged and keeps nothing by halves`, async () => {
  process.stdout.write(`\nKILL_SEED=${seed}\n`);
  const named = Array.from({ length: rounds }, (_, round) => places[(round + seed) % places.length]!);
  for (const [round, place] of named.entries()) {
    const killedAt = await killOnce(place);
    kills[killedAt] = (kills[killedAt] ?? 0) + 1;
    await untilAlone();
    expect(await checkEverything(), `seed ${seed}, round ${round + 1}, killed: ${killedAt}`).toEqual([]);
    portal = await startPortal(dataDir);
    for (const client of clients) client.url = portal.url;
  }
  // Each named point was met at least once.
  expect(Object.keys(kills)).toEqual(expect.arrayContaining(named));
});

test('afterwards no job is stuck, nothing waits for the index, and the index equals the database', async () => {
  await expect.poll(() => numberOf('search_dirty'), { timeout: 60_000, interval: 100 }).toBe(0);
  // What failed while the database was killed is tried again after a pause, the longer the oftener it was killed before:
  // nobody waits for that here, as if somebody pressed "Try again".
  await pool.query(
    `UPDATE graphile_worker._private_jobs j SET run_at = now() FROM graphile_worker._private_tasks t
     WHERE t.id = j.task_id AND t.identifier = 'process-blob' AND j.locked_at IS NULL AND j.run_at > now()`,
  );
  await untilNone(
    `graphile_worker.jobs WHERE task_identifier = 'process-blob' OR locked_at IS NOT NULL OR attempts >= max_attempts`,
  );
  const { rows: unread } = await pool.query(
    `SELECT kind, size, text_state, preview_state, process_error FROM blob
     WHERE text_state = 'pending' OR preview_state = 'pending' OR process_error IS NOT NULL`,
  );
  expect(unread).toEqual([]);
  await expect.poll(() => numberOf('search_dirty'), { timeout: 60_000, interval: 100 }).toBe(0);
  expect(await reconcile(pool)).toEqual([]);
  const { rows: previews } = await pool.query<{ sha256: string; name: string }>(
    'SELECT sha256, name FROM blob_preview',
  );
  for (const { sha256: content, name } of previews) {
    const picture = await files.openDerived(content, name);
    expect(picture?.size, `${name} of ${content}`).toBeGreaterThan(0);
    picture?.stream.destroy();
  }
});

test('orphans are all that is left over, and the collector takes them away once they are old', async () => {
  const contentsOnDisk = async () => {
    const found: string[] = [];
    for await (const { sha256: content } of files.list()) found.push(content);
    return found.toSorted();
  };
  const tomorrow = { now: () => new Date(Date.now() + 25 * 3600 * 1000) };
  const before = (await contentsOnDisk()).length;
  const left = await readdir(join(dataDir, 'files/tmp'));
  const removed = await collectOrphans({
    pool,
    files,
    log: createLogger({ logLevel: 'silent' }),
    clock: tomorrow,
  });
  const { rows } = await pool.query<{ sha256: string }>('SELECT DISTINCT sha256 FROM file ORDER BY sha256');
  const referred = rows.map((row) => row.sha256).toSorted();
  expect(await contentsOnDisk()).toEqual(referred);
  expect(removed).toBe(before - referred.length);
  expect(await numberOf('blob')).toBe(referred.length);
  // At each kill one upload of each teacher was under way, and the pages of one document: each leaves two things at most.
  expect(removed + left.length).toBeLessThanOrEqual(rounds * (clients.length + 1) * 2);
  const longAgo = new Date(Date.now() - 2 * 3600 * 1000);
  for (const name of left) await utimes(join(dataDir, 'files/tmp', name), longAgo, longAgo);
  await files.emptyStaleTemp();
  expect(await readdir(join(dataDir, 'files/tmp'))).toEqual([]);
  process.stdout.write(
    `\nKilled ${rounds} times (${Object.keys(kills).length} different points): ${history.length} resources, ` +
      `${history.flatMap((told) => told.uploads).filter(({ acked }) => acked).length} files and ` +
      `${history.reduce((sum, told) => sum + told.published, 0)} publications acknowledged, all there; ` +
      `${removed} orphans and ${left.length} temporary files collected.\n`,
  );
});

test('every acknowledged file can be downloaded as it was sent, by whoever was signed in before the first kill', async () => {
  const { rows } = await pool.query<{ id: string; sha256: string; owner: string }>(
    `SELECT f.id, f.sha256, p.email AS owner FROM file f JOIN resource r ON r.id = f.resource_id JOIN person p ON p.id = r.owner_id`,
  );
  const owners = teachers.map((name) => `${name}@test.example`);
  for (const file of rows) {
    const answer = await clients[owners.indexOf(file.owner)]!.get(`/files/${file.id}/x`);
    expect(answer.status).toBe(200);
    expect(sha256(new Uint8Array(await answer.arrayBuffer()))).toBe(file.sha256);
  }
  expect(rows.length).toBeGreaterThan(0);
});
