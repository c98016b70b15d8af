import { readdir, readFile } from 'node:fs/promises';

/** What Linux tells of a running process, from outside: see proc(5). */
export interface ProcessFacts {
  /** Bytes of memory in use now, and the most since it started. */
  memory: number;
  mostMemory: number;
  openFiles: number;
  /** Process numbers of its children. */
  children: number[];
}

/** True where a test can look at other processes in this way. */
export const showsProcesses = process.platform === 'linux';

/** @throws when there is no such process */
export async function factsOf(pid: number): Promise<ProcessFacts> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024;
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return {
    memory: bytes('VmRSS'),
    mostMemory: bytes('VmHWM'),
    openFiles: (await readdir(`/proc/${pid}/fd`)).length,
    children: children.split(' ').filter(Boolean).map(Number),
  };
}
