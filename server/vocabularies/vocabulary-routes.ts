import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { notFound } from '../errors.ts';
import { flash } from '../web/flash.ts';
import { contextOf, page } from '../web/page.ts';
import { id, parseParams } from '../web/parse.ts';
import { originOf, viewerOf } from '../web/request-context.ts';
import { createRoutes, stateStaff } from '../web/route.ts';
import { findVocabularyChange } from './admin-queries.ts';
import { changePage } from './preview-page.ts';
import { useStarterLists } from './starter-lists.ts';

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
