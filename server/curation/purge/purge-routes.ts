import type { Request, Response } from 'express';
import type { Deps } from '../../deps.ts';
import { notFound, PortalError } from '../../errors.ts';
import { resourcePath, slug } from '../../lib/slug.ts';
import { loadResource } from '../../resources/resource-facts-queries.ts';
import { fieldErrors } from '../../web/field-errors.ts';
import { flash } from '../../web/flash.ts';
import { contextOf, page } from '../../web/page.ts';
import { parseForm, parseParams } from '../../web/parse.ts';
import { educatorOf, originOf, viewerOf } from '../../web/request-context.ts';
import { createRoutes, staff, stateStaff } from '../../web/route.ts';
import { CURATORS } from '../curators.ts';
import { purgeFacts, purgeLog } from './purge-queries.ts';
import { PURGE_WHYS, purgeForm, purgeParams } from './purge-schema.ts';
import { purgeResource } from './purge-service.ts';

/** Seconds after which the log is fetched again while something is still being removed. */
const REFRESH = 3;

/** `/curate/purges`: what had to be destroyed, and destroying it. */
export function purgeRoutes(deps: Pick<Deps, 'pool' | 'clock'>) {
  const routes = createRoutes();

  routes.get('/curate/purges', staff(...CURATORS), async (_req, res) => {
    const rows = await purgeLog(deps.pool, viewerOf(res));
    const { t } = contextOf(res);
    page(
      res,
      'curate/purges',
      {
        rows: rows.map((row) => ({
          id: row.resource_id,
          organization: row.organization,
          why: row.why,
          reason: row.reason,
          by: row.asked_by,
          on: row.asked_at,
          finished: row.finished_at,
        })),
      },
      {
        title: t('purge.log'),
        robots: 'none',
        ...(rows.some((row) => row.finished_at === null) ? { refreshSeconds: REFRESH } : {}),
      },
    );
  });

  routes.get('/curate/purges/:id', stateStaff('lead', 'admin'), async (req, res) => show(req, res, null));

  routes.post('/curate/purges/:id', stateStaff('lead', 'admin'), async (req, res) => {
    const { id: resourceId } = parseParams(purgeParams, req.params);
    const { t } = contextOf(res);
    try {
      const form = parseForm(purgeForm, req.body);
      await purgeResource(deps, educatorOf(res), { resourceId, ...form }, originOf(req, res));
      flash(req, { kind: 'done', text: t('purge.done') });
      res.redirect(303, '/curate/purges');
    } catch (error) {
      if (!(error instanceof PortalError) || error.status !== 422) throw error;
      await show(req, res, error);
    }
  });

  /** @throws 404 where there is nothing, or nothing any more */
  async function show(req: Request, res: Response, error: PortalError | null): Promise<void> {
    const { id: resourceId } = parseParams(purgeParams, req.params);
    const [resource, facts] = await Promise.all([
      loadResource(deps.pool, resourceId),
      purgeFacts(deps.pool, resourceId),
    ]);
    if (!resource || !facts || resource.state === 'purged') throw notFound();
    const { t } = contextOf(res);
    const typed = (req.body ?? {}) as Record<string, unknown>;
    const read = (name: string) => (typeof typed[name] === 'string' ? typed[name].slice(0, 1000) : '');
    page(
      res,
      'curate/purge',
      {
        ...facts,
        title: resource.title,
        language: resource.language,
        byWord: slug(resource.title) === '',
        others: facts.others.map(({ id, ...other }) => ({ ...other, purgeUrl: `/curate/purges/${id}` })),
        actionUrl: `/curate/purges/${resourceId}`,
        backUrl: resourcePath(resourceId, resource.title),
        whys: PURGE_WHYS.map((value) => ({
          value,
          label: t(`purge.why.${value}`),
          chosen: read('why') === value,
        })),
        values: { reason: read('reason'), confirm: read('confirm') },
        errors: error ? fieldErrors(t, error.faults) : [],
      },
      { title: t('purge.title'), status: error ? 422 : 200, robots: 'none' },
    );
  }

  return routes.router;
}
