import type { Request, RequestHandler } from 'express';

/** One request that was answered. `route` is a pattern such as `/resources/:id`, never an address that somebody asked for. */
export interface RequestSeen {
  method: string;
  route: string;
  status: number;
  seconds: number;
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Tells of every request when it is answered, or given up. */
export function requestMetrics(tell: (seen: RequestSeen) => void): RequestHandler {
  return (req, res, next) => {
    const started = performance.now();
    res.once('close', () => {
      tell({
        method: METHODS.has(req.method) ? req.method : 'other',
        route: routeOf(req),
        status: res.writableFinished ? res.statusCode : 499,
        seconds: (performance.now() - started) / 1000,
      });
    });
    next();
  };
}

/** What no route took has none: anybody may ask for anything. */
function routeOf(req: Request): string {
  const { route, baseUrl } = req as Request & { route?: { path?: unknown } };
  if (typeof route?.path === 'string') return route.path;
  return /^\/(css|img|js)$/.test(baseUrl) ? `${baseUrl}/*` : 'none';
}
