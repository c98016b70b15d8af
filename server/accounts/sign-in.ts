import type { Request, RequestHandler } from 'express';
import { Authenticator } from 'passport';
import { Strategy as LocalStrategy } from 'passport-local';
import type { Deps } from '../deps.ts';
import { accountById, type Account } from './account-queries.ts';
import { checkSignIn } from './account-service.ts';
import type { Viewer } from '../lib/viewer.ts';
import { SESSION_HOURS } from '../web/session.ts';

/** What a session remembers of its person: raised epochs end sessions. */
type SessionKey = { id: string; epoch: number };

declare global {
  // Passport's own way to type `req.user`.
  // eslint-disable-next-line @typescript-eslint/no-namespace
  namespace Express {
    interface User {
      viewer: Viewer & { id: string };
      sessionEpoch: number;
      unseen?: number;
    }
  }
}

/** A session that began in the future began while the clock was wrong, and would live as much longer. */
const clockSlackMs = 5 * 60_000;

/** Passport with one strategy, e-mail and password, on PostgreSQL sessions. */
export function createSignIn(deps: Deps): {
  middleware: RequestHandler[];
  check: (req: Request) => Promise<Account | undefined>;
} {
  const passport = new Authenticator();
  passport.serializeUser<SessionKey>((user, done) =>
    done(null, { id: user.viewer.id, epoch: user.sessionEpoch }),
  );
  passport.deserializeUser<SessionKey>((key, done) => {
    accountById(deps.pool, key.id).then(
      (account) => done(null, account && account.sessionEpoch === key.epoch ? account : false),
      (error: unknown) => done(error),
    );
  });
  passport.use(
    new LocalStrategy({ usernameField: 'email', passReqToCallback: true }, (req, email, password, done) => {
      checkSignIn(deps, { email: email.trim(), password }, { requestId: null, ip: req.ip ?? null }).then(
        (account) => done(null, account ?? false),
        (error: unknown) => done(error),
      );
    }),
  );
  const expire: RequestHandler = (req, _res, next) => {
    const since = req.session?.signedInAt;
    const age = deps.clock.now().getTime() - (since ?? 0);
    const isYoung = age > -clockSlackMs && age < SESSION_HOURS.longest * 3600 * 1000;
    if (!req.user || since === undefined || isYoung) return next();
    req.logout((error) => next(error));
  };
  return {
    middleware: [passport.session() as RequestHandler, expire],
    check: (req) =>
      new Promise((resolve, reject) => {
        const authenticate = passport.authenticate(
          'local',
          (error: unknown, user: Account | false | undefined) =>
            error ? reject(error as Error) : resolve(user || undefined),
        ) as RequestHandler;
        void authenticate(req, {} as never, (error?: unknown) =>
          reject((error as Error) ?? new Error('sign-in did not answer')),
        );
      }),
  };
}

/**
 * Signs someone in on this browser: a fresh session, stored before any answer leaves.
 * @throws what the store of sessions says
 */
export async function startSession(req: Request, user: Express.User, now: Date): Promise<void> {
  await new Promise<void>((resolve, reject) =>
    req.login(user, (error) => (error ? reject(error as Error) : resolve())),
  );
  req.session.signedInAt = now.getTime();
  req.session.agent = (req.get('user-agent') ?? '').slice(0, 300);
  req.session.ip = req.ip ?? null;
  await new Promise<void>((resolve, reject) =>
    req.session.save((error) => (error ? reject(error as Error) : resolve())),
  );
}

/**
 * A fresh session for the browser of somebody whose sessions have all ended by what they did.
 * @param sessionEpoch the number that sessions must now carry
 * @throws what the store of sessions says
 */
export const renewSession = (req: Request, sessionEpoch: number, now: Date): Promise<void> =>
  startSession(req, { ...(req.user as Express.User), sessionEpoch }, now);
