import { randomUUID } from 'node:crypto';
import type { Response } from 'express';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { notFound, PortalError, type FieldFault } from '../errors.ts';
import { ACCEPT_ATTRIBUTE } from '../files/file-kinds.ts';
import { isEducator, type Viewer } from '../lib/viewer.ts';
import { readVocabularies } from '../vocabularies/vocabulary-queries.ts';
import { fieldErrors } from '../web/field-errors.ts';
import { flash } from '../web/flash.ts';
import { contextOf, page, renderComponent } from '../web/page.ts';
import { id, line, parseForm, parseParams } from '../web/parse.ts';
import { originOf, viewerOf } from '../web/request-context.ts';
import { createRoutes, signedIn } from '../web/route.ts';
import { checkPage } from './check-page-view.ts';
import { conflictPage } from './conflict-view.ts';
import { makeFirstFile, removeDraftFile, toggleEducatorsOnly } from './draft-files-service.ts';
import { draftOf, draftsOf, type DraftRow } from './draft-queries.ts';
import { createDraft, discardDraft, DraftConflict, openNextVersion, saveDraft } from './draft-service.ts';
import { keepDraftUploads } from './draft-uploads.ts';
import { once } from './form-once.ts';
import { draftFaults, publishDraft } from './publish-service.ts';
import { versionCard } from './resource-card-queries.ts';
import { loadResource } from './resource-facts-queries.ts';
import { canEdit, canSeeDraft } from './resource-policy.ts';
import { draftFiles, shareFormPage } from './share-form-view.ts';
import { readLink, readShareForm, type ShareForm } from './share-schema.ts';
import type { SaveAnswer, UploadAnswer } from './share-view.ts';
import { addPicked, dropPicked, findStandards, standardForRung } from './standard-picker.ts';

type Educator = Viewer & { id: string; organizationId: string };

const resourceParams = z.object({ id });
const rungQuery = z.object({
  standard: z.string().max(200).optional(),
  level: z.string().max(100).optional(),
});
const startForm = z.object({
  url: z.string().max(3000).default(''),
  title: line(200).default(''),
  organization: z.uuid().optional().catch(undefined),
  standard: z.string().max(200).optional(),
  level: z.string().max(100).optional(),
  key: z.string().max(100).optional(),
});
const publishForm = z.object({ revision: z.coerce.number().int().min(0), note: line(500).default('') });

/** Sharing: begin a draft, fill it, look at it once more, publish it; and opening the next version of one's own. */
export function shareRoutes(deps: Deps) {
  const routes = createRoutes();
  const uploads = keepDraftUploads(deps);

  routes.get('/resources/new', signedIn, async (req, res) => {
    const rung = rungQuery.safeParse(req.query);
    await showStart(res, { url: '', faults: [], refused: [], rung: rung.success ? rung.data : {} });
  });

  routes.post('/resources/new', signedIn, uploads.receive, async (req, res) => {
    const viewer = educator(res);
    const form = parseForm(startForm, req.body);
    const link = readLink(form.url);
    if (link === undefined) {
      await uploads.discard(req);
      return showStart(res, {
        url: form.url,
        faults: [{ field: 'url', key: 'share.fault.url' }],
        refused: [],
        rung: form,
      });
    }
    const { location, first } = await once(deps.pool, viewer.id, form.key, async () => {
      const preset = await standardForRung(deps.pool, form);
      const alignments = preset
        ? [{ guid: preset.tab.guid, levelId: preset.level?.id ?? null, relation: 'teaches' as const }]
        : [];
      const resourceId = await createDraft(
        deps,
        viewer,
        {
          ...(form.organization === undefined ? {} : { organizationId: form.organization }),
          fields: { url: link, title: form.title, alignments },
        },
        originOf(req, res),
      );
      const refused = await uploads.keep(req, res, { viewer, resourceId });
      for (const { name, reason } of refused) flash(req, { kind: 'problem', text: `${name}: ${reason}` });
      return `/resources/${resourceId}/edit`;
    });
    if (!first) await uploads.discard(req);
    res.redirect(303, location);
  });

  routes.get('/resources/:id/edit', signedIn, async (req, res) => {
    const viewer = educator(res);
    const { id: resourceId } = parseParams(resourceParams, req.params);
    let draft = await visibleDraft(res, resourceId);
    if (!draft) {
      // Opening the next version is reversible and happens once; still, only our own pages may lead here.
      if (['cross-site', 'same-site'].includes(req.get('sec-fetch-site') ?? ''))
        return res.redirect(303, `/resources/${resourceId}`);
      await openNextVersion(deps, viewer, resourceId, originOf(req, res));
      draft = await visibleDraft(res, resourceId);
    }
    if (!draft) throw notFound();
    await showForm(res, draft, {});
  });

  routes.post('/resources/:id/edit', signedIn, uploads.receive, async (req, res) => {
    const viewer = educator(res);
    const { id: resourceId } = parseParams(resourceParams, req.params);
    const vocabularies = await readVocabularies(deps.pool);
    const form = readShareForm(req.body, vocabularies);
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
    const refused = await uploads.keep(req, res, { viewer, resourceId });
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
    const draft = await visibleDraft(res, resourceId);
    if (!draft) throw notFound();
    await showForm(res, draft, { sent: form, faults: form.faults, refused });
  });

  routes.post('/resources/:id/draft/files', signedIn, uploads.receive, async (req, res) => {
    const viewer = educator(res);
    const { id: resourceId } = parseParams(resourceParams, req.params);
    const refused = await uploads.keep(req, res, { viewer, resourceId });
    const draft = await visibleDraft(res, resourceId);
    if (!draft) throw notFound();
    const newest = draftFiles(draft).at(-1);
    if (refused[0] || !newest) {
      const answer: UploadAnswer = { message: refused[0]?.reason ?? contextOf(res).t('error.badUpload') };
      return void res.status(422).json(answer);
    }
    const answer: UploadAnswer = {
      id: newest.id,
      html: renderComponent(contextOf(res), 'share/file', newest),
      title: draft.title,
    };
    res.status(201).json(answer);
  });

  routes.get('/resources/:id/check', signedIn, async (req, res) => {
    const { id: resourceId } = parseParams(resourceParams, req.params);
    await showCheck(res, resourceId, []);
  });

  routes.post('/resources/:id/publish', signedIn, async (req, res) => {
    const { id: resourceId } = parseParams(resourceParams, req.params);
    const { t } = contextOf(res);
    try {
      const form = parseForm(publishForm, req.body);
      const { state } = await publishDraft(deps, viewerOf(res), { resourceId, ...form }, originOf(req, res));
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

  /** The draft, for whoever may see it. @throws 404 for everybody else */
  async function visibleDraft(res: Response, resourceId: string): Promise<DraftRow | undefined> {
    const viewer = viewerOf(res);
    const resource = await loadResource(deps.pool, resourceId);
    if (!resource || !(canEdit(viewer, resource) || canSeeDraft(viewer, resource))) throw notFound();
    return draftOf(deps.pool, viewer, resourceId);
  }

  async function showStart(
    res: Response,
    input: {
      url: string;
      faults: FieldFault[];
      refused: { name: string; reason: string }[];
      rung: { standard?: string | undefined; level?: string | undefined };
    },
  ): Promise<void> {
    const viewer = educator(res);
    const { t } = contextOf(res);
    const [drafts, preset, organizations] = await Promise.all([
      draftsOf(deps.pool, viewer),
      standardForRung(deps.pool, input.rung),
      deps.pool.query<{ id: string; name: string }>(
        'SELECT id, name FROM organization WHERE id = ANY($1::uuid[]) AND closed_at IS NULL ORDER BY (id = $2) DESC, name',
        [
          [viewer.organizationId, ...viewer.grants.map((grant) => grant.organizationId)],
          viewer.organizationId,
        ],
      ),
    ]);
    page(
      res,
      'resources/new',
      {
        actionUrl: '/resources/new',
        drafts: drafts.slice(0, 5).map((draft) => ({
          title: draft.title || t('share.untitled'),
          url: `/resources/${draft.id}/edit`,
          savedAt: draft.saved_at,
        })),
        organizations:
          organizations.rows.length > 1
            ? organizations.rows.map((row, index) => ({
                value: row.id,
                label: row.name,
                chosen: index === 0,
              }))
            : [],
        preset: preset && { tab: preset.tab, level: preset.level },
        hidden: [
          { name: 'key', value: randomUUID() },
          ...(preset ? [{ name: 'standard', value: preset.tab.guid }] : []),
          ...(preset?.level ? [{ name: 'level', value: preset.level.slug }] : []),
        ],
        values: { url: input.url },
        errors: fieldErrors(t, input.faults),
        refused: input.refused,
        accept: ACCEPT_ATTRIBUTE,
        maxBytes: deps.config.maxUploadBytes,
      },
      { title: t('share.title'), status: input.faults.length > 0 ? 422 : 200, robots: 'none' },
    );
  }

  async function showForm(
    res: Response,
    draft: DraftRow,
    more: { sent?: ShareForm; faults?: FieldFault[]; refused?: { name: string; reason: string }[] },
  ): Promise<void> {
    const { t } = contextOf(res);
    const vocabularies = await readVocabularies(deps.pool);
    const picked = new Set(draft.alignments.map((alignment) => alignment.guid));
    const lookedFor = more.sent?.find ?? '';
    const finder = lookedFor === '' ? null : await findStandards(deps.pool, lookedFor, picked);
    const refused = (more.refused?.length ?? 0) > 0 || (more.faults?.length ?? 0) > 0;
    page(
      res,
      'resources/edit',
      shareFormPage({ draft, vocabularies, t, maxBytes: deps.config.maxUploadBytes, finder, ...more }),
      {
        title: draft.title ? t('share.editTitle', { title: draft.title }) : t('share.title'),
        status: refused ? 422 : 200,
        robots: 'none',
      },
    );
  }

  async function showCheck(res: Response, resourceId: string, faults: FieldFault[]): Promise<void> {
    const viewer = viewerOf(res);
    const { t } = contextOf(res);
    const draft = await visibleDraft(res, resourceId);
    if (!draft) throw notFound();
    const [card, vocabularies, problems] = await Promise.all([
      versionCard(deps.pool, viewer, resourceId, null),
      readVocabularies(deps.pool),
      draftFaults(deps.pool, draft.version_id),
    ]);
    if (!card) throw notFound();
    page(res, 'resources/check', checkPage({ draft, card, vocabularies, problems, faults, t }), {
      title: t('share.checkTitle', { title: draft.title || t('share.untitled') }),
      status: faults.length > 0 ? 422 : 200,
      robots: 'none',
    });
  }

  async function showConflict(
    res: Response,
    resourceId: string,
    form: ShareForm,
    json: boolean,
  ): Promise<void> {
    const { t } = contextOf(res);
    const draft = await visibleDraft(res, resourceId);
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

/** Routes for `signedIn` only: the viewer is an educator. */
function educator(res: Response): Educator {
  const viewer = viewerOf(res);
  if (!isEducator(viewer)) throw notFound();
  return viewer;
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
