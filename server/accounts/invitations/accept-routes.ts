import type { Request, Response } from 'express';
import type { Deps } from '../../deps.ts';
import type { FieldFault } from '../../errors.ts';
import { fieldErrors } from '../../web/field-errors.ts';
import { flash } from '../../web/flash.ts';
import { contextOf, page } from '../../web/page.ts';
import { parseForm } from '../../web/parse.ts';
import { rateLimiter } from '../../web/rate-limit.ts';
import { educatorOf, originOf, viewerOf } from '../../web/request-context.ts';
import { anyone, createRoutes, signedIn } from '../../web/route.ts';
import { orAgain, typedIn } from '../../web/form-again.ts';
import { isWholeToken } from '../link-token.ts';
import { passwordLength } from '../password.ts';
import { startSession } from '../sign-in.ts';
import { acceptAsNew, acceptWithAccount, invitationByLink } from './accept-service.ts';
import type { OpenInvitation } from './invitation-queries.ts';
import { acceptForm } from './invitation-schema.ts';
import type { InvitationPage } from './invitation-view.ts';

const HERE = '/invitation';

/** Where the link of an invitation leads: an account is made, or gets what it was invited to. */
export function acceptRoutes(deps: Pick<Deps, 'pool' | 'clock'>) {
  const routes = createRoutes();
  // A whole school may come on its first day, from one address; guessing 256 bits takes longer.
  const perAddress = rateLimiter(deps.pool, { name: 'invitation', points: 300, seconds: 15 * 60 });

  routes.get(HERE, anyone, async (req, res) => {
    const { token } = req.query;
    await perAddress.take(req.ip ?? '');
    await show(req, res, { token: typeof token === 'string' ? token.slice(0, 200) : '' });
  });

  routes.post(HERE, anyone, async (req, res) => {
    await perAddress.take(req.ip ?? '');
    await orAgain(
      async () => {
        const form = parseForm(acceptForm, req.body);
        const account = await acceptAsNew(deps, form, originOf(req, res));
        if (!account) return show(req, res, { token: form.token });
        await startSession(req, account, deps.clock.now());
        const { t } = contextOf(res);
        flash(req, { kind: 'done', text: t('invite.welcome', { name: account.viewer.name }) });
        res.redirect(303, '/');
      },
      (faults) => show(req, res, { token: typedIn(req)('token', 200), faults }),
    );
  });

  routes.post(`${HERE}/accept`, signedIn, async (req, res) => {
    await perAddress.take(req.ip ?? '');
    const token = typedIn(req)('token', 200);
    const accepted = { personId: educatorOf(res).id, token };
    const account = await acceptWithAccount(deps, accepted, originOf(req, res));
    if (!account) return show(req, res, { token });
    await startSession(req, account, deps.clock.now());
    flash(req, { kind: 'done', text: contextOf(res).t('invite.accepted') });
    res.redirect(303, '/account');
  });

  async function show(
    req: Request,
    res: Response,
    { token, faults = [] }: { token: string; faults?: FieldFault[] },
  ): Promise<void> {
    const { t } = contextOf(res);
    const invitation = await invitationByLink(deps, token);
    const step = stepOf(invitation, token, viewerOf(res).id);
    // The address is the key until it is used.
    res.setHeader('Cache-Control', 'no-store');
    page(
      res,
      'accounts/invitation',
      {
        step,
        invitation: invitation ? shown(invitation) : null,
        token,
        values: { name: req.method === 'POST' ? typedIn(req)('name') : (invitation?.name ?? '') },
        actionUrl: HERE,
        acceptUrl: `${HERE}/accept`,
        signInUrl: `/sign-in?next=${encodeURIComponent(`${HERE}?token=${token}`)}`,
        minLength: passwordLength.min,
        errors: fieldErrors(t, step === 'new' ? faults : []),
      },
      {
        title: t(
          step === 'damaged'
            ? 'link.damaged'
            : step === 'over' || step === 'closed'
              ? 'invite.over'
              : 'invite.accept.title',
        ),
        status: !invitation || step === 'closed' ? 410 : step === 'new' && faults.length > 0 ? 422 : 200,
        robots: 'none',
      },
    );
  }

  return routes.router;
}

function stepOf(
  invitation: OpenInvitation | undefined,
  token: string,
  viewerId: string | null,
): InvitationPage['step'] {
  if (!invitation) return isWholeToken(token) ? 'over' : 'damaged';
  if (invitation.closed) return 'closed';
  if (viewerId !== null) return invitation.account?.id === viewerId ? 'accept' : 'other';
  return invitation.account ? 'signIn' : 'new';
}

const shown = ({
  email,
  organization,
  mergedFrom,
  roles,
  by,
}: OpenInvitation): InvitationPage['invitation'] => ({
  email,
  organization,
  mergedFrom,
  roles,
  by,
});
