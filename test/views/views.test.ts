import { HtmlValidate } from 'html-validate';
import { describe, expect, it } from 'vitest';
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
  viewer: null,
  may: { share: false, administer: false },
  currentPath: '/search?q=a&grade=4',
  baseUrl: 'http://localhost:3000',
  flash: [],
  requestId: '0190c1f0',
  demo: false,
  ...more,
});

const signedIn = context({
  viewer: { id: '1', name: 'Dana <i>Whitcomb</i>', organization: 'Sandstone' },
  may: { share: true, administer: true },
  flash: [{ kind: 'done', text: 'Saved.', link: { label: 'See it', url: '/shelf' } }],
  demo: true,
});

const all = Object.entries(fixtures) as [keyof Views, Record<string, Fixture<Views[keyof Views]>>][];

describe.each(all)('%s', (name, renderings) => {
  it.each(Object.entries(renderings))('is valid HTML, for the public and for staff: %s', async (_, fixture) => {
    for (const who of [context(), signedIn]) {
      const options = { title: 'A title', status: fixture.status ?? 200 };
      const page = renderPage(who, name, fixture.props, options);
      const report = await html.validateString(page);
      const faults = report.results.flatMap((result) =>
        result.messages.map((message) => `${message.line}: ${message.ruleId}: ${message.message}`),
      );
      expect(faults).toEqual([]);
      expect(page).not.toMatch(/undefined|\[object Object\]|NaN/);
      expect(page.match(/<h1[\s>]/g)).toHaveLength(1);
    }
  });

  it('shows text as text', () => {
    for (const fixture of Object.values(renderings))
      expect(renderPage(signedIn, name, fixture.props, { title: '<i>' })).not.toContain('<i>');
  });
});
