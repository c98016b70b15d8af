import type { Pool } from 'pg';
import { unavailable } from '../errors.ts';
import { timed } from '../lib/timed.ts';
import { prepared } from '../platform/database/prepared.ts';
import type { Logger } from '../platform/logger.ts';
import type { SearchEngines } from './search-engines.ts';
import { plainTerms, rankHits, type Ranked, type RankedHit, type RankQuery } from './ranking/rank-hits.ts';
import { rankedHits, wordCounts } from './ranking/rank-queries.ts';
import { WINDOW } from './ranking/ranking-rules.ts';
import { termsOf, withCorrections } from './ranking/rank-terms.ts';
import type { FacetName } from './search-view.ts';
import { EngineDown, type SearchEngine, type SearchRequest, type SearchResult } from './search-port.ts';

export interface SearchDeps {
  pool: Pool;
  search: SearchEngines;
  log: Pick<Logger, 'warn'>;
}

export interface SearchAnswer extends SearchResult {
  /** The engine that should have answered is down or behind, and the other one did. For staff. */
  engineNotice: boolean;
  /** Why the hits of this page stand where they do, in their order; empty where an engine's own order was kept. */
  ranked: Ranked[];
  /** The first hits, whatever page this is. */
  first: string[];
  /** How many of the first hits have all words in the record itself, not only deep in a text. */
  inRecord: number;
}

/** What decides about the order of hits beside their words. */
export interface RankWishes {
  /** The language of the query, where it can be told. */
  language?: string | null;
  /** Values that are preferred, not required. */
  preferred?: readonly { facet: FacetName; values: readonly string[] }[];
  /** What begins a subject is asked for. */
  overview?: boolean;
  /** The statement of the standard that is asked for alone. */
  about?: string;
  /** Hits that have all that others are only preferred for; they are put in order wherever the engine has them. */
  exact?: readonly string[];
  /** Those that have all words, where others lack some; they are put in order too. */
  keep?: readonly string[];
}

/**
 * Searches: with the first engine, or with the other one when that is down, slow, or takes no changes. The engine's first hits are put in
 * order by the rules of ranking-rules.ts, the same for both. What the viewer may not see any more (an index may be a
 * moment behind) is taken out before anybody gets it.
 * @throws 503 when no engine answers
 */
export async function searchResources(
  deps: SearchDeps,
  request: SearchRequest,
  wishes: RankWishes = {},
): Promise<SearchAnswer> {
  const { page, perPage } = request;
  const terms = request.sort === 'best' ? termsOf(request) : [];
  const asked = terms.length > 0 || request.filters.standard.length > 0;
  if (request.sort !== 'best' || !asked || perPage === 0 || page * perPage > WINDOW) {
    const { result, engineNotice } = await ask(deps, request);
    const shown = await visibleIds(deps.pool, result.ids, request.audience);
    return {
      ...result,
      ids: result.ids.filter((id) => shown.has(id)),
      engineNotice,
      ranked: [],
      first: [],
      inRecord: result.total,
    };
  }
  const { result, engineNotice } = await ask(deps, { ...request, page: 1, perPage: WINDOW });
  const ids = [...new Set([...result.ids, ...(wishes.exact ?? []), ...(wishes.keep ?? [])])];
  const [hits, docs] = await Promise.all([
    rankedHits(deps.pool, ids, request.audience, request.filters.standard),
    result.relaxed
      ? wordCounts(
          deps.pool,
          terms.map(({ word }) => word),
        )
      : undefined,
  ]);
  const ranked = inOrder(hits, {
    terms: withCorrections(terms, result.corrected),
    language: wishes.language ?? null,
    preferred: wishes.preferred ?? [],
    relaxed: result.relaxed,
    exact: new Set(wishes.exact),
    full: new Set(wishes.keep),
    ...(docs ? { docs } : {}),
    overview: wishes.overview ?? false,
    grades: request.filters.grade,
    about: plainTerms(wishes.about ?? ''),
  });
  const from = (page - 1) * perPage;
  const shown = (ranked ?? hits).slice(from, from + perPage).map(({ id }) => id);
  return {
    ...result,
    ids: shown,
    engineNotice,
    ranked: ranked?.slice(from, from + perPage) ?? [],
    first: (ranked ?? hits).slice(0, 20).map(({ id }) => id),
    inRecord: ranked === null ? result.total : ranked.filter((hit) => hit.inRecord).length,
  };
}

/** Null where too little is known: while an index is built anew by which hits could be put in order. */
function inOrder(hits: readonly RankedHit[], query: RankQuery): Ranked[] | null {
  const unknown = hits.filter(({ fields }) => fields === null).length;
  return unknown > hits.length / 5 ? null : rankHits(hits, query);
}

async function ask(
  { search, log }: SearchDeps,
  request: SearchRequest,
): Promise<{ result: SearchResult; engineNotice: boolean }> {
  const { first, standIn, breaker, lag } = search;
  const watched = ({ name }: SearchEngine, stands: boolean, find: () => Promise<SearchResult>) =>
    timed(find, (seen) => search.watch?.({ engine: name, standIn: stands, ...seen }));
  if (!standIn)
    return { result: await watched(first, false, () => orUnavailable(first, request)), engineNotice: false };
  if (!(await lag.isBehind()) && breaker.mayAsk()) {
    try {
      const result = await watched(first, false, () => first.search(request));
      breaker.succeeded();
      return { result, engineNotice: false };
    } catch (err) {
      breaker.failed();
      log.warn({ err, engine: first.name }, 'A search engine did not answer; the other one does');
    }
  }
  return { result: await watched(standIn, true, () => orUnavailable(standIn, request)), engineNotice: true };
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
