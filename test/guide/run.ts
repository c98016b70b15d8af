import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import sharp from 'sharp';
import { projectRoot } from '../../server/lib/project-root.ts';
import { createPool } from '../../server/platform/database/pool.ts';
import { startBenchPortal } from '../bench/bench-portal.ts';
import { chromiumPath, launchBrowser, signInAs } from '../support/browser.ts';
import { untilJobsDone } from '../support/jobs-done.ts';
import { databaseUrl, temporaryDataDir } from '../support/portal.ts';
import { guidePictures, type GuidePicture } from './guide-pictures.ts';

// `npm run guide:pictures`: starts a fresh demo, goes where the guides under docs/ go, and writes their pictures into
// docs/img. `-- NAME …` makes only those; `--at URL` takes a demo that runs already.
const { values, positionals } = parseArgs({ options: { at: { type: 'string' } }, allowPositionals: true });
if (chromiumPath === undefined) process.exit(1);

const WIDTH = 1280;
const HEIGHT = 800;
const folder = join(projectRoot, 'docs/img');
const wanted = guidePictures.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
await mkdir(folder, { recursive: true });
const browser = await launchBrowser();
try {
  if (values.at) await takeAll(browser, values.at);
  else await onFreshDemo((url) => takeAll(browser, url));
} finally {
  await browser.close();
}

async function onFreshDemo(work: (url: string) => Promise<void>): Promise<void> {
  const data = await temporaryDataDir();
  const portal = await startBenchPortal(data.dataDir, { production: false, env: { DEMO: 'true' } });
  const pool = createPool({ databaseUrl: await databaseUrl(data.dataDir), max: 1 }, { warn: () => {} });
  try {
    // With all previews drawn.
    await untilJobsDone(pool);
    await work(portal.url);
  } finally {
    await pool.end();
    await portal.stop();
    await data.remove();
  }
}

async function takeAll(from: Browser, url: string): Promise<void> {
  const contexts = new Map<string | null, BrowserContext>();
  for (const picture of wanted) {
    let context = contexts.get(picture.who);
    if (!context) {
      context = await from.newContext({
        viewport: { width: WIDTH, height: HEIGHT },
        reducedMotion: 'reduce',
        colorScheme: 'light',
      });
      contexts.set(picture.who, context);
      if (picture.who !== null) {
        const page = await context.newPage();
        await signInAs(page, url, picture.who);
        await page.close();
      }
    }
    await take(await context.newPage(), url, picture);
  }
}

async function take(page: Page, url: string, { name, path, height, prepare }: GuidePicture): Promise<void> {
  await page.setViewportSize({ width: WIDTH, height: height ?? HEIGHT });
  await page.goto(url + path);
  await prepare?.(page);
  await page.waitForLoadState('networkidle');
  const taken = await page.screenshot();
  // Flat areas of few colors: a palette is a third of the size and looks the same.
  const small = await sharp(taken).png({ palette: true, colours: 128, effort: 10 }).toBuffer();
  await writeFile(join(folder, `${name}.png`), small);
  process.stderr.write(`${name}.png, ${Math.round(small.length / 1000)} KB\n`);
  await page.close();
}
