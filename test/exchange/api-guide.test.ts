import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tasks } from '../../server/jobs.ts';
import { projectRoot } from '../../server/lib/project-root.ts';
import { startWorker } from '../../server/platform/job-queue/worker.ts';
import { grantRole, tokenFor } from '../support/api-programs.ts';
import { testApp } from '../support/app.ts';
import { catalogId, seedCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';

const run = promisify(execFile);
const guide = await readFile(join(projectRoot, 'docs/api.md'), 'utf8');
const examples = Array.from(
  guide.matchAll(/^```(sh|python|js)\n([^]*?)^```$/gm),
  ([, kind = '', text = '']) => ({
    kind,
    text,
  }),
);
const has = (program: string): boolean => spawnSync(program, ['--version']).status === 0;
const missing = ['bash', 'curl', 'python3', 'sha256sum'].filter((program) => !has(program));
const without = missing.length > 0 ? ` (skipped: ${missing.join(', ')} is missing)` : '';

const database = await testDatabase();
const { pool } = database;
let listener: RequestListener = (_req, res) => void res.end();
const server: Server = createServer((req, res) => listener(req, res)).listen(0, '127.0.0.1');
await once(server, 'listening');
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const { app, deps } = await testApp(database, { BASE_URL: url });
listener = app;
let worker: Awaited<ReturnType<typeof startWorker>>;
let folder = '';
let env: Record<string, string> = {};
beforeAll(async () => {
  await seedCatalog(pool);
  await grantRole(deps, 'nora', 'importer', 'north');
  worker = await startWorker(deps, tasks, {});
  folder = await mkdtemp(join(tmpdir(), 'commonshelf-guide-'));
  env = {
    PATH: process.env['PATH'] ?? '',
    HOME: process.env['HOME'] ?? '',
    PORTAL: url,
    TOKEN: await tokenFor(deps, 'nora'),
  };
});
afterAll(async () => {
  await worker?.stop();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

const shelf = async (source: string): Promise<Record<string, string>> => {
  const { rows } = await pool.query<{ id: string; state: string }>(
    `SELECT external_id AS id, state FROM resource WHERE district_id = $1 AND source = $2 ORDER BY external_id`,
    [catalogId('organization', 'north'), source],
  );
  return Object.fromEntries(rows.map(({ id, state }) => [id, state]));
};
const execute = async (program: string, kind: string, name: string): Promise<string> => {
  const texts = examples.filter((one) => one.kind === kind).map(({ text }) => text);
  expect(texts.length).toBeGreaterThan(0);
  const path = join(folder, name);
  await writeFile(path, texts.join('\n'));
  const { stdout } = await run(program, program === 'bash' ? ['-eu', path] : [path], { cwd: folder, env });
  return stdout;
};

describe.skipIf(missing.length > 0)(`the examples of the guide for programs${without}`, () => {
  it('for curl bring a file, a resource and a file by its hash in', async () => {
    const said = await execute('bash', 'sh', 'examples.sh');
    expect(said).toMatch(/"counts":\{"new":2,[^}]*"rejected":1/);
    expect(said).toContain('API-3,,https://materials.north.example/map');
    expect(said).toContain('"outcome":"changed"');
    const { rows } = await pool.query(
      `SELECT f.name FROM file f JOIN resource r ON r.id = f.resource_id WHERE r.external_id = 'API-8'`,
    );
    expect(rows).toEqual([{ name: 'half.txt' }]);
    // The first file was taken back; what came one by one stays, or was withdrawn.
    await expect.poll(() => shelf('lessons')).toEqual({ 'API-7': 'withdrawn', 'API-8': 'published' });
  }, 120_000);

  it('for Python bring a catalog in, and again', async () => {
    const said = await execute('python3', 'python', 'nightly.py');
    expect(said.trim().split('\n').at(-1)?.trim()).toBe('done');
    expect(await shelf('python')).toEqual({ 'PY-1': 'published', 'PY-2': 'published' });
    await execute('python3', 'python', 'nightly.py');
  }, 120_000);

  it('for Node bring in what changed', async () => {
    const said = await execute(process.execPath, 'js', 'changes.mjs');
    expect(said.split('\n').map((line) => line.split(' ', 2).join(' '))).toEqual([
      'JS-1 new',
      'JS-2 new',
      'JS-3 rejected',
      'JS-4 unknown',
      '',
    ]);
    expect(await execute(process.execPath, 'js', 'changes.mjs')).toBe(said);
  }, 120_000);
});
