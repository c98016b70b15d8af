import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { closedPath } from '../../../server/platform/closed-path.ts';
import { openDiskFileStore } from '../../../server/platform/file-store/disk-file-store.ts';
import {
  FileMissingError,
  FileTooLargeError,
  type FileStore,
  type StoredEntry,
} from '../../../server/platform/file-store/file-store.ts';

let root: string;
let store: FileStore;
const MB = 1024 * 1024;
const sha256 = (content: Uint8Array | string) => createHash('sha256').update(content).digest('hex');
const temp = () => readdir(join(root, 'tmp'));
const stored = async () => (await allStored()).map((entry) => entry.sha256);

async function allStored(): Promise<StoredEntry[]> {
  const entries: StoredEntry[] = [];
  for await (const entry of store.list()) entries.push(entry);
  return entries;
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'commonshelf-store-'));
  store = await openDiskFileStore(root);
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

describe('receiving a file', () => {
  test('stores it under its hash and gives the same bytes back', async () => {
    const content = randomBytes(3 * MB + 17);
    const received = await store.receive(Readable.from([content]), { maxBytes: 10 * MB });
    expect(received).toEqual({ sha256: sha256(content), size: content.length });
    expect(content.equals(await buffer(await store.open(received.sha256)))).toBe(true);
    expect(await temp()).toEqual([]);
  });

  test('stores the same content once, and renews its date', async () => {
    const first = await store.receive(Readable.from([Buffer.from('same')]), { maxBytes: MB });
    const old = new Date('2020-01-01');
    await utimes(store.path(first.sha256), old, old);
    await store.receive(Readable.from([Buffer.from('same')]), { maxBytes: MB });
    const entries = await allStored();
    expect(entries).toHaveLength(1);
    expect(entries[0]?.receivedAt.getTime()).toBeGreaterThan(Date.now() - 60_000);
    expect(await temp()).toEqual([]);
  });

  test('the same content again takes the place of what was damaged unnoticed; whoever reads goes on', async () => {
    const send = () => store.receive(Readable.from([Buffer.from('12, 13, 15')]), { maxBytes: MB });
    const { sha256: hash } = await send();
    await writeFile(store.path(hash), '12, 73, 15');
    const reading = await store.open(hash);
    await send();
    expect(await store.verify(hash)).toBe('right');
    expect((await buffer(reading)).toString()).toBe('12, 73, 15');
    expect(await temp()).toEqual([]);
  });

  test('twenty at once of the same content are one', async () => {
    const content = randomBytes(MB);
    await Promise.all(
      Array.from({ length: 20 }, () => store.receive(Readable.from([content]), { maxBytes: 2 * MB })),
    );
    expect(await stored()).toEqual([sha256(content)]);
    expect(await temp()).toEqual([]);
  });

  test('too much is refused and leaves nothing', async () => {
    const endless = Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(64 * 1024);
      })(),
    );
    await expect(store.receive(endless, { maxBytes: MB })).rejects.toThrow(FileTooLargeError);
    expect(endless.destroyed).toBe(true);
    expect(await temp()).toEqual([]);
    expect(await stored()).toEqual([]);
  });

  test('exactly the limit is accepted', async () => {
    expect(await store.receive(Readable.from([Buffer.alloc(MB)]), { maxBytes: MB })).toMatchObject({
      size: MB,
    });
  });

  test('an aborted upload leaves nothing', async () => {
    const abort = new AbortController();
    const slow = Readable.from(
      (async function* () {
        for (;;) {
          yield Buffer.alloc(1024);
          await sleep(5);
        }
      })(),
    );
    setTimeout(() => abort.abort(), 40);
    await expect(store.receive(slow, { maxBytes: MB, signal: abort.signal })).rejects.toThrow();
    expect(await temp()).toEqual([]);
  });

  test('a connection that breaks leaves nothing', async () => {
    const broken = Readable.from(
      (async function* () {
        yield Buffer.alloc(1024);
        await sleep(1);
        throw new Error('connection reset');
      })(),
    );
    await expect(store.receive(broken, { maxBytes: MB })).rejects.toThrow('connection reset');
    expect(await temp()).toEqual([]);
  });

  test('a large one does not grow memory', async () => {
    const chunk = randomBytes(MB);
    const large = Readable.from(
      (function* () {
        for (let i = 0; i < 300; i++) yield chunk;
      })(),
    );
    const before = process.memoryUsage().rss;
    const received = await store.receive(large, { maxBytes: 400 * MB });
    expect(received.size).toBe(300 * MB);
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * MB);
  });

  test('killed at any moment, it leaves nothing under a final name that is not whole', async () => {
    for (let round = 0; round < 6; round++) {
      const child = spawn(
        process.execPath,
        [
          '--import',
          import.meta.resolve('tsx'),
          fileURLToPath(new URL('../../support/receive-forever.ts', import.meta.url)),
          root,
        ],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      await once(child.stdout, 'data');
      await sleep(20 * round);
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    const entries = await allStored();
    expect(entries.length).toBeGreaterThan(0);
    for (const entry of entries) {
      expect(sha256(await readFile(store.path(entry.sha256)))).toBe(entry.sha256);
    }
  }, 60_000);
});

describe('staged content', () => {
  test('of a file that is not there, or is a folder, is refused with the reason and leaves nothing', async () => {
    const limit = { maxBytes: 10 };
    await expect(store.stageFile(join(root, 'none.csv'), limit)).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(store.stageFile(root, limit)).rejects.toMatchObject({ code: 'EISDIR' });
    expect(await temp()).toEqual([]);
  });

  test('can be changed before it is kept', async () => {
    const staged = await store.stage(Readable.from([Buffer.from('photo with gps')]), { maxBytes: MB });
    await writeFile(staged.path, 'photo');
    const kept = await store.keep(await store.restage(staged.path));
    expect(kept).toEqual({ sha256: sha256('photo'), size: 5 });
    expect(await stored()).toEqual([sha256('photo')]);
  });

  test('can be thrown away', async () => {
    const staged = await store.stage(Readable.from([Buffer.from('x')]), { maxBytes: MB });
    await store.discard(staged);
    await store.discard(staged);
    expect(await temp()).toEqual([]);
  });

  test('that was left by a crash is emptied at the next start, that of a running upload is not', async () => {
    const dead = await store.stage(Readable.from([Buffer.from('dead')]), { maxBytes: MB });
    const alive = await store.stage(Readable.from([Buffer.from('alive')]), { maxBytes: MB });
    const longAgo = new Date(Date.now() - 2 * 60 * 60 * 1000);
    await utimes(dead.path, longAgo, longAgo);
    await openDiskFileStore(root);
    await expect(stat(dead.path)).rejects.toThrow('ENOENT');
    expect(await readFile(alive.path, 'utf8')).toBe('alive');
  });
});

describe('stored content', () => {
  test('is read by ranges', async () => {
    const { sha256: hash } = await store.receive(Readable.from([Buffer.from('0123456789')]), {
      maxBytes: MB,
    });
    expect((await buffer(await store.open(hash, { start: 2, end: 4 }))).toString()).toBe('234');
    expect(await store.size(hash)).toBe(10);
  });

  test('that is missing is said so', async () => {
    await expect(store.open(sha256('nothing'))).rejects.toThrow(FileMissingError);
    expect(await store.size(sha256('nothing'))).toBeUndefined();
  });

  test('can only be asked for by a hash', () => {
    expect(() => store.path('../../etc/passwd')).toThrow(RangeError);
  });

  test('takes over a file from elsewhere', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'commonshelf-adopt-'));
    const path = join(folder, 'a.txt');
    await writeFile(path, 'adopt me');
    expect(await store.adopt(path)).toEqual({ sha256: sha256('adopt me'), size: 8 });
    expect(await readdir(folder)).toEqual([]);
    await rm(folder, { recursive: true });
  });

  test('is removed with what was derived from it', async () => {
    const { sha256: hash } = await store.receive(Readable.from([Buffer.from('page')]), { maxBytes: MB });
    expect(await store.putDerived(hash, 'page-1-w320.webp', Readable.from([Buffer.from('image')]))).toBe(5);
    const derived = await store.openDerived(hash, 'page-1-w320.webp');
    expect(derived?.size).toBe(5);
    expect((await buffer(derived!.stream)).toString()).toBe('image');
    await store.remove(hash);
    expect(await store.openDerived(hash, 'page-1-w320.webp')).toBeUndefined();
    expect(await store.size(hash)).toBeUndefined();
    await store.remove(hash);
  });

  test('derived names cannot leave their folder', async () => {
    await expect(store.openDerived(sha256('x'), '../x')).rejects.toThrow(RangeError);
  });

  test('the room left on the disk is known', async () => {
    const { free, total } = await store.freeSpace();
    expect(free).toBeGreaterThan(0);
    expect(total).toBeGreaterThan(free);
  });
});

describe('a folder that the account may not use', () => {
  const refused = (code: string) => Object.assign(new Error(code), { code, path: '/srv/files/tmp' });

  test('is told by its path, with the account and what to do', () => {
    expect(closedPath(refused('EACCES'))).toMatch(
      /^\/srv\/files\/tmp can't be used: the account .+ has no right to it \(EACCES\)\. Give it to that account/,
    );
    expect(closedPath(refused('EROFS'))).toContain('its disk can only be read (EROFS). Mount it');
  });

  test('is not what every error is', () => {
    expect(closedPath(refused('EIO'))).toBeUndefined();
    expect(closedPath(new Error('EACCES'))).toBeUndefined();
    expect(closedPath('EACCES')).toBeUndefined();
  });
});
