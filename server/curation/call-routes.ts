import type { Response } from 'express';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { notFound } from '../errors.ts';
import { isGrade } from '../lib/grade.ts';
import { audiencesOf, hasRole } from '../lib/viewer.ts';
import { formats } from '../locale/format.ts';
import { resourceCards } from '../resources/resource-card-queries.ts';
import { searchParams, searchUrl } from '../search/search-address.ts';
import { searchFilters } from '../search/search-port.ts';
import { readVocabularies } from '../vocabularies/vocabulary-queries.ts';
import { flash } from '../web/flash.ts';
import { contextOf, page } from '../web/page.ts';
import { parseForm, parseParams, parseQuery } from '../web/parse.ts';
import { originOf, viewerOf } from '../web/request-context.ts';
import { anyone, createRoutes, staff } from '../web/route.ts';
import { CALLS_A_PAGE, callPage, callsPage } from './call-page.ts';
import { callsFor, type CallRow } from './call-queries.ts';
import { answerParams, callParams, moveCallForm, refuseForm } from './call-schema.ts';
import { moveCallByStaff, refuseAnswer } from './call-service.ts';
import { CALL_STATES, OUT } from './call-states.ts';
import { countResources } from './coverage-counts.ts';
import { CURATORS } from './curators.ts';

const one = z
  .union([z.string(), z.array(z.string())])
  .optional()
  .transform((value) => [value].flat()[0] ?? '');
const listQuery = z.object({
  show: one,
  grade: one.transform((grade) => (isGrade(grade) ? grade : null)),
  page: one.transform((text) => Math.max(1, Math.min(Number.parseInt(text, 10) || 1, 10_000))),
});

/** `/calls`: what the state wants, for everybody; and what staff do with it. */
export function callRoutes(deps: Deps) {
  const routes = createRoutes();

  routes.get('/calls', anyone, async (req, res) => {
    const viewer = viewerOf(res);
    const query = parseQuery(listQuery, req.query);
    const which = query.show === 'over' ? 'over' : 'out';
    const states = CALL_STATES.filter((state) => OUT.includes(state) === (which === 'out'));
    const [found, { levels }] = await Promise.all([
      callsFor(
        deps.pool,
        viewer,
        { states, grade: query.grade },
        { limit: CALLS_A_PAGE, offset: (query.page - 1) * CALLS_A_PAGE },
      ),
      readVocabularies(deps.pool),
    ]);
    const { t, language } = contextOf(res);
    const curator = hasRole(viewer, ...CURATORS);
    page(
      res,
      'calls/index',
      callsPage(t, formats(language, t), {
        found,
        levels,
        which,
        grade: query.grade,
        page: query.page,
        curator,
      }),
      { title: t('call.title'), canonical: '/calls' },
    );
  });

  routes.get('/calls/:id', anyone, async (req, res) => {
    await show(res, parseParams(callParams, req.params).id);
  });

  routes.post('/calls/:id/move', staff(...CURATORS), async (req, res) => {
    const { id: callId } = parseParams(callParams, req.params);
    const form = parseForm(moveCallForm, req.body);
    await moveCallByStaff(deps, viewerOf(res), { callId, ...form }, originOf(req, res));
    flash(req, { kind: 'done', text: contextOf(res).t(`call.done.${form.move}`) });
    res.redirect(303, `/calls/${callId}`);
  });

  routes.post('/calls/:id/answers/:resource/refuse', staff(...CURATORS), async (req, res) => {
    const { id: callId, resource: resourceId } = parseParams(answerParams, req.params);
    const { revision } = parseForm(refuseForm, req.body);
    await refuseAnswer(deps, viewerOf(res), { callId, revision, resourceId }, originOf(req, res));
    flash(req, { kind: 'done', text: contextOf(res).t('call.done.refuse') });
    res.redirect(303, `/calls/${callId}`);
  });

  async function show(res: Response, callId: string): Promise<void> {
    const viewer = viewerOf(res);
    const { calls } = await callsFor(deps.pool, viewer, { states: CALL_STATES, id: callId }, { limit: 1 });
    const [row] = calls;
    if (!row) throw notFound('call.noSuch');
    const filters = rungFilters(row);
    const [cards, { levels }, count] = await Promise.all([
      resourceCards(
        deps.pool,
        viewer,
        row.answers.map(({ resourceId }) => resourceId),
      ),
      readVocabularies(deps.pool),
      countResources(deps, audiencesOf(viewer), filters),
    ]);
    const there = { count, url: searchUrl(searchParams({ filters })) };
    const { t } = contextOf(res);
    const props = callPage(viewer, row, { levels, cards, there });
    page(res, 'calls/show', props, {
      title: t('call.titleOf', {
        rung: [props.call.tab.code, props.call.level?.label ?? ''].filter(Boolean).join(', '),
      }),
      ...(row.districtId === null ? {} : { robots: 'none' as const }),
    });
  }

  return routes.router;
}

const rungFilters = ({ standard, level }: CallRow) =>
  searchFilters({ standard: [standard.guid], level: level === null ? [] : [level] });
