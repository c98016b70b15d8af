import type { Pool } from 'pg';
import { circuitBreaker, type CircuitBreaker } from './circuit-breaker.ts';
import { createMeiliEngine } from './engines/meilisearch/meili-engine.ts';
import { createPostgresEngine } from './engines/postgres/postgres-engine.ts';
import { neverBehind, watchLag, type SearchLag } from './search-lag.ts';
import type { SearchEngine } from './search-port.ts';

/** How a search went; `standIn`: the other engine was asked since the first one is away or slow. */
export interface SearchSeen {
  engine: string;
  seconds: number;
  ok: boolean;
  standIn: boolean;
}

/** The engines of this portal, made once in main. */
export interface SearchEngines {
  /** The one that answers: Meilisearch where it is configured, else PostgreSQL. */
  first: SearchEngine;
  /** The one that steps in; null where PostgreSQL is the first. */
  standIn: SearchEngine | null;
  breaker: CircuitBreaker;
  /** Whether the first one answers but takes no changes. */
  lag: SearchLag;
  /** Told how each search went. */
  watch?: (seen: SearchSeen) => void;
  /** For the indexer. */
  all: readonly SearchEngine[];
}

/** Opens the engines of the settings. Opens no connection, so a Meilisearch that is down does no harm. */
export function createSearchEngines({
  pool,
  clock,
  config,
}: {
  pool: Pool;
  clock: { now: () => Date };
  config: { meiliUrl: string | undefined; meiliKey: string | undefined };
}): SearchEngines {
  const postgres = createPostgresEngine(pool);
  if (config.meiliUrl !== undefined) {
    const meilisearch = createMeiliEngine({ url: config.meiliUrl, key: config.meiliKey });
    return {
      first: meilisearch,
      standIn: postgres,
      breaker: circuitBreaker(clock),
      lag: watchLag(pool, { first: meilisearch, standIn: postgres }),
      all: [meilisearch, postgres],
    };
  }
  return {
    first: postgres,
    standIn: null,
    breaker: circuitBreaker(clock),
    lag: neverBehind,
    all: [postgres],
  };
}
