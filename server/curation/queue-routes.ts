import type { Request, Response } from 'express';
import type { Deps } from '../deps.ts';
import { PortalError } from '../errors.ts';
import { flash } from '../web/flash.ts';
import { contextOf, page } from '../web/page.ts';
import { parseForm, parseParams, parseQuery } from '../web/parse.ts';
import { originOf, viewerOf } from '../web/request-context.ts';
import { createRoutes, staff } from '../web/route.ts';
import { CHECKERS, QUEUE_READERS } from './check-policy.ts';
import { assignCheck, handBack, takeCheck } from './lease-service.ts';
import { openNext } from './next-check.ts';
import { queuePage } from './queue-page.ts';
import { assignForm, claimForm, queueAddress, queueParams, queueQuery } from './queue-schema.ts';

/** `/curate`: what waits for a check, and taking, assigning and handing back of it. */
export function queueRoutes(deps: Pick<Deps, 'pool' | 'clock'>) {
  const routes = createRoutes();

  routes.get('/curate', staff(...QUEUE_READERS), async (req, res) => {
    const context = contextOf(res);
    const filters = parseQuery(queueQuery, req.query);
    const props = await queuePage(
      { pool: deps.pool, now: deps.clock.now() },
      viewerOf(res),
      filters,
      context,
    );
    page(res, 'curate/queue', props, { title: context.t('curate.queue.title'), robots: 'none' });
  });

  routes.post('/curate/next', staff(...CHECKERS), async (req, res) => {
    const { back } = parseForm(claimForm, req.body);
    const found = await openNext(deps, viewerOf(res), { back, current: null }, originOf(req, res));
    if (found === undefined) flash(req, { kind: 'note', text: contextOf(res).t('curate.nothingLeft') });
    res.redirect(303, found ?? `/curate${queueAddress(back)}`);
  });

  routes.post('/curate/checks/:id/take', staff(...CHECKERS), async (req, res) => {
    const { id: resourceId } = parseParams(queueParams, req.params);
    const { back } = parseForm(claimForm, req.body);
    await orSaid(
      req,
      res,
      async () => {
        await takeCheck(deps, viewerOf(res), resourceId, originOf(req, res));
        return `/curate/checks/${resourceId}${queueAddress(back)}`;
      },
      `/curate${queueAddress(back)}`,
    );
  });

  routes.post('/curate/checks/:id/back', staff(...CHECKERS), async (req, res) => {
    const { id: resourceId } = parseParams(queueParams, req.params);
    const { back } = parseForm(claimForm, req.body);
    const queue = `/curate${queueAddress(back)}`;
    await orSaid(
      req,
      res,
      async () => {
        await handBack(deps, viewerOf(res), resourceId, originOf(req, res));
        flash(req, { kind: 'done', text: contextOf(res).t('curate.handedBack') });
        return queue;
      },
      queue,
    );
  });

  routes.post('/curate/checks/:id/skip', staff(...CHECKERS), async (req, res) => {
    const { id: resourceId } = parseParams(queueParams, req.params);
    const { back } = parseForm(claimForm, req.body);
    await handBackQuietly(deps, req, res, resourceId);
    const found = await openNext(deps, viewerOf(res), { back, current: resourceId }, originOf(req, res));
    if (found === undefined) flash(req, { kind: 'note', text: contextOf(res).t('curate.nothingElse') });
    res.redirect(303, found ?? `/curate${queueAddress(back)}`);
  });

  routes.post('/curate/checks/:id/assign', staff(...CHECKERS), async (req, res) => {
    const { id: resourceId } = parseParams(queueParams, req.params);
    const { back, to } = parseForm(assignForm, req.body);
    const { t } = contextOf(res);
    const here = `/curate/checks/${resourceId}${queueAddress(back)}`;
    await orSaid(
      req,
      res,
      async () => {
        const { name, title } = await assignCheck(
          deps,
          viewerOf(res),
          { resourceId, to: to || null },
          originOf(req, res),
        );
        flash(req, {
          kind: 'done',
          text:
            name === null ? t('curate.assigned.nobody', { title }) : t('curate.assigned', { title, name }),
        });
        return here;
      },
      here,
    );
  });

  return routes.router;
}

/** Skipping gives back what one had open, and keeps what one was assigned. */
async function handBackQuietly(
  deps: Pick<Deps, 'pool' | 'clock'>,
  req: Request,
  res: Response,
  resourceId: string,
): Promise<void> {
  try {
    await handBack(deps, viewerOf(res), resourceId, originOf(req, res), { keepAssignment: true });
  } catch (error) {
    if (!(error instanceof PortalError) || ![403, 404].includes(error.status)) throw error;
  }
}

/** Goes where the work leads; what can't be done (taken, gone, not theirs) is said on the page that they came from. */
async function orSaid(
  req: Request,
  res: Response,
  work: () => Promise<string>,
  otherwise: string,
): Promise<void> {
  try {
    res.redirect(303, await work());
  } catch (error) {
    if (!(error instanceof PortalError) || ![403, 409, 422].includes(error.status)) throw error;
    const [fault] = error.faults;
    flash(req, {
      kind: 'problem',
      text: contextOf(res).t(fault?.key ?? error.key, fault?.params ?? error.params),
    });
    res.redirect(303, otherwise);
  }
}
