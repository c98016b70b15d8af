import type { Viewer } from '../lib/viewer.ts';
import { resourceCards } from '../resources/resource-card-queries.ts';
import { shelfItem } from '../resources/shelf-items.ts';
import { levelOf, valueLabel, type FacetWords } from './facet-view.ts';
import { nearRungs } from './near-rungs.ts';
import { changed, searchParams, searchUrl, without } from './search-address.ts';
import { FACETS, searchFilters, type SearchRequest } from './search-port.ts';
import type { SearchParams } from './search-schema.ts';
import { searchResources, type SearchDeps } from './search-service.ts';
import type { UnderstoodSearch } from './search-understanding.ts';
import type { FacetName, Looser, NothingFound } from './search-view.ts';

interface Asked {
  params: SearchParams;
  understood: UnderstoodSearch;
  request: SearchRequest;
  viewer: Viewer;
  words: FacetWords;
}

interface Attempt {
  without: Looser['without'];
  label: string;
  params: SearchParams;
  request: Partial<SearchRequest>;
}

/** How to go on when nothing matches: each part left out by itself with what that gives, the nearest hits, the empty rung. */
export async function nothingFound(deps: SearchDeps, asked: Asked): Promise<NothingFound> {
  const attempts = attemptsOf(asked);
  const results = await Promise.all(
    attempts.map(async (attempt) => ({
      attempt,
      result: await searchResources(deps, {
        ...asked.request,
        page: 1,
        perPage: 3,
        facets: [],
        ...attempt.request,
      }),
    })),
  );
  const better = results
    .filter(({ result }) => result.total > 0)
    .sort((a, b) => a.result.total - b.result.total);
  const [closest] = better;
  const ids = closest?.result.ids ?? [];
  const [cards, gap] = await Promise.all([resourceCards(deps.pool, asked.viewer, ids), gapOf(deps, asked)]);
  return {
    looser: better.map(({ attempt, result }) => ({
      without: attempt.without,
      label: attempt.label,
      url: searchUrl(attempt.params),
      count: result.total,
    })),
    near: ids.flatMap((id) => {
      const card = cards.get(id);
      return card ? [shelfItem(card)] : [];
    }),
    gap,
    around: gap === null ? [] : await nearRungs(deps, asked, gap),
  };
}

function attemptsOf({ params: asked, understood, request, words }: Asked): Attempt[] {
  const params = { ...asked, q: understood.text };
  const { filters } = request;
  const inUse = FACETS.filter((facet) => filters[facet].length > 0);
  const parts = inUse.length + (understood.q === '' ? 0 : 1);
  if (parts < 2) return [];
  const attempts: Attempt[] = inUse
    .filter((facet) => facet !== 'standard' || understood.codes.length === 0)
    .map((facet) => ({
      without: facet,
      label: words.fmt.list(filters[facet].slice(0, 3).map((value) => valueLabel(facet, value, words))),
      params: withoutFacet(params, understood, facet),
      request: { filters: { ...filters, [facet]: [] } },
    }));
  const codes = understood.codes.map(({ text }) => text).join(' ');
  const read = [...understood.codes, ...understood.readings]
    .sort((a, b) => a.start - b.start)
    .map(({ text }) => text)
    .join(' ');
  if (understood.q !== '')
    attempts.push({
      without: 'words',
      label: understood.q,
      params: changed(params, { q: read }),
      request: { q: '' },
    });
  if (filters.standard.length > 0 && parts > 2)
    attempts.push({
      without: 'everything-but-standard',
      label: words.fmt.list(
        filters.standard.slice(0, 3).map((value) => valueLabel('standard', value, words)),
      ),
      params: searchParams({ q: codes, filters: searchFilters({ standard: params.filters.standard }) }),
      request: { q: '', filters: searchFilters({ standard: filters.standard }) },
    });
  return attempts;
}

/** The search without a filter, in its address and among its words. */
function withoutFacet(params: SearchParams, understood: UnderstoodSearch, facet: FacetName): SearchParams {
  const others = without(params, facet);
  const read = understood.readings.filter((reading) => reading.facet === facet);
  // From the last to the first, so that places in the text stay what they are.
  const q = read.reduceRight(
    (text, { start, end }) => `${text.slice(0, start)} ${text.slice(end)}`,
    params.q,
  );
  return read.length === 0 ? others : changed(others, { q: q.replaceAll(/\s+/g, ' ').trim() });
}

/** The rung that was asked for, when nothing at all stands on it. */
async function gapOf(deps: SearchDeps, { understood, request, words }: Asked): Promise<NothingFound['gap']> {
  const tabs = [...understood.codes, ...understood.standards].flatMap(({ standards }) => standards);
  const [tab] = tabs;
  if (!tab || tabs.length > 1 || request.filters.level.length > 1) return null;
  const { standard, level: levels } = request.filters;
  const rung = { ...request, q: '', filters: searchFilters({ standard, level: levels }), within: null };
  const { total } = await searchResources(deps, { ...rung, page: 1, perPage: 0, facets: [] });
  if (total > 0) return null;
  const [slug] = levels;
  const level = slug === undefined ? null : levelOf(slug, words);
  const query = new URLSearchParams({ standard: tab.guid, ...(level ? { level: level.slug } : {}) });
  return { tab, level, shareUrl: `/resources/new?${query.toString()}` };
}
