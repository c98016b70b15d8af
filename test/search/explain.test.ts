import { load } from 'cheerio';
import request from 'supertest';
import { beforeAll, describe, expect, it } from 'vitest';
import { batchOf } from '../../server/search/indexer.ts';
import { seedCatalog, type Catalog } from '../support/catalog.ts';
import { testApp } from '../support/app.ts';
import { testDatabase } from '../support/database.ts';
import { signedIn } from '../support/sign-in.ts';

const database = await testDatabase();
const { app, deps } = await testApp(database);
let catalog: Catalog;
let curator: Awaited<ReturnType<typeof signedIn>>;
let teacher: Awaited<ReturnType<typeof signedIn>>;

beforeAll(async () => {
  catalog = await seedCatalog(database.pool);
  const rows = catalog.resources.map(({ key }) => ({ resource_id: catalog.id(key) }));
  await deps.search.first.apply(await batchOf(database.pool, rows));
  curator = await signedIn(app, database, 'carla@test.example');
  teacher = await signedIn(app, database, 'nora@test.example');
});

/** Of each hit: its title and what is said of why it stands there. */
const reasons = (html: string) => {
  const $ = load(html);
  return $('ol.hits > li.hit')
    .map((_, hit) => ({
      title: $(hit).find('h3').text(),
      summary: $(hit).find('details.why summary').clone().find('.sr').remove().end().text(),
      words: $(hit)
        .find('details.why li')
        .map((__, item) => $(item).text())
        .get(),
      parts: Object.fromEntries(
        $(hit)
          .find('details.why dt')
          .map((__, part) => [[$(part).text(), $(part).next('dd').text()]])
          .get(),
      ) as Record<string, string>,
    }))
    .get();
};

describe('why a hit stands where it does', () => {
  it('is told to a curator: which words in which place, and the points of every rule', async () => {
    const { text } = await curator.get('/search').query({ q: 'fractions', explain: '1' }).expect(200);
    const hits = reasons(text);
    const walls = hits.find(({ title }) => title === 'Fraction walls');
    expect(walls?.summary).toMatch(/^Why it stands here: [\d,]+ points$/);
    expect(walls?.words.join(' ')).toMatch(/“fractions” is in the title.*, as “fraction”\./);
    expect(walls?.words.join(' ')).toMatch(/keywords/);
    expect(walls?.parts['Where the words are']).toMatch(/^\+[\d,]+$/);
    expect(walls?.parts['How complete the record is']).toMatch(/^\+\d+$/);
    expect(hits.every(({ summary }) => summary !== '')).toBe(true);
  });

  it('adds up to its points, and the points fall from hit to hit', async () => {
    const { text } = await curator.get('/search').query({ q: 'fractions', explain: '1' }).expect(200);
    const number = (said: string): number => Number(said.replaceAll(/[^\d−]/g, '').replace('−', '-'));
    const points = reasons(text).map(({ summary, parts }) => {
      const sum = Object.values(parts).reduce((all, one) => all + number(one), 0);
      expect(Math.abs(sum - number(summary))).toBeLessThanOrEqual(5);
      return number(summary);
    });
    expect(points).toEqual(points.toSorted((a, b) => b - a));
  });

  it('names the other form of a word, a near spelling, and words that are only inside a text', async () => {
    const said = async (q: string) =>
      reasons((await curator.get('/search').query({ q, explain: '1' }).expect(200)).text)
        .flatMap(({ words }) => words)
        .join(' ');
    expect(await said('magnet')).toContain('“magnet” is in the title');
    expect(await said('magnet walls')).toContain('is not in the record');
  });

  it('is said to be the order of the sort where another was chosen', async () => {
    const { text } = await curator
      .get('/search')
      .query({ q: 'fractions', sort: 'title', explain: '1' })
      .expect(200);
    expect(text).toContain('in the order of the sort');
    expect(load(text)('details.why')).toHaveLength(0);
  });

  it('is told to leads and administrators too', async () => {
    for (const role of ['lead', 'admin']) {
      await database.pool.query(
        `UPDATE role_grant SET role = $1 WHERE person_id = (SELECT id FROM person WHERE email = 'carla@test.example')`,
        [role],
      );
      const { text } = await curator.get('/search').query({ q: 'fractions', explain: '1' }).expect(200);
      expect(load(text)('details.why').length, role).toBeGreaterThan(0);
    }
    await database.pool.query(
      `UPDATE role_grant SET role = 'curator' WHERE person_id = (SELECT id FROM person WHERE email = 'carla@test.example')`,
    );
  });

  it('is told to nobody else, and to staff only when they ask', async () => {
    const shown = async (answer: PromiseLike<{ text: string }>): Promise<number> =>
      load((await answer).text)('details.why').length;
    expect(await shown(request(app).get('/search').query({ q: 'fractions', explain: '1' }).expect(200))).toBe(
      0,
    );
    expect(await shown(teacher.get('/search').query({ q: 'fractions', explain: '1' }).expect(200))).toBe(0);
    expect(await shown(curator.get('/search').query({ q: 'fractions' }).expect(200))).toBe(0);
    expect(await shown(curator.get('/search').query({ q: 'fractions', explain: '0' }).expect(200))).toBe(0);
  });

  it('does not change what is found or its order', async () => {
    const titles = (html: string) => reasons(html).map(({ title }) => title);
    const plain = await curator.get('/search').query({ q: 'fractions' }).expect(200);
    const explained = await curator.get('/search').query({ q: 'fractions', explain: '1' }).expect(200);
    expect(titles(explained.text)).toEqual(titles(plain.text));
  });
});
