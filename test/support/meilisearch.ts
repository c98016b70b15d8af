import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';

export interface RealMeilisearch {
  url: string;
  key: string | undefined;
  stop: () => Promise<void>;
}

/**
 * A real Meilisearch for a test file: the one at MEILI_URL (with MEILI_KEY), or one started from MEILI_BIN or a
 * `meilisearch` on the PATH, with data of its own, which `stop` removes. Null where this machine has neither: tests then skip themselves.
 */
export async function realMeilisearch(): Promise<RealMeilisearch | null> {
  const url = process.env['MEILI_URL'];
  if (url && (await isHealthy(url))) return { url, key: process.env['MEILI_KEY'], stop: async () => {} };
  const binary = process.env['MEILI_BIN'] ?? (await onPath('meilisearch'));
  return binary === null ? null : startMeilisearch(binary);
}

async function startMeilisearch(binary: string): Promise<RealMeilisearch> {
  const folder = await mkdtemp(join(tmpdir(), 'commonshelf-meili-'));
  const port = await freePort();
  const key = 'a-master-key-for-tests-only';
  const url = `http://127.0.0.1:${port}`;
  const server = spawn(
    binary,
    [
      '--db-path',
      join(folder, 'data'),
      '--dump-dir',
      join(folder, 'dumps'),
      '--no-analytics',
      '--http-addr',
      `127.0.0.1:${port}`,
      '--master-key',
      key,
      '--max-indexing-memory',
      '256MiB',
      '--max-indexing-threads',
      '1',
    ],
    { stdio: 'ignore' },
  );
  const stop = async (): Promise<void> => {
    const ended = server.exitCode === null ? once(server, 'exit') : null;
    server.kill('SIGKILL');
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (await isHealthy(url)) return { url, key, stop };
    if (server.exitCode !== null) break;
    await sleep(100);
  }
  await stop();
  throw new Error(`${binary} does not start`);
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(1000) });
    return response.ok;
  } catch {
    return false;
  }
}

async function onPath(name: string): Promise<string | null> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const file = join(folder, name);
    const there = await access(file).then(
      () => true,
      () => false,
    );
    if (there) return file;
  }
  return null;
}
