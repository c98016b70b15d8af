import { Gauge } from 'prom-client';
import type { Deps } from '../../deps.ts';
import { diskRoom } from '../../files/disk-room.ts';
import { briefCache } from '../../lib/brief-cache.ts';
import { inTime } from '../../platform/in-time.ts';
import { searchHealth } from '../../search/index-queue.ts';
import { SILENT_SECONDS } from '../heartbeat.ts';
import type { Metrics } from './metrics.ts';

type GaugeDeps = Pick<Deps, 'pool' | 'files' | 'config' | 'search'>;

/** How long what was asked of the database is good for: several who ask at once cost one question. */
const FRESH_MS = 5_000;

/** A database that takes longer counts as away: whoever reads the metrics doesn't wait for it. */
const PATIENCE_MS = 3_000;

/**
 * Gauges of what all processes share: jobs, indexing, files, disk. They are asked for when somebody reads them; while the
 * database is away they are left out and `commonshelf_database_up` is 0.
 */
export function addPortalGauges({ registry, gather }: Metrics, deps: GaugeDeps): void {
  const registers = [registry];
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name: `commonshelf_${name}`, help, labelNames, registers });
  const jobs = gauge('jobs', 'Jobs by task and state (waiting, running, later, failed)', ['task', 'state']);
  const oldestJob = gauge('jobs_oldest_seconds', 'How long the oldest waiting job has been due');
  const unindexed = gauge('unindexed', 'Changes that wait for an index, by engine', ['engine']);
  const oldest = gauge('unindexed_oldest_seconds', 'How long the oldest of them has waited', ['engine']);
  const away = gauge('search_engine_down', '1 while the indexer cannot reach the engine', ['engine']);
  const processes = gauge(
    'processes',
    `Processes heard of in the last ${SILENT_SECONDS} seconds, by kind (web, worker, both)`,
    ['kind'],
  );
  const damaged = gauge('files_damaged', 'Stored files that are not what they were');
  const lastCheck = gauge(
    'files_oldest_check_seconds',
    'Since when the least recently checked file was read',
  );
  const size = gauge('database_bytes', 'Size of the database');
  const free = gauge('disk_free_bytes', 'Room on the disk of the files');
  const total = gauge('disk_total_bytes', 'Size of that disk');
  const open = gauge('uploads_open', '1 while files are taken, 0 while the disk is too full');
  const connections = gauge(
    'pool_connections',
    'Connections of this process, by state (used, idle, wanted)',
    ['state'],
  );
  const remembered = briefCache<Awaited<ReturnType<typeof portalFacts>>>(FRESH_MS);
  const ask = () => remembered('all', () => inTime(portalFacts(deps), PATIENCE_MS));
  const up = gauge('database_up', '1 while the database answers');
  gather.push(async () => {
    for (const one of [jobs, unindexed, oldest, away, processes]) one.reset();
    // Not `reset`, which leaves a 0 where there are no labels.
    for (const one of [oldestJob, damaged, lastCheck, size]) one.remove();
    const { pool } = deps;
    connections.set({ state: 'used' }, pool.totalCount - pool.idleCount);
    connections.set({ state: 'idle' }, pool.idleCount);
    connections.set({ state: 'wanted' }, pool.waitingCount);
    const room = await diskRoom(deps).catch(() => undefined);
    if (room) {
      free.set(room.free);
      total.set(room.total);
    }
    open.set(room?.open ? 1 : 0);
    const facts = await ask().catch(() => undefined);
    up.set(facts ? 1 : 0);
    if (!facts) return;
    for (const { task, state, count } of facts.jobs) jobs.set({ task, state }, count);
    oldestJob.set(facts.oldestJob);
    for (const { engine, waiting, oldestSeconds, downSince } of facts.engines) {
      unindexed.set({ engine }, waiting);
      oldest.set({ engine }, oldestSeconds);
      away.set({ engine }, downSince ? 1 : 0);
    }
    for (const kind of ['web', 'worker', 'both']) processes.set({ kind }, facts.processes[kind] ?? 0);
    damaged.set(facts.damaged);
    lastCheck.set(facts.lastCheck);
    size.set(facts.databaseBytes);
  });
}

interface PortalFacts {
  jobs: { task: string; state: string; count: number }[];
  oldestJob: number;
  processes: Record<string, number>;
  damaged: number;
  lastCheck: number;
  databaseBytes: number;
}

async function portalFacts({ pool, search }: Pick<Deps, 'pool' | 'search'>) {
  const [{ rows }, engines] = await Promise.all([
    pool.query<PortalFacts>(
      `SELECT coalesce((SELECT json_agg(j) FROM (
           SELECT task_identifier AS task, count(*)::int AS count, CASE WHEN locked_at IS NOT NULL THEN 'running'
             WHEN attempts >= max_attempts THEN 'failed' WHEN run_at <= now() THEN 'waiting' ELSE 'later' END AS state
           FROM graphile_worker.jobs GROUP BY 1, 3) j), '[]') AS jobs,
         (SELECT coalesce(extract(epoch FROM now() - min(run_at)), 0)::float8 FROM graphile_worker.jobs
          WHERE run_at <= now() AND locked_at IS NULL AND attempts < max_attempts) AS "oldestJob",
         (SELECT coalesce(json_object_agg(kind, n), '{}') FROM (
            SELECT kind, count(*)::int AS n FROM process WHERE heard_at > now() - ${SILENT_SECONDS} * interval '1 second' GROUP BY kind) p) AS processes,
         (SELECT count(*)::int FROM blob WHERE damage IS NOT NULL) AS damaged,
         (SELECT coalesce(extract(epoch FROM now() - min(coalesce(verified_at, created_at))), 0)::float8 FROM blob) AS "lastCheck",
         pg_database_size(current_database())::float8 AS "databaseBytes"`,
    ),
    searchHealth(pool, search.all),
  ]);
  return { ...rows[0]!, engines };
}
