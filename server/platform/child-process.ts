import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** What a child process may use. Past a limit it is killed with everything it started. */
export interface ChildLimits {
  /** Time on the clock. */
  wallMs: number;
  /** Processor time of each process. */
  cpuSeconds: number;
  /** JavaScript heap. */
  heapMb: number;
  /** Memory of each process, heap included (by RLIMIT_DATA; Linux only). */
  memoryMb: number;
  /** What it may send back, in bytes. */
  outputBytes: number;
  /** How far it stands back for others, 0 to 19; 10 unless told. 0 where somebody waits for it. */
  niceness?: number;
}

export type ChildFailure = 'timeout' | 'memory' | 'output' | 'crashed' | 'aborted';

export type ChildResult = { ok: true } | { ok: false; reason: ChildFailure; detail: string };

/**
 * The address of a child's entry file beside the calling module, as TypeScript when we run from source and as
 * JavaScript when we run from `dist`. Call it with `import.meta.url` and a name without an extension.
 */
export function entryBeside(moduleUrl: string, name: string): URL {
  return new URL(`${name}${moduleUrl.endsWith('.ts') ? '.ts' : '.js'}`, moduleUrl);
}

/**
 * Runs an entry file (one that calls `serveParent`) in a process of its own for work on content that nobody checked:
 * low priority, limited, without our environment, and on Linux without a network where the system lets us.
 * `onMessage` gets everything the child sends, one after the other; what it throws ends the child and is thrown here.
 * Otherwise never throws: a child that fails in any way is a result.
 */
export async function runChild(
  entry: URL,
  input: unknown,
  limits: ChildLimits,
  onMessage: (message: unknown) => void | Promise<void>,
  signal?: AbortSignal,
): Promise<ChildResult> {
  if (signal?.aborted) return { ok: false, reason: 'aborted', detail: '' };
  const [command = '', ...args] = await commandLine(entry, limits);
  const child = spawn(command, args, {
    detached: true,
    stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
    env: childEnvironment(),
  });
  const end = { reason: undefined as ChildFailure | undefined };
  const stop = (reason: ChildFailure) => {
    end.reason ??= reason;
    killGroup(child);
  };
  const timer = setTimeout(() => stop('timeout'), limits.wallMs);
  const onAbort = () => stop('aborted');
  signal?.addEventListener('abort', onAbort);
  const exited = once(child, 'close').catch((error: unknown) => [error]);
  const errors = lastOf(child.stderr!);
  try {
    sendInput(child.stdin!, input);
    for await (const message of messagesFrom(child.stdio[3] as Readable, limits.outputBytes)) {
      if (message === TOO_MUCH) stop('output');
      else await onMessage(message);
    }
    const [code, killedBy] = (await exited) as [number | Error | null, NodeJS.Signals | null];
    if (code === 0 && !end.reason) return { ok: true };
    const detail = code instanceof Error ? code.message : errors().trim();
    return { ok: false, reason: end.reason ?? whyExited(killedBy, code, detail), detail };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
    killGroup(child);
  }
}

/** What Node reserves and doesn't use: measured as the writable memory of a process over what is resident. */
const RESERVED_MB = 1100;

async function commandLine(entry: URL, limits: ChildLimits): Promise<string[]> {
  const fromSource = entry.pathname.endsWith('.ts') ? ['--import', import.meta.resolve('tsx')] : [];
  const node = [
    process.execPath,
    `--max-old-space-size=${limits.heapMb}`,
    '--no-warnings',
    ...fromSource,
    fileURLToPath(entry),
  ];
  if (process.platform === 'win32') return node;
  const ulimits = [
    `ulimit -t ${limits.cpuSeconds}`,
    'ulimit -c 0',
    ...(process.platform === 'linux' ? [`ulimit -d ${(limits.memoryMb + RESERVED_MB) * 1024}`] : []),
  ];
  const shell = [
    'nice',
    '-n',
    String(limits.niceness ?? 10),
    'sh',
    '-c',
    `${ulimits.join(' && ')} && exec "$@"`,
    'sh',
  ];
  return [...(await withoutNetwork()), ...shell, ...node];
}

let networkPrefix: Promise<string[]> | undefined;

/** The command that takes the network away, or nothing where the system doesn't allow it (asked once). */
function withoutNetwork(): Promise<string[]> {
  const prefix = ['unshare', '--map-root-user', '--net', '--'];
  networkPrefix ??= promisify(execFile)(prefix[0]!, [...prefix.slice(1), 'true']).then(
    () => prefix,
    () => [],
  );
  return networkPrefix;
}

/** No secret of ours reaches the child. The PATH is the machine's own and isn't a setting: LibreOffice is found by it. */
function childEnvironment(): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: tmpdir(),
    TMPDIR: tmpdir(),
    LANG: 'C.UTF-8',
    TZ: 'UTC',
  };
}

/** The pipe stays open while we live: a child whose parent was killed sees it close and ends itself. */
function sendInput(stdin: Writable, input: unknown): void {
  stdin.on('error', () => undefined);
  stdin.write(`${JSON.stringify(input)}\n`);
}

const TOO_MUCH = Symbol('too much');

/** One JSON value a line. What isn't JSON was not sent by our code and is left out. */
async function* messagesFrom(stream: Readable, maxBytes: number): AsyncIterable<unknown> {
  stream.on('error', () => undefined);
  let bytes = 0;
  let rest: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      yield TOO_MUCH;
      return;
    }
    let start = 0;
    for (let newline = chunk.indexOf(10); newline >= 0; newline = chunk.indexOf(10, start)) {
      const line = Buffer.concat([...rest, chunk.subarray(start, newline)]).toString('utf8');
      rest = [];
      start = newline + 1;
      const message = parse(line);
      if (message !== undefined) yield message;
    }
    rest.push(chunk.subarray(start));
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}

function whyExited(killedBy: NodeJS.Signals | null, code: unknown, detail: string): ChildFailure {
  if (killedBy === 'SIGXCPU' || killedBy === 'SIGKILL') return 'timeout';
  const outOfMemory = /out of memory|allocation failed|ENOMEM|Cannot allocate/i.test(detail);
  return outOfMemory || killedBy === 'SIGTRAP' || killedBy === 'SIGABRT' || code === 134
    ? 'memory'
    : 'crashed';
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The group is gone already.
  }
}

function lastOf(stream: Readable): () => string {
  let text = '';
  stream.on('error', () => undefined);
  stream.on('data', (chunk: Buffer) => {
    text = (text + chunk.toString('utf8')).slice(-2000);
  });
  return () => text;
}
