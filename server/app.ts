import { join } from 'node:path';
import compression from 'compression';
import express, { type Express, type RequestHandler } from 'express';
import { operationRoutes } from './operation/operation-routes.ts';
import { troubles } from './operation/operation-troubles.ts';
import { auditRoutes } from './audit/audit-routes.ts';
import { accountRoutes } from './accounts/account-routes.ts';
import { acceptRoutes } from './accounts/invitations/accept-routes.ts';
import { invitationRoutes } from './accounts/invitations/invitation-routes.ts';
import { registrationRoutes } from './accounts/registration/registration-routes.ts';
import { registrationSettingsRoutes } from './accounts/registration/registration-settings-routes.ts';
import { sessionRoutes } from './accounts/sessions/session-routes.ts';
import { passwordLinkRoutes } from './accounts/password-link-routes.ts';
import { organizationRoutes } from './administration/organization-routes.ts';
import { transferRoutes } from './administration/transfers/transfer-routes.ts';
import { peopleRoutes } from './administration/people/people-routes.ts';
import { personRoutes } from './administration/people/person-routes.ts';
import { createSignIn } from './accounts/sign-in.ts';
import { tokenFinder } from './accounts/token-service.ts';
import { callFormRoutes } from './curation/call-form-routes.ts';
import { callRoutes } from './curation/call-routes.ts';
import { changeRoutes } from './curation/tags/change-routes.ts';
import { tagRoutes } from './curation/tags/tag-routes.ts';
import { coverageRoutes } from './curation/coverage-routes.ts';
import { addRoutes } from './collections/add-routes.ts';
import { collectionsWith } from './collections/collection-queries.ts';
import { collectionRoutes } from './collections/collection-routes.ts';
import { editRoutes } from './collections/edit-routes.ts';
import { zipRoutes } from './collections/zip-routes.ts';
import { ruleRoutes } from './collections/rule-routes.ts';
import type { Deps } from './deps.ts';
import { checkRoutes } from './curation/check-routes.ts';
import { checkSettingsRoutes } from './curation/check-settings-routes.ts';
import { queueRoutes } from './curation/queue-routes.ts';
import { threadRoutes } from './curation/thread-routes.ts';
import { apiRoutes } from './exchange/api-routes.ts';
import { districtFileRoutes } from './exchange/district-file-routes.ts';
import { districtResourceRoutes } from './exchange/district-resource-routes.ts';
import { importApiRoutes } from './exchange/import-api-routes.ts';
import { siteRoutes } from './exchange/site-routes.ts';
import { needRoom } from './files/disk-room.ts';
import { fileRoutes } from './files/file-routes.ts';
import { columnsRoutes } from './imports/browser/columns-routes.ts';
import { importsRoutes } from './imports/browser/imports-routes.ts';
import { rowRoutes } from './imports/browser/row-routes.ts';
import { runRoutes } from './imports/browser/run-routes.ts';
import { undoRoutes } from './imports/browser/undo-routes.ts';
import { staffRoutes } from './imports/staff/staff-routes.ts';
import { numbersRoutes } from './insights/numbers-routes.ts';
import { searchInsightsRoutes } from './insights/search-insights-routes.ts';
import { projectRoot } from './lib/project-root.ts';
import { countNotices, noticeRoutes } from './notices/notice-routes.ts';
import { aboutRoutes } from './pages/about-routes.ts';
import { adminRoutes } from './pages/admin-routes.ts';
import { homeRoutes } from './pages/home-routes.ts';
import { placeRoutes } from './pages/place-routes.ts';
import { frameworkCounts } from './pages/standard-page-queries.ts';
import { standardPageRoutes } from './pages/standard-page-routes.ts';
import { shelfRoutes } from './pages/shelf-routes.ts';
import { filePagesRoutes } from './resources/file-pages-routes.ts';
import { resourceFileAccess } from './resources/resource-file-access.ts';
import { publishRoutes } from './resources/publish-routes.ts';
import { shareRoutes } from './resources/share-routes.ts';
import { shareStartRoutes } from './resources/share-start-routes.ts';
import { curateFlagRoutes } from './curation/flags/flag-routes.ts';
import { takedownRoutes } from './curation/flags/takedown-routes.ts';
import { purgeRoutes } from './curation/purge/purge-routes.ts';
import { flagRoutes } from './resources/flags/flag-routes.ts';
import { voiceRoutes } from './resources/voices/voice-routes.ts';
import { resourceRoutes } from './resources/resource-routes.ts';
import { countOpened } from './search/opened-from-search.ts';
import { savedSearchRoutes } from './search/saved-search-routes.ts';
import { searchReadiness } from './search/search-readiness.ts';
import { searchRoutes } from './search/search-routes.ts';
import { levelWordsRoutes } from './search/level-words/level-words-routes.ts';
import { synonymRoutes } from './search/synonyms/synonym-routes.ts';
import { similarByWords } from './search/similar-queries.ts';
import { standardRoutes } from './standards/standard-routes.ts';
import { frameworkAdminRoutes } from './standards/framework-admin-routes.ts';
import { descriptorRoutes } from './standards/descriptor-routes.ts';
import { rubricRoutes } from './standards/rubric-routes.ts';
import { levelRoutes } from './vocabularies/level-routes.ts';
import { licenseRoutes } from './vocabularies/license-routes.ts';
import { termRoutes } from './vocabularies/term-routes.ts';
import { topicRoutes } from './vocabularies/topic-routes.ts';
import { vocabularyRoutes } from './vocabularies/vocabulary-routes.ts';
import { siteAssetRoutes } from './site/site-asset-routes.ts';
import { siteKeeper } from './site/site-keeper.ts';
import { showSite, siteLookRoutes } from './site/site-routes.ts';
import { apiHeaders } from './web/api-headers.ts';
import { bearerTokens, browsersOnly } from './web/bearer.ts';
import { errorHandler, nothingHere } from './web/error-handler.ts';
import { healthRoutes } from './web/health-routes.ts';
import { identifyRequest, identifyViewer, keptNowhere } from './web/page-context.ts';
import { viewerOf } from './web/request-context.ts';
import { readLimit } from './web/read-limit.ts';
import { requestMetrics, type RequestSeen } from './web/request-metrics.ts';
import { requestLog } from './web/request-log.ts';
import { sameOrigin } from './web/same-origin.ts';
import { securityHeaders } from './web/security-headers.ts';
import { sessionCookieName, sessions, storeBeforeRedirect } from './web/session.ts';

/**
 * The whole portal as an Express application; everything it needs of the world is in `deps`.
 * @param options.onRequest told of every request that was answered
 */
export function createApp(
  deps: Deps,
  { onRequest }: { onRequest?: (seen: RequestSeen) => void } = {},
): Express {
  const { config } = deps;
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', config.trustProxy);
  app.set('query parser', 'simple');

  app.use(identifyRequest(config));
  app.use(requestLog(deps));
  if (onRequest) app.use(requestMetrics(onRequest));
  app.use(securityHeaders(config));
  // Packing harder makes a page a tenth smaller and takes twice as long.
  app.use(compression({ level: 3 }));
  // By folder, so that no other request looks for a file.
  for (const folder of ['css', 'img', 'js'])
    app.use(
      `/${folder}`,
      express.static(join(projectRoot, 'public', folder), {
        index: false,
        redirect: false,
        // An address with a hash of the content never changes what it means; a module that another one imports has none.
        setHeaders: (res) =>
          res.setHeader(
            'Cache-Control',
            /[?&]v=/.test(res.req.url) ? 'public, max-age=31536000, immutable' : 'public, no-cache',
          ),
      }),
    );
  const site = siteKeeper(deps.pool, deps.clock);
  app.use(siteAssetRoutes(deps));
  app.use('/api', apiHeaders);
  app.use(healthRoutes(deps, { search: () => searchReadiness(deps), troubles: () => troubles(deps) }));

  app.use(showSite({ ...deps, site }));

  const signIn = createSignIn(deps);
  app.use('/api/v1', bearerTokens({ find: tokenFinder(deps) }));
  for (const handler of [
    sameOrigin({ baseUrl: config.baseUrl, cookieName: sessionCookieName(config.secure) }),
    sessions({ ...deps, secret: config.sessionSecret, secure: config.secure }),
    storeBeforeRedirect,
    ...signIn.middleware,
    identifyViewer,
    countNotices(deps),
    express.urlencoded({ extended: false, limit: 512 * 1024, parameterLimit: 2000 }),
  ])
    app.use(browsersOnly(handler));
  app.use(readLimit());
  // About people, not about resources.
  app.use(['/account', '/admin'], keptNowhere);

  app.use(
    accountRoutes(deps, signIn),
    passwordLinkRoutes(deps),
    acceptRoutes(deps),
    registrationRoutes(deps),
    sessionRoutes(deps),
  );
  app.use(homeRoutes(deps), placeRoutes(deps), shelfRoutes(deps), noticeRoutes(deps));
  const room = (bytes: number) => needRoom(deps, bytes);
  const fileAccess = resourceFileAccess(deps);
  app.use(filePagesRoutes(deps, fileAccess), fileRoutes(deps, fileAccess));
  app.use(standardPageRoutes(deps), standardRoutes({ ...deps, needRoom: room }));
  app.use(
    vocabularyRoutes(deps),
    topicRoutes(deps),
    termRoutes(deps),
    licenseRoutes(deps),
    levelRoutes(deps),
    descriptorRoutes(deps),
    rubricRoutes({ ...deps, needRoom: room }),
    frameworkAdminRoutes({ ...deps, countResources: frameworkCounts }),
    siteLookRoutes({ ...deps, site, needRoom: room }),
    auditRoutes(deps),
    operationRoutes(deps),
    adminRoutes(deps),
    invitationRoutes(deps),
    registrationSettingsRoutes(deps),
    staffRoutes(deps),
    organizationRoutes(deps),
    transferRoutes(deps),
    peopleRoutes(deps),
    personRoutes(deps),
  );
  app.use(searchInsightsRoutes(deps), numbersRoutes(deps), synonymRoutes(deps), levelWordsRoutes(deps));
  app.use(importsRoutes(deps));
  app.use(queueRoutes(deps), checkRoutes(deps), checkSettingsRoutes(deps), threadRoutes(deps));
  app.use(coverageRoutes(deps), callRoutes(deps), callFormRoutes(deps));
  app.use(tagRoutes(deps), changeRoutes(deps));
  app.use(columnsRoutes(deps), runRoutes(deps), rowRoutes(deps), undoRoutes(deps));
  app.use(
    apiRoutes(deps),
    importApiRoutes(deps),
    districtResourceRoutes(deps),
    districtFileRoutes(deps),
    siteRoutes(deps),
    aboutRoutes({ ...deps, site }),
  );
  app.use(
    ruleRoutes(deps),
    editRoutes(deps),
    addRoutes(deps),
    zipRoutes(deps, fileAccess),
    collectionRoutes(deps),
  );
  // `/resources/:id/:slug` takes whatever the others left, so it comes last.
  app.use(
    countsOpened(deps),
    searchRoutes(deps),
    savedSearchRoutes(deps),
    shareStartRoutes(deps),
    shareRoutes(deps),
    publishRoutes(deps),
    voiceRoutes(deps),
    flagRoutes(deps),
    curateFlagRoutes(deps),
    takedownRoutes(deps),
    purgeRoutes(deps),
    resourceRoutes({
      ...deps,
      findSimilar: (viewer, id, limit) => similarByWords(deps.pool, viewer, id, limit),
      findCollections: (viewer, id) => collectionsWith(deps.pool, viewer, id, 5),
    }),
  );

  app.use(nothingHere);
  app.use(errorHandler(deps));
  return app;
}

/** Before the page of a resource is shown: whether a search led there. */
const countsOpened =
  ({ statistics }: Pick<Deps, 'statistics'>): RequestHandler =>
  (req, res, next) => {
    if (req.method === 'GET')
      countOpened(statistics, {
        path: req.path,
        from: req.get('referer') ?? '',
        host: req.get('host') ?? '',
        districtId: viewerOf(res).districtId,
      });
    next();
  };
