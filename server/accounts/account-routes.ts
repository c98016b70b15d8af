import type { Request, Response } from 'express';
import type { Deps } from '../deps.ts';
import { demoSignIns } from './demo-sign-ins.ts';
import type { FieldFault } from '../errors.ts';
import { isEducator } from '../lib/viewer.ts';
import { formats } from '../locale/format.ts';
import { fieldErrors } from '../web/field-errors.ts';
import { flash } from '../web/flash.ts';
import { orAgain, typedIn } from '../web/form-again.ts';
import { localPath } from '../web/local-path.ts';
import { contextOf, page } from '../web/page.ts';
import { faultsOf, parseForm, parseParams } from '../web/parse.ts';
import { rateLimiter } from '../web/rate-limit.ts';
import { educatorOf, originOf, viewerOf } from '../web/request-context.ts';
import { anyone, createRoutes, signedIn } from '../web/route.ts';
import { accountById, membershipsOf, type Account } from './account-queries.ts';
import {
  homeForm,
  mailsForm,
  NOTICE_RHYTHMS,
  passwordForm,
  profileForm,
  signInForm,
  tokenForm,
  tokenParams,
} from './account-schema.ts';
import { changePassword, setNoticeMail } from './account-service.ts';
import type { TokenList } from './account-view.ts';
import { passwordLength } from './password.ts';
import { profileOf } from './profile/profile-queries.ts';
import { saveProfile, setHomeOrder } from './profile/profile-service.ts';
import { profilePart, type TypedProfile } from './profile/profile-view.ts';
import { takesRegistrations } from './registration/registration-queries.ts';
import { ownSessions } from './sessions/session-queries.ts';
import { sessionItems } from './sessions/session-view.ts';
import { renewSession, startSession } from './sign-in.ts';
import { tokenList, type TypedToken } from './token-page.ts';
import { makeToken, revokeToken } from './token-service.ts';

type SignIn = { check: (req: Request) => Promise<Account | undefined> };

/** Signing in and out, and one's own account. */
export function accountRoutes(deps: Deps, signIn: SignIn) {
  const routes = createRoutes();
  // A school is one address on the internet: strict for an account, generous for an address.
  const perAccount = rateLimiter(deps.pool, { name: 'sign-in-account', points: 10, seconds: 15 * 60 });
  const perAddress = rateLimiter(deps.pool, { name: 'sign-in-address', points: 300, seconds: 15 * 60 });

  routes.get('/sign-in', anyone, async (req, res) => {
    const next = localPath(req.query['next'], '/');
    if (isEducator(viewerOf(res))) return res.redirect(303, next);
    const why = req.query['why'];
    await showSignIn(res, {
      next,
      email: '',
      faults: [],
      why: why === 'needed' || why === 'ended' ? why : null,
    });
  });

  routes.post('/sign-in', anyone, async (req, res) => {
    const parsed = signInForm.safeParse(req.body ?? {});
    const email = typedIn(req)('email', 320);
    const next = localPath(((req.body ?? {}) as Record<string, unknown>)['next'], '/');
    if (!parsed.success) return showSignIn(res, { next, email, faults: faultsOf(parsed.error), why: null });
    const account = parsed.data.email.toLowerCase();
    await perAddress.take(req.ip ?? '');
    await perAccount.take(account);
    const found = await signIn.check(req);
    if (!found)
      return showSignIn(res, { next, email, faults: [{ field: 'email', key: 'signIn.noMatch' }], why: null });
    await perAccount.clear(account);
    await startSession(req, found, deps.clock.now());
    res.redirect(303, next);
  });

  routes.post('/sign-out', anyone, async (req, res) => {
    await new Promise<void>((resolve, reject) =>
      req.logout((error) => (error ? reject(error as Error) : resolve())),
    );
    await new Promise<void>((resolve, reject) =>
      req.session.destroy((error) => (error ? reject(error as Error) : resolve())),
    );
    // Back must not show what the person saw to whoever sits there next.
    res.set('Clear-Site-Data', '"cache"');
    res.clearCookie('session').clearCookie('__Host-session', { secure: true, path: '/' }).redirect(303, '/');
  });

  routes.get('/account', signedIn, async (_req, res) => showAccount(res, {}));

  routes.post('/account/profile', signedIn, async (req, res) => {
    const viewer = educatorOf(res);
    await orAgain(
      async () => {
        const { name, school, subject: subjects, grade: grades } = parseForm(profileForm, req.body);
        const form = { name, school, subjects, grades };
        const epoch = await saveProfile(deps, viewer.id, form, originOf(req, res));
        if (epoch !== undefined) await renewSession(req, epoch, deps.clock.now());
        flash(req, { kind: 'done', text: contextOf(res).t('profile.done') });
        res.redirect(303, '/account');
      },
      (faults) => showAccount(res, { faults, profile: typedProfile(req) }),
    );
  });

  routes.post('/account/home', signedIn, async (req, res) => {
    const { first } = parseForm(homeForm, req.body);
    await setHomeOrder(deps, educatorOf(res).id, first);
    res.redirect(303, '/#new');
  });

  routes.post('/account/mails', signedIn, async (req, res) => {
    await orAgain(
      async () => {
        const { noticeMail } = parseForm(mailsForm, req.body);
        await setNoticeMail(deps, educatorOf(res).id, noticeMail);
        const { t } = contextOf(res);
        flash(req, { kind: 'done', text: t(`account.mails.done.${noticeMail}`) });
        res.redirect(303, '/account#mails');
      },
      (faults) => showAccount(res, { faults }),
    );
  });

  routes.post('/account/tokens', signedIn, async (req, res) => {
    const viewer = educatorOf(res);
    await orAgain(
      async () => {
        const { tokenName: name, scope: scopes, days } = parseForm(tokenForm, req.body);
        await perAccount.take(`token:${viewer.id}`);
        const secret = await makeToken(deps, viewer, { name, scopes, days }, originOf(req, res));
        res.setHeader('Cache-Control', 'no-store');
        await showAccount(res, { made: { name, secret } });
      },
      (faults) => showAccount(res, { faults, typed: typedToken(req) }),
    );
  });

  routes.post('/account/tokens/:id/revoke', signedIn, async (req, res) => {
    const { id } = parseParams(tokenParams, req.params);
    const name = await revokeToken(deps, educatorOf(res), id, originOf(req, res));
    flash(req, { kind: 'done', text: contextOf(res).t('token.revoked', { name }) });
    res.redirect(303, '/account#tokens');
  });

  routes.post('/account/password', signedIn, async (req, res) => {
    const viewer = educatorOf(res);
    await orAgain(
      async () => {
        const form = parseForm(passwordForm, req.body);
        await perAccount.take(`password:${viewer.id}`);
        const epoch = await changePassword(deps, viewer, form, originOf(req, res));
        await renewSession(req, epoch, deps.clock.now());
        flash(req, { kind: 'done', text: contextOf(res).t('account.passwordChanged') });
        res.redirect(303, '/account');
      },
      (faults) => showAccount(res, { faults }),
    );
  });

  async function showSignIn(
    res: Response,
    {
      next,
      email,
      faults,
      why,
    }: { next: string; email: string; faults: FieldFault[]; why: 'needed' | 'ended' | null },
  ): Promise<void> {
    const { t } = contextOf(res);
    res.setHeader('Cache-Control', 'no-store');
    page(
      res,
      'accounts/sign-in',
      {
        actionUrl: '/sign-in',
        next,
        values: { email },
        errors: fieldErrors(t, faults),
        why,
        register: await takesRegistrations(deps.pool),
        demo: deps.config.demo ? demoSignIns : null,
      },
      { title: t('signIn.title'), status: faults.length > 0 ? 422 : 200, robots: 'none' },
    );
  }

  async function showAccount(
    res: Response,
    {
      faults = [],
      made,
      typed,
      profile: typedBefore,
    }: { faults?: FieldFault[]; made?: TokenList['made']; typed?: TypedToken; profile?: TypedProfile },
  ): Promise<void> {
    const viewer = educatorOf(res);
    const { t, language } = contextOf(res);
    const [tokens, account, sessions, profile, memberships] = await Promise.all([
      tokenList(deps, viewer, t, { made: made ?? null, typed }),
      accountById(deps.pool, viewer.id),
      ownSessions(deps.pool, viewer.id),
      profileOf(deps.pool, viewer.id),
      membershipsOf(deps.pool, viewer.id),
    ]);
    page(
      res,
      'accounts/account',
      {
        name: viewer.name,
        email: viewer.email,
        memberships,
        passwordUrl: '/account/password',
        minLength: passwordLength.min,
        mails: NOTICE_RHYTHMS.map((value) => ({
          value,
          label: t(`account.mails.${value}`),
          chosen: value === account?.noticeMail,
        })),
        errors: fieldErrors(t, faults),
        tokens,
        profile: profilePart(profile, typedBefore, formats(language, t)),
        sessions: sessionItems(sessions, res.req.sessionID, t),
      },
      { title: t('account.title'), status: faults.length > 0 ? 422 : 200, robots: 'none' },
    );
  }

  return routes.router;
}

const listOf = (value: unknown): string[] => [value ?? []].flat().filter((one) => typeof one === 'string');

function typedProfile(req: Request): TypedProfile {
  const { subject, grade } = (req.body ?? {}) as Record<string, unknown>;
  const typed = typedIn(req);
  return { name: typed('name'), school: typed('school'), subjects: listOf(subject), grades: listOf(grade) };
}

/** What was typed, for the form that is shown again. */
function typedToken(req: Request): TypedToken {
  const { scope } = (req.body ?? {}) as Record<string, unknown>;
  const typed = typedIn(req);
  return { name: typed('tokenName', 200), scopes: listOf(scope), days: typed('days') };
}
