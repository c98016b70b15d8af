import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { notFound, PortalError } from '../errors.ts';
import { formats } from '../locale/format.ts';
import { resourceCards } from '../resources/resource-card-queries.ts';
import { loadResource } from '../resources/resource-facts-queries.ts';
import { resourceDetails } from '../resources/resource-page-queries.ts';
import { canSee, canSeeTombstone } from '../resources/resource-policy.ts';
import { readSearch } from '../search/search-schema.ts';
import { contextOf, page } from '../web/page.ts';
import { id, parseParams, parseQuery } from '../web/parse.ts';
import { viewerOf } from '../web/request-context.ts';
import { anyone, createRoutes } from '../web/route.ts';
import { apiCollection, collectionQuery } from './collection-api.ts';
import { apiDocsPage } from './api-docs-view.ts';
import { openApiDocument } from './openapi.ts';
import { apiStandard, apiVocabularies } from './reference-api.ts';
import { suggestQuery } from './reference-schema.ts';
import { apiFacts } from './resource-api-queries.ts';
import { apiRecord } from './resource-api-view.ts';
import { apiSearch } from './search-api.ts';
import { apiSuggestions } from './suggest-api.ts';

const resourceParams = z.object({ id });
const standardParams = z.object({ guid: id });

/** The API for reading, its description, and the page that makes the description readable. */
export function apiRoutes(deps: Deps) {
  const routes = createRoutes();
  const { pool, config } = deps;
  const document = openApiDocument(config);

  routes.get('/api/v1/resources', anyone, async (req, res) => {
    const { t, language } = contextOf(res);
    res.json(await apiSearch(deps, viewerOf(res), { t, fmt: formats(language, t) }, readSearch(req.query)));
  });

  routes.get('/api/v1/resources/:id', anyone, async (req, res) => {
    const { id: resourceId } = parseParams(resourceParams, req.params);
    const viewer = viewerOf(res);
    const resource = await loadResource(pool, resourceId);
    if (!resource) throw notFound();
    if (canSeeTombstone(viewer, resource)) throw new PortalError(410, 'withdrawn', 'withdrawn.title');
    if (!canSee(viewer, resource) || resource.currentNumber === null) throw notFound();
    const [cards, facts, details] = await Promise.all([
      resourceCards(pool, viewer, [resourceId]),
      apiFacts(pool, [resourceId]),
      resourceDetails(pool, viewer, resourceId, resource.currentNumber),
    ]);
    const card = cards.get(resourceId);
    const more = facts.get(resourceId);
    if (!card || !more || !details) throw notFound();
    res.json(apiRecord(card, more, details, config.baseUrl));
  });

  routes.get('/api/v1/collections/:id', anyone, async (req, res) => {
    const { id: collectionId } = parseParams(resourceParams, req.params);
    const { page: number } = parseQuery(collectionQuery, req.query);
    res.json(await apiCollection(deps, viewerOf(res), collectionId, number));
  });

  routes.get('/api/v1/standards/:guid', anyone, async (req, res) => {
    const { guid } = parseParams(standardParams, req.params);
    res.json(await apiStandard(deps, viewerOf(res), guid));
  });

  routes.get('/api/v1/suggest', anyone, async (req, res) => {
    const { q } = parseQuery(suggestQuery, req.query);
    res.json({ suggestions: await apiSuggestions(deps, viewerOf(res), q) });
  });

  routes.get('/api/v1/vocabularies', anyone, async (_req, res) => void res.json(await apiVocabularies(deps)));

  routes.get('/api/openapi.json', anyone, (_req, res) => {
    const title = `${contextOf(res).stateName} Commonshelf API`;
    res.json({ ...document, info: { ...document.info, title } });
  });

  routes.get('/api', anyone, (_req, res) => {
    page(res, 'api/docs', apiDocsPage(document), { title: contextOf(res).t('api.title') });
  });
  routes.get('/api/docs', anyone, (_req, res) => res.redirect(301, '/api'));

  return routes.router;
}
