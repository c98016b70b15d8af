import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { chromium, type Browser, type Page } from 'playwright-core';
import { demoSignIns } from '../../server/accounts/demo-sign-ins.ts';

/** Where a Chromium is found, or undefined: `CHROMIUM`, else the places where Debian and others put it. */
export const chromiumPath: string | undefined = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path !== undefined && existsSync(path));

if (chromiumPath === undefined)
  process.stdout.write(
    'The tests in a browser are skipped: no Chromium is here. On Debian and Ubuntu: apt-get install chromium. Elsewhere set CHROMIUM to its path.\n',
  );

/** A Chromium without a window that talks to nobody but the portal. */
export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: chromiumPath ?? '',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });

/** Signs in on the sign-in page, as one of the demo's people. */
export async function signInAs(page: Page, base: string, email: string, next = '/'): Promise<void> {
  await page.goto(`${base}/sign-in?next=${encodeURIComponent(next)}`);
  await page.fill('main [name=email]', email);
  await page.fill('main [name=password]', demoSignIns.password);
  await Promise.all([page.waitForURL(`${base}${next}`), page.press('main [name=password]', 'Enter')]);
}

export type Violation = { id: string; where: string[] };

let axeSource: Promise<string> | undefined;

/** What axe-core finds wrong with the page as it stands, by WCAG 2.2 AA and its own best practices; or its contrasts alone. */
export async function axeViolations(page: Page, what: 'all' | 'contrast' = 'all'): Promise<Violation[]> {
  axeSource ??= readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(await axeSource);
  return page.evaluate(async (rules) => {
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const axe = (
      globalThis as unknown as {
        axe: {
          run: (
            node: Document,
            options: object,
          ) => Promise<{
            violations: { id: string; nodes: { target: string[]; failureSummary: string }[] }[];
          }>;
        };
      }
    ).axe;
    const { violations } = await axe.run(document, {
      runOnly:
        rules === 'contrast' ? { type: 'rule', values: ['color-contrast'] } : { type: 'tag', values: tags },
      resultTypes: ['violations'],
    });
    return violations.map(({ id, nodes }) => ({
      id,
      where: nodes.map((node) => `${node.target.join(' ')} ${node.failureSummary}`),
    }));
  }, what);
}
