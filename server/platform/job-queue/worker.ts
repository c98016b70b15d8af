import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger as QueueLogger, parseCronItems, run, runMigrations, runOnce } from 'graphile-worker';
import type { JobHelpers, Runner, SharedOptions, TaskList, WorkerEvents } from 'graphile-worker';
import type { Pool } from 'pg';
import { timed } from '../../lib/timed.ts';
import type { Logger } from '../logger.ts';
import { keepWorkerLease } from './worker-lease.ts';

type WorkerDeps = { pool: Pool; log: Logger };

export type JobContext = {
  /** How often it has been tried, this time included. */
  attempt: number;
  maxAttempts: number;
  /** Fires when the worker is stopping: a long job saves where it is and throws, and is tried again later. */
  signal: AbortSignal;
};

/** What to do for one kind of job. `payload` is what `enqueue` was given and must be parsed. */
export type Task<Deps> = (deps: Deps, payload: unknown, job: JobContext) => Promise<void>;
export type Tasks<Deps> = Record<string, Task<Deps>>;

/** A job that comes back by the clock. `cron` has five fields, in UTC: `0 3 * * *` is each night at three. */
export type Schedule = { task: string; cron: string };

/** How a job went. */
export type JobSeen = { task: string; seconds: number; ok: boolean };

export type WorkerOptions = {
  /** Jobs at once; 4 unless told. */
  concurrency?: number;
  schedules?: Schedule[];
  /** Tasks that take long, and how many of them run at once: in slots of their own, so that nothing else waits for one. */
  apart?: { tasks: readonly string[]; slots: number };
  /** Told of every job that ends, however it does. */
  onJob?: (seen: JobSeen) => void;
  /** How long running jobs get to finish when the worker stops, in milliseconds; 20 seconds unless told. */
  patienceMs?: number;
};

export type Worker = {
  /** Takes no new job, waits for those that run. What isn't finished in time is tried again later. */
  stop: () => Promise<void>;
};

/**
 * Runs jobs in this process until it is stopped. A worker that ends on its own (the database was away) is
 * started again, and jobs that a killed worker held are given back to the queue.
 */
export async function startWorker<Deps extends WorkerDeps>(
  deps: Deps,
  tasks: Tasks<Deps>,
  { apart, ...options }: WorkerOptions = {},
): Promise<Worker> {
  if (!apart) return startSlots(deps, tasks, options);
  const isApart = (task: string) => apart.tasks.includes(task);
  const only = (which: (task: string) => boolean): Tasks<Deps> =>
    Object.fromEntries(Object.entries(tasks).filter(([task]) => which(task)));
  const { schedules: _schedules, ...common } = options;
  const first = await startSlots(
    deps,
    only((task) => !isApart(task)),
    options,
  );
  try {
    const second = await startSlots(deps, only(isApart), { ...common, concurrency: apart.slots });
    return { stop: async () => void (await Promise.all([first.stop(), second.stop()])) };
  } catch (error) {
    await first.stop();
    throw error;
  }
}

async function startSlots<Deps extends WorkerDeps>(
  deps: Deps,
  tasks: Tasks<Deps>,
  options: Omit<WorkerOptions, 'apart'>,
): Promise<Worker> {
  const lease = await keepWorkerLease(deps);
  const patienceMs = options.patienceMs ?? 20_000;
  const stopping = new AbortController();
  const start = async () => {
    const events: WorkerEvents = new EventEmitter();
    events.on('pool:create', ({ workerPool }) => lease.adopt(workerPool.id));
    return run({
      ...queueOptions(deps, options.concurrency ?? 4, stopping.signal),
      events,
      taskList: taskList(deps, tasks, options.onJob),
      parsedCronItems: cronItems(options.schedules ?? []),
      // Half the patience to finish in peace, half to come to an end after `signal` has fired.
      preset: { worker: { ...recorded, gracefulShutdownAbortTimeout: patienceMs / 2 } },
    });
  };
  let runner = await start();
  const supervised = (async () => {
    while (!stopping.signal.aborted) {
      await runner.promise.catch((err) => deps.log.error({ err }, 'The worker stopped'));
      for (let wait = 500; !stopping.signal.aborted; wait = Math.min(wait * 2, 30_000)) {
        await sleep(wait, undefined, { signal: stopping.signal }).catch(() => {});
        if (stopping.signal.aborted) return;
        const again = await start().catch((err: unknown) =>
          deps.log.warn({ err }, 'The worker could not start'),
        );
        if (!again) continue;
        runner = again;
        deps.log.warn('The worker is running again');
        break;
      }
    }
  })();
  return {
    stop: async () => {
      stopping.abort();
      await stopRunner(runner, patienceMs, deps.log);
      await supervised;
      await lease.release();
    },
  };
}

/** With these the queue waits, when it stops, until it is written down how the last jobs went. */
const recorded = { completeJobBatchDelay: 0, failJobBatchDelay: 0 };

/** Runs every job that is due, and what those add, then returns. For commands and tests. */
export async function runJobs<Deps extends WorkerDeps>(deps: Deps, tasks: Tasks<Deps>): Promise<void> {
  await runOnce({ ...queueOptions(deps, 1), taskList: taskList(deps, tasks), preset: { worker: recorded } });
}

/** Makes or updates the tables of the queue (schema `graphile_worker`). */
export async function migrateJobQueue(deps: WorkerDeps): Promise<void> {
  await runMigrations(queueOptions(deps, 1));
}

function queueOptions(
  { pool, log }: WorkerDeps,
  concurrency: number,
  stopping?: AbortSignal,
): SharedOptions & { concurrency: number; noHandleSignals: true } {
  return { pgPool: pool, logger: queueLogger(log, stopping), concurrency, noHandleSignals: true };
}

async function stopRunner(runner: Runner, patienceMs: number, log: Logger): Promise<void> {
  // It rejects when it has ended already.
  const gently = runner.stop().catch(() => {});
  const late = new AbortController();
  const timeUp = sleep(patienceMs, 'late', { signal: late.signal }).catch(() => {});
  if ((await Promise.race([gently, timeUp])) === 'late') {
    log.warn('Some jobs did not finish in time; they will be tried again');
    await runner.kill('took too long to stop').catch(() => {});
  }
  late.abort();
}

function taskList<Deps>(deps: Deps, tasks: Tasks<Deps>, onJob?: (seen: JobSeen) => void): TaskList {
  return Object.fromEntries(
    Object.entries(tasks).map(([name, task]) => [
      name,
      (payload: unknown, { job, abortSignal }: JobHelpers) => {
        const context = { attempt: job.attempts, maxAttempts: job.max_attempts, signal: abortSignal };
        return timed(
          () => task(deps, payload, context),
          (seen) => onJob?.({ task: name, ...seen }),
        );
      },
    ]),
  );
}

function cronItems(schedules: Schedule[]): ReturnType<typeof parseCronItems> {
  return parseCronItems(
    schedules.map(({ task, cron }) => ({
      task,
      match: cron,
      identifier: task,
      // One waiting job is enough, however long the worker was away.
      options: { jobKey: task, jobKeyMode: 'preserve_run_at' as const },
    })),
  );
}

/**
 * The queue tells of every job; only what went wrong is worth a line at the usual levels. A job that gives up
 * because the worker is stopping did what it was asked to.
 */
function queueLogger(log: Logger, stopping?: AbortSignal): QueueLogger {
  const levels = { error: 'error', warning: 'warn', info: 'debug', debug: 'trace' } as const;
  return new QueueLogger(({ taskIdentifier, jobId }) => (level, message, meta) => {
    const err = (meta as { error?: unknown } | undefined)?.error;
    const as = stopping?.aborted && level === 'error' ? 'info' : levels[level];
    log[as]({ task: taskIdentifier, job: jobId, err }, message);
  });
}
