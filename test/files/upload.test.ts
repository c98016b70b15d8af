import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import express from 'express';
import supertest from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Config } from '../../server/config.ts';
import { receiveUploads } from '../../server/files/upload.ts';
import { openDiskFileStore } from '../../server/platform/file-store/disk-file-store.ts';
import type { FileStore } from '../../server/platform/file-store/file-store.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { errorHandler } from '../../server/web/error-handler.ts';
import { identifyRequest } from '../../server/web/page-context.ts';

const MAX = 200_000;
let root: string;
let files: FileStore;
let server: Server;
let port: number;
let reached = 0;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'commonshelf-upload-'));
  files = await openDiskFileStore(root);
  const uploads = receiveUploads({ files, config: { maxUploadBytes: MAX, uploadStopPercent: 90 } as Config });
  const app = express();
  app.use(
    identifyRequest({ stateName: 'Test', baseUrl: 'http://localhost', demo: false, smtpUrl: undefined }),
  );
  app.post('/upload', uploads.middleware, async (req, res) => {
    reached++;
    const received = uploads.received(req).map((file) => ({
      name: file.name,
      size: 'staged' in file ? file.staged.size : null,
    }));
    await uploads.discard(req);
    res.json({ received, body: req.body as unknown });
  });
  app.use(errorHandler({ log: createLogger({ logLevel: 'silent' }) }));
  server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(root, { recursive: true, force: true });
});

const temp = () => readdir(join(root, 'tmp'));
const openFiles = async () => (await readdir('/proc/self/fd').catch(() => [])).length;
const upload = () => supertest(server).post('/upload');

describe('an upload form', () => {
  test('brings several files and fields, names in any script', async () => {
    const response = await upload()
      .field('title', 'Matemáticas')
      .attach('files', Buffer.from('one'), 'matemáticas 🦋.txt')
      .attach('files', Buffer.from('three'), { filename: '../../etc/passwd', contentType: 'text/html' })
      .expect(200);
    const { received, body } = response.body as { received: unknown; body: object };
    expect(received).toMatchObject([{ name: 'matemáticas 🦋.txt', size: 3 }, { size: 5 }]);
    expect(body).toMatchObject({ title: 'Matemáticas' });
    expect(await temp()).toEqual([]);
  });

  test('with one file that is too large still brings the others', async () => {
    const response = await upload()
      .attach('files', Buffer.from('first'), 'first.txt')
      .attach('files', Buffer.alloc(MAX + 1), 'huge.bin')
      .attach('files', Buffer.alloc(MAX), 'largest.bin')
      .field('title', 'after the files')
      .expect(200);
    expect(response.body).toMatchObject({
      received: [
        { name: 'first.txt', size: 5 },
        { name: 'huge.bin', size: null },
        { name: 'largest.bin', size: MAX },
      ],
      body: { title: 'after the files' },
    });
    expect(await temp()).toEqual([]);
  });

  test('in which no file was chosen has none', async () => {
    const response = await upload().attach('files', Buffer.alloc(0), '').field('a', 'b').expect(200);
    expect((response.body as { received: unknown[] }).received).toEqual([]);
    expect(await temp()).toEqual([]);
  });

  test.each([
    ['far too large a file', () => upload().attach('files', Buffer.alloc(MAX * 4), 'a.bin'), 413],
    ['a file in a field that takes none', () => upload().attach('other', Buffer.from('x'), 'a.txt'), 400],
    ['a field that is too long', () => upload().field('a', 'x'.repeat(70_000)), 400],
    ['a field name that is too long', () => upload().field('n'.repeat(200), 'x'), 400],
    ['a nested field name', () => upload().field('a[b]', 'x'), 400],
    ['an array index', () => upload().field('items[4294967294]', 'x'), 400],
    ['too many fields', () => many((form, i) => form.field(`f${i}`, 'x')), 400],
    ['too many files', () => many((form, i) => form.attach('files', Buffer.from('x'), `${i}.txt`), 70), 413],
    [
      'a body that breaks off',
      () =>
        upload()
          .set('Content-Type', 'multipart/form-data; boundary=b')
          .send('--b\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\nhalf'),
      400,
    ],
    ['no boundary', () => upload().set('Content-Type', 'multipart/form-data').send('x'), 400],
  ] as const)('with %s is refused and leaves nothing', async (_, send, status) => {
    const before = reached;
    const response = await send();
    expect(response.status).toBe(status);
    expect(reached).toBe(before);
    await expect.poll(temp).toEqual([]);
  });

  test('is refused while the disk is nearly full, before a byte of it is read', async () => {
    const freeSpace = files.freeSpace.bind(files);
    files.freeSpace = async () => ({ free: 100 * 1024 * 1024, total: 1024 ** 4 });
    await upload().attach('files', Buffer.from('x'), 'a.txt').expect(507);
    files.freeSpace = freeSpace;
    expect(await temp()).toEqual([]);
  });

  function many(add: (form: supertest.Test, i: number) => supertest.Test, count = 500): supertest.Test {
    let form = upload();
    for (let i = 0; i < count; i++) form = add(form, i);
    return form;
  }
});

describe('uploads that people break off', { timeout: 120_000 }, () => {
  const HEAD =
    'POST /upload HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 150000\r\n\r\n' +
    '--b\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n';

  async function breakOff(after: number): Promise<void> {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    await new Promise<void>((resolve) => socket.once('connect', resolve));
    socket.write(HEAD);
    socket.write(Buffer.alloc(after, 'x'));
    await sleep(Math.random() * 15);
    socket.destroy();
  }

  test('three hundred of them leave no file, no open file and the server well', async () => {
    await breakOff(10);
    await sleep(200);
    const before = await openFiles();
    for (let round = 0; round < 15; round++) {
      await Promise.all(Array.from({ length: 20 }, (_, i) => breakOff(i * 7000)));
    }
    await expect.poll(temp, { timeout: 20_000 }).toEqual([]);
    await expect.poll(openFiles, { timeout: 20_000 }).toBeLessThan(before + 5);
    await upload().attach('files', Buffer.from('fine'), 'fine.txt').expect(200);
  });
});
