import type { Browser, BrowserContext, Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { axeViolations, signInAs } from '../support/browser.ts';
import type { DemoInBrowser } from '../support/demo-in-browser.ts';
import type { Portal } from '../support/portal.ts';
import { lookUpPages } from './looked-up-pages.ts';
import { pages, sent, type Sent } from './opened-pages.ts';
import { forcedColorFaults, keyboardFaults, spacingFaults } from './page-faults.ts';

const widths = [1280, 320];

/** Each page by axe, wide and narrow, in the light and in the dark. */
export function describeAccessibility(demo: () => DemoInBrowser): void {
  let portal: Portal;
  let browser: Browser;
  const known: Record<string, string> = {};

  beforeAll(async () => {
    ({ portal, browser } = demo());
    Object.assign(known, await lookUpPages(demo()));
  }, 300_000);

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

  /** Opens the page of a form, lets somebody else be quicker where that is asked for, and sends it. @returns the status */
  async function send(page: Page, { on, form, press, fill = {}, meanwhile }: Sent): Promise<number> {
    const at = portal.url + (known[on] ?? on);
    await page.goto(at);
    if (meanwhile) {
      const other = await page.context().newPage();
      await other.goto(at);
      expect(await submit(other, form, meanwhile, press), `${on}, by the first`).toBeLessThan(400);
      await other.close();
    }
    return submit(page, form, fill, press);
  }

  /** @returns the status of the answer */
  async function submit(
    page: Page,
    selector: string,
    fill: Record<string, string>,
    press?: string,
  ): Promise<number> {
    const form = page.locator(selector).first();
    expect(await form.count(), `${selector} on ${page.url()}`).toBe(1);
    for (const [name, value] of Object.entries(fill)) await form.locator(`[name="${name}"]`).fill(value);
    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.request().method() === 'POST'),
      page.waitForEvent('load'),
      form.evaluate((element: HTMLFormElement, button) => {
        element.noValidate = true;
        element.requestSubmit(button === undefined ? null : element.querySelector<HTMLElement>(button));
      }, press),
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
        if (name.startsWith(':') && !known[name]) found.push(`${name}: is not in the demo`);
        if (name.startsWith(':') && ![200, 410].includes(answer?.status() ?? 0))
          found.push(`${name}: was answered ${answer?.status()}`);
        await examine(page, name, found);
      }
      for (const form of sent[who] ?? []) {
        await page.emulateMedia({ colorScheme: 'light' });
        await page.setViewportSize({ width: widths[0]!, height: 900 });
        const status = await send(page, form);
        if (status !== form.answers) found.push(`${form.on}: the form was answered ${status}`);
        await examine(page, `${form.on}, answered ${form.answers}`, found);
      }
      await context.close();
      expect(found).toEqual([]);
    },
    300_000,
  );

  const scrollsSideways = (page: Page) =>
    page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
}
