import { mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { launchBrowser } from './browser.ts';
import { startPortal, temporaryDataDir, type Portal } from './portal.ts';

export interface DemoInBrowser {
  portal: Portal;
  browser: Browser;
  /** The folder that it keeps everything in. */
  dataDir: string;
}

/**
 * The portal as it is delivered, a process of its own with the demo state, and a real browser, for all tests of the
 * `describe` around it. Reading the demo's documents takes a while, so those who need it share one; and it runs as on a
 * machine without LibreOffice, which would draw for minutes what test/files looks at with care.
 * @returns what gives both, once the tests run
 */
export function demoInBrowser(): () => DemoInBrowser {
  let opened: DemoInBrowser | undefined;
  let data: Awaited<ReturnType<typeof temporaryDataDir>> | undefined;
  let programs: string | undefined;
  beforeAll(async () => {
    data = await temporaryDataDir();
    programs = await programsWithout('soffice');
    const env = { DEMO: 'true', PATH: programs };
    const [portal, browser] = await Promise.all([startPortal(data.dataDir, env), launchBrowser()]);
    opened = { portal, browser, dataDir: data.dataDir };
  }, 300_000);
  afterAll(async () => {
    await opened?.browser.close();
    opened?.portal.signal('SIGTERM');
    await opened?.portal.ended;
    await data?.remove();
    if (programs) await rm(programs, { recursive: true, force: true });
  }, 60_000);
  return () => {
    if (!opened) throw new Error('The demo is not running');
    return opened;
  };
}

/** A folder for PATH with all programs of this machine but one. */
async function programsWithout(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'commonshelf-programs-'));
  const found = new Map<string, string>();
  for (const from of (process.env['PATH'] ?? '').split(delimiter))
    for (const program of await readdir(from).catch(() => []))
      if (program !== name && !found.has(program)) found.set(program, join(from, program));
  await Promise.all([...found].map(([program, target]) => symlink(target, join(folder, program))));
  return folder;
}
