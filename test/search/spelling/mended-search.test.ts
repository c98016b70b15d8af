import { load } from 'cheerio';
import request from 'supertest';
import { beforeAll, describe, expect, it } from 'vitest';
import { batchOf } from '../../../server/search/indexer.ts';
import { searchPage } from '../../../server/search/search-page.ts';
import { readSearch } from '../../../server/search/search-schema.ts';
import { mendQuery, spelledWords } from '../../../server/search/spelling/mend-query.ts';
import { formats } from '../../../server/locale/format.ts';
import { translator } from '../../../server/locale/locale.ts';
import type { Viewer } from '../../../server/lib/viewer.ts';
import { seedCatalog, type Catalog } from '../../support/catalog.ts';
import { testApp } from '../../support/app.ts';
import { testDatabase } from '../../support/database.ts';

const database = await testDatabase();
const { app, deps } = await testApp(database);
let catalog: Catalog;

beforeAll(async () => {
  catalog = await seedCatalog(database.pool);
  const rows = catalog.resources.map(({ key }) => ({ resource_id: catalog.id(key) }));
  await deps.search.first.apply(await batchOf(database.pool, rows));
});

const t = translator('en');
const search = async (q: string, viewer: Viewer = catalog.viewers.public) =>
  (await searchPage(deps, viewer, { t, fmt: formats('en', t) }, readSearch({ q }))).props;
const understood = async (q: string) =>
  (
    (await request(app).get('/api/v1/resources').query({ q }).expect(200)).body as {
      understood: { q: string; corrected: { typed: string; used: string }[] };
    }
  ).understood;

describe('a word that nobody has written', () => {
  it.each([
    ['fotosinthesis', 'photosynthesis'],
    ['photosinthesis', 'photosynthesis'],
    ['frakshuns', 'fractions'],
    ['magnits', 'magnets'],
  ])('%s is looked for as %s, before any engine is asked', async (typed, used) => {
    expect(await understood(typed)).toMatchObject({ q: used, corrected: [{ typed, used }] });
    expect((await search(typed)).total).toBe((await search(used)).total);
  });

  it('is told on the page, with the way to what was typed', async () => {
    const response = await request(app).get('/search').query({ q: 'fotosinthesis disks' }).expect(200);
    const $ = load(response.text);
    const line = $('.read-as .lede');
    expect(line.text()).toMatch(/We looked for\s+photosynthesis disks/);
    expect(line.find('a').last().text()).toBe('Look for “fotosinthesis” as typed');
    const asTyped = line.find('a').last().attr('href') ?? '';
    const literal = load((await request(app).get(asTyped).expect(200)).text);
    expect(literal('.read-as .lede')).toHaveLength(0);
  });

  it('is mended before the rest of the query is read', async () => {
    const page = await search('frakshuns kwiz');
    expect(page.understood).toMatchObject([
      { as: 'filter', facet: 'type', text: 'quiz', wordsUrl: '/search?q=fractions+quiz&words=quiz' },
    ]);
    expect(page.didYouMean?.text).toBe('fractions quiz');
  });

  it('may be unfinished: then it is left alone', async () => {
    expect(await understood('photosyn')).toMatchObject({ q: 'photosyn', corrected: [] });
  });

  it('in quotes, of another script or with letters of another language is left alone', async () => {
    for (const q of ['"fotosinthesis"', 'физика', '物理', 'مغناطيس', 'frakschün', 'žraločí'])
      expect((await understood(q)).corrected, q).toEqual([]);
  });

  it('is known to those who may read where it stands, and to nobody else', async () => {
    const { pool } = database;
    const id = catalog.id('secret-garden-lab');
    await pool.query(`UPDATE version SET summary = summary || ' magnitz' WHERE resource_id = $1`, [id]);
    await deps.search.first.apply(await batchOf(pool, [{ resource_id: id }]));
    const mine = await search('magnitz', catalog.viewers.northElementary);
    expect(catalog.keys(mine.hits.map((hit) => hit.id))).toEqual(['secret-garden-lab']);
    expect(mine.didYouMean).toBeNull();
    expect((await search('magnitz')).didYouMean?.text).toBe('magnets');
    expect((await search('magnitzz', catalog.viewers.southMiddle)).didYouMean?.text ?? '').not.toContain(
      'magnitz',
    );
  });
});

describe('mending a query', () => {
  const looked = (...near: string[]) => ({ known: false, near: near.map((word) => ({ word, docs: 1 })) });

  it('changes only unknown words, and knows where everything has gone', () => {
    const q = 'lab on fizics 3.NF.1';
    const { words, unfinished } = spelledWords(q, [{ start: 14, end: 20 }]);
    expect(words.map(({ word }) => word)).toEqual(['fizics']);
    expect(unfinished).toBeNull();
    const {
      q: text,
      mended,
      moved,
    } = mendQuery(
      q,
      words.map((word) => ({ ...word, looked: looked('physics') })),
    );
    expect(text).toBe('lab on physics 3.NF.1');
    expect(mended).toEqual([{ typed: 'fizics', used: 'physics', literal: 'lab on "fizics" 3.NF.1' }]);
    expect([moved(0), moved(14), moved(20)]).toEqual([0, 15, 21]);
  });

  it('reads no word next to digits, in quotes or behind a minus', () => {
    expect(spelledWords('3rdx "quoted" -banned mp3s plain').words.map(({ word }) => word)).toEqual(['plain']);
    expect(spelledWords('half typed')).toMatchObject({ unfinished: 1 });
    expect(spelledWords('not typed ')).toMatchObject({ unfinished: null });
  });
});
