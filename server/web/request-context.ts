import type { Request, Response } from 'express';
import type { Origin } from '../lib/origin.ts';
import { notFound } from '../errors.ts';
import { isEducator, publicViewer, type Viewer } from '../lib/viewer.ts';

/** Parts of what a person may do that a token can be given. */
export type TokenScope = 'read' | 'import';

/** The token that a program showed. */
export type RequestToken = { id: string; scopes: readonly TokenScope[] };

/** What middleware found out about a request, for the route to hand on explicitly. */
type RequestContext = { viewer: Viewer; requestId: string; token?: RequestToken };

const contexts = new WeakMap<Response, RequestContext>();

/** Keeps what is known of the request; called once, by the middleware that identifies it. */
export const setRequestContext = (res: Response, context: RequestContext): void =>
  void contexts.set(res, context);

/** Who sent the request; the public before sign-in was looked at. */
export const viewerOf = (res: Response): Viewer => contexts.get(res)?.viewer ?? publicViewer;

/** The token that a program showed; undefined for a browser. */
export const tokenOf = (res: Response): RequestToken | undefined => contexts.get(res)?.token;

/** The viewer of a route that is for `signedIn` only: an educator. @throws 404 for the public */
export function educatorOf(res: Response): Viewer & { id: string; organizationId: string } {
  const viewer = viewerOf(res);
  if (!isEducator(viewer)) throw notFound();
  return viewer;
}

/** The id under which the log has this request; also in `X-Request-Id` and on the error page. */
export const requestIdOf = (res: Response): string => contexts.get(res)?.requestId ?? '';

/** For the audit row of a change made by this request. */
export const originOf = (req: Request, res: Response): Origin => ({
  requestId: requestIdOf(res) || null,
  ip: req.ip ?? null,
});
