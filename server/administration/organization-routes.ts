import type { Request, Response } from 'express';
import { orAgain, typedIn } from '../web/form-again.ts';
import { placesIn } from '../accounts/place-options.ts';
import type { Deps } from '../deps.ts';
import type { Viewer } from '../lib/viewer.ts';
import { forbidden, notFound, type FieldFault } from '../errors.ts';
import { fieldErrors } from '../web/field-errors.ts';
import { flash } from '../web/flash.ts';
import { contextOf, page } from '../web/page.ts';
import { parseForm, parseParams, parseQuery } from '../web/parse.ts';
import { originOf, viewerOf } from '../web/request-context.ts';
import { createRoutes } from '../web/route.ts';
import { peopleScope, peopleAdministrators } from '../accounts/people-policy.ts';
import { organizationsUrl, organizationUrl, transferUrl } from './addresses.ts';
import { changedOrganization } from './changed-page.ts';
import { orChanged } from './changed-meanwhile.ts';
import { changePage } from './organization-change-page.ts';
import {
  closeOrganization,
  renameOrganization,
  reopenOrganization,
  setPublishing,
} from './organization-change-service.ts';
import { makeOrganization } from './organization-make-service.ts';
import { organizationPage, organizationsPage } from './organization-page.ts';
import {
  goesToAnother,
  hasRight,
  mayChange,
  mayMake,
  type OrganizationChange,
} from './organization-policy.ts';
import { organizationFacts, type OrganizationFacts } from './organization-queries.ts';
import { planOrganizationTransfer } from './transfers/plan-transfer.ts';
import {
  changeParams,
  organizationForm,
  organizationParams,
  publishingForm,
  renameForm,
  stampForm,
  targetForm,
  treeQuery,
} from './organization-schema.ts';

/** Organizations, for whoever administers them: the state's all of them, a district's its own. */
export function organizationRoutes(deps: Pick<Deps, 'pool' | 'clock'>) {
  const routes = createRoutes();
  const { pool } = deps;

  routes.get('/admin/organizations', peopleAdministrators, (req, res) => showTree(req, res, []));

  routes.post('/admin/organizations', peopleAdministrators, async (req, res) => {
    await orAgain(
      async () => {
        const form = parseForm(organizationForm, req.body);
        if (!mayMake(viewerOf(res), form)) throw forbidden();
        await makeOrganization(deps, viewerOf(res).id ?? '', form, originOf(req, res));
        const text = contextOf(res).t('admin.organizations.made', { name: form.name });
        flash(req, { kind: 'done', text });
        res.redirect(303, organizationsUrl);
      },
      (faults) => showTree(req, res, faults),
    );
  });

  routes.get('/admin/organizations/:id', peopleAdministrators, async (req, res) => {
    const { id } = parseParams(organizationParams, req.params);
    const props = await organizationPage(deps, viewerOf(res), id, contextOf(res).t);
    page(res, 'admin/organization', props, { title: props.name, robots: 'none' });
  });

  routes.get('/admin/organizations/:id/:change', peopleAdministrators, async (req, res) => {
    const { id, change } = parseParams(changeParams, req.params);
    await showChange(req, res, { id, change, faults: [] });
  });

  routes.post('/admin/organizations/:id/:change', peopleAdministrators, async (req, res) => {
    const { id, change } = parseParams(changeParams, req.params);
    const wanted = wantedIn(req, res, change);
    await orChanged(async () => res.redirect(303, await make(req, res, { id, change })), {
      again: (faults) => showChange(req, res, { id, change, faults }),
      late: async () => {
        const { t } = contextOf(res);
        const props = await changedOrganization(deps, viewerOf(res), { id, wanted }, t);
        const title = t('changed.title', { name: props.name });
        page(res, 'admin/changed', props, { title, status: 409, robots: 'none' });
      },
    });
  });

  /** Makes the change. @returns where to go then */
  async function make(
    req: Request,
    res: Response,
    { id, change }: { id: string; change: OrganizationChange },
  ): Promise<string> {
    const viewer = viewerOf(res);
    const origin = originOf(req, res);
    const { t } = contextOf(res);
    const done = (text: string): string => {
      flash(req, { kind: 'done', text });
      return organizationUrl(id);
    };
    switch (change) {
      case 'rename': {
        const form = parseForm(renameForm, req.body);
        await renameOrganization(deps, viewer, { id, ...form }, origin);
        return done(t('organization.rename.done', { name: form.name }));
      }
      case 'close': {
        const { name } = await closeOrganization(
          deps,
          viewer,
          { id, ...parseForm(stampForm, req.body) },
          origin,
        );
        return done(t('organization.close.done', { name }));
      }
      case 'reopen': {
        const { name } = await reopenOrganization(
          deps,
          viewer,
          { id, ...parseForm(stampForm, req.body) },
          origin,
        );
        return done(t('organization.reopen.done', { name }));
      }
      case 'publishing': {
        await setPublishing(deps, viewer, { id, ...parseForm(publishingForm, req.body) }, origin);
        return done(t('organization.publishing.done'));
      }
      default: {
        const wish = { id, ...parseForm(targetForm, req.body) };
        return transferUrl(await planOrganizationTransfer(deps, viewer, change, wish, origin));
      }
    }
  }

  async function showChange(
    req: Request,
    res: Response,
    { id, change, faults }: { id: string; change: OrganizationChange; faults: FieldFault[] },
  ): Promise<void> {
    const viewer = viewerOf(res);
    const { t } = contextOf(res);
    const facts = await organizationFacts(pool, peopleScope(viewer), id);
    if (!facts) throw notFound();
    if (!hasRight(viewer, facts, change)) throw forbidden();
    // What can't be done any more, or not yet, has no page: the organization's own says why.
    if (!mayChange(viewer, facts, change)) return res.redirect(303, organizationUrl(id));
    const props = changePage(change, {
      facts,
      choices: await choicesFor(viewer, facts, change),
      typed: req.method === 'POST' ? typedIn(req) : () => undefined,
      errors: fieldErrors(t, faults),
      t,
    });
    page(res, 'admin/change', props, {
      title: props.title,
      status: faults.length > 0 ? 422 : 200,
      robots: 'none',
    });
  }

  /** What may be chosen as the other end of a change. */
  async function choicesFor(viewer: Viewer, facts: OrganizationFacts, change: OrganizationChange) {
    if (!goesToAnother(change)) return [];
    const choices = await placesIn(pool, peopleScope(viewer));
    return choices.filter(({ id, kind }) => {
      if (id === facts.id || kind === 'state') return false;
      if (change === 'move') return kind === 'district' && id !== facts.parent?.id;
      return change === 'hand-over' || kind === facts.kind;
    });
  }

  async function showTree(req: Request, res: Response, faults: FieldFault[]): Promise<void> {
    const { t } = contextOf(res);
    const typed = typedIn(req);
    const props = await organizationsPage(deps, viewerOf(res), parseQuery(treeQuery, req.query), {
      typed,
      errors: fieldErrors(t, faults),
    });
    page(res, 'admin/organizations', props, {
      title: t('admin.organizations'),
      status: faults.length > 0 ? 422 : 200,
      robots: 'none',
    });
  }

  return routes.router;
}

/** What was sent, for the page that says that it wasn't done. */
function wantedIn(
  req: Request,
  res: Response,
  change: OrganizationChange,
): { label: string; value: string }[] {
  const { t } = contextOf(res);
  const typed = typedIn(req);
  if (change === 'rename')
    return [
      { label: t('admin.name'), value: typed('name') },
      { label: t('organization.address'), value: typed('slug') },
    ];
  return [{ label: t('changed.change'), value: t(`organization.change.${change}`) }];
}
