import { load } from 'cheerio';
import { beforeAll, describe, expect, it } from 'vitest';
import request from 'supertest';
import { batchOf } from '../../server/search/indexer.ts';
import type { SearchEngine, SearchRequest, SearchResult } from '../../server/search/search-port.ts';
import { seedCatalog, type Catalog } from '../support/catalog.ts';
import { testApp } from '../support/app.ts';
import { testDatabase } from '../support/database.ts';

/** An engine that says how much there is, whatever the catalog has. */
const asked: SearchRequest[] = [];
let answers: (request: SearchRequest) => { keys: string[]; total: number };

const database = await testDatabase();
const { app, deps } = await testApp(database);
let catalog: Catalog;

beforeAll(async () => {
  catalog = await seedCatalog(database.pool);
  const rows = catalog.resources.map(({ key }) => ({ resource_id: catalog.id(key) }));
  const real = deps.search.first;
  await real.apply(await batchOf(database.pool, rows));
  const search = async (asking: SearchRequest): Promise<SearchResult> => {
    asked.push(asking);
    const { keys, total } = answers(asking);
    const from = (asking.page - 1) * asking.perPage;
    return {
      ids: keys.slice(from, from + asking.perPage).map((key) => catalog.id(key)),
      total,
      facets: {},
      corrected: [],
      relaxed: asking.match === 'some',
      engine: 'postgres',
      tookMs: 1,
    };
  };
  Object.assign(deps.search, { first: { ...real, search } satisfies SearchEngine });
});

const page = async (q: string) => load((await request(app).get('/search').query({ q }).expect(200)).text);
const api = async (q: string) =>
  (await request(app).get('/api/v1/resources').query({ q }).expect(200)).body as {
    total: number;
    hits: { id: string }[];
    understood: { q: string; filters: unknown[]; preferred: { text: string }[]; relaxed: boolean };
  };
const many = ['fraction-walls', 'magnets', 'watershed'];

describe('what was read from the words', () => {
  it('is preferred where little has it and much hasn’t, and the page has a way to that little', async () => {
    answers = ({ filters }) =>
      filters.level.length > 0 ? { keys: ['fraction-walls'], total: 1 } : { keys: many, total: 200 };
    const $ = await page('fractions for struggling students');
    expect($('h1').text()).toContain('200');
    expect($('.read-as').text()).toMatch(/Only 1 result fits .* It comes first, others follow\./);
    const few = $('.read-as a:contains("Show only what fits")').attr('href') ?? '';
    expect(few).toMatch(/^\/search\?q=fractions&level=/);
    expect(load((await request(app).get(few).expect(200)).text)('h1').text()).toContain('1 resource');
    const found = await api('fractions for struggling students');
    expect(catalog.keys(found.hits.map(({ id }) => id))[0]).toBe('fraction-walls');
    expect(found.understood).toMatchObject({ filters: [], preferred: [{ text: 'for struggling students' }] });
  });

  it('stays required where nothing is gained by more', async () => {
    answers = ({ filters }) => ({ keys: many, total: filters.level.length > 0 ? 3 : 6 });
    expect((await api('fractions for struggling students')).understood.preferred).toEqual([]);
  });

  it('stays required where it is a license: what may not be changed is no help', async () => {
    answers = ({ filters }) => ({ keys: ['magnets'], total: filters.license.length > 0 ? 1 : 200 });
    const { understood, total } = await api('fractions free to adapt');
    expect(understood.preferred).toEqual([]);
    expect(total).toBe(1);
  });
});

describe('words', () => {
  it('may be missing where little has all of them, and the page says so', async () => {
    answers = ({ match }) =>
      match === 'some' ? { keys: ['magnets', ...many], total: 50 } : { keys: ['fraction-walls'], total: 1 };
    const $ = await page('osmosis fraction');
    expect($('.read-as').text()).toContain('1 result has all of these words. The others have some of them.');
    const { understood, hits } = await api('osmosis fraction');
    expect(understood.relaxed).toBe(true);
    expect(catalog.keys(hits.map(({ id }) => id))).toContain('fraction-walls');
  });

  it('must be there where there is only one', async () => {
    answers = () => ({ keys: many, total: 3 });
    asked.length = 0;
    expect((await api('osmosis')).understood.relaxed).toBe(false);
    expect(asked.map(({ match }) => match)).not.toContain('some');
  });

  it('that any search could begin with are not asked for', async () => {
    answers = () => ({ keys: many, total: 300 });
    asked.length = 0;
    await api('how to teach osmosis for my class');
    expect(asked[0]?.q).toBe('osmosis');
  });
});
