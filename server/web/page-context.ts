import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { Config } from '../config.ts';
import {
  administersPeople,
  hasRole,
  isEducator,
  isImporter,
  isStateStaff,
  publicViewer,
  type Viewer,
} from '../lib/viewer.ts';
import { translator } from '../locale/locale.ts';
import { takeFlash } from './flash.ts';
import { setRequestContext } from './request-context.ts';
import { SESSION_HOURS } from './session.ts';
import type { PageContext } from './views.ts';

/** Gives every request an id before anything can fail; a proxy's own id is taken over where it looks like one. */
export const identifyRequest = (
  config: Pick<Config, 'stateName' | 'baseUrl' | 'demo' | 'smtpUrl'>,
): RequestHandler => {
  const t = translator('en');
  return (req, res, next) => {
    const given = req.get('x-request-id');
    const requestId = given !== undefined && /^[\w-]{8,64}$/.test(given) ? given : randomUUID();
    res.setHeader('X-Request-Id', requestId);
    setRequestContext(res, { viewer: publicViewer, requestId });
    const context: PageContext = {
      language: 'en',
      t,
      stateName: config.stateName,
      contact: null,
      site: { cssUrl: null, logo: null, banner: null, terms: false },
      viewer: null,
      may: { share: false, import: false, curate: false, administer: false, people: false, readLog: false },
      currentPath: req.originalUrl,
      baseUrl: config.baseUrl,
      flash: [],
      requestId,
      session: null,
      demo: config.demo,
      mailsToFolder: config.smtpUrl === undefined,
    };
    res.locals['pageContext'] = context;
    next();
  };
};

/** Adds who is signed in to what `identifyRequest` began; runs behind the session. */
export const identifyViewer: RequestHandler = (req, res, next) => {
  const viewer: Viewer = req.user?.viewer ?? publicViewer;
  const context = res.locals['pageContext'] as PageContext;
  setRequestContext(res, { viewer, requestId: context.requestId });
  if (!isEducator(viewer)) return next();
  context.viewer = {
    id: viewer.id,
    name: viewer.name,
    organization: viewer.organizationName,
    unseen: req.user?.unseen ?? 0,
  };
  context.may = {
    share: true,
    import: isImporter(viewer),
    curate: hasRole(viewer, 'curator', 'lead', 'admin'),
    administer: isStateStaff(viewer, 'admin'),
    people: administersPeople(viewer),
    readLog: hasRole(viewer, 'admin'),
  };
  context.session = sessionEnds(viewer.id, req.session?.signedInAt);
  // Read, and so used up, only by the page that shows them.
  Object.defineProperty(context, 'flash', { get: () => takeFlash(req) });
  // What a person sees is theirs: no shared cache may keep it.
  res.setHeader('Cache-Control', 'private, no-cache');
  next();
};

/** For pages about people and their accounts: not even the reader's own browser keeps them. */
export const keptNowhere: RequestHandler = (_req, res, next) => {
  res.setHeader('Cache-Control', 'private, no-store');
  next();
};

/** How long the session of this request goes on if nothing more is asked for, and at most. */
function sessionEnds(who: string, signedInAt: number | undefined): PageContext['session'] {
  const since = signedInAt === undefined ? 0 : Math.max(0, Date.now() - signedInAt) / 1000;
  const last = Math.max(0, Math.floor(SESSION_HOURS.longest * 3600 - since));
  return { who, idleSeconds: Math.min(last, SESSION_HOURS.idle * 3600), lastSeconds: last };
}
