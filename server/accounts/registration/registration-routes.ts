import type { Response } from 'express';
import type { Deps } from '../../deps.ts';
import type { FieldFault } from '../../errors.ts';
import { enqueue, jobPriority } from '../../platform/job-queue/job-queue.ts';
import { fieldErrors } from '../../web/field-errors.ts';
import { flash } from '../../web/flash.ts';
import { contextOf, page } from '../../web/page.ts';
import { parseForm } from '../../web/parse.ts';
import { rateLimiter } from '../../web/rate-limit.ts';
import { originOf } from '../../web/request-context.ts';
import { anyone, createRoutes } from '../../web/route.ts';
import { orAgain, typedIn } from '../../web/form-again.ts';
import { isWholeToken } from '../link-token.ts';
import { passwordLength } from '../password.ts';
import { startSession } from '../sign-in.ts';
import { openRegistrations } from './registration-queries.ts';
import { confirmForm, registerForm } from './registration-schema.ts';
import { REGISTER_MINUTES, register, registrationByLink } from './registration-service.ts';

const HERE = '/register';
const CONFIRM = '/register/confirm';

/** Making an account oneself: an address of a district that takes people, shown to be one's own by a mail. */
export function registrationRoutes(deps: Pick<Deps, 'pool' | 'clock'>) {
  const routes = createRoutes();
  const { pool } = deps;
  const perAccount = rateLimiter(pool, { name: 'register-account', points: 5, seconds: 60 * 60 });
  // A school is one address: on the first day of the year a whole staff may come.
  const perAddress = rateLimiter(pool, { name: 'register-address', points: 200, seconds: 60 * 60 });
  const perLink = rateLimiter(pool, { name: 'register-link', points: 300, seconds: 15 * 60 });

  routes.get(HERE, anyone, (_req, res) => showRegister(res, {}));

  routes.post(HERE, anyone, async (req, res) => {
    await orAgain(
      async () => {
        const { email } = parseForm(registerForm, req.body);
        await perAddress.take(req.ip ?? '');
        await perAccount.take(email);
        // The same work for every address: whether it is a district's, or has an account, is found out later.
        await enqueue(
          pool,
          'registration-link',
          { email },
          { jobKey: `registration-link:${email}`, priority: jobPriority.people, maxAttempts: 5 },
        );
        await showRegister(res, { sentTo: email });
      },
      (faults) => showRegister(res, { faults, email: typedIn(req)('email', 320) }),
    );
  });

  routes.get(CONFIRM, anyone, async (req, res) => {
    const { token } = req.query;
    await perLink.take(req.ip ?? '');
    await showConfirm(res, { token: typeof token === 'string' ? token.slice(0, 200) : '' });
  });

  routes.post(CONFIRM, anyone, async (req, res) => {
    await perLink.take(req.ip ?? '');
    const typed = typedIn(req);
    await orAgain(
      async () => {
        const form = parseForm(confirmForm, req.body);
        const account = await register(deps, form, originOf(req, res));
        if (!account) return showConfirm(res, { token: form.token });
        await startSession(req, account, deps.clock.now());
        const { t } = contextOf(res);
        flash(req, { kind: 'done', text: t('invite.welcome', { name: account.viewer.name }) });
        res.redirect(303, '/');
      },
      (faults) =>
        showConfirm(res, {
          token: typed('token', 200),
          faults,
          name: typed('name'),
          school: typed('school'),
        }),
    );
  });

  async function showRegister(
    res: Response,
    {
      faults = [],
      email = '',
      sentTo = null,
    }: { faults?: FieldFault[]; email?: string; sentTo?: string | null },
  ): Promise<void> {
    const { t } = contextOf(res);
    const districts = await openRegistrations(pool);
    res.setHeader('Cache-Control', 'no-store');
    page(
      res,
      'accounts/register',
      {
        actionUrl: HERE,
        values: { email },
        errors: fieldErrors(t, faults),
        sentTo,
        minutes: REGISTER_MINUTES,
        districts,
      },
      { title: t('register.title'), status: faults.length > 0 ? 422 : 200, robots: 'none' },
    );
  }

  async function showConfirm(
    res: Response,
    {
      token,
      faults = [],
      name = '',
      school = '',
    }: { token: string; faults?: FieldFault[]; name?: string; school?: string },
  ): Promise<void> {
    const { t } = contextOf(res);
    const found = await registrationByLink(deps, token);
    res.setHeader('Cache-Control', 'no-store');
    page(
      res,
      'accounts/register-confirm',
      {
        actionUrl: CONFIRM,
        link: found ? { token, email: found.email, district: found.district } : null,
        damaged: !isWholeToken(token),
        values: { name },
        schools: (found?.places ?? []).map((place) => ({
          value: place.id,
          label: place.kind === 'district' ? t('register.office', { district: place.name }) : place.name,
          chosen: place.id === school,
        })),
        minLength: passwordLength.min,
        errors: fieldErrors(t, found ? faults : []),
      },
      {
        title: t('register.confirm.title'),
        status: !found ? 410 : faults.length > 0 ? 422 : 200,
        robots: 'none',
      },
    );
  }

  return routes.router;
}
