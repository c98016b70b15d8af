import type { Response } from 'express';
import { z } from 'zod';
import { districtsLookedAfter } from '../accounts/looked-after-queries.ts';
import type { Deps } from '../deps.ts';
import { csvLine } from '../lib/csv-text.ts';
import { formats } from '../locale/format.ts';
import { isStateStaff } from '../lib/viewer.ts';
import type { FacetWords } from '../search/facet-view.ts';
import { searchLists } from '../search/search-lists.ts';
import { mondayOf } from '../search/search-statistics.ts';
import { mayEditSynonyms } from '../search/synonyms/synonym-service.ts';
import { flash } from '../web/flash.ts';
import { contextOf, page } from '../web/page.ts';
import { id, parseParams, parseQuery } from '../web/parse.ts';
import { originOf, viewerOf } from '../web/request-context.ts';
import { createRoutes, staff } from '../web/route.ts';
import { searchInsights } from './search-insights-queries.ts';
import { closeAsk, SEARCH_STAFF } from './search-insights-service.ts';
import { searchesTable, searchInsightsPage } from './search-insights-page.ts';

const WEEKS = [1, 4, 13, 52];
/** The page has the first of each list; the file has all. */
const MOST = 50_000;
const query = z.object({
  weeks: z.coerce.number().catch(4),
  district: z.string().max(100).optional().catch(undefined),
});
const askParams = z.object({ id });

/** `/curate/search`: what teachers search for, what they don't find, what they ask for. A district's staff see their own. */
export function searchInsightsRoutes(deps: Pick<Deps, 'pool' | 'clock' | 'statistics'>) {
  const routes = createRoutes();

  routes.get('/curate/search', staff(...SEARCH_STAFF), async (req, res) => {
    const { facts, words, weeks, districts, chosen } = await read(res, parseQuery(query, req.query));
    page(
      res,
      'curate/search',
      searchInsightsPage(facts, {
        words,
        weeks: { offered: WEEKS, chosen: weeks },
        districts: districts.length > 1 ? districts : [],
        district: chosen?.slug ?? null,
        synonyms: mayEditSynonyms(viewerOf(res)),
      }),
      { title: words.t('insights.search.title'), robots: 'none' },
    );
  });

  routes.get('/curate/search.csv', staff(...SEARCH_STAFF), async (req, res) => {
    const { facts, words, weeks, chosen } = await read(res, parseQuery(query, req.query), MOST);
    res.attachment(`searches-${weeks}-weeks${chosen ? `-${chosen.slug}` : ''}.csv`);
    res.type('text/csv').send(`\ufeff${searchesTable(facts.top, words).map(csvLine).join('')}`);
  });

  routes.post('/curate/search/asks/:id/close', staff(...SEARCH_STAFF), async (req, res) => {
    const { id: askId } = parseParams(askParams, req.params);
    await closeAsk(deps, viewerOf(res), askId, originOf(req, res));
    flash(req, { kind: 'done', text: contextOf(res).t('insights.ask.closed') });
    res.redirect(303, '/curate/search#asks');
  });

  async function read(res: Response, asked: z.infer<typeof query>, limit?: number) {
    const viewer = viewerOf(res);
    const weeks = WEEKS.find((count) => count === asked.weeks) ?? 4;
    const { t, language } = contextOf(res);
    await deps.statistics.flush();
    const districts = await districtsLookedAfter(deps.pool, viewer, SEARCH_STAFF);
    const chosen = districts.find(({ slug }) => slug === asked.district);
    const scope = chosen
      ? [chosen.id]
      : isStateStaff(viewer, ...SEARCH_STAFF)
        ? null
        : districts.map((one) => one.id);
    const since = weeksAgo(deps.clock.now(), weeks - 1);
    const [facts, lists] = await Promise.all([
      searchInsights(deps.pool, { since, districts: scope, limit }),
      searchLists(deps.pool),
    ]);
    const words: FacetWords = { t, fmt: formats(language, t), ...lists };
    return { facts, words, weeks, districts, chosen };
  }

  return routes.router;
}

function weeksAgo(now: Date, weeks: number): string {
  return mondayOf(new Date(now.getTime() - weeks * 7 * 24 * 3600 * 1000));
}
