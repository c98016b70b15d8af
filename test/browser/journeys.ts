import { createHash } from 'node:crypto';
import { readFile, writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import PDFDocument from 'pdfkit';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { signInAs } from '../support/browser.ts';
import type { DemoInBrowser } from '../support/demo-in-browser.ts';
import type { Portal } from '../support/portal.ts';

/** What people do from beginning to end. */
export function describeJourneys(demo: () => DemoInBrowser): void {
  let portal: Portal;
  let browser: Browser;
  let folder: string;
  const contexts: BrowserContext[] = [];

  beforeAll(async () => {
    ({ portal, browser } = demo());
    folder = await mkdtemp(join(tmpdir(), 'commonshelf-journey-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function open(options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    contexts.push(context);
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    return page;
  }

  /** A worksheet as a teacher would have it on her computer. */
  async function worksheet(name: string, title: string, words: string): Promise<string> {
    const path = join(folder, name);
    const pdf = new PDFDocument({ info: { Title: title } });
    const chunks: Buffer[] = [];
    pdf.on('data', (chunk: Buffer) => chunks.push(chunk));
    const done = new Promise((resolve) => pdf.on('end', resolve));
    pdf.fontSize(20).text(title).fontSize(12).text(words).addPage().text('Answers on the back.');
    pdf.end();
    await done;
    await writeFile(path, Buffer.concat(chunks));
    return path;
  }

  const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
  const heading = (page: Page) => page.locator('main h1').innerText();

  /** Looks until the indexer has it: within a second or two. */
  async function findsIt(page: Page, address: string, title: string, within = 10_000): Promise<void> {
    await expect
      .poll(
        async () => {
          await page.goto(portal.url + address);
          return page.locator('main .hits').getByRole('link', { name: title }).count();
        },
        { timeout: within, interval: 300 },
      )
      .toBeGreaterThan(0);
  }

  it.each([
    { how: 'with scripts', javaScriptEnabled: true },
    { how: 'without scripts', javaScriptEnabled: false },
  ])(
    'a teacher shares a lesson and a teacher of another district finds, takes and adapts it, $how',
    async ({ javaScriptEnabled }) => {
      const title = javaScriptEnabled ? 'Lanterns and slopes' : 'Kettles and slopes';
      const rare = javaScriptEnabled ? 'zephyrquill' : 'ottervane';
      const path = await worksheet('slopes.pdf', title, `Draw the line that the ${rare} makes as it rises.`);

      const teacher = await open({ javaScriptEnabled });
      await signInAs(teacher, portal.url, 'teacher@north.example', '/resources/new');
      await teacher.setInputFiles('#files', path);
      if (await teacher.getByRole('button', { name: 'Go on' }).isVisible())
        await teacher.getByRole('button', { name: 'Go on' }).click();
      await teacher.waitForURL(/\/resources\/[0-9a-f-]+\/edit/);
      await teacher.getByText('slopes.pdf').first().waitFor();
      expect(await teacher.inputValue('[name=title]')).toBe(title);
      await teacher.fill('[name=summary]', 'Students read a rate of change from a picture.');
      await teacher.selectOption('[name=type]', 'lesson');
      await teacher.check('[name=subject][value=mathematics]');
      await teacher.check('[name=grade][value="8"]');
      await teacher.fill('[name=find]', '8 f 2');
      await teacher.getByRole('button', { name: 'Find' }).click();
      await teacher.locator('button[value^="add:"]').first().click();
      await teacher.selectOption('select[name=level]', 'proficient');
      await teacher.check('[name=license][value="CC-BY-4.0"]');
      await teacher.check('[name=visibility][value=public]');
      await teacher.getByRole('button', { name: 'Check and publish' }).click();
      await teacher.waitForURL(/\/check$/);
      await teacher.getByRole('button', { name: 'Publish' }).click();
      await teacher.waitForURL(/\/resources\/[0-9a-f-]+/);
      await expect.poll(() => heading(teacher)).toBe(title);

      const colleague = await open({ javaScriptEnabled });
      await signInAs(colleague, portal.url, 'teacher@south.example', '/shelf');
      await findsIt(colleague, `/search?q=${encodeURIComponent(title)}`, title);
      await findsIt(colleague, '/search?standard=DS.MATH.8.F.2&level=proficient', title);
      await findsIt(colleague, '/search?q=math.8.f.2&subject=mathematics&grade=8&sort=newest', title);
      // The words inside the document are found as soon as it was read.
      await findsIt(colleague, `/search?q=${rare}`, title, 90_000);
      await colleague.locator('main .hits').getByRole('link', { name: title }).first().click();
      await colleague.waitForURL(/\/resources\//);

      const [download] = await Promise.all([
        colleague.waitForEvent('download'),
        colleague
          .locator('main .side')
          .getByRole('link', { name: /^Download/ })
          .click(),
      ]);
      expect(sha256(await readFile(await download.path()))).toBe(sha256(await readFile(path)));

      await colleague.getByRole('link', { name: 'Adapt a copy' }).click();
      await colleague.getByRole('button', { name: 'Start my copy' }).click();
      await colleague.waitForURL(/\/edit/);
      await colleague.fill('[name=title]', `${title}, adapted`);
      await colleague.getByRole('button', { name: 'Check and publish' }).click();
      await colleague.waitForURL(/\/check$/);
      await colleague.getByRole('button', { name: 'Publish' }).click();
      await expect.poll(() => heading(colleague)).toBe(`${title}, adapted`);
      expect(await colleague.locator('main .lineage').innerText()).toContain(title);
      await colleague.locator('main .lineage').getByRole('link', { name: title, exact: true }).click();
      await expect.poll(() => heading(colleague)).toBe(title);
      expect(await colleague.locator('main .lineage').innerText()).toContain('adapted');
    },
    240_000,
  );

  it('a draft keeps its files in the order in which they were chosen, saves itself, and two tabs lose no text', async () => {
    const page = await open();
    await signInAs(page, portal.url, 'teacher@north.example', '/resources/new');
    // The first is by far the largest, so it would be the last to arrive.
    const note = (name: string, bytes: number) => ({
      name,
      mimeType: 'text/plain',
      buffer: Buffer.from(`${name}\n${'Ring the bell. '.repeat(bytes / 15)}`),
    });
    const names = ['bells-of-the-day.txt', 'second.txt', 'third.txt'];
    await page.setInputFiles('#files', [note(names[0]!, 6e6), note(names[1]!, 60), note(names[2]!, 60)]);
    await page.waitForURL(/\/edit/);
    const address = page.url();
    expect(await page.locator('[data-uploads] li b').allInnerTexts()).toEqual(names);
    expect(await page.inputValue('[name=title]')).toMatch(/bells/i);
    await page.fill('[name=title]', 'Typed before the bell');
    await expect
      .poll(
        async () => {
          const other = await page.context().newPage();
          await other.goto(address);
          const title = await other.inputValue('[name=title]');
          await other.close();
          return title;
        },
        { timeout: 15_000 },
      )
      .toBe('Typed before the bell');

    const second = await page.context().newPage();
    await second.goto(address);
    await second.fill('[name=summary]', 'From the second tab');
    await Promise.all([
      second.waitForResponse((response) => response.request().method() === 'POST'),
      second.getByRole('button', { name: 'Save the draft' }).click(),
    ]);
    await page.fill('[name=summary]', 'From the first tab');
    await page.getByRole('button', { name: 'Save the draft' }).click();
    await page.getByRole('heading', { name: 'This draft was changed in two places' }).waitFor();
    const conflict = await page.locator('main').innerText();
    expect(conflict).toContain('From the first tab');
    expect(conflict).toContain('From the second tab');
    await page.locator('main button[value=save]').click();
    await page.waitForURL(/\/edit/);
    expect(await page.inputValue('[name=summary]')).toBe('From the first tab');
  }, 90_000);

  it.each([
    { by: 'itself', press: async () => {} },
    {
      by: 'its button',
      press: (page: Page) => page.getByRole('button', { name: 'Save the draft' }).click(),
    },
  ])(
    'a draft whose session has ended keeps what was typed until its owner is signed in again, saved by $by',
    async ({ press }) => {
      const page = await open();
      await signInAs(page, portal.url, 'teacher@north.example', '/resources/new');
      await page.getByRole('button', { name: 'Go on' }).click();
      await page.waitForURL(/\/edit/);
      await page.context().clearCookies();
      await page.fill('[name=title]', 'Typed after the session ended');
      await press(page);
      await page
        .getByText(/You were signed out|Sign in first/)
        .first()
        .waitFor();
      await page.locator('main').getByRole('link', { name: 'Sign in' }).first().click();
      await page.fill('[name=email]', 'teacher@north.example');
      await page.fill('[name=password]', 'commonshelf-demo');
      await page.locator('main').getByRole('button', { name: 'Sign in' }).click();
      await page.waitForURL(/\/edit/);
      await expect.poll(() => page.inputValue('[name=title]')).toBe('Typed after the session ended');
      await page.getByText('Draft saved at').waitFor();
      await page.reload();
      expect(await page.inputValue('[name=title]')).toBe('Typed after the session ended');
    },
    90_000,
  );

  it('what was typed into a form whose session had ended is put back after signing in, for the same person alone', async () => {
    const page = await open();
    const here = '/admin/people/invitations';
    const write = async () => {
      await page.goto(portal.url + here);
      await page.fill('#emails', 'somebody@north.example, somebody.else@north.example');
      await page.check('input[name=role][value=curator]');
      // As if eight hours had gone by.
      await page.context().clearCookies();
      await page.click('main form.stack button');
      await page.waitForSelector('[data-keeps-typed]');
    };
    await signInAs(page, portal.url, 'admin@north.example', here);
    await write();
    await signInAs(page, portal.url, 'admin@north.example', here);
    await page.waitForSelector('.note[role=status]:not(:empty)');
    expect(await page.inputValue('#emails')).toContain('somebody.else@north.example');
    expect(await page.isChecked('input[name=role][value=curator]')).toBe(true);
    await write();
    await signInAs(page, portal.url, 'admin@state.example', here);
    expect(await page.inputValue('#emails')).toBe('');
  }, 60_000);

  it('what was typed into a form that was refused is put back when the form is open again', async () => {
    const page = await open();
    const here = '/admin/people/invitations';
    await signInAs(page, portal.url, 'admin@north.example', here);
    // The page of an error, as it is for a form that meets a full disk or a limit.
    const html = await (await page.request.get(`${portal.url}/no/such/page`)).text();
    await page.route(`${portal.url}${here}`, (route) =>
      route.request().method() === 'POST'
        ? route.fulfill({
            status: 507,
            contentType: 'text/html',
            body: html.replace('error-page">', 'error-page" data-keeps-typed><p data-kept hidden>Kept</p>'),
          })
        : route.fallback(),
    );
    await page.goto(portal.url + here);
    await page.fill('#emails', 'somebody@north.example');
    await page.click('main form.stack button');
    await page.getByText('Kept', { exact: true }).waitFor();
    await page.goto(portal.url + here);
    await page.waitForSelector('.note[role=status]:not(:empty)');
    expect(await page.inputValue('#emails')).toBe('somebody@north.example');
  }, 60_000);

  it('the whole way by keyboard: search, filter, open, save', async () => {
    const page = await open();
    await signInAs(page, portal.url, 'teacher@south.example', '/');
    const press = async (key: string, until: () => Promise<boolean>, most = 120) => {
      for (let count = 0; count < most; count += 1) {
        await page.keyboard.press(key);
        if (await until()) return;
      }
      throw new Error(`the focus never got there with ${key}`);
    };
    const focused = (test: string) =>
      page.evaluate((selector) => document.activeElement?.matches(selector) ?? false, test);
    await press('Tab', () => focused('a.skip'), 3);
    await page.keyboard.press('Enter');
    await press('Tab', () => focused('main input[name=q]'));
    await page.keyboard.type('fractions');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/search\?.*q=fractions/);
    await press('Tab', () => focused('input[name=level]'));
    await page.keyboard.press('Space');
    await page.keyboard.press('Enter');
    await page.waitForURL(/level=/);
    await press('Tab', () => focused('.hits h3 a'), 400);
    const visible = await page.evaluate(() => {
      const link = document.activeElement;
      if (!link) return false;
      const box = link.getBoundingClientRect();
      const top = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(8, box.height / 2));
      return getComputedStyle(link).outlineStyle !== 'none' && (top === link || link.contains(top));
    });
    expect(visible).toBe(true);
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/resources\//);
    await press('Tab', () => focused('form[action$="/save"] button'));
    await page.keyboard.press('Enter');
    await expect
      .poll(() => page.locator('form[action$="/save"] button').first().getAttribute('aria-pressed'))
      .toBe('true');
  }, 90_000);

  it('a curator checks five resources by keyboard alone, and a teacher sees each outcome', async () => {
    const curator = await open();
    await signInAs(curator, portal.url, 'curator@state.example', '/curate');
    await curator.keyboard.press('n');
    await curator.waitForURL('**/curate/checks/*');
    const seen: { id: string; says: string }[] = [];
    const { keyboard } = curator;
    const leads = async (key: string): Promise<void> => {
      const before = curator.url();
      await keyboard.press(key);
      await curator.waitForURL((url) => url.href !== before);
    };
    while (seen.length < 5) {
      const id = new URL(curator.url()).pathname.split('/').at(-1)!;
      const facts = await curator.locator('.check-facts').innerText();
      if (!/Everyone|Educators of this state/.test(facts)) {
        await leads('s');
        continue;
      }
      await keyboard.press('F');
      if (seen.length === 1) {
        // Sent back with a note.
        await keyboard.press('b');
        await keyboard.type('The strips on page 2 are too small to cut.');
        await keyboard.press('Escape');
        await leads('b');
        seen.push({ id, says: 'Returned' });
        continue;
      }
      if (seen.length === 2) {
        // The last standard belongs to another level.
        await keyboard.press('l');
        await keyboard.press('ArrowDown');
        await keyboard.press('Tab');
        await keyboard.type('No reason is asked for.');
        await keyboard.press('Escape');
      }
      await keyboard.press('r');
      for (const rating of '34434') await keyboard.press(rating);
      await leads('c');
      seen.push({ id, says: 'Checked by the state' });
    }
    const teacher = await open();
    await signInAs(teacher, portal.url, 'teacher@south.example', '/shelf');
    for (const { id, says } of seen) {
      await teacher.goto(`${portal.url}/resources/${id}`);
      expect(await teacher.locator('main header .state').first().innerText()).toContain(says);
    }
    // Without the keys, a letter is a letter.
    await curator.goto(`${portal.url}/curate`);
    await curator.locator('.keys summary').click();
    await curator.locator('.keys [type=checkbox]').uncheck();
    await keyboard.press('n');
    expect(new URL(curator.url()).pathname).toBe('/curate');
  }, 120_000);

  it('a teacher puts a collection together, moves things by keyboard and by dragging, and gives a link that opens it', async () => {
    const page = await open();
    await signInAs(page, portal.url, 'teacher@south.example', '/collections/new');
    await page.getByLabel('Title').fill('For Monday');
    await page.getByText('Whoever has the link').click();
    await page.getByRole('button', { name: 'Make it' }).click();
    await page.waitForURL(/\/edit/);
    const edit = page.url();
    const id = /[0-9a-f-]{36}/.exec(edit)?.[0] ?? '';
    await page.goto(`${portal.url}/search?q=fractions`);
    const links = await page
      .locator('.hits h3 a')
      .evaluateAll((all) => all.map((one) => one.getAttribute('href')));
    for (const link of links.slice(0, 3)) {
      await page.goto(portal.url + link!);
      await page.getByRole('link', { name: 'Add to a collection' }).click();
      await page.getByLabel('For Monday').check();
      await page.getByRole('button', { name: 'Add it' }).click();
    }
    await page.goto(edit);
    const titles = () => page.locator('li[data-id] h3').allInnerTexts();
    const [one = '', two = '', three = ''] = await titles();
    await page.locator('li[data-id]').nth(1).locator('button[value=up]').press('Enter');
    await expect.poll(() => page.locator('[data-said]').textContent()).toBe(`${two} is moved: 1 of 3.`);
    expect(await titles()).toEqual([two, one, three]);
    const [from, to] = [page.locator('.handle').nth(2), page.locator('li[data-id]').first()];
    await from.scrollIntoViewIfNeeded();
    const [start, end] = [(await from.boundingBox())!, (await to.boundingBox())!];
    await page.mouse.move(start.x + 4, start.y + 4);
    await page.mouse.down();
    await page.mouse.move(start.x + 8, start.y - 20, { steps: 4 });
    await page.mouse.move(end.x + 60, end.y + 4, { steps: 12 });
    await page.mouse.up();
    await expect.poll(() => page.locator('[data-said]').textContent()).toBe(`${three} is moved: 1 of 3.`);
    const link = await page.locator('#address').inputValue();
    // Somebody without an account and without scripts reads it in this order.
    const reader = await open({ javaScriptEnabled: false });
    // The portal under test has another port than its settings say.
    const { pathname, search } = new URL(link);
    await reader.goto(`${portal.url}${pathname}${search}`);
    expect(await reader.locator('.hits h3').allInnerTexts()).toEqual([three, two, one]);
    expect((await reader.goto(`${portal.url}/collections/${id}`))?.status()).toBe(404);
  }, 120_000);

  it('a district’s data lead brings in a catalog with columns of its own, sees it in search, and takes it back', async () => {
    const page = await open();
    const wait = 120_000;
    await signInAs(page, portal.url, 'importer@north.example');
    await page.getByRole('link', { name: 'Imports' }).click();
    const rows = [
      'Item;Name;Web;Area;Notes',
      'Z-1;Zeppelin over the prairie;https://airships.example/1;Sciense;Draw it.',
      'Z-2;Zeppelin in the wind;https://airships.example/2;Science;Fold it.',
      'Z-3;;https://airships.example/3;Science;No title.',
    ].join('\n');
    const path = join(folder, 'airships.csv');
    await writeFile(path, rows);
    await page.setInputFiles('#files', path);
    await page.getByLabel('Name of the catalog').fill('airships');
    await page.getByRole('button', { name: 'Go on to the columns' }).click();
    await page.waitForURL('**/imports/files/*');
    expect(await heading(page)).toBe('The columns of airships.csv');
    expect(await page.getByLabel('What Name is').inputValue()).toBe('title');
    await page.getByLabel('What Web is').selectOption({ label: 'Web address' });
    await page.getByLabel('What Notes is').selectOption({ label: 'Summary' });
    await page.getByLabel('What “Sciense” means').selectOption({ label: 'Science' });
    await page.getByRole('button', { name: 'Look at the rows again' }).click();
    await page.locator('.previews').getByText('Draw it.').waitFor();
    await page.getByRole('button', { name: 'Save and do a dry run' }).click();
    await page.getByRole('button', { name: 'Run it' }).waitFor({ timeout: wait });
    expect(await heading(page)).toBe('2 of 3 rows can come in');
    expect(await page.locator('main').innerText()).toContain('The title is missing');
    await page.getByRole('button', { name: 'Run it' }).click();
    await page.getByRole('link', { name: 'What would be taken back' }).waitFor({ timeout: wait });
    expect(await heading(page)).toBe('2 of 3 rows are on the shelf');
    const run = new URL(page.url()).pathname;
    await findsIt(page, '/search?q=zeppelin&subject=science', 'Zeppelin over the prairie', 60_000);
    await page.goto(portal.url + run);
    await page.getByRole('link', { name: 'What would be taken back' }).click();
    await page.getByLabel('Yes, take back 2 changes').check();
    await page.getByRole('button', { name: 'Take it back' }).click();
    await page.getByRole('heading', { name: '2 changes were taken back' }).waitFor({ timeout: wait });
    await expect
      .poll(
        async () => {
          await page.goto(`${portal.url}/search?q=zeppelin`);
          return page.locator('main .hits').getByRole('link', { name: 'Zeppelin' }).count();
        },
        { timeout: 60_000, interval: 300 },
      )
      .toBe(0);
  }, 600_000);
}
