import { load } from 'cheerio';
import supertest from 'supertest';
import { beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { problem } from '../../server/exchange/openapi-operation.ts';
import { standardRecord, suggestions, vocabularyLists } from '../../server/exchange/reference-schema.ts';
import { resourceRecord, searchResults } from '../../server/exchange/resource-schema.ts';
import { standardsAnswer } from '../../server/standards/standard-schema.ts';
import { testApp } from '../support/app.ts';
import { seedCatalog, type Catalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { indexCatalog } from '../support/index-catalog.ts';
import { routesOf } from '../support/routes.ts';
import { signedIn } from '../support/sign-in.ts';

const database = await testDatabase();
const { pool } = database;
const { app, deps } = await testApp(database);
let catalog: Catalog;
let nora: Awaited<ReturnType<typeof signedIn>>;
beforeAll(async () => {
  catalog = await seedCatalog(pool);
  await indexCatalog(deps, catalog);
  nora = await signedIn(app, database, 'nora@test.example');
});

type Browser = Pick<typeof nora, 'get'>;

/** Asks as the public unless told, and holds the answer against its schema, field by field. */
async function ask<T extends z.ZodType>(
  path: string,
  schema: T,
  browser: Browser = supertest(app),
): Promise<z.output<T>> {
  const response = await browser
    .get(path)
    .expect(200)
    .expect('content-type', /^application\/json/);
  const read = schema.parse(response.body);
  // A field that the schema doesn't know would be missing from what was read.
  expect(read).toEqual(response.body);
  return read;
}

const refused = async (path: string, status: number) =>
  problem.parse(
    (
      await supertest(app)
        .get(path)
        .expect(status)
        .expect('content-type', /^application\/problem\+json/)
    ).body,
  );

const found = (results: z.output<typeof searchResults>): string[] =>
  catalog.keys(results.hits.map(({ id }) => id));

describe('searching by the API', () => {
  it('finds what the page finds, in the same order, with everything that the contract names', async () => {
    const results = await ask('/api/v1/resources?q=rope', searchResults);
    expect(found(results)).toEqual(['tug-of-war', 'forces-packet']);
    expect(results).toMatchObject({ total: 2, page: 1, pages: 1, engine: 'postgres' });
    expect(results.hits[0]).toMatchObject({
      title: 'Tug of war: when do forces balance?',
      url: `http://localhost/resources/${catalog.id('tug-of-war')}/tug-of-war-when-do-forces-balance`,
      type: 'lesson',
      subjects: ['science'],
      grades: ['3', '4'],
      levels: ['developing'],
      standards: ['TS.SCI.3.PS.2'],
      alignments: [
        {
          guid: catalog.guid('TS.SCI.3.PS.2'),
          code: 'TS.SCI.3.PS.2',
          level: 'developing',
          relation: 'teaches',
          status: 'claimed',
        },
      ],
      topics: ['Science > Forces and motion'],
      license: 'CC-BY-4.0',
      language: 'en',
      district: 'north',
      minutes: 45,
      checked: 'state',
      used: 21,
    });
    const page = load((await supertest(app).get('/search?q=rope')).text);
    const shown = page('main a[href^="/resources/"]')
      .map((_, link) => page(link).attr('href')?.split('/')[2])
      .get();
    expect(results.hits.map(({ id }) => id)).toEqual([...new Set(shown)]);
  });

  it('says where inside the words were found', async () => {
    const { hits } = await ask('/api/v1/resources?q=friction', searchResults);
    const packet = hits.find(({ id }) => id === catalog.id('forces-packet'));
    expect(packet?.snippet).toContain('friction');
    expect(packet?.found).toMatchObject({ file: 'forces.pdf' });
    expect(packet?.found?.parts.some(({ mark }) => mark)).toBe(true);
  });

  it('counts in facets what narrowing down would find', async () => {
    const all = await ask('/api/v1/resources', searchResults);
    expect(all.total).toBe(33);
    for (const name of [
      'subject',
      'level',
      'license',
      'district',
      'topic',
      'standard',
      'minutes',
      'checked',
    ] as const) {
      const [value] = all.facets[name];
      const narrowed = await ask(
        `/api/v1/resources?${name}=${encodeURIComponent(value?.value ?? '')}`,
        searchResults,
      );
      expect(narrowed.total, `${name}=${value?.value}`).toBe(value?.count);
    }
    expect(all.facets.topic.find(({ value }) => value === 'fractions')).toMatchObject({
      parent: 'mathematics',
    });
    expect(all.facets.standard.find(({ label }) => label === 'TS.MATH.3.NF.1')).toMatchObject({
      parent: catalog.guid('TS.MATH.3.NF'),
    });
  });

  it('understands codes in any spelling, and says how', async () => {
    const results = await ask('/api/v1/resources?q=3.ps.2+rope&standard=sci-3-ps', searchResults);
    expect(results.understood.q).toBe('rope');
    expect(results.understood.standards).toEqual([
      { text: '3.ps.2', standards: [{ guid: catalog.guid('TS.SCI.3.PS.2'), code: 'TS.SCI.3.PS.2' }] },
      { text: 'sci-3-ps', standards: [{ guid: catalog.guid('TS.SCI.3.PS'), code: 'TS.SCI.3.PS' }] },
    ]);
    const unknown = await ask('/api/v1/resources?standard=TS.MATH.3.NF.9', searchResults);
    expect(unknown.total).toBe(0);
    expect(unknown.understood.unknown).toMatchObject([{ text: 'TS.MATH.3.NF.9' }]);
  });

  it('ends: the page behind the last one is empty', async () => {
    const seen: string[] = [];
    for (let page = 1; ; page += 1) {
      const results = await ask(`/api/v1/resources?page=${page}`, searchResults);
      expect(results.page).toBe(page);
      if (results.hits.length === 0) break;
      seen.push(...found(results));
    }
    expect(seen.length).toBe(33);
    expect(new Set(seen).size).toBe(33);
  });

  it('refuses what it can’t read, and names the parameter', async () => {
    const answer = await refused('/api/v1/resources?page=two&grade=seventeenth&sort=random', 400);
    expect(answer).toMatchObject({ status: 400, code: 'bad_request' });
    expect(answer.errors?.map(({ field }) => field).toSorted()).toEqual(['grade', 'page', 'sort']);
  });

  it('shows each caller what they may see', async () => {
    const titles = async (browser?: Browser) =>
      found(await ask('/api/v1/resources?q=greenhouse+quokka', searchResults, browser));
    expect(await titles()).not.toContain('secret-garden-lab');
    expect(await titles(nora)).toContain('secret-garden-lab');
  });
});

describe('one resource', () => {
  it('is told with its files, alignments and versions', async () => {
    const record = await ask(`/api/v1/resources/${catalog.id('forces-packet')}`, resourceRecord);
    expect(record).toMatchObject({
      title: 'Forces and motion, the whole packet',
      version: 1,
      license_name: 'CC BY 4.0',
    });
    expect(record.files.map(({ name }) => name)).toEqual(['forces.pdf']);
    expect(record.versions).toHaveLength(1);
    expect(record.alignments.map(({ level }) => level)).toEqual(['developing', 'proficient']);
  });

  it('has answer keys only for those who are signed in', async () => {
    const { files } = await ask(`/api/v1/resources/${catalog.id('forces-packet')}`, resourceRecord, nora);
    expect(files.map(({ name, educators_only: only }) => [name, only])).toEqual([
      ['forces.pdf', false],
      ['forces-key.pdf', true],
    ]);
  });

  it('is not there for whom it is hidden from, and gone where it was withdrawn', async () => {
    for (const key of ['secret-garden-lab', 'watershed', 'river-data', 'drafty'])
      expect(await refused(`/api/v1/resources/${catalog.id(key)}`, 404)).toMatchObject({ code: 'not_found' });
    await refused('/api/v1/resources/nothing', 404);
    expect(await refused(`/api/v1/resources/${catalog.id('withdrawn')}`, 410)).not.toHaveProperty('errors');
    await ask(`/api/v1/resources/${catalog.id('secret-garden-lab')}`, resourceRecord, nora);
  });

  it('keeps back the title of a source that the caller may not see', async () => {
    await pool.query('UPDATE resource SET adapted_from_id = $1, adapted_from_version = 1 WHERE id = $2', [
      catalog.id('secret-garden-lab'),
      catalog.id('magnets'),
    ]);
    const path = `/api/v1/resources/${catalog.id('magnets')}`;
    expect((await ask(path, resourceRecord)).lineage.adapted_from).toEqual([
      { id: null, title: null, url: null },
    ]);
    expect((await ask(path, resourceRecord, nora)).lineage.adapted_from[0]).toMatchObject({
      title: 'Greenhouse lab of Alder Elementary',
    });
  });
});

describe('standards and vocabularies', () => {
  it('give a standard with what stands around it and counts at each level', async () => {
    const record = await ask(`/api/v1/standards/${catalog.guid('TS.SCI.3.PS.2')}`, standardRecord);
    expect(record).toMatchObject({ code: 'TS.SCI.3.PS.2', path: ['TS.SCI.3.PS'], resources: 5 });
    expect(record.levels.map(({ slug, resources }) => [slug, resources])).toEqual([
      ['emerging', 1],
      ['developing', 5],
      ['proficient', 2],
      ['extending', 0],
    ]);
    const group = await ask(`/api/v1/standards/${catalog.guid('TS.SCI.3.PS')}`, standardRecord);
    expect(group.below.map(({ code }) => code)).toEqual(['TS.SCI.3.PS.2']);
    await refused(`/api/v1/standards/${catalog.id('tug-of-war')}`, 404);
    await ask('/api/v1/standards?q=3.NF&grade=3', standardsAnswer);
  });

  it('list every value that parameters take', async () => {
    const lists = await ask('/api/v1/vocabularies', vocabularyLists);
    expect(lists.levels.map(({ slug }) => slug)).toEqual([
      'emerging',
      'developing',
      'proficient',
      'extending',
    ]);
    expect(lists.topics.find(({ slug }) => slug === 'fractions')).toEqual({
      slug: 'fractions',
      label: 'Fractions',
      path: 'Mathematics > Fractions',
      parent: 'mathematics',
    });
    expect(lists.districts.map(({ slug }) => slug)).toEqual(['north', 'south']);
  });
});

describe('suggestions', () => {
  const texts = async (q: string, browser?: Browser) =>
    (await ask(`/api/v1/suggest?q=${encodeURIComponent(q)}`, suggestions, browser)).suggestions.map(
      ({ text }) => text,
    );

  it('begin with the second letter', async () => {
    expect(await texts('')).toEqual([]);
    expect(await texts('f')).toEqual([]);
    expect(await texts('fr')).toContain('Fractions');
    expect(await texts(' .% ')).toEqual([]);
  });

  it('offer standards by their codes, topics, and titles by the beginnings of their words', async () => {
    expect((await texts('4nf2'))[0]).toMatch(/^TS\.MATH\.4\.NF\.2 Compare fractions/);
    expect(await texts('tug war')).toEqual(['Tug of war: when do forces balance?']);
    expect(await texts('ETUD')).toEqual(['Études for young pianists: café melodies']);
    expect(await texts('wat')).toContain('Water on Earth');
  });

  it('never offer a hidden title, nor a person', async () => {
    expect(await texts('greenhouse')).toEqual([]);
    expect(await texts('greenhouse', nora)).toEqual(['Greenhouse lab of Alder Elementary']);
    for (const q of ['narwhals', 'axolotl', 'nora', 'adler', 'castillo'])
      expect(await texts(q, nora), q).toEqual([]);
  });

  it('offer what others searched for with success, but nothing that tells of a hidden title or a person', async () => {
    const counts: [string, number, number, string][] = [
      ['fractions balance', 4, 12, 'north'],
      ['fractions balance', 4, 12, 'south'],
      ['fractions of one person', 9, 12, 'north'],
      ['fractions greenhouse', 9, 12, 'north'],
      ['fractions greenhouse', 9, 12, 'south'],
      ['fractions nora', 9, 12, 'north'],
      ['fractions nora', 9, 12, 'south'],
      ['fractions unfound', 9, 0, 'north'],
      ['fractions unfound', 9, 0, 'south'],
    ];
    for (const [words, searches, found, district] of counts)
      await pool.query(
        `INSERT INTO search_statistic (week, district_id, address, words, searches, found)
         SELECT '2026-11-02', id, $1, $2, $3, $4 FROM organization WHERE slug = $5`,
        [`/search?q=${words}`, words, searches, found, district],
      );
    const { suggestions: offered } = await ask('/api/v1/suggest?q=Fráctions', suggestions);
    const searches = offered.filter(({ kind }) => kind === 'search');
    expect(searches).toEqual([
      {
        kind: 'search',
        text: 'fractions balance',
        note: null,
        url: 'http://localhost/search?q=fractions+balance',
      },
    ]);
  });

  it('leave out at once what was withdrawn, whatever the index still says', async () => {
    expect(await texts('crayon')).toEqual(['Crayon rock cycle']);
    await pool.query(`UPDATE resource SET state = 'withdrawn', withdrawn_at = now() WHERE id = $1`, [
      catalog.id('rock-cycle'),
    ]);
    expect(await texts('crayon')).toEqual([]);
  });
});

describe('the API', () => {
  it('may be read from any site, without cookies', async () => {
    const response = await nora
      .get('/api/v1/vocabularies')
      .set('Origin', 'https://elsewhere.example')
      .expect(200);
    expect(response.headers['access-control-allow-origin']).toBe('*');
    expect(response.headers).not.toHaveProperty('access-control-allow-credentials');
    expect(response.headers['cache-control']).toContain('private');
    const preflight = await supertest(app)
      .options('/api/v1/resources')
      .set('Origin', 'https://elsewhere.example');
    expect(preflight.headers['access-control-allow-methods']).toBe('GET, HEAD');
    expect((await refused('/api/v1/nothing', 404)).request_id).toMatch(/^[\w-]{8,}$/);
    expect((await supertest(app).get('/search')).headers).not.toHaveProperty('access-control-allow-origin');
  });

  it('describes itself in OpenAPI, every route of it and nothing that is not there', async () => {
    type Operation = {
      operationId: string;
      parameters?: { name: string; in: string; description?: string }[];
      responses: object;
      security?: object[];
    };
    const { body } = await supertest(app).get('/api/openapi.json').expect(200);
    const document = body as {
      openapi: string;
      paths: Record<string, Record<string, Operation> & { get: Operation }>;
      components: { schemas: object };
    };
    expect(document.openapi).toBe('3.1.0');
    for (const [, name = ''] of JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g))
      expect(document.components.schemas).toHaveProperty(name);
    // A collection of the same id as a resource, so that one address fits both.
    await pool.query(
      `INSERT INTO collection (id, owner_id, kind, title, visibility) VALUES ($1, $2, 'list', 'Ropes', 'public')`,
      [catalog.id('tug-of-war'), catalog.viewers.stateCurator.id],
    );
    const ids = { '{id}': catalog.id('tug-of-war'), '{guid}': catalog.guid('TS.SCI.3.PS.2') };
    const described = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method} ${path}`),
    );
    const routes = routesOf(app)
      .filter(({ path }) => path.startsWith('/api/v1/'))
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
    expect(described.filter((one) => !one.startsWith('head ')).toSorted()).toEqual(routes.toSorted());
    for (const [path, { get }] of Object.entries(document.paths)) {
      if (!get || get.security) continue;
      const address = Object.entries(ids).reduce((text, [part, value]) => text.replace(part, value), path);
      await supertest(app).get(address).expect(200);
      for (const parameter of get.parameters ?? [])
        expect(parameter.description, `${path} ${parameter.name}`).toBeTruthy();
    }
    expect(document.paths['/api/v1/resources']?.get.parameters?.map(({ name }) => name)).toEqual(
      expect.arrayContaining(
        'q subject grade standard topic level type license language district setting minutes checked collection sort page'.split(
          ' ',
        ),
      ),
    );
  });

  it('is explained on a page whose examples work', async () => {
    const page = load((await supertest(app).get('/api').expect(200)).text);
    expect(page('h1').text()).toContain('Commonshelf API');
    const examples = page('pre code')
      .map((_, one) => /'http:\/\/localhost(.*)'/.exec(page(one).text())?.[1])
      .get();
    expect(examples.length).toBeGreaterThan(3);
    for (const example of examples) await supertest(app).get(example).expect(200);
    await supertest(app).get('/api/docs').expect(301).expect('location', '/api');
  });
});
