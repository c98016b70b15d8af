import type { Pool, PoolClient } from 'pg';
import type { Logger } from '../logger.ts';

/** First half of the advisory locks that say which workers live. */
const LOCKS = 1_129_270_612;
const SWEEP_MS = 15_000;

export type WorkerLease = {
  /** Says that the worker of this id belongs to this process. */
  adopt: (workerId: string) => void;
  release: () => Promise<void>;
};

/**
 * The queue keeps a job locked for four hours after its worker was killed. So each worker holds an advisory
 * lock of its own on a connection that stays open, and PostgreSQL lets go of it when the process dies,
 * however it dies. Every worker looks now and then for locked jobs whose worker has no such lock any more,
 * and gives them back.
 */
export async function keepWorkerLease({ pool, log }: { pool: Pool; log: Logger }): Promise<WorkerLease> {
  let own: string | undefined;
  let client: PoolClient | undefined;
  /** The connection on which `own` was locked; a new connection needs a new lock. */
  let held: { client?: PoolClient; id?: string } = {};
  let released = false;
  let busy = Promise.resolve();

  /** Hands the connection back to the pool to be closed; a lock lasts as long as its connection. */
  const giveUp = (old: PoolClient | undefined) => {
    if (!old || old !== client) return;
    client = undefined;
    old.release(true);
  };
  const sweep = async () => {
    try {
      client ??= await holdConnection(pool, giveUp);
      if (own && (held.client !== client || held.id !== own)) {
        await client.query('select pg_advisory_lock($1::int, hashtext($2))', [LOCKS, own]);
        held = { client, id: own };
      }
      await giveBack(client, own, log);
    } catch (err) {
      log.warn({ err }, 'Jobs of stopped workers could not be looked for');
    }
  };
  /** One after the other: they share a connection. */
  const queueSweep = () => {
    if (!released) busy = busy.then(sweep);
    return busy;
  };
  const timer = setInterval(() => void queueSweep(), SWEEP_MS);
  // A worker killed just before this start may have taken a job in its last second.
  const soon = setTimeout(() => void queueSweep(), 2_000);
  await queueSweep();

  return {
    adopt: (workerId) => {
      own = workerId;
      void queueSweep();
    },
    release: async () => {
      released = true;
      clearInterval(timer);
      clearTimeout(soon);
      await busy;
      giveUp(client);
    },
  };
}

async function holdConnection(pool: Pool, lost: (client: PoolClient) => void): Promise<PoolClient> {
  const client = await pool.connect();
  client.once('end', () => lost(client));
  return client;
}

/** A job that a worker holds which is gone, however it went. */
export interface HeldJob {
  id: string;
  task: string;
  worker: string;
}

/** Jobs held by workers that no process answers for any more. Only looks: takes no lock. */
export async function heldJobs(pool: Pool): Promise<HeldJob[]> {
  const { rows } = await pool.query<HeldJob>(
    `select j.id::text, j.task_identifier as task, j.locked_by as worker from graphile_worker.jobs j
     where j.locked_by is not null and j.locked_at < now() - interval '1 minute' and not exists (
       select 1 from pg_locks l where l.locktype = 'advisory' and l.granted and l.classid = $1::int::oid
         and l.database = (select oid from pg_database where datname = current_database())
         and l.objid::bigint = hashtext(j.locked_by)::bigint & 4294967295)
     order by j.id`,
    [LOCKS],
  );
  return rows;
}

/** Gives such jobs back to the queue. */
export async function giveBackJobs(pool: Pool, log: Logger): Promise<void> {
  const client = await pool.connect();
  try {
    await giveBack(client, undefined, log);
  } finally {
    client.release(true);
  }
}

/** Unlocks the jobs of workers whose lock is free. The first second belongs to workers that just started. */
async function giveBack(client: PoolClient, own: string | undefined, log: Logger): Promise<void> {
  const { rows } = await client.query<{ id: string }>(
    `select locked_by as id from (
       select distinct locked_by from graphile_worker.jobs
       where locked_by is not null and locked_by is distinct from $2 and locked_at < now() - interval '1 second'
     ) held where pg_try_advisory_lock($1::int, hashtext(locked_by))`,
    [LOCKS, own ?? null],
  );
  if (rows.length === 0) return;
  const dead = rows.map(({ id }) => id);
  await client.query('select graphile_worker.force_unlock_workers($1::text[])', [dead]);
  await client.query('select pg_advisory_unlock($1::int, hashtext(id)) from unnest($2::text[]) as id', [
    LOCKS,
    dead,
  ]);
  log.warn({ workers: dead.length }, 'Jobs of a worker that was killed are given back');
}
