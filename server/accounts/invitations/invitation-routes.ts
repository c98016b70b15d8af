import type { Request, Response } from 'express';
import type { Deps } from '../../deps.ts';
import type { FieldFault } from '../../errors.ts';
import { fieldErrors } from '../../web/field-errors.ts';
import { flash } from '../../web/flash.ts';
import { contextOf, page } from '../../web/page.ts';
import { pager } from '../../web/pager.ts';
import { parseForm, parseParams, parseQuery } from '../../web/parse.ts';
import { rateLimiter } from '../../web/rate-limit.ts';
import { educatorOf, originOf } from '../../web/request-context.ts';
import { createRoutes } from '../../web/route.ts';
import { orAgain, typedIn } from '../../web/form-again.ts';
import { peopleAdministrators, peopleScope, ROLES, rolesAt } from '../people-policy.ts';
import { placeOptions, placesIn } from '../place-options.ts';
import { invitationList, type InvitationRow } from './invitation-queries.ts';
import { invitationParams, invitationsQuery, inviteForm } from './invitation-schema.ts';
import { INVITATION_DAYS, invitePeople, resendInvitation, withdrawInvitation } from './invitation-service.ts';
import type { InvitationsPage } from './invitation-view.ts';

const LIST = '/admin/people/invitations';
const ON_PAGE = 50;

/** Invitations: who is invited, by a mail with a link; for administrators of the state and of districts. */
export function invitationRoutes(deps: Pick<Deps, 'pool' | 'clock' | 'config'>) {
  const routes = createRoutes();
  const { pool } = deps;
  const toFolder = deps.config.smtpUrl === undefined;
  const perPerson = rateLimiter(pool, { name: 'invite', points: 200, seconds: 60 * 60 });
  const perInvitation = rateLimiter(pool, { name: 'invite-again', points: 5, seconds: 60 * 60 });

  routes.get(LIST, peopleAdministrators, (req, res) => show(req, res, []));

  routes.post(LIST, peopleAdministrators, async (req, res) => {
    await orAgain(
      async () => {
        const { emails, organization, role } = parseForm(inviteForm, req.body);
        const viewer = educatorOf(res);
        await perPerson.take(viewer.id);
        const invited = { emails, organizationId: organization, roles: role };
        await invitePeople(deps, viewer, invited, originOf(req, res));
        const { t } = contextOf(res);
        flash(req, {
          kind: 'done',
          text: t(toFolder ? 'invite.written' : 'invite.done', {
            count: emails.length,
            days: INVITATION_DAYS,
          }),
        });
        res.redirect(303, LIST);
      },
      (faults) => show(req, res, faults),
    );
  });

  routes.post(`${LIST}/:id/send`, peopleAdministrators, async (req, res) => {
    const { id } = parseParams(invitationParams, req.params);
    await perInvitation.take(id);
    const { email } = await resendInvitation(deps, educatorOf(res), id, originOf(req, res));
    back(req, res, contextOf(res).t(toFolder ? 'invite.writtenAgain' : 'invite.sentAgain', { email }));
  });

  routes.post(`${LIST}/:id/withdraw`, peopleAdministrators, async (req, res) => {
    const { id } = parseParams(invitationParams, req.params);
    const { email } = await withdrawInvitation(deps, educatorOf(res), id, originOf(req, res));
    back(req, res, contextOf(res).t('invite.withdrawn', { email }));
  });

  function back(req: Request, res: Response, text: string): void {
    flash(req, { kind: 'done', text });
    res.redirect(303, LIST);
  }

  async function show(req: Request, res: Response, faults: FieldFault[]): Promise<void> {
    const { t } = contextOf(res);
    const asked = parseQuery(invitationsQuery, req.query);
    const scope = peopleScope(educatorOf(res));
    const [list, places] = await Promise.all([
      invitationList(pool, scope, { ...asked, size: ON_PAGE }),
      placesIn(pool, scope),
    ]);
    const typed = typedIn(req);
    const chosen = [((req.body ?? {}) as Record<string, unknown>)['role'] ?? 'teacher'].flat();
    const offered = ROLES.filter((role) => places.some(({ kind }) => rolesAt(kind).includes(role)));
    const now = deps.clock.now();
    const url = (number: number) =>
      `${LIST}?${new URLSearchParams({ ...(asked.q ? { q: asked.q } : {}), page: String(number) }).toString()}`;
    page(
      res,
      'admin/invitations',
      {
        actionUrl: LIST,
        query: asked.q,
        total: list.total,
        invitations: list.invitations.map((row) => ({
          email: row.email,
          name: row.name,
          roles: row.roles,
          organization: row.organization,
          by: row.by,
          state: stateOf(row, now, toFolder),
          endsAt: row.expiresAt,
          sendUrl: row.closed ? null : `${LIST}/${row.id}/send`,
          withdrawUrl: `${LIST}/${row.id}/withdraw`,
        })),
        pager: pager(asked.page, Math.ceil(list.total / ON_PAGE), url),
        values: { emails: typed('emails', 20_000) },
        roles: offered.map((role) => ({
          value: role,
          label: t(`role.${role}`),
          chosen: chosen.includes(role),
        })),
        organizations: placeOptions(places, typed('organization')),
        errors: fieldErrors(t, faults),
        days: INVITATION_DAYS,
      },
      { title: t('invite.title'), status: faults.length > 0 ? 422 : 200, robots: 'none' },
    );
  }

  return routes.router;
}

/** How one stands. Of older ones it isn't known how they were sent: then as it is done now. */
function stateOf(
  { closed, sentAt, sentBy, expiresAt }: InvitationRow,
  now: Date,
  toFolder: boolean,
): InvitationsPage['invitations'][number]['state'] {
  if (closed) return 'closed';
  if (expiresAt <= now) return 'over';
  if (sentAt === null) return 'waiting';
  return (sentBy ?? (toFolder ? 'folder' : 'mail')) === 'folder' ? 'written' : 'open';
}
