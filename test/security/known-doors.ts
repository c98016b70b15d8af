/** Routes that show resources, by the test that opens them as everyone. A new one belongs into one of these tests. */
export const shelfDoors = [
  '/',
  '/account',
  '/api/v1/collections/:id',
  '/api/v1/resources',
  '/api/v1/resources/:id',
  '/api/v1/standards/:guid',
  '/api/v1/suggest',
  '/collections/:id/files.zip',
  '/collections/:id{/:slug}',
  '/curate/checks/:id',
  '/districts',
  '/districts/:slug',
  '/files/:id/:name',
  '/files/:id/pages',
  '/files/:id/pages/:page.webp',
  '/files/:id/text',
  '/resources/:id/adapt',
  '/resources/:id/check',
  '/resources/:id/checks',
  '/resources/:id/edit',
  '/resources/:id/files.zip',
  '/resources/:id/versions/:number',
  '/resources/:id{/:slug}',
  '/resources/new',
  '/schools/:slug',
  '/search',
  '/shelf',
  '/standards',
  '/standards/:guid',
  '/topics',
  '/topics/:slug',
];

/** Opened in import-doors.test.ts and programs.test.ts. */
export const importDoors = [
  /^\/imports\/(?!guide|template)/,
  /^\/api\/v1\/imports/,
  /^\/api\/v1\/districts\//,
];

/** Pages of the state's administrator about words, levels, standards and looks: nobody's people and no resource. */
export const officesAlone = [
  '/admin/frameworks/:guid',
  '/admin/levels',
  '/admin/levels/rubrics',
  '/admin/levels/rubrics/:id',
  '/admin/levels/standards',
  '/admin/levels/standards/:guid',
  '/admin/licenses',
  '/admin/licenses/new',
  '/admin/settings',
  '/admin/settings/:slug',
  '/admin/site',
  '/admin/standards',
  '/admin/standards/uploads/:id',
  '/admin/standards/uploads/:id/standards.csv',
  '/admin/subjects',
  '/admin/subjects/:slug',
];

/** About people, settings, words and the portal itself: no resource is shown there. */
export const doorsWithoutResources = [
  // What of these shows people or resources is opened in office-doors.test.ts.
  /^\/admin\b/,
  /^\/account\//,
  /^\/(?:healthz|readyz|metrics|robots\.txt|favicon\.ico|\.well-known\/.*)$/,
  /^\/(?:sign-in|forgot-password|set-password|register|register\/confirm|invitation|about|terms|help|accessibility|privacy|api\/docs)$/,
  /^\/(?:notices|searches)\/off$/,
  /^\/imports\/(?:guide|template\.csv)$/,
  /^\/curate\/(?:settings|calls\/new|search\/levels|search\/synonyms.*)$/,
  /^\/sitemaps\/standards\//,
  /^\/(?:site|css)\//,
];
