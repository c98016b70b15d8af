import type { ClientBase, Pool } from 'pg';

export type EnqueueOptions = {
  /**
   * There is one waiting job with this key: a second call replaces it, so that many changes make one job. A
   * job that runs already is not touched; another one follows it.
   */
  jobKey?: string;
  /** With a key: a job that waits already keeps its moment, so that new ones can't put it off for ever. */
  keepsTime?: true;
  /** Lower goes first; 0 unless told. People's changes go before imports, these before the documents that they bring, then upkeep. */
  priority?: number;
  /** Not before this moment; at once unless told. */
  runAt?: Date;
  /** Jobs of one queue run one after the other. */
  queue?: string;
  /** How often it is tried before it is left lying; 25 unless told, with growing pauses (days in all). */
  maxAttempts?: number;
};

/** How often a mail is tried: over two days, for a mail server that is mended after a weekend's night. */
export const MAIL_ATTEMPTS = 16;

export const jobPriority = { people: 0, imports: 10, documents: 15, upkeep: 20 } as const;

/**
 * Adds a job in the caller's transaction: it starts some milliseconds after the commit, and a rollback takes
 * it back. A job may run more than once (a worker can be killed after its work), so a task reads the present
 * state and does what is missing.
 * @param client the connection of the transaction
 * @param task name of a task that a worker knows
 * @param payload ids, not records; what JSON can hold
 */
export async function enqueue(
  client: ClientBase | Pool,
  task: string,
  payload: Record<string, unknown>,
  options: EnqueueOptions = {},
): Promise<void> {
  await client.query(
    `select graphile_worker.add_job($1, payload := $2::json, queue_name := $3, run_at := $4::timestamptz,
       max_attempts := $5::int, job_key := $6, priority := $7::int, job_key_mode := $8)`,
    [
      task,
      JSON.stringify(payload),
      options.queue ?? null,
      options.runAt ?? null,
      options.maxAttempts ?? null,
      options.jobKey ?? null,
      options.priority ?? null,
      options.keepsTime ? 'preserve_run_at' : 'replace',
    ],
  );
}
