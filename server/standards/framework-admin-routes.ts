import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { notFound, PortalError } from '../errors.ts';
import { flash } from '../web/flash.ts';
import { contextOf, page } from '../web/page.ts';
import { confirmation, moveForm } from '../vocabularies/vocabulary-schema.ts';
import { id, parseForm, parseParams, ticked } from '../web/parse.ts';
import { originOf, viewerOf } from '../web/request-context.ts';
import { createRoutes, stateStaff } from '../web/route.ts';
import { statusOf } from './framework-card.ts';
import {
  adminFramework,
  adminFrameworks,
  frameworkUse,
  moveFramework,
  saveFrameworkChoice,
  stampOfFramework,
} from './framework-admin-service.ts';

const HOME = '/admin/frameworks';
const administrator = stateStaff('admin');
const params = z.object({ guid: id });
const form = confirmation.extend({ own: ticked, visible: ticked });

type FrameworkDeps = Pick<Deps, 'pool'> & {
  countResources: (pool: Deps['pool'], audiences: string[]) => Promise<Map<string, number>>;
};

/** Which frameworks are the state's own, in which order they stand, and which are shown. */
export function frameworkAdminRoutes(deps: FrameworkDeps) {
  const routes = createRoutes();
  const { pool } = deps;

  routes.get(HOME, administrator, async (_req, res) => {
    const [frameworks, counts] = await Promise.all([
      adminFrameworks(pool),
      deps.countResources(pool, ['public', 'state', 'staff:state']),
    ]);
    page(
      res,
      'admin/frameworks',
      {
        frameworks: frameworks.map((one, place) => ({
          title: one.title,
          url: `${HOME}/${one.guid}`,
          facts: [one.publisher, one.version].filter((fact) => fact !== null && fact !== ''),
          status: statusOf(one.adoptionStatus),
          own: one.own,
          visible: one.visible,
          standards: one.standards,
          retired: one.retired,
          resources: counts.get(one.guid) ?? 0,
          loadedAt: one.importedAt,
          moveUrl: `${HOME}/${one.guid}/place`,
          first: frameworks[place - 1]?.own !== one.own,
          last: frameworks[place + 1]?.own !== one.own,
        })),
        loadUrl: '/admin/standards',
      },
      { title: contextOf(res).t('standards.title'), robots: 'none' },
    );
  });

  routes.get(`${HOME}/:guid`, administrator, (req, res) => show(req, res));
  routes.post(`${HOME}/:guid`, administrator, async (req, res) => {
    const { t } = contextOf(res);
    const { guid } = parseParams(params, req.params);
    const { sure, ...choice } = parseForm(form, req.body);
    if (!sure) return preview(res, { guid, ...choice }, false);
    try {
      await saveFrameworkChoice(deps, viewerOf(res), { guid, ...choice }, originOf(req, res));
    } catch (error) {
      if (!(error instanceof PortalError) || error.status !== 409) throw error;
      return preview(res, { guid, ...choice }, true);
    }
    flash(req, { kind: 'done', text: t('frameworks.saved') });
    res.redirect(303, HOME);
  });
  routes.post(`${HOME}/:guid/place`, administrator, async (req, res) => {
    const { guid } = parseParams(params, req.params);
    const { by } = parseForm(moveForm, req.body);
    await moveFramework(deps, viewerOf(res), { guid, by }, originOf(req, res));
    res.redirect(303, `${HOME}#at-${guid}`);
  });

  async function preview(
    res: Response,
    { guid, own, visible }: { guid: string; own: boolean; visible: boolean },
    changed: boolean,
  ): Promise<void> {
    const { t } = contextOf(res);
    const [framework, touched] = await Promise.all([adminFramework(pool, guid), frameworkUse(pool, guid)]);
    if (!framework) throw notFound('standards.noSuch');
    const lines = [
      ...(own === framework.own ? [] : [t(own ? 'frameworks.does.own' : 'frameworks.does.notOwn')]),
      ...(visible === framework.visible
        ? []
        : [t(visible ? 'frameworks.does.show' : 'frameworks.does.hide')]),
    ];
    page(
      res,
      'admin/preview',
      {
        place: HOME,
        back: [
          { label: t('standards.title'), url: HOME },
          { label: framework.title, url: `${HOME}/${guid}` },
        ],
        title: t('frameworks.ask', { name: framework.title }),
        touched,
        lines: lines.length > 0 ? lines : [t('level.does.nothing')],
        waits: false,
        changed,
        fields: [
          ...(own ? [{ name: 'own', value: 'yes' }] : []),
          ...(visible ? [{ name: 'visible', value: 'yes' }] : []),
          { name: 'seen', value: stampOfFramework(framework) },
          { name: 'sure', value: 'yes' },
        ],
        actionUrl: `${HOME}/${guid}`,
        confirm: t('level.confirm'),
        cancelUrl: `${HOME}/${guid}`,
      },
      { title: framework.title, robots: 'none', status: changed ? 409 : 200 },
    );
  }

  async function show(req: Request, res: Response): Promise<void> {
    const { guid } = parseParams(params, req.params);
    const [framework, touched] = await Promise.all([adminFramework(pool, guid), frameworkUse(pool, guid)]);
    if (!framework) throw notFound('standards.noSuch');
    page(
      res,
      'admin/framework',
      {
        title: framework.title,
        shelfUrl: `/standards/${framework.slug}`,
        publisher: framework.publisher,
        version: framework.version,
        format: framework.caseVersion === null ? null : `CASE ${framework.caseVersion}`,
        sourceUrl:
          framework.sourceUrl !== null && /^https?:/.test(framework.sourceUrl) ? framework.sourceUrl : null,
        loadedAt: framework.importedAt,
        changedAt: framework.changedAt,
        standards: framework.standards,
        retired: framework.retired,
        own: framework.own,
        visible: framework.visible,
        seen: stampOfFramework(framework),
        touched,
        actionUrl: `${HOME}/${guid}`,
      },
      { title: framework.title, robots: 'none' },
    );
  }

  return routes.router;
}
