import type { Response } from 'express';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { PortalError, type FieldFault } from '../errors.ts';
import { flash } from '../web/flash.ts';
import { contextOf, page } from '../web/page.ts';
import { parseForm, parseParams, parseQuery } from '../web/parse.ts';
import { educatorOf, originOf, viewerOf } from '../web/request-context.ts';
import { createRoutes, signedIn, staff } from '../web/route.ts';
import { loadForCheck } from './check-facts-queries.ts';
import { curateCheckPage } from './check-page.ts';
import { QUEUE_READERS } from './check-policy.ts';
import { CheckMoved, decideCheck } from './decide-service.ts';
import { OUTCOMES } from './decision.ts';
import { openNext } from './next-check.ts';
import { backTo, queueAddress, queueParams, queueQuery, type QueueFilters } from './queue-schema.ts';

const decideForm = z.object({
  outcome: z.enum(OUTCOMES),
  seen: z.string().max(100).default(''),
  check: z.string().max(40).default(''),
  back: backTo,
});
const anything = z.record(z.string(), z.unknown());

/** The check of one version, and the decision about it. */
export function checkRoutes(deps: Pick<Deps, 'pool' | 'clock' | 'config'>) {
  const routes = createRoutes();

  routes.get('/curate/checks/:id', staff(...QUEUE_READERS), async (req, res) => {
    const { id: resourceId } = parseParams(queueParams, req.params);
    await show(res, { resourceId, back: parseQuery(queueQuery, req.query) });
  });

  // For everybody with an account: whose role has ended meanwhile is told so, and loses nothing.
  routes.post('/curate/checks/:id', signedIn, async (req, res) => {
    const { id: resourceId } = parseParams(queueParams, req.params);
    const { t } = contextOf(res);
    const { outcome, seen, check, back } = parseForm(decideForm, req.body);
    const body = parseForm(anything, req.body);
    try {
      const done = await decideCheck(
        deps,
        educatorOf(res),
        { resourceId, outcome, seen, seenCheck: check, body, back },
        originOf(req, res),
      );
      flash(req, {
        kind: 'done',
        text: t(`curate.done.${outcome}`, { title: done.title }),
        link: { label: t('curate.lookAgain'), url: `/curate/checks/${resourceId}` },
      });
      const next =
        done.next === undefined
          ? undefined
          : await openNext(
              deps,
              viewerOf(res),
              { back, current: null, first: done.next },
              originOf(req, res),
            );
      res.redirect(303, next ?? `/curate${queueAddress(back)}`);
    } catch (error) {
      if (!(error instanceof PortalError)) throw error;
      await refuse(res, error, { resourceId, body, back });
    }
  });

  type Typed = { resourceId: string; body: Record<string, unknown>; back: QueueFilters };

  async function refuse(res: Response, error: PortalError, typed: Typed): Promise<void> {
    const { t } = contextOf(res);
    if (error.status === 422) return show(res, typed, { status: 422, faults: error.faults, notice: null });
    if (error instanceof CheckMoved && error.what !== 'withdrawn')
      return show(res, typed, { status: 409, faults: [], notice: t(error.key, error.params) });
    if (![403, 409].includes(error.status)) throw error;
    const resource = await loadForCheck(deps.pool, viewerOf(res), typed.resourceId, {
      now: deps.clock.now(),
    });
    const { rows } = await deps.pool.query<{ withdrawn_reason: string | null }>(
      'SELECT withdrawn_reason FROM resource WHERE id = $1',
      [resource.id],
    );
    const { note } = typed.body;
    page(
      res,
      'curate/stopped',
      {
        message: t(error.key, error.params),
        reason: resource.state === 'withdrawn' ? (rows[0]?.withdrawn_reason ?? null) : null,
        resourceUrl: `/resources/${resource.id}`,
        note: typeof note === 'string' ? note : '',
        queueUrl: `/curate${queueAddress(typed.back)}`,
      },
      { title: t('curate.stopped.title'), status: error.status, robots: 'none' },
    );
  }

  async function show(
    res: Response,
    { resourceId, back, body }: { resourceId: string; back: QueueFilters; body?: Record<string, unknown> },
    stopped: { status: number; faults: FieldFault[]; notice: string | null } | null = null,
  ): Promise<void> {
    const { t } = contextOf(res);
    const props = await curateCheckPage(
      { pool: deps.pool, now: deps.clock.now(), scanner: deps.config.clamd !== undefined },
      viewerOf(res),
      {
        resourceId,
        back,
        ...(body && stopped ? { typed: { body, faults: stopped.faults, notice: stopped.notice } } : {}),
      },
      t,
    );
    page(res, 'curate/check', props, {
      title: t('curate.check.title', { title: props.card.title || t('share.untitled') }),
      status: stopped?.status ?? 200,
      robots: 'none',
    });
  }

  return routes.router;
}
