import type { Request, Response } from 'express';
import type { Deps } from '../../deps.ts';
import { notFound, PortalError } from '../../errors.ts';
import { fieldErrors } from '../../web/field-errors.ts';
import { flash } from '../../web/flash.ts';
import { contextOf, page } from '../../web/page.ts';
import { parseForm, parseParams, parseQuery } from '../../web/parse.ts';
import { educatorOf, originOf, viewerOf } from '../../web/request-context.ts';
import { createRoutes, staff } from '../../web/route.ts';
import { isStaffOver } from '../../resources/resource-policy.ts';
import { loadResource } from '../../resources/resource-facts-queries.ts';
import { CURATORS } from '../curators.ts';
import { decideFlag } from './flag-decision.ts';
import { FLAGS_A_PAGE, flagPage, flagsPage } from './flag-page.ts';
import { flagDetails, flagList, nextOpenFlag } from './flag-queries.ts';
import { decideForm, flagListQuery, flagParams } from './flag-schema.ts';

/** `/curate/flags`: what people report, and what staff decide about it. */
export function curateFlagRoutes(deps: Pick<Deps, 'pool' | 'clock'>) {
  const routes = createRoutes();

  routes.get('/curate/flags', staff(...CURATORS), async (req, res) => {
    const query = parseQuery(flagListQuery, req.query);
    const rows = await flagList(deps.pool, viewerOf(res), {
      ...query,
      limit: FLAGS_A_PAGE,
      offset: (query.page - 1) * FLAGS_A_PAGE,
    });
    const { t } = contextOf(res);
    page(res, 'curate/flags', flagsPage(t, rows, query), { title: t('flags.title'), robots: 'none' });
  });

  routes.get('/curate/flags/:id', staff(...CURATORS), async (req, res) => {
    await show(req, res, parseParams(flagParams, req.params).id, null);
  });

  routes.post('/curate/flags/:id', staff(...CURATORS), async (req, res) => {
    const viewer = educatorOf(res);
    const { id: flagId } = parseParams(flagParams, req.params);
    try {
      const form = parseForm(decideForm, req.body);
      const state = await decideFlag(deps, viewer, { flagId, ...form }, originOf(req, res));
      const next = await nextOpenFlag(deps.pool, viewer);
      const { t } = contextOf(res);
      flash(req, {
        kind: 'done',
        text: t(`flag.done.${state}`),
        link: { label: t('flag.done.look'), url: `/curate/flags/${flagId}` },
      });
      res.redirect(
        303,
        state === 'open' || !next
          ? `/curate/flags${state === 'open' ? `/${flagId}` : ''}`
          : `/curate/flags/${next}`,
      );
    } catch (error) {
      if (!(error instanceof PortalError) || ![409, 422].includes(error.status)) throw error;
      await show(req, res, flagId, error);
    }
  });

  /** The page of a flag, after a refusal with what was typed and what is there now. @throws 404 for others than staff over it */
  async function show(req: Request, res: Response, flagId: string, error: PortalError | null): Promise<void> {
    const viewer = viewerOf(res);
    const flag = await flagDetails(deps.pool, flagId);
    const resource = flag && (await loadResource(deps.pool, flag.resource_id));
    if (!flag || !resource || !isStaffOver(viewer, resource)) throw notFound();
    const { t } = contextOf(res);
    const typed = (req.body ?? {}) as Record<string, unknown>;
    const read = (name: string) => (typeof typed[name] === 'string' ? typed[name].slice(0, 4000) : '');
    const next = flag.state === 'open' ? null : await nextOpenFlag(deps.pool, viewer);
    page(
      res,
      'curate/flag',
      flagPage(
        t,
        viewer,
        { flag, resource },
        {
          typed: error && { move: read('move'), note: read('note') },
          stale: error?.status === 409 ? t(error.key, error.params) : null,
          nextUrl: next && `/curate/flags/${next}`,
          errors: error?.status === 422 ? fieldErrors(t, error.faults) : [],
        },
      ),
      {
        title: t('flag.page', { flag: t(`flag.choose.${flag.kind}`) }),
        status: error?.status ?? 200,
        robots: 'none',
      },
    );
  }

  return routes.router;
}
