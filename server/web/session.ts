import session from 'express-session';
import type { RequestHandler } from 'express';
import type { Pool } from 'pg';
import type { Logger } from '../platform/logger.ts';
import type { FlashMessage } from './page-parts.ts';
import { SessionStore } from './session-store.ts';

/** Hours after which a session ends: without a request (each renews it), and since sign-in, however busy. */
export const SESSION_HOURS = { idle: 8, longest: 24 };

declare module 'express-session' {
  interface SessionData {
    flash: FlashMessage[];
    /** When the person signed in, ms since 1970: a session ends a day later whatever happens. */
    signedInAt: number;
    /** What the browser said of itself at sign-in, and where it came from: for the person's own list. */
    agent: string;
    ip: string | null;
  }
}

/** Name of the session cookie; `__Host-` binds it to this host over https. */
export const sessionCookieName = (secure: boolean): string => (secure ? '__Host-session' : 'session');

/**
 * Sessions in PostgreSQL, only for those who sign in: a visitor who doesn't gets no cookie.
 * `Lax`, not `Strict`, so that a link from a mail finds its reader signed in.
 */
export function sessions({
  pool,
  log,
  secret,
  secure,
}: {
  pool: Pool;
  log: Pick<Logger, 'warn'>;
  secret: string;
  secure: boolean;
}): RequestHandler {
  const keepSession = session({
    name: sessionCookieName(secure),
    secret,
    store: new SessionStore(pool),
    resave: false,
    rolling: true,
    saveUninitialized: false,
    cookie: { httpOnly: true, secure, sameSite: 'lax', path: '/', maxAge: SESSION_HOURS.idle * 3600 * 1000 },
  });
  return (req, res, next) => {
    let passedOn = false;
    keepSession(req, res, (error?: unknown) => {
      // It calls a second time when the session can't be stored behind an answer that is whole. Passed on, that
      // would cut off the answer; all that is lost is that the session was renewed.
      if (passedOn) return log.warn({ err: error }, 'A session could not be stored behind its answer');
      passedOn = true;
      next(error);
    });
  };
}

/**
 * Stores the session before a redirect leaves. express-session sends the headers first and stores meanwhile, and a
 * browser that follows at once would find the session without what was just put there (a message, a sign-in).
 */
export const storeBeforeRedirect: RequestHandler = (req, res, next) => {
  const redirect = res.redirect.bind(res) as (...to: unknown[]) => void;
  res.redirect = (...to: unknown[]): void => {
    // A session that holds nothing but its cookie belongs to nobody and isn't stored.
    if (!req.session || Object.keys(req.session).length <= 1) return redirect(...to);
    req.session.save((error: unknown) => (error ? next(error) : redirect(...to)));
  };
  next();
};
