import type { Deps } from '../deps.ts';
import { formats } from '../locale/format.ts';
import { contextOf, page } from '../web/page.ts';
import { viewerOf } from '../web/request-context.ts';
import { anyone, createRoutes } from '../web/route.ts';
import { mayBeFormer, presentFilters } from './present-filters.ts';
import { changed, searchUrl } from './search-address.ts';
import { searchFeed } from './search-feed.ts';
import { searchLists } from './search-lists.ts';
import { searchPage } from './search-page.ts';
import { readSearch } from './search-schema.ts';
import type { SearchDeps } from './search-service.ts';

/** The search page: the address is the search. */
export function searchRoutes(deps: Pick<Deps, 'config' | 'statistics'> & SearchDeps) {
  const routes = createRoutes();

  routes.get('/search', anyone, async (req, res) => {
    const { t, language } = contextOf(res);
    const asked = readSearch(req.query);
    if (mayBeFormer(asked.params.filters)) {
      const { former } = await searchLists(deps.pool);
      const filters = presentFilters(asked.params.filters, former);
      const now = searchUrl(changed(asked.params, { filters, page: asked.params.page }));
      // A former name can become the present one again: browsers ask each time.
      if (now !== searchUrl(asked.params))
        return res.set('Cache-Control', 'private, no-cache').redirect(301, now);
    }
    const { props, title, tookMs } = await searchPage(
      deps,
      viewerOf(res),
      { t, fmt: formats(language, t) },
      { ...asked, explain: req.query['explain'] === '1' },
    );
    res.setHeader('Server-Timing', `engine;dur=${tookMs.toFixed(1)}`);
    if (asked.params.page === 1 && !isCrawler(req.get('user-agent')))
      deps.statistics.searched({
        params: asked.params,
        districtId: viewerOf(res).districtId,
        found: props.total,
      });
    // One search engine's page of another's results helps nobody: only the plain list and single filters are kept.
    const parts = props.filters.length + (asked.params.q === '' ? 0 : 2) + (asked.params.page > 1 ? 2 : 0);
    page(res, 'search/index', props, {
      title,
      canonical: searchUrl(asked.params),
      robots: parts > 1 ? 'none' : 'index',
      searchText: asked.params.q,
      feedUrl: props.feedUrl,
    });
  });

  routes.get('/search.atom', anyone, async (req, res) => {
    const { params } = readSearch(req.query);
    const { t, stateName } = contextOf(res);
    res.type('application/atom+xml').send(await searchFeed(deps, { t, stateName }, params));
  });

  return routes.router;
}

/** Machines that follow links say what they are; what they look at says nothing about what teachers need. */
const isCrawler = (userAgent: string | undefined): boolean =>
  userAgent === undefined || /bot\b|crawl|spider|slurp/i.test(userAgent);
