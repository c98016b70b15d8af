import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { JobSeen } from '../../platform/job-queue/worker.ts';
import type { SearchSeen } from '../../search/search-engines.ts';
import type { RequestSeen } from '../../web/request-metrics.ts';

const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const longBuckets = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800];

/** What this process counts, for Prometheus. Labels are names of ours: no address, no id, no word that somebody typed. */
export interface Metrics {
  registry: Registry;
  /** What has to be asked before the registry is read. */
  gather: (() => Promise<void>)[];
  request: (seen: RequestSeen) => void;
  /** Content that was taken into the store, by whichever door; its size in bytes. */
  kept: (bytes: number) => void;
  job: (seen: JobSeen) => void;
  search: (seen: SearchSeen) => void;
  query: (seconds: number) => void;
}

/** Makes the counters, and begins to watch memory, processor and event loop. */
export function createMetrics(version: string): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'commonshelf_info',
    help: 'Version of the portal; always 1',
    labelNames: ['version'],
    registers,
  }).set({ version }, 1);
  const requests = new Histogram({
    name: 'commonshelf_http_request_seconds',
    help: 'Requests by method, route and status, with how long they took; status 499: the visitor left before the answer',
    labelNames: ['method', 'route', 'status'],
    buckets,
    registers,
  });
  const kept = new Counter({
    name: 'commonshelf_files_kept_total',
    help: 'Files taken into the store: uploads, imports, API',
    registers,
  });
  const keptBytes = new Counter({
    name: 'commonshelf_files_kept_bytes_total',
    help: 'Their size together',
    registers,
  });
  const jobs = new Histogram({
    name: 'commonshelf_job_seconds',
    help: 'Jobs that this process did, by task and outcome (done, failed)',
    labelNames: ['task', 'outcome'],
    buckets: longBuckets,
    registers,
  });
  const searches = new Histogram({
    name: 'commonshelf_search_seconds',
    help: 'Searches by engine and outcome (answered, failed)',
    labelNames: ['engine', 'outcome'],
    buckets,
    registers,
  });
  const fallbacks = new Counter({
    name: 'commonshelf_search_fallbacks_total',
    help: 'Searches that the other engine answered, since the first was away or slow',
    registers,
  });
  const queries = new Histogram({
    name: 'commonshelf_database_query_seconds',
    help: 'Statements of the database',
    buckets,
    registers,
  });
  return {
    registry,
    gather: [],
    request: ({ method, route, status, seconds }) => requests.observe({ method, route, status }, seconds),
    kept: (bytes) => {
      kept.inc();
      keptBytes.inc(bytes);
    },
    job: ({ task, seconds, ok }) => jobs.observe({ task, outcome: ok ? 'done' : 'failed' }, seconds),
    search: ({ engine, seconds, ok, standIn }) => {
      searches.observe({ engine, outcome: ok ? 'answered' : 'failed' }, seconds);
      if (standIn) fallbacks.inc();
    },
    query: (seconds) => queries.observe(seconds),
  };
}
