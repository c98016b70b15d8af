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

test('without a mail server a message is a file that its owner can open, named by whom it is for', async () => {
  const mailer = createMailer({ ...settings, dataDir, smtpUrl: undefined }, log);
  await mailer.send(message);
  await mailer.send(message);
  const names = await readdir(join(dataDir, 'outbox'));
  expect(names).toHaveLength(2);
  const path = join(dataDir, 'outbox', names[0] ?? '');
  expect(path).toMatch(/-teacher@north\.example\.eml$/);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  const text = await readFile(path, 'utf8');
  expect(text).toContain('From: Northland Commonshelf <no-reply@shelf.example.gov>');
  expect(text).toContain('To: teacher@north.example');
  expect(text).toContain('it stands on the shelf.');
});

test('links and other letters stand in the file as they are: nothing wrapped, nothing encoded', async () => {
  const folder = join(dataDir, 'whole');
  const link = `https://shelf.example.gov/invitation?token=${'Abc-_9'.repeat(30)}`;
  const text = `Señora Ünal,\n\naccept here, in a line that is longer than seventy-six characters as mail programs count:\n${link}\n`;
  const heard: string[] = [];
  const listening = createLogger({ logLevel: 'info' }, { write: (line) => void heard.push(line) });
  await createMailer({ ...settings, dataDir: folder, smtpUrl: undefined }, listening).send({
    ...message,
    to: 'Ünal/../sn@north.example',
    text,
  });
  const [name = ''] = await readdir(join(folder, 'outbox'));
  const mail = await readFile(join(folder, 'outbox', name), 'utf8');
  expect(mail.slice(mail.indexOf('\n\n') + 2)).toBe(text);
  expect(mail).toContain('Content-Transfer-Encoding: 8bit');
  // The log says which file it is, but names nobody.
  expect(heard.join('')).toContain(name.slice(0, 33));
  expect(heard.join('')).not.toContain('north.example');
});

test('mails are from whom the settings say', async () => {
  const folder = join(dataDir, 'from');
  const senders = [
    { name: undefined, address: 'shelf@doe.example.gov' },
    { name: 'The Shelf', address: 'shelf@doe.example.gov' },
  ];
  for (const mailFrom of senders)
    await createMailer({ ...settings, mailFrom, dataDir: folder, smtpUrl: undefined }, log).send(message);
  const names = (await readdir(join(folder, 'outbox'))).toSorted();
  const mails = await Promise.all(names.map((name) => readFile(join(folder, 'outbox', name), 'utf8')));
  expect(mails.map((mail) => /^From: (.*)$/m.exec(mail)?.[1])).toEqual([
    'Northland Commonshelf <shelf@doe.example.gov>',
    'The Shelf <shelf@doe.example.gov>',
  ]);
});

test('with one it goes there', async () => {
  const server = await mailServer();
  await createMailer({ ...settings, dataDir, smtpUrl: `smtp://127.0.0.1:${server.port}` }, log).send(message);
  server.close();
  expect(server.heard.join('')).toMatch(/RCPT TO:<teacher@north\.example>[^]*it stands on the shelf\./);
});
