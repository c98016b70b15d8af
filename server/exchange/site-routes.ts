import { Readable } from 'node:stream';
import type { Response } from 'express';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { sendStream } from '../files/send-content.ts';
import { briefCache } from '../lib/brief-cache.ts';
import { resourcePath } from '../lib/slug.ts';
import { id, parseParams } from '../web/parse.ts';
import { anyone, createRoutes } from '../web/route.ts';
import {
  collectionEntries,
  frameworkParts,
  placeEntries,
  resourceEntries,
  resourceParts,
  standardEntries,
  type SitemapEntry,
} from './sitemap-queries.ts';

/** The protocol allows 50,000 addresses in one file; parts are made smaller, so that what is published later still fits. */
const mostInFile = 50_000;
const inPart = 45_000;

const plainPages = [
  '/',
  '/standards',
  '/topics',
  '/collections',
  '/districts',
  '/about',
  '/help',
  '/accessibility',
  '/privacy',
  '/api',
];
const partParams = z.object({ first: id });

/** What crawlers ask for: the sitemap (sitemaps.org), robots.txt (RFC 9309), security.txt (RFC 9116), the icon. */
export function siteRoutes({ pool, config, clock }: Pick<Deps, 'pool' | 'config' | 'clock'>) {
  const routes = createRoutes();
  const { baseUrl } = config;
  const parts = briefCache<{ path: string; changed: Date }[]>(5 * 60_000);

  routes.get('/sitemap.xml', anyone, async (_req, res) => {
    const all = await parts('all', async () => [
      ...(await resourceParts(pool, inPart)).map(({ first, changed }) => ({
        path: `/sitemaps/resources/${first}.xml`,
        changed,
      })),
      ...(await frameworkParts(pool)).map(({ first, changed }) => ({
        path: `/sitemaps/standards/${first}.xml`,
        changed,
      })),
    ]);
    res
      .type('xml')
      .send(
        `${head}<sitemapindex xmlns="${namespace}">\n${[
          { path: '/sitemaps/places.xml', changed: null },
          ...all,
        ]
          .map((part) => `<sitemap>${entry(part, baseUrl)}</sitemap>\n`)
          .join('')}</sitemapindex>\n`,
      );
  });

  routes.get('/sitemaps/places.xml', anyone, async (_req, res) => {
    const frameworks = (await frameworkParts(pool)).map(({ slug, changed }) => ({
      path: `/standards/${slug}`,
      changed,
    }));
    const plain = plainPages.map((path) => ({ path, changed: null }));
    const collections = await collectionEntries(pool, mostInFile / 2);
    await send(res, [[...plain, ...frameworks, ...collections, ...(await placeEntries(pool))]]);
  });

  routes.get('/sitemaps/resources/:first.xml', anyone, async (req, res) => {
    const { first } = parseParams(partParams, req.params);
    await send(res, resourcePages(first));
  });

  routes.get('/sitemaps/standards/:first.xml', anyone, async (req, res) => {
    const { first } = parseParams(partParams, req.params);
    await send(res, standardEntries(pool, first, mostInFile));
  });

  async function* resourcePages(first: string): AsyncGenerator<SitemapEntry[]> {
    for await (const rows of resourceEntries(pool, first, mostInFile))
      yield rows.map(({ id: resourceId, title, changed }) => ({
        path: resourcePath(resourceId, title),
        changed,
      }));
  }

  /** Writes the file page by page, as fast as it is read at the other end. */
  async function send(
    res: Response,
    pages: AsyncIterable<SitemapEntry[]> | Iterable<SitemapEntry[]>,
  ): Promise<void> {
    async function* file(): AsyncGenerator<string> {
      yield `${head}<urlset xmlns="${namespace}">\n`;
      for await (const page of pages) yield page.map((one) => `<url>${entry(one, baseUrl)}</url>\n`).join('');
      yield '</urlset>\n';
    }
    res.type('application/xml; charset=utf-8');
    await sendStream(res, Readable.from(file()));
  }

  routes.get('/robots.txt', anyone, (_req, res) => void res.type('text').send(robots(baseUrl)));

  routes.get('/.well-known/security.txt', anyone, (_req, res) => {
    const expires = new Date(clock.now().getTime() + 180 * 24 * 3600 * 1000);
    expires.setUTCHours(0, 0, 0, 0);
    res
      .type('text')
      .send(
        `Contact: ${baseUrl}/help#contact\nExpires: ${expires.toISOString()}\nPreferred-Languages: en\nCanonical: ${baseUrl}/.well-known/security.txt\n`,
      );
  });

  // Browsers ask for it on pages that aren't ours to write, such as a PDF.
  routes.get('/favicon.ico', anyone, (_req, res) => res.redirect(301, '/img/icon.svg'));

  return routes.router;
}

const head = '<?xml version="1.0" encoding="UTF-8"?>\n';
const namespace = 'http://www.sitemaps.org/schemas/sitemap/0.9';

/** Paths hold nothing but letters, digits, dashes and slashes; only the operator's own address could need escaping. */
const entry = ({ path, changed }: SitemapEntry, baseUrl: string): string =>
  `<loc>${(baseUrl + path).replaceAll('&', '&amp;')}</loc>${changed ? `<lastmod>${changed.toISOString()}</lastmod>` : ''}`;

/** Every combination of filters has an address; crawlers that follow them all would do nothing else, and find nothing new. */
const robots = (baseUrl: string): string => `User-agent: *
Disallow: /search?
Disallow: /api/v1/
Disallow: /sign-in
Disallow: /account
Disallow: /shelf
Disallow: /admin
Disallow: /resources/new
Disallow: /resources/*/versions/
Disallow: /resources/*/files.zip
Disallow: /collections/*/files.zip

Sitemap: ${baseUrl}/sitemap.xml
`;
