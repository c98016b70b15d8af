import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { entryBeside, runChild, type ChildLimits } from '../../server/platform/child-process.ts';

const entry = entryBeside(new URL('../support/x.ts', import.meta.url).href, 'misbehave-entry');
const limits: ChildLimits = {
  wallMs: 60_000,
  cpuSeconds: 30,
  heapMb: 128,
  memoryMb: 400,
  outputBytes: 1024 * 1024,
};

async function run(input: string, own: Partial<ChildLimits> = {}, signal?: AbortSignal) {
  const messages: unknown[] = [];
  const result = await runChild(
    entry,
    input,
    { ...limits, ...own },
    (message) => void messages.push(message),
    signal,
  );
  return { result, messages };
}

/** A killed process stays as a zombie until someone asks for its end. */
function isRunning(pid: number): boolean {
  try {
    return !execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('Z');
  } catch {
    return false;
  }
}

/** The network can be taken away only where the system lets ordinary people make namespaces. */
const canUnshare = (() => {
  try {
    execFileSync('unshare', ['--map-root-user', '--net', '--', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

afterEach(() => void vi.unstubAllEnvs());

describe('a child process that reads what nobody checked', { timeout: 60_000 }, () => {
  test('gives its answer and sees none of our settings', async () => {
    vi.stubEnv('SESSION_SECRET', 'must not leak');
    const { result, messages } = await run('chat');
    expect(result).toEqual({ ok: true });
    expect(messages).toHaveLength(1);
    expect(JSON.stringify(messages)).not.toContain('SECRET');
  });

  test('is stopped by the clock', async () => {
    const { result } = await run('hang', { wallMs: 6000 });
    expect(result).toMatchObject({ ok: false, reason: 'timeout' });
  });

  test.skipIf(process.platform === 'win32')('is stopped when it uses too much of the processor', async () => {
    const { result, messages } = await run('hang', { cpuSeconds: 4 });
    expect(messages).toEqual([{ started: true }]);
    expect(result).toMatchObject({ ok: false, reason: 'timeout' });
  });

  test.each(process.platform === 'linux' ? ['eat memory', 'eat heap'] : ['eat heap'])(
    'is stopped when it wants to %s, and ours does not grow',
    async (input) => {
      const before = process.memoryUsage().rss;
      const { result } = await run(input);
      expect(result).toMatchObject({ ok: false, reason: 'memory' });
      expect(process.memoryUsage().rss - before).toBeLessThan(60 * 1024 * 1024);
    },
  );

  test('is stopped when it sends too much', async () => {
    const { result, messages } = await run('flood');
    expect(result).toMatchObject({ ok: false, reason: 'output' });
    expect(messages.length).toBeLessThan(110);
  });

  test('is a result when it fails', async () => {
    expect((await run('fail')).result).toMatchObject({
      ok: false,
      reason: 'crashed',
      detail: expect.stringContaining('It is broken') as string,
    });
  });

  test('takes everything it started with it when we abort', async () => {
    const abort = new AbortController();
    let pid = 0;
    const running = runChild(
      entry,
      'leave a grandchild',
      limits,
      (message) => {
        ({ pid } = message as { pid: number });
        abort.abort();
      },
      abort.signal,
    );
    expect(await running).toMatchObject({ ok: false, reason: 'aborted' });
    await sleep(100);
    expect(pid).toBeGreaterThan(0);
    expect(isRunning(pid)).toBe(false);
  });

  test.skipIf(!canUnshare)('has no network', async () => {
    expect((await run('phone home')).messages).toEqual([{ error: 'ENETUNREACH' }]);
  });
});
