import type { Response } from 'express';
import type { Deps } from '../deps.ts';
import type { FieldFault } from '../errors.ts';
import { enqueue, jobPriority } from '../platform/job-queue/job-queue.ts';
import { fieldErrors } from '../web/field-errors.ts';
import { flash } from '../web/flash.ts';
import { orAgain, typedIn } from '../web/form-again.ts';
import { contextOf, page } from '../web/page.ts';
import { parseForm } from '../web/parse.ts';
import { rateLimiter } from '../web/rate-limit.ts';
import { originOf } from '../web/request-context.ts';
import { anyone, createRoutes } from '../web/route.ts';
import type { Account } from './account-queries.ts';
import { forgotForm, setPasswordForm } from './account-schema.ts';
import { isWholeToken } from './link-token.ts';
import { passwordLength } from './password.ts';
import { accountByLink, LINK_ATTEMPTS, LINK_MINUTES, setPasswordByLink } from './password-link-service.ts';
import { startSession } from './sign-in.ts';

/** A forgotten password: asking for a link by mail, and setting another password with it. */
export function passwordLinkRoutes(deps: Deps) {
  const routes = createRoutes();
  const perAccount = rateLimiter(deps.pool, { name: 'forgot-account', points: 5, seconds: 60 * 60 });
  const perAddress = rateLimiter(deps.pool, { name: 'forgot-address', points: 100, seconds: 60 * 60 });
  const perLink = rateLimiter(deps.pool, { name: 'set-password', points: 100, seconds: 15 * 60 });

  routes.get('/forgot-password', anyone, (_req, res) => showForgot(res, {}));

  routes.post('/forgot-password', anyone, async (req, res) => {
    await orAgain(
      async () => {
        const { email } = parseForm(forgotForm, req.body);
        await perAddress.take(req.ip ?? '');
        await perAccount.take(email.toLowerCase());
        const { requestId, ip } = originOf(req, res);
        // The same work for every address: whether there is an account is found out later, by the job.
        await enqueue(
          deps.pool,
          'password-link',
          { email, origin: { requestId, ip } },
          {
            jobKey: `password-link:${email.toLowerCase()}`,
            priority: jobPriority.people,
            maxAttempts: LINK_ATTEMPTS,
          },
        );
        showForgot(res, { sentTo: email });
      },
      (faults) => showForgot(res, { faults, email: typedIn(req)('email', 320) }),
    );
  });

  routes.get('/set-password', anyone, async (req, res) => {
    const token = typeof req.query['token'] === 'string' ? req.query['token'].slice(0, 200) : '';
    await perLink.take(req.ip ?? '');
    const account = await accountByLink(deps, token);
    showSetPassword(res, token, account, []);
  });

  routes.post('/set-password', anyone, async (req, res) => {
    await perLink.take(req.ip ?? '');
    await orAgain(
      async () => {
        const form = parseForm(setPasswordForm, req.body);
        const account = await setPasswordByLink(deps, form, originOf(req, res));
        if (!account) return showSetPassword(res, form.token, undefined, []);
        await startSession(req, account, deps.clock.now());
        flash(req, { kind: 'done', text: contextOf(res).t('setPassword.done') });
        res.redirect(303, '/');
      },
      async (faults) => {
        const token = typedIn(req)('token', 320);
        const account = await accountByLink(deps, token);
        showSetPassword(res, token, account, faults);
      },
    );
  });

  return routes.router;
}

function showForgot(
  res: Response,
  {
    faults = [],
    email = '',
    sentTo = null,
  }: { faults?: FieldFault[]; email?: string; sentTo?: string | null },
): void {
  const { t } = contextOf(res);
  res.setHeader('Cache-Control', 'no-store');
  page(
    res,
    'accounts/forgot',
    {
      actionUrl: '/forgot-password',
      values: { email },
      errors: fieldErrors(t, faults),
      sentTo,
      minutes: LINK_MINUTES,
    },
    { title: t('forgot.title'), status: faults.length > 0 ? 422 : 200, robots: 'none' },
  );
}

/** The form, or, without a link that works, how to get another one. */
function showSetPassword(
  res: Response,
  token: string,
  account: Account | undefined,
  faults: FieldFault[],
): void {
  const { t } = contextOf(res);
  res.setHeader('Cache-Control', 'no-store');
  page(
    res,
    'accounts/set-password',
    {
      actionUrl: '/set-password',
      link: account ? { token, email: account.viewer.email } : null,
      damaged: !isWholeToken(token),
      minLength: passwordLength.min,
      errors: fieldErrors(t, faults),
    },
    {
      title: t('setPassword.title'),
      status: account === undefined ? 410 : faults.length > 0 ? 422 : 200,
      robots: 'none',
    },
  );
}
