import { load } from 'cheerio';
import type { Response } from 'supertest';
import { beforeAll, describe, expect, it } from 'vitest';
import { collectionRecord } from '../../server/exchange/collection-api.ts';
import { testApp } from '../support/app.ts';
import { testDatabase } from '../support/database.ts';
import { furnishedPortal, type FurnishedPortal } from '../support/furnished-portal.ts';

const database = await testDatabase();
const made = await testApp(database);
const { pool } = database;
let portal: FurnishedPortal;
type Browser = FurnishedPortal['browsers']['public'];
let staff: Browser;
let teacher: Browser;
let anybody: Browser;

beforeAll(async () => {
  portal = await furnishedPortal(database, made);
  ({ administrator: staff, teacher, public: anybody } = portal.browsers);
}, 60_000);

const send = (browser: Browser, path: string, fields: Record<string, string | string[]> = {}) =>
  browser.post(path).set('Sec-Fetch-Site', 'same-origin').type('form').send(fields);
const page = async (browser: Browser, path: string) => load((await browser.get(path).expect(200)).text);
const idOf = ({ headers }: Response): string =>
  /collections\/([0-9a-f-]{36})/.exec(headers['location'] ?? '')?.[1] ?? '';
const titlesOf = ($: ReturnType<typeof load>): string[] =>
  $('.hit h3 a')
    .get()
    .map((link) => $(link).text());
const title = (key: string) => portal.catalog.resources.find((one) => one.key === key)?.title ?? '';
/** Everything that a zip says, as text: nothing in it is compressed. */
const zipOf = async (browser: Browser, id: string): Promise<string> => {
  const response = await browser
    .get(`/collections/${id}/files.zip`)
    .buffer(true)
    .parse((res, done) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk: Buffer) => chunks.push(chunk));
      res.on('end', () => done(null, Buffer.concat(chunks)));
    })
    .expect(200);
  const body = response.body as Buffer;
  expect(Number(response.headers['content-length'])).toBe(body.length);
  return body.toString('utf8');
};

describe('a rule', () => {
  it('is made of a search, with what was read from its words as choices, after a look at what it finds', async () => {
    const search = await page(teacher, '/search?q=grade+4+fractions');
    const link = search('a[href^="/collections/new"]').attr('href') ?? '';
    const form = await page(teacher, link);
    expect(form('main [name=q]').val()).toBe('fractions');
    expect(form('[name=grade][value=4]').prop('checked')).toBe(true);
    expect(form('#preview + .lede').text()).toMatch(/^\d+ resources of \d+ fit\.$/);
    expect(form('section ol.numbered li').length).toBeGreaterThan(2);
    const fields = {
      with: 'rule',
      title: 'Fractions in 4',
      q: 'fractions',
      'kept-words': 'fractions',
      grade: '4',
    };
    const id = idOf(await send(teacher, '/collections', fields).expect(303));
    const shown = await page(teacher, `/collections/${id}`);
    const asked = await page(teacher, '/search?q=fractions&grade=4&read=words');
    expect(titlesOf(shown).toSorted()).toEqual(titlesOf(asked).toSorted());
    expect(shown('.chip').text()).toContain('Grade 4');
  });

  it.each([
    ['nothing', { q: 'zzqxv' }, 'Nothing on the shelf fits'],
    ['everything', {}, 'lets everything in'],
    ['only some of its words', { q: 'rope zzqxv' }, 'Nothing has all of these words'],
  ])('that finds %s is shown before it is saved, and saved when that is meant', async (_, rule, words) => {
    const fields = { with: 'rule', title: 'Odd', do: 'save', ...rule };
    const warned = load((await send(teacher, '/collections', fields).expect(200)).text);
    expect(warned('.note.problem').text()).toContain(words);
    expect(warned('[name=title]').val()).toBe('Odd');
    const seen = String(warned('[name=seen]').val());
    const again = { ...fields, 'kept-words': String(warned('[name=kept-words]').val()), seen };
    const id = idOf(await send(teacher, '/collections', again).expect(303));
    if (!('q' in rule)) return;
    expect((await page(teacher, `/collections/${id}`))('.empty').text()).toContain(
      'Nothing on the shelf fits this rule now',
    );
  });

  it('is changed with a look first, and not over somebody else’s change', async () => {
    const made = { with: 'rule', title: 'Water', q: 'water', 'kept-words': 'water' };
    const id = idOf(await send(teacher, '/collections', made).expect(303));
    const at = `/collections/${id}/rule`;
    const revision = String((await page(teacher, at))('[name=revision]').val());
    const tried = load((await send(teacher, at, { do: 'try', q: 'magnets', revision }).expect(200)).text);
    expect(tried('section ol.numbered').text()).toContain(title('magnets'));
    expect(titlesOf(await page(teacher, `/collections/${id}`))).not.toContain(title('magnets'));
    await send(teacher, at, { q: 'magnets', revision }).expect(303);
    expect(titlesOf(await page(teacher, `/collections/${id}`))).toContain(title('magnets'));
    const late = load((await send(teacher, at, { q: 'cells', revision }).expect(409)).text);
    expect(late('main [name=q]').val()).toBe('cells');
    expect(late('a[href*="magnets"]')).toHaveLength(1);
    await send(anybody, at, { q: 'x' }).expect(401);
  });

  it('pins what is chosen, leaves out what is not wanted, and counts both as they are', async () => {
    const made = { with: 'rule', title: 'Forces, kept', q: 'forces', 'kept-words': 'forces' };
    const id = idOf(await send(teacher, '/collections', made).expect(303));
    const before = titlesOf(await page(teacher, `/collections/${id}`));
    const [out, pinned] = ['push-pull', 'cells'];
    expect(before).toContain(title(out));
    await send(teacher, `/collections/${id}/items/${portal.catalog.id(out)}`, { do: 'out' }).expect(303);
    await send(teacher, `/collections/${id}/items/${portal.catalog.id(pinned)}`, { do: 'pin' }).expect(303);
    const $ = await page(teacher, `/collections/${id}`);
    const after = titlesOf($);
    expect(after[0]).toBe(title(pinned));
    expect(after.toSorted()).toEqual(
      [...before.filter((one) => one !== title(out)), title(pinned)].toSorted(),
    );
    expect($('header').text()).toContain(`${after.length} resources`);
    const within = await page(teacher, `/search?collection=${id}`);
    expect(titlesOf(within).toSorted()).toEqual(after.toSorted());
    expect(within('.read-as').text()).toContain('Forces, kept');
    expect(titlesOf(await page(teacher, `/search?collection=${id}&q=${pinned}`))).toEqual([title(pinned)]);
    await send(teacher, `/collections/${id}/items/${portal.catalog.id(out)}`, { do: 'remove' }).expect(303);
    expect(titlesOf(await page(teacher, `/collections/${id}`))).toContain(title(out));
  });
});

describe('a featured collection', () => {
  it('stands on the home page, in the sitemap and with its list for search engines, and can be moved and taken off', async () => {
    const by = async (name: string) => {
      const id = idOf(await send(staff, '/collections', { title: name, visibility: 'public' }).expect(303));
      for (const key of ['forces-packet', 'state-guide'])
        await send(staff, `/collections/${id}/items`, { resource: portal.catalog.id(key) }).expect(303);
      await send(staff, `/collections/${id}/feature`, { do: 'on' }).expect(303);
      return id;
    };
    const [first, second] = [await by('Chosen one'), await by('Chosen two')];
    const onHome = async () => {
      const $ = await page(anybody, '/');
      return $('section[aria-labelledby=col] h3')
        .get()
        .map((one) => $(one).text());
    };
    expect(await onHome()).toEqual(['Chosen two', 'Chosen one']);
    await send(staff, `/collections/${second}/feature`, { do: 'down' }).expect(303);
    expect(await onHome()).toEqual(['Chosen one', 'Chosen two']);
    await send(teacher, `/collections/${second}/feature`, { do: 'off' }).expect(403);
    await send(staff, `/collections/${second}/feature`, { do: 'off' }).expect(303);
    expect(await onHome()).toEqual(['Chosen one']);
    expect((await anybody.get('/sitemaps/places.xml')).text).toContain(`/collections/${first}/chosen-one`);
    const $ = await page(anybody, `/collections/${first}`);
    const data = JSON.parse($('script[type="application/ld+json"]').text()) as {
      collectionSize: number;
      mainEntity: { itemListElement: { name: string }[] };
    };
    expect(data.collectionSize).toBe(1);
    expect(data.mainEntity.itemListElement.map((one) => one.name)).toEqual([title('forces-packet')]);
    const hold = await page(anybody, `/resources/${portal.catalog.id('forces-packet')}`);
    expect(hold(`a[href^="/collections/${first}"]`).text()).toBe('Chosen one');
    await send(staff, `/collections/${first}/delete`).expect(303);
    expect(await onHome()).toEqual([]);
  });

  it('can’t be one that not everyone may see', async () => {
    const id = idOf(await send(staff, '/collections', { title: 'Quiet', visibility: 'link' }).expect(303));
    await send(staff, `/collections/${id}/feature`, { do: 'on' }).expect(409);
  });
});

describe('all files of a collection', () => {
  it('come as one zip with a contents page, each to whom they are open, and are counted as taken', async () => {
    const id = idOf(
      await send(staff, '/collections', { title: 'Packed: all', visibility: 'public' }).expect(303),
    );
    for (const key of ['forces-packet', 'cells', 'state-guide'])
      await send(staff, `/collections/${id}/items`, { resource: portal.catalog.id(key) }).expect(303);
    await send(staff, `/collections/${id}/items/${portal.catalog.id('cells')}`, {
      do: 'save',
      note: '<b>Look</b> *closely*',
      revision: '1',
    }).expect(303);
    const taken = async () =>
      (
        await pool.query<{ taken: number }>(
          'SELECT coalesce(sum(taken), 0)::int AS taken FROM daily_count WHERE resource_id = $1',
          [portal.catalog.id('forces-packet')],
        )
      ).rows[0]?.taken ?? 0;
    const before = await taken();
    const open = await zipOf(anybody, id);
    expect(open).toContain('contents.html');
    expect(open).toContain(`1 ${title('forces-packet')}/forces.pdf`);
    expect(open).not.toContain('forces-key.pdf');
    expect(open).not.toContain(title('state-guide'));
    expect(open).toContain('&lt;b&gt;Look&lt;/b&gt; <em>closely</em>');
    expect(open).toContain('2 resources');
    expect(open).toMatch(/“[^”]+” by [^.]+\. http:\/\/localhost\/resources\/[^ ]+\. CC BY 4\.0/);
    expect(await zipOf(teacher, id)).toContain('forces-key.pdf');
    expect(await zipOf(teacher, id)).toContain(title('state-guide'));
    await expect.poll(taken).toBe(before + 3);
    const record = collectionRecord.parse((await anybody.get(`/api/v1/collections/${id}`).expect(200)).body);
    expect(record.total).toBe(2);
    expect(record.items.map((one) => [one.resource.title, one.note])).toEqual([
      [title('forces-packet'), null],
      [title('cells'), '<b>Look</b> *closely*'],
    ]);
  });
});

describe('a new co-editor', () => {
  it('is told on the shelf of notices, for as long as the collection is open to them', async () => {
    const id = idOf(await send(staff, '/collections', { title: 'Told of' }).expect(303));
    await send(staff, `/collections/${id}/editors`, { email: 'nora@test.example' }).expect(303);
    const notices = async () => (await page(teacher, '/notices'))('main').text();
    expect(await notices()).toContain('made you an editor of the collection “Told of”');
    const { rows } = await pool.query<{ id: string }>(
      `SELECT id FROM person WHERE email = 'nora@test.example'`,
    );
    await send(staff, `/collections/${id}/editors/${rows[0]?.id ?? ''}/remove`).expect(303);
    expect(await notices()).not.toContain('Told of');
  });
});
