import type { Deps } from '../deps.ts';
import type { MessageKey } from '../locale/locale.ts';
import { contextOf, page } from '../web/page.ts';
import { anyone, createRoutes } from '../web/route.ts';

/** The pages of words: what this is, how it works, who can use it, what is kept. */
export function aboutRoutes({ config }: Pick<Deps, 'config'>) {
  const routes = createRoutes();
  const pages = [
    { path: '/about', view: 'about/index', title: 'footer.aboutLink' },
    { path: '/help', view: 'about/help', title: 'nav.help' },
    { path: '/accessibility', view: 'about/accessibility', title: 'footer.accessibility' },
    { path: '/privacy', view: 'about/privacy', title: 'footer.privacy' },
  ] as const satisfies readonly { path: string; view: string; title: MessageKey }[];
  for (const { path, view, title } of pages)
    routes.get(path, anyone, (_req, res) => {
      const { stateName, maxUploadBytes } = config;
      page(
        res,
        view,
        { contact: null, state: stateName, maxBytes: maxUploadBytes },
        { title: contextOf(res).t(title) },
      );
    });
  return routes.router;
}
