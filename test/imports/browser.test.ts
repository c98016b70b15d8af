import { load, type CheerioAPI } from 'cheerio';
import supertest from 'supertest';
import { beforeAll, describe, expect, it } from 'vitest';
import { testApp } from '../support/app.ts';
import { catalogId, seedCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { runImport } from '../support/import-runs.ts';
import { signedIn } from '../support/sign-in.ts';
import { findRun } from '../../server/imports/run-store.ts';
import { latestMapping } from '../../server/imports/mapping-service.ts';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

const database = await testDatabase();
const { pool } = database;
const { app, deps } = await testApp(database, { MAX_UPLOAD_MB: '1' });
const districtId = catalogId('organization', 'north');

type Browser = Awaited<ReturnType<typeof signedIn>>;
let importer: Browser;
let southern: Browser;
let state: Browser;
let teacher: Browser;

beforeAll(async () => {
  await seedCatalog(pool);
  const grant = async (person: string, role: string, organization: string) =>
    pool.query(
      'INSERT INTO role_grant (person_id, organization_id, role) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
      [catalogId('person', person), catalogId('organization', organization), role],
    );
  await grant('hugo', 'importer', 'north');
  await grant('sara', 'importer', 'south');
  await grant('carla', 'admin', 'state');
  importer = await signedIn(app, database, 'hugo@test.example');
  southern = await signedIn(app, database, 'sara@test.example');
  state = await signedIn(app, database, 'carla@test.example');
  teacher = await signedIn(app, database, 'nora@test.example');
});

const post = (browser: Pick<Browser, 'post'>, path: string) =>
  browser.post(path).set('Sec-Fetch-Site', 'same-origin');
const send = (browser: Pick<Browser, 'post'>, path: string, form: Record<string, string> = {}) =>
  post(browser, path).type('form').send(form);
const upload = (
  browser: Pick<Browser, 'post'>,
  content: string | Buffer,
  { name = 'catalog.csv', ...form }: Record<string, string> = {},
) => {
  const sent = post(browser, '/imports').attach('files', Buffer.from(content as string), name);
  for (const [field, value] of Object.entries(form)) void sent.field(field, value);
  return sent;
};
const page = async (browser: Pick<Browser, 'get'>, path: string): Promise<CheerioAPI> => {
  const answer = await browser.get(path);
  expect(answer.status, path).toBe(200);
  return load(answer.text);
};
const words = ($: CheerioAPI, selector = 'main'): string => $(selector).text().replaceAll(/\s+/g, ' ');

/** What the form of columns holds, as a browser would send it. */
function formOf($: CheerioAPI): Record<string, string> {
  const form: Record<string, string> = {};
  $('form [name]').each((_, element) => {
    const name = $(element).attr('name') ?? '';
    if (['files', 'do', 'yaml', 'key'].includes(name)) return;
    const value = $(element).is('select')
      ? $(element).find('option[selected]').attr('value')
      : $(element).attr('value');
    form[name] = value ?? '';
  });
  return form;
}

const idIn = (location: string | undefined): string => /[0-9a-f-]{36}/.exec(location ?? '')?.[0] ?? '';

const foreign = [
  'Item No.;Name;Link;Kind;Area;Rights',
  'B-1;Half of a half;https://maps.north.example/b1;Mini-lesson;Sums;CC BY 4.0',
  'B-2;Rain;https://maps.north.example/b2;Activity;Nature;CC BY 4.0',
  'B-3;;https://maps.north.example/b3;Activity;Nature;CC BY 4.0',
  '',
].join('\n');

describe('the list of imports', () => {
  it('says to somebody who has none what to do, and gives a template with the columns', async () => {
    const $ = await page(importer, '/imports');
    expect(words($)).toContain('Nothing has been imported yet');
    expect($('a[href="/imports/guide"]').length).toBeGreaterThan(0);
    const template = await importer.get('/imports/template.csv');
    expect(template.headers['content-disposition']).toContain('template.csv');
    expect(template.text).toMatch(/^\ufeffexternal_id,title,summary,/);
    expect(words(await page(importer, '/imports/guide'))).toContain('external_id');
  });

  it('is offered in the menu to those who import, and refused to others', async () => {
    expect((await page(importer, '/'))('.utility a[href="/imports"]').length).toBe(1);
    expect((await page(teacher, '/'))('a[href="/imports"]').length).toBe(0);
    expect((await teacher.get('/imports')).status).toBe(403);
    expect((await supertest(app).get('/imports')).status).toBe(303);
  });

  it('shows a district its own runs and the state’s administrator all', async () => {
    await runImport(deps, {
      districtId,
      source: 'listed',
      name: 'ours.ndjson',
      content: [{ external_id: 'L1', title: 'Listed', url: 'https://maps.north.example/l1' }],
    });
    expect(words(await page(importer, '/imports'))).toMatch(/ours\.ndjson.*1 new/);
    expect(words(await page(southern, '/imports'))).not.toContain('ours.ndjson');
    expect(words(await page(state, '/imports'))).toMatch(/ours\.ndjson.*North Fork Schools/);
  });
});

describe('a file that is brought in', () => {
  it.each([
    { what: 'nothing', name: 'none', content: '', says: 'The file is empty' },
    {
      what: 'old Excel',
      name: 'a.xls',
      content: Buffer.from('d0cf11e0a1b11ae1', 'hex'),
      says: 'save it as .xlsx',
    },
    { what: 'headings alone', name: 'a.csv', content: 'id,title\n', says: 'no row below the headings' },
    { what: 'a picture', name: 'a.png', content: 'PNG', says: 'is no list of rows' },
    {
      what: 'too much',
      name: 'a.csv',
      content: `id,title\n${'x'.repeat(1_100_000)}`,
      says: 'larger than 1 MB',
    },
  ])('says what would work where it is $what, and keeps what was typed', async ({ content, name, says }) => {
    const answer = await upload(importer, content, { name, source: 'kept-name', missing: 'withdraw' });
    expect(answer.status).toBe(422);
    const $ = load(answer.text);
    expect(words($, '.errors')).toContain(says);
    expect($('#source').attr('value')).toBe('kept-name');
    expect($('[name=missing][value=withdraw]').attr('checked')).toBeDefined();
    expect((await importer.get('/imports')).text).not.toContain('kept-name');
  });

  it('needs a file, a name that can be one, and for the state’s administrator a district', async () => {
    const none = await post(importer, '/imports').field('source', 'a/b');
    expect(none.status).toBe(422);
    expect(words(load(none.text), '.errors')).toMatch(/Choose a file.*lower-case letters/);
    const nowhere = await upload(state, foreign);
    expect(nowhere.status).toBe(422);
    expect(words(load(nowhere.text), '.errors')).toContain('Choose the district');
    const there = await upload(state, foreign, {
      district: catalogId('organization', 'south'),
      source: 'state',
    });
    expect(there.headers['location']).toMatch(/^\/imports\/files\//);
    expect((await southern.get(there.headers['location']!)).status).toBe(200);
    expect((await importer.get(there.headers['location']!)).status).toBe(404);
    // Somebody of one district can't send for another, whatever the form says.
    const mine = await upload(importer, foreign, {
      district: catalogId('organization', 'south'),
      source: 'mine',
    });
    expect((await importer.get(mine.headers['location']!)).status).toBe(200);
    expect((await southern.get(mine.headers['location']!)).status).toBe(404);
  });

  it('answers the script that sends it with where to go on, or with what is wrong', async () => {
    const taken = await upload(importer, foreign, { source: 'script' }).set('Accept', 'application/json');
    expect(taken.status).toBe(201);
    expect(taken.body).toEqual({ location: expect.stringMatching(/^\/imports\/files\//) as string });
    const refused = await upload(importer, '', { source: 'script' }).set('Accept', 'application/json');
    expect(refused.status).toBe(422);
    expect(refused.body).toEqual({ errors: [{ field: 'files', message: 'The file is empty.' }] });
  });

  it('is read in UTF-16 too, and says how it was read', async () => {
    const text = 'external_id\ttitle\turl\nU1\tÜber Wasser\thttps://maps.north.example/u1\n';
    const { headers } = await upload(importer, Buffer.from(`\ufeff${text}`, 'utf16le'), { source: 'utf16' });
    const $ = await page(importer, headers['location']!);
    expect(words($)).toMatch(/Read as CSV|Read as TSV/);
    expect(words($)).toContain('UTF-16');
    expect(words($)).toContain('tabs between the cells');
    expect(words($, '.previews')).toContain('Über Wasser');
  });

  it('waits in the list until it is forgotten, and then its content is let go', async () => {
    const { headers } = await upload(importer, foreign, { source: 'forgotten' });
    const waiting = await page(importer, '/imports');
    expect(words(waiting)).toContain('catalog “forgotten”');
    await send(importer, `${headers['location']}/remove`).expect(303);
    expect(words(await page(importer, '/imports'))).not.toContain('catalog “forgotten”');
    expect((await importer.get(headers['location']!)).status).toBe(404);
    const { rows } = await pool.query('SELECT 1 FROM content_hold WHERE holder = $1', [
      `import_upload:${idIn(headers['location'])}`,
    ]);
    expect(rows).toEqual([]);
  });

  it('leaves nothing in the staging area when it is refused', async () => {
    await upload(importer, '', { source: 'x' });
    const left = await readdir(join(deps.config.dataDir, 'files', 'tmp')).catch(() => []);
    expect(left).toEqual([]);
  });
});

describe('the columns of a file', () => {
  let at: string;
  beforeAll(async () => {
    at = (await upload(importer, foreign, { source: 'columns' })).headers['location']!;
  });

  it('are guessed, with the rows as they would stand and the words that nobody knows', async () => {
    const $ = await page(importer, at);
    expect($('#id option[selected]').text()).toBe('Item No.');
    expect($('#column-1 option[selected]').text()).toBe('Title');
    expect($('#column-2 option[selected]').text()).toBe('Web address');
    expect(words($, '.previews')).toContain('Half of a half');
    expect(words($)).toContain('1 row could not come in');
    expect(words($)).toContain('There is no title');
    const asked = words($, '.choosing:last');
    for (const word of ['Mini-lesson', 'Sums', 'Nature']) expect(asked).toContain(word);
  });

  it('are looked at again as chosen, without anything being saved', async () => {
    const form = { ...formOf(await page(importer, at)), 'column.1': '', 'column.3': 'title', do: 'look' };
    const answer = await send(importer, at, form);
    expect(answer.status).toBe(200);
    const $ = load(answer.text);
    expect(words($, '.previews h3')).toContain('Mini-lesson');
    expect($('#column-1 option[selected]').length).toBe(0);
    expect(await latestMapping(deps, { districtId, source: 'columns', name: 'main' })).toBeUndefined();
  });

  it('must say what the id and the title are', async () => {
    const form = { ...formOf(await page(importer, at)), id: '', 'column.1': '', do: 'try' };
    const answer = await send(importer, at, form);
    expect(answer.status).toBe(422);
    expect(words(load(answer.text), '.errors')).toMatch(
      /tells a row from all others.*which column is the title/,
    );
  });

  it('are saved as a mapping with the words that were decided, and filled in the next time', async () => {
    const form = formOf(await page(importer, at));
    const index = Object.entries(form)
      .find(([, value]) => value === 'Sums')?.[0]
      .split('.')[1];
    const saved = await send(importer, at, { ...form, [`word.${index}`]: '=Mathematics', do: 'save' });
    expect(saved.headers['location']).toBe(at);
    const kept = await latestMapping(deps, { districtId, source: 'columns', name: 'main' });
    expect(kept?.text).toContain('external_id: Item No.');
    expect(kept?.text).toMatch(/subjects:\n\s+from: Area\n\s+values:\n\s+Sums: Mathematics/);
    const $ = await page(importer, at);
    expect(words($, '.previews')).toContain('Mathematics');
    // It is the next file's too.
    const next = await upload(importer, foreign.replaceAll('B-', 'N-'), { source: 'columns' });
    const later = await page(importer, next.headers['location']!);
    expect(words(later, '.lede')).toContain('The mapping that is kept');
    expect(later('option[value="=Mathematics"][selected]').length).toBe(1);
  });

  it('of two tabs: the second hears of the first, keeps what it chose, and makes the next version', async () => {
    const [first, second] = [formOf(await page(importer, at)), formOf(await page(importer, at))];
    await send(importer, at, { ...first, 'fallback.language': 'es', do: 'save' }).expect(303);
    const refused = await send(importer, at, { ...second, 'fallback.publisher': 'North', do: 'save' });
    expect(refused.status).toBe(409);
    const $ = load(refused.text);
    expect(words($, '[role=alert]')).toMatch(/version \d+ of this mapping was saved in another tab/);
    expect($('#fallback-publisher').attr('value')).toBe('North');
    await send(importer, at, { ...formOf($), do: 'save' }).expect(303);
    const kept = await latestMapping(deps, { districtId, source: 'columns', name: 'main' });
    expect(kept?.text).toContain('publisher:\n    constant: North');
  });

  it('travel as YAML, down and up; a text that can’t be used is shown with its place', async () => {
    const down = await importer.get(`${at}/mapping.yml`);
    expect(down.headers['content-disposition']).toContain('columns.map.yml');
    expect(down.text).toContain('title: Name');
    const wrong = await post(importer, `${at}/mapping`).field('yaml', 'fields: { tittle: Name }');
    expect(wrong.status).toBe(422);
    expect(words(load(wrong.text), '.errors')).toContain('tittle');
    expect(load(wrong.text)('#yaml').text()).toContain('tittle');
    const yaml = `fields:\n  external_id: Item No.\n  title: { from: Name, do: [trim] }\n  url: { template: 'https://maps.north.example/{Item No.}' }\n`;
    const up = await post(importer, `${at}/mapping`).attach('files', Buffer.from(yaml), 'ours.yml');
    expect(up.status).toBe(303);
    const $ = await page(importer, at);
    expect(words($, '.note')).toContain('template');
    expect(words($, '.previews')).toContain('https://maps.north.example/B-1');
    // What only the text can say stays when the form is saved.
    await send(importer, at, { ...formOf($), 'fallback.language': 'es', do: 'save' }).expect(303);
    const kept = await latestMapping(deps, { districtId, source: 'columns', name: 'main' });
    expect(kept?.text).toMatch(/template: https:\/\/maps\.north\.example\/\{Item No\.\}/);
    expect(kept?.text).toContain('trim');
  });

  it('of a file with our own names need no mapping at all', async () => {
    const native = 'external_id,title,url\nO1,Ours,https://maps.north.example/o1\n';
    const { headers } = await upload(importer, native, { source: 'native' });
    const $ = await page(importer, headers['location']!);
    expect(words($, '.lede')).toContain('our own names');
    const tried = await send(importer, headers['location']!, { ...formOf($), do: 'try' });
    expect(tried.status).toBe(303);
    expect((await findRun(pool, idIn(tried.headers['location'])))?.mapping).toBeNull();
    // Not to use a column with a field's own name is a choice, too.
    const unused = {
      ...formOf($),
      'column.1': '',
      'column.2': 'title',
      do: 'save',
      'fallback.publisher': 'X',
    };
    expect((await send(importer, headers['location']!, unused)).status).toBe(422);
  });
});
