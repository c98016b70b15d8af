import { execFile, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { StartError } from '../start-error.ts';
import { isAlive } from './embedded-cluster.ts';
import type { Cluster } from './embedded-cluster.ts';

/** What a server writes about itself into `postmaster.pid`. */
export type Postmaster = { pid: number; port: number; status: string };

/** The server that the lock file names, if that process is a PostgreSQL: ready, starting, recovering or stopping. */
export async function findPostmaster(cluster: Cluster): Promise<Postmaster | undefined> {
  const written = await readLockFile(cluster);
  const command = written && (await commandOf(written.pid));
  return command?.includes('postgres') ? written : undefined;
}

/** Whether the command line of that process names this cluster. */
export async function isServerOf({ data }: Cluster, pid: number): Promise<boolean> {
  return (await commandOf(pid)).includes(data);
}

async function readLockFile({ data }: Cluster): Promise<Postmaster | undefined> {
  const lines = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '');
  const [pid, , , port, , , , status] = lines.split('\n').map((line) => line.trim());
  return Number(pid) > 0 ? { pid: Number(pid), port: Number(port), status: status ?? 'starting' } : undefined;
}

/** The command line of a process; empty when there is none, or only its remains. */
async function commandOf(pid: number): Promise<string> {
  if (!isAlive(pid)) return '';
  if (process.platform === 'linux') return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  const listed = promisify(execFile)('ps', ['-o', 'args=', '-p', String(pid)]);
  return listed.then(
    ({ stdout }) => stdout,
    () => '',
  );
}

/**
 * Starts the server and waits until it answers. It gets a session of its own, so that Ctrl-C in the terminal
 * doesn't stop it before the portal has finished, and it lives on when the portal is killed.
 * @param options.port the port to listen on; a free one unless told
 * @param options.durable false: nothing has to survive a power cut
 * @throws StartError with the last words of its log when it doesn't come up
 */
export async function startPostmaster(
  cluster: Cluster,
  options: { port?: number | undefined; durable: boolean; step: (text: string) => void },
): Promise<Postmaster> {
  const written = await readLockFile(cluster);
  if (written && isAlive(written.pid) && !(await findPostmaster(cluster)))
    await disownLockFile(cluster, written.pid);
  await rotate(cluster.log);
  const logStart = (await stat(cluster.log).catch(() => undefined))?.size ?? 0;
  const port = options.port ?? (await choosePort(cluster.portFile));
  const log = openSync(cluster.log, 'a', 0o600);
  const { account, binaries, data } = cluster;
  const child = spawn(
    binaries.postgres,
    ['-D', data, ...flags({ ...serverSettings(port), ...(options.durable ? {} : hasty) })],
    {
      ...(account ? { uid: account.uid, gid: account.gid } : {}),
      cwd: '/',
      detached: true,
      stdio: ['ignore', log, log],
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    },
  );
  closeSync(log);
  child.unref();
  let ended: string | undefined;
  child.once('error', (error) => (ended = error.message));
  child.once('exit', () => (ended = ''));
  for (let waited = 0; ended === undefined; waited += 20) {
    const written = await readLockFile(cluster);
    if (written?.pid === child.pid && written?.status === 'ready') return written;
    if (waited === 5_000) options.step('The database is putting itself in order after it was cut off');
    await sleep(20);
  }
  const words = (await readFile(cluster.log, 'utf8')).slice(logStart).trim().split('\n').slice(-6).join('\n');
  throw new StartError(`The database did not start. ${ended}\n${words}\nIts log is ${cluster.log}.`);
}

/** Waits until that server has stopped and taken its lock file away; false when it still stands. */
export async function untilGone(cluster: Cluster, pid: number, milliseconds: number): Promise<boolean> {
  for (const end = Date.now() + milliseconds; Date.now() < end; await sleep(20)) {
    // The file goes first: the process of a server that was taken over may stay on as a zombie.
    if ((await readLockFile(cluster))?.pid !== pid || !isAlive(pid)) return true;
  }
  return false;
}

/** Stops the server: ends its connections, writes everything down. After a minute it is made to. */
export async function stopPostmaster(cluster: Cluster, pid: number): Promise<void> {
  for (const [signal, patience] of [
    ['SIGINT', 60_000],
    ['SIGQUIT', 10_000],
  ] as const) {
    if (isAlive(pid)) process.kill(pid, signal);
    if (await untilGone(cluster, pid, patience)) return;
  }
  throw new StartError(`The database (process ${pid}) did not stop.`);
}

function serverSettings(port: number): Record<string, string> {
  return {
    port: String(port),
    // Only this machine, only by TCP, only with the password.
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    cluster_name: 'commonshelf',
    max_connections: '100',
    shared_buffers: '256MB',
    effective_cache_size: '1GB',
    work_mem: '16MB',
    maintenance_work_mem: '128MB',
    max_wal_size: '2GB',
    random_page_cost: '1.1',
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    logging_collector: 'off',
    log_line_prefix: '%m [%p] ',
    // What people typed stays out of the log: no statements, no details of refused rows.
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
  };
}

const hasty = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' };

function flags(settings: Record<string, string>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/**
 * Process numbers are used again: after a restart of the machine the one in the lock file may be anything,
 * and PostgreSQL would not start while that process lives. Its line gets a number that no process has. The
 * rest stays, for PostgreSQL looks there whether an old process still holds the shared memory.
 */
export async function disownLockFile({ data }: Cluster, stranger: number): Promise<void> {
  const path = join(data, 'postmaster.pid');
  const [pid, ...rest] = (await readFile(path, 'utf8').catch(() => '')).split('\n');
  if (Number(pid) === stranger) await writeFile(path, [NO_PROCESS, ...rest].join('\n'));
}

/** Beyond the highest process number of any system that Node runs on. */
const NO_PROCESS = 2_000_000_000;

async function rotate(log: string): Promise<void> {
  const size = (await stat(log).catch(() => undefined))?.size ?? 0;
  if (size > 10 * 1024 * 1024) await rename(log, `${log}.1`);
}

/** The port of the last time, as long as it is free, so that whoever knew it finds the server again. */
async function choosePort(record: string): Promise<number> {
  const last = Number(await readFile(record, 'utf8').catch(() => ''));
  if (last > 0 && (await tryPort(last).catch(() => undefined))) return last;
  const port = await tryPort(0);
  await writeFile(record, String(port));
  return port;
}

/** Listens for a moment. Returns the port; rejects when it is taken. */
function tryPort(wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(wanted, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
