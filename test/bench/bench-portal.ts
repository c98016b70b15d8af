import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { projectRoot } from '../../server/lib/project-root.ts';
import { freePort } from '../support/free-port.ts';
import { databasePid } from '../support/portal.ts';

export interface BenchPortal {
  url: string;
  /** Of the node process that serves. */
  pid: number;
  dataDir: string;
  /** From the start of the process until its home page answered. */
  startMs: number;
  stop: () => Promise<void>;
}

/**
 * Starts the real portal as `npm start` does, as a child that writes its log into a file, and waits for its home page.
 * `production` unless told: then without the demo.
 * @throws Error with what it said, when it ends or needs more than five minutes
 */
export async function startBenchPortal(
  dataDir: string,
  { production = true, env = {} }: { production?: boolean; env?: Record<string, string> } = {},
): Promise<BenchPortal> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const log = join(mkdtempSync(join(tmpdir(), 'commonshelf-bench-')), 'portal.log');
  const out = openSync(log, 'a');
  const started = performance.now();
  const child = spawn(process.execPath, ['scripts/start.mjs'], {
    cwd: projectRoot,
    stdio: ['ignore', out, out],
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '',
      DATA_DIR: dataDir,
      PORT: String(port),
      BASE_URL: url,
      ...(production ? { NODE_ENV: 'production', SESSION_SECRET: randomBytes(24).toString('hex') } : {}),
      ...env,
    },
  });
  const ended = once(child, 'exit');
  while (!(await answers(url))) {
    if (child.exitCode !== null || performance.now() - started > 300_000) {
      child.kill('SIGKILL');
      throw new Error(`The portal did not start:\n${readFileSync(log, 'utf8').slice(-2000)}`);
    }
    await sleep(20);
  }
  return {
    url,
    pid: child.pid ?? 0,
    dataDir,
    startMs: performance.now() - started,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

/** Memory of a process in MB (of 1,000,000 bytes): what it has in memory now, and the most it ever had. Linux only. */
export async function memoryOf(pid: number): Promise<{ now: number; peak: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const read = (name: string) =>
    (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024) / 1e6;
  return { now: read('VmRSS'), peak: read('VmHWM') };
}

/** How much memory a process has, so many ms after watching began. */
export interface MemoryLook {
  at: number;
  mb: number;
}

/** Watches a process's memory while `work` runs; looks every 50 ms, and tells of each look. */
export async function watchMemory<T>(
  pid: number,
  work: () => Promise<T>,
  onLook: (look: MemoryLook) => void = () => {},
): Promise<{ result: T; most: number }> {
  const started = performance.now();
  let most = 0;
  let running = true;
  const watch = (async () => {
    while (running) {
      const { now: mb } = await memoryOf(pid);
      most = Math.max(most, mb);
      onLook({ at: performance.now() - started, mb });
      await sleep(50);
    }
  })();
  try {
    return { result: await work(), most };
  } finally {
    running = false;
    await watch;
  }
}

/** Processor time used so far, in ms: the portal's own, and that of its PostgreSQL with all its processes. Linux only. */
export interface CpuTime {
  node: number;
  postgres: number;
}

/** Processor time doesn't grow while others use the machine, so it can be compared where time can't. */
export async function cpuOf(pid: number, dataDir: string): Promise<CpuTime> {
  const postmaster = await databasePid(dataDir);
  const pids = postmaster === undefined ? [] : (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = (await Promise.all(pids.map((name) => statOf(Number(name))))).filter(
    (stat) => stat !== undefined,
  );
  return {
    node: (await statOf(pid))?.own ?? 0,
    // Processes that have ended are counted with the postmaster.
    postgres: stats.reduce(
      (sum, stat) =>
        sum + (stat.pid === postmaster ? stat.own + stat.ended : stat.parent === postmaster ? stat.own : 0),
      0,
    ),
  };
}

/** Clock ticks are hundredths of a second on every Linux that Node runs on. */
const TICK_MS = 10;

async function statOf(
  pid: number,
): Promise<{ pid: number; parent: number; own: number; ended: number } | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The name of the program stands in parentheses and may hold anything.
  const fields = text
    ?.slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  if (!fields) return undefined;
  const [parent = 0] = fields.slice(1);
  const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11);
  return { pid, parent, own: (user + system) * TICK_MS, ended: (endedUser + endedSystem) * TICK_MS };
}
