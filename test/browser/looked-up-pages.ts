import type { Page } from 'playwright-core';
import { vi } from 'vitest';
import { signInAs } from '../support/browser.ts';
import type { DemoInBrowser } from '../support/demo-in-browser.ts';
import { insideTheDemo, sendFiles } from './made-pages.ts';

/** Addresses by the names that opened-pages.ts has for them. */
type Addresses = Record<string, string>;

/** Goes through the demo as several people and makes what isn't there yet. @returns where each page that has an id is */
export async function lookUpPages({ browser, portal: { url }, dataDir }: DemoInBrowser): Promise<Addresses> {
  const page = await browser.newPage();
  const as = async (who: string, path: string): Promise<void> => {
    await page.context().clearCookies();
    await signInAs(page, url, who, path);
  };
  const shown = await byAnyone(page, url);
  const spoken = await hit(page, url, 'Which is more? Comparing fractions with strips and stories');
  await as('admin@state.example', '/curate/search/synonyms');
  const administered = await byAdministrator(page, url);
  const sent = await sendFiles(page, url, shown[':standard'] ?? '');
  const inside = await insideTheDemo(dataDir, {
    person: lastOf(administered[':person']),
    topic: lastOf(administered[':topic change']),
  });
  await as('lead@state.example', '/curate?why=new');
  const checked = await byLead(page, url, spoken);
  await as('teacher@north.example', '/searches');
  const own = await byTeacher(page, url, spoken);
  await as('importer@north.example', '/imports');
  const imported = await byImporter(page);
  await page.close();
  return {
    ...shown,
    ':descriptors': `/admin/levels${shown[':standard']}`,
    ':call form': `/curate${shown[':call']}`,
    ...administered,
    ...sent,
    ...inside,
    ...checked,
    ...own,
    ...imported,
  };
}

/** Where the first of these links leads. */
const link = async (page: Page, selector: string): Promise<string> =>
  (await page.locator(selector).first().getAttribute('href')) ?? '';

const named = async (page: Page, name: string): Promise<string> =>
  (await page.getByRole('link', { name }).first().getAttribute('href')) ?? '';

/** The resource that is called so. */
async function hit(page: Page, url: string, title: string): Promise<string> {
  await page.goto(`${url}/search?q=${encodeURIComponent(title)}`);
  return (await page.locator('.hits h3 a', { hasText: title }).first().getAttribute('href')) ?? '';
}

const lastOf = (path = ''): string => path.split('/').at(-1) ?? '';

/** `/resources/<id>`, whatever follows. */
const resourceOf = (path: string): string => path.replace(/^(\/resources\/[^/]+).*/, '$1');

async function byAnyone(page: Page, url: string): Promise<Addresses> {
  await page.goto(`${url}/search?q=fractions`);
  const resource = await link(page, '.hits h3 a');
  await page.goto(`${url}/standards/DS.MATH.4.NF.2`);
  const standard = new URL(page.url()).pathname;
  await page.goto(`${url}/collections`);
  const collection = await named(page, 'Proportion, from pictures to lines');
  const rule = await named(page, 'Checked fractions for grade 4');
  const revised = await hit(page, url, 'Trace it: be the computer with a pencil');
  await page.goto(url + resource);
  const file = (await link(page, 'main a[href^="/files/"]')).replace(/^(\/files\/[^/]+).*/, '$1');
  // Documents of the demo are read in the background.
  for (const part of ['pages', 'text'])
    await vi.waitUntil(async () => (await page.request.get(`${url}${file}/${part}`)).status() === 200, {
      timeout: 120_000,
      interval: 500,
    });
  await page.goto(`${url}/calls`);
  return {
    ':resource': resource,
    ':report': `${resourceOf(resource)}/flag`,
    ':add': `${resourceOf(resource)}/add`,
    ':adapt': `${resourceOf(resource)}/adapt`,
    ':old version': `${resourceOf(revised)}/versions/1`,
    ':file pages': `${file}/pages`,
    ':file text': `${file}/text`,
    ':standard': standard,
    ':collection': collection,
    ':printed': `${collection.replace(/\/[^/]*$/, '')}/print`,
    ':rule': rule,
    ':call': await link(page, 'main a[href^="/calls/"]'),
  };
}

async function byAdministrator(page: Page, url: string): Promise<Addresses> {
  const found: Addresses = { ':synonym': await link(page, 'main tbody a') };
  const on = async (path: string, selector: string): Promise<string> => {
    await page.goto(url + path);
    return link(page, selector);
  };
  const place = await on('/admin/organizations?q=valley', '.tree b a');
  for (const what of ['rename', 'close', 'publishing', 'merge'])
    found[`:organization ${what}`] = `${place}/${what}`;
  const person = await on('/admin/people?q=nowak', 'main tbody th a');
  const flag = await on('/curate/flags', 'main tbody a');
  await page.goto(url + flag);
  const purge = await page.locator('main a[href*="/curate/purges/"]').getAttribute('href');
  return {
    ...found,
    ':organization': place,
    ':person': person,
    ':person close': `${person}/close`,
    ':person hand-over': `${person}/hand-over`,
    ':transfer': await on(person, 'main a[href*="/admin/transfers/"]'),
    ':framework': await on('/admin/frameworks', 'main tbody th a'),
    ':topic change': await on('/admin/topics', 'main tbody th a'),
    ':tag change': await on('/curate/tags', 'main a[href*="/curate/tags/changes/"]'),
    ':withdrawn': await on('/curate/takedowns', 'main tbody a[href^="/resources/"]'),
    ':staff': await on('/admin/people/import', 'main tbody a'),
    ':registration': await on('/admin/people/registration', 'main tbody a'),
    ':flag': flag,
    ':purge': purge ?? '',
  };
}

async function byLead(page: Page, url: string, spoken: string): Promise<Addresses> {
  const checked = await link(page, '[data-open]');
  await page.goto(url + spoken);
  const remove = await link(page, 'main a[href^="/voices/"][href$="/remove"]');
  await page.goto(`${url}/curate?show=all&why=disputed`);
  const disputed = await link(page, '[data-open]');
  return {
    ':checked': checked,
    ':voice remove': remove,
    ':disputed': disputed,
    ':thread': disputed.replace(/^\/curate\/checks\/([^?]+).*/, '/resources/$1/checks'),
  };
}

/** Keeps a search, and makes a collection with a rule and a draft. */
async function byTeacher(page: Page, url: string, spoken: string): Promise<Addresses> {
  await page.goto(url + spoken);
  const edit = await link(page, 'main a[href^="/voices/"][href$="/edit"]');
  const report = await link(page, 'main a[href^="/voices/"][href$="/flag"]');
  await page.goto(`${url}/search?q=fractions`);
  await page.locator('.keep summary').click();
  await page.locator('.keep button').click();
  await page.goto(`${url}/collections`);
  const own = await named(page, 'Fractions before the winter break');
  await page.goto(`${url}/collections/new?search=q%3Dfractions%26grade%3D4`);
  await page.getByRole('button', { name: 'Make it' }).click();
  await page.waitForURL(/\/collections\/[0-9a-f-]{36}/);
  const rule = /[0-9a-f-]{36}/.exec(page.url())?.[0] ?? '';
  await page.goto(`${url}/resources/new`);
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.waitForURL(/\/edit/);
  const draft = new URL(page.url()).pathname;
  return {
    ':voice edit': edit,
    ':voice report': report,
    ':own collection': `${own.replace(/\/[^/]*$/, '')}/edit`,
    ':own rule': `/collections/${rule}/rule`,
    ':draft': draft,
    ':check': draft.replace(/edit$/, 'check'),
  };
}

/**
 * Brings in a catalog of three rows: one much like a resource of the demo, one with a word that nobody knows, one that
 * can't come in.
 */
async function byImporter(page: Page): Promise<Addresses> {
  const rows =
    'No;Name;Link;Area\n1;Egg-carton fractions;https://kites.example;Science\n2;Winds;https://winds.example;Sciense\n3;;https://x.example;Science\n';
  await page.setInputFiles('#files', { name: 'kites.csv', mimeType: 'text/csv', buffer: Buffer.from(rows) });
  // A catalog of its own: the journeys have left the mapping of theirs.
  await page.fill('#source', 'kites');
  await page.getByRole('button', { name: 'Go on to the columns' }).click();
  await page.waitForURL('**/imports/files/*');
  const columns = new URL(page.url()).pathname;
  await page.getByRole('button', { name: 'Save and do a dry run' }).click();
  await page.getByRole('button', { name: 'Run it' }).waitFor({ timeout: 120_000 });
  const tried = new URL(page.url()).pathname;
  await page.getByRole('button', { name: 'Run it' }).click();
  await page.getByRole('link', { name: 'What would be taken back' }).waitFor({ timeout: 120_000 });
  await page.getByRole('heading', { name: 'Perhaps on the shelf already' }).waitFor();
  const at = new URL(page.url()).pathname;
  return {
    ':columns': columns,
    ':tried': tried,
    ':import': at,
    ':rejected': `${at}/rows/3`,
    ':undo': `${at}/undo`,
    ':new rows': `${at}/rows?outcome=new`,
  };
}
