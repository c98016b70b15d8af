import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HtmlValidate } from 'html-validate';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../../server/lib/project-root.ts';
import { translator } from '../../server/locale/locale.ts';
import { renderPage } from '../../server/web/page.ts';
import type { PageContext, Views } from '../../server/web/views.ts';
import { fixtures, type Fixture } from './fixtures.ts';

const html = new HtmlValidate({
  extends: ['html-validate:recommended'],
  elements: ['html5'],
  rules: {
    'void-style': 'off',
    'no-trailing-whitespace': 'off',
    'doctype-style': 'off',
    // Lists are sent as one name repeated, and the pressed button as `do`.
    'form-dup-name': 'off',
    'no-implicit-button-type': 'off',
    'attr-quotes': 'off',
    'no-inline-style': 'error',
  },
});

const context = (more: Partial<PageContext> = {}): PageContext => ({
  language: 'en',
  t: translator('en'),
  stateName: 'Demo State Department of Education',
  contact: 'help@example.org',
  site: { cssUrl: '/css/site-0a5943-86d2b4.css', logo: { url: '/site/a.png', width: 200, height: 80 }, banner: { text: 'Closed on <b>Friday</b>', id: 'a1', closes: true }, terms: true },
  viewer: null,
  may: { share: false, import: false, curate: false, administer: false, people: false, readLog: false },
  currentPath: '/search?q=a&grade=4',
  baseUrl: 'http://localhost:3000',
  flash: [],
  requestId: '0190c1f0',
  session: null,
  demo: false,
  mailsToFolder: false,
  ...more,
});

const signedIn = context({
  viewer: { id: '1', name: 'Dana <i>Whitcomb</i>', organization: 'Sandstone' },
  session: { who: '1', idleSeconds: 28_800, lastSeconds: 86_400 },
  may: { share: true, import: true, curate: true, administer: true, people: true, readLog: true },
  flash: [{ kind: 'done', text: 'Saved.', link: { label: 'See it', url: '/shelf' } }],
  demo: true,
  mailsToFolder: true,
});

/** Addresses within the page that lead nowhere: an error that doesn't lead to its field, a broken skip link. */
const missingTargets = (page: string): string[] =>
  [...page.matchAll(/(?:href="#|for="|aria-describedby="|aria-labelledby=")([^"]+)"/g)]
    .flatMap(([, ids = '']) => ids.split(' '))
    .filter((id) => !page.includes(` id="${id}"`));

const drawings = ['icons', 'kinds'].map((name) => readFileSync(join(projectRoot, `public/img/${name}.svg`), 'utf8')).join('');

/** Icons that the sprites don't have. */
const missingDrawings = (page: string): string[] =>
  [...page.matchAll(/\.svg\?v=\w+#([\w-]+)"/g)]
    .map(([, id = '']) => id)
    .filter((id) => !drawings.includes(`id="${id}"`));

const all = Object.entries(fixtures) as [keyof Views, Record<string, Fixture<Views[keyof Views]>>][];

describe.each(all)('%s', (name, renderings) => {
  const [first] = Object.values(renderings);

  it.each(Object.entries(renderings))('is valid HTML, for the public and for staff: %s', async (_, fixture) => {
    // What differs for the public is the same on every page: one rendering of each view shows it.
    for (const who of fixture === first ? [context(), signedIn] : [signedIn]) {
      const options = { title: 'A title', status: fixture.status ?? 200 };
      const page = renderPage(who, name, fixture.props, options);
      const report = await html.validateString(page);
      const faults = report.results.flatMap((result) =>
        result.messages.map((message) => `${message.line}: ${message.ruleId}: ${message.message}`),
      );
      expect(faults).toEqual([]);
      expect(page).not.toMatch(/undefined|\[object Object\]|NaN/);
      expect(page.match(/<h1[\s>]/g)).toHaveLength(1);
      expect(missingTargets(page)).toEqual([]);
      expect(missingDrawings(page)).toEqual([]);
    }
  });

  it('shows text as text', () => {
    for (const fixture of Object.values(renderings))
      expect(renderPage(signedIn, name, fixture.props, { title: '<i>' })).not.toContain('<i>');
  });
});
