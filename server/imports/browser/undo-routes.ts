import { z } from 'zod';
import type { Deps } from '../../deps.ts';
import { PortalError, type FieldFault } from '../../errors.ts';
import { audiencesOf } from '../../lib/viewer.ts';
import { resourcePath } from '../../lib/slug.ts';
import { fieldErrors } from '../../web/field-errors.ts';
import { flash } from '../../web/flash.ts';
import { contextOf, page } from '../../web/page.ts';
import { educatorOf, originOf, viewerOf } from '../../web/request-context.ts';
import { createRoutes } from '../../web/route.ts';
import type { Request, Response } from 'express';
import { importers } from '../import-policy.ts';
import { startUndo } from '../run-service.ts';
import type { ImportRun } from '../run-store.ts';
import { forecastUndo, type Forecast } from '../undo-run.ts';
import { runOf } from './run-door.ts';

/** Changes that are looked at for the forecast; each costs a comparison with what stands there. */
const LOOKED = 2000;
const NAMED = 50;

const sureForm = z.object({
  sure: z
    .string()
    .optional()
    .catch(undefined)
    .transform((value) => value === 'on'),
});

/** Taking back what a run did: first what would go and what would stay, then the deed. */
export function undoRoutes(deps: Deps) {
  const routes = createRoutes();

  routes.get('/imports/:id/undo', importers, async (req, res) =>
    show(req, res, await runOf(deps.pool, viewerOf(res), req.params), []),
  );

  routes.post('/imports/:id/undo', importers, async (req, res) => {
    const run = await runOf(deps.pool, viewerOf(res), req.params);
    const { sure } = sureForm.parse(req.body ?? {});
    if (!sure) return show(req, res, run, [{ field: 'sure', key: 'import.undo.fault.sure' }]);
    try {
      const by = { runId: run.id, personId: educatorOf(res).id, work: true };
      await startUndo(deps, by, originOf(req, res));
    } catch (error) {
      if (!(error instanceof PortalError) || error.status !== 409) throw error;
      flash(req, { kind: 'problem', text: contextOf(res).t(error.key, error.params) });
    }
    res.redirect(303, `/imports/${run.id}`);
  });

  async function show(_req: Request, res: Response, run: ImportRun, faults: FieldFault[]): Promise<void> {
    const { t } = contextOf(res);
    if (run.dryRun || ['undoing', 'undone', 'planned', 'running'].includes(run.state))
      return res.redirect(303, `/imports/${run.id}`);
    const { total, changes } = await forecastUndo(deps.pool, run, LOOKED);
    const stays = changes.filter(({ fate }) => fate !== 'done' && fate !== 'withdrawn');
    const named = stays.slice(0, NAMED);
    const titles = await titlesOf(named, audiencesOf(viewerOf(res)));
    const count = (outcome: Forecast['outcome'], fate: Forecast['fate']) =>
      changes.filter((one) => one.outcome === outcome && one.fate === fate).length;
    page(
      res,
      'imports/undo',
      {
        runUrl: `/imports/${run.id}`,
        actionUrl: `/imports/${run.id}/undo`,
        fileName: run.input.name,
        at: run.createdAt,
        total,
        looked: changes.length,
        gone: count('new', 'done'),
        putBack: count('changed', 'done'),
        returned: count('withdrawn', 'done'),
        withdrawn: count('new', 'withdrawn'),
        stays: [...new Set(stays.map(({ fate }) => fate))].map((why) => ({
          why,
          count: stays.filter(({ fate }) => fate === why).length,
        })),
        left: named.map(({ externalId, resourceId, fate }) => {
          const there = titles.get(resourceId);
          return {
            externalId,
            url: there ? resourcePath(resourceId, there.title) : null,
            title: there?.title ?? null,
            language: there?.language ?? 'en',
            why: fate,
          };
        }),
        errors: fieldErrors(t, faults),
      },
      {
        title: t('import.undo.title', { name: run.input.name }),
        status: faults.length > 0 ? 422 : 200,
        robots: 'none',
      },
    );
  }

  async function titlesOf(
    named: readonly Forecast[],
    keys: string[],
  ): Promise<Map<string, { title: string; language: string }>> {
    const { rows } = await deps.pool.query<{ id: string; title: string; language: string }>(
      `SELECT r.id, v.title, v.language FROM resource r JOIN version v ON v.id = r.current_version_id
       WHERE r.id = ANY ($1::uuid[]) AND r.state IN ('published', 'withdrawn') AND NOT r.takedown AND r.audience && $2::text[]`,
      [named.map(({ resourceId }) => resourceId), keys],
    );
    return new Map(rows.map(({ id, ...rest }) => [id, rest]));
  }

  return routes.router;
}
