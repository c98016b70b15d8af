import { beforeAll, describe, expect, it } from 'vitest';
import type supertest from 'supertest';
import { lookInside } from '../../server/resources/resource-page-view.ts';
import { testApp } from '../support/app.ts';
import { catalogId, seedCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { signedIn } from '../support/sign-in.ts';

const database = await testDatabase();
const { pool } = database;
let nora: ReturnType<typeof supertest.agent>;
let sara: ReturnType<typeof supertest.agent>;
beforeAll(async () => {
  await seedCatalog(pool);
  const { app } = await testApp(database);
  nora = await signedIn(app, database, 'nora@test.example');
  sara = await signedIn(app, database, 'sara@test.example');
});

const post = (browser: typeof nora, path: string, fields: Record<string, string | string[]>) => {
  const request = browser.post(path).set('Sec-Fetch-Site', 'same-origin');
  for (const [name, value] of Object.entries(fields)) void request.field(name, value);
  return request;
};
const drafts = async () => (await pool.query('SELECT 1 FROM version WHERE number IS NULL')).rowCount ?? 0;
const begin = async (fields: Record<string, string> = {}) =>
  (await post(nora, '/resources/new', { title: '', ...fields }).expect(303)).headers['location'] ?? '';

describe('a form that is sent twice', () => {
  it('begins one draft, and both presses land on it', async () => {
    const before = await drafts();
    const key = 'pressed-twice';
    const answers = await Promise.all([1, 2, 3].map(() => post(nora, '/resources/new', { key })));
    expect(new Set(answers.map((answer) => answer.headers['location'])).size).toBe(1);
    expect(await drafts()).toBe(before + 1);
  });

  it('leads to the empty draft that is there instead of one more, until something stands in it', async () => {
    const edit = await begin();
    const before = await drafts();
    expect(await begin({ key: 'another' })).toBe(edit);
    expect(await begin({ url: 'https://maps.example/rivers' })).not.toBe(edit);
    expect(await drafts()).toBe(before + 1);
    await post(nora, edit, { revision: '1', title: 'Rivers', do: 'save' });
    expect(await begin()).not.toBe(edit);
  });

  it('makes one copy to adapt', async () => {
    const before = await drafts();
    const press = () =>
      sara
        .post(`/resources/${catalogId('resource', 'tug-of-war')}/adapt`)
        .set('Sec-Fetch-Site', 'same-origin')
        .type('form')
        .send({ key: 'one-copy' });
    const answers = await Promise.all([press(), press()]);
    expect(answers.map((answer) => answer.status)).toEqual([303, 303]);
    expect(answers[0]?.headers['location']).toBe(answers[1]?.headers['location']);
    expect(await drafts()).toBe(before + 1);
  });
});

describe('files that arrive at the same time', () => {
  it('are each answered with a row of their own', async () => {
    const edit = await begin();
    const names = Array.from({ length: 8 }, (_, index) => `page-${index}.txt`);
    const answers = await Promise.all(
      names.map((name) =>
        nora
          .post(edit.replace('/edit', '/draft/files'))
          .set('Sec-Fetch-Site', 'same-origin')
          .attach('files', Buffer.from(`Words of ${name}.`), name)
          .expect(201),
      ),
    );
    const rows = answers.map(({ body }) => body as { id: string; html: string });
    expect(new Set(rows.map(({ id }) => id)).size).toBe(names.length);
    for (const [index, { html }] of rows.entries()) expect(html).toContain(names[index]);
  });
});

describe('the share form', () => {
  it('says what can’t be kept beside its field, with what was typed, and keeps the rest', async () => {
    const edit = await begin();
    const page = await post(nora, edit, {
      revision: '1',
      do: 'save',
      title: 'A good title',
      minutes: 'soon',
      url: 'javascript:alert(1)',
    }).expect(422);
    expect(page.text).toContain('value="soon"');
    expect(page.text).toContain('href="#minutes"');
    expect(page.text).toContain('href="#url"');
    const { text } = await nora.get(edit).expect(200);
    expect(text).toContain('A good title');
    expect(text).not.toContain('javascript:alert');
  });

  it('takes a code in any spelling, names one that nobody has, and offers near ones', async () => {
    const edit = await begin();
    const found = await post(nora, edit, {
      revision: '1',
      do: 'find',
      title: 't',
      find: 'math 4 nf 2',
    }).expect(200);
    expect(found.text).toContain('value="add:');
    expect(found.text).toContain('TS.MATH.4.NF.2');
    const unknown = await post(nora, edit, {
      revision: '2',
      do: 'find',
      title: 't',
      find: 'TS.MATH.4.NF.9',
    }).expect(200);
    expect(unknown.text).toContain('TS.MATH.4.NF.9');
    expect(unknown.text).toContain('TS.MATH.4.NF.1');
  });

  it('opened from an empty rung begins with its standard and level', async () => {
    const edit = await begin({ standard: 'TS.SCI.5.ES.1', level: 'extending' });
    const { text } = await nora.get(edit).expect(200);
    expect(text).toContain('TS.SCI.5.ES.1');
    expect(text).toMatch(/<option value="extending" selected/);
  });

  it('answers a script with the new revision, and with 409 when the draft changed elsewhere', async () => {
    const edit = await begin();
    const save = (title: string) =>
      post(nora, edit, { revision: '1', title }).set('Accept', 'application/json');
    expect((await save('From here').expect(200)).body).toMatchObject({ revision: 2, errors: [] });
    expect((await save('From there').expect(409)).body).toMatchObject({ conflictUrl: edit });
  });

  it('is nobody else’s: a colleague finds nothing', async () => {
    const edit = await begin();
    await sara.get(edit).expect(404);
    await post(sara, edit, { revision: '1', title: 'mine now' }).expect(404);
    await sara.get(edit.replace(/edit$/, 'check')).expect(404);
  });
});

describe('“Look inside”', () => {
  const file = (name: string, mime: string, more: object = {}) => ({
    id: name,
    name,
    kind: name.split('.')[1]!,
    mime,
    bytes: 1,
    pages: null,
    educators_only: false,
    scan_state: 'clean' as const,
    has_text: false,
    previews: [],
    ...more,
  });
  const page = { page: 1, width: 10, height: 10, text: null };
  const sheet = file('sheet.pdf', 'application/pdf', { pages: 1, previews: [page] });
  const picture = file('pond.png', 'image/png', { previews: [page] });
  const film = file('pond.mp4', 'video/mp4');

  it('shows what its author put first, be it pages, a picture or a film', () => {
    expect(lookInside([sheet, picture])).toMatchObject({ fileName: 'sheet.pdf', media: null });
    expect(lookInside([picture, sheet])).toMatchObject({ fileName: 'pond.png', media: { kind: 'image' } });
    expect(lookInside([film, sheet])).toMatchObject({ fileName: 'pond.mp4', media: { kind: 'video' } });
  });

  it('passes over what has nothing to show, and answer keys', () => {
    const rows = file('marks.csv', 'text/csv', { has_text: true });
    const key = { ...picture, educators_only: true };
    expect(lookInside([rows, key, sheet])?.fileName).toBe('sheet.pdf');
    expect(lookInside([rows, key])).toBeNull();
  });
});
