import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { seedCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { runEntry, startPortal, temporaryDataDir, type Portal } from '../support/portal.ts';
import { PortalClient } from '../support/portal-client.ts';
import { factsOf, showsProcesses } from '../support/process-facts.ts';
import { rawZip } from '../support/raw-zip.ts';
import { minimalDocx, samplePdf } from '../support/sample-files.ts';
import { sharedData } from '../support/shared-data.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 180_000 });

const MEGABYTE = 1024 * 1024;
const database = await testDatabase();
const { pool } = database;
let dataDir: string;
let remove: () => Promise<void>;
let portal: Portal;
let nora: PortalClient;
let memoryBefore = 0;

beforeAll(async () => {
  expect(await runEntry(['scripts/build.mjs'], {}).ended).toBe(0);
  await seedCatalog(pool, []);
  ({ dataDir, remove } = await temporaryDataDir());
  portal = await startPortal(dataDir, { DATABASE_URL: database.url });
  nora = await PortalClient.signIn(portal.url, pool, 'nora@test.example');
  // What any upload takes is loaded already when the memory is looked at first.
  const id = await nora.begin([{ name: 'good.pdf', bytes: await samplePdf(['A good one']) }]);
  expect(await nora.openForm(id)).toBeGreaterThan(0);
  await untilAllIsRead();
  if (showsProcesses) memoryBefore = (await factsOf(portal.pid)).mostMemory;
});
afterAll(async () => {
  portal?.signal('SIGTERM');
  await portal?.ended;
  await remove?.();
});

/** Sends a file as the share form does. @returns why it was refused, in words; or the name and state of what was kept */
async function send(
  name: string,
  bytes: Buffer,
): Promise<{ refused: string } | { kept: string; id: string }> {
  const id = await nora.begin();
  const answer = await nora.upload(id, { name, bytes });
  const { rows } = await pool.query<{ id: string; name: string }>(
    'SELECT id, name FROM file WHERE resource_id = $1',
    [id],
  );
  if (answer.status === 201) {
    expect(rows).toHaveLength(1);
    return { kept: rows[0]!.name, id: rows[0]!.id };
  }
  expect(answer.status).toBe(422);
  expect(rows).toEqual([]);
  return { refused: ((await answer.json()) as { message: string }).message };
}

/** Whole sentences for a teacher, with the name of the file and nothing of a program's talk. */
const inWords = /^(?=.*“.+”)[“A-Z][^\n{}]+[.]$/u;

async function untilAllIsRead(): Promise<void> {
  await vi.waitUntil(
    async () => {
      const { rows } = await pool.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM blob WHERE text_state = 'pending' OR preview_state = 'pending'`,
      );
      return rows[0]?.n === 0;
    },
    { timeout: 200_000, interval: 100 },
  );
  await vi.waitFor(async () => expect(await readdir(join(dataDir, 'files/tmp'))).toEqual([]), {
    timeout: 20_000,
    interval: 50,
  });
}

/** The process is the same and well, nothing it started is left, and it never took much memory. */
async function portalIsWell(): Promise<void> {
  await untilAllIsRead();
  expect((await nora.get('/readyz')).status).toBe(200);
  expect((await nora.get('/shelf')).status).toBe(200);
  if (!showsProcesses) return;
  await expect
    .poll(async () => (await factsOf(portal.pid)).children, { timeout: 20_000, interval: 50 })
    .toEqual([]);
  expect((await factsOf(portal.pid)).mostMemory - memoryBefore).toBeLessThan(200 * MEGABYTE);
}

const words = Buffer.from('Only words');
const laughs = `<!DOCTYPE w:document [<!ENTITY a "ha">${Array.from(
  { length: 12 },
  (_, n) => `<!ENTITY ${'abcdefghijklm'[n + 1]!} "${`&${'abcdefghijklm'[n]!};`.repeat(10)}">`,
).join('')}]>`;

describe('files that the test makes itself', () => {
  test.each<[string, string, () => Buffer | Promise<Buffer>, RegExp]>([
    [
      'a document that unpacks to a thousand times its size',
      'bomb.docx',
      () => minimalDocx([{ name: 'word/media/zeros.xml', content: Buffer.alloc(64 * MEGABYTE) }]),
      /far more than its size/,
    ],
    [
      'a document that lies about how large it gets',
      'liar.docx',
      () => minimalDocx([{ name: 'a.xml', content: Buffer.alloc(32 * MEGABYTE), claimedSize: 10 }]),
      /far more than its size/,
    ],
    [
      'an archive with names that lead out of it',
      'out.zip',
      () => rawZip([{ name: '../../etc/cron.d/job', content: 'x' }]),
      /names or links inside/,
    ],
    [
      'an archive with a link',
      'link.zip',
      () => rawZip([{ name: 'link', content: '/etc/passwd', mode: 0o120777 }]),
      /names or links inside/,
    ],
    [
      'a locked PDF',
      'locked.pdf',
      () => samplePdf(['x'], { userPassword: 'secret' }),
      /locked with a password/,
    ],
    ['a PDF that is named as a Word file', 'plan.docx', () => samplePdf(['x']), /doesn’t fit/],
    [
      'a program that is named as a PDF',
      'plan.pdf',
      () => Buffer.from('MZ\x90\0\x03\0'.padEnd(600, '\0')),
      /doesn’t fit|program/,
    ],
    [
      'a web page with a script',
      'page.html',
      () => Buffer.from('<script>alert(1)</script>'),
      /web page or a script/,
    ],
    ['a program behind a name that reads backwards', 'plan\u202Efdp.exe', () => words, /is a program/],
    ['an empty file', 'empty.pdf', () => Buffer.alloc(0), /is empty/],
    ['a document that breaks off', 'half.docx', () => minimalDocx().subarray(0, 150), /damaged|doesn’t fit/],
  ])('%s is refused in words', async (_, name, bytes, why) => {
    const outcome = await send(name, await bytes());
    expect(outcome).toMatchObject({ refused: expect.stringMatching(inWords) as string });
    expect(outcome).toMatchObject({ refused: expect.stringMatching(why) as string });
    expect(JSON.stringify(outcome)).not.toContain('\u202E');
  });

  test.each([
    ['a name that leads out of the folder', '../../../etc/passwd.txt', 'passwd.txt'],
    ['a name for another system', 'C:\\Windows\\win.txt', 'win.txt'],
    ['a name of 300 characters', `${'long '.repeat(60)}.txt`, /^long [ong l]{100,195}\.txt$/],
    ['a name that reads backwards', 'plan\u202Efdp.txt', 'planfdp.txt'],
    ['the name of a device', 'CON.txt', '_CON.txt'],
    ['a name of pictures', '🦋🦋.txt', '🦋🦋.txt'],
  ])('%s is made safe, and the file is taken', async (_, name, safe) => {
    const outcome = await send(name, words);
    expect(outcome).toMatchObject({ kept: expect.stringMatching(/^.{1,200}$/u) as string });
    if (!('kept' in outcome)) return;
    if (typeof safe === 'string') expect(outcome.kept).toBe(safe);
    else expect(outcome.kept).toMatch(safe);
    const answer = await nora.get(`/files/${outcome.id}/whatever?download`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="[^"/\\]+"/);
    expect(answer.headers.get('content-security-policy')).toContain('sandbox');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('a document of entities that multiply is refused, or kept without its words', async () => {
    const outcome = await send(
      'laughs.docx',
      rawZip([
        { name: '[Content_Types].xml', content: '<Types/>' },
        {
          name: 'word/document.xml',
          content: `${laughs}<w:document><w:body><w:p><w:r><w:t>&m;</w:t></w:r></w:p></w:body></w:document>`,
        },
      ]),
    );
    if ('refused' in outcome) return expect(outcome.refused).toMatch(inWords);
    await untilAllIsRead();
    const { rows } = await pool.query<{ letters: number }>(
      `SELECT coalesce(sum(length(p.text)), 0)::int AS letters
       FROM file f LEFT JOIN blob_page p ON p.sha256 = f.sha256 WHERE f.id = $1`,
      [outcome.id],
    );
    expect(rows[0]?.letters).toBeLessThan(1000);
  });

  test('have left the portal well', portalIsWell);
});

const hostile = sharedData('documents/hostile');

test.skipIf(!hostile)(
  'the real hostile files are refused in words or can do no harm (needs the shared data)',
  async () => {
    const names = (await readdir(hostile!)).toSorted();
    expect(names.length).toBeGreaterThan(10);
    const kept: string[] = [];
    for (const name of names) {
      const outcome = await send(name, await readFile(join(hostile!, name)));
      if ('refused' in outcome) {
        expect(outcome.refused, name).toMatch(inWords);
        continue;
      }
      kept.push(name);
      const answer = await nora.get(`/files/${outcome.id}/${encodeURIComponent(name)}`);
      expect(answer.status, name).toBe(200);
      expect(answer.headers.get('x-content-type-options'), name).toBe('nosniff');
      // Shown by the browser's own viewer, or saved; never as something that runs here.
      expect(answer.headers.get('content-type'), name).not.toMatch(/html|xml(?!formats)|script/);
    }
    // Pages that are large or odd, and what readers of PDF leave alone: these are documents, and taken.
    expect(kept.filter((name) => !/\.(pdf|docx)$/.test(name))).toEqual([]);
    await portalIsWell();
  },
);
