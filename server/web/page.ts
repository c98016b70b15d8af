import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ejs from 'ejs';
import type { Response } from 'express';
import { formats } from '../locale/format.ts';
import type { Format } from '../locale/format.ts';
import { projectRoot } from '../lib/project-root.ts';
import { markSafe, safeHtml } from '../lib/safe-html.ts';
import { asset } from './asset.ts';
import type { PageContext, PageOptions, Views } from './views.ts';

/**
 * Renders a view inside the layout and sends it. The context of the request is `res.locals.pageContext`, set before
 * any handler runs. A page answered with 422 says "Error:" first in its title.
 */
export function page<Name extends keyof Views>(
  res: Response,
  name: Name,
  props: Views[Name],
  options: PageOptions,
): void {
  const html = renderPage(contextOf(res), name, props, options);
  res
    .status(options.status ?? 200)
    .type('html')
    .send(html);
}

/** The page context of a request. Throws when nothing has set it, which is a mistake in the order of middleware. */
export function contextOf(res: Response): PageContext {
  const context = (res.locals as { pageContext?: PageContext }).pageContext;
  if (!context) throw new Error('res.locals.pageContext is not set');
  return context;
}

/** The whole HTML document of a view. */
export function renderPage<Name extends keyof Views>(
  context: PageContext,
  name: Name,
  props: Views[Name],
  options: PageOptions,
): string {
  const shared = sharedLocals(context);
  const body = markSafe(render(name, props, shared));
  const status = options.status ?? 200;
  const title = status === 422 ? context.t('page.errorTitle', { title: options.title }) : options.title;
  const layout = {
    ...options,
    title,
    body,
    view: name,
    canonical: context.baseUrl + (options.canonical ?? context.currentPath.replace(/\?.*/s, '')),
    robots: status >= 400 ? 'none' : (options.robots ?? 'index'),
    jsonLd: options.jsonLd ? markSafe(JSON.stringify(options.jsonLd).replaceAll('<', '\\u003c')) : null,
    scripts: scriptsOf[name] ?? [],
  };
  return render('layout', layout, shared);
}

/** Renders one component outside a page, for a script that puts it into the page (a file's row after its upload). */
export function renderComponent(context: PageContext, name: string, props: unknown): string {
  return render(`components/${name}`, props, sharedLocals(context));
}

/** The modules of `public/js` that a view wants; every page gets `combobox` for the search box. */
const scriptsOf: Partial<Record<keyof Views, readonly string[]>> = {
  'search/index': ['filters'],
  'resources/show': ['copy-link'],
  'resources/version': ['copy-link'],
  'resources/new': ['upload'],
  'curate/queue': ['curate-keys'],
  'curate/check': ['curate-keys'],
  'collections/edit': ['arrange', 'copy-link'],
  'imports/index': ['import-upload'],
  'imports/run': ['import-follow'],
  'admin/staff-file': ['import-follow'],
  'curate/change': ['import-follow'],
  'admin/vocabulary-change': ['import-follow'],
  'admin/framework-upload': ['import-follow'],
  'admin/transfer': ['import-follow'],
  'resources/edit': ['upload', 'draft', 'live-card'],
};

/** What every template may use besides its own `it`. */
interface SharedLocals {
  t: PageContext['t'];
  fmt: Format;
  ctx: PageContext;
  asset: typeof asset;
  safeHtml: typeof safeHtml;
}

function sharedLocals(context: PageContext): SharedLocals {
  return { t: context.t, fmt: formats(context.language, context.t), ctx: context, asset, safeHtml };
}

/** Templates see `it` (their one object of props), the shared locals, and `include(name, it)`. */
function render(name: string, it: unknown, shared: SharedLocals): string {
  const include = (other: string, props?: unknown): string => render(other, props, shared);
  return template(name)({ ...shared, it, include });
}

/** What a template may use is our own object, so EJS need not copy it for each of the hundreds of parts of a page. */
const options = {
  strict: true,
  destructuredLocals: ['it', 't', 'fmt', 'ctx', 'asset', 'safeHtml', 'include'],
  unsafePrototypeLocals: true,
};

const templates = new Map<string, ejs.TemplateFunction>();

/** A compiled template, kept for the life of the process. Our own `include` takes the place of EJS's, which looks for the file each time. */
function template(name: string): ejs.TemplateFunction {
  let compiled = templates.get(name);
  if (!compiled) {
    const filename = join(projectRoot, 'views', `${name}.ejs`);
    compiled = ejs.compile(readFileSync(filename, 'utf8').trim(), { ...options, filename });
    templates.set(name, compiled);
  }
  return compiled;
}
