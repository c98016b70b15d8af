import type { Locator, Page } from 'playwright-core';

export interface GuidePicture {
  /** The file's name under docs/img, without `.png`. */
  name: string;
  /** The demo's sign-in; null: the public. */
  who: string | null;
  path: string;
  /** In pixels; 800 unless told. */
  height?: number;
  /** What a person does first. */
  prepare?: (page: Page) => Promise<void>;
}

const TEACHER = 'teacher@north.example';
const IMPORTER = 'importer@north.example';
const CURATOR = 'curator@state.example';
const ADMINISTRATOR = 'admin@state.example';

/** What the guides show, in the order of the guides. */
export const guidePictures: GuidePicture[] = [
  { name: 'home', who: null, path: '/' },
  { name: 'search', who: null, path: '/search?q=3rd+grade+fractions' },
  { name: 'standard', who: null, path: '/standards/DS.MATH.4.NF.2' },
  {
    name: 'resource',
    who: TEACHER,
    path: '/search?q=egg-carton',
    height: 900,
    prepare: (page) => follow(page.locator('.hits h3 a')),
  },
  { name: 'share', who: TEACHER, path: '/resources/new', prepare: openDraft },
  { name: 'shelf', who: TEACHER, path: '/shelf' },
  {
    name: 'collection',
    who: null,
    path: '/collections',
    prepare: (page) => follow(page.getByRole('link', { name: 'Proportion, from pictures to lines' })),
  },
  { name: 'import-columns', who: IMPORTER, path: '/imports', height: 900, prepare: sendCatalog },
  { name: 'import-tried', who: IMPORTER, path: '/imports', height: 900, prepare: tryCatalog },
  { name: 'queue', who: CURATOR, path: '/curate' },
  { name: 'check', who: CURATOR, path: '/curate', height: 900, prepare: startChecking },
  { name: 'coverage', who: CURATOR, path: '/curate/coverage?grade=4' },
  { name: 'tags', who: CURATOR, path: '/curate/tags?what=license' },
  { name: 'numbers', who: CURATOR, path: '/curate/numbers', height: 900 },
  { name: 'reports', who: CURATOR, path: '/curate/flags' },
  { name: 'invite', who: ADMINISTRATOR, path: '/admin/people/invitations' },
  {
    name: 'staff-list',
    who: ADMINISTRATOR,
    path: '/admin/people/import',
    height: 900,
    prepare: (page) => follow(page.locator('main tbody a')),
  },
  { name: 'topics', who: ADMINISTRATOR, path: '/admin/topics' },
  { name: 'levels', who: ADMINISTRATOR, path: '/admin/levels' },
  { name: 'look', who: ADMINISTRATOR, path: '/admin/site' },
  { name: 'organizations', who: ADMINISTRATOR, path: '/admin/organizations' },
  { name: 'people', who: ADMINISTRATOR, path: '/admin/people' },
  { name: 'operation', who: ADMINISTRATOR, path: '/admin/operation', height: 900 },
  { name: 'audit', who: ADMINISTRATOR, path: '/admin/audit' },
];

const CATALOG =
  'Item No.;Name;Link;Area;Grade;Codes\n101;Kites and the wind;https://library.example/kites;Science;3;DS.SCI.3.PS.2\n102;Shadows at noon;https://library.example/shadows;Sciense;2;\n103;;https://library.example/empty;Science;4;\n';

/** Opens the first of these links. */
async function follow(link: Locator): Promise<void> {
  await link.first().click();
  await link.page().waitForLoadState();
}

async function openDraft(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.waitForURL(/\/edit/);
}

async function sendCatalog(page: Page): Promise<void> {
  await page.setInputFiles('#files', {
    name: 'library.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(CATALOG),
  });
  await page.fill('#source', 'library');
  await page.getByRole('button', { name: 'Go on to the columns' }).click();
  await page.waitForURL('**/imports/files/*');
}

async function tryCatalog(page: Page): Promise<void> {
  await sendCatalog(page);
  await page.getByRole('button', { name: 'Save and do a dry run' }).click();
  await page.getByRole('button', { name: 'Run it' }).waitFor({ timeout: 120_000 });
}

async function startChecking(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Start with the first' }).click();
  await page.waitForURL('**/curate/checks/**');
}
