import { load } from 'cheerio';
import { beforeAll, describe, expect, it } from 'vitest';
import { testApp } from '../support/app.ts';
import { seedCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { indexCatalog } from '../support/index-catalog.ts';
import { signedIn } from '../support/sign-in.ts';

const database = await testDatabase();
const { app, deps } = await testApp(database);
let curator: Awaited<ReturnType<typeof signedIn>>;

beforeAll(async () => {
  await indexCatalog(deps, await seedCatalog(database.pool));
  curator = await signedIn(app, database, 'carla@test.example');
});

const ADDRESS = '/curate/search/levels';
const send = (fields: Record<string, string>) =>
  curator.post(ADDRESS).set('Sec-Fetch-Site', 'same-origin').type('form').send(fields);

/** The form as the page has it: its fields by name, and the field of each level by the level's name. */
async function form() {
  const page = load((await curator.get(ADDRESS).expect(200)).text);
  const fields: Record<string, string> = { seen: String(page('[name=seen]').val()) };
  const nameOf: Record<string, string> = {};
  for (const one of page('textarea').get()) {
    const name = page(one).attr('name') ?? '';
    fields[name] = page(one).text().trim();
    nameOf[
      page(`label[for="${page(one).attr('id')}"]`)
        .text()
        .trim()
    ] = name;
  }
  return { fields, nameOf };
}

type Read = { parameter: string; values: string[] }[];

/** The levels that a search is read to ask for, whatever was then done with that reading. */
async function levelsRead(q: string): Promise<string[]> {
  const { body } = await curator.get(`/api/v1/resources?${new URLSearchParams({ q })}`).expect(200);
  const { filters, as_words, preferred } = (body as { understood: Record<string, Read> }).understood;
  const all = [...(filters ?? []), ...(as_words ?? []), ...(preferred ?? [])];
  return [...new Set(all.filter(({ parameter }) => parameter === 'level').flatMap(({ values }) => values))];
}

describe('a curator of the state', () => {
  it('sees the starter words, tries others without saving, and saves them: searches read them at once', async () => {
    const { fields, nameOf } = await form();
    const [lowest = '', next = ''] = Object.values(nameOf);
    expect(fields[lowest]).toContain('struggling students');
    const before = await levelsRead('cells for struggling students');
    expect(before.length).toBeGreaterThan(0);

    const mine = { ...fields, [lowest]: 'needs a hand', [next]: 'needs a hand\nhalf way there' };
    const tried = load((await send({ ...mine, do: 'try', q: 'cells needs a hand' }).expect(200)).text);
    expect(tried('.tally dd').eq(0).text()).toBe('No level');
    expect(tried('.tally dd').eq(1).text()).toBe(Object.keys(nameOf).slice(0, 2).join(', '));
    expect(await levelsRead('cells needs a hand')).toEqual([]);

    await send({ ...mine, do: 'save' }).expect(303);
    expect(await levelsRead('cells needs a hand')).toHaveLength(2);
    expect(await levelsRead('cells half way there')).toHaveLength(1);
    expect(await levelsRead('cells for struggling students')).toEqual([]);

    await send({ ...(await form()).fields, do: 'starter' }).expect(303);
    expect(await levelsRead('cells for struggling students')).toEqual(before);
  });

  it('loses nothing when somebody else saved first, or a phrase is too long', async () => {
    const { fields, nameOf } = await form();
    const [lowest = ''] = Object.values(nameOf);
    await send({ ...fields, [lowest]: 'first of two', do: 'save' }).expect(303);
    const late = load((await send({ ...fields, [lowest]: 'second of two', do: 'save' }).expect(409)).text);
    expect(late(`textarea[name="${lowest}"]`).text().trim()).toBe('second of two');
    expect((await form()).fields[lowest]).toBe('first of two');
    const long = { ...(await form()).fields, [lowest]: 'one two three four five six seven', do: 'save' };
    const refused = load((await send(long).expect(422)).text);
    expect(refused(`#${lowest}-error`)).toHaveLength(1);
    expect(refused(`textarea[name="${lowest}"]`).text()).toContain('seven');
  });
});

it('a teacher is told that the page is not open to her', async () => {
  const teacher = await signedIn(app, database, 'nora@test.example');
  await teacher.get(ADDRESS).expect(403);
});
