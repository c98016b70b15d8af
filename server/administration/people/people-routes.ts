import { countInvitations } from '../../accounts/invitations/invitation-queries.ts';
import { peopleAdministrators, peopleScope, ROLES } from '../../accounts/people-policy.ts';
import { placeOptions, placesIn } from '../../accounts/place-options.ts';
import type { Deps } from '../../deps.ts';
import { contextOf, page } from '../../web/page.ts';
import { pager } from '../../web/pager.ts';
import { parseQuery } from '../../web/parse.ts';
import { educatorOf } from '../../web/request-context.ts';
import { createRoutes } from '../../web/route.ts';
import { peopleUrl, personUrl } from '../addresses.ts';
import { peopleList } from './person-queries.ts';
import { peopleQuery } from './person-schema.ts';

const peopleOnPage = 25;

/** People of the state or a district, found by name, address, place and role. */
export function peopleRoutes({ pool }: Pick<Deps, 'pool'>) {
  const routes = createRoutes();

  routes.get(peopleUrl, peopleAdministrators, async (req, res) => {
    const { t } = contextOf(res);
    const asked = parseQuery(peopleQuery, req.query);
    const scope = peopleScope(educatorOf(res));
    const [{ total, people }, invitations, places] = await Promise.all([
      peopleList(pool, scope, { ...asked, size: peopleOnPage }),
      countInvitations(pool, scope),
      placesIn(pool, scope),
    ]);
    const narrowing = { q: asked.q, organization: asked.organization, role: asked.role, state: asked.state };
    const url = (number: number): string => {
      const kept = Object.entries(narrowing).flatMap(([name, value]): [string, string][] =>
        value ? [[name, value]] : [],
      );
      return `${peopleUrl}?${new URLSearchParams([...kept, ['page', String(number)]]).toString()}`;
    };
    const any = (label: string, chosen: boolean) => ({ value: '', label, chosen });
    page(
      res,
      'admin/people',
      {
        query: asked.q,
        organizations: [
          any(t('people.anywhere'), asked.organization === null),
          ...placeOptions(places, asked.organization ?? ''),
        ],
        roles: [
          any(t('people.anyRole'), asked.role === null),
          ...ROLES.map((role) => ({ value: role, label: t(`role.${role}`), chosen: role === asked.role })),
        ],
        states: [
          any(t('people.anyState'), asked.state === null),
          { value: 'open', label: t('people.state.open'), chosen: asked.state === 'open' },
          { value: 'closed', label: t('people.state.closed'), chosen: asked.state === 'closed' },
        ],
        narrowed: Object.values(narrowing).some(Boolean),
        total,
        people: people.map(({ id, ...person }) => ({ ...person, url: personUrl(id) })),
        pager: pager(asked.page, Math.ceil(total / peopleOnPage), url),
        invitations,
      },
      { title: t('admin.people'), robots: 'none' },
    );
  });

  return routes.router;
}
