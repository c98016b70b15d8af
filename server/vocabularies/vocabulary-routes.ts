import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { notFound, PortalError } from '../errors.ts';
import { flash } from '../web/flash.ts';
import { contextOf, page } from '../web/page.ts';
import { id, parseForm, parseParams } from '../web/parse.ts';
import { originOf, viewerOf } from '../web/request-context.ts';
import { createRoutes, stateStaff } from '../web/route.ts';
import { findVocabularyChange } from './admin-queries.ts';
import { changePage, homeOf, previewOf, read } from './preview-page.ts';
import { useStarterLists } from './starter-lists.ts';
import { confirmation } from './vocabulary-schema.ts';
import { makeChange, planChange, type AskedChange } from './vocabulary-service.ts';

const administrator = stateStaff('admin');
const changeParams = z.object({ id });

/** What all of the state's lists have: usual values to begin with, and changes of so many resources that a job makes them. */
export function vocabularyRoutes(deps: Pick<Deps, 'pool' | 'search'>) {
  const routes = createRoutes();

  routes.post('/admin/starter-lists', administrator, async (req, res) => {
    await useStarterLists(deps, viewerOf(res), originOf(req, res));
    flash(req, { kind: 'done', text: contextOf(res).t('starter.done') });
    res.redirect(303, '/admin/subjects');
  });

  routes.get('/admin/changes/:id', administrator, async (req, res) => {
    const { id: changeId } = parseParams(changeParams, req.params);
    const found = await findVocabularyChange(deps.pool, changeId, deps.search.first.name);
    if (!found) throw notFound();
    const props = changePage(contextOf(res).t, found, `/admin/changes/${changeId}`);
    const working = found.state === 'waiting' || found.unindexed > 0;
    page(res, 'admin/vocabulary-change', props, {
      title: props.title,
      robots: 'none',
      ...(working ? { refreshSeconds: 5 } : {}),
    });
  });

  return routes.router;
}

/**
 * Answers the form of a change: shows what it does, or makes it where that was confirmed.
 * @throws 403; 404; 409 when the value that it goes to is gone; 422
 */
export async function answerChange(
  deps: Pick<Deps, 'pool'>,
  req: Request,
  res: Response,
  asked: AskedChange,
): Promise<void> {
  const { t } = contextOf(res);
  const { sure, seen } = parseForm(confirmation, req.body);
  const preview = async (status: 200 | 409): Promise<void> => {
    const plan = await planChange(deps.pool, asked);
    const props = previewOf(t, asked, plan, status === 409);
    page(res, 'admin/preview', props, { title: props.title, robots: 'none', status });
  };
  if (!sure) return preview(200);
  try {
    const { plan, waits } = await makeChange(deps, viewerOf(res), { ...asked, seen }, originOf(req, res));
    if (waits !== null) return res.redirect(303, `/admin/changes/${waits}`);
    flash(req, {
      kind: 'done',
      text: t(`vocabulary.done.${asked.change.what}`, {
        name: read(plan.name),
        after: read(plan.after.name),
      }),
    });
    res.redirect(303, homeOf(asked.kind));
  } catch (error) {
    if (!(error instanceof PortalError) || error.key !== 'vocabulary.changed') throw error;
    await preview(409);
  }
}
