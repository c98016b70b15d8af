import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { projectRoot } from '../../server/lib/project-root.ts';
import { isAlive } from '../../server/platform/database/embedded-cluster.ts';

export type Run = {
  pid: number;
  /** Everything it has written, to standard output and to standard error. */
  said: () => string;
  /** Sends a signal to the process, or (`group`) to it and its children as Ctrl-C in a terminal does. */
  signal: (name: NodeJS.Signals, to?: 'process' | 'group') => void;
  /** Waits for the end. Null when a signal ended it. */
  ended: Promise<number | null>;
};

/** Runs one of the project's entry points as a process of its own, as `npm` does; `input` is its standard input. */
export function runEntry(args: string[], env: Record<string, string>, input?: string): Run {
  const child = spawn(process.execPath, args, {
    cwd: projectRoot,
    detached: true,
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    // Not the whole environment: the test runner has a BASE_URL of its own there. Files are taken however full the disk of
    // the machine is, as long as there is room for them.
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '',
      DEMO: 'false',
      UPLOAD_STOP_PERCENT: '99',
      ...env,
    },
  });
  child.stdin?.end(input);
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const pid = child.pid ?? 0;
  return {
    pid,
    said: () => said,
    signal: (name, to = 'process') => void process.kill(to === 'group' ? -pid : pid, name),
    ended: once(child, 'close').then(([code]) => code as number | null),
  };
}

export type Portal = Run & { url: string };

/** Starts the portal on a free port and waits until it answers. */
export async function startPortal(dataDir: string, env: Record<string, string> = {}): Promise<Portal> {
  const run = runEntry(['scripts/start.mjs'], { DATA_DIR: dataDir, PORT: '0', ...env });
  let over = false;
  void run.ended.then(() => (over = true));
  for (const end = Date.now() + 240_000; Date.now() < end && !over; await sleep(50)) {
    const url = /is on (http:\/\/\S+)/.exec(run.said())?.[1];
    if (url) return { ...run, url };
  }
  if (!over) run.signal('SIGKILL', 'group');
  throw new Error(`The portal did not start:\n${run.said()}`);
}

/** A data folder in the system's place for such, and what removes it with the database that may still run on it. */
export async function temporaryDataDir(): Promise<{ dataDir: string; remove: () => Promise<void> }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'commonshelf-portal-'));
  await chmod(dataDir, 0o711);
  return {
    dataDir,
    remove: async () => {
      const pid = await databasePid(dataDir);
      if (pid) process.kill(pid, 'SIGQUIT');
      while (pid && isAlive(pid)) await sleep(20);
      await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Process number of the database that runs on that folder; undefined when none does. */
export async function databasePid(dataDir: string): Promise<number | undefined> {
  const lockFile = await readFile(join(dataDir, 'postgres/data/postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number(lockFile.split('\n')[0]);
  return pid > 0 && isAlive(pid) ? pid : undefined;
}

/** Address of that database, as the portal itself makes it. */
export async function databaseUrl(dataDir: string): Promise<string> {
  const home = join(dataDir, 'postgres');
  const password = await readFile(join(home, 'password'), 'utf8');
  const port = await readFile(join(home, 'port'), 'utf8');
  return `postgresql://commonshelf:${password}@127.0.0.1:${port}/commonshelf`;
}
