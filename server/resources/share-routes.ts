import type { Response } from 'express';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { notFound, type FieldFault } from '../errors.ts';
import { descriptorsOf } from '../standards/descriptor-service.ts';
import { hasFrameworks } from '../standards/standard-queries.ts';
import { readFormerTerms, readVocabularies } from '../vocabularies/vocabulary-queries.ts';
import { fieldErrors } from '../web/field-errors.ts';
import { flash } from '../web/flash.ts';
import { contextOf, page, renderComponent } from '../web/page.ts';
import { id, parseParams } from '../web/parse.ts';
import { educatorOf, originOf, viewerOf } from '../web/request-context.ts';
import { createRoutes, signedIn } from '../web/route.ts';
import { conflictPage } from './conflict-view.ts';
import { makeFirstFile, removeDraftFile, toggleEducatorsOnly } from './draft-files-service.ts';
import type { DraftRow } from './draft-queries.ts';
import { discardDraft, DraftConflict, openNextVersion, saveDraft } from './draft-service.ts';
import { keepDraftUploads } from './draft-uploads.ts';
import { draftFiles, shareFormPage } from './share-form-view.ts';
import { readShareForm, type ShareForm } from './share-schema.ts';
import type { SaveAnswer, UploadAnswer } from './share-view.ts';
import { addPicked, dropPicked, findStandards } from './standard-picker.ts';
import { visibleDraft } from './visible-draft.ts';

const resourceParams = z.object({ id });
/** Sharing: a draft is filled, saved and given files; and the next version of one's own is opened. */
export function shareRoutes(deps: Deps) {
  const routes = createRoutes();
  const uploads = keepDraftUploads(deps);

  routes.get('/resources/:id/edit', signedIn, async (req, res) => {
    const viewer = educatorOf(res);
    const { id: resourceId } = parseParams(resourceParams, req.params);
    let draft = await visibleDraft(deps.pool, viewerOf(res), resourceId);
    if (!draft) {
      // Opening the next version is reversible and happens once; still, only our own pages may lead here.
      if (['cross-site', 'same-site'].includes(req.get('sec-fetch-site') ?? ''))
        return res.redirect(303, `/resources/${resourceId}`);
      await openNextVersion(deps, viewer, resourceId, originOf(req, res));
      draft = await visibleDraft(deps.pool, viewerOf(res), resourceId);
    }
    if (!draft) throw notFound();
    await showForm(res, draft, {});
  });

  routes.post('/resources/:id/edit', signedIn, uploads.receive, async (req, res) => {
    const viewer = educatorOf(res);
    const { id: resourceId } = parseParams(resourceParams, req.params);
    const [vocabularies, former] = await Promise.all([
      readVocabularies(deps.pool),
      readFormerTerms(deps.pool),
    ]);
    const form = readShareForm(req.body, vocabularies, former);
    const json = req.accepts(['html', 'json']) === 'json';
    // Enter in the box for standards presses the form's first button: what stands in the box says what was meant.
    const pressed = form.find !== '' && !json && ['', 'save'].includes(form.pressed) ? 'find' : form.pressed;
    const [verb, subject] = split(pressed);
    try {
      if (verb === 'drop') form.fields.alignments = dropPicked(form.fields.alignments, subject);
      if (verb === 'add')
        form.fields.alignments = await addPicked(deps.pool, form.fields.alignments, subject);
      const saved = await saveDraft(deps, viewer, {
        resourceId,
        revision: form.revision ?? -1,
        fields: form.fields,
      });
      if (json) {
        const answer: SaveAnswer = {
          revision: saved.revision,
          savedAt: saved.savedAt.toISOString(),
          errors: fieldErrors(contextOf(res).t, form.faults),
        };
        return void res.json(answer);
      }
    } catch (error) {
      if (!(error instanceof DraftConflict)) throw error;
      await uploads.discard(req);
      return showConflict(res, resourceId, form, json);
    }
    const { refused } = await uploads.keep(req, res, { viewer, resourceId });
    if (verb === 'remove')
      await removeDraftFile(deps, viewer, { resourceId, fileId: subject }, originOf(req, res));
    if (verb === 'audience') await toggleEducatorsOnly(deps, viewer, { resourceId, fileId: subject });
    if (verb === 'first') await makeFirstFile(deps, viewer, { resourceId, fileId: subject });
    if (verb === 'discard') {
      await discardDraft(deps, viewer, resourceId, originOf(req, res));
      flash(req, { kind: 'done', text: contextOf(res).t('share.discarded') });
      return res.redirect(303, '/shelf');
    }
    if (form.faults.length === 0 && refused.length === 0) {
      if (verb === 'check') return res.redirect(303, `/resources/${resourceId}/check`);
      if (verb !== 'find') return res.redirect(303, `/resources/${resourceId}/edit${anchorOf(verb)}`);
    }
    const draft = await visibleDraft(deps.pool, viewerOf(res), resourceId);
    if (!draft) throw notFound();
    await showForm(res, draft, { sent: form, faults: form.faults, refused });
  });

  routes.post('/resources/:id/draft/files', signedIn, uploads.receive, async (req, res) => {
    const viewer = educatorOf(res);
    const { id: resourceId } = parseParams(resourceParams, req.params);
    const { added, refused } = await uploads.keep(req, res, { viewer, resourceId });
    const draft = await visibleDraft(deps.pool, viewerOf(res), resourceId);
    if (!draft) throw notFound();
    // Others may have arrived at the same time: it is this one's row that goes back.
    const file = draftFiles(draft).find(({ id: fileId }) => fileId === added[0]);
    if (refused[0] || !file) {
      const answer: UploadAnswer = { message: refused[0]?.reason ?? contextOf(res).t('error.badUpload') };
      return void res.status(422).json(answer);
    }
    const answer: UploadAnswer = {
      id: file.id,
      html: renderComponent(contextOf(res), 'share/file', file),
      title: draft.title,
    };
    res.status(201).json(answer);
  });

  async function showForm(
    res: Response,
    draft: DraftRow,
    more: { sent?: ShareForm; faults?: FieldFault[]; refused?: { name: string; reason: string }[] },
  ): Promise<void> {
    const { t } = contextOf(res);
    const [vocabularies, descriptors, frameworks] = await Promise.all([
      readVocabularies(deps.pool),
      descriptorsOf(
        deps.pool,
        draft.alignments.map(({ guid }) => guid),
      ),
      hasFrameworks(deps.pool),
    ]);
    const picked = new Set(draft.alignments.map((alignment) => alignment.guid));
    const lookedFor = more.sent?.find ?? '';
    const finder = lookedFor === '' ? null : await findStandards(deps.pool, lookedFor, picked);
    const refused = (more.refused?.length ?? 0) > 0 || (more.faults?.length ?? 0) > 0;
    page(
      res,
      'resources/edit',
      shareFormPage({
        draft,
        vocabularies,
        descriptors,
        t,
        maxBytes: deps.config.maxUploadBytes,
        finder,
        noFrameworks: !frameworks,
        ...more,
      }),
      {
        title: draft.title ? t('share.editTitle', { title: draft.title }) : t('share.title'),
        status: refused ? 422 : 200,
        robots: 'none',
      },
    );
  }

  async function showConflict(
    res: Response,
    resourceId: string,
    form: ShareForm,
    json: boolean,
  ): Promise<void> {
    const { t } = contextOf(res);
    const draft = await visibleDraft(deps.pool, viewerOf(res), resourceId);
    if (!draft) throw notFound();
    if (json) {
      const answer: SaveAnswer = {
        revision: draft.revision,
        savedAt: draft.updated_at.toISOString(),
        errors: [],
        conflictUrl: `/resources/${resourceId}/edit`,
      };
      return void res.status(409).json(answer);
    }
    page(res, 'resources/conflict', conflictPage({ draft, form, t }), {
      title: t('share.conflictTitle'),
      status: 409,
      robots: 'none',
    });
  }

  return routes.router;
}

/** A pressed button as verb and subject: `remove:<id>`. */
function split(pressed: string): [string, string] {
  const at = pressed.indexOf(':');
  return at < 0 ? [pressed, ''] : [pressed.slice(0, at), pressed.slice(at + 1)];
}

/** Where the form is taken up again after a button. */
const anchorOf = (verb: string): string =>
  ['add', 'drop'].includes(verb)
    ? '#standards'
    : ['upload', 'remove', 'audience', 'first'].includes(verb)
      ? '#files'
      : '';
