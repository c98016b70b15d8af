import type { Request, Response } from 'express';
import type { Deps } from '../deps.ts';
import { flash } from '../web/flash.ts';
import { contextOf, page } from '../web/page.ts';
import { pager } from '../web/pager.ts';
import { parseParams, parseQuery } from '../web/parse.ts';
import { educatorOf, originOf } from '../web/request-context.ts';
import { createRoutes } from '../web/route.ts';
import { peopleList } from './administration-queries.ts';
import { peopleQuery, personParams } from '../accounts/administration-schema.ts';
import { countInvitations } from '../accounts/invitations/invitation-queries.ts';
import { peopleAdministrators, peopleScope } from '../accounts/people-policy.ts';
import { sendPasswordLink, setActive } from '../accounts/person-service.ts';

const peopleOnPage = 25;

/** People, for whoever administers them. */
export function administrationRoutes(deps: Pick<Deps, 'pool' | 'clock'>) {
  const routes = createRoutes();
  const { pool } = deps;

  routes.get('/admin/people', peopleAdministrators, (req, res) => showPeople(req, res));

  routes.post('/admin/people/:id/close', peopleAdministrators, (req, res) => activate(req, res, false));
  routes.post('/admin/people/:id/open', peopleAdministrators, (req, res) => activate(req, res, true));

  routes.post('/admin/people/:id/password', peopleAdministrators, async (req, res) => {
    const { id } = parseParams(personParams, req.params);
    const { name } = await sendPasswordLink(deps, educatorOf(res), id, originOf(req, res));
    flash(req, { kind: 'done', text: contextOf(res).t('admin.people.linkSent', { name }) });
    res.redirect(303, '/admin/people');
  });

  async function activate(req: Request, res: Response, active: boolean): Promise<void> {
    const { id } = parseParams(personParams, req.params);
    const { name } = await setActive(deps, educatorOf(res), { personId: id, active }, originOf(req, res));
    const { t } = contextOf(res);
    flash(req, { kind: 'done', text: t(active ? 'admin.people.opened' : 'admin.people.closed', { name }) });
    res.redirect(303, '/admin/people');
  }

  async function showPeople(req: Request, res: Response): Promise<void> {
    const { t } = contextOf(res);
    const asked = parseQuery(peopleQuery, req.query);
    const viewer = educatorOf(res);
    const scope = peopleScope(viewer);
    const [list, invitations] = await Promise.all([
      peopleList(pool, scope, { ...asked, size: peopleOnPage }),
      countInvitations(pool, scope),
    ]);
    const url = (number: number) =>
      `/admin/people?${new URLSearchParams({ ...(asked.q ? { q: asked.q } : {}), page: String(number) }).toString()}`;
    page(
      res,
      'admin/people',
      {
        query: asked.q,
        total: list.total,
        people: list.people.map(({ id, ...person }) => ({
          ...person,
          actions:
            id === viewer.id
              ? null
              : {
                  toggleUrl: `/admin/people/${id}/${person.active ? 'close' : 'open'}`,
                  passwordUrl: `/admin/people/${id}/password`,
                },
        })),
        pager: pager(asked.page, Math.ceil(list.total / peopleOnPage), url),
        invitations,
      },
      { title: t('admin.people'), robots: 'none' },
    );
  }

  return routes.router;
}
