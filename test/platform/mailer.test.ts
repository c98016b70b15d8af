import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLogger } from '../../server/platform/logger.ts';
import { createMailer } from '../../server/platform/mailer.ts';
import { mailServer } from '../support/mail-server.ts';

const log = createLogger({ logLevel: 'silent' });
let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'commonshelf-mail-'));
});
afterAll(async () => rm(dataDir, { recursive: true }));

const message = {
  to: 'teacher@north.example',
  subject: 'Your lesson was checked ✓',
  text: 'Hello,\nit stands on the shelf.\n',
};
const settings = { baseUrl: 'https://shelf.example.gov', stateName: 'Northland' };

test('without a mail server a message is a file that its owner can open', async () => {
  const mailer = createMailer({ ...settings, dataDir, smtpUrl: undefined }, log);
  await mailer.send(message);
  await mailer.send(message);
  const names = await readdir(join(dataDir, 'outbox'));
  expect(names).toHaveLength(2);
  const path = join(dataDir, 'outbox', names[0] ?? '');
  expect(path).toMatch(/\.eml$/);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  const text = await readFile(path, 'utf8');
  expect(text).toContain('From: Northland Commonshelf <no-reply@shelf.example.gov>');
  expect(text).toContain('To: teacher@north.example');
  expect(text).toContain('it stands on the shelf.');
});

test('with one it goes there', async () => {
  const server = await mailServer();
  await createMailer({ ...settings, dataDir, smtpUrl: `smtp://127.0.0.1:${server.port}` }, log).send(message);
  server.close();
  expect(server.heard.join('')).toMatch(/RCPT TO:<teacher@north\.example>[^]*it stands on the shelf\./);
});
