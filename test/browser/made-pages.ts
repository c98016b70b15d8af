import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import type { Page } from 'playwright-core';
import { offPath } from '../../server/lib/mail-off.ts';
import { casePackage } from '../support/case-package.ts';
import { databaseUrl } from '../support/portal.ts';

/** Loads what is looked at before it is taken in; the administrator is signed in. @returns where it waits */
export async function sendFiles(page: Page, url: string, standard: string): Promise<Record<string, string>> {
  const send = async (path: string, name: string, content: object): Promise<void> => {
    await page.goto(url + path);
    const buffer = Buffer.from(JSON.stringify(content));
    await page.setInputFiles('#file', { name, mimeType: 'application/json', buffer });
    await page.locator('main form button').last().click();
  };
  // A word of the scale and one that nobody knows; a standard of the demo and one that isn't here.
  const levels = [
    ['Developing', 'Says which is more with a drawing.'],
    ['Wizard', 'Says it before the question.'],
  ];
  const criterion = (identifier: string) => ({
    CFItemURI: { title: 'standard', identifier, uri: `https://x.example/${identifier}` },
    CFRubricCriterionLevels: levels.map(([quality, description], at) => ({
      identifier: `c0de0000-0000-4000-8000-00000000900${at}`,
      quality,
      description,
      position: at + 1,
    })),
  });
  const known = standard.replace('/standards/', '');
  await send('/admin/levels/rubrics', 'rubrics.json', {
    CFRubrics: [{ CFRubricCriteria: [criterion(known), criterion('c0de0000-0000-4000-8000-000000009999')] }],
  });
  await page.waitForURL(/\/admin\/levels\/rubrics\/[0-9a-f-]{36}$/);
  const rubrics = new URL(page.url()).pathname;
  await send('/admin/standards', 'framework.json', casePackage());
  // It is looked at in the background.
  await page.locator('main button[value=load]').waitFor({ timeout: 60_000 });
  return { ':rubrics': rubrics, ':framework upload': new URL(page.url()).pathname };
}

/**
 * What can't be had by going through the demo: changes of thousands of resources, of which the demo has too few, and the
 * links that stand in mails.
 * @param person whose mails they end
 */
export async function insideTheDemo(
  dataDir: string,
  { person, topic }: { person: string; topic: string },
): Promise<Record<string, string>> {
  const client = new pg.Client({ connectionString: await databaseUrl(dataDir) });
  await client.connect();
  try {
    // The middle one waits for a job that isn't there, so it stays so.
    const { rows } = await client.query<{ state: string; id: string }>(
      `INSERT INTO vocabulary_change (person_id, kind, target, change, name, seen, state, resources)
       SELECT id, 'topic', $1, '{"what": "rename"}', 'Fractions > On lines', '', state, 2140
       FROM person, unnest(ARRAY['done', 'waiting', 'refused']) AS state WHERE email = 'admin@state.example' RETURNING state, id`,
      [topic],
    );
    const secret = (await readFile(join(dataDir, 'session-secret'), 'utf8')).trim();
    return {
      ...Object.fromEntries(rows.map(({ state, id }) => [`:change ${state}`, `/admin/changes/${id}`])),
      ':notices off': offPath(secret, 'notices', person),
      ':searches off': offPath(secret, 'searches', person),
    };
  } finally {
    await client.end();
  }
}
