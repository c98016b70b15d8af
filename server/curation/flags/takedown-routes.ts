import type { Request, Response } from 'express';
import type { Deps } from '../../deps.ts';
import { PortalError } from '../../errors.ts';
import { csvLine } from '../../lib/csv-text.ts';
import { resourcePath } from '../../lib/slug.ts';
import type { Translate } from '../../locale/locale.ts';
import { fieldErrors } from '../../web/field-errors.ts';
import { flash } from '../../web/flash.ts';
import { contextOf, page } from '../../web/page.ts';
import { pager } from '../../web/pager.ts';
import { parseForm, parseParams, parseQuery } from '../../web/parse.ts';
import { educatorOf, originOf, viewerOf } from '../../web/request-context.ts';
import { createRoutes, staff } from '../../web/route.ts';
import { CURATORS } from '../curators.ts';
import { flagListQuery, flagParams, liftForm } from './flag-schema.ts';
import { takedownLog, type TakedownRow } from './takedown-queries.ts';
import { liftTakedown } from './takedown-service.ts';

const A_PAGE = 100;
/** The file has all of them; nobody has more. */
const ALL = 100_000;

/** `/curate/takedowns`: what was taken down, when, why, and what came of it. */
export function takedownRoutes(deps: Pick<Deps, 'pool' | 'clock' | 'config'>) {
  const routes = createRoutes();

  routes.get('/curate/takedowns', staff(...CURATORS), async (req, res) => show(req, res, null));

  routes.get('/curate/takedowns.csv', staff(...CURATORS), async (_req, res) => {
    const { t } = contextOf(res);
    const rows = await takedownLog(deps.pool, viewerOf(res), { limit: ALL, offset: 0 });
    res.attachment('takedowns.csv').type('text/csv');
    res.send(
      `\uFEFF${[csvHead(t), ...rows.map((row) => csvRow(t, deps.config.baseUrl, row))].map((cells) => csvLine(cells)).join('')}`,
    );
  });

  routes.post('/curate/takedowns/:id/lift', staff(...CURATORS), async (req, res) => {
    const { id: takedownId } = parseParams(flagParams, req.params);
    try {
      const { reason } = parseForm(liftForm, req.body);
      const lifted = await liftTakedown(deps, educatorOf(res), { takedownId, reason }, originOf(req, res));
      flash(req, {
        kind: 'done',
        text: contextOf(res).t('takedown.done'),
        link: { label: lifted.title, url: resourcePath(lifted.resourceId, lifted.title) },
      });
      res.redirect(303, '/curate/takedowns');
    } catch (error) {
      if (!(error instanceof PortalError) || ![409, 422].includes(error.status)) throw error;
      await show(req, res, error);
    }
  });

  async function show(req: Request, res: Response, error: PortalError | null): Promise<void> {
    const { t } = contextOf(res);
    const { page: number } = parseQuery(flagListQuery, req.query);
    const rows = await takedownLog(deps.pool, viewerOf(res), {
      limit: A_PAGE,
      offset: (number - 1) * A_PAGE,
    });
    const total = rows[0]?.total ?? 0;
    page(
      res,
      'curate/takedowns',
      {
        total,
        rows: rows.map((row) => ({
          title: row.title,
          language: row.language ?? 'en',
          url: row.title === null ? null : resourcePath(row.resource_id, ''),
          organization: row.organization,
          kind: row.kind,
          reason: row.reason,
          asked: row.asked_at,
          taken: row.taken_at,
          by: row.taken_by,
          state: row.state,
          ended: row.ended_at && { on: row.ended_at, by: row.ended_by ?? '', reason: row.ended_reason },
          liftUrl: row.state === 'down' ? `/curate/takedowns/${row.id}/lift` : null,
        })),
        csvUrl: '/curate/takedowns.csv',
        pager: pager(number, Math.ceil(total / A_PAGE), (n) => `/curate/takedowns?page=${n}`),
        errors:
          error?.status === 409
            ? [{ field: 'log', message: t(error.key, error.params) }]
            : fieldErrors(t, error?.faults ?? []).map(({ message }) => ({ field: 'log', message })),
      },
      { title: t('takedown.title'), status: error?.status ?? 200, robots: 'none' },
    );
  }

  return routes.router;
}

const csvHead = (t: Translate): string[] =>
  (
    [
      'resource',
      'organization',
      'why',
      'reason',
      'asked',
      'taken',
      'by',
      'state',
      'ended',
      'endedBy',
      'endedReason',
    ] as const
  ).map((column) => t(`takedown.${column}`));

const csvRow = (t: Translate, baseUrl: string, row: TakedownRow): string[] => [
  `${baseUrl}/resources/${row.resource_id}`,
  row.organization,
  t(`flag.choose.${row.kind}`),
  row.reason,
  row.asked_at.toISOString(),
  row.taken_at.toISOString(),
  row.taken_by,
  t(`takedown.state.${row.state}`),
  row.ended_at?.toISOString() ?? '',
  row.ended_by ?? '',
  row.ended_reason,
];
