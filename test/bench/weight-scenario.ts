import { accessSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { chromium, type Browser, type Page } from 'playwright-core';
import { demoSignIns } from '../../server/accounts/demo-sign-ins.ts';
import { table, verdict } from './report.ts';

const BAR_KB = 100;

/** What a browser loads for the first page that somebody opens, by kind, as it went over the wire. */
export async function measureWeight(url: string, pool: Pool): Promise<string> {
  const program = chromiumPath();
  if (!program) return 'Page weights: not measured, since no Chromium was found (CHROMIUM_PATH names one).';
  const waited = await untilDrawn(pool);
  const chrome = await chromium.launch({ executablePath: program, chromiumSandbox: false });
  try {
    const rows: string[][] = [];
    for (const [name, path, signIn] of await pagesToWeigh(pool)) {
      const kinds = await weigh(chrome, url, path, signIn);
      const all = [...kinds.values()].reduce((sum, bytes) => sum + bytes, 0) / 1000;
      const part = (...names: string[]) =>
        (names.reduce((sum, kind) => sum + (kinds.get(kind) ?? 0), 0) / 1000).toFixed(1);
      rows.push([
        name,
        part('Document'),
        part('Stylesheet'),
        part('Script'),
        part('Image', 'Font', 'Other', 'Media'),
        all.toFixed(1),
        verdict(all, BAR_KB),
      ]);
    }
    return [
      table(['first page (KB over the wire)', 'HTML', 'CSS', 'JS', 'images', 'all', `≤ ${BAR_KB} KB`], rows),
      '',
      `Cold cache, 1280 × 800, demo catalog; ${waited}.`,
    ].join('\n');
  } finally {
    await chrome.close();
  }
}

/** Pages with many pictures and results, picked so that the heaviest of their kind are among them. */
async function pagesToWeigh(pool: Pool): Promise<[name: string, path: string, signIn: boolean][]> {
  const one = async (sql: string) => (await pool.query<{ v: string }>(sql)).rows[0]?.v ?? '';
  const resource = await one(
    `SELECT r.id AS v FROM resource r JOIN version_file f ON f.version_id = r.current_version_id
     WHERE r.state = 'published' AND r.visibility = 'public' GROUP BY r.id ORDER BY count(*) DESC, r.id LIMIT 1`,
  );
  const standard = await one(
    'SELECT standard_guid AS v FROM alignment GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1',
  );
  const topic = await one(
    `SELECT t.slug AS v FROM topic t JOIN version_topic x ON x.topic_id = t.id GROUP BY t.slug ORDER BY count(*) DESC, 1 LIMIT 1`,
  );
  const framework = await one('SELECT slug AS v FROM framework ORDER BY position, slug LIMIT 1');
  return [
    ['home', '/', false],
    ['search, 20 results', '/search?q=fractions', false],
    ['search, everything', '/search', false],
    ['resource', `/resources/${resource}`, false],
    ['standards', '/standards', false],
    ['framework', `/standards/${framework}`, false],
    ['standard', `/standards/${standard}`, false],
    ['topic', `/topics/${topic}`, false],
    ['district', '/districts/north', false],
    ['school', '/schools/north-lakes-elementary', false],
    ['sign-in', '/sign-in', false],
    ['my shelf', '/shelf', true],
    ['share a resource', '/resources/new', true],
  ];
}

async function weigh(
  chrome: Browser,
  url: string,
  path: string,
  signIn: boolean,
): Promise<Map<string, number>> {
  const context = await chrome.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    const page = await context.newPage();
    if (signIn) await signInAs(page, url);
    const session = await context.newCDPSession(page);
    await session.send('Network.enable');
    await session.send('Network.clearBrowserCache');
    const kindOf = new Map<string, string>();
    const bytes = new Map<string, number>();
    session.on('Network.responseReceived', ({ requestId, type }) => void kindOf.set(requestId, type));
    session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      const kind = kindOf.get(requestId) ?? 'Other';
      bytes.set(kind, (bytes.get(kind) ?? 0) + encodedDataLength);
    });
    const answer = await page.goto(url + path, { waitUntil: 'networkidle' });
    if (!answer?.ok()) throw new Error(`${path} gave ${answer?.status()}`);
    return bytes;
  } finally {
    await context.close();
  }
}

async function signInAs(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/sign-in`);
  await page.fill('input[name=email]', 'teacher@north.example');
  await page.fill('input[name=password]', demoSignIns.password);
  await page.press('input[name=password]', 'Enter');
  await page.waitForURL((address) => !address.pathname.startsWith('/sign-in'));
}

/** Pictures of pages are made after the start; a page is weighed with its pictures. */
async function untilDrawn(pool: Pool): Promise<string> {
  const started = performance.now();
  for (;;) {
    const { rows } = await pool.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM blob WHERE preview_state = 'pending'`,
    );
    const waiting = rows[0]?.n ?? 0;
    const seconds = Math.round((performance.now() - started) / 1000);
    if (waiting === 0) return 'all previews were made';
    if (seconds > 600) return `${waiting} files were still without previews after 10 minutes`;
    await sleep(1000);
  }
}

/** CHROMIUM_PATH, or a Chromium or Chrome on the PATH. */
function chromiumPath(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  return [
    process.env['CHROMIUM_PATH'],
    ...folders.flatMap((folder) => names.map((name) => join(folder, name))),
  ].find((path): path is string => path !== undefined && exists(path));
}

function exists(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}
