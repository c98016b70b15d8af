import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { notFound, PortalError, type FieldFault } from '../errors.ts';
import { schoolDaysBetween } from '../lib/school-days.ts';
import { resourcePath } from '../lib/slug.ts';
import { checkSign } from '../resources/check-sign.ts';
import { canEdit } from '../resources/resource-policy.ts';
import { versionCard } from '../resources/resource-card-queries.ts';
import { fieldErrors } from '../web/field-errors.ts';
import { flash } from '../web/flash.ts';
import { contextOf, page } from '../web/page.ts';
import { parseForm, parseParams, text } from '../web/parse.ts';
import { originOf, viewerOf } from '../web/request-context.ts';
import { createRoutes, signedIn } from '../web/route.ts';
import { loadForCheck } from './check-facts-queries.ts';
import { checkPower, isAuthorOf, mayConverse, mayDispute } from './check-policy.ts';
import { checkSettings } from './check-settings-queries.ts';
import { queueParams } from './queue-schema.ts';
import { threadEvents } from './thread-events.ts';
import { threadOf } from './thread-queries.ts';
import { answerCheck, askForCheck, disputeCheck } from './thread-service.ts';

const sayForm = z.object({
  text: text(4000).default(''),
  do: z.enum(['answer', 'ask', 'dispute']).catch('answer'),
});
const typedForm = z.object({ text: z.string().max(20_000).default('') });

/** `/resources/:id/checks`: how the checks of a resource went, and what its authors and curators say to each other. */
export function threadRoutes(deps: Pick<Deps, 'pool' | 'clock'>) {
  const routes = createRoutes();

  routes.get('/resources/:id/checks', signedIn, async (req, res) => {
    const { id: resourceId } = parseParams(queueParams, req.params);
    await show(res, resourceId, '', []);
  });

  routes.post('/resources/:id/checks', signedIn, async (req, res) => {
    const { id: resourceId } = parseParams(queueParams, req.params);
    const { t } = contextOf(res);
    try {
      const said = parseForm(sayForm, req.body);
      await { answer: answerCheck, ask: askForCheck, dispute: disputeCheck }[said.do](
        deps,
        viewerOf(res),
        { resourceId, text: said.text },
        originOf(req, res),
      );
      flash(req, { kind: 'done', text: t(`thread.done.${said.do}`) });
      res.redirect(303, `/resources/${resourceId}/checks`);
    } catch (error) {
      if (!(error instanceof PortalError) || ![403, 409, 422].includes(error.status)) throw error;
      const faults =
        error.faults.length > 0 ? error.faults : [{ field: 'text', key: error.key, params: error.params }];
      await show(res, resourceId, typedOf(req), faults, error.status);
    }
  });

  async function show(
    res: Response,
    resourceId: string,
    typed: string,
    faults: FieldFault[],
    status = 200,
  ): Promise<void> {
    const viewer = viewerOf(res);
    const now = deps.clock.now();
    const resource = await loadForCheck(deps.pool, viewer, resourceId, { now });
    if (!mayConverse(viewer, resource)) throw notFound();
    const [thread, settings, card] = await Promise.all([
      threadOf(deps.pool, resourceId),
      checkSettings(deps.pool),
      versionCard(deps.pool, viewer, resourceId, resource.currentNumber),
    ]);
    const { t } = contextOf(res);
    const title = resource.title || t('share.untitled');
    const author = isAuthorOf(viewer, resource);
    const onShelf = resource.state === 'published';
    const here = `/resources/${resourceId}/checks`;
    page(
      res,
      'curate/thread',
      {
        title,
        language: card?.language ?? 'en',
        resourceUrl: resource.currentNumber === null ? null : resourcePath(resourceId, resource.title),
        version: resource.currentNumber,
        check:
          card?.check ??
          checkSign({
            check_state: resource.check.state,
            checked_at: null,
            checker_name: null,
            checked_for_kind: null,
          }),
        waits: resource.wait && {
          since: resource.wait.since,
          days: schoolDaysBetween(resource.wait.since, now),
          promiseDays: settings.promiseDays,
        },
        events: threadEvents(thread),
        author,
        editUrl: canEdit(viewer, resource) ? `/resources/${resourceId}/edit` : null,
        checkUrl:
          checkPower(viewer, resource) && (onShelf || resource.state === 'submitted')
            ? `/curate/checks/${resourceId}`
            : null,
        answer: { url: here, text: typed, errors: fieldErrors(t, faults) },
        mayAsk: onShelf && !resource.wait && resource.check.state !== 'disputed',
        mayDispute: onShelf && mayDispute(viewer, resource, resource.check),
      },
      { title: t('thread.pageTitle', { title }), status, robots: 'none' },
    );
  }

  return routes.router;
}

function typedOf(req: Request): string {
  return parseForm(typedForm, req.body).text;
}
