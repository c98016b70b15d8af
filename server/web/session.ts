import connectPgSimple from 'connect-pg-simple';
import session from 'express-session';
import type { RequestHandler } from 'express';
import type { Pool } from 'pg';
import type { FlashMessage } from './page-parts.ts';

/** Hours without a request after which a session ends; every request renews it. */
const idleHours = 8;

declare module 'express-session' {
  interface SessionData {
    flash: FlashMessage[];
    /** When the person signed in, ms since 1970: a session ends a day later whatever happens. */
    signedInAt: number;
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
  secret,
  secure,
}: {
  pool: Pool;
  secret: string;
  secure: boolean;
}): RequestHandler {
  const Store = connectPgSimple(session);
  return session({
    name: sessionCookieName(secure),
    secret,
    store: new Store({
      pool,
      tableName: 'session',
      createTableIfMissing: false,
      pruneSessionInterval: 15 * 60,
    }),
    resave: false,
    rolling: true,
    saveUninitialized: false,
    cookie: { httpOnly: true, secure, sameSite: 'lax', path: '/', maxAge: idleHours * 3600 * 1000 },
  });
}
