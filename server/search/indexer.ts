import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { Logger } from '../platform/logger.ts';
import {
  builtSettings,
  finishRows,
  isBehind,
  markDown,
  markTaken,
  markUp,
  nextBatch,
  PRIORITY,
  retryRows,
  untilRetry,
  type DirtyRow,
} from './index-queue.ts';
import { takeLease, type Lease } from './index-lease.ts';
import { rebuildIndex } from './index-rebuild.ts';
import { readDocuments } from './search-documents.ts';
import { EngineDown, type IndexBatch, type SearchEngine } from './search-port.ts';
import { tellSynonyms } from './synonyms/synonym-queries.ts';

export interface IndexerDeps {
  pool: Pool;
  log: Pick<Logger, 'info' | 'warn' | 'error'>;
  engines: readonly SearchEngine[];
}

export interface Indexer {
  /** Finishes the batch under way, then lets go. What still waits stays marked. */
  stop(): Promise<void>;
}

/** Times in milliseconds; tests make them shorter. */
export interface IndexerTimes {
  /** How long a batch should take: a change of a person waits for at most one batch. */
  batch: number;
  /** How often to look without having been told. */
  poll: number;
  /** How often to ask for the right to index while another process has it. */
  standBy: number;
  /** First wait after the engine was found down; doubles up to 30 times that. */
  down: number;
}

const TIMES: IndexerTimes = { batch: 300, poll: 10_000, standBy: 5000, down: 1000 };

/**
 * Keeps every engine's index in step with the database: drains search_dirty, each engine at its own pace, and builds an
 * index that was made with other settings anew. Safe in several processes at once: one of them indexes, the others
 * stand by. Errors are logged and tried again; nothing is thrown.
 */
export function startIndexer(deps: IndexerDeps, times: Partial<IndexerTimes> = {}): Indexer {
  const stopping = new AbortController();
  const runs = deps.engines.map((engine) =>
    new EngineIndexer(deps, engine, { ...TIMES, ...times }, stopping.signal).run(),
  );
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all(runs);
    },
  };
}

class EngineIndexer {
  readonly #deps: IndexerDeps;
  readonly #engine: SearchEngine;
  readonly #times: IndexerTimes;
  readonly #signal: AbortSignal;
  #size: number;
  #batches = 0;
  #down = 0;

  constructor(deps: IndexerDeps, engine: SearchEngine, times: IndexerTimes, signal: AbortSignal) {
    this.#deps = deps;
    this.#engine = engine;
    this.#times = times;
    this.#signal = signal;
    this.#size = Math.max(100, engine.batch.least);
  }

  async run(): Promise<void> {
    const { pool, log } = this.#deps;
    while (!this.#signal.aborted) {
      let lease: Lease | null = null;
      try {
        lease = await takeLease(pool, this.#engine.name);
        if (lease) await this.#work(lease);
        else await this.#pause(this.#times.standBy);
      } catch (err) {
        if (this.#signal.aborted) break;
        await this.#troubled(err);
        log.warn({ err, engine: this.#engine.name }, 'Indexing was interrupted and goes on shortly');
      } finally {
        await lease?.release();
      }
    }
  }

  async #work(lease: Lease): Promise<void> {
    const { pool } = this.#deps;
    const engine = this.#engine;
    while (!this.#signal.aborted && lease.held) {
      const built = (await builtSettings(pool, engine.name)) === engine.settings && (await engine.ready());
      if (!built) {
        const all = { engine, lease, signal: this.#signal, size: () => this.#size, paced: this.#paced };
        await rebuildIndex(
          { ...this.#deps, ...all },
          async (also) => (await this.#drain(PRIORITY.import, also)) !== null,
        );
        await this.#well();
        continue;
      }
      await this.#tellSynonyms();
      const drained = await this.#drain(PRIORITY.reindex);
      if (drained?.priority === PRIORITY.import) await this.#rest(lease, drained.took);
      if (!drained) {
        await this.#well();
        const retry = await untilRetry(pool, engine.name);
        await lease.wait(Math.min(this.#times.poll, retry ?? Infinity), this.#signal);
      }
    }
  }

  /** Synonyms that the engine refuses don't keep resources from being indexed. */
  async #tellSynonyms(): Promise<void> {
    try {
      await tellSynonyms(this.#deps.pool, this.#engine);
    } catch (err) {
      if (err instanceof EngineDown) throw err;
      this.#deps.log.error({ err, engine: this.#engine.name }, 'Synonyms could not be told to the engine');
    }
  }

  /**
   * Indexes one batch. `also`: a new index that is being built, which must not miss it.
   * @returns whose changes they were and how many ms it took; null when nothing waits
   * @throws EngineDown; what the engine refuses is put back instead
   */
  async #drain(
    upTo: number,
    also?: (batch: IndexBatch) => Promise<void>,
  ): Promise<{ priority: number; took: number } | null> {
    const { pool, log } = this.#deps;
    const started = performance.now();
    const rows = await this.#next(upTo);
    const [first] = rows;
    if (!first) return null;
    try {
      await this.#paced(rows.length, async () => {
        const batch = await batchOf(pool, rows);
        await also?.(batch);
        await this.#engine.apply(batch);
      });
      await finishRows(pool, this.#engine.name, rows);
      await markTaken(pool, this.#engine.name);
      await this.#well();
    } catch (err) {
      if (err instanceof EngineDown) throw err;
      log.error({ err, engine: this.#engine.name, resources: rows.length }, 'Resources could not be indexed');
      await retryRows(pool, this.#engine.name, rows, String(err));
    }
    return { priority: first.priority, took: performance.now() - started };
  }

  /** While much waits, leaves the machine to those who search, for a while that fits what a batch took; what a person changes is indexed at once. */
  async #rest(lease: Lease, took: number): Promise<void> {
    const { rest } = this.#engine.batch;
    if (rest === null || !(await isBehind(this.#deps.pool, this.#engine.name, rest.behind))) return;
    const until = performance.now() + took * rest.times;
    for (;;) {
      const left = until - performance.now();
      if (left <= 0 || this.#signal.aborted || !lease.held) return;
      await lease.wait(left, this.#signal);
      await this.#drain(PRIORITY.person);
    }
  }

  /** Fresh rows first; every tenth time, or when there are none, those that failed before. */
  async #next(upTo: number): Promise<DirtyRow[]> {
    this.#batches += 1;
    const take = (retries: boolean) =>
      nextBatch(this.#deps.pool, this.#engine.name, { size: this.#size, retries, upTo });
    const retriesFirst = this.#batches % 10 === 0;
    const rows = await take(retriesFirst);
    return rows.length > 0 ? rows : take(!retriesFirst);
  }

  /** Runs a batch and fits the size of the next one to the time that this one took. */
  #paced = async (size: number, work: () => Promise<void>): Promise<void> => {
    const started = performance.now();
    await work();
    const took = Math.max(1, performance.now() - started);
    if (size * 2 < this.#size && took < this.#times.batch) return; // too few to tell
    const fitting = (size * this.#times.batch) / took;
    const { least, most } = this.#engine.batch;
    this.#size = Math.round(Math.min(most, this.#size * 2, Math.max(least, fitting)));
  };

  async #troubled(err: unknown): Promise<void> {
    const wait = this.#times.down * Math.min(30, 2 ** this.#down);
    this.#down += 1;
    if (err instanceof EngineDown)
      await markDown(this.#deps.pool, this.#engine.name, err.message).catch(() => {});
    await this.#pause(wait);
  }

  async #well(): Promise<void> {
    if (this.#down > 0) await markUp(this.#deps.pool, this.#engine.name);
    this.#down = 0;
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#signal }).catch(() => {});
  }
}

/** What has to be written and what has to go. */
export async function batchOf(pool: Pool, rows: readonly { resource_id: string }[]): Promise<IndexBatch> {
  const ids = rows.map(({ resource_id: id }) => id);
  const upsert = await readDocuments(pool, ids);
  const shown = new Set(upsert.map(({ id }) => id));
  return { upsert, remove: ids.filter((id) => !shown.has(id)) };
}
