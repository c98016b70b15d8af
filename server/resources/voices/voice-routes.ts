import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Deps } from '../../deps.ts';
import { forbidden, PortalError, type FieldFault } from '../../errors.ts';
import { renderMarkdown } from '../../lib/markdown.ts';
import { resourcePath } from '../../lib/slug.ts';
import type { Viewer } from '../../lib/viewer.ts';
import { fieldErrors } from '../../web/field-errors.ts';
import { flash } from '../../web/flash.ts';
import { contextOf, page } from '../../web/page.ts';
import { id, parseForm, parseParams } from '../../web/parse.ts';
import { rateLimiter } from '../../web/rate-limit.ts';
import { educatorOf, originOf } from '../../web/request-context.ts';
import { createRoutes, signedIn } from '../../web/route.ts';
import { once } from '../form-once.ts';
import { loadForReading, type LoadedResource } from '../resource-facts-queries.ts';
import { setUsed } from '../reuse-service.ts';
import { canChangeVoice, canRemoveVoice } from './voice-policy.ts';
import { answerForm, editForm, LONGEST_VOICE, newVoiceForm, removeForm, useForm } from './voice-schema.ts';
import { addAnswer, addVoice, deleteVoice, editVoice, readVoice, removeVoice } from './voice-service.ts';
import type { LoadedVoice } from './voice-queries.ts';
import type { VoicePage } from './voice-view.ts';

const params = z.object({ id });

/** So much a person says in ten minutes; enough for whoever answers a class of questions, too little for a program. */
const LIMIT = { name: 'voices', points: 20, seconds: 600 };

/** Comments, questions, answers and notes of use: writing, changing, deleting, and removing by staff. */
export function voiceRoutes(deps: Pick<Deps, 'pool' | 'clock'>) {
  const routes = createRoutes();
  const limit = rateLimiter(deps.pool, LIMIT);

  routes.post('/resources/:id/use', signedIn, async (req, res) => {
    const viewer = educatorOf(res);
    const { id: resourceId } = parseParams(params, req.params);
    const { t } = contextOf(res);
    try {
      const { note, rating, undo } = parseForm(useForm, req.body);
      const used = undo === undefined;
      await setUsed(deps, viewer, { resourceId, used, note, rating }, originOf(req, res));
      flash(req, { kind: 'done', text: t(used ? 'use.thanks' : 'use.undone') });
      res.redirect(303, `/resources/${resourceId}#voices`);
    } catch (error) {
      const resource = await loadForReading(deps.pool, viewer, resourceId);
      show(req, res, error, {
        what: 'use',
        resource,
        about: null,
        actionUrl: `/resources/${resourceId}/use`,
        rated: true,
      });
    }
  });

  routes.post('/resources/:id/voices', signedIn, async (req, res) => {
    const viewer = educatorOf(res);
    const { id: resourceId } = parseParams(params, req.params);
    const resource = await loadForReading(deps.pool, viewer, resourceId);
    try {
      const { kind, body, key } = parseForm(newVoiceForm, req.body);
      const { location, first } = await once(deps.pool, viewer.id, key, async () => {
        await limit.take(viewer.id);
        return `#voice-${await addVoice(deps, viewer, { resourceId, kind, body })}`;
      });
      if (first) flash(req, { kind: 'done', text: contextOf(res).t(`voice.done.${kind}`) });
      res.redirect(303, resourcePath(resourceId, resource.title) + location);
    } catch (error) {
      const actionUrl = `/resources/${resourceId}/voices`;
      show(req, res, error, { what: 'new', resource, about: null, actionUrl });
    }
  });

  routes.post('/voices/:id/answers', signedIn, async (req, res) => {
    const viewer = educatorOf(res);
    const { id: questionId } = parseParams(params, req.params);
    const { voice, resource } = await readVoice(deps.pool, viewer, questionId);
    try {
      const { body, key } = parseForm(answerForm, req.body);
      const { location, first } = await once(deps.pool, viewer.id, key, async () => {
        await limit.take(viewer.id);
        return `#voice-${(await addAnswer(deps, viewer, { questionId, body })).id}`;
      });
      if (first) flash(req, { kind: 'done', text: contextOf(res).t('voice.done.answer') });
      res.redirect(303, resourcePath(resource.id, resource.title) + location);
    } catch (error) {
      show(req, res, error, {
        what: 'answer',
        resource,
        about: voice,
        actionUrl: `/voices/${questionId}/answers`,
      });
    }
  });

  routes.get('/voices/:id/edit', signedIn, async (req, res) => {
    const { voice, resource } = await own(res, req);
    showEdit(req, res, null, resource, voice);
  });

  routes.post('/voices/:id/edit', signedIn, async (req, res) => {
    const { viewer, voice, resource } = await own(res, req);
    try {
      const { body, rating } = parseForm(editForm, req.body);
      await limit.take(viewer.id);
      await editVoice(deps, viewer, { id: voice.id, body, rating });
      flash(req, { kind: 'done', text: contextOf(res).t('voice.done.edit') });
      res.redirect(303, `${resourcePath(resource.id, resource.title)}#voice-${voice.id}`);
    } catch (error) {
      showEdit(req, res, error, resource, voice);
    }
  });

  routes.post('/voices/:id/delete', signedIn, async (req, res) => {
    const { viewer, voice, resource } = await own(res, req);
    await deleteVoice(deps, viewer, voice.id);
    flash(req, { kind: 'done', text: contextOf(res).t('voice.done.delete') });
    res.redirect(303, `${resourcePath(resource.id, resource.title)}#voices`);
  });

  routes.get('/voices/:id/remove', signedIn, async (req, res) => {
    const { voice, resource } = await others(res, req);
    show(req, res, null, { what: 'remove', resource, about: voice, actionUrl: `/voices/${voice.id}/remove` });
  });

  routes.post('/voices/:id/remove', signedIn, async (req, res) => {
    const viewer = educatorOf(res);
    const { id: voiceId } = parseParams(params, req.params);
    const form = removeForm.safeParse(req.body ?? {});
    if (form.success) {
      const { resourceId } = await removeVoice(
        deps,
        viewer,
        { id: voiceId, reason: form.data.reason },
        originOf(req, res),
      );
      flash(req, { kind: 'done', text: contextOf(res).t('voice.done.remove') });
      return res.redirect(303, `/resources/${resourceId}#voices`);
    }
    const { voice, resource } = await others(res, req);
    const faults: FieldFault[] = form.error.issues.map(() => ({ field: 'reason', key: 'voice.fault.why' }));
    show(req, res, new PortalError(422, 'invalid', 'error.invalid', { faults }), {
      what: 'remove',
      resource,
      about: voice,
      actionUrl: `/voices/${voice.id}/remove`,
    });
  });

  type Found = { viewer: Viewer & { id: string }; voice: LoadedVoice; resource: LoadedResource };

  /** @throws 404 where it may not be read, 403 where somebody else wrote it */
  async function own(res: Response, req: Request): Promise<Found> {
    const viewer = educatorOf(res);
    const found = await readVoice(deps.pool, viewer, parseParams(params, req.params).id);
    if (!canChangeVoice(viewer, found.resource, found.voice)) throw forbidden();
    return { viewer, ...found };
  }

  /** @throws 404 where it may not be read, 403 for others than staff */
  async function others(res: Response, req: Request): Promise<Found> {
    const viewer = educatorOf(res);
    const found = await readVoice(deps.pool, viewer, parseParams(params, req.params).id);
    if (!canRemoveVoice(viewer, found.resource, found.voice)) throw forbidden();
    return { viewer, ...found };
  }

  return routes.router;
}

function showEdit(
  req: Request,
  res: Response,
  error: unknown,
  resource: LoadedResource,
  voice: LoadedVoice,
): void {
  show(req, res, error, {
    what: 'edit',
    resource,
    about: null,
    actionUrl: `/voices/${voice.id}/edit`,
    deleteUrl: `/voices/${voice.id}/delete`,
    was: { body: voice.body, rating: voice.rating },
    rated: voice.of === 'use',
  });
}

/** The page with the form, with what was typed and what is wrong with it. @throws whatever isn't about the form */
function show(
  req: Request,
  res: Response,
  error: unknown,
  {
    what,
    resource,
    about,
    actionUrl,
    deleteUrl = null,
    was = null,
    rated = false,
  }: {
    what: VoicePage['what'];
    resource: LoadedResource;
    about: LoadedVoice | null;
    actionUrl: string;
    deleteUrl?: string | null;
    was?: { body: string; rating: number | null } | null;
    rated?: boolean;
  },
): void {
  if (error && !(error instanceof PortalError && error.status === 422)) throw error;
  const { t } = contextOf(res);
  const typed = (req.body ?? {}) as Record<string, unknown>;
  const read = (name: string) =>
    typeof typed[name] === 'string' ? typed[name].slice(0, 2 * LONGEST_VOICE) : undefined;
  const field = what === 'remove' ? 'reason' : what === 'use' ? 'note' : 'body';
  const rating = read('rating') ?? String(was?.rating ?? '');
  page(
    res,
    'resources/voice',
    {
      what,
      resource: {
        title: resource.title,
        url: resourcePath(resource.id, resource.title),
        language: resource.language,
      },
      about: about && { person: about.writer, html: renderMarkdown(about.body) },
      actionUrl,
      deleteUrl,
      hidden: ['kind', 'key'].flatMap((name) => {
        const value = read(name);
        return value === undefined ? [] : [{ name, value }];
      }),
      ratings: rated
        ? (['', '5', '4', '3', '2', '1'] as const).map((value) => ({
            value,
            label: t(value === '' ? 'rating.none' : `rating.${value}`),
            chosen: value === rating,
          }))
        : null,
      field,
      value: read(field) ?? was?.body ?? '',
      longest: field === 'reason' ? 500 : rated ? 2000 : LONGEST_VOICE,
      errors: error ? fieldErrors(t, (error as PortalError).faults) : [],
    },
    { title: t(`voice.page.${what}`), status: error ? 422 : 200, robots: 'none' },
  );
}
