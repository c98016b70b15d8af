import type { Request, RequestHandler, Response } from 'express';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { invalid, notFound, type FieldFault, type PortalError } from '../errors.ts';
import { renderMarkdownPage } from '../lib/markdown.ts';
import { cookieOf } from '../web/cookie.ts';
import { fieldErrors } from '../web/field-errors.ts';
import { flash } from '../web/flash.ts';
import { orAgain } from '../web/form-again.ts';
import { localPath } from '../web/local-path.ts';
import { dropUpload, receiveUpload, type NeedRoom } from '../web/one-upload.ts';
import { contextOf, page } from '../web/page.ts';
import { parseForm, parseQuery } from '../web/parse.ts';
import { originOf, viewerOf } from '../web/request-context.ts';
import { anyone, createRoutes, stateStaff } from '../web/route.ts';
import { leastContrast } from './colour.ts';
import { LOGO_BYTES } from './logo-image.ts';
import type { SiteKeeper } from './site-keeper.ts';
import { logoUrl, siteLook } from './site-look.ts';
import { readSite, siteBefore, type SiteRow } from './site-queries.ts';
import { checkSite, darkOf, saveLogo, saveSite, siteForm, type SiteInput } from './site-service.ts';
import type { AdminSitePage } from './site-view.ts';

const HOME = '/admin/site';
const COOKIE = 'banner';
const administrator = stateStaff('admin');
const pressed = z.object({
  do: z.enum(['look', 'save']).catch('look'),
  revision: z.coerce
    .number()
    .int()
    .min(0)
    .max(2 ** 31)
    .catch(0),
});
const siteQuery = z.object({ show: z.enum(['', 'before']).catch('') });
const logoForm = z.object({ do: z.enum(['save', 'remove']).catch('save') });
const closeForm = z.object({ id: z.string().regex(/^[0-9a-f]{12}$/) });

type SiteDeps = Pick<Deps, 'pool' | 'clock' | 'config'> & { site: SiteKeeper };

const todayOf = (clock: Deps['clock']): string => clock.now().toISOString().slice(0, 10);

/** Puts the look of the site into the context of the page. Mounted before everything that shows one. */
export const showSite =
  ({ site, clock }: Pick<SiteDeps, 'site' | 'clock'>): RequestHandler =>
  async (req, res, next) => {
    const row = await site.now();
    const context = contextOf(res);
    if (row.name !== '') context.stateName = row.name;
    context.contact = row.contact === '' ? null : row.contact;
    context.site = row.lookFor({ today: todayOf(clock), closed: cookieOf(req, COOKIE) });
    next();
  };

/** The look of the site: name, colour, logo, banner, contact and legal pages. */
export function siteLookRoutes(deps: SiteDeps & { needRoom: NeedRoom }) {
  const routes = createRoutes();
  const { pool, site } = deps;

  routes.get('/terms', anyone, async (_req, res) => {
    const { terms } = await site.now();
    if (terms === '') throw notFound();
    page(
      res,
      'about/terms',
      { text: renderMarkdownPage(terms) },
      { title: contextOf(res).t('footer.terms') },
    );
  });

  routes.post('/banner/close', anyone, (req, res) => {
    const { id } = parseForm(closeForm, req.body);
    res.cookie(COOKIE, id, {
      maxAge: 180 * 24 * 3600 * 1000,
      httpOnly: true,
      sameSite: 'lax',
      secure: deps.config.secure,
    });
    res.redirect(303, cameFrom(req));
  });

  routes.get(HOME, administrator, async (req, res) => {
    const [kept, before] = await Promise.all([readSite(pool), siteBefore(pool)]);
    const asked = parseQuery(siteQuery, req.query).show === 'before';
    show(res, kept, asked && before ? { input: { ...inputOf(kept), ...before } } : { before });
  });

  routes.post(HOME, administrator, async (req, res) => {
    const { do: button, revision } = parseForm(pressed, req.body);
    const typed = req.body as unknown;
    await orAgain(
      async () => {
        const input = parseForm(siteForm, req.body);
        if (button === 'look') {
          checkSite(input);
          return show(res, await readSite(pool), { typed, input, revision });
        }
        await saveSite(deps, viewerOf(res), { revision, input }, originOf(req, res));
        saved(req, res, 'site.saved');
      },
      // Saving once more puts what was typed in the place of what somebody else wrote.
      async (_, error) => show(res, await readSite(pool), { typed, error }),
      [409, 422],
    );
  });

  routes.post(`${HOME}/logo`, administrator, receiveUpload(LOGO_BYTES, deps.needRoom), async (req, res) => {
    try {
      await orAgain(
        async () => {
          const remove = parseForm(logoForm, req.body).do === 'remove';
          if (!remove && !req.file) throw invalid({ field: 'file', key: 'admin.standards.noFile' });
          const bytes = remove || !req.file ? null : await readFile(req.file.path);
          await saveLogo(deps, viewerOf(res), bytes, originOf(req, res));
          saved(req, res, remove ? 'site.logo.removed' : 'site.logo.saved');
        },
        async (_, error) => show(res, await readSite(pool), { error }),
      );
    } finally {
      await dropUpload(req);
    }
  });

  /** This process shows at once what was saved. */
  function saved(
    req: Request,
    res: Response,
    key: 'site.saved' | 'site.logo.removed' | 'site.logo.saved',
  ): void {
    site.forget();
    flash(req, { kind: 'done', text: contextOf(res).t(key) });
    res.redirect(303, HOME);
  }

  function show(
    res: Response,
    kept: SiteRow,
    {
      typed,
      input,
      error,
      revision,
      before,
    }: {
      typed?: unknown;
      input?: SiteInput;
      error?: PortalError;
      revision?: number;
      /** What the last change put away. */
      before?: Partial<SiteRow> | undefined;
    },
  ): void {
    const { t } = contextOf(res);
    const body = (typed ?? {}) as Record<string, unknown>;
    const value = (name: keyof SiteInput, of: string | null): string => {
      const given = body[name];
      return typeof given === 'string' ? given.slice(0, 20_000) : (of ?? '');
    };
    const colour = (of: string | null): string => (of === null ? '' : `#${of}`);
    const shown = { ...kept, ...input };
    if (input) {
      // The page itself is shown as it would look.
      const context = contextOf(res);
      context.site = siteLook(shown)({ today: todayOf(deps.clock), closed: '' });
      context.stateName = input.name === '' ? deps.config.stateName : input.name;
    }
    const dark = darkOf(shown);
    const faults: FieldFault[] =
      error?.status === 409 ? [{ field: 'name', key: error.key }] : (error?.faults ?? []);
    const props: AdminSitePage = {
      trying: input !== undefined,
      beforeUrl: before && Object.keys(before).length > 0 ? `${HOME}?show=before` : null,
      revision: revision ?? kept.revision,
      defaultName: deps.config.stateName,
      values: {
        name: value('name', shown.name),
        contact: value('contact', shown.contact),
        accent: value('accent', colour(shown.accent)),
        accentDark: value('accentDark', colour(shown.accentDark)),
        banner: value('banner', shown.banner),
        bannerFrom: value('bannerFrom', shown.bannerFrom),
        bannerUntil: value('bannerUntil', shown.bannerUntil),
        privacy: value('privacy', shown.privacy),
        terms: value('terms', shown.terms),
        accessibility: value('accessibility', shown.accessibility),
      },
      bannerCloses: typed === undefined ? shown.bannerCloses : body['bannerCloses'] === 'yes',
      colours:
        shown.accent === null || dark === null
          ? []
          : [
              { scheme: 'light', colour: `#${shown.accent}`, contrast: leastContrast(shown.accent, 'light') },
              { scheme: 'dark', colour: `#${dark}`, contrast: leastContrast(dark, 'dark') },
            ],
      logo: kept.logo && { url: logoUrl(kept.logo), width: kept.logo.width, height: kept.logo.height },
      logoBytes: LOGO_BYTES,
      actionUrl: HOME,
      logoUrl: `${HOME}/logo`,
      errors: fieldErrors(t, faults),
    };
    page(res, 'admin/site', props, { title: t('site.title'), robots: 'none', status: error?.status ?? 200 });
  }

  return routes.router;
}

/** Of what is kept, what the form holds. */
function inputOf({ logo: _logo, revision: _revision, ...input }: SiteRow): SiteInput {
  return input;
}

/** The page on this host that a form was sent from. */
function cameFrom(req: Request): string {
  const referer = req.get('referer');
  if (referer === undefined || !URL.canParse(referer)) return '/';
  const url = new URL(referer);
  return url.host === req.get('host') ? localPath(url.pathname + url.search, '/') : '/';
}
