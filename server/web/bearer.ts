import type { RequestHandler, Response } from 'express';
import { tokenNeeded } from '../errors.ts';
import type { Viewer } from '../lib/viewer.ts';
import { requestIdOf, setRequestContext, tokenOf, type RequestToken } from './request-context.ts';

const safe = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Says which kind of sign-in a program needs (RFC 6750). */
export function challenge(res: Response, problem?: string): void {
  res.setHeader(
    'WWW-Authenticate',
    `Bearer realm="Commonshelf API"${problem === undefined ? '' : `, error="${problem}"`}`,
  );
}

/**
 * The one place where programs sign in: `Authorization: Bearer …` under the API. A token that is shown must be good, and
 * then nothing else counts, no cookie and no rule against forged forms. Without one, only reading is left: a browser's
 * cookie never changes anything through the API. Runs before any body is read.
 * @param find the person and the token behind a secret, or undefined; throws 429 when the token is used too often
 */
export function bearerTokens({
  find,
}: {
  find: (secret: string) => Promise<{ viewer: Viewer; token: RequestToken } | undefined>;
}): RequestHandler {
  return async (req, res, next) => {
    const given = req.get('authorization');
    if (given === undefined) {
      if (safe.has(req.method)) return next();
      challenge(res);
      throw tokenNeeded(false);
    }
    const secret = /^Bearer +([\w.~+/-]+=*) *$/i.exec(given)?.[1];
    const found = secret === undefined ? undefined : await find(secret);
    if (!found) {
      challenge(res, 'invalid_token');
      throw tokenNeeded(true);
    }
    setRequestContext(res, { ...found, requestId: requestIdOf(res) });
    res.setHeader('Cache-Control', 'private, no-store');
    next();
  };
}

/** Middleware that is about browsers (cookies, forms): a program with a token passes it by. */
export const browsersOnly =
  (handler: RequestHandler): RequestHandler =>
  (req, res, next) =>
    tokenOf(res) ? next() : handler(req, res, next);
