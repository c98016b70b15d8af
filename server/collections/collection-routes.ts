import type { Request, Response } from 'express';
import type { Deps } from '../deps.ts';
import { collectionPath } from '../lib/slug.ts';
import { isEducator } from '../lib/viewer.ts';
import { formats } from '../locale/format.ts';
import { flash } from '../web/flash.ts';
import { contextOf, page } from '../web/page.ts';
import { parseForm, parseParams, parseQuery } from '../web/parse.ts';
import { educatorOf, originOf, viewerOf } from '../web/request-context.ts';
import { anyone, createRoutes, signedIn, stateStaff, staff } from '../web/route.ts';
import { collectionJsonLd } from './collection-json-ld.ts';
import { collectionPage, readCollection, titleOf } from './collection-page.ts';
import { collectionLists, deletedCollections, loadCollection, plainWords } from './collection-queries.ts';
import { collectionParams, featureForm, keyQuery, linkForm, showQuery } from './collection-schema.ts';
import { DAYS_TO_TAKE_BACK, deleteCollection, restoreCollection } from './collection-removal.ts';
import { copyCollection } from './collection-service.ts';
import { changeLink, closeCollection, featureCollection } from './collection-sharing.ts';

/** Collections as they are read, and what is done with a whole one: copy, feature, delete, take back. */
export function collectionRoutes(deps: Deps) {
  const routes = createRoutes();
  const { pool } = deps;

  routes.get('/collections', anyone, async (_req, res) => {
    const viewer = viewerOf(res);
    const signed = isEducator(viewer);
    const [lists, deleted] = await Promise.all([
      collectionLists(pool, viewer),
      signed ? deletedCollections(pool, viewer.id, DAYS_TO_TAKE_BACK) : [],
    ]);
    page(
      res,
      'collections/index',
      {
        ...lists,
        mine: signed ? lists.mine : null,
        deleted: deleted.map(({ id, title, deletedAt }) => ({
          title,
          deletedAt,
          restoreUrl: `/collections/${id}/restore`,
        })),
        newUrl: signed ? '/collections/new' : null,
      },
      { title: contextOf(res).t('collections.title'), canonical: '/collections' },
    );
  });

  routes.get('/collections/:id/print', anyone, (req, res) => show(req, res, 'print'));
  routes.get('/collections/:id{/:slug}', anyone, (req, res) => show(req, res, 'show'));

  async function show(req: Request, res: Response, as: 'show' | 'print'): Promise<void> {
    const { id } = parseParams(collectionParams, req.params);
    const { key, page: number } = parseQuery(showQuery, req.query);
    const viewer = viewerOf(res);
    const { t, language } = contextOf(res);
    const collection = await loadCollection(pool, viewer, id, 'see', { key });
    const read = await readCollection(deps, viewer, collection, as === 'print' ? null : number);
    const locale = { t, fmt: formats(language, t) };
    const props = await collectionPage(deps, viewer, read, { locale, key });
    // A link that was shared must not be told to the sites that the page leads to.
    if (props.actions.key !== null) res.setHeader('Referrer-Policy', 'same-origin');
    const open = collection.visibility === 'public' && as === 'show';
    page(res, `collections/${as}`, props, {
      title: read.page > 1 ? t('collection.titlePage', { title: props.title, page: read.page }) : props.title,
      canonical: collectionPath(id, collection.title),
      robots: open ? 'index' : 'none',
      ...(collection.description === '' ? {} : { description: plainWords(collection.description) }),
      ...(open
        ? { jsonLd: collectionJsonLd(read, { title: props.title, baseUrl: deps.config.baseUrl }) }
        : {}),
    });
  }

  routes.post('/collections/:id/copy', signedIn, async (req, res) => {
    const viewer = educatorOf(res);
    const { id } = parseParams(collectionParams, req.params);
    const { key } = parseForm(keyQuery, req.body);
    const { t } = contextOf(res);
    const from = await loadCollection(pool, viewer, id, 'copy', { key });
    const title = t('collection.copyOf', { title: titleOf(from, t) }).slice(0, 150);
    const copy = await copyCollection(deps, viewer, { id, key, title }, originOf(req, res));
    flash(req, { kind: 'done', text: t('collection.copied', { title: titleOf(from, t) }) });
    res.redirect(303, `/collections/${copy}/edit`);
  });

  routes.post('/collections/:id/delete', signedIn, async (req, res) => {
    const { id } = parseParams(collectionParams, req.params);
    const { title } = await deleteCollection(deps, educatorOf(res), id, originOf(req, res));
    const { t } = contextOf(res);
    flash(req, {
      kind: 'done',
      text: t('collection.deleted', { title, count: DAYS_TO_TAKE_BACK }),
      link: { label: t('collection.toDeleted'), url: '/collections#deleted' },
    });
    res.redirect(303, '/collections');
  });

  routes.post('/collections/:id/restore', signedIn, async (req, res) => {
    const { id } = parseParams(collectionParams, req.params);
    await restoreCollection(deps, educatorOf(res), id, originOf(req, res));
    flash(req, { kind: 'done', text: contextOf(res).t('collection.restored') });
    res.redirect(303, `/collections/${id}`);
  });

  routes.post('/collections/:id/link', signedIn, async (req, res) => {
    const { id } = parseParams(collectionParams, req.params);
    const { do: what } = parseForm(linkForm, req.body);
    await changeLink(deps, educatorOf(res), id, what, originOf(req, res));
    flash(req, { kind: 'done', text: contextOf(res).t(`collection.link.${what}.done`) });
    res.redirect(303, `/collections/${id}/edit#link`);
  });

  routes.post('/collections/:id/feature', stateStaff('curator', 'lead', 'admin'), async (req, res) => {
    const { id } = parseParams(collectionParams, req.params);
    const { do: what } = parseForm(featureForm, req.body);
    await featureCollection(deps, educatorOf(res), id, what, originOf(req, res));
    flash(req, { kind: 'done', text: contextOf(res).t(`collection.feature.${what}.done`) });
    res.redirect(303, `/collections/${id}`);
  });

  routes.post('/collections/:id/close', staff('curator', 'lead', 'admin'), async (req, res) => {
    const { id } = parseParams(collectionParams, req.params);
    await closeCollection(deps, educatorOf(res), id, originOf(req, res));
    flash(req, { kind: 'done', text: contextOf(res).t('collection.closed') });
    res.redirect(303, '/collections');
  });

  return routes.router;
}
