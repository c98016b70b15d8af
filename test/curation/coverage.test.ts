import { load } from 'cheerio';
import { beforeAll, describe, expect, it } from 'vitest';
import { coverageCounts } from '../../server/curation/coverage-counts.ts';
import { audiencesOf, type Viewer } from '../../server/lib/viewer.ts';
import { mondayOf } from '../../server/search/search-statistics.ts';
import { testApp } from '../support/app.ts';
import { catalogId, catalogViewers, seedCatalog, type Catalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { indexCatalog } from '../support/index-catalog.ts';
import { signedIn } from '../support/sign-in.ts';

const database = await testDatabase();
const { app, deps } = await testApp(database);
const { pool } = database;
const LEVELS = ['emerging', 'developing', 'proficient', 'extending'];
type Browser = Awaited<ReturnType<typeof signedIn>>;
let catalog: Catalog;
let state: Browser;
let north: Browser;
let teacher: Browser;

beforeAll(async () => {
  catalog = await seedCatalog(pool);
  await indexCatalog(deps, catalog);
  await pool.query(`INSERT INTO role_grant (person_id, role, organization_id) VALUES ($1, 'curator', $2)`, [
    catalogId('person', 'hugo'),
    catalogId('organization', 'north'),
  ]);
  const guid = catalog.guid('TS.MATH.6.RP.2');
  const searches: [string | null, string, number][] = [
    ['north', `/search?level=extending&standard=${guid}`, 6],
    ['south', '/search?q=ts.math.6.rp.2+extending', 3],
    ['south', '/search?q=nothing+of+the+kind', 30],
  ];
  for (const [at, address, empty] of searches)
    await pool.query(
      `INSERT INTO search_statistic (week, district_id, address, words, searches, empty) VALUES ($1, $2, $3, '', $4, $4)`,
      [mondayOf(new Date()), at && catalogId('organization', at), address, empty],
    );
  await pool.query(`INSERT INTO search_ask (person_id, address, words) VALUES ($1, $2, '')`, [
    catalogId('person', 'sara'),
    `/search?level=emerging&standard=${guid}`,
  ]);
  [state, north, teacher] = [
    await signedIn(app, database, 'carla@test.example'),
    await signedIn(app, database, 'hugo@test.example'),
    await signedIn(app, database, 'nora@test.example'),
  ];
});

/** What the tables themselves say: distinct published resources that share a key, at or below each standard. */
async function truth(viewer: Viewer, filter: { level?: string; checked: boolean; district: string | null }) {
  const { rows } = await pool.query<{ guid: string; count: number }>(
    `SELECT t.ancestor_guid AS guid, count(DISTINCT r.id)::int AS count
     FROM alignment a JOIN resource r ON r.id = a.resource_id AND r.state = 'published' AND r.audience && $1::text[]
       JOIN (SELECT standard_guid, ancestor_guid FROM standard_ancestor UNION SELECT guid, guid FROM standard
             UNION SELECT guid, framework_guid FROM standard) t ON t.standard_guid = a.standard_guid
       LEFT JOIN competency_level l ON l.id = a.level_id LEFT JOIN organization d ON d.id = r.district_id
     WHERE a.to_version IS NULL AND NOT (a.check_state = 'returned' AND coalesce(a.fit, '') IN ('other_level', 'none'))
       AND ($2::text IS NULL OR l.slug = $2) AND (NOT $3 OR r.check_state = 'checked')
       AND ($4::text IS NULL OR d.slug = $4) GROUP BY 1`,
    [audiencesOf(viewer), filter.level ?? null, filter.checked, filter.district],
  );
  return Object.fromEntries(rows.map((row) => [row.guid, row.count]));
}

const viewers = Object.entries(catalogViewers) as [string, Viewer][];

it.each(viewers)(
  'counts what %s may see, each resource once, parents with what is below them',
  async (_, viewer) => {
    for (const district of [null, 'north'])
      for (const checked of [false, true]) {
        const scope = { audience: audiencesOf(viewer), checked, district };
        const { all, columns } = await coverageCounts(deps, scope, 'level', LEVELS);
        expect(Object.fromEntries(all)).toEqual(await truth(viewer, { checked, district }));
        for (const [place, level] of LEVELS.entries())
          expect(Object.fromEntries(columns[place] ?? [])).toEqual(
            await truth(viewer, { level, checked, district }),
          );
      }
  },
);

const tableOf = async (browser: Browser, query = '') =>
  load((await browser.get(`/curate/coverage${query}`).expect(200)).text);

describe('the table', () => {
  it('opens the framework that has most, and each number leads to a search that finds as many', async () => {
    for (const [browser, query] of [
      [state, '?framework=test-math'],
      [state, '?framework=test-math&count=checked'],
      [state, '?framework=test-science&across=type'],
      [state, '?framework=test-math&across=district'],
      [north, '?framework=test-math&district=north'],
    ] as const) {
      const page = await tableOf(browser, query);
      const cells = page('.heat td > a')
        .map((__, link) => ({
          count: Number.parseInt(page(link).text(), 10),
          url: page(link).attr('href') ?? '',
        }))
        .get();
      expect(cells.length).toBeGreaterThan(10);
      const full = cells.filter(({ count }) => count > 0);
      expect(full.length).toBeGreaterThan(3);
      for (const { count, url } of [
        ...full.slice(0, 8),
        ...cells.filter((cell) => cell.count === 0).slice(0, 2),
      ]) {
        const found = load((await browser.get(url).expect(200)).text)('.hits h3').length;
        expect(found, url).toBe(Math.min(count, 20));
      }
    }
    expect((await tableOf(state))('h1').text()).toBe('What the shelf has, and lacks');
  });

  it('marks what is empty and what is thin, by the number that is said to be enough', async () => {
    const shades = async (query: string) => {
      const page = await tableOf(state, `?framework=test-math${query}`);
      return ['h0', 'h1', 'h2'].map((shade) => page(`.heat td.${shade}`).length);
    };
    const [gaps = 0, thin = 0] = await shades('');
    expect(gaps).toBeGreaterThan(0);
    expect(thin).toBeGreaterThan(0);
    const [gapsOfOne, thinOfOne] = await shades('&enough=1');
    expect(gapsOfOne).toBe(gaps);
    expect(thinOfOne).toBe(0);
    expect(
      load((await state.get('/curate/coverage?framework=test-math&enough=1')).text)('.lede').text(),
    ).toContain(`${gaps} are empty`);
  });

  it('says what was looked for in vain at a standard, by filter or by code, to a district what its own people looked for', async () => {
    const listed = async (browser: Browser) =>
      (await tableOf(browser, '?framework=test-math'))('[aria-labelledby=wanted] li')
        .map((_, item) => load(item)('*').first().text().replaceAll(/\s+/g, ' ').trim())
        .get();
    const all = await listed(state);
    expect(all).toHaveLength(2);
    expect(all[0]).toMatch(/^TS\.MATH\.6\.RP\.2 .*Extending 9 searches in vain/);
    expect(all[1]).toMatch(/Emerging 1 person asks for it/);
    expect((await listed(north)).join()).toMatch(/^TS\.MATH\.6\.RP\.2 .*Extending 6 searches in vain/);
  });

  it('shows a district what it lacks and others have', async () => {
    const page = await tableOf(north, '?framework=test-math&district=north&enough=1');
    expect(page('h1').text()).toBe('What North Fork Schools has, and lacks');
    const lacking = page('[aria-labelledby=else] li a').last().attr('href') ?? '';
    expect(lacking).toMatch(/^\/search\?/);
    expect(lacking).not.toContain('district');
    expect(load((await north.get(lacking)).text)('.hits h3').length).toBeGreaterThan(0);
  });

  it('is a CSV file too, with every row, and nothing in it that a spreadsheet would run', async () => {
    const answer = await state.get('/curate/coverage.csv?framework=test-math').expect(200);
    expect(answer.headers['content-disposition']).toContain('coverage-test-math.csv');
    const [head = '', ...lines] = answer.text.replace('\ufeff', '').trim().split('\r\n');
    expect(head).toBe(
      'Code,Statement,Grades,Kind,Emerging,Developing,Proficient,Extending,All,"Emerging, checked","Developing, checked","Proficient, checked","Extending, checked","All, checked",Searched or asked for in vain,GUID',
    );
    expect(lines).toHaveLength(9);
    const table = await tableOf(state, '?framework=test-math');
    const counts = table('.heat tbody tr')
      .map((_, row) =>
        load(
          row,
          null,
          false,
        )('td > a')
          .map((__, a) => Number.parseInt(load(a).text(), 10))
          .get()
          .join(),
      )
      .get();
    expect(lines.map((line) => /,(?:standard|group),((?:\d+,){4}\d+)/.exec(line)?.[1])).toEqual(counts);
  });

  it('takes any address, and is for curators', async () => {
    await state
      .get('/curate/coverage?grade=%00&strand=x&across=nothing&enough=-1&page=99999&district=nowhere')
      .expect(200);
    await state.get('/curate/coverage?framework=none-such').expect(404);
    await state.get('/curate/coverage?framework=test-math&grade=12').expect(200);
    await teacher.get('/curate/coverage').expect(403);
  });
});
