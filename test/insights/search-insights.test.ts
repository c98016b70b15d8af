import { load } from 'cheerio';
import { beforeAll, describe, expect, it } from 'vitest';
import { mondayOf } from '../../server/search/search-statistics.ts';
import { testApp } from '../support/app.ts';
import { catalogId, seedCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { signedIn } from '../support/sign-in.ts';

const database = await testDatabase();
const { app } = await testApp(database);
const { pool } = database;
type Browser = Awaited<ReturnType<typeof signedIn>>;
let state: Browser;
let district: Browser;
let teacher: Browser;

const WANTED = catalogId('standard', 'TS.MATH.3.NF.1');
const week = (back: number): string => mondayOf(new Date(Date.now() - back * 7 * 24 * 3600 * 1000));

beforeAll(async () => {
  await seedCatalog(pool);
  await pool.query(`INSERT INTO role_grant (person_id, role, organization_id) VALUES ($1, 'curator', $2)`, [
    catalogId('person', 'hugo'),
    catalogId('organization', 'north'),
  ]);
  const counts: [number, string | null, string, string, number, number, number, number][] = [
    [0, 'north', '/search?q=volcano', 'volcano', 9, 0, 4, 12],
    [1, 'south', '/search?q=volcano', 'volcano', 5, 0, 1, 12],
    [0, 'south', '/search?q=zeppelin&grade=4', 'zeppelin', 6, 6, 0, 0],
    [0, 'north', '/search?q=lava', 'lava', 4, 0, 0, 3],
    [2, 'north', '/search?q=lava', 'lava', 1, 1, 0, 0],
    [20, 'north', '/search?q=long+ago', 'long ago', 99, 99, 0, 0],
    [0, null, '/search', '', 50, 0, 0, 33],
    [0, 'south', `/search?standard=${WANTED}&level=developing`, '', 3, 3, 0, 0],
  ];
  for (const [back, at, address, words, searches, empty, opened, found] of counts)
    await pool.query(
      `INSERT INTO search_statistic (week, district_id, address, words, searches, empty, opened, found) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [week(back), at && catalogId('organization', at), address, words, searches, empty, opened, found],
    );
  await pool.query(
    `INSERT INTO search_ask (person_id, address, words, note) VALUES ($1, '/search?q=airship', 'airship', 'For May.'), ($2, '/search?q=kites', 'kites', '')`,
    [catalogId('person', 'nora'), catalogId('person', 'sara')],
  );
  [state, district, teacher] = [
    await signedIn(app, database, 'carla@test.example'),
    await signedIn(app, database, 'hugo@test.example'),
    await signedIn(app, database, 'nora@test.example'),
  ];
});

/** The first column and the numbers of a list of the page. */
async function list(browser: Browser, name: string, query = ''): Promise<string[]> {
  const page = load((await browser.get(`/curate/search${query}`).expect(200)).text);
  return page(`[aria-labelledby="l-${name}"] tbody tr`)
    .map((_, row) =>
      page(row)
        .find('th, td')
        .map((__, cell) => page(cell).text().trim().replace(/\s+/g, ' '))
        .get()
        .join(' | '),
    )
    .get();
}

describe('a curator of the state', () => {
  it('sees what is searched for most in the last four weeks, over all districts', async () => {
    expect(await list(state, 'top')).toEqual([
      'volcano | 14 | 0 | 5 | 12',
      'zeppelin Grade 4 | 6 | 6 | 0 | 0',
      'lava | 5 | 1 | 0 | 3',
      'Developing, TS.MATH.3.NF.1 | 3 | 3 | 0 | 0',
    ]);
  });

  it('sees what still finds nothing, and what nobody opened', async () => {
    expect(await list(state, 'empty')).toEqual([
      'zeppelin Grade 4 | 6 | 6 | 0 | 0',
      'Developing, TS.MATH.3.NF.1 Call for lessons: Developing, TS.MATH.3.NF.1 | 3 | 3 | 0 | 0',
    ]);
    const page = load((await state.get('/curate/search')).text);
    const call = page('[aria-labelledby=l-empty] a[href^="/curate/calls/new"]').attr('href') ?? '';
    expect(load((await state.get(call).expect(200)).text)('main').text()).toContain(
      'Understand a unit fraction',
    );
    expect(await list(state, 'unopened')).toEqual(['lava | 5 | 1 | 0 | 3']);
  });

  it('looks at one district, one week, or further back', async () => {
    expect(await list(state, 'top', '?district=south')).toEqual([
      'zeppelin Grade 4 | 6 | 6 | 0 | 0',
      'volcano | 5 | 0 | 1 | 12',
      'Developing, TS.MATH.3.NF.1 | 3 | 3 | 0 | 0',
    ]);
    expect(await list(state, 'top', '?weeks=1&district=north')).toEqual([
      'volcano | 9 | 0 | 4 | 12',
      'lava | 4 | 0 | 0 | 3',
    ]);
    expect((await list(state, 'top', '?weeks=52'))[0]).toBe('long ago | 99 | 99 | 0 | 0');
    await state.get('/curate/search?weeks=x&district[]=%00').expect(200);
  });

  it('takes all searches of the time as a file', async () => {
    const page = load((await state.get('/curate/search?weeks=52&district=south').expect(200)).text);
    const file = await state.get(page('a[href^="/curate/search.csv"]').attr('href') ?? '').expect(200);
    expect(file.text.split('\r\n')).toEqual([
      '\ufeffSearch,Filters,Searches,Found nothing,Results opened,"Hits, last time"',
      'zeppelin,Grade 4,6,6,0,0',
      'volcano,,5,0,1,12',
      ',"Developing, TS.MATH.3.NF.1",3,3,0,0',
      '',
    ]);
    const own = await district.get('/curate/search.csv?district=south').expect(200);
    expect(own.text).not.toContain('zeppelin');
  });

  it('closes what somebody asked for, once', async () => {
    const page = load((await state.get('/curate/search')).text);
    expect(page('[aria-labelledby=asks]').text()).toContain('For May.');
    const action = page('form[action*="/asks/"]')
      .filter((_, form) => page(form).closest('li').text().includes('airship'))
      .attr('action');
    for (let times = 0; times < 2; times += 1)
      await state
        .post(action ?? '')
        .set('Sec-Fetch-Site', 'same-origin')
        .expect(303);
    expect(load((await state.get('/curate/search')).text)('[aria-labelledby=asks]').text()).not.toContain(
      'airship',
    );
    const { rows } = await pool.query(`SELECT actor_id FROM audit_event WHERE action = 'search_ask.closed'`);
    expect(rows).toEqual([{ actor_id: catalogId('person', 'carla') }]);
  });
});

describe('a curator of a district', () => {
  it('sees searches and wishes of the district alone, whatever the address asks for', async () => {
    for (const query of ['', '?district=south'])
      expect(await list(district, 'top', query)).toEqual([
        'volcano | 9 | 0 | 4 | 12',
        'lava | 5 | 1 | 0 | 3',
      ]);
    const text = load((await district.get('/curate/search')).text)('main').text();
    expect(text).not.toContain('kites');
  });

  it('can’t close what was asked for elsewhere', async () => {
    const { rows } = await pool.query<{ id: string }>(`SELECT id FROM search_ask WHERE words = 'kites'`);
    await district
      .post(`/curate/search/asks/${rows[0]?.id}/close`)
      .set('Sec-Fetch-Site', 'same-origin')
      .expect(403);
    await state
      .post(`/curate/search/asks/${catalogId('resource', 'none')}/close`)
      .set('Sec-Fetch-Site', 'same-origin')
      .expect(404);
  });
});

it('a teacher is told that the page is not open to her', async () => {
  await teacher.get('/curate/search').expect(403);
});
