import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { notFound, PortalError, type FieldFault } from '../errors.ts';
import { collectionPath } from '../lib/slug.ts';
import { formats } from '../locale/format.ts';
import { paramsOfAddress } from '../search/search-address.ts';
import { fieldErrors } from '../web/field-errors.ts';
import { flash } from '../web/flash.ts';
import { contextOf, page } from '../web/page.ts';
import { parseForm, parseParams, parseQuery } from '../web/parse.ts';
import { educatorOf, originOf } from '../web/request-context.ts';
import { createRoutes, signedIn } from '../web/route.ts';
import type { CollectionVisibility } from './collection-policy.ts';
import { loadCollection } from './collection-queries.ts';
import { collectionParams, newForm } from './collection-schema.ts';
import { changeRule, createCollection } from './collection-service.ts';
import type { RuleForm } from './collection-view.ts';
import { visibilityOptions } from './edit-page.ts';
import { organizationOf } from './item-queries.ts';
import { readRule, ruleForm, ruleOfForm } from './rule-form.ts';

const newQuery = z.object({ search: z.string().max(20_000).optional().catch(undefined) });
/** `with` tells a new collection that keeps itself from one that is put together by hand. */
const pressed = z.object({
  do: z.enum(['save', 'try']).catch('save'),
  with: z.literal('rule').optional().catch(undefined),
  seen: z.string().max(4000).catch(''),
  revision: z.coerce.number().int().min(0).catch(0),
});

interface NewValues {
  title: string;
  description: string;
  visibility: CollectionVisibility;
}

/** New collections, by hand or by a rule, and the rule of one: always with a look at what it finds. */
export function ruleRoutes(deps: Deps) {
  const routes = createRoutes();
  const { pool } = deps;

  routes.get('/collections/new', signedIn, async (req, res) => {
    const { search } = parseQuery(newQuery, req.query);
    const viewer = educatorOf(res);
    const values: NewValues = { title: '', description: '', visibility: 'private' };
    if (search === undefined) return showNew(res, values, null);
    const params = paramsOfAddress(search);
    const rule = await readRule(deps, viewer, params);
    const { form } = await ruleForm(deps, viewer, rule, localeOf(res), { withPreview: search !== '' });
    await showNew(res, { ...values, title: params.q.slice(0, 120) }, form);
  });

  routes.post('/collections', signedIn, async (req, res) => {
    const viewer = educatorOf(res);
    const { do: what, with: withRule, seen } = pressed.parse(req.body ?? {});
    const values = typedValues(req);
    let form: RuleForm | null = null;
    try {
      let made: { rule: string | null; coverId: string | null } = { rule: null, coverId: null };
      if (withRule) {
        const rule = await readRule(deps, viewer, ruleOfForm(req.body));
        const read = await ruleForm(deps, viewer, rule, localeOf(res), { withPreview: true });
        form = read.form;
        if (what === 'try' || (form.preview?.warning && seen !== rule.address))
          return await showNew(res, values, form);
        made = { rule: rule.address, coverId: read.coverId };
      }
      const input = parseForm(newForm, req.body);
      const id = await createCollection(deps, viewer, { ...input, ...made }, originOf(req, res));
      flash(req, { kind: 'done', text: contextOf(res).t('collection.made', { title: input.title }) });
      res.redirect(303, made.rule === null ? `/collections/${id}/edit` : collectionPath(id, input.title));
    } catch (error) {
      await showNew(res, values, form, faultsOf(error));
    }
  });

  routes.get('/collections/:id/rule', signedIn, async (req, res) => {
    const { id } = parseParams(collectionParams, req.params);
    const viewer = educatorOf(res);
    const collection = await loadCollection(pool, viewer, id, 'describe');
    if (collection.rule === null) throw notFound();
    const rule = await readRule(deps, viewer, paramsOfAddress(collection.rule));
    const { form } = await ruleForm(deps, viewer, rule, localeOf(res), { withPreview: true });
    showRule(res, collection, form, { revision: collection.revision });
  });

  routes.post('/collections/:id/rule', signedIn, async (req, res) => {
    const { id } = parseParams(collectionParams, req.params);
    const viewer = educatorOf(res);
    const { do: what, seen, revision } = pressed.parse(req.body ?? {});
    const collection = await loadCollection(pool, viewer, id, 'describe');
    if (collection.rule === null) throw notFound();
    const params = ruleOfForm(req.body);
    try {
      const rule = await readRule(deps, viewer, params);
      const { form } = await ruleForm(deps, viewer, rule, localeOf(res), { withPreview: true });
      if (what === 'try' || (form.preview?.warning && seen !== rule.address))
        return showRule(res, collection, form, { revision });
      if (await changeRule(deps, viewer, id, { rule: rule.address, revision }, originOf(req, res))) {
        flash(req, { kind: 'done', text: contextOf(res).t('collection.rule.saved') });
        return res.redirect(303, `/collections/${id}/edit`);
      }
      // Both rules are on the page: what was chosen here stays in the form, what is kept now stands above it.
      const now = await loadCollection(pool, viewer, id, 'describe');
      showRule(res, now, form, {
        revision: now.revision,
        status: 409,
        faults: [{ field: 'words', key: 'collection.fault.ruleChanged' }],
        theirs: now.rule,
      });
    } catch (error) {
      const rule = await readRule(deps, viewer, paramsOfAddress(collection.rule));
      const { form } = await ruleForm(deps, viewer, rule, localeOf(res), { withPreview: false });
      showRule(
        res,
        collection,
        { ...form, words: params.q },
        { revision, status: 422, faults: faultsOf(error) },
      );
    }
  });

  async function showNew(
    res: Response,
    values: NewValues,
    rule: RuleForm | null,
    faults: FieldFault[] = [],
  ): Promise<void> {
    const viewer = educatorOf(res);
    const { t } = contextOf(res);
    const organization = await organizationOf(pool, viewer.organizationId);
    page(
      res,
      'collections/new',
      {
        values,
        rule,
        visibilities: visibilityOptions(viewer, { organization }, values.visibility, t),
        errors: fieldErrors(t, faults),
      },
      {
        title: t(rule ? 'collection.new.rule' : 'collection.new'),
        status: faults.length > 0 ? 422 : 200,
        robots: 'none',
      },
    );
  }

  function showRule(
    res: Response,
    collection: { id: string; title: string },
    form: RuleForm,
    more: { revision: number; status?: number; faults?: FieldFault[]; theirs?: string | null },
  ): void {
    const { t } = contextOf(res);
    page(
      res,
      'collections/rule',
      {
        title: collection.title,
        url: `/collections/${collection.id}/edit`,
        actionUrl: `/collections/${collection.id}/rule`,
        revision: more.revision,
        form,
        theirsUrl: more.theirs ?? null,
        errors: fieldErrors(t, more.faults ?? []),
      },
      {
        title: t('collection.rule.title', { title: collection.title }),
        status: more.status ?? 200,
        robots: 'none',
      },
    );
  }

  return routes.router;
}

const localeOf = (res: Response) => {
  const { t, language } = contextOf(res);
  return { t, fmt: formats(language, t) };
};

/** @throws what isn't a fault of the form */
function faultsOf(error: unknown): FieldFault[] {
  if (!(error instanceof PortalError) || error.status !== 422) throw error;
  return error.faults.length > 0 ? error.faults : [{ field: 'title', key: error.key, params: error.params }];
}

function typedValues(req: Request): NewValues {
  const parsed = newForm.safeParse(req.body ?? {});
  if (parsed.success) return parsed.data;
  const body = (req.body ?? {}) as Record<string, unknown>;
  const text = (name: string): string => (typeof body[name] === 'string' ? body[name].slice(0, 6000) : '');
  return { title: text('title'), description: text('description'), visibility: 'private' };
}
