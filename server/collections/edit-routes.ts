import type { Request, Response } from 'express';
import type { Deps } from '../deps.ts';
import { PortalError, type FieldFault } from '../errors.ts';
import type { MessageKey } from '../locale/locale.ts';
import { formats } from '../locale/format.ts';
import { fieldErrors } from '../web/field-errors.ts';
import { flash } from '../web/flash.ts';
import { contextOf, page } from '../web/page.ts';
import { parseForm, parseParams } from '../web/parse.ts';
import { educatorOf, originOf } from '../web/request-context.ts';
import { createRoutes, signedIn } from '../web/route.ts';
import { loadCollection } from './collection-queries.ts';
import {
  addForm,
  collectionParams,
  detailsForm,
  editorForm,
  editorParams,
  itemForm,
  itemParams,
  LONGEST,
  sectionForm,
  sectionParams,
} from './collection-schema.ts';
import { changeCollection } from './collection-service.ts';
import type { CollectionConflictPage } from './collection-view.ts';
import { editPage, type Typed } from './edit-page.ts';
import { addEditor, removeEditor } from './editor-service.ts';
import {
  addItem,
  addSection,
  changeSection,
  leaveOut,
  moveItem,
  removeGone,
  removeItem,
  writeNote,
} from './item-service.ts';

/** Arranging a collection: what it says, items, sections, co-editors. Everything works by forms alone. */
export function editRoutes(deps: Deps) {
  const routes = createRoutes();
  const { pool } = deps;

  routes.get('/collections/:id/edit', signedIn, async (req, res) => {
    const { id } = parseParams(collectionParams, req.params);
    await show(res, id);
  });

  routes.post('/collections/:id', signedIn, async (req, res) => {
    const { id } = parseParams(collectionParams, req.params);
    const viewer = educatorOf(res);
    await orAgain(req, res, id, async () => {
      const form = parseForm(detailsForm, req.body);
      const done = await changeCollection(
        deps,
        viewer,
        id,
        { ...form, coverId: form.cover === '' ? null : form.cover },
        originOf(req, res),
      );
      if (done) return saved(req, res, id, '');
      const { t } = contextOf(res);
      const now = await loadCollection(pool, viewer, id, 'describe');
      const texts = [
        { name: 'title', label: t('collection.title'), mine: form.title, theirs: now.title, rows: 1 },
        {
          name: 'description',
          label: t('collection.description'),
          mine: form.description,
          theirs: now.description,
          rows: 8,
        },
      ].map((field) => ({ ...field, maxlength: LONGEST[field.name as 'title' | 'description'] }));
      showConflict(res, {
        title: now.title,
        // What nobody changed is sent along as it stands, so that it isn't lost.
        fields: texts,
        actionUrl: `/collections/${id}`,
        hidden: [
          { name: 'revision', value: String(now.revision) },
          { name: 'visibility', value: form.visibility ?? now.visibility },
          { name: 'cover', value: form.cover },
        ],
        backUrl: `/collections/${id}/edit`,
      });
    });
  });

  routes.post('/collections/:id/items', signedIn, async (req, res) => {
    const { id } = parseParams(collectionParams, req.params);
    await orAgain(req, res, id, async () => {
      const { resource } = parseForm(addForm, req.body);
      if (resource === '') throw faulty({ field: 'resource', key: 'collection.fault.address' });
      const added = await addItem(deps, educatorOf(res), { id, resourceId: resource }).catch(
        (error: unknown) => {
          // The collection may be changed, or its page would not have been open: it is the resource that isn't there.
          throw error instanceof PortalError && error.status === 404
            ? faulty({ field: 'resource', key: 'collection.fault.address' })
            : error;
        },
      );
      saved(req, res, id, `#item-${resource}`, added ? 'collection.added' : 'collection.thereAlready');
    });
  });

  routes.post('/collections/:id/items/:resource', signedIn, async (req, res) => {
    const { id, resource: resourceId } = parseParams(itemParams, req.params);
    const viewer = educatorOf(res);
    await orAgain(req, res, id, async () => {
      const form = parseForm(itemForm, req.body);
      const { t } = contextOf(res);
      if (form.do === 'remove') {
        await removeItem(deps, viewer, { id, resourceId });
        return saved(req, res, id, '#items', 'collection.removed');
      }
      if (form.do === 'out') {
        await leaveOut(deps, viewer, { id, resourceId });
        return saved(req, res, id, '#rule', 'collection.leftOut');
      }
      if (form.do === 'pin') {
        await addItem(deps, viewer, { id, resourceId });
        return saved(req, res, id, `#item-${resourceId}`, 'collection.pinned');
      }
      // Whatever the button does, what was written is kept.
      if (form.note !== undefined) {
        const theirs = await writeNote(deps, viewer, {
          id,
          resourceId,
          note: form.note,
          revision: form.revision,
        });
        if (theirs)
          return showConflict(res, {
            title: t('collection.note'),
            fields: [
              {
                name: 'note',
                label: t('collection.note'),
                mine: form.note,
                theirs: theirs.note,
                rows: 5,
                maxlength: LONGEST.note,
              },
            ],
            actionUrl: `/collections/${id}/items/${resourceId}`,
            hidden: [{ name: 'revision', value: String(theirs.revision) }],
            backUrl: `/collections/${id}/edit#item-${resourceId}`,
          });
      }
      const section = form.section === undefined || form.section === '' ? null : form.section;
      if (form.do === 'to') await moveItem(deps, viewer, { id, resourceId, move: { section, before: null } });
      else if (form.do === 'place')
        await moveItem(deps, viewer, { id, resourceId, move: { section, before: form.before || null } });
      else if (form.do !== 'save') await moveItem(deps, viewer, { id, resourceId, move: form.do });
      saved(req, res, id, `#item-${resourceId}`, form.do === 'save' ? 'collection.noteSaved' : null);
    });
  });

  routes.post('/collections/:id/gone', signedIn, async (req, res) => {
    const { id } = parseParams(collectionParams, req.params);
    await removeGone(deps, educatorOf(res), id);
    saved(req, res, id, '#items', 'collection.goneRemoved');
  });

  routes.post('/collections/:id/sections', signedIn, async (req, res) => {
    const { id } = parseParams(collectionParams, req.params);
    await orAgain(req, res, id, async () => {
      const { title } = parseForm(sectionForm, { title: bodyOf(req)['section'] });
      await addSection(deps, educatorOf(res), { id, title });
      saved(req, res, id, '#items', 'collection.section.added');
    });
  });

  routes.post('/collections/:id/sections/:section', signedIn, async (req, res) => {
    const { id, section: sectionId } = parseParams(sectionParams, req.params);
    const viewer = educatorOf(res);
    await orAgain(req, res, id, async () => {
      const { do: what, title, revision } = parseForm(sectionForm, req.body);
      const theirs = await changeSection(deps, viewer, { id, sectionId, title, what, revision });
      if (!theirs) return saved(req, res, id, what === 'remove' ? '#items' : `#section-${sectionId}`);
      const { t } = contextOf(res);
      showConflict(res, {
        title: t('collection.section'),
        fields: [
          {
            name: 'title',
            label: t('collection.section'),
            mine: title,
            theirs: theirs.title,
            rows: 1,
            maxlength: LONGEST.section,
          },
        ],
        actionUrl: `/collections/${id}/sections/${sectionId}`,
        hidden: [{ name: 'revision', value: String(theirs.revision) }],
        backUrl: `/collections/${id}/edit`,
      });
    });
  });

  routes.post('/collections/:id/editors', signedIn, async (req, res) => {
    const { id } = parseParams(collectionParams, req.params);
    await orAgain(req, res, id, async () => {
      const { email } = parseForm(editorForm, req.body);
      const name = await addEditor(deps, educatorOf(res), { id, email }, originOf(req, res));
      flash(req, { kind: 'done', text: contextOf(res).t('collection.editors.added', { name }) });
      res.redirect(303, `/collections/${id}/edit#editors`);
    });
  });

  routes.post('/collections/:id/editors/:person/remove', signedIn, async (req, res) => {
    const { id, person } = parseParams(editorParams, req.params);
    const viewer = educatorOf(res);
    await removeEditor(deps, viewer, { id, personId: person }, originOf(req, res));
    const own = person === viewer.id;
    flash(req, {
      kind: 'done',
      text: contextOf(res).t(own ? 'collection.editors.left' : 'collection.editors.removed'),
    });
    res.redirect(303, own ? '/collections' : `/collections/${id}/edit#editors`);
  });

  /** What can't be done is said on the same page, with what was typed. */
  async function orAgain(req: Request, res: Response, id: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof PortalError) || ![409, 422].includes(error.status)) throw error;
      const faults: FieldFault[] =
        error.faults.length > 0 ? error.faults : [{ field: 'items', key: error.key, params: error.params }];
      await show(res, id, { typed: typedIn(bodyOf(req)), faults, status: error.status });
    }
  }

  async function show(
    res: Response,
    id: string,
    more: { typed?: Typed; faults?: FieldFault[]; status?: number } = {},
  ): Promise<void> {
    const { t, language } = contextOf(res);
    const locale = { t, fmt: formats(language, t) };
    const errors = fieldErrors(t, more.faults ?? []);
    const props = await editPage(deps, educatorOf(res), id, locale, { typed: more.typed ?? {}, errors });
    page(res, 'collections/edit', props, {
      title: t('collection.edit.title', { title: props.title }),
      status: more.status ?? 200,
      robots: 'none',
    });
  }

  function showConflict(res: Response, props: CollectionConflictPage): void {
    const { t } = contextOf(res);
    page(res, 'collections/conflict', props, { title: t('conflict.title'), status: 409, robots: 'none' });
  }

  function saved(
    req: Request,
    res: Response,
    id: string,
    anchor: string,
    key: MessageKey | null = 'collection.kept',
  ): void {
    // A script that moves things asks for nothing but whether it worked.
    if (req.get('accept') === 'application/json') return void res.status(204).end();
    if (key) flash(req, { kind: 'done', text: contextOf(res).t(key) });
    res.redirect(303, `/collections/${id}/edit${anchor}`);
  }

  return routes.router;
}

const faulty = (fault: FieldFault): PortalError =>
  new PortalError(422, 'invalid', 'error.invalid', { faults: [fault] });

const bodyOf = (req: Request): Record<string, unknown> => (req.body ?? {}) as Record<string, unknown>;

/** What was typed into the page's fields, so that none of it is lost. */
function typedIn(body: Record<string, unknown>): Typed {
  const parsed = detailsForm.safeParse(body);
  const text = (name: string): string => (typeof body[name] === 'string' ? body[name].slice(0, 6000) : '');
  const visibility = parsed.success ? parsed.data.visibility : undefined;
  return {
    ...('description' in body ? { title: text('title'), description: text('description') } : {}),
    ...(visibility ? { visibility } : {}),
    section: text('section'),
    resource: text('resource'),
    email: text('email'),
  };
}
