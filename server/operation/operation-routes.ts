import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { notFound } from '../errors.ts';
import { diskRoom } from '../files/disk-room.ts';
import { inTime } from '../platform/in-time.ts';
import { portalVersion } from '../platform/portal-version.ts';
import { searchHealth } from '../search/index-queue.ts';
import type { EngineFacts, EngineName, SearchEngine } from '../search/search-port.ts';
import { flash } from '../web/flash.ts';
import { contextOf, page } from '../web/page.ts';
import { parseParams } from '../web/parse.ts';
import { originOf, viewerOf } from '../web/request-context.ts';
import { createRoutes, stateStaff } from '../web/route.ts';
import { operationFacts } from './operation-queries.ts';
import { dropJob, retryJobs } from './operation-service.ts';
import { engineRows, operationPage } from './operation-view.ts';

const ADDRESS = '/admin/operation';
const operators = stateStaff('admin');
const jobParams = z.object({ id: z.string().regex(/^\d{1,18}$/) });

/** The page doesn't wait for an engine that doesn't answer. */
const ENGINE_PATIENCE_MS = 2000;

async function factsOf(engine: SearchEngine): Promise<{ name: EngineName; facts: EngineFacts | null }> {
  return { name: engine.name, facts: await inTime(engine.facts(), ENGINE_PATIENCE_MS).catch(() => null) };
}

/** Failed jobs and their reasons, queues, sizes: what whoever runs the portal looks at when something is late. */
export function operationRoutes(deps: Pick<Deps, 'pool' | 'files' | 'config' | 'search'>) {
  const routes = createRoutes();

  routes.get(ADDRESS, operators, async (_req, res) => {
    const [facts, room, health, engines, behind] = await Promise.all([
      operationFacts(deps.pool),
      diskRoom(deps),
      searchHealth(deps.pool, deps.search.all),
      Promise.all(deps.search.all.map(factsOf)),
      deps.search.lag.look(),
    ]);
    const props = operationPage(facts, {
      version: portalVersion,
      node: process.versions.node,
      upSeconds: Math.floor(process.uptime()),
      engines: engineRows(engines, health, { first: deps.search.first.name, behind }),
      disk: { ...room, stopPercent: deps.config.uploadStopPercent },
      slowMs: deps.config.slowQueryMs,
    });
    page(res, 'admin/operation', props, { title: contextOf(res).t('operation.title'), robots: 'none' });
  });

  routes.post(`${ADDRESS}/jobs/retry`, operators, (req, res) => retry(req, res, null));

  routes.post(`${ADDRESS}/jobs/:id/retry`, operators, (req, res) =>
    retry(req, res, [parseParams(jobParams, req.params).id]),
  );

  routes.post(`${ADDRESS}/jobs/:id/drop`, operators, async (req, res) => {
    const { id } = parseParams(jobParams, req.params);
    const dropped = await dropJob(deps, viewerOf(res).id ?? '', id, originOf(req, res));
    if (!dropped) throw notFound();
    flash(req, { kind: 'done', text: contextOf(res).t('operation.dropped') });
    res.redirect(303, ADDRESS);
  });

  async function retry(req: Request, res: Response, ids: string[] | null): Promise<void> {
    const count = await retryJobs(deps, viewerOf(res).id ?? '', ids, originOf(req, res));
    const { t } = contextOf(res);
    flash(req, {
      kind: count > 0 ? 'done' : 'note',
      text: count > 0 ? t('operation.retried', { count }) : t('operation.nothing'),
    });
    res.redirect(303, ADDRESS);
  }

  return routes.router;
}
