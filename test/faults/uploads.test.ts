import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, statfsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { get } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { load } from 'cheerio';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openDiskFileStore } from '../../server/platform/file-store/disk-file-store.ts';
import { catalogId, seedCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { runEntry, startPortal, temporaryDataDir, type Portal } from '../support/portal.ts';
import { PortalClient, sha256, type Upload } from '../support/portal-client.ts';
import { factsOf, showsProcesses } from '../support/process-facts.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

const MEGABYTE = 1024 * 1024;
const patiently = { timeout: 30_000, interval: 50 };
const database = await testDatabase();
const { pool } = database;
let dataDir: string;
let remove: () => Promise<void>;
let portal: Portal;
let nora: PortalClient;
/** A disk for the files alone, whose size the test changes; or why there is none. */
let noDisk: string | undefined;

beforeAll(async () => {
  expect(await runEntry(['scripts/build.mjs'], {}).ended).toBe(0);
  await seedCatalog(pool);
  ({ dataDir, remove } = await temporaryDataDir());
  mkdirSync(join(dataDir, 'files'));
  noDisk = mountDisk();
  portal = await startPortal(dataDir, { DATABASE_URL: database.url });
  nora = await PortalClient.signIn(portal.url, pool, 'nora@test.example');
});
afterAll(async () => {
  portal?.signal('SIGTERM');
  await portal?.ended;
  if (dataDir && noDisk === undefined) execFileSync('umount', ['-l', join(dataDir, 'files')]);
  await remove?.();
});

function mountDisk(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return 'needs root on Linux, to make a small disk';
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1g', 'tmpfs', join(dataDir, 'files')]);
  return mounted.status === 0 ? undefined : 'needs the right to mount, which a plain container has not';
}

const numberOf = async (sql: string, values: unknown[] = []): Promise<number> =>
  (await pool.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${sql}`, values)).rows[0]!.n;
const temp = () => readdir(join(dataDir, 'files/tmp'));
/** Jobs draw pages in folders beside the uploads; these come and go. */
const untilNothingIsLeft = () => expect.poll(temp, patiently).toEqual([]);

/** Reads a page over a connection that is closed behind it. */
const readOnce = (url: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const request = get(url, { agent: false }, (response) => response.resume().once('end', resolve));
    request.once('error', reject);
  });

/** The beginning of an upload, of which the rest is still to come: `send` the file, `finish` the form. */
function beginUpload(id: string, bytes: number) {
  const { hostname, port, host } = new URL(nora.url);
  const head = '--b\r\nContent-Disposition: form-data; name="files"; filename="slow.txt"\r\n\r\n';
  const tail = '\r\n--b--\r\n';
  const socket: Socket = connect(Number(port), hostname);
  let said = '';
  socket.on('error', () => {});
  socket.on('data', (chunk) => (said += chunk.toString()));
  const ended = new Promise<string>((resolve) => socket.on('close', () => resolve(said)));
  socket.write(
    `POST /resources/${id}/draft/files HTTP/1.1\r\nHost: ${host}\r\nOrigin: http://${host}\r\nCookie: ${nora.cookie}\r\n` +
      'Accept: application/json\r\nConnection: close\r\nContent-Type: multipart/form-data; boundary=b\r\n' +
      `Content-Length: ${head.length + bytes + tail.length}\r\n\r\n${head}`,
  );
  return {
    send: (number: number) => void socket.write(Buffer.alloc(number, 'words ')),
    finish: () => void socket.write(tail),
    breakOff: () => void socket.destroy(),
    ended,
  };
}

describe('an upload', () => {
  test.skipIf(!showsProcesses)(
    'that is broken off four hundred times leaves no file, no row, no open file and no memory',
    async () => {
      const id = await nora.begin();
      const breakOff = async (after: number) => {
        const upload = beginUpload(id, MEGABYTE);
        upload.send(after);
        await sleep(5 + Math.random() * 40);
        upload.breakOff();
        await upload.ended;
      };
      const many = async (times: number) => {
        for (let round = 0; round < times / 10; round += 1)
          await Promise.all(Array.from({ length: 10 }, (_, index) => breakOff(index * 60_000)));
        await untilNothingIsLeft();
      };
      await many(100);
      // As many connections to the database as the portal ever opens: they are no files that an upload left.
      await Promise.all(Array.from({ length: 60 }, () => readOnce(`${portal.url}/search?q=rope`)));
      const before = await factsOf(portal.pid);
      await many(300);
      await expect
        .poll(async () => (await factsOf(portal.pid)).openFiles, patiently)
        .toBeLessThan(before.openFiles + 10);
      // Some eighty megabytes arrived in between.
      expect((await factsOf(portal.pid)).memory - before.memory).toBeLessThan(60 * MEGABYTE);
      expect(await numberOf('file WHERE resource_id = $1', [id])).toBe(0);
      const fine = await nora.upload(id, { name: 'fine.txt', bytes: Buffer.from('Fine') });
      expect(fine.status).toBe(201);
    },
  );

  test('of the same file twenty times at once keeps its content once', async () => {
    const bytes = Buffer.from('The same for everybody. '.repeat(5000));
    const ids = await Promise.all(Array.from({ length: 20 }, () => nora.begin()));
    const answers = await Promise.all(
      ids.map((id, index) => nora.upload(id, { name: `copy ${index}.txt`, bytes })),
    );
    expect(answers.map(({ status }) => status)).toEqual(ids.map(() => 201));
    expect(await numberOf('file WHERE sha256 = $1', [sha256(bytes)])).toBe(20);
    expect(await numberOf('blob WHERE sha256 = $1', [sha256(bytes)])).toBe(1);
    const store = await openDiskFileStore(join(dataDir, 'files'));
    expect(await store.size(sha256(bytes))).toBe(bytes.length);
    await expect
      .poll(() => numberOf(`blob WHERE sha256 = $1 AND text_state = 'done'`, [sha256(bytes)]), patiently)
      .toBe(1);
    await untilNothingIsLeft();
  });
});

describe('a button that is pressed many times at once', () => {
  test('publishes once, and every press lands on the page', async () => {
    const id = await nora.begin([{ name: 'once.txt', bytes: Buffer.from('Only once') }]);
    const revision = await nora.save(id, await nora.openForm(id), { title: 'Pressed often' });
    const presses = await Promise.all(Array.from({ length: 5 }, () => nora.publish(id, revision)));
    expect(presses).toEqual([303, 303, 303, 303, 303]);
    expect(await numberOf('version WHERE resource_id = $1', [id])).toBe(1);
    expect(await numberOf(`audit_event WHERE object_id = $1 AND action = 'resource.published'`, [id])).toBe(
      1,
    );
  });

  test('by forty people, twice each, makes forty resources', async () => {
    const keys = Array.from({ length: 40 }, () => crypto.randomUUID());
    const answers = await Promise.all(
      keys.flatMap((key, person) =>
        [0, 1].map(() =>
          nora.send('/resources/new', new URLSearchParams({ key, title: `Of person ${person}` })),
        ),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 303));
    expect(new Set(answers.map((answer) => answer.headers.get('location'))).size).toBe(40);
  });
});

/** Refused in words, on a page and to a script; nothing is left of it, and reading goes on. */
async function refusesForWantOfRoom(id: string, file: Upload): Promise<void> {
  const form = new FormData();
  form.append('files', new Blob([new Uint8Array(file.bytes)]), file.name);
  const page = await nora.send(`/resources/${id}/edit`, form);
  expect(page.status).toBe(507);
  const main = load(await page.text())('main').text();
  expect(main).toContain('There is no room for more files right now.');
  expect(main).toContain(page.headers.get('x-request-id'));
  const answer = await nora.upload(id, file);
  expect(answer.status).toBe(507);
  await nothingIsKept(id, file);
  await readingGoesOn();
}

async function nothingIsKept(id: string, file: Upload): Promise<void> {
  await untilNothingIsLeft();
  expect(await numberOf('file WHERE resource_id = $1', [id])).toBe(0);
  expect(await numberOf('blob WHERE sha256 = $1', [sha256(file.bytes)])).toBe(0);
}

async function readingGoesOn(): Promise<void> {
  for (const path of [`/resources/${catalogId('resource', 'tug-of-war')}`, '/search?q=rope', '/shelf'])
    expect((await nora.get(path)).status, path).toBe(200);
}

const large = { name: 'large.txt', bytes: Buffer.alloc(8 * MEGABYTE, 'words ') };
let small = 0;
const smallFile = () => ({ name: 'small.txt', bytes: Buffer.from(`A few words, number ${(small += 1)}`) });

describe('while there is no room', () => {
  const limit = (size: string) => spawnSync('prlimit', ['--pid', String(portal.pid), `--fsize=${size}:`]);
  const canLimit = spawnSync('prlimit', ['--version']).status === 0;

  test.skipIf(!canLimit)(
    'for a file of that size, as a quota has it, uploads are refused in words',
    async () => {
      const id = await nora.begin();
      expect(limit(String(2 * MEGABYTE)).status).toBe(0);
      try {
        await refusesForWantOfRoom(id, large);
        expect((await nora.upload(id, smallFile())).status).toBe(201);
      } finally {
        expect(limit('unlimited').status).toBe(0);
      }
      // As soon as there is room again it goes on, without a restart.
      expect((await nora.upload(id, large)).status).toBe(201);
    },
  );

  const resize = (size: string) =>
    execFileSync('mount', ['-o', `remount,size=${size}`, join(dataDir, 'files')]);

  test('on a disk that fills up during an upload, that is refused in words', async ({ skip }) => {
    skip(noDisk !== undefined, noDisk);
    const id = await nora.begin();
    const upload = beginUpload(id, large.bytes.length + MEGABYTE);
    upload.send(MEGABYTE);
    await expect
      .poll(async () => {
        const [name] = await temp();
        return name === undefined ? 0 : (await stat(join(dataDir, 'files/tmp', name))).size;
      }, patiently)
      .toBeGreaterThan(MEGABYTE / 2);
    try {
      resize(String(usedBytes() + 2 * MEGABYTE));
      upload.send(large.bytes.length);
      upload.finish();
      const answer = await upload.ended;
      expect(answer).toMatch(/^HTTP\/1\.1 507 /);
      expect(answer).toContain('There is no room for more files right now.');
      await untilNothingIsLeft();
      expect(await numberOf('file WHERE resource_id = $1', [id])).toBe(0);
      await readingGoesOn();
    } finally {
      resize('1g');
    }
  });

  test('on a disk that is nearly full, uploads are refused, and taken again once there is room', async ({
    skip,
  }) => {
    skip(noDisk !== undefined, noDisk);
    const id = await nora.begin();
    try {
      resize('100m');
      await refusesForWantOfRoom(id, smallFile());
    } finally {
      resize('1g');
    }
    expect((await nora.upload(id, smallFile())).status).toBe(201);
  });

  function usedBytes(): number {
    const { blocks, bfree, bsize } = statfsSync(join(dataDir, 'files'));
    return (blocks - bfree) * bsize;
  }
});
