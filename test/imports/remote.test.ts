import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { command, type Options } from '../../scripts/import-options.ts';
import { remoteImport } from '../../scripts/import-remote.ts';
import { orTold } from '../../scripts/import-told.ts';
import { tasks } from '../../server/jobs.ts';
import { projectRoot } from '../../server/lib/project-root.ts';
import { startWorker } from '../../server/platform/job-queue/worker.ts';
import { grantRole, programWith, tokenFor } from '../support/api-programs.ts';
import { testApp } from '../support/app.ts';
import { seedCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { runEntry } from '../support/portal.ts';
import { samplePdf } from '../support/sample-files.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const database = await testDatabase();
const { pool } = database;
let listener: RequestListener = (_req, res) => void res.end();
const asked: { method: string; path: string; range: string }[] = [];
/** How many of the next requests are answered with 503. */
let away = 0;
const server = createServer((req, res) => {
  const { method = '', url = '', headers } = req;
  asked.push({ method, path: url, range: headers['content-range'] ?? '' });
  if (away > 0) {
    away -= 1;
    res.writeHead(503, { 'retry-after': '1' }).end();
    return;
  }
  listener(req, res);
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const { app, deps } = await testApp(database, { BASE_URL: 'https://shelf.test.example' });
listener = app;
let worker: Awaited<ReturnType<typeof startWorker>>;
let folder = '';
let token = '';
beforeAll(async () => {
  await seedCatalog(pool);
  await grantRole(deps, 'nora', 'importer', 'north');
  token = await tokenFor(deps, 'nora');
  vi.stubEnv('COMMONSHELF_TOKEN', token);
  worker = await startWorker(deps, tasks, {});
  folder = await mkdtemp(join(tmpdir(), 'commonshelf-remote-'));
  await mkdir(join(folder, 'sheets'));
  vi.stubEnv('INIT_CWD', folder);
});
afterAll(async () => {
  await worker?.stop();
  server.close();
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

/** Runs the command as its entry point does, and keeps what it says. */
async function remote(...args: string[]): Promise<{ code: number; said: string }> {
  const lines: string[] = [];
  const keep = (line: unknown) => void lines.push(String(line));
  const spies = [
    vi.spyOn(console, 'log').mockImplementation(keep),
    vi.spyOn(console, 'error').mockImplementation(keep),
  ];
  try {
    command.parse([...args, ...(args.includes('--remote') ? [] : ['--remote', url])], { from: 'user' });
    const code = await orTold(() => remoteImport(command.args, command.opts<Options>()));
    return { code, said: lines.join('\n') };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
const north = ['--district', 'north', '--source', 'remote'];
const filesOf = async (id: string) =>
  (
    await pool.query<{ name: string }>(
      `SELECT f.name FROM resource r JOIN version_file vf ON vf.version_id = r.current_version_id JOIN file f ON f.id = vf.file_id
       WHERE r.source = 'remote' AND r.external_id = $1 ORDER BY f.name`,
      [id],
    )
  ).rows.map(({ name }) => name);
const count = async () =>
  (await pool.query<{ count: number }>(`SELECT count(*)::int AS count FROM resource WHERE source = 'remote'`))
    .rows[0]?.count;

describe('the command against a portal elsewhere', () => {
  it('says first what would happen, then sends files and rows, and tells the same as at home', async () => {
    await writeFile(join(folder, 'sheets/half.pdf'), await samplePdf(['half of a half']));
    await writeFile(join(folder, 'sheets/program.pdf'), 'MZ this is no PDF');
    await writeFile(
      join(folder, 'lessons.csv'),
      [
        'external_id,title,url,files,subjects',
        'R-1,With a sheet,,./sheets/half.pdf,Mathematics',
        'R-2,A link,https://maps.north.example/2,sheets/program.pdf|sheets/none.pdf,Sciense',
        'R-3,Climbs out,,../../../etc/passwd,',
        'R-4,,https://maps.north.example/4,,',
        '',
      ].join('\n'),
    );
    const dry = await remote('lessons.csv', ...north, '--dry-run');
    expect(dry.said).toContain('This was a dry run: nothing on the shelf has changed.');
    expect(await count()).toBe(0);
    const { code, said } = await remote('lessons.csv', ...north);
    expect(code, said).toBe(2);
    expect(said).toContain('2 files to send');
    expect(said).toMatch(/sheets\/program\.pdf: .*is a program/);
    expect(said).toContain('lessons.csv.zip → North Fork Schools (remote)');
    expect(said).toMatch(/2 {2}new/);
    expect(said).toMatch(/2 {2}rejected/);
    expect(said).toContain('Perhaps: Science');
    expect(said).toMatch(/To take it back: npm run import -- --undo [0-9a-f-]{36} --remote http/);
    expect(await filesOf('R-1')).toEqual(['half.pdf']);
    expect(await filesOf('R-2')).toEqual([]);
    expect(await readFile(join(folder, 'rejected.csv'), 'utf8')).toContain(
      'R-4,,https://maps.north.example/4,,,5,',
    );
    expect(await readFile(join(folder, 'gaps.csv'), 'utf8')).toContain('R-2,subjects,Sciense');
  });

  it('sends nothing twice, and changes nothing when nothing changed', async () => {
    asked.length = 0;
    const again = await remote('lessons.csv', ...north, '--json');
    expect(again.code).toBe(2);
    const line = again.said.split('\n').find((one) => one.startsWith('{')) ?? '{}';
    expect(JSON.parse(line)).toMatchObject({
      state: 'done',
      districtName: 'North Fork Schools',
      counts: { new: 0, changed: 0, unchanged: 2, rejected: 2 },
      files: { 'rejected.csv': join(folder, 'rejected.csv') },
    });
    // What was refused is tried again; what is there is not.
    const sheet = createHash('sha256')
      .update(await readFile(join(folder, 'sheets/half.pdf')))
      .digest('hex');
    expect(asked.filter(({ method, path }) => method === 'PUT' && path.includes(sheet))).toEqual([]);
  });

  it('goes on with a file where it broke off, also when the portal was away', async () => {
    const bytes = await samplePdf(['a long one', 'with several pages']);
    await writeFile(join(folder, 'sheets/long.pdf'), bytes);
    const path = `/api/v1/districts/north/files/${createHash('sha256').update(bytes).digest('hex')}?name=long.pdf`;
    await programWith(server, token)('put', path)
      .set({ 'Content-Type': 'application/octet-stream', 'Content-Range': `bytes 0-999/${bytes.length}` })
      .send(bytes.subarray(0, 1000))
      .expect(202);
    await writeFile(
      join(folder, 'long.ndjson'),
      JSON.stringify({ external_id: 'R-5', title: 'A long one', files: ['sheets/long.pdf'] }),
    );
    asked.length = 0;
    away = 2;
    const { code, said } = await remote('long.ndjson', ...north);
    expect(code, said).toBe(0);
    const pieces = asked
      .filter(({ method, range }) => method === 'PUT' && range !== '')
      .map(({ range }) => range);
    expect(pieces.at(-1)).toBe(`bytes 1000-${bytes.length - 1}/${bytes.length}`);
    expect(await filesOf('R-5')).toEqual(['long.pdf']);
  });

  it('takes a folder of documents too', async () => {
    const { code, said } = await remote('sheets', '--district', 'north', '--source', 'folder');
    expect(said).toContain('Looking through the folder');
    expect(code, said).toBe(2);
    const { rows } = await pool.query(
      `SELECT f.name FROM resource r JOIN file f ON f.resource_id = r.id WHERE r.source = 'folder' ORDER BY 1`,
    );
    expect(rows).toEqual([{ name: 'half.pdf' }, { name: 'long.pdf' }]);
  });

  it('writes a guess beside a table with other columns, and takes it as the mapping', async () => {
    await writeFile(
      join(folder, 'ours.csv'),
      'Item No,Name,Link\n77,Seventy-seven,https://maps.north.example/77\n',
    );
    const asIs = ['ours.csv', '--district', 'north', '--source', 'mapped'];
    const guessed = await remote(...asIs);
    expect(guessed.code).toBe(1);
    expect(guessed.said).toContain('ours.csv.map.yml');
    const mapping = 'fields:\n  external_id: Item No\n  title: Name\n  url: Link\n';
    await writeFile(join(folder, 'ours.yml'), mapping);
    const mapped = await remote(...asIs, '--map', 'ours.yml');
    expect(mapped.code, mapped.said).toBe(0);
    expect((await remote(...asIs)).said).toMatch(/1 {2}unchanged/);
  });

  it('lists, and takes back', async () => {
    const list = await remote('--runs', '--district', 'north');
    expect(list.code).toBe(0);
    const run = list.said.split('\n').find((line) => line.includes('long.ndjson')) ?? '';
    const undone = await remote('--undo', run.slice(0, 36));
    expect(undone.code, undone.said).toBe(0);
    expect(undone.said).toContain('taken back');
    expect(await filesOf('R-5')).toEqual([]);
  });

  it('says what is wrong, with 1', async () => {
    const wrong: [string[], RegExp][] = [
      [['lessons.csv', ...north, '--remote', 'shelf'], /is no address of a portal/],
      [['lessons.csv', ...north, '--token', 'cshelf_none'], /unknown, expired or revoked/],
      [['lessons.csv', '--district', 'south'], /may not bring in resources/],
      [['none.csv', ...north], /There is no file/],
      [['lessons.csv'], /Say which file and for which district/],
      [['--undo', '01a21276-0000-7000-8000-000000000000'], /nothing at this address/],
    ];
    for (const [args, words] of wrong) {
      const { code, said } = await remote(...args);
      expect(said).toMatch(words);
      expect(code, said).toBe(1);
    }
    vi.stubEnv('COMMONSHELF_TOKEN', '');
    expect(await remote('lessons.csv', ...north)).toMatchObject({
      code: 1,
      said: expect.stringMatching(/Give a token for http/) as string,
    });
  });

  it('is installed as a command of its own, which needs neither database nor data here', async () => {
    expect(await runEntry(['scripts/build.mjs'], {}).ended).toBe(0);
    const { bin } = JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8')) as {
      bin: Record<string, string>;
    };
    const command = (...args: string[]) =>
      runEntry([bin['commonshelf-import'] ?? '', ...args, '--district', 'north', '--remote', url], {
        INIT_CWD: folder,
        DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none',
        COMMONSHELF_TOKEN: token,
      });
    const run = command('lessons.csv', '--source', 'remote');
    expect(await run.ended, run.said()).toBe(2);
    expect(run.said()).toMatch(/2 {2}unchanged/);
    // The hint names the command that was called.
    const fresh = command('lessons.csv', '--source', 'hint');
    expect(await fresh.ended, fresh.said()).toBe(2);
    expect(fresh.said()).toMatch(/To take it back: commonshelf-import --undo [0-9a-f-]{36} --remote http/);
  });
});
