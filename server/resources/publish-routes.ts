import type { Response } from 'express';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { notFound, PortalError, type FieldFault } from '../errors.ts';
import { readVocabularies } from '../vocabularies/vocabulary-queries.ts';
import { flash } from '../web/flash.ts';
import { contextOf, page } from '../web/page.ts';
import { id, line, parseForm, parseParams } from '../web/parse.ts';
import { originOf, viewerOf } from '../web/request-context.ts';
import { createRoutes, signedIn } from '../web/route.ts';
import { checkPage } from './check-page-view.ts';
import { discardDraft, DraftConflict } from './draft-service.ts';
import { draftFaults, publishDraft } from './publish-service.ts';
import { versionCard } from './resource-card-queries.ts';
import { studentDataIn } from './student-data.ts';
import { visibleDraft } from './visible-draft.ts';

const resourceParams = z.object({ id });
const publishForm = z.object({
  revision: z.coerce.number().int().min(0),
  note: line(500).default(''),
  students: z.string().optional(),
});

/** The end of a draft: looked at once more, then published or thrown away. */
export function publishRoutes(deps: Deps) {
  const routes = createRoutes();

  routes.get('/resources/:id/check', signedIn, async (req, res) => {
    const { id: resourceId } = parseParams(resourceParams, req.params);
    await showCheck(res, resourceId, []);
  });

  routes.post('/resources/:id/publish', signedIn, async (req, res) => {
    const { id: resourceId } = parseParams(resourceParams, req.params);
    const { t } = contextOf(res);
    try {
      const { students, ...asked } = parseForm(publishForm, req.body);
      const { state } = await publishDraft(
        deps,
        viewerOf(res),
        { resourceId, ...asked, noStudentData: students === 'none' },
        originOf(req, res),
      );
      if (state === 'submitted') {
        flash(req, { kind: 'done', text: t('share.submitted') });
        return res.redirect(303, '/shelf');
      }
      flash(req, {
        kind: 'done',
        text: t('share.published'),
        link: { label: t('share.another'), url: '/resources/new' },
      });
      res.redirect(303, `/resources/${resourceId}`);
    } catch (error) {
      if (error instanceof DraftConflict) {
        flash(req, { kind: 'note', text: t('share.changedSince') });
        return res.redirect(303, `/resources/${resourceId}/check`);
      }
      if (!(error instanceof PortalError) || error.status !== 422) throw error;
      await showCheck(res, resourceId, error.faults);
    }
  });

  routes.post('/resources/:id/discard', signedIn, async (req, res) => {
    const { id: resourceId } = parseParams(resourceParams, req.params);
    await discardDraft(deps, viewerOf(res), resourceId, originOf(req, res));
    flash(req, { kind: 'done', text: contextOf(res).t('share.discarded') });
    res.redirect(303, '/shelf');
  });

  async function showCheck(res: Response, resourceId: string, faults: FieldFault[]): Promise<void> {
    const viewer = viewerOf(res);
    const { t } = contextOf(res);
    const draft = await visibleDraft(deps.pool, viewerOf(res), resourceId);
    if (!draft) throw notFound();
    const [card, vocabularies, problems, students] = await Promise.all([
      versionCard(deps.pool, viewer, resourceId, null),
      readVocabularies(deps.pool),
      draftFaults(deps.pool, draft.version_id),
      studentDataIn(deps.pool, draft.version_id),
    ]);
    if (!card) throw notFound();
    page(res, 'resources/check', checkPage({ draft, card, vocabularies, problems, students, faults, t }), {
      title: t('share.checkTitle', { title: draft.title || t('share.untitled') }),
      status: faults.length > 0 ? 422 : 200,
      robots: 'none',
    });
  }

  return routes.router;
}
