import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { notFound, PortalError, type FieldFault } from '../errors.ts';
import type { Viewer } from '../lib/viewer.ts';
import { resourceCards } from '../resources/resource-card-queries.ts';
import { fieldErrors } from '../web/field-errors.ts';
import { flash } from '../web/flash.ts';
import { contextOf, page } from '../web/page.ts';
import { id, parseForm, parseParams } from '../web/parse.ts';
import { educatorOf, originOf } from '../web/request-context.ts';
import { createRoutes, signedIn } from '../web/route.ts';
import { collectionsToAddTo } from './collection-queries.ts';
import { addToForm, MOST_ITEMS } from './collection-schema.ts';
import { createCollection } from './collection-service.ts';
import { addItem } from './item-service.ts';

const resourceParams = z.object({ id });

/** `/resources/:id/add`: puts a resource into a collection of one's own, or into a new one. */
export function addRoutes(deps: Deps) {
  const routes = createRoutes();

  routes.get('/resources/:id/add', signedIn, async (req, res) => {
    const { id: resourceId } = parseParams(resourceParams, req.params);
    await show(res, educatorOf(res), resourceId, { collection: '', title: '', note: '' }, []);
  });

  routes.post('/resources/:id/add', signedIn, async (req, res) => {
    const { id: resourceId } = parseParams(resourceParams, req.params);
    const viewer = educatorOf(res);
    const { t } = contextOf(res);
    try {
      const form = parseForm(addToForm, req.body);
      if (form.collection === '')
        throw new PortalError(422, 'invalid', 'error.invalid', {
          faults: [{ field: 'collection', key: 'collection.fault.choose' }],
        });
      const card = (await resourceCards(deps.pool, viewer, [resourceId])).get(resourceId);
      if (!card) throw notFound();
      const collectionId =
        form.collection === 'new'
          ? await createCollection(
              deps,
              viewer,
              { title: form.title, description: '', visibility: 'private', rule: null },
              originOf(req, res),
            )
          : form.collection;
      const added = await addItem(deps, viewer, { id: collectionId, resourceId, note: form.note });
      flash(req, {
        kind: 'done',
        text: t(added ? 'collection.addedTo' : 'collection.thereAlready', { title: card.title }),
        link: { label: t('collection.seeIt'), url: `/collections/${collectionId}` },
      });
      res.redirect(303, card.url);
    } catch (error) {
      if (!(error instanceof PortalError) || error.status !== 422) throw error;
      await show(res, viewer, resourceId, typed(req), error.faults);
    }
  });

  async function show(
    res: Response,
    viewer: Viewer & { id: string },
    resourceId: string,
    values: { collection: string; title: string; note: string },
    faults: FieldFault[],
  ): Promise<void> {
    const [cards, collections] = await Promise.all([
      resourceCards(deps.pool, viewer, [resourceId]),
      collectionsToAddTo(deps.pool, viewer.id, resourceId),
    ]);
    const card = cards.get(resourceId);
    if (!card) throw notFound();
    const { t } = contextOf(res);
    page(
      res,
      'collections/add',
      {
        resource: { title: card.title, url: card.url, language: card.language },
        actionUrl: `/resources/${resourceId}/add`,
        collections: collections.map((one) => ({ ...one, full: one.count >= MOST_ITEMS })),
        values: { ...values, collection: values.collection || (collections.length === 0 ? 'new' : '') },
        errors: fieldErrors(t, faults),
      },
      {
        title: t('collection.add.title', { title: card.title }),
        status: faults.length > 0 ? 422 : 200,
        robots: 'none',
      },
    );
  }

  return routes.router;
}

function typed(req: Request): { collection: string; title: string; note: string } {
  const body = (req.body ?? {}) as Record<string, unknown>;
  const text = (name: string): string => (typeof body[name] === 'string' ? body[name].slice(0, 2000) : '');
  return { collection: text('collection'), title: text('title'), note: text('note') };
}
