import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { projectRoot } from '../../../server/lib/project-root.ts';
import { withTransaction } from '../../../server/platform/database/transaction.ts';
import { enqueue } from '../../../server/platform/job-queue/job-queue.ts';
import { runJobs, startWorker } from '../../../server/platform/job-queue/worker.ts';
import type { Worker } from '../../../server/platform/job-queue/worker.ts';
import { createLogger } from '../../../server/platform/logger.ts';
import { testDatabase } from '../../support/database.ts';

const { pool } = await testDatabase();
const deps = { pool, log: createLogger({ logLevel: 'silent' }) };
let worker: Worker | undefined;

afterEach(async () => {
  await worker?.stop();
  worker = undefined;
  await pool.query('delete from graphile_worker._private_jobs');
});

async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  for (let waited = 0; !(await what()); waited += 20) {
    if (waited > 10_000) throw new Error('it did not happen in ten seconds');
    await sleep(20);
  }
}

test('a job starts soon after the commit that made it necessary, and not before', async () => {
  const seen: { payload: unknown; at: number }[] = [];
  worker = await startWorker(deps, {
    greet: async (_deps, payload) => void seen.push({ payload, at: performance.now() }),
  });
  let committed = 0;
  await withTransaction(pool, async (client) => {
    await enqueue(client, 'greet', { id: 7 });
    await sleep(300);
    expect(seen).toEqual([]);
    committed = performance.now();
  });
  await until(() => seen.length > 0);
  expect(seen[0]?.payload).toEqual({ id: 7 });
  expect((seen[0]?.at ?? 0) - committed).toBeLessThan(1_000);
});

test('a transaction that is rolled back takes its job back', async () => {
  const ran: unknown[] = [];
  const broken = withTransaction(pool, async (client) => {
    await enqueue(client, 'greet', { id: 1 });
    throw new Error('changed my mind');
  });
  await expect(broken).rejects.toThrow('changed my mind');
  await runJobs(deps, { greet: async (_deps, payload) => void ran.push(payload) });
  expect(ran).toEqual([]);
});

test('many changes with one key make one job, and people go before imports', async () => {
  const ran: unknown[] = [];
  await enqueue(pool, 'note', { id: 'import' }, { priority: 10 });
  for (let id = 1; id <= 5; id += 1) await enqueue(pool, 'note', { id }, { jobKey: 'index 17', priority: 5 });
  await enqueue(pool, 'note', { id: 'person' });
  await runJobs(deps, { note: async (_deps, payload) => void ran.push((payload as { id: unknown }).id) });
  expect(ran).toEqual(['person', 5, 'import']);
});

test('a job that fails is kept and tried again later', async () => {
  await enqueue(pool, 'break', {});
  await runJobs(deps, {
    break: async () => {
      throw new Error('the other side is down');
    },
  });
  const { rows } = await pool.query(
    'select attempts, last_error, run_at > now() as later from graphile_worker.jobs',
  );
  expect(rows).toEqual([
    { attempts: 1, last_error: expect.stringContaining('the other side is down'), later: true },
  ]);
});

test('what takes long has slots of its own: nothing else waits for it, however much of it there is', async () => {
  const ran: string[] = [];
  let letGo = (): void => {};
  const held = new Promise<void>((resolve) => (letGo = resolve));
  let reading = 0;
  for (let n = 0; n < 12; n += 1) await enqueue(pool, 'read', { n });
  worker = await startWorker(
    deps,
    {
      read: async () => {
        reading += 1;
        await held;
      },
      import: async () => void ran.push('import'),
    },
    { apart: { tasks: ['read'], slots: 2 } },
  );
  await until(() => reading === 2);
  await enqueue(pool, 'import', {}, { priority: 10 });
  await until(() => ran.length === 1);
  expect(reading).toBe(2);
  letGo();
  await until(() => reading === 12);
});

test('stopping waits for the job that runs', async () => {
  let finished = false;
  let started = false;
  worker = await startWorker(deps, {
    slow: async () => {
      started = true;
      await sleep(500);
      finished = true;
    },
  });
  await enqueue(pool, 'slow', {});
  await until(() => started);
  await worker.stop();
  worker = undefined;
  expect(finished).toBe(true);
  expect((await pool.query('select count(*) from graphile_worker.jobs')).rows).toEqual([{ count: 0 }]);
});

test('a job that does not end in time is told to stop, and stays in the queue', async () => {
  let told = false;
  let started = false;
  const stubborn = await startWorker(
    deps,
    {
      long: async (_deps, _payload, { signal }) => {
        started = true;
        await new Promise<void>((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            told = true;
            reject(new Error('stopped at row 12'));
          });
        });
      },
    },
    { patienceMs: 600 },
  );
  await enqueue(pool, 'long', {});
  await until(() => started);
  await stubborn.stop();
  expect(told).toBe(true);
  const { rows } = await pool.query('select attempts, locked_at from graphile_worker.jobs');
  expect(rows).toEqual([{ attempts: 1, locked_at: null }]);
});

test('jobs of a worker that was killed are done by the next one within seconds', async () => {
  await enqueue(pool, 'left', { id: 3 });
  // As a killed worker leaves it: locked by someone who holds no lock that lives.
  await pool.query(
    `update graphile_worker._private_jobs set locked_by = 'killed-worker', locked_at = now() - interval '1 minute', attempts = 1`,
  );
  const ran: unknown[] = [];
  worker = await startWorker(deps, { left: async (_deps, payload) => void ran.push(payload) });
  await until(() => ran.length > 0);
  expect(ran).toEqual([{ id: 3 }]);
});

test('a second worker leaves alone what the first one is doing', async () => {
  const ran: string[] = [];
  const task = (name: string) => ({
    slow: async () => {
      ran.push(name);
      await sleep(3_500);
    },
  });
  worker = await startWorker(deps, task('first'));
  await enqueue(pool, 'slow', {});
  await until(() => ran.length > 0);
  await sleep(1_200);
  const second = await startWorker(deps, task('second'));
  await sleep(2_200);
  await second.stop();
  expect(ran).toEqual(['first']);
});

test('what a folder above the portal has for the queue can neither change it nor keep it from starting', async () => {
  const above = await mkdtemp(join(tmpdir(), 'commonshelf-above-'));
  try {
    await writeFile(join(above, '.graphile-workerrc.json'), '{ this is no JSON');
    const portal = join(above, 'portal');
    await mkdir(portal);
    await symlink(join(projectRoot, 'node_modules'), join(portal, 'node_modules'));
    const load = () =>
      promisify(execFile)(process.execPath, ['-e', "require('graphile-worker')"], { cwd: portal });
    await writeFile(join(portal, 'package.json'), '{}');
    await expect(load()).rejects.toThrow('no JSON');
    await copyFile(join(projectRoot, 'package.json'), join(portal, 'package.json'));
    await load();
  } finally {
    await rm(above, { recursive: true });
  }
});
