import type { Browser, BrowserContext, Page } from 'playwright-core';
import { beforeAll, expect, it, vi } from 'vitest';
import { axeViolations, signInAs } from '../support/browser.ts';
import type { DemoInBrowser } from '../support/demo-in-browser.ts';
import type { Portal } from '../support/portal.ts';
import { forcedColorFaults, keyboardFaults, spacingFaults } from './page-faults.ts';

const widths = [1280, 320];

/** Pages by who opens them. Those with a colon are looked up in the demo. */
const pages: Record<string, string[]> = {
  'the public': [
    '/',
    '/search',
    '/search?q=fractions&level=developing',
    '/search?q=nothinglikethis',
    '/standards',
    '/standards/ds-math',
    ':standard',
    ':resource',
    ':old version',
    ':withdrawn',
    ':file pages',
    ':file text',
    ':report',
    '/flags/thanks?hidden',
    '/topics',
    '/topics/fractions',
    '/calls',
    ':call',
    '/districts',
    '/districts/north',
    '/collections',
    ':collection',
    ':rule',
    ':printed',
    '/schools/north-lakes-elementary',
    '/sign-in',
    '/forgot-password',
    '/register',
    '/register/confirm',
    '/invitation',
    '/set-password',
    '/about',
    '/help',
    '/accessibility',
    '/privacy',
    '/terms',
    '/api',
    '/nothing-here',
  ],
  'teacher@north.example': [
    '/calls',
    '/calls?show=over',
    '/collections',
    ':own collection',
    ':own rule',
    ':add',
    '/collections/new',
    '/collections/new?search=q%3Dfractions%26grade%3D4',
    '/shelf',
    '/notices',
    '/searches',
    '/search?q=3rd+grade+worksheet+fracttions',
    '/search?q=nothinglikethis',
    '/resources/new',
    ':draft',
    ':check',
    '/account',
    ':resource',
    ':adapt',
    ':voice edit',
    ':call',
    '/admin',
  ],
  // Also shelves on which nothing stands yet.
  'importer@north.example': [
    '/shelf',
    '/notices',
    '/searches',
    '/imports',
    '/imports/guide',
    ':columns',
    ':tried',
    ':import',
    ':rejected',
    ':undo',
    ':new rows',
  ],
  'lead@state.example': [
    '/curate',
    '/curate?show=all&why=disputed',
    '/curate?why=flagged&grade=PK',
    '/curate/settings',
    ':checked',
    ':disputed',
    ':thread',
    ':voice remove',
  ],
  'admin@state.example': [
    '/admin',
    '/admin/topics',
    ':topic change',
    '/admin/subjects',
    '/admin/types/lesson',
    '/admin/licenses',
    '/admin/licenses/CC-BY-4.0',
    '/admin/levels',
    '/admin/levels/standards?q=fractions',
    ':descriptors',
    '/admin/levels/rubrics',
    '/admin/site',
    '/admin/frameworks',
    ':framework',
    '/admin/standards',
    '/admin/organizations',
    ':organization',
    ':organization rename',
    ':organization close',
    ':organization publishing',
    ':organization merge',
    ':transfer',
    '/admin/people',
    ':person',
    ':person close',
    ':person hand-over',
    '/admin/people/invitations',
    '/admin/people/import',
    '/admin/people/registration',
    ':staff',
    '/admin/audit',
    '/admin/operation',
    '/curate/coverage?grade=4',
    '/curate/tags',
    ':tag change',
    '/curate/calls/new',
    '/curate/search',
    '/curate/numbers',
    '/curate/search/levels',
    '/curate/search/synonyms',
    ':synonym',
    '/curate/flags',
    '/curate/flags?show=decided',
    ':flag',
    '/curate/takedowns',
    '/curate/purges',
    ':purge',
  ],
};

/** Forms that are sent with nothing in them, by who sends them: a page, and the form on it. */
const refused: Record<string, [string, string][]> = {
  'the public': [
    ['/sign-in', 'main form[action="/sign-in"]'],
    ['/forgot-password', 'main form'],
    [':report', 'main form[method=post]'],
  ],
  'teacher@north.example': [
    ['/account', 'form[action="/account/password"]'],
    ['/collections/new', 'main form[method=post][action="/collections"]'],
    ['/account', 'main form[action="/account/tokens"]'],
  ],
  'admin@state.example': [
    ['/curate/calls/new', 'main form[method=post][action="/curate/calls"]'],
    ['/curate/search/synonyms', 'main form[method=post][action="/curate/search/synonyms"]'],
  ],
};

/** Each page by axe, wide and narrow, in the light and in the dark. */
export function describeAccessibility(demo: () => DemoInBrowser): void {
  let portal: Portal;
  let browser: Browser;
  const known: Record<string, string> = {};

  beforeAll(async () => {
    ({ portal, browser } = demo());
    const page = await browser.newPage();
    await page.goto(`${portal.url}/search?q=fractions`);
    known[':resource'] = (await page.locator('.hits h3 a').first().getAttribute('href')) ?? '';
    known[':report'] = `${known[':resource'].replace(/^(\/resources\/[^/]+).*/, '$1')}/flag`;
    await page.goto(`${portal.url}/standards/DS.MATH.4.NF.2`);
    known[':standard'] = new URL(page.url()).pathname;
    await page.goto(`${portal.url}/collections`);
    const collection = async (title: string) =>
      (await page.getByRole('link', { name: title }).first().getAttribute('href')) ?? '';
    known[':collection'] = await collection('Proportion, from pictures to lines');
    known[':rule'] = await collection('Checked fractions for grade 4');
    known[':printed'] = `${known[':collection']!.replace(/\/[^/]*$/, '')}/print`;
    known[':add'] = `${known[':resource']!.replace(/^(\/resources\/[^/]+).*/, '$1')}/add`;
    known[':adapt'] = known[':add'].replace(/add$/, 'adapt');
    const found = async (words: string) => {
      await page.goto(`${portal.url}/search?q=${encodeURIComponent(words)}`);
      return (await page.locator('.hits h3 a', { hasText: words }).first().getAttribute('href')) ?? '';
    };
    const revised = await found('Trace it: be the computer with a pencil');
    known[':old version'] = `${revised.replace(/^(\/resources\/[^/]+).*/, '$1')}/versions/1`;
    await page.goto(portal.url + known[':resource']);
    const file = await page.locator('main a[href^="/files/"]').first().getAttribute('href');
    for (const part of ['pages', 'text']) {
      known[`:file ${part}`] = (file ?? '').replace(/^(\/files\/[^/]+).*/, `$1/${part}`);
      // Documents of the demo are read in the background.
      await vi.waitUntil(
        async () => (await page.request.get(portal.url + known[`:file ${part}`])).status() === 200,
        { timeout: 120_000, interval: 500 },
      );
    }
    await page.goto(`${portal.url}/calls`);
    known[':call'] = (await page.locator('main a[href^="/calls/"]').first().getAttribute('href')) ?? '';
    const spoken = await found('Which is more? Comparing fractions with strips and stories');
    await signInAs(page, portal.url, 'admin@state.example', '/curate/search/synonyms');
    known[':synonym'] = (await page.locator('main tbody a').first().getAttribute('href')) ?? '';
    await page.goto(`${portal.url}/admin/topics`);
    await page.goto(`${portal.url}/admin/frameworks`);
    known[':framework'] = (await page.locator('main tbody th a').first().getAttribute('href')) ?? '';
    await page.goto(`${portal.url}/admin/topics`);
    known[':descriptors'] = `/admin/levels${known[':standard']}`;
    known[':topic change'] = (await page.locator('main tbody th a').first().getAttribute('href')) ?? '';
    await page.goto(`${portal.url}/admin/organizations?q=valley`);
    const place = (await page.locator('.tree b a').first().getAttribute('href')) ?? '';
    await page.goto(`${portal.url}/admin/people?q=nowak`);
    const person = (await page.locator('main tbody th a').first().getAttribute('href')) ?? '';
    await page.goto(portal.url + person);
    Object.assign(known, {
      ':organization': place,
      ...Object.fromEntries(
        ['rename', 'close', 'publishing', 'merge'].map((what) => [
          `:organization ${what}`,
          `${place}/${what}`,
        ]),
      ),
      ':person': person,
      ':person close': `${person}/close`,
      ':person hand-over': `${person}/hand-over`,
      ':transfer':
        (await page.locator('main a[href*="/admin/transfers/"]').first().getAttribute('href')) ?? '',
    });
    await page.goto(`${portal.url}/curate/tags`);
    known[':tag change'] =
      (await page.locator('main a[href*="/curate/tags/changes/"]').first().getAttribute('href')) ?? '';
    await page.goto(`${portal.url}/curate/takedowns`);
    known[':withdrawn'] =
      (await page.locator('main tbody a[href^="/resources/"]').first().getAttribute('href')) ?? '';
    await page.goto(`${portal.url}/admin/people/import`);
    known[':staff'] = (await page.locator('main tbody a').first().getAttribute('href')) ?? '';
    await page.goto(`${portal.url}/curate/flags`);
    known[':flag'] = (await page.locator('main tbody a').first().getAttribute('href')) ?? '';
    await page.goto(portal.url + known[':flag']);
    known[':purge'] = (await page.locator('main a[href*="/curate/purges/"]').getAttribute('href')) ?? '';
    await page.context().clearCookies();
    await signInAs(page, portal.url, 'lead@state.example', '/curate?why=new');
    known[':checked'] = (await page.locator('[data-open]').first().getAttribute('href')) ?? '';
    await page.goto(portal.url + spoken);
    known[':voice remove'] =
      (await page.locator('main a[href^="/voices/"][href$="/remove"]').first().getAttribute('href')) ?? '';
    await page.goto(`${portal.url}/curate?show=all&why=disputed`);
    known[':disputed'] = (await page.locator('[data-open]').first().getAttribute('href')) ?? '';
    known[':thread'] = known[':disputed'].replace(/^\/curate\/checks\/([^?]+).*/, '/resources/$1/checks');
    await page.context().clearCookies();
    await signInAs(page, portal.url, 'teacher@north.example', '/searches');
    await page.goto(portal.url + spoken);
    known[':voice edit'] =
      (await page.locator('main a[href^="/voices/"][href$="/edit"]').first().getAttribute('href')) ?? '';
    await page.goto(`${portal.url}/search?q=fractions`);
    await page.locator('.keep summary').click();
    await page.locator('.keep button').click();
    await page.goto(`${portal.url}/collections`);
    const own = await collection('Fractions before the winter break');
    known[':own collection'] = `${own.replace(/\/[^/]*$/, '')}/edit`;
    await page.goto(`${portal.url}/collections/new?search=q%3Dfractions%26grade%3D4`);
    await page.getByRole('button', { name: 'Make it' }).click();
    await page.waitForURL(/\/collections\/[0-9a-f-]{36}/);
    known[':own rule'] = `/collections/${/[0-9a-f-]{36}/.exec(page.url())?.[0] ?? ''}/rule`;
    await page.goto(`${portal.url}/resources/new`);
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.waitForURL(/\/edit/);
    known[':draft'] = new URL(page.url()).pathname;
    known[':check'] = known[':draft'].replace(/edit$/, 'check');
    await page.context().clearCookies();
    await furnishImports(page);
    await page.close();
  }, 300_000);

  /**
   * A catalog of three rows in the browser: one much like a resource of the demo, one with a word that nobody knows, one
   * that can't come in.
   */
  async function furnishImports(page: Page): Promise<void> {
    await signInAs(page, portal.url, 'importer@north.example', '/imports');
    const rows =
      'No;Name;Link;Area\n1;Egg-carton fractions;https://kites.example;Science\n2;Winds;https://winds.example;Sciense\n3;;https://x.example;Science\n';
    await page.setInputFiles('#files', {
      name: 'kites.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(rows),
    });
    // A catalog of its own: the journeys have left the mapping of theirs.
    await page.fill('#source', 'kites');
    await page.getByRole('button', { name: 'Go on to the columns' }).click();
    await page.waitForURL('**/imports/files/*');
    known[':columns'] = new URL(page.url()).pathname;
    await page.getByRole('button', { name: 'Save and do a dry run' }).click();
    await page.getByRole('button', { name: 'Run it' }).waitFor({ timeout: 120_000 });
    known[':tried'] = new URL(page.url()).pathname;
    await page.getByRole('button', { name: 'Run it' }).click();
    await page.getByRole('link', { name: 'What would be taken back' }).waitFor({ timeout: 120_000 });
    await page.getByRole('heading', { name: 'Perhaps on the shelf already' }).waitFor();
    const at = new URL(page.url()).pathname;
    Object.assign(known, {
      ':import': at,
      ':rejected': `${at}/rows/3`,
      ':undo': `${at}/undo`,
      ':new rows': `${at}/rows?outcome=new`,
    });
  }

  async function open(who: string, width: number): Promise<BrowserContext> {
    const context = await browser.newContext({ viewport: { width, height: 900 }, reducedMotion: 'reduce' });
    if (who.includes('@')) await signInAs(await context.newPage(), portal.url, who);
    return context;
  }

  /** A page as it stands in the browser, wide at first. */
  async function examine(page: Page, name: string, found: string[]): Promise<void> {
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 });
      if (await scrollsSideways(page)) found.push(`${name}: scrolls sideways at ${width} px`);
      for (const { id, where } of await axeViolations(page))
        found.push(`${name}: ${id} at ${where.join('; ')}, ${width} px`);
    }
    // As at 400 % of a small screen: narrow and low.
    await page.setViewportSize({ width: 320, height: 400 });
    for (const fault of await spacingFaults(page)) found.push(`${name}: with more space it ${fault}`);
    for (const fault of await keyboardFaults(page)) found.push(`${name}: ${fault}`);
    await page.emulateMedia({ forcedColors: 'active' });
    for (const fault of await forcedColorFaults(page)) found.push(`${name}: ${fault}`);
    await page.emulateMedia({ forcedColors: 'none' });
    await page.setViewportSize({ width: 320, height: 900 });
    // The dark changes colors and nothing else.
    await page.emulateMedia({ colorScheme: 'dark' });
    for (const { id, where } of await axeViolations(page, 'contrast'))
      found.push(`${name}: ${id} at ${where.join('; ')}, in the dark`);
  }

  /** Sends a form as somebody does who has filled in nothing. @returns the status of the answer */
  async function sendEmpty(page: Page, form: string): Promise<number> {
    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.request().method() === 'POST'),
      page.waitForEvent('load'),
      page
        .locator(form)
        .first()
        .evaluate((element: HTMLFormElement) => {
          element.noValidate = true;
          element.requestSubmit();
        }),
    ]);
    return answer.status();
  }

  it('what it would find in a bad page, it finds', async () => {
    const context = await open('the public', 320);
    const page = await context.newPage();
    await page.goto(`${portal.url}/about`);
    await page.evaluate(() => {
      const add = (
        tag: string,
        text: string,
        set: Record<string, string>,
        attributes: Record<string, string> = {},
      ) => {
        const element = document.createElement(tag);
        element.textContent = text;
        for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
        for (const [name, value] of Object.entries(set)) element.style.setProperty(name, value, 'important');
        document.querySelector('main')!.prepend(element);
        return element;
      };
      add('a', 'Not reached', {}, { href: '#a', tabindex: '-1' });
      add('a', 'First of all', {}, { href: '#b', tabindex: '3' });
      const still = {
        outline: 'none',
        'box-shadow': 'none',
        border: '0',
        background: 'none',
        'text-decoration': 'none',
      };
      add('button', 'Shows nothing', still);
      const held = add('div', '', { position: 'relative' });
      held.append(
        add('a', 'Covered', {}, { href: '#c' }),
        add('div', '', { position: 'absolute', inset: '0' }),
      );
      const tight = add('div', 'Just enough room', {
        display: 'inline-block',
        overflow: 'hidden',
        'white-space': 'nowrap',
      });
      tight.style.width = `${tight.clientWidth + 1}px`;
      tight.animate([{ opacity: 0 }, { opacity: 1 }], { duration: 1000, iterations: Infinity });
    });
    const wide = await spacingFaults(page);
    expect(wide.join('\n')).toContain('Just enough room');
    const keys = (await keyboardFaults(page)).join('\n');
    for (const fault of [
      /is not reached by keyboard.*Not reached/,
      /jumps the order.*First of all/,
      /does not show the focus.*Shows nothing/,
      /is covered by.*Covered/,
      /something moves/,
    ])
      expect(keys).toMatch(fault);
    await page.emulateMedia({ forcedColors: 'active' });
    expect((await forcedColorFaults(page)).join('\n')).toContain('Shows nothing');
    await context.close();
  });

  it.each([
    ['the public', ['/search?q=fractions']],
    ['teacher@north.example', [':draft', ':own collection']],
    ['lead@state.example', [':checked']],
  ])('with scripts, %s walks through with the Tab key and leaves at the end', async (who, names) => {
    const context = await open(who, widths[0]!);
    const page = await context.newPage();
    for (const name of names) {
      await page.goto(portal.url + (known[name] ?? name));
      const seen: string[] = [];
      for (let steps = 0; steps < 400; steps += 1) {
        await page.keyboard.press('Tab');
        const at = await page.evaluate(() => {
          const all = [...document.querySelectorAll('*')];
          return document.activeElement === document.body
            ? 'out'
            : String(all.indexOf(document.activeElement!));
        });
        if (at === 'out' || seen.includes(at)) {
          seen.push(at);
          break;
        }
        seen.push(at);
      }
      // Round to the beginning, and not before everything had its turn.
      expect(seen.length, name).toBeGreaterThan(15);
      expect(['out', seen[0]], `${name}: caught after ${seen.length}`).toContain(seen.at(-1));
    }
    await context.close();
  });

  it.each(Object.keys(pages))(
    'that %s opens has no violation of WCAG 2.2 AA and does not scroll sideways, wide and narrow, in the light and in the dark',
    async (who) => {
      const context = await open(who, widths[0]!);
      const page = await context.newPage();
      const found: string[] = [];
      for (const name of pages[who] ?? []) {
        await page.emulateMedia({ colorScheme: 'light' });
        await page.setViewportSize({ width: widths[0]!, height: 900 });
        const answer = await page.goto(portal.url + (known[name] ?? name));
        // A page that was looked up is that page, and not what says that there is none.
        if (name.startsWith(':') && ![200, 410].includes(answer?.status() ?? 0))
          found.push(`${name}: was answered ${answer?.status()}`);
        await examine(page, name, found);
      }
      for (const [name, form] of refused[who] ?? []) {
        await page.emulateMedia({ colorScheme: 'light' });
        await page.setViewportSize({ width: widths[0]!, height: 900 });
        await page.goto(portal.url + (known[name] ?? name));
        const status = await sendEmpty(page, form);
        if (status !== 422) found.push(`${name}: an empty form was answered ${status}`);
        await examine(page, `${name}, refused`, found);
      }
      await context.close();
      expect(found).toEqual([]);
    },
    300_000,
  );

  const scrollsSideways = (page: Page) =>
    page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
}
