import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { load } from 'cheerio';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createApp } from '../../server/app.ts';
import { openDiskFileStore } from '../../server/platform/file-store/disk-file-store.ts';
import type { FileStore } from '../../server/platform/file-store/file-store.ts';
import { testApp } from '../support/app.ts';
import { catalogId, seedCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { PortalClient, sha256 } from '../support/portal-client.ts';

vi.setConfig({ testTimeout: 120_000 });

const database = await testDatabase();
const { pool } = database;
const { app, deps } = await testApp(database, { LOG_LEVEL: 'silent' });
const filesFolder = join(deps.config.dataDir, 'files');
const servers: Server[] = [];
let nora: PortalClient;

function listen(handler: typeof app): string {
  const server = createServer(handler).listen(0, '127.0.0.1');
  servers.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeAll(async () => {
  await seedCatalog(pool);
  nora = await PortalClient.signIn(listen(app), pool, 'nora@test.example');
});
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

const numberOf = async (sql: string, values: unknown[] = []): Promise<number> =>
  (await pool.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${sql}`, values)).rows[0]!.n;

describe('an upload form', () => {
  test('that is broken off two hundred times leaves no file, no open file, and the portal well', async () => {
    const id = await nora.begin();
    const { hostname, port, host } = new URL(nora.url);
    const openFiles = async () => (await readdir('/proc/self/fd').catch(() => [])).length;
    const breakOff = async (after: number) => {
      const socket = connect(Number(port), hostname);
      socket.on('error', () => {});
      socket.write(
        `POST /resources/${id}/draft/files HTTP/1.1\r\nHost: ${host}\r\nOrigin: http://${host}\r\nCookie: ${nora.cookie}\r\n` +
          'Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 500000\r\n\r\n' +
          '--b\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n',
      );
      socket.write(Buffer.alloc(after, 'x'));
      await sleep(5 + Math.random() * 40);
      socket.destroy();
    };
    await breakOff(10);
    await sleep(300);
    const before = await openFiles();
    for (let round = 0; round < 20; round += 1)
      await Promise.all(Array.from({ length: 10 }, (_, index) => breakOff(index * 20_000)));
    await expect.poll(() => readdir(join(filesFolder, 'tmp')), { timeout: 20_000 }).toEqual([]);
    await expect.poll(openFiles, { timeout: 20_000 }).toBeLessThan(before + 6);
    expect(await numberOf('file WHERE resource_id = $1', [id])).toBe(0);
    const answer = await nora.upload(id, { name: 'fine.txt', bytes: Buffer.from('Fine') });
    expect(answer.status).toBe(201);
  });

  test('brings the same file twenty times at once, and its content is kept once', async () => {
    const bytes = Buffer.from('The same for everybody. '.repeat(5000));
    const ids = await Promise.all(Array.from({ length: 20 }, () => nora.begin()));
    const answers = await Promise.all(
      ids.map((id, index) => nora.upload(id, { name: `copy ${index}.txt`, bytes })),
    );
    expect(answers.map(({ status }) => status)).toEqual(ids.map(() => 201));
    expect(await numberOf('file WHERE sha256 = $1', [sha256(bytes)])).toBe(20);
    expect(await numberOf('blob WHERE sha256 = $1', [sha256(bytes)])).toBe(1);
    expect(await numberOf('graphile_worker.jobs WHERE key = $1', [`process-blob:${sha256(bytes)}`])).toBe(1);
    expect(await readdir(join(filesFolder, 'tmp'))).toEqual([]);
    expect(await deps.files.size(sha256(bytes))).toBe(bytes.length);
  });
});

describe('a button that is pressed twice', () => {
  test('publishes once, and both presses land on the page', async () => {
    const id = await nora.begin([{ name: 'once.txt', bytes: Buffer.from('Only once') }]);
    const revision = await nora.save(id, await nora.openForm(id), { title: 'Pressed twice' });
    const presses = await Promise.all(Array.from({ length: 5 }, () => nora.publish(id, revision)));
    expect(presses).toEqual([303, 303, 303, 303, 303]);
    expect(await numberOf('version WHERE resource_id = $1', [id])).toBe(1);
    expect(await numberOf(`audit_event WHERE object_id = $1 AND action = 'resource.published'`, [id])).toBe(
      1,
    );
  });

  test('by forty people at once keeps nobody waiting for the others', async () => {
    const started = Date.now();
    const keys = Array.from({ length: 40 }, () => crypto.randomUUID());
    const answers = await Promise.all(
      keys.flatMap((key) => [0, 1].map(() => nora.send('/resources/new', new URLSearchParams({ key })))),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 303));
    expect(new Set(answers.map((answer) => answer.headers.get('location'))).size).toBe(40);
    expect(Date.now() - started).toBeLessThan(9000);
  });
});

const isRoot = process.getuid?.() === 0;
/** A disk of a few megabytes of its own, or why there is none. */
function smallDisk(): { path: string; unmount: () => void } | undefined {
  if (!isRoot) return undefined;
  const path = mkdtempSync(join(tmpdir(), 'commonshelf-small-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  return { path, unmount: () => void execFileSync('umount', ['-l', path]) };
}
const disk = smallDisk();

describe.skipIf(disk === undefined)('on a disk that is full (needs root, to make a small one)', () => {
  let store: FileStore;
  let teacher: PortalClient;
  beforeAll(async () => {
    store = await openDiskFileStore(join(disk!.path, 'files'));
    teacher = await PortalClient.signIn(
      listen(createApp({ ...deps, files: withRoom(store) })),
      pool,
      'hugo@test.example',
    );
  });
  afterAll(async () => {
    disk!.unmount();
    await rm(disk!.path, { recursive: true, force: true });
  });

  /** The portal refuses while little room is left; here it must find out by itself that there is none. */
  const withRoom = (real: FileStore): FileStore =>
    new Proxy(real, {
      get(target, name) {
        if (name === 'freeSpace') return async () => ({ free: 2 ** 40, total: 2 ** 41 });
        const value = Reflect.get(target, name) as unknown;
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  const temp = () => readdir(join(disk!.path, 'files/tmp'));
  const large = { name: 'large.txt', bytes: Buffer.alloc(8 * 1024 * 1024, 'words ') };
  const small = { name: 'small.txt', bytes: Buffer.from('A few words') };

  test('an upload is refused in words, leaves nothing, and reading goes on', async () => {
    const id = await teacher.begin();
    const form = new FormData();
    form.append('files', new Blob([large.bytes]), large.name);
    const refused = await teacher.send(`/resources/${id}/edit`, form);
    expect(refused.status).toBe(507);
    expect(load(await refused.text())('main').text()).toContain('There is no room for more files right now.');
    expect((await teacher.upload(id, large)).status).toBe(507);
    expect(await temp()).toEqual([]);
    expect((await teacher.get(`/resources/${catalogId('resource', 'tug-of-war')}`)).status).toBe(200);
    expect((await teacher.get('/search?q=rope')).status).toBe(200);
    expect(await numberOf('file WHERE resource_id = $1', [id])).toBe(0);

    // As soon as there is room again it goes on, without a restart.
    expect((await teacher.upload(id, small)).status).toBe(201);
    expect(await temp()).toEqual([]);
  });

  test('uploads are refused before they arrive while the portal sees that little room is left', async () => {
    const careful = await PortalClient.signIn(
      listen(createApp({ ...deps, files: store })),
      pool,
      'sara@test.example',
    );
    const id = await careful.begin().catch(() => undefined);
    expect(id).toBeUndefined();
    const answer = await careful.send('/resources/new', new URLSearchParams({}));
    expect(answer.status).toBe(303);
    const draft = /[0-9a-f-]{36}/.exec(answer.headers.get('location') ?? '')?.[0] ?? '';
    const refused = await careful.upload(draft, small);
    expect(refused.status).toBe(507);
    expect(((await refused.json()) as { title: string }).title).toContain('no room for more files');
  });
});
