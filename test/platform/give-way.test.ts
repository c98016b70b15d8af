import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { afterAll, expect, test } from 'vitest';
import { projectRoot } from '../../server/lib/project-root.ts';

const running: ChildProcess[] = [];
afterAll(() => running.forEach((child) => child.kill('SIGKILL')));

/** How a process is scheduled, as proc(5) says: its niceness, and its policy (0: as usual, 5: idle work). */
async function scheduled(pid: number): Promise<{ nice: number; policy: number }> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { nice: Number(fields[16]), policy: Number(fields[38]) };
}

const onLinux = process.platform === 'linux' && spawnSync('chrt', ['--version']).status === 0;

test.runIf(onLinux)(
  'a command that gives way is idle work, and so is what PostgreSQL does for it',
  async () => {
    const backend = spawn('sleep', ['60']);
    running.push(backend);
    const program = `
      import { EventEmitter } from 'node:events';
      import { giveWay } from './server/platform/give-way.ts';
      const pool = new EventEmitter();
      giveWay({ pool, embedded: true });
      pool.emit('acquire', { processID: ${backend.pid} });
      console.log('gave way');
      setTimeout(() => {}, 60_000);`;
    const command = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program], {
      cwd: projectRoot,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    running.push(command);
    await once(command.stdout, 'data');
    for (const { pid } of [command, backend])
      await expect.poll(() => scheduled(pid!), { timeout: 10_000 }).toEqual({ nice: 19, policy: 5 });
  },
);
