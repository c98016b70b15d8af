import type { Pool } from 'pg';
import { unavailable } from '../errors.ts';
import { prepared } from '../platform/database/prepared.ts';
import type { Logger } from '../platform/logger.ts';
import type { SearchEngines } from './search-engines.ts';
import { EngineDown, type SearchEngine, type SearchRequest, type SearchResult } from './search-port.ts';

export interface SearchDeps {
  pool: Pool;
  search: SearchEngines;
  log: Pick<Logger, 'warn'>;
}

export interface SearchAnswer extends SearchResult {
  /** The engine that should have answered is down, and the other one did. For staff. */
  engineNotice: boolean;
}

/**
 * Searches: with the first engine, or with the other one when that is down or slow. What the viewer may not see any
 * more (an index may be a moment behind) is taken out before anybody gets it.
 * @throws 503 when no engine answers
 */
export async function searchResources(deps: SearchDeps, request: SearchRequest): Promise<SearchAnswer> {
  const { result, engineNotice } = await ask(deps, request);
  const shown = await visibleIds(deps.pool, result.ids, request.audience);
  return { ...result, ids: result.ids.filter((id) => shown.has(id)), engineNotice };
}

async function ask(
  { search, log }: SearchDeps,
  request: SearchRequest,
): Promise<{ result: SearchResult; engineNotice: boolean }> {
  const { first, standIn, breaker } = search;
  if (!standIn) return { result: await orUnavailable(first, request), engineNotice: false };
  if (breaker.mayAsk()) {
    try {
      const result = await first.search(request);
      breaker.succeeded();
      return { result, engineNotice: false };
    } catch (err) {
      breaker.failed();
      log.warn({ err, engine: first.name }, 'A search engine did not answer; the other one does');
    }
  }
  return { result: await orUnavailable(standIn, request), engineNotice: true };
}

async function orUnavailable(engine: SearchEngine, request: SearchRequest): Promise<SearchResult> {
  try {
    return await engine.search(request);
  } catch (error) {
    if (error instanceof EngineDown) throw unavailable(error);
    throw error;
  }
}

/** Which of these resources are on the shelf and open to someone who holds the keys, as the database says now. */
async function visibleIds(
  pool: Pool,
  ids: readonly string[],
  audience: readonly string[],
): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const { rows } = await pool.query<{ id: string }>(visible([ids, audience]));
  return new Set(rows.map(({ id }) => id));
}

const visible = prepared(
  `SELECT id FROM resource WHERE id = ANY ($1::uuid[]) AND state = 'published' AND audience && $2::text[]`,
);
