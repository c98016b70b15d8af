import { load } from 'cheerio';
import supertest from 'supertest';
import { beforeAll, describe, expect, it } from 'vitest';
import { audiencesOf } from '../../server/lib/viewer.ts';
import { standardCounts, standardShelves } from '../../server/pages/standard-page-queries.ts';
import { readCasePackage } from '../../server/standards/case-reader.ts';
import { importFramework } from '../../server/standards/standard-service.ts';
import { caseGuid, caseItem, caseLink, casePackage } from '../support/case-package.ts';
import { testApp } from '../support/app.ts';
import { catalogViewers, seedCatalog, type Catalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';

const database = await testDatabase();
const { pool } = database;
const { app, deps } = await testApp(database);
let catalog: Catalog;
beforeAll(async () => {
  catalog = await seedCatalog(pool);
  const pack = casePackage();
  pack.CFItems.push(caseItem(6, 'T.4.NF.2', 'Show which of two fractions is larger.'));
  pack.CFAssociations.push(caseLink(20, 'isChildOf', 6, 1, 2), caseLink(21, 'replacedBy', 5, 6));
  Object.assign(pack.CFItems[4] ?? {}, { statusEndDate: '2020-01-01' });
  pack.CFAssociations.push(caseLink(22, 'exactMatchOf', 4, 5));
  await importFramework(deps, null, readCasePackage(pack));
});

const get = (path: string) => supertest(app).get(path);
async function read(path: string) {
  const response = await get(path).expect(200);
  return load(response.text);
}

describe('A standard’s page', () => {
  it('has the shelf on each rung, and what has no level below', async () => {
    const $ = await read(`/standards/${catalog.guid('TS.MATH.4.NF.2')}`);
    expect($('h1').text().replaceAll(/\s+/g, ' ').trim()).toBe(
      'TS.MATH.4.NF.2 Compare fractions with different denominators.',
    );
    expect(
      $('.rung h3')
        .map((_, one) => $(one).text())
        .get(),
    ).toContain('Developing');
    expect($('nav[aria-label]').text() + $('.crumbs').text()).toContain(
      'Testing State Standards for Mathematics',
    );
    const { ids, resources } = (
      await standardShelves(pool, ['public'], catalog.guid('TS.MATH.4.NF.2'), {
        sort: 'used',
        checkedOnly: false,
        size: 6,
      })
    ).find((shelf) => shelf.level !== null) ?? { ids: [], resources: 0 };
    expect(resources).toBeGreaterThan(0);
    for (const key of catalog.keys(ids)) {
      const title = catalog.resources.find((resource) => resource.key === key)?.title ?? '?';
      expect($('.rung').text()).toContain(title);
    }
  });

  it('counts for a group what stands on all below it, each resource once', async () => {
    const group = catalog.guid('TS.MATH.4.NF');
    const parts = [catalog.guid('TS.MATH.4.NF.1'), catalog.guid('TS.MATH.4.NF.2')];
    const counts = await standardCounts(pool, ['public'], [group, ...parts]);
    const { rows } = await pool.query<{ count: number }>(
      `SELECT count(DISTINCT a.resource_id)::int AS count FROM alignment a JOIN resource r ON r.id = a.resource_id
       WHERE r.state = 'published' AND r.visibility = 'public' AND a.to_version IS NULL AND a.standard_guid = ANY ($1)`,
      [parts],
    );
    expect(counts.get(group)?.resources).toBe(rows[0]?.count);
    const sum = parts.reduce((all, guid) => all + (counts.get(guid)?.resources ?? 0), 0);
    expect(sum).toBeGreaterThanOrEqual(counts.get(group)?.resources ?? 0);
  });

  it('counts for each reader only what that reader may see', async () => {
    const all = catalog.resources
      .flatMap(({ standards }) => standards ?? [])
      .map(([code]) => catalog.guid(code));
    const total = async (audiences: string[]) =>
      [...(await standardCounts(pool, audiences, [...new Set(all)])).values()].reduce(
        (sum, { resources }) => sum + resources,
        0,
      );
    const seenBy = {
      public: await total(audiencesOf(catalogViewers.public)),
      teacher: await total(audiencesOf(catalogViewers.northElementary)),
      curator: await total(audiencesOf(catalogViewers.stateCurator)),
    };
    expect(seenBy.public).toBeGreaterThan(0);
    expect(seenBy.teacher).toBeGreaterThan(seenBy.public);
    expect(await total([])).toBe(0);
  });

  it('may show only what is checked, and in another order', async () => {
    const guid = catalog.guid('TS.SCI.3.PS.2');
    const every = await standardShelves(pool, ['public'], guid, {
      sort: 'shortest',
      checkedOnly: false,
      size: 50,
    });
    const checked = await standardShelves(pool, ['public'], guid, {
      sort: 'newest',
      checkedOnly: true,
      size: 50,
    });
    const sum = (shelves: typeof every) => shelves.reduce((all, { resources }) => all + resources, 0);
    expect(sum(checked)).toBe(every.reduce((all, shelf) => all + shelf.checked, 0));
    expect(checked.every((shelf) => shelf.checked === shelf.resources)).toBe(true);
    const $ = await read(`/standards/${guid}?sort=shortest&checked=yes`);
    expect($('select#sort').val()).toBe('shortest');
    expect($('input[name=checked]').is('[checked]')).toBe(true);
  });

  it('that is retired says so and leads to what replaces it', async () => {
    const $ = await read(`/standards/${caseGuid(5)}`);
    expect($('.note').text()).toContain('retired');
    expect($(`.note a[href="/standards/${caseGuid(6)}"]`).length).toBe(1);
  });

  it('without a resource offers each rung to be filled', async () => {
    const $ = await read(`/standards/${caseGuid(4)}`);
    expect($(`a[href="/resources/new?standard=${caseGuid(4)}&level=emerging"]`).length).toBe(1);
  });
});

describe('An address', () => {
  it.each([
    ['TS.MATH.4.NF.2', 'TS.MATH.4.NF.2'],
    ['ts-math-4-nf-2', 'TS.MATH.4.NF.2'],
    ['ts math 4 nf 2', 'TS.MATH.4.NF.2'],
  ])('with the code %j leads to the standard', async (code, full) => {
    const response = await get(`/standards/${encodeURIComponent(code)}`).expect(302);
    expect(response.headers['location']).toBe(`/standards/${catalog.guid(full)}`);
  });

  it('with a GUID in capitals leads to the one in small letters', async () => {
    const guid = catalog.guid('TS.MATH.4.NF.2');
    const response = await get(`/standards/${guid.toUpperCase()}`).expect(301);
    expect(response.headers['location']).toBe(`/standards/${guid}`);
  });

  it('with a code that means several leads to a choice', async () => {
    const response = await get('/standards/3.NF.2').expect(302);
    expect(response.headers['location']).toMatch(/^\/standards/);
  });

  it('of nothing is answered with 404', async () => {
    for (const path of ['nothing', '9.XX.9', caseGuid(999), '%00', 'a'.repeat(3000)])
      await get(`/standards/${path}`).set('Accept', 'application/json').expect(404);
  });

  it('may ask for anything without breaking the page', async () => {
    for (const query of ['?sort=x&checked=', '?sort=used&sort=newest', '?grade=99&domain=x', '?q[]=1'])
      await get(`/standards/${catalog.guid('TS.MATH.4.NF.2')}${query}`).expect(200);
  });
});

describe('The list of frameworks', () => {
  it('has each framework with its standards and resources', async () => {
    const $ = await read('/standards');
    const text = $('.frameworks').text();
    for (const title of ['Testing State Standards for Mathematics', 'Test Mathematics'])
      expect(text).toContain(title);
    expect($('a[href="/standards/test-mathematics"]').length).toBe(1);
  });

  it('finds a standard: by its code at once, by words in a list', async () => {
    const response = await get('/standards?q=ts.math.4.nf.2').expect(302);
    expect(response.headers['location']).toBe(`/standards/${catalog.guid('TS.MATH.4.NF.2')}`);
    const $ = await read('/standards?q=number%20line');
    expect($('.standards').first().text()).toContain('number line');
    expect((await read('/standards?q=zzzzqqq'))('#found').text()).toContain('0 standards');
  });
});

describe('A framework’s page', () => {
  it('is a tree that can be narrowed by grade and domain', async () => {
    const $ = await read('/standards/test-mathematics');
    expect($('h1').text()).toBe('Test Mathematics');
    expect($('.standards > li').length).toBe(5);
    const narrow = await read(`/standards/test-mathematics?grade=3&domain=${caseGuid(2)}`);
    expect(narrow('.standards > li').length).toBe(3);
    expect(narrow('a[href="/standards/test-mathematics"]').length).toBeGreaterThan(0);
    await read('/standards/test-mathematics?grade=12');
  });

  it('has one address: its GUID leads to its name', async () => {
    const response = await get(`/standards/${caseGuid(0)}`).expect(301);
    expect(response.headers['location']).toBe('/standards/test-mathematics');
  });
});

const codesOf = (body: unknown) =>
  (body as { standards: { code: string }[] }).standards.map(({ code }) => code);

describe('GET /api/v1/standards', () => {
  it('answers with codes, words, or what stands below', async () => {
    const byCode = await get('/api/v1/standards?q=4.nf.2&limit=5').expect(200);
    const first = (byCode.body as { standards: Record<string, unknown>[] }).standards[0];
    expect(first).toMatchObject({
      guid: catalog.guid('TS.MATH.4.NF.2'),
      code: 'TS.MATH.4.NF.2',
      kind: 'standard',
      framework: { title: 'Testing State Standards for Mathematics' },
      path: ['TS.MATH.4.NF'],
      url: `http://localhost/standards/${catalog.guid('TS.MATH.4.NF.2')}`,
    });
    const below = await get(`/api/v1/standards?below=${caseGuid(2)}`).expect(200);
    expect(codesOf(below.body)).toEqual(['T.3.NF.1', 'T.3.NF.2']);
    expect((await get('/api/v1/standards').expect(200)).body).toEqual({ standards: [] });
    const words = await get('/api/v1/standards?q=fractions&grade=grade+3&framework=test-mathematics').expect(
      200,
    );
    expect(codesOf(words.body)).toEqual(['T.3.NF.1', 'T.3.NF.2', 'T.4.NF.2', 'T.3.NF']);
  });

  it('says what is wrong with a parameter', async () => {
    const response = await get('/api/v1/standards?q=x&limit=1000').expect(400);
    expect(response.headers['content-type']).toMatch(/problem\+json/);
    expect((response.body as { errors: { field: string }[] }).errors).toMatchObject([{ field: 'limit' }]);
  });
});
