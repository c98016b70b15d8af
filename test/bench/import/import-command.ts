import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { projectRoot } from '../../../server/lib/project-root.ts';
import { memoryOf } from '../bench-portal.ts';

/** What the command says with `--json`. */
interface RunReport {
  id: string;
  state: string;
  counts: Record<string, number>;
}

export interface ImportCommand {
  child: ChildProcess;
  /** The exit code (null after a signal), what it said, how long it took and the memory of the process, in MB. */
  ended: Promise<{
    code: number | null;
    report: RunReport | null;
    said: string;
    seconds: number;
    memory: { first: number; most: number };
  }>;
}

/** Memory counts from here on: the program is loaded, and the first batches have been through. */
const WARM_SECONDS = 5;

/** Starts the compiled `npm run import` beside a portal, with `--json`; the rows go into the district North. */
export function importCommand(dataDir: string, args: string[]): ImportCommand {
  const started = performance.now();
  const child = spawn(
    process.execPath,
    ['scripts/run.mjs', 'import', ...args, '--district', 'north', '--json'],
    {
      cwd: projectRoot,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', DATA_DIR: dataDir },
    },
  );
  let out = '';
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000)));
  const memory = { first: 0, most: 0 };
  const watch = (async () => {
    while (child.exitCode === null && child.signalCode === null) {
      const now = await memoryOf(child.pid ?? 0).catch(() => undefined);
      // Of a process that is just ending nothing is known any more.
      if (now && now.now > 0 && performance.now() - started > WARM_SECONDS * 1000) {
        memory.first ||= now.now;
        memory.most = Math.max(memory.most, now.now);
      }
      await sleep(100);
    }
  })();
  const ended = once(child, 'close').then(async ([code]) => {
    await watch;
    const report = out.trim() === '' ? null : (JSON.parse(out.trim().split('\n').at(-1)!) as RunReport);
    const seconds = (performance.now() - started) / 1000;
    return { code: code as number | null, report, said, seconds, memory };
  });
  return { child, ended };
}
