import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { notFound } from '../errors.ts';
import { parseParams } from '../web/parse.ts';
import { anyone, createRoutes } from '../web/route.ts';
import { accentSheet, isReadable } from './colour.ts';
import { logoBytes } from './site-queries.ts';

const FOREVER = 'public, max-age=31536000, immutable';
const colour = z.string().regex(/^[0-9a-f]{6}$/);
const cssParams = z.object({ light: colour, dark: colour });
const logoParams = z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/) });

/** The stylesheet of the state's colour and its logo: addresses that name their content, kept for a year. */
export function siteAssetRoutes({ pool }: Pick<Deps, 'pool'>) {
  const routes = createRoutes();

  routes.get('/css/site-:light-:dark.css', anyone, (req, res) => {
    const { light, dark } = parseParams(cssParams, req.params);
    if (!isReadable(light, 'light') || !isReadable(dark, 'dark')) throw notFound();
    res.set('Cache-Control', FOREVER).type('css').send(accentSheet(light, dark));
  });

  for (const [ending, mime] of [
    ['png', 'image/png'],
    ['jpg', 'image/jpeg'],
  ] as const)
    routes.get(`/site/:sha256.${ending}`, anyone, async (req, res) => {
      const { sha256 } = parseParams(logoParams, req.params);
      const logo = await logoBytes(pool, sha256);
      if (logo?.mime !== mime) throw notFound();
      // Whatever else may be in it, it is a picture and nothing more.
      res
        .set('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'; sandbox")
        .set('Cache-Control', FOREVER)
        .type(mime)
        .send(logo.bytes);
    });

  return routes.router;
}
