import type { RequestHandler } from 'express';
import { PortalError } from '../errors.ts';

const safe = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Cross-site request forgery without tokens: a request that changes something must come from our own pages.
 * `Sec-Fetch-Site` decides where the browser sends it, else `Origin`, else `Referer`, compared with the host of
 * the request or `baseUrl`. With none of them, only a request without our cookie passes (a script with a bearer
 * token). Runs before any body is read.
 */
export function sameOrigin({ baseUrl, cookieName }: { baseUrl: string; cookieName: string }): RequestHandler {
  const ownHost = new URL(baseUrl).host;
  return (req, _res, next) => {
    if (safe.has(req.method)) return next();
    const site = req.get('sec-fetch-site');
    if (site !== undefined) return next(site === 'same-origin' || site === 'none' ? undefined : refused());
    const from = req.get('origin') ?? req.get('referer');
    if (from === undefined || from === 'null') {
      const hasCookie = (req.get('cookie') ?? '').includes(`${cookieName}=`);
      return next(hasCookie || from === 'null' ? refused() : undefined);
    }
    const host = URL.canParse(from) ? new URL(from).host : '';
    next(host === ownHost || host === req.get('host') ? undefined : refused());
  };
}

const refused = () => new PortalError(403, 'cross_origin', 'error.crossOrigin');
