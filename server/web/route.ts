import { Router, type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import { hasRole, isEducator, isImporter, isStateStaff, type Role, type Viewer } from '../lib/viewer.ts';
import { forbidden, PortalError, signInFirst, tokenNeeded } from '../errors.ts';
import { challenge } from './bearer.ts';
import { tokenOf, viewerOf, type TokenScope } from './request-context.ts';

/**
 * Who may use a route. Rules about one record are the service's and its policy's; this is the door. `scope`: only a
 * program whose token has it; elsewhere a token needs `read`.
 */
export type Access = { name: string; allows: (viewer: Viewer) => boolean; scope?: TokenScope };

/** Open to everybody; what they see is decided by the visibility rule. */
export const anyone: Access = { name: 'anyone', allows: () => true };
/** Only people with an account. */
export const signedIn: Access = { name: 'signed in', allows: isEducator };
/** Only people who hold one of the roles at the state. */
export const stateStaff = (...roles: Role[]): Access => ({
  name: `state ${roles.join(' or ')}`,
  allows: (viewer) => isStateStaff(viewer, ...roles),
});

/** Only people who hold one of the roles at the state, a district or a school. */
export const staff = (...roles: Role[]): Access => ({
  name: `staff ${roles.join(' or ')}`,
  allows: (viewer) => hasRole(viewer, ...roles),
});

/** Only programs that bring in catalogs, with a token of that scope; which district's is a matter of the policy. */
export const importPrograms: Access = {
  name: 'programs of importers',
  allows: isImporter,
  scope: 'import',
};

type Handler = (req: Request, res: Response, next: NextFunction) => unknown;
type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

const accessOf = new WeakMap<RequestHandler, Access>();

/** The access that a route's first handler enforces, or undefined for a route that doesn't state any. */
export const statedAccess = (handler: RequestHandler): Access | undefined => accessOf.get(handler);

/**
 * A router whose every route states who may use it: `routes.get('/path', anyone, handler)`. Middleware between
 * access and handler (an upload) runs only for those who may. A test walks all routes of the application and
 * fails one that was added in another way.
 */
export type Routes = Record<Method, (path: string, access: Access, ...handlers: Handler[]) => void> & {
  router: Router;
};

/** An empty set of routes; mount `.router`. */
export function createRoutes(): Routes {
  const router = Router();
  const add =
    (method: Method) =>
    (path: string, access: Access, ...handlers: Handler[]): void => {
      const gate: RequestHandler = (_req, res, next) => {
        const viewer = viewerOf(res);
        const token = tokenOf(res);
        if (access.scope !== undefined && !token) {
          challenge(res);
          return next(tokenNeeded(false));
        }
        const scope = access.scope ?? 'read';
        if (token && !token.scopes.includes(scope)) {
          challenge(res, 'insufficient_scope');
          return next(new PortalError(403, 'insufficient_scope', 'error.tokenScope', { params: { scope } }));
        }
        if (access.allows(viewer)) return next();
        next(isEducator(viewer) ? forbidden() : signInFirst());
      };
      accessOf.set(gate, access);
      router[method](path, gate, ...(handlers as RequestHandler[]));
    };
  return {
    router,
    get: add('get'),
    post: add('post'),
    put: add('put'),
    patch: add('patch'),
    delete: add('delete'),
  };
}
