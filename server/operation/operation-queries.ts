import { escapeIdentifier, type Pool } from 'pg';
import type { ProcessKind } from './heartbeat.ts';

/** A job that was given up, or that failed and will be tried again. */
export interface FailedJobRow {
  id: string;
  task: string;
  attempts: number;
  maxAttempts: number;
  error: string;
  /** When it is tried again; null: it isn't, unless somebody says so. */
  again: Date | null;
  madeAt: Date;
}

/** How much of one kind of work there is. */
export interface QueueRow {
  task: string;
  /** Due and not begun. */
  waiting: number;
  running: number;
  /** Planned for later. */
  later: number;
  /** Seconds that the oldest waiting one has been due. */
  oldestSeconds: number;
}

export interface TableRow {
  name: string;
  /** With its indexes. */
  bytes: number;
  indexBytes: number;
  /** Counted where the table is small, else as PostgreSQL last reckoned; null: it has not reckoned yet. */
  rows: number | null;
}

/** A statement that took long in the last days, without its values. */
export interface SlowQueryRow {
  text: string;
  calls: number;
  totalMs: number;
  mostMs: number;
  lastAt: Date;
}

/** Content that isn't what it was, and is not handed out. */
export interface DamagedRow {
  sha256: string;
  damage: 'missing' | 'changed' | 'unreadable';
  since: Date;
  bytes: number;
  /** Resources that have it, a few of them. */
  resources: { id: string; title: string }[];
}

/** A process of the portal, as it last said itself. */
export interface ProcessRow {
  host: string;
  pid: number;
  kind: ProcessKind;
  version: string;
  startedAt: Date;
  /** Seconds since it was last heard of. */
  silentSeconds: number;
}

export interface OperationFacts {
  processes: ProcessRow[];
  /** Of PostgreSQL. */
  serverVersion: string;
  databaseBytes: number;
  slow: SlowQueryRow[];
  damaged: DamagedRow[];
  damagedTotal: number;
  /** Stored contents, their size together, and when the least recently checked one was read; null without any. */
  stored: { count: number; bytes: number; oldestCheck: Date | null };
  failed: FailedJobRow[];
  failedTotal: number;
  queues: QueueRow[];
  tables: TableRow[];
  /** Connections to this database, and how many the server takes. */
  connections: { open: number; most: number };
  /** Seconds that the longest running query has taken; 0 when nothing runs. */
  longestSeconds: number;
}

const SHOWN = 50;
const TABLES = 12;
const SLOW = 20;

/** Tables up to this size are counted: PostgreSQL reckons only after many changes, or not at all in a small one. */
const COUNTED_BYTES = 8 * 1024 * 1024;

/** All that the database knows of its own work and the portal's jobs: one round trip, and one to count small tables. */
export async function operationFacts(pool: Pool): Promise<OperationFacts> {
  const { rows } = await pool.query<{ facts: OperationFacts }>(factsSql, [SHOWN, TABLES, SLOW]);
  const { facts } = rows[0]!;
  return {
    ...facts,
    tables: await withCounts(pool, facts.tables),
    processes: facts.processes.map((row) => ({ ...row, startedAt: new Date(row.startedAt) })),
    slow: facts.slow.map((row) => ({ ...row, lastAt: new Date(row.lastAt) })),
    damaged: facts.damaged.map((row) => ({ ...row, since: new Date(row.since) })),
    stored: { ...facts.stored, oldestCheck: facts.stored.oldestCheck && new Date(facts.stored.oldestCheck) },
    failed: facts.failed.map((job) => ({
      ...job,
      again: job.again && new Date(job.again),
      madeAt: new Date(job.madeAt),
    })),
  };
}

async function withCounts(pool: Pool, tables: TableRow[]): Promise<TableRow[]> {
  const small = tables.filter(({ bytes, indexBytes }) => bytes - indexBytes <= COUNTED_BYTES);
  if (small.length === 0) return tables;
  const counts = small.map(({ name }) => `(SELECT count(*)::int FROM public.${escapeIdentifier(name)})`);
  const { rows } = await pool.query<{ counts: number[] }>(`SELECT ARRAY[${counts.join(', ')}] AS counts`);
  const counted = new Map(small.map(({ name }, index) => [name, rows[0]?.counts[index] ?? null]));
  return tables.map((table) => ({ ...table, rows: counted.get(table.name) ?? table.rows }));
}

const factsSql = `
  WITH job AS MATERIALIZED (
    SELECT id, task_identifier, attempts, max_attempts, last_error, run_at, created_at, locked_at, run_at <= now() AS due,
           attempts >= max_attempts AS given_up
    FROM graphile_worker.jobs),
  bad AS (SELECT * FROM job WHERE last_error IS NOT NULL AND attempts > 0 AND locked_at IS NULL)
  SELECT json_build_object(
    'processes', coalesce((
      SELECT json_agg(json_build_object('host', host, 'pid', pid, 'kind', kind, 'version', version, 'startedAt', started_at,
                                        'silentSeconds', extract(epoch FROM now() - heard_at)::float8) ORDER BY host, kind, started_at, id)
      FROM process WHERE heard_at > now() - interval '1 day'), '[]'),
    'serverVersion', current_setting('server_version'),
    'databaseBytes', pg_database_size(current_database()),
    'slow', coalesce((
      SELECT json_agg(json_build_object('text', text, 'calls', calls, 'totalMs', total, 'mostMs', most, 'lastAt', last) ORDER BY total DESC)
      FROM (SELECT min(text) AS text, sum(calls)::int AS calls, sum(total_ms) AS total, max(most_ms) AS most, max(last_at) AS last
            FROM slow_query WHERE day > current_date - 7 GROUP BY hash ORDER BY total DESC LIMIT $3) s), '[]'),
    'damaged', coalesce((
      SELECT json_agg(json_build_object('sha256', sha256, 'damage', damage, 'since', damaged_at, 'bytes', size, 'resources', coalesce((
          SELECT json_agg(json_build_object('id', r.id, 'title', coalesce(v.title, ''))) FROM (
            SELECT DISTINCT f.resource_id FROM file f WHERE f.sha256 = d.sha256 LIMIT 3) u
          JOIN resource r ON r.id = u.resource_id AND r.state <> 'purged' LEFT JOIN version v ON v.id = r.current_version_id), '[]')) ORDER BY damaged_at DESC)
      FROM (SELECT * FROM blob WHERE damage IS NOT NULL ORDER BY damaged_at DESC LIMIT $1) d), '[]'),
    'damagedTotal', (SELECT count(*)::int FROM blob WHERE damage IS NOT NULL),
    'stored', (SELECT json_build_object('count', count(*), 'bytes', coalesce(sum(size), 0), 'oldestCheck', min(coalesce(verified_at, created_at))) FROM blob),
    'failed', coalesce((
      SELECT json_agg(json_build_object('id', id::text, 'task', task_identifier, 'attempts', attempts, 'maxAttempts', max_attempts,
                                        'error', last_error, 'again', CASE WHEN NOT given_up THEN run_at END, 'madeAt', created_at)
                      ORDER BY given_up DESC, created_at DESC)
      FROM (SELECT * FROM bad ORDER BY given_up DESC, created_at DESC LIMIT $1) shown), '[]'),
    'failedTotal', (SELECT count(*)::int FROM bad),
    'queues', coalesce((
      SELECT json_agg(json_build_object('task', task_identifier, 'waiting', waiting, 'running', running, 'later', later, 'oldestSeconds', oldest)
                      ORDER BY waiting DESC, task_identifier)
      FROM (SELECT task_identifier,
              count(*) FILTER (WHERE due AND locked_at IS NULL AND NOT given_up)::int AS waiting,
              count(*) FILTER (WHERE locked_at IS NOT NULL)::int AS running,
              count(*) FILTER (WHERE NOT due AND locked_at IS NULL)::int AS later,
              coalesce(extract(epoch FROM now() - min(run_at) FILTER (WHERE due AND locked_at IS NULL AND NOT given_up)), 0)::float8 AS oldest
            FROM job GROUP BY task_identifier) q), '[]'),
    'tables', coalesce((
      SELECT json_agg(json_build_object('name', relname, 'bytes', total, 'indexBytes', indexes, 'rows', rows) ORDER BY total DESC)
      FROM (SELECT c.relname, pg_total_relation_size(c.oid) AS total, pg_indexes_size(c.oid) AS indexes, CASE WHEN c.reltuples > 0 THEN c.reltuples::float8 END AS rows
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND n.nspname = 'public'
            ORDER BY total DESC LIMIT $2) t), '[]'),
    'connections', json_build_object(
      'open', (SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database()),
      'most', current_setting('max_connections')::int),
    'longestSeconds', (SELECT coalesce(max(extract(epoch FROM now() - query_start)), 0)::float8 FROM pg_stat_activity
                       WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid() AND backend_type = 'client backend')
  ) AS facts`;
