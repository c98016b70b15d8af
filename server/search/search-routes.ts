import type { Deps } from '../deps.ts';
import { formats } from '../locale/format.ts';
import { contextOf, page } from '../web/page.ts';
import { viewerOf } from '../web/request-context.ts';
import { anyone, createRoutes } from '../web/route.ts';
import { searchUrl } from './search-address.ts';
import { searchPage } from './search-page.ts';
import { readSearch } from './search-schema.ts';
import type { SearchDeps } from './search-service.ts';

/** The search page: the address is the search. */
export function searchRoutes(deps: Pick<Deps, 'config'> & SearchDeps) {
  const routes = createRoutes();

  routes.get('/search', anyone, async (req, res) => {
    const { t, language } = contextOf(res);
    const asked = readSearch(req.query);
    const { props, title, tookMs } = await searchPage(
      deps,
      viewerOf(res),
      { t, fmt: formats(language, t) },
      asked,
    );
    res.setHeader('Server-Timing', `engine;dur=${tookMs.toFixed(1)}`);
    // One search engine's page of another's results helps nobody: only the plain list and single filters are kept.
    const parts = props.filters.length + (asked.params.q === '' ? 0 : 2) + (asked.params.page > 1 ? 2 : 0);
    page(res, 'search/index', props, {
      title,
      canonical: searchUrl(asked.params),
      robots: parts > 1 ? 'none' : 'index',
      searchText: asked.params.q,
    });
  });

  return routes.router;
}
