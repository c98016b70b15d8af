import type { Request, Response } from 'express';
import type { Deps } from '../deps.ts';
import { PortalError, type FieldFault } from '../errors.ts';
import { fieldErrors } from '../web/field-errors.ts';
import { flash } from '../web/flash.ts';
import { contextOf, page } from '../web/page.ts';
import { pager } from '../web/pager.ts';
import { parseForm, parseParams, parseQuery } from '../web/parse.ts';
import { originOf, viewerOf } from '../web/request-context.ts';
import { createRoutes, stateStaff } from '../web/route.ts';
import { organizationList, peopleList, type OrganizationRow } from './administration-queries.ts';
import {
  organizationForm,
  peopleQuery,
  personForm,
  personParams,
} from '../accounts/administration-schema.ts';
import type { AdminOrganizationsPage, AdminPeoplePage } from '../accounts/account-view.ts';
import { makeOrganization } from '../accounts/organization-service.ts';
import { makePerson, renewPassword, setActive } from '../accounts/person-service.ts';

const administrator = stateStaff('admin');
const peopleOnPage = 25;
const roles = ['teacher', 'importer', 'curator', 'lead', 'admin'] as const;

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

  routes.get('/admin/people', administrator, (req, res) => showPeople(req, res, {}));

  routes.post('/admin/people', administrator, async (req, res) => {
    await orAgain(
      async () => {
        const { organization, ...form } = parseForm(personForm, req.body);
        const person = { ...form, organizationId: organization };
        const password = await makePerson(deps, actorOf(res), person, originOf(req, res));
        await showPeople(req, res, { made: { name: form.name, email: form.email, password } });
      },
      (faults) => showPeople(req, res, { faults }),
    );
  });

  routes.post('/admin/people/:id/close', administrator, (req, res) => activate(req, res, false));
  routes.post('/admin/people/:id/open', administrator, (req, res) => activate(req, res, true));

  routes.post('/admin/people/:id/password', administrator, async (req, res) => {
    const { id } = parseParams(personParams, req.params);
    await showPeople(req, res, { made: await renewPassword(deps, actorOf(res), id, originOf(req, res)) });
  });

  async function activate(req: Request, res: Response, active: boolean): Promise<void> {
    const { id } = parseParams(personParams, req.params);
    const { name } = await setActive(deps, actorOf(res), { personId: id, active }, originOf(req, res));
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

  async function showPeople(
    req: Request,
    res: Response,
    { faults = [], made = null }: { faults?: FieldFault[]; made?: AdminPeoplePage['made'] },
  ): Promise<void> {
    const { t } = contextOf(res);
    const asked = parseQuery(peopleQuery, req.query);
    const [list, rows] = await Promise.all([
      peopleList(pool, { ...asked, size: peopleOnPage }),
      organizationList(pool),
    ]);
    const typed = made ? () => '' : typedIn(req);
    const names = new Map(rows.map(({ id, name }) => [id, name]));
    const viewer = actorOf(res);
    const url = (number: number) =>
      `/admin/people?${new URLSearchParams({ ...(asked.q ? { q: asked.q } : {}), page: String(number) }).toString()}`;
    const props: AdminPeoplePage = {
      actionUrl: '/admin/people',
      query: asked.q,
      total: list.total,
      people: list.people.map(({ id, ...person }) => ({
        ...person,
        actions:
          id === viewer
            ? null
            : {
                toggleUrl: `/admin/people/${id}/${person.active ? 'close' : 'open'}`,
                passwordUrl: `/admin/people/${id}/password`,
              },
      })),
      pager: pager(asked.page, Math.ceil(list.total / peopleOnPage), url),
      values: { name: typed('name'), email: typed('email') },
      roles: roles.map((role) => ({ value: role, label: t(`role.${role}`), chosen: role === typed('role') })),
      organizations: rows.map((row) => ({
        value: row.id,
        label: placeName(row, names),
        chosen: row.id === typed('organization'),
      })),
      errors: fieldErrors(t, faults),
      made,
    };
    if (made) res.setHeader('Cache-Control', 'no-store');
    page(res, 'admin/people', props, {
      title: t('admin.people'),
      status: faults.length > 0 ? 422 : 200,
      robots: 'none',
    });
  }

  return routes.router;
}

/** Runs a form's work; what it says about the fields goes on the same page. */
async function orAgain(
  work: () => Promise<void>,
  again: (faults: FieldFault[]) => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof PortalError) || error.status !== 422) throw error;
    await again(error.faults);
  }
}

/** Administrators are people, so there is always an id. */
const actorOf = (res: Response): string => viewerOf(res).id ?? '';

const typedIn = (req: Request): ((field: string) => string) => {
  const body = (req.body ?? {}) as Record<string, unknown>;
  return (field) => {
    const value = body[field];
    return typeof value === 'string' ? value.slice(0, 300) : '';
  };
};

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

/** Two districts may have a school of one name. */
function placeName({ kind, name, parentId }: OrganizationRow, names: ReadonlyMap<string, string>): string {
  const district = kind === 'school' ? names.get(parentId ?? '') : undefined;
  return district === undefined ? name : `${name} (${district})`;
}
