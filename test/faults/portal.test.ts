import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { projectRoot } from '../../server/lib/project-root.ts';
import { databasePid, databaseUrl, runEntry, startPortal, temporaryDataDir } from '../support/portal.ts';
import type { Portal } from '../support/portal.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 });

let dataDir: string;
let remove: () => Promise<void>;
const portals: Portal[] = [];

beforeAll(async () => {
  expect(await runEntry(['scripts/build.mjs'], {}).ended).toBe(0);
}, 120_000);
beforeEach(async () => {
  ({ dataDir, remove } = await temporaryDataDir());
});
afterEach(async () => {
  for (const portal of portals.splice(0)) {
    try {
      portal.signal('SIGKILL');
    } catch {
      // It has ended already.
    }
  }
  await remove();
});

async function start(env: Record<string, string> = {}): Promise<Portal> {
  const portal = await startPortal(dataDir, env);
  portals.push(portal);
  return portal;
}

async function query(sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: await databaseUrl(dataDir) });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

const status = async (url: string) =>
  fetch(url).then(
    (response) => response.status,
    () => 0,
  );

test('after kill -9 the database lives on, and the next start takes it over with all that was written', async () => {
  const first = await start();
  await query(`insert into rate_limit (key, points) values ('kept', 7)`);
  const database = await databasePid(dataDir);
  first.signal('SIGKILL');
  expect(await first.ended).toBeNull();
  expect(await databasePid(dataDir)).toBe(database);

  const second = await start();
  expect(second.said()).not.toContain('Starting the database');
  expect(await databasePid(dataDir)).toBe(database);
  expect(await query(`select points from rate_limit where key = 'kept'`)).toEqual([{ points: 7 }]);
  second.signal('SIGTERM');
  expect(await second.ended).toBe(0);
  expect(await databasePid(dataDir)).toBeUndefined();
});

test('a second start on the same data says so in plain words and changes nothing', async () => {
  const first = await start();
  const second = runEntry(['scripts/start.mjs'], { DATA_DIR: dataDir, PORT: '0' });
  expect(await second.ended).toBe(1);
  expect(second.said()).toBe(
    `A portal is already running on the data in ${dataDir} (process ${first.pid}). Nothing was changed. Stop that one first, or give this one a DATA_DIR of its own.\n`,
  );
  expect(await status(`${first.url}/readyz`)).toBe(200);
});

test('commands run beside a running portal, and alone they leave no database behind', async () => {
  const portal = await start();
  const beside = runEntry(['scripts/run.mjs', 'migrate'], { DATA_DIR: dataDir });
  expect(await beside.ended).toBe(0);
  expect(beside.said()).toBe('The database is up to date.\n');
  expect(await status(`${portal.url}/readyz`)).toBe(200);
  portal.signal('SIGTERM');
  await portal.ended;

  const alone = runEntry(['scripts/run.mjs', 'migrate'], { DATA_DIR: dataDir });
  expect(await alone.ended).toBe(0);
  expect(alone.said()).toBe('Starting the database\nThe database is up to date.\n');
  expect(await databasePid(dataDir)).toBeUndefined();
});

test('a portal that stops while a command runs leaves it the database, and the command stops it', async () => {
  const portal = await start();
  // As any command: it holds the database by the same lock until it has finished.
  const holder = new pg.Client({ connectionString: await databaseUrl(dataDir) });
  holder.on('error', () => {});
  await holder.connect();
  await holder.query('select pg_advisory_lock_shared(1129270611, 1)');
  portal.signal('SIGTERM');
  expect(await portal.ended).toBe(0);
  expect((await holder.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  await holder.end();
  const command = runEntry(['scripts/run.mjs', 'migrate'], { DATA_DIR: dataDir });
  expect(await command.ended).toBe(0);
  expect(await databasePid(dataDir)).toBeUndefined();
});

test('npm leaves nothing behind: what runs is node in the place of its shell, and SIGTERM reaches it', async () => {
  const { scripts } = JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  for (const script of Object.values(scripts))
    expect(script).not.toMatch(/^node scripts\/(?:start|run)\.mjs/);

  const npm = spawn('npm', ['start'], {
    cwd: projectRoot,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env['PATH'], HOME: dataDir, DATA_DIR: dataDir, PORT: '0', DEMO: 'false' },
  });
  let said = '';
  npm.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = once(npm, 'close');
  await vi.waitFor(() => expect(said).toContain('is on http'), { timeout: 60_000, interval: 100 });
  npm.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  expect(said).toContain('Finishing what is under way');
  expect(await databasePid(dataDir)).toBeUndefined();
});

/** A request whose last bytes are still to come, and which will need the database. */
async function halfRequest(url: string): Promise<{ finish: () => void; answer: Promise<string> }> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  await once(socket, 'connect');
  const answer = (async () => {
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    return text;
  })();
  socket.write('GET /readyz HTTP/1.1\r\nHost: localhost\r\n');
  await sleep(300);
  return { finish: () => void socket.write('\r\n'), answer };
}

test('with a notice before it stops, it says to whoever shares out requests that it is leaving, and serves on', async () => {
  const portal = await start({ STOP_NOTICE_SECONDS: '3' });
  expect(await status(`${portal.url}/healthz`)).toBe(200);
  portal.signal('SIGTERM');
  await vi.waitFor(async () => expect(await status(`${portal.url}/healthz`)).toBe(503), 2000);
  expect(await status(`${portal.url}/readyz`)).toBe(503);
  expect(await status(`${portal.url}/sign-in`)).toBe(200);
  expect(await portal.ended).toBe(0);
});

test.each([
  ['SIGTERM', 'process'],
  ['SIGINT', 'group'],
] as const)(
  '%s to the %s finishes what is under way, takes nothing new, and stops the database last',
  async (signal, to) => {
    const portal = await start();
    const { finish, answer } = await halfRequest(portal.url);
    portal.signal(signal, to);
    await sleep(500);
    // npm passes on the Ctrl-C that the terminal has sent already.
    portal.signal(signal);
    expect(await status(`${portal.url}/healthz`)).toBe(0);
    expect(await databasePid(dataDir)).toBeDefined();
    finish();
    expect(await answer).toMatch(/^HTTP\/1\.1 200 .*"database":"ok"/s);
    expect(await portal.ended).toBe(0);
    expect(await databasePid(dataDir)).toBeUndefined();
    expect(await readFile(join(dataDir, 'postgres/server.log'), 'utf8')).toContain(
      'database system is shut down',
    );
  },
);

test('a lock file that names a process of someone else does not keep the portal from starting', async () => {
  const first = await start();
  const lockFile = join(dataDir, 'postgres/data/postmaster.pid');
  const { uid, gid } = await stat(lockFile);
  const written = await readFile(lockFile, 'utf8');
  first.signal('SIGTERM');
  await first.ended;
  // As after a restart of the machine: the number is used again, here by this test.
  await writeFile(lockFile, written.replace(/^\d+/, String(process.pid)), { mode: 0o600 });
  if (process.getuid?.() === 0) (await import('node:fs')).chownSync(lockFile, uid, gid);
  const second = await start();
  expect(await status(`${second.url}/readyz`)).toBe(200);
});

test('what is written for its owner only stays that way', async () => {
  await start();
  for (const [path, mode] of [
    ['postgres/password', 0o600],
    ['postgres/data', 0o700],
    ['postgres/server.log', 0o600],
    ['session-secret', 0o600],
  ] as const)
    expect((await stat(join(dataDir, path))).mode & 0o777, path).toBe(mode);
});

test('a port that is taken is told in plain words, and the database is stopped again', async () => {
  const first = await start();
  const other = await temporaryDataDir();
  const second = runEntry(['scripts/start.mjs'], { DATA_DIR: other.dataDir, PORT: new URL(first.url).port });
  expect(await second.ended).toBe(1);
  expect(second.said()).toContain('is taken by another program. Stop it, or set PORT to another one.');
  expect(await databasePid(other.dataDir)).toBeUndefined();
  await other.remove();
});

test('faults in the settings are all told, without a stack', async () => {
  const run = runEntry(['scripts/start.mjs'], { DATA_DIR: dataDir, PORT: 'x', BASE_URL: 'y' });
  expect(await run.ended).toBe(1);
  expect(run.said()).toBe(
    "Some settings can't be used:\n  - PORT must be a whole number from 0 to 65535.\n  - BASE_URL must be an address like https://shelf.example.gov.\n",
  );
});

test.concurrent.each([
  ['postgresql://shelf:pass-word@127.0.0.1:1/shelf', "The database at 127.0.0.1:1 can't be reached"],
  [
    'postgresql://shelf:pass-word@no-such-host.invalid/shelf',
    "The database at no-such-host.invalid:5432 can't be reached",
  ],
])(
  'a database server that does not answer is told in words, without its password: %s',
  async (address, words) => {
    const own = await temporaryDataDir();
    const run = runEntry(['scripts/run.mjs', 'migrate'], { DATA_DIR: own.dataDir, DATABASE_URL: address });
    expect(await run.ended).toBe(1);
    expect(run.said()).toContain(words);
    expect(run.said()).not.toMatch(/pass-word|\n {4}at /);
    await own.remove();
  },
);
