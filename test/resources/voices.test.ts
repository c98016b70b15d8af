import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import request from 'supertest';
import { testApp } from '../support/app.ts';
import { catalogId, seedCatalog, type Catalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { signedIn } from '../support/sign-in.ts';

const database = await testDatabase();
const { app } = await testApp(database);
const { pool } = database;
type Browser = Awaited<ReturnType<typeof signedIn>>;
let catalog: Catalog;
let browsers: Record<'nora' | 'hugo' | 'sara' | 'carla', Browser>;
const id = () => catalog.id('forces-packet');
const person = (slug: string) => catalogId('person', slug);

beforeAll(async () => {
  catalog = await seedCatalog(pool);
  browsers = {
    nora: await signedIn(app, database, 'nora@test.example'),
    hugo: await signedIn(app, database, 'hugo@test.example'),
    sara: await signedIn(app, database, 'sara@test.example'),
    carla: await signedIn(app, database, 'carla@test.example'),
  };
});
beforeEach(async () => {
  for (const table of ['flag', 'comment', 'use_mark', 'notice', 'rate_limit', 'form_answer'])
    await pool.query(`DELETE FROM ${table}`);
  await pool.query('DELETE FROM search_dirty');
  await pool.query(
    `UPDATE resource SET owner_id = $2, organization_id = $3, district_id = $4, held_at = NULL WHERE id = $1`,
    [id(), person('nora'), catalogId('organization', 'north-elementary'), catalogId('organization', 'north')],
  );
});

const send = (who: Browser, path: string, form: Record<string, string>) =>
  who.post(path).set('Sec-Fetch-Site', 'same-origin').type('form').send(form);
const pageFor = async (who: Browser) => (await who.get(`/resources/${id()}`).expect(200)).text;
const noticesFor = async (slug: string) =>
  (
    await pool.query<{ kind: string }>('SELECT kind FROM notice WHERE person_id = $1 ORDER BY at, id', [
      person(slug),
    ])
  ).rows.map(({ kind }) => kind);
const say = async (who: Browser, body: string, kind = 'comment') => {
  const { headers } = await send(who, `/resources/${id()}/voices`, { kind, body }).expect(303);
  return /#voice-([0-9a-f-]{36})$/.exec(headers['location'] ?? '')?.[1] ?? '';
};

describe('what teachers say', () => {
  it('is a question that the author is told of, answered where it stands', async () => {
    const question = await say(browsers.sara, 'Which scissors?', 'question');
    expect(await noticesFor('nora')).toEqual(['question.new']);
    await send(browsers.nora, `/voices/${question}/answers`, { body: 'The blunt ones.' }).expect(303);
    expect(await noticesFor('sara')).toEqual(['question.answered']);
    expect(await noticesFor('nora')).toEqual(['question.new']);
    // Whoever has answered follows what comes after.
    await send(browsers.hugo, `/voices/${question}/answers`, { body: 'Or none at all.' }).expect(303);
    await send(browsers.sara, `/voices/${question}/answers`, { body: 'How then?' }).expect(303);
    expect(await noticesFor('hugo')).toEqual(['question.answered']);
    expect(await noticesFor('nora')).toEqual(['question.new', 'question.answered', 'question.answered']);
    const text = await pageFor(browsers.hugo);
    expect(text.indexOf('Which scissors?')).toBeLessThan(text.indexOf('The blunt ones.'));
    expect(text).toMatch(/Nora Adler<\/b> <span class="state ok">Author/);
  });

  it('is for educators: the public learns only the rating, and only when five have rated', async () => {
    await say(browsers.sara, 'Bring tape.');
    const rate = (slug: string, rating: number) =>
      pool.query(`INSERT INTO use_mark (resource_id, person_id, note, rating) VALUES ($1, $2, 'Good', $3)`, [
        id(),
        person(slug),
        rating,
      ]);
    for (const [slug, rating] of [
      ['nora', 5],
      ['hugo', 4],
      ['sara', 4],
      ['carla', 3],
    ] as const)
      await rate(slug, rating);
    const before = (await request(app).get(`/resources/${id()}`)).text;
    expect(before).not.toContain('Bring tape.');
    expect(before).not.toContain('of 5');
    await pool.query(
      `INSERT INTO person (id, email, name, organization_id) VALUES ($1, 'fifth@test.example', 'Fifth', $2)`,
      [person('fifth'), catalogId('organization', 'south')],
    );
    await rate('fifth', 5);
    const after = (await request(app).get(`/resources/${id()}`)).text;
    expect(after).toContain('4.2 of 5');
    expect(after).toContain('by 5 teachers');
    await pool.query('DELETE FROM person WHERE id = $1', [person('fifth')]);
  });

  it('is text and simple Markdown only, with links that are marked as foreign', async () => {
    await say(
      browsers.sara,
      '**Bold** <script>alert(1)</script> [here](https://elsewhere.example) ![x](https://spy.example/x.png) [bad](javascript:alert)',
    );
    const text = await pageFor(browsers.hugo);
    expect(text).toContain('<strong>Bold</strong> &lt;script&gt;');
    expect(text).toMatch(/<a href="https:\/\/elsewhere\.example" rel="noopener nofollow ugc">/);
    expect(text).not.toContain('spy.example');
    expect(text).not.toContain('href="javascript:');
  });

  it('needs words, and a rating needs a reason; what was typed is kept', async () => {
    const empty = await send(browsers.sara, `/resources/${id()}/voices`, {
      kind: 'question',
      body: ' ',
      key: 'k',
    }).expect(422);
    expect(empty.text).toContain('href="#body"');
    expect(empty.text).toContain('name="kind" value="question"');
    const rated = await send(browsers.sara, `/resources/${id()}/use`, { note: '', rating: '2' }).expect(422);
    expect(rated.text).toMatch(/value="2" selected/);
    expect((await pool.query('SELECT 1 FROM use_mark')).rowCount).toBe(0);
    await send(browsers.sara, `/resources/${id()}/use`, { note: 'My fourth hour', rating: '2' }).expect(303);
    expect((await pool.query('SELECT note, rating FROM use_mark')).rows).toEqual([
      { note: 'My fourth hour', rating: 2 },
    ]);
  });

  it('counts no use by its own authors, offers none, and says why where it is sent anyway', async () => {
    expect(await pageFor(browsers.nora)).not.toContain('I used this');
    expect(await pageFor(browsers.sara)).toContain('I used this');
    const refused = await send(browsers.nora, `/resources/${id()}/use`, { note: 'Mine' }).expect(403);
    expect(refused.text).toContain('This is your own resource.');
    expect((await pool.query('SELECT 1 FROM use_mark')).rowCount).toBe(0);
    // Of the time before it was theirs: it can be taken back, and nothing be said any more.
    await pool.query('INSERT INTO use_mark (resource_id, person_id) VALUES ($1, $2)', [id(), person('nora')]);
    const before = await pageFor(browsers.nora);
    expect(before).toContain('Take that back');
    expect(before).not.toContain('A word for the next teacher');
    await send(browsers.nora, `/resources/${id()}/use`, { undo: 'yes' }).expect(303);
    expect((await pool.query('SELECT 1 FROM use_mark')).rowCount).toBe(0);
  });

  it('is said once for a double click, and not without end', async () => {
    const form = { kind: 'comment', body: 'Twice?', key: 'same' };
    await Promise.all([
      send(browsers.sara, `/resources/${id()}/voices`, form),
      send(browsers.sara, `/resources/${id()}/voices`, form),
    ]);
    expect((await pool.query('SELECT 1 FROM comment')).rowCount).toBe(1);
    const answers = [];
    for (let index = 0; index < 21; index++)
      answers.push(
        (await send(browsers.sara, `/resources/${id()}/voices`, { kind: 'comment', body: `${index}` }))
          .status,
      );
    expect(answers.slice(0, 19)).toEqual(Array(19).fill(303));
    expect(answers.at(-1)).toBe(429);
  });

  it('is changed and deleted by its writer alone', async () => {
    const comment = await say(browsers.sara, 'Helo');
    await browsers.hugo.get(`/voices/${comment}/edit`).expect(403);
    await send(browsers.hugo, `/voices/${comment}/delete`, {}).expect(403);
    await send(browsers.nora, `/voices/${comment}/edit`, { body: 'Mine' }).expect(403);
    await send(browsers.sara, `/voices/${comment}/edit`, { body: '' }).expect(422);
    await send(browsers.sara, `/voices/${comment}/edit`, { body: 'Hello' }).expect(303);
    expect(await pageFor(browsers.hugo)).toContain('changed since');
    await send(browsers.sara, `/voices/${comment}/delete`, {}).expect(303);
    await browsers.sara.get(`/voices/${comment}/edit`).expect(404);
    expect((await pool.query('SELECT 1 FROM comment')).rowCount).toBe(0);
  });

  it('keeps the place of a question that was deleted after it was answered', async () => {
    const question = await say(browsers.sara, 'Secret worry', 'question');
    await send(browsers.nora, `/voices/${question}/answers`, { body: 'No need.' }).expect(303);
    await send(browsers.sara, `/voices/${question}/delete`, {}).expect(303);
    const text = await pageFor(browsers.hugo);
    expect(text).toContain('deleted by its writer');
    expect(text).toContain('No need.');
    expect((await pool.query(`SELECT 1 FROM comment WHERE body LIKE '%Secret%'`)).rowCount).toBe(0);
  });

  it('is removed by staff with a reason that its writer reads, and nobody else may', async () => {
    const comment = await say(browsers.sara, 'Ask Timmy Smith');
    for (const who of [browsers.nora, browsers.hugo])
      await send(who, `/voices/${comment}/remove`, { reason: 'No' }).expect(403);
    await send(browsers.carla, `/voices/${comment}/remove`, { reason: '' }).expect(422);
    await send(browsers.carla, `/voices/${comment}/remove`, { reason: 'It names a student.' }).expect(303);
    await send(browsers.carla, `/voices/${comment}/remove`, { reason: 'Again.' }).expect(409);
    expect((await pool.query(`SELECT 1 FROM comment WHERE body <> ''`)).rowCount).toBe(0);
    expect(await pageFor(browsers.sara)).toContain('It names a student.');
    expect(await pageFor(browsers.hugo)).not.toContain('It names a student.');
    expect(await noticesFor('sara')).toEqual(['comment.removed']);
    const { rows } = await pool.query(`SELECT actor_id FROM audit_event WHERE action = 'comment.removed'`);
    expect(rows).toEqual([{ actor_id: person('carla') }]);
  });

  it('is nothing for those who may not see the resource', async () => {
    const comment = await say(browsers.nora, 'Between us');
    await pool.query(`UPDATE resource SET visibility = 'school' WHERE id = $1`, [id()]);
    await send(browsers.sara, `/resources/${id()}/voices`, { kind: 'comment', body: 'x' }).expect(404);
    await browsers.sara.get(`/voices/${comment}/flag`).expect(404);
    await send(browsers.sara, `/voices/${comment}/answers`, { body: 'x' }).expect(404);
    await pool.query(`UPDATE resource SET visibility = 'public' WHERE id = $1`, [id()]);
  });
});

describe('a flag', () => {
  const flag = (who: Browser, kind: string, more: Record<string, string> = {}) =>
    send(who, `/resources/${id()}/flag`, { kind, note: 'Page 3', ...more });

  it('on a wrong key changes nothing that others see, and tells the author without a name', async () => {
    await flag(browsers.sara, 'wrong_key').expect(303);
    await request(app).get(`/resources/${id()}`).expect(200);
    // Whoever reported sees that it is under way, also where they would report it again; nobody else does.
    expect(await pageFor(browsers.sara)).toContain('Nobody has decided yet.');
    expect(await pageFor(browsers.hugo)).not.toContain('Nobody has decided yet.');
    expect((await browsers.sara.get(`/resources/${id()}/flag`).expect(200)).text).toContain(
      'Nobody has decided yet.',
    );
    expect((await browsers.hugo.get(`/resources/${id()}/flag`).expect(200)).text).not.toContain(
      'Nobody has decided yet.',
    );
    expect(await noticesFor('nora')).toEqual(['flag.raised']);
    expect(await noticesFor('carla')).toEqual(['flag.raised']);
    const text = await pageFor(browsers.nora);
    expect(text).toContain('Page 3');
    expect(/id="flags".*?<\/section>/s.exec(text)?.[0]).not.toContain('Sara Castillo');
    expect(await pageFor(browsers.hugo)).not.toContain('Page 3');
  });

  it('by the public on student data hides it at once from all but authors and staff, and alerts a curator', async () => {
    const answer = await flag(request(app), 'student_data', { mail: 'parent@home.example' }).expect(303);
    const thanks = await request(app)
      .get(answer.headers['location'] ?? '')
      .expect(200);
    expect(thanks.text).toContain('It is hidden as of now');
    await request(app).get(`/resources/${id()}`).expect(404);
    await browsers.sara.get(`/resources/${id()}`).expect(404);
    await request(app).get(`/api/v1/resources/${id()}`).expect(404);
    expect(await pageFor(browsers.nora)).toContain('only its authors and curators see it');
    await browsers.carla.get(`/resources/${id()}`).expect(200);
    expect((await pool.query('SELECT 1 FROM search_dirty WHERE resource_id = $1', [id()])).rowCount).toBe(1);
    expect(await noticesFor('carla')).toEqual(['flag.urgent']);
    expect(await noticesFor('nora')).toEqual(['flag.held']);
  });

  it('by the public can’t hide again what staff found fine, but an educator’s can', async () => {
    await flag(request(app), 'safety').expect(303);
    await pool.query(`UPDATE flag SET state = 'nothing_wrong', decided_at = now(), decided_by = $1`, [
      person('carla'),
    ]);
    await pool.query('UPDATE resource SET held_at = NULL WHERE id = $1', [id()]);
    await flag(request(app), 'safety').expect(303);
    await request(app).get(`/resources/${id()}`).expect(200);
    await flag(browsers.sara, 'safety').expect(303);
    await request(app).get(`/resources/${id()}`).expect(404);
  });

  it('by the same person on the same thing is one flag', async () => {
    await flag(browsers.sara, 'broken').expect(303);
    await flag(browsers.sara, 'broken', { note: 'Page 4 too' }).expect(303);
    expect((await pool.query('SELECT note FROM flag')).rows).toEqual([{ note: 'Page 4 too' }]);
  });

  it('needs a kind and words, and the public sends only so many', async () => {
    const bad = await flag(request(app), 'ugly', { note: '', mail: 'nobody' }).expect(422);
    for (const field of ['kind', 'note', 'mail']) expect(bad.text).toContain(`href="#${field}"`);
    const statuses = [];
    for (let index = 0; index < 11; index++) statuses.push((await flag(request(app), 'broken')).status);
    expect(statuses.at(9)).toBe(303);
    expect(statuses.at(10)).toBe(429);
  });

  it('on a comment hides it from all but its writer and staff until it is looked at', async () => {
    const comment = await say(browsers.sara, 'Rude words');
    await browsers.sara.get(`/voices/${comment}/flag`).expect(403);
    await request(app).get(`/voices/${comment}/flag`).expect(303);
    await send(browsers.hugo, `/voices/${comment}/flag`, { kind: 'unsuitable', note: 'Rude' }).expect(303);
    expect(await pageFor(browsers.hugo)).not.toContain('Rude words');
    expect(await pageFor(browsers.nora)).not.toContain('Rude words');
    expect(await pageFor(browsers.sara)).toContain('Rude words');
    expect(await pageFor(browsers.carla)).toContain('Rude words');
    await request(app).get(`/resources/${id()}`).expect(200);
    expect(await noticesFor('nora')).toEqual(['comment.new']);
  });
});
