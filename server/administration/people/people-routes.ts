import { Readable } from 'node:stream';
import { countInvitations } from '../../accounts/invitations/invitation-queries.ts';
import { peopleAdministrators, peopleScope, ROLES } from '../../accounts/people-policy.ts';
import { placeOptions, placesIn } from '../../accounts/place-options.ts';
import { audit } from '../../audit/audit-service.ts';
import type { Deps } from '../../deps.ts';
import { sendStream } from '../../files/send-content.ts';
import { withTransaction } from '../../platform/database/transaction.ts';
import { contextOf, page } from '../../web/page.ts';
import { pager } from '../../web/pager.ts';
import { parseQuery } from '../../web/parse.ts';
import { educatorOf, originOf } from '../../web/request-context.ts';
import { createRoutes } from '../../web/route.ts';
import { peopleUrl, personUrl } from '../addresses.ts';
import { peopleFile } from './people-file.ts';
import { peopleList } from './person-queries.ts';
import { peopleQuery } from './person-schema.ts';

const peopleOnPage = 25;
const CSV = `${peopleUrl}.csv`;

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
    const kept = Object.entries(narrowing).flatMap(([name, value]): [string, string][] =>
      value ? [[name, value]] : [],
    );
    const url = (number: number): string =>
      `${peopleUrl}?${new URLSearchParams([...kept, ['page', String(number)]]).toString()}`;
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
        csvUrl: kept.length === 0 ? CSV : `${CSV}?${new URLSearchParams(kept).toString()}`,
      },
      { title: t('admin.people'), robots: 'none' },
    );
  });

  routes.get(CSV, peopleAdministrators, async (req, res) => {
    const viewer = educatorOf(res);
    const { page: _first, ...filter } = parseQuery(peopleQuery, req.query);
    // Who took people's names and addresses out stands in the log; what they looked for may be a name.
    await withTransaction(pool, (client) =>
      audit(client, {
        actorId: viewer.id,
        action: 'people.exported',
        objectType: 'person',
        detail: { organization: filter.organization, role: filter.role, state: filter.state },
        ...originOf(req, res),
      }),
    );
    res.attachment('people.csv').type('text/csv');
    await sendStream(res, Readable.from(peopleFile(pool, peopleScope(viewer), filter)));
  });

  return routes.router;
}
