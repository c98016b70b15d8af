import type { Browser } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { launchBrowser } from './browser.ts';
import { startPortal, temporaryDataDir, type Portal } from './portal.ts';

export interface DemoInBrowser {
  portal: Portal;
  browser: Browser;
}

/**
 * The portal as it is delivered, a process of its own with the demo state, and a real browser, for all tests of the
 * `describe` around it. Reading the demo's documents takes a while, so those who need it share one.
 * @returns what gives both, once the tests run
 */
export function demoInBrowser(): () => DemoInBrowser {
  let opened: DemoInBrowser | undefined;
  let data: Awaited<ReturnType<typeof temporaryDataDir>> | undefined;
  beforeAll(async () => {
    data = await temporaryDataDir();
    const [portal, browser] = await Promise.all([
      startPortal(data.dataDir, { DEMO: 'true' }),
      launchBrowser(),
    ]);
    opened = { portal, browser };
  }, 300_000);
  afterAll(async () => {
    await opened?.browser.close();
    opened?.portal.signal('SIGTERM');
    await opened?.portal.ended;
    await data?.remove();
  }, 60_000);
  return () => {
    if (!opened) throw new Error('The demo is not running');
    return opened;
  };
}
