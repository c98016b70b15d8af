import type { Request, Response } from 'express';
import type { Deps } from '../deps.ts';
import type { FieldFault } from '../errors.ts';
import { fieldErrors } from '../web/field-errors.ts';
import { flash } from '../web/flash.ts';
import { contextOf, page } from '../web/page.ts';
import { pager } from '../web/pager.ts';
import { parseForm, parseParams, parseQuery } from '../web/parse.ts';
import { educatorOf, originOf, viewerOf } from '../web/request-context.ts';
import { createRoutes, stateStaff } from '../web/route.ts';
import { organizationList, peopleList, type OrganizationRow } from './administration-queries.ts';
import { organizationForm, peopleQuery, personParams } from '../accounts/administration-schema.ts';
import type { AdminOrganizationsPage } from '../accounts/account-view.ts';
import { orAgain, typedIn } from '../accounts/form-again.ts';
import { countInvitations } from '../accounts/invitations/invitation-queries.ts';
import { makeOrganization } from '../accounts/organization-service.ts';
import { peopleAdministrators, peopleScope } from '../accounts/people-policy.ts';
import { sendPasswordLink, setActive } from '../accounts/person-service.ts';

const administrator = stateStaff('admin');
const peopleOnPage = 25;

type AdministrationDeps = Pick<Deps, 'pool' | 'clock'> & {
  /** How many resources each organization has, by its id; given by a room above. */
  countResources: (pool: Deps['pool']) => Promise<Map<string, number>>;
};

/** Organizations and people, for administrators of the state. */
export function administrationRoutes(deps: AdministrationDeps) {
  const routes = createRoutes();
  const { pool } = deps;

  routes.get('/admin/organizations', administrator, (req, res) => showOrganizations(req, res, []));

  routes.post('/admin/organizations', administrator, async (req, res) => {
    await orAgain(
      async () => {
        const form = parseForm(organizationForm, req.body);
        await makeOrganization(deps, actorOf(res), form, originOf(req, res));
        const { t } = contextOf(res);
        flash(req, { kind: 'done', text: t('admin.organizations.made', { name: form.name }) });
        res.redirect(303, '/admin/organizations');
      },
      (faults) => showOrganizations(req, res, faults),
    );
  });

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

  async function showOrganizations(req: Request, res: Response, faults: FieldFault[]): Promise<void> {
    const { t } = contextOf(res);
    const [rows, resources] = await Promise.all([organizationList(pool), deps.countResources(pool)]);
    const typed = typedIn(req);
    const props: AdminOrganizationsPage = {
      actionUrl: '/admin/organizations',
      districts: districtsOf(rows, resources),
      values: { kind: typed('kind') === 'school' ? 'school' : 'district', name: typed('name') },
      districtOptions: rows
        .filter(({ kind }) => kind === 'district')
        .map(({ id, name }) => ({ value: id, label: name, chosen: id === typed('district') })),
      errors: fieldErrors(t, faults),
    };
    page(res, 'admin/organizations', props, {
      title: t('admin.organizations'),
      status: faults.length > 0 ? 422 : 200,
      robots: 'none',
    });
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

/** Administrators are people, so there is always an id. */
const actorOf = (res: Response): string => viewerOf(res).id ?? '';

function districtsOf(
  rows: readonly OrganizationRow[],
  resources: ReadonlyMap<string, number>,
): AdminOrganizationsPage['districts'] {
  const counts = ({ id, people }: OrganizationRow) => ({ people, resources: resources.get(id) ?? 0 });
  return rows
    .filter(({ kind }) => kind === 'district')
    .map((district) => ({
      name: district.name,
      url: `/districts/${district.slug}`,
      ...counts(district),
      schools: rows
        .filter(({ kind, parentId }) => kind === 'school' && parentId === district.id)
        .map((school) => ({ name: school.name, url: `/schools/${school.slug}`, ...counts(school) })),
    }));
}
