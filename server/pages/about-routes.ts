import type { Deps } from '../deps.ts';
import { renderMarkdownPage } from '../lib/markdown.ts';
import type { MessageKey } from '../locale/locale.ts';
import type { SiteKeeper } from '../site/site-keeper.ts';
import { contextOf, page } from '../web/page.ts';
import { anyone, createRoutes } from '../web/route.ts';

/** The pages of words: what this is, how it works, who can use it, what is kept. */
export function aboutRoutes({ config, site }: Pick<Deps, 'config'> & { site: SiteKeeper }) {
  const routes = createRoutes();
  const pages = [
    { path: '/about', view: 'about/index', title: 'footer.aboutLink' },
    { path: '/help', view: 'about/help', title: 'nav.help' },
    { path: '/accessibility', view: 'about/accessibility', title: 'footer.accessibility' },
    { path: '/privacy', view: 'about/privacy', title: 'footer.privacy' },
  ] as const satisfies readonly { path: string; view: string; title: MessageKey }[];
  for (const { path, view, title } of pages)
    routes.get(path, anyone, async (_req, res) => {
      const { t, stateName, contact } = contextOf(res);
      const { privacy, accessibility } = await site.now();
      const own = view === 'about/privacy' ? privacy : view === 'about/accessibility' ? accessibility : '';
      page(
        res,
        view,
        { contact, state: stateName, maxBytes: config.maxUploadBytes, own: renderMarkdownPage(own) },
        { title: t(title) },
      );
    });
  return routes.router;
}
