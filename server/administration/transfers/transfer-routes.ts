import { z } from 'zod';
import type { Deps } from '../../deps.ts';
import { flash } from '../../web/flash.ts';
import { contextOf, page } from '../../web/page.ts';
import { id, parseForm, parseParams } from '../../web/parse.ts';
import { originOf, viewerOf } from '../../web/request-context.ts';
import { createRoutes } from '../../web/route.ts';
import { peopleAdministrators } from '../../accounts/people-policy.ts';
import { planHandBack } from './plan-transfer.ts';
import { transferUrl } from '../addresses.ts';
import { transferOrigin, transferPage } from './transfer-page.ts';
import { moveTransfer } from './transfer-service.ts';

const params = z.object({ id });
const moveForm = z.object({ move: z.enum(['start', 'drop']) });

/** A merge, a move or a hand-over: its preview, how far it is, what became of it. */
export function transferRoutes(deps: Pick<Deps, 'pool' | 'clock'>) {
  const routes = createRoutes();

  routes.get('/admin/transfers/:id', peopleAdministrators, async (req, res) => {
    const { id: transferId } = parseParams(params, req.params);
    const props = await transferPage(deps, viewerOf(res), transferId, contextOf(res).t);
    page(res, 'admin/transfer', props, {
      title: props.title,
      robots: 'none',
      ...(props.percent === null ? {} : { refreshSeconds: 3 }),
    });
  });

  routes.post('/admin/transfers/:id/move', peopleAdministrators, async (req, res) => {
    const { id: transferId } = parseParams(params, req.params);
    const { move } = parseForm(moveForm, req.body);
    const { t } = contextOf(res);
    const cancelUrl = await transferOrigin(deps, viewerOf(res), transferId);
    await moveTransfer(deps, viewerOf(res), { id: transferId, move }, originOf(req, res));
    if (move === 'start') return res.redirect(303, transferUrl(transferId));
    flash(req, { kind: 'done', text: t('transfer.droppedNow') });
    res.redirect(303, cancelUrl);
  });

  routes.post('/admin/transfers/:id/back', peopleAdministrators, async (req, res) => {
    const { id: transferId } = parseParams(params, req.params);
    res.redirect(303, transferUrl(await planHandBack(deps, viewerOf(res), transferId, originOf(req, res))));
  });

  return routes.router;
}
