import { z } from 'zod';
import type { Deps } from '../../deps.ts';
import { flash } from '../../web/flash.ts';
import { contextOf } from '../../web/page.ts';
import { parseParams } from '../../web/parse.ts';
import { educatorOf, originOf } from '../../web/request-context.ts';
import { createRoutes, signedIn } from '../../web/route.ts';
import { renewSession } from '../sign-in.ts';
import { endAllSessions, endSession } from './session-service.ts';

const keyParams = z.object({ key: z.string().regex(/^[0-9a-f]{64}$/) });

/** One's own sessions: ending one or all others, and asking that this one goes on. */
export function sessionRoutes(deps: Pick<Deps, 'pool' | 'clock'>) {
  const routes = createRoutes();

  /** Every request puts the end off; this one says until when. */
  routes.get('/account/session', signedIn, (_req, res) => {
    const { session } = contextOf(res);
    res.setHeader('Cache-Control', 'no-store');
    res.json({ idle: session?.idleSeconds ?? 0, last: session?.lastSeconds ?? 0 });
  });

  routes.post('/account/sessions/end', signedIn, async (req, res) => {
    const epoch = await endAllSessions(deps, educatorOf(res).id, originOf(req, res));
    await renewSession(req, epoch, deps.clock.now());
    flash(req, { kind: 'done', text: contextOf(res).t('session.allEnded') });
    res.redirect(303, '/account#sessions');
  });

  routes.post('/account/sessions/:key/end', signedIn, async (req, res) => {
    const { key } = parseParams(keyParams, req.params);
    await endSession(deps, educatorOf(res).id, key, originOf(req, res));
    flash(req, { kind: 'done', text: contextOf(res).t('session.ended') });
    res.redirect(303, '/account#sessions');
  });

  return routes.router;
}
