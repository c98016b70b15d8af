import { load } from 'cheerio';
import { beforeAll, describe, expect, it } from 'vitest';
import { testApp } from '../../support/app.ts';
import { seedCatalog } from '../../support/catalog.ts';
import { testDatabase } from '../../support/database.ts';
import { indexCatalog } from '../../support/index-catalog.ts';
import { signedIn } from '../../support/sign-in.ts';

const database = await testDatabase();
const { app, deps } = await testApp(database);
let curator: Awaited<ReturnType<typeof signedIn>>;

beforeAll(async () => {
  await indexCatalog(deps, await seedCatalog(database.pool));
  curator = await signedIn(app, database, 'carla@test.example');
});

const LIST = '/curate/search/synonyms';
const send = (path: string, fields: Record<string, string> = {}) =>
  curator.post(path).set('Sec-Fetch-Site', 'same-origin').type('form').send(fields);
const mine = { language: 'en', words: 'flummadiddle\ntug of war', term: '' };

describe('a curator', () => {
  it('tries a group on a search before it is saved, and nothing is saved by that', async () => {
    const tried = load((await send(LIST, { ...mine, q: 'flummadiddle', do: 'try' }).expect(200)).text);
    const numbers = tried('.tally dd')
      .map((_, one) => Number(tried(one).text()))
      .get();
    expect(numbers[0]).toBe(0);
    expect(numbers[1]).toBeGreaterThan(0);
    expect(tried('main').text()).toContain('Tug of war');
    expect(tried('[name=words]').text().trim()).toBe(mine.words);
    expect(load((await curator.get(`${LIST}?find=flummadiddle`)).text)('tbody tr')).toHaveLength(0);
  });

  it('saves it, finds it by any of its words, changes it and takes it back', async () => {
    await send(LIST, mine).expect(303).expect('Location', LIST);
    const list = load((await curator.get(`${LIST}?find=Flummadiddle`).expect(200)).text);
    expect(list('tbody tr')).toHaveLength(1);
    const address = list('tbody a').attr('href') ?? '';
    expect(
      load((await curator.get(address).expect(200)).text)('[name=words]')
        .text()
        .trim(),
    ).toBe(mine.words);
    await send(address, { ...mine, term: 'rope game' }).expect(303);
    expect(load((await curator.get(`${LIST}?find=rope+game`)).text)('tbody tr').text()).toContain(
      'rope game →',
    );
    await send(`${address}/remove`).expect(303);
    const after = load((await curator.get(LIST)).text);
    const back = after('a')
      .filter((_, one) => after(one).text() === 'Put it back')
      .attr('href');
    const form = load((await curator.get(back ?? '').expect(200)).text);
    expect(form('form [name=words]').text().trim()).toBe(mine.words);
    expect(form('form [name=term]').val()).toBe('rope game');
  });

  it('gets back what can’t be saved, with what is wrong', async () => {
    const alone = load((await send(LIST, { ...mine, words: 'one' }).expect(422)).text);
    expect(alone('#words-error').length).toBe(1);
    expect(alone('[name=words]').text().trim()).toBe('one');
    await send(LIST, mine).expect(303);
    const twice = load((await send(LIST, { ...mine, words: 'Tug of War, flummadiddle' }).expect(422)).text);
    expect(twice('#words-error').length).toBe(1);
    await curator.get(`${LIST}/00000000-0000-7000-8000-000000000000`).expect(404);
    await curator.get(`${LIST}?find[]=%00&language=xx`).expect(200);
  });
});

it('a teacher is told that the page is not open to her', async () => {
  const teacher = await signedIn(app, database, 'nora@test.example');
  await teacher.get(LIST).expect(403);
  await teacher.post(LIST).set('Sec-Fetch-Site', 'same-origin').type('form').send(mine).expect(403);
});
