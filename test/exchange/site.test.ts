import { load } from 'cheerio';
import supertest from 'supertest';
import { beforeAll, describe, expect, it } from 'vitest';
import { resourceEntries, resourceParts } from '../../server/exchange/sitemap-queries.ts';
import { testApp } from '../support/app.ts';
import { seedCatalog, type Catalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';

const database = await testDatabase();
const { pool } = database;
const { app } = await testApp(database);
let catalog: Catalog;
beforeAll(async () => {
  catalog = await seedCatalog(pool);
});

/** The addresses of one file of the sitemap, as paths, with their times. */
async function read(path: string): Promise<{ path: string; changed: string | null }[]> {
  const { text } = await supertest(app).get(path).expect(200).expect('content-type', /xml/);
  const xml = load(text, { xml: true });
  return xml('url, sitemap')
    .map((_, one) => ({
      path: xml(one).find('loc').text().replace('http://localhost', ''),
      changed: xml(one).find('lastmod').text() || null,
    }))
    .get();
}

describe('the sitemap', () => {
  it('leads to every page that the public may see, each once, and each answers', async () => {
    const parts = await read('/sitemap.xml');
    const pages = (await Promise.all(parts.map(({ path }) => read(path)))).flat();
    const paths = pages.map(({ path }) => path);
    expect(new Set(paths).size).toBe(paths.length);
    const ids = paths.flatMap((path) => /^\/resources\/([^/]+)/.exec(path)?.[1] ?? []);
    const open = catalog.resources.filter(
      ({ state, visibility }) =>
        (state ?? 'published') === 'published' && (visibility ?? 'public') === 'public',
    );
    expect(catalog.keys(ids).toSorted()).toEqual(open.map(({ key }) => key).toSorted());
    expect(paths).toContain(`/standards/${catalog.guid('TS.SCI.3.PS.2')}`);
    expect(paths).toContain(`/standards/${catalog.guid('TS.SCI.3.PS')}`);
    expect(paths).toEqual(
      expect.arrayContaining([
        '/',
        '/topics/fractions',
        '/districts/north',
        '/schools/north-high',
        '/standards/test-math',
      ]),
    );
    for (const path of paths) await supertest(app).get(path).expect(200);
  }, 60_000);

  it('names the true time of the last change', async () => {
    const [part] = (await read('/sitemap.xml')).filter(({ path }) => path.includes('/resources/'));
    const page = async () =>
      (await read(part?.path ?? '')).find(({ path }) => path.includes(catalog.id('tug-of-war')))?.changed;
    expect(await page()).toBe('2026-02-03T10:00:00.000Z');
    await pool.query(`UPDATE version SET published_at = '2026-05-01T00:00:00Z' WHERE resource_id = $1`, [
      catalog.id('tug-of-war'),
    ]);
    expect(await page()).toBe('2026-05-01T00:00:00.000Z');
  });

  it('comes in parts that follow each other without a gap', async () => {
    const parts = await resourceParts(pool, 10);
    expect(parts.length).toBe(Math.ceil((await everything(parts[0]?.first ?? '', 1000)).length / 10));
    const pieces = await Promise.all(parts.map(({ first }) => everything(first, 10)));
    expect(pieces.flat()).toEqual(await everything(parts[0]?.first ?? '', 1000));
  });

  it('is a 404 for a part that can’t be', async () => {
    await supertest(app).get('/sitemaps/resources/none.xml').expect(404);
    expect(await read(`/sitemaps/standards/${catalog.id('tug-of-war')}.xml`)).toEqual([]);
  });
});

async function everything(first: string, most: number): Promise<string[]> {
  const ids: string[] = [];
  for await (const rows of resourceEntries(pool, first, most)) ids.push(...rows.map(({ id }) => id));
  return ids;
}

describe('what crawlers and browsers ask for beside pages', () => {
  it('keeps crawlers from faceted searches and names the sitemap', async () => {
    const { text } = await supertest(app)
      .get('/robots.txt')
      .expect(200)
      .expect('content-type', /^text\/plain/);
    expect(text).toContain('Disallow: /search?\n');
    expect(text).toContain('Sitemap: http://localhost/sitemap.xml\n');
  });

  it('says where to report a hole, and until when that holds', async () => {
    const { text } = await supertest(app).get('/.well-known/security.txt').expect(200);
    expect(text).toContain('Contact: http://localhost/help#contact\n');
    const days = (Date.parse(/Expires: (.*)/.exec(text)?.[1] ?? '') - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(100);
    expect(days).toBeLessThan(366);
  });

  it('has an icon', async () => {
    const { headers } = await supertest(app).get('/favicon.ico').expect(301);
    await supertest(app)
      .get(headers['location'] ?? '')
      .expect(200)
      .expect('content-type', /svg/);
  });

  it('has pages of words', async () => {
    for (const path of ['/about', '/help', '/accessibility', '/privacy'])
      expect(load((await supertest(app).get(path).expect(200)).text)('h1').length, path).toBe(1);
  });

  it('tells the operator’s balancer which search engine answers', async () => {
    const { body } = await supertest(app).get('/readyz').expect(200);
    expect(body).toMatchObject({ ready: true, search: { engine: 'postgres', degraded: true } });
  });
});
