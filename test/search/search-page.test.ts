import { load } from 'cheerio';
import fc from 'fast-check';
import request from 'supertest';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Viewer } from '../../server/lib/viewer.ts';
import { formats } from '../../server/locale/format.ts';
import { translator } from '../../server/locale/locale.ts';
import { facetTree } from '../../server/search/facet-tree.ts';
import { batchOf } from '../../server/search/indexer.ts';
import { searchPage } from '../../server/search/search-page.ts';
import { readSearch } from '../../server/search/search-schema.ts';
import type { SearchPage } from '../../server/search/search-view.ts';
import { seedCatalog, type Catalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { testApp } from '../support/app.ts';

const database = await testDatabase();
const { app, deps } = await testApp(database);
const t = translator('en');
const locale = { t, fmt: formats('en', t) };
let catalog: Catalog;

beforeAll(async () => {
  catalog = await seedCatalog(database.pool);
  const rows = catalog.resources.map(({ key }) => ({ resource_id: catalog.id(key) }));
  await deps.search.first.apply(await batchOf(database.pool, rows));
});

const search = async (address: string, viewer: Viewer = catalog.viewers.public): Promise<SearchPage> => {
  const query: Record<string, string[]> = {};
  for (const [name, value] of new URLSearchParams(address)) (query[name] ??= []).push(value);
  return (await searchPage(deps, viewer, locale, readSearch(query))).props;
};
const keys = ({ hits }: SearchPage): string[] => catalog.keys(hits.map(({ id }) => id));
const facet = (page: SearchPage, name: string) => page.facets.find((one) => one.name === name)?.options ?? [];

describe('the search page', () => {
  it('shows everything on the shelf when nothing is asked for', async () => {
    const page = await search('');
    expect(page.total).toBe(33);
    expect(page).toMatchObject({
      from: 1,
      to: 20,
      query: '',
      nothing: null,
      errors: [],
      engineNotice: false,
    });
    expect(page.pager?.pages).toBe(2);
    expect(page.hits).toHaveLength(20);
  });

  it('goes on where the first page ends', async () => {
    const first = await search('');
    const second = await search('page=2');
    expect(second).toMatchObject({ from: 21, to: 33 });
    expect(keys(first).filter((key) => keys(second).includes(key))).toEqual([]);
  });

  it('shows the last page, and says so, for one that does not exist', async () => {
    const page = await search('page=1000000000');
    expect(page.from).toBe(21);
    expect(page.errors).toEqual([
      { field: 'page', message: 'There is no page 1,000,000,000. This is the last one.' },
    ]);
  });

  it('offers filters in reading order, with words', async () => {
    const page = await search('subject=science');
    expect(facet(page, 'grade').map(({ label }) => label)).toEqual([
      'Grade 2',
      'Grade 3',
      'Grade 4',
      'Grade 5',
      'Grade 6',
      'Grade 9',
      'Grade 10',
    ]);
    expect(facet(page, 'level').map(({ label, count }) => [label, count])).toEqual([
      ['Emerging', 2],
      ['Developing', 6],
      ['Proficient', 2],
    ]);
    expect(facet(page, 'language').map(({ label }) => label)).toEqual(['English', 'español']);
    expect(facet(page, 'checked').map(({ label }) => label)).toEqual([
      'The state',
      'A district',
      'Not yet checked',
    ]);
    expect(facet(page, 'license').map(({ label }) => label)).toEqual([
      'Yes: CC BY 4.0',
      'No: CC BY-ND 4.0',
      'Yes: CC0 1.0',
      'Ask first',
    ]);
    expect(
      facet(page, 'district')
        .map(({ label }) => label)
        .sort(),
    ).toEqual(['North Fork Schools', 'South Bay Unified']);
  });

  it('draws the standards as a tree with short codes', async () => {
    const page = await search('subject=science');
    const [framework] = facet(page, 'standard');
    expect(framework).toMatchObject({ label: 'Testing State Standards for Science', count: 8, open: true });
    expect(framework?.children.map(({ code, count }) => [code, count])).toEqual([
      ['TS.SCI.3.PS', 6],
      ['TS.SCI.5.ES', 2],
    ]);
    expect(framework?.children[0]?.children.map(({ code, count }) => [code, count])).toEqual([['2', 5]]);
  });

  it('shortens a code also under a group that has a code of its own kind', () => {
    const node = (value: string, parent: string | null, code: string) => ({
      value,
      parent,
      code,
      label: value,
      language: null,
      count: 1,
      position: 0,
    });
    const [grade] = facetTree(
      [
        node('a', null, 'TS.MATH.1'),
        node('b', 'a', 'MD'),
        node('c', 'b', 'TS.MATH.1.G.1'),
        node('d', 'b', 'TS.MATH.10'),
      ],
      new Set(),
    );
    expect(grade?.children[0]?.children.map(({ code }) => code)).toEqual(['G.1', 'TS.MATH.10']);
  });

  it('draws topics as a tree', async () => {
    const mathematics = facet(await search('subject=math'), 'topic');
    expect(mathematics.map(({ label }) => label)).toEqual(['Mathematics']);
    expect(mathematics[0]?.children.map(({ label, count }) => [label, count])).toEqual([
      ['Fractions', 5],
      ['Ratios', 2],
    ]);
  });

  it('keeps what is chosen in the list, also when nothing has it', async () => {
    const page = await search('grade=12&subject=science&q=magnets');
    expect(facet(page, 'grade').filter(({ chosen }) => chosen)).toMatchObject([
      { value: '12', count: 0, label: 'Grade 12' },
    ]);
  });

  it('shows each filter as a chip that can be taken off', async () => {
    const page = await search('q=fractions&grade=4&level=developing');
    expect(page.filters.map(({ facet: name, label, removeUrl }) => [name, label, removeUrl])).toEqual([
      ['level', 'Developing', '/search?q=fractions&grade=4'],
      ['grade', 'Grade 4', '/search?q=fractions&level=developing'],
    ]);
    expect(page.clearUrl).toBe('/search?q=fractions');
    expect(page.apiUrl).toBe('/api/v1/resources?q=fractions&level=developing&grade=4');
  });

  it('says on which page of which file the words are, and shows them', async () => {
    const page = await search('q=newtons+rope');
    expect(keys(page)).toEqual(['forces-packet']);
    const found = page.hits[0]?.found;
    expect(found).toMatchObject({ fileName: 'forces.pdf', page: 2 });
    expect(found?.url).toMatch(/^\/files\/[0-9a-f-]{36}\/pages#page-2$/);
    expect(found?.snippet.filter(({ mark }) => mark).map(({ text }) => text)).toEqual(
      expect.arrayContaining(['rope', 'newtons']),
    );
    expect(found?.snippet.map(({ text }) => text).join('')).toContain(
      'Both teams pull the rope with five newtons.',
    );
  });

  it('needs no snippet where title and summary have the words', async () => {
    expect((await search('q=magnets')).hits[0]?.found).toBeNull();
  });

  it('shows a snippet of an educators-only file to a teacher only', async () => {
    const teacher = await search('q=zebrafish', catalog.viewers.southMiddle);
    expect(teacher.hits[0]?.found).toMatchObject({ fileName: 'forces-key.pdf', page: 1 });
    expect((await search('q=zebrafish')).total).toBe(0);
  });

  it('shows no snippet of a file that became educators-only since it was indexed', async () => {
    const { pool } = database;
    const change = (value: boolean) =>
      pool.query(
        `UPDATE version_file SET educators_only = $1 WHERE file_id = (SELECT id FROM file WHERE name = 'forces.pdf')`,
        [value],
      );
    await change(true);
    expect((await search('q=newtons+rope')).hits[0]?.found).toBeNull();
    await change(false);
    expect((await search('q=newtons+rope')).hits[0]?.found).not.toBeNull();
  });

  it('never shows what was withdrawn or hidden since it was indexed', async () => {
    const { pool } = database;
    await pool.query(`UPDATE resource SET visibility = 'school' WHERE id = $1`, [catalog.id('magnets')]);
    expect((await search('q=magnets')).hits).toEqual([]);
    await pool.query(`UPDATE resource SET visibility = 'public' WHERE id = $1`, [catalog.id('magnets')]);
    expect(keys(await search('q=magnets'))).toEqual(['magnets']);
  });

  it('says which spelling it searched for', async () => {
    const page = await search('q=Photosinthesis+disks');
    expect(keys(page)).toEqual(['photosynthesis']);
    expect(page.didYouMean).toEqual({
      text: 'photosynthesis disks',
      url: '/search?q=photosynthesis+disks',
      count: null,
      asTyped: [{ label: 'Photosinthesis', url: '/search?q=%22Photosinthesis%22+disks' }],
    });
  });

  it('says when hits have only some of the words', async () => {
    expect(await search('q=crayon+microscope')).toMatchObject({ relaxed: { full: 0 } });
    expect(await search('q=crayon')).toMatchObject({ relaxed: null });
  });

  it('tells staff, and only them, when the faster engine is down', async () => {
    const { standIn, first } = deps.search;
    Object.assign(deps.search, {
      first: { ...first, search: () => Promise.reject(new Error('down')) },
      standIn: first,
    });
    try {
      expect((await search('', catalog.viewers.stateCurator)).engineNotice).toBe(true);
      expect(await search('', catalog.viewers.southMiddle)).toMatchObject({ engineNotice: false, total: 37 });
    } finally {
      Object.assign(deps.search, { first, standIn });
    }
  });
});

describe('a code among the words', () => {
  it.each([
    'TS.MATH.4.NF.2',
    'ts.math.4.nf.2',
    '4.NF.2',
    '4nf2',
    '4-NF-2',
    'math 4 nf 2',
    '4.nf.2.',
    'TS MATH 4 NF 2',
  ])('in any spelling finds what is aligned: %s', async (code) => {
    const page = await search(`q=${encodeURIComponent(code)}`);
    expect(keys(page).sort()).toEqual(['compare', 'compare-quiz', 'fifty-claims']);
    expect(page.understood).toMatchObject([
      { as: 'standard', tab: { code: 'TS.MATH.4.NF.2' }, removeUrl: '/search' },
    ]);
  });

  it('of a branch includes everything below it', async () => {
    expect((await search('q=3.NF')).total).toBe(3);
  });

  it('goes together with words', async () => {
    const page = await search('q=quiz+4.NF.2');
    expect(keys(page)).toEqual(['compare-quiz']);
    expect(page.understood).toMatchObject([
      { text: '4.NF.2', removeUrl: '/search?q=quiz', wordsUrl: '/search?q=quiz+4.NF.2&words=4.nf.2' },
      { text: 'quiz', removeUrl: '/search?q=4.NF.2', wordsUrl: '/search?q=quiz+4.NF.2&words=quiz' },
    ]);
  });

  it('can be read as letters instead', async () => {
    const page = await search('q=4.NF.2&read=words');
    expect(page.understood).toEqual([]);
    expect(page.filterHidden).toEqual([
      { name: 'q', value: '4.NF.2' },
      { name: 'read', value: 'words' },
    ]);
  });

  it('is understood as a filter too, and as a GUID', async () => {
    for (const value of [
      '4.NF.2',
      'TS.MATH.4.NF.2',
      catalog.guid('TS.MATH.4.NF.2'),
      catalog.guid('TS.MATH.4.NF.2').toUpperCase(),
    ]) {
      const page = await search(`standard=${value}`);
      expect(page.total, value).toBe(3);
      expect(page.filters).toMatchObject([{ label: 'TS.MATH.4.NF.2', removeUrl: '/search' }]);
    }
  });

  it('that nobody knows is named, with near ones', async () => {
    const page = await search('q=TS.MATH.4.NF.9');
    expect(page.understood).toMatchObject([{ as: 'unknown', facet: 'standard', text: 'TS.MATH.4.NF.9' }]);
    const [unknown] = page.understood;
    expect(unknown?.as === 'unknown' && unknown.near.map(({ label }) => label)).toContain('TS.MATH.4.NF.1');
    expect((await search('standard=TS.MATH.9.ZZ.1')).total).toBe(0);
  });
});

it('says first that there is no such standard where a code is all that was asked for', async () => {
  const page = await search('q=4.ZZ.99');
  expect(page.noCode).toBe('4.ZZ.99');
  expect((await search('q=fractions+4.ZZ.99')).noCode).toBeNull();
  const { text } = await request(app).get('/search?q=4.ZZ.99').expect(200);
  expect(load(text)('h1').text()).toBe('No standard here has the code “4.ZZ.99”');
});

it('offers to save a search under its words and its filters', async () => {
  const page = await search('q=fractions&grade=4&grade=5', catalog.viewers.southMiddle);
  expect(page.keep?.name).toBe('fractions, Grade 4, Grade 5');
});

describe('a word for a kind of file', () => {
  it('is not required, and can be looked for all the same', async () => {
    const [plain, withWord] = [await search('q=fractions'), await search('q=fractions+pdf')];
    expect(keys(withWord)).toEqual(keys(plain));
    expect(withWord.relaxed).toBeNull();
    expect(withWord.understood).toMatchObject([{ as: 'file', text: 'pdf' }]);
    const [read] = withWord.understood;
    const asWord = await search(read?.as === 'file' ? read.wordsUrl.replace('/search?', '') : '');
    expect(asWord.understood).toEqual([]);
    expect(keys(asWord)).not.toEqual(keys(plain));
  });

  it('alone leaves the whole shelf; in quotes or glued to another word it is a word', async () => {
    expect((await search('q=PDF')).total).toBe(33);
    expect((await search('q=Word+document')).understood).toMatchObject([
      { as: 'file', text: 'Word document' },
    ]);
    for (const q of ['%22pdf%22', 'map.pdf', 'fractions+-pdf'])
      expect((await search(`q=${q}`)).understood.filter(({ as }) => as === 'file')).toEqual([]);
  });
});

describe('a search that finds nothing', () => {
  it('says what to leave out, and what that would give', async () => {
    const page = await search('q=tug+of+war&level=extending&language=es');
    expect(page.total).toBe(0);
    expect(page.nothing?.looser).toEqual([]);
    const two = await search('q=cuerda&level=extending');
    expect(two.nothing?.looser).toEqual([
      { without: 'level', label: 'Extending', url: '/search?q=cuerda', count: 1 },
    ]);
    expect(two.nothing?.near.map(({ title }) => title)).toEqual(['Jalar la cuerda: fuerzas en equilibrio']);
  });

  it('names the rung that nobody has filled', async () => {
    const page = await search('q=3.PS.2&level=extending');
    expect(page.nothing?.gap).toMatchObject({
      tab: { code: 'TS.SCI.3.PS.2' },
      level: { slug: 'extending' },
      shareUrl: `/resources/new?standard=${catalog.guid('TS.SCI.3.PS.2')}&level=extending`,
    });
    expect(page.nothing?.looser).toMatchObject([{ without: 'level', count: 5 }]);
  });

  it('does not call a rung empty that only lacks the words', async () => {
    expect((await search('q=zzqxv+3.PS.2')).nothing).toMatchObject({
      gap: null,
      looser: [{ without: 'words', count: 5, url: '/search?q=3.PS.2' }],
    });
  });

  it('names a filter value that does not exist, with near ones', async () => {
    const page = await search('subject=scince');
    expect(page.total).toBe(0);
    expect(page.understood).toEqual([
      {
        as: 'unknown',
        facet: 'subject',
        text: 'scince',
        removeUrl: '/search',
        near: [{ label: 'Science', url: '/search?subject=science' }],
      },
    ]);
  });

  it('is empty for somebody else’s collection', async () => {
    expect((await search(`collection=${catalog.id('cells')}`, catalog.viewers.southMiddle)).total).toBe(0);
  });

  it('finds what a person saved, for them alone', async () => {
    const { pool } = database;
    const owner = catalog.viewers.southMiddle;
    const { rows } = await pool.query<{ id: string }>(
      `INSERT INTO collection (owner_id, kind) VALUES ($1, 'saved') RETURNING id`,
      [owner.id],
    );
    const id = rows[0]?.id ?? '';
    await pool.query('INSERT INTO collection_item (collection_id, resource_id) VALUES ($1, $2), ($1, $3)', [
      id,
      catalog.id('cells'),
      catalog.id('secret-garden-lab'),
    ]);
    expect(keys(await search(`collection=${id}`, owner))).toEqual(['cells']);
    expect((await search(`collection=${id}`)).total).toBe(0);
  });
});

describe('over HTTP', () => {
  it('is a page that says how many there are', async () => {
    const response = await request(app).get('/search?q=fractions&grade=4').expect(200);
    const $ = load(response.text);
    expect($('h1').text()).toContain('“fractions”');
    expect($('title').text()).toMatch(/^fractions – Search/);
    expect($('ol.hits > li').length).toBeGreaterThan(3);
    expect($('input[name=grade][value=4]').prop('checked')).toBe(true);
    expect($('meta[name=robots]').attr('content')).toMatch(/noindex/);
  });

  it('shows the hidden to nobody without an account', async () => {
    const response = await request(app).get('/search?q=watershed').expect(200);
    expect(response.text).not.toContain('Our watershed');
  });

  it.each([
    ['q of 10,000 characters', `q=${'fractions '.repeat(1000)}`],
    ['a page of a billion', 'page=1000000000'],
    ['a page of 400 digits', `page=${'9'.repeat(400)}`],
    ['a page that is no number', 'page=abc'],
    ['a negative page', 'page=-1'],
    ['q as a list', 'q[]=a&q[]=b'],
    ['q as an object', 'q[a][b]=c'],
    ['q twice', 'q=forces&q=motion'],
    ['NUL bytes', 'q=a%00b&grade=%00&subject=%00x'],
    ['broken UTF-8', 'q=%ff%fe%c3&subject=%c3'],
    ['half a percent sign', 'q=100%&grade=%zz'],
    ['500 values of one filter', Array.from({ length: 500 }, (_, n) => `topic=t${n}`).join('&')],
    [
      'every filter at once',
      'level=a&standard=b&grade=3&subject=c&topic=d&type=e&checked=state&license=f&language=en&district=g&setting=h&minutes=15&collection=i',
    ],
    ['the names of an object', '__proto__=1&constructor=2&hasOwnProperty=3&toString=4'],
    ['a sort that does not exist', 'sort=random'],
    ['SQL', "q=';DROP TABLE resource;--&subject=' OR 1=1"],
    ['markup', 'q=<script>alert(1)</script>&subject=<b>'],
    ['right-to-left signs', 'q=%E2%80%AE%E2%80%8Ftest'],
  ])('answers %s with 200 or 400', async (_, query) => {
    const response = await request(app).get(`/search?${query.replaceAll(' ', '+')}`);
    expect([200, 400]).toContain(response.status);
    expect(response.text).not.toContain('<script>alert(1)');
  });

  it('says in words what it could not read', async () => {
    const response = await request(app).get('/search?page=abc&sort=random&checked=maybe').expect(200);
    expect(response.text).toContain('“abc” can&#39;t be used for “page”');
    expect(response.text).toContain('“random” can&#39;t be used for “sort”');
    expect(response.text).toContain('“maybe” can&#39;t be used for “checked”');
  });

  it('takes any query string at all', { timeout: 60_000 }, async () => {
    const parameter = fc.tuple(
      fc.oneof(
        fc.constantFrom(
          'q',
          'page',
          'sort',
          'grade',
          'standard',
          'topic',
          'checked',
          'minutes',
          'read',
          'collection',
          'q[]',
        ),
        fc.string({ maxLength: 10 }),
      ),
      fc.string({ unit: 'binary', maxLength: 80 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(parameter, { maxLength: 6 }), async (parameters) => {
        const query = parameters
          .map(
            ([name, value]) =>
              `${encodeURIComponent(name.toWellFormed())}=${encodeURIComponent(value.toWellFormed())}`,
          )
          .join('&');
        const response = await request(app).get(`/search?${query}`);
        expect([200, 400]).toContain(response.status);
      }),
      { numRuns: 40 },
    );
  });
});
