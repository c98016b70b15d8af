import { load } from 'cheerio';
import supertest from 'supertest';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { endInto } from '../../server/administration/transfers/merge-organizations.ts';
import { makeCarlaAdministrator, makeHugoAdministrator } from '../support/administrator.ts';
import { testApp } from '../support/app.ts';
import { catalogId, seedCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { linkIn, outboxOf } from '../support/outbox.ts';
import { post, signedIn, type Browser } from '../support/sign-in.ts';

const database = await testDatabase();
const { pool } = database;
const { app, deps } = await testApp(database);
const outbox = outboxOf(deps);
let now = new Date();
deps.clock.now = () => now;
const place = (slug: string) => catalogId('organization', slug);
const LIST = '/admin/people/invitations';
const password = 'a river under the old bridge';
const DAY = 86_400_000;

let state: Browser;
/** Hugo, here an administrator of the district north. */
let district: Browser;

beforeAll(async () => {
  await seedCatalog(pool);
  state = await signedIn(app, database, await makeCarlaAdministrator(pool));
  district = await signedIn(app, database, await makeHugoAdministrator(pool));
  await outbox.mails();
});
beforeEach(async () => {
  now = new Date();
  await pool.query('DELETE FROM rate_limit');
  await pool.query('DELETE FROM invitation');
  await outbox.mails();
  await outbox.clear();
});

const invite = (browser: Browser, emails: string, more: Record<string, string | string[]> = {}) =>
  post(browser, LIST, { emails, organization: place('north-high'), role: 'teacher', ...more });
const faults = (text: string) => load(text)('.errors').text();
const count = async (sql: string) =>
  (await pool.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${sql}`)).rows[0]?.n;
async function link(email: string, more = {}): Promise<string> {
  await invite(state, email, more).expect(303);
  const mail = (await outbox.mails()).findLast(({ to }) => to === email);
  return linkIn(mail!, '/invitation');
}
const tokenOf = (path: string) => new URL(path, 'http://localhost').searchParams.get('token') ?? '';
const accept = (path: string, more: Record<string, string> = {}, browser = supertest.agent(app)) =>
  post(browser, '/invitation', {
    token: tokenOf(path),
    name: 'Ida Nordin',
    password,
    again: more['password'] ?? password,
    ...more,
  });

/** Holds a change open that isn't committed yet, until somebody waits for it. @returns what that somebody got */
async function meanwhile<T>(sql: string, values: unknown[], work: () => Promise<T>): Promise<T> {
  const client = await pool.connect();
  await client.query('BEGIN');
  await client.query(sql, values);
  const answer = work();
  await vi.waitFor(
    async () =>
      expect(
        await count(`pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`),
      ).toBe(1),
    { timeout: 8000, interval: 20 },
  );
  await client.query('COMMIT');
  client.release();
  return answer;
}

describe('an invitation', () => {
  it('goes to each address by a mail of its own, and makes an account there with a name and password of one’s own', async () => {
    await invite(state, 'Ida Nordin <IDA@new.example>\r\nove@new.example', {
      organization: place('north'),
      role: ['curator', 'teacher'],
    }).expect(303);
    const mails = await outbox.mails();
    expect(mails.map(({ to }) => to).toSorted()).toEqual(['ida@new.example', 'ove@new.example']);
    const mine = mails.find(({ to }) => to.startsWith('ida'))!;
    expect(mine.text).toContain('North Fork Schools');
    expect(mine.text).toMatch(/invites you to\s+Commonshelf/);
    const path = linkIn(mine, '/invitation');
    const page = await supertest(app).get(path).expect(200);
    expect(page.headers['cache-control']).toBe('no-store');
    const browser = supertest.agent(app);
    await accept(path, {}, browser).expect(303).expect('location', '/');
    const account = load((await browser.get('/account').expect(200)).text)('main').text();
    for (const words of ['Ida Nordin', 'ida@new.example', 'Curator', 'Teacher', 'North Fork Schools'])
      expect(account).toContain(words);
    const list = load((await state.get(LIST)).text)('tbody').text();
    expect(list).toContain('ove@new.example');
    expect(list).not.toContain('ida@new.example');
    expect(await count(`audit_event WHERE action LIKE 'invitation.%'`)).toBe(3);
  });

  it('that was used, withdrawn, sent again, guessed or is two weeks old leads to words, and changes nothing', async () => {
    const [used, withdrawn, replaced, late] = [
      await link('used@new.example'),
      await link('withdrawn@new.example'),
      await link('replaced@new.example'),
      await link('late@new.example'),
    ];
    await accept(used).expect(303);
    const idOf = async (email: string) =>
      (await pool.query<{ id: string }>('SELECT id FROM invitation WHERE email = $1', [email])).rows[0]?.id;
    await post(state, `${LIST}/${await idOf('withdrawn@new.example')}/withdraw`).expect(303);
    await post(state, `${LIST}/${await idOf('replaced@new.example')}/send`).expect(303);
    const fresh = linkIn((await outbox.mails()).at(-1)!, '/invitation');
    now = new Date(now.getTime() + 15 * DAY);
    const before = await count('person');
    for (const path of [used, withdrawn, replaced, late, `/invitation?token=${'g'.repeat(43)}`]) {
      const { text } = await supertest(app).get(path).expect(410);
      expect(load(text)('h1').text()).toBe('This invitation no longer works');
      await accept(path).expect(410);
    }
    for (const path of [fresh.replace('=', '=3D'), fresh.slice(0, -1), '/invitation']) {
      const { text } = await supertest(app).get(path).expect(410);
      expect(load(text)('h1').text()).toBe('This link is not whole');
    }
    await supertest(app).get('/invitation?token[]=x').expect(410);
    expect(await count('person')).toBe(before);
    now = new Date();
    await supertest(app).get(fresh).expect(200);
    await pool.query(
      `UPDATE invitation SET expires_at = now() - interval '1 hour' WHERE email = 'late@new.example'`,
    );
    expect((await state.get(LIST)).text).toContain('Not accepted');
  });

  it('is accepted by one of two at the same moment, and only its hash is kept', async () => {
    const path = await link('two@new.example');
    const { rows } = await pool.query('SELECT row_to_json(i)::text AS row FROM invitation i');
    expect(JSON.stringify(rows)).not.toContain(tokenOf(path));
    const answers = await Promise.all([accept(path), accept(path)]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([303, 410]);
  });

  it('goes on working after a password that can’t be used or a name that is missing', async () => {
    const path = await link('slip@new.example');
    expect(faults((await accept(path, { password: 'short' }).expect(422)).text)).toContain('at least 12');
    expect(faults((await accept(path, { name: ' ' }).expect(422)).text)).toContain('This is needed.');
    await accept(path, { again: 'something else entirely' }).expect(422);
    await accept(path).expect(303);
  });

  it('to an address with an account adds the roles to it, once its owner has signed in, and ends their other sessions', async () => {
    const sara = await signedIn(app, database, 'sara@test.example');
    const elsewhere = await signedIn(app, database, 'sara@test.example');
    // Sara works in another district: its administrator is told no more than of anybody.
    await invite(district, 'sara@test.example', { organization: place('north'), role: 'curator' }).expect(
      303,
    );
    const path = linkIn((await outbox.mails()).at(-1)!, '/invitation');
    const asked = load((await supertest(app).get(path).expect(200)).text);
    expect(asked('main a.btn').attr('href')).toContain('/sign-in?next=%2Finvitation%3Ftoken%3D');
    expect(load((await accept(path).expect(200)).text)('main').text()).toContain('has an account already');
    expect((await state.get(path)).text).toContain('this invitation was sent to sara@test.example');
    await post(state, '/invitation/accept', { token: tokenOf(path) }).expect(200);
    await post(sara, '/invitation/accept', { token: tokenOf(path) }).expect(303);
    expect(load((await sara.get('/account').expect(200)).text)('main').text()).toContain(
      'North Fork Schools',
    );
    await elsewhere.get('/account').expect(303);
    await post(sara, '/invitation/accept', { token: tokenOf(path) }).expect(410);
    await pool.query(`DELETE FROM role_grant WHERE organization_id = $1 AND role = 'curator'`, [
      place('north'),
    ]);
  });

  it('to a place that is closed in this moment lets nobody in', async () => {
    const path = await link('behind@new.example');
    const { status } = await meanwhile(
      'UPDATE organization SET closed_at = now() WHERE id = $1',
      [place('north-high')],
      async () => accept(path),
    );
    await pool.query('UPDATE organization SET closed_at = NULL WHERE id = $1', [place('north-high')]);
    expect(status).toBe(410);
    expect(await count(`person WHERE email = 'behind@new.example'`)).toBe(0);
    await accept(path).expect(303);
  });

  it('follows a merge of its place, and says so; of two that come together by it, one stays for the roles of both', async () => {
    const school = async (name: string): Promise<{ id: string; name: string }> => {
      const { rows } = await pool.query<{ id: string }>(
        `INSERT INTO organization (kind, parent_id, district_id, name, slug) VALUES ('school', $1, $1, $2, $3) RETURNING id`,
        [place('north'), name, name.toLowerCase()],
      );
      return { id: rows[0]!.id, name };
    };
    const from = await school('Birchwood');
    const to = await school('Oakwood');
    const path = await link('moved@new.example', { organization: from.id });
    await link('twice@new.example', { organization: from.id, role: ['teacher', 'admin'] });
    const later = await link('twice@new.example', { organization: to.id });
    const held = await pool.connect();
    await held.query('BEGIN');
    await held.query('SELECT 1 FROM organization WHERE id = ANY ($1) ORDER BY id FOR UPDATE', [
      [from.id, to.id],
    ]);
    await endInto(held, { from, to, at: now });
    const waiting = await link('waits@new.example', { organization: place('north') });
    await held.query('COMMIT');
    held.release();
    const $ = load((await supertest(app).get(path).expect(200)).text);
    expect($('main').text()).toContain(
      'Your mail says Birchwood. It is a part of Oakwood now, and that is where you come in.',
    );
    expect(load((await supertest(app).get(waiting).expect(200)).text)('main .note')).toHaveLength(0);
    await accept(path).expect(303);
    await accept(later).expect(303);
    const { rows } = await pool.query(
      `SELECT p.email, p.organization_id = $1 AS there, array_agg(g.role ORDER BY g.role) AS roles FROM person p JOIN role_grant g ON g.person_id = p.id AND g.organization_id = $1
       WHERE p.email IN ('moved@new.example', 'twice@new.example') GROUP BY 1, 2 ORDER BY 1`,
      [to.id],
    );
    expect(rows).toEqual([
      { email: 'moved@new.example', there: true, roles: ['teacher'] },
      { email: 'twice@new.example', there: true, roles: ['admin', 'teacher'] },
    ]);
  });

  it('to a place that closed says so and whom to ask, and can be withdrawn but not sent again', async () => {
    const path = await link('shut@new.example');
    const { rows } = await pool.query<{ id: string }>('SELECT id FROM invitation');
    await pool.query('UPDATE organization SET closed_at = now() WHERE id = $1', [place('north-high')]);
    const said = load((await supertest(app).get(path).expect(410)).text)('main').text();
    expect(said).toContain('North High School has closed, so nobody can join it any more.');
    expect(said).toMatch(/Ask .+, who invited you, for an invitation to the place where you work now\./);
    await accept(path).expect(410);
    expect(load((await state.get(LIST)).text)('tbody').text()).toContain('The place closed');
    const again = await post(state, `${LIST}/${rows[0]?.id}/send`).expect(409);
    expect(again.text).toContain('Withdraw the invitation of shut@new.example');
    await pool.query('UPDATE organization SET closed_at = NULL WHERE id = $1', [place('north-high')]);
    await supertest(app).get(path).expect(200);
  });

  it('stands in the list as it was sent, whatever is set up since', async () => {
    await link('folder@new.example');
    await link('mailed@new.example');
    await link('early@new.example');
    await pool.query(`UPDATE invitation SET sent_by = 'mail' WHERE email = 'mailed@new.example'`);
    await pool.query(`UPDATE invitation SET sent_by = NULL WHERE email = 'early@new.example'`);
    const $ = load((await state.get(LIST)).text);
    const stateOf = (email: string) => $(`tbody tr:contains("${email}") .state`).text();
    expect(stateOf('folder@')).toBe('In the mail folder');
    expect(stateOf('mailed@')).toBe('Mailed');
    expect(stateOf('early@')).toBe('In the mail folder');
  });

  it('doesn’t open an account that was closed', async () => {
    await pool.query(`UPDATE person SET disabled_at = now() WHERE email = 'sara@test.example'`);
    await invite(district, 'sara@test.example').expect(303);
    const path = linkIn((await outbox.mails()).at(-1)!, '/invitation');
    await supertest(app).get(path).expect(410);
    await accept(path).expect(410);
    await pool.query(`UPDATE person SET disabled_at = NULL WHERE email = 'sara@test.example'`);
  });
});

describe('inviting', () => {
  it('says of each address that can’t be invited why, keeps what was typed, and then invites nobody', async () => {
    await invite(state, 'here@new.example').expect(303);
    const { text } = await invite(state, 'nora@test.example\nnobody\nfine@new.example').expect(422);
    expect(faults(text)).toContain('“nobody” can’t be read as an address.');
    expect(load(text)('#emails').text()).toContain('fine@new.example');
    const known = await invite(state, 'nora@test.example, here@new.example; fine@new.example').expect(422);
    expect(faults(known.text)).toContain('nora@test.example has an account already.');
    expect(faults(known.text)).toContain('here@new.example is invited to this place already.');
    await invite(state, '').expect(422);
    await invite(state, 'a@new.example', { role: [] }).expect(422);
    await invite(state, 'a@new.example', { organization: catalogId('person', 'nora') }).expect(422);
    const many = Array.from({ length: 51 }, (_, index) => `p${index}@new.example`).join('\n');
    expect(faults((await invite(state, many).expect(422)).text)).toContain('more than 50');
    expect(await count('invitation')).toBe(1);
  });

  it('says so too when somebody else was quicker by a moment, and then invites nobody', async () => {
    const answer = await meanwhile(
      `INSERT INTO invitation (email, organization_id, roles, expires_at) VALUES ('both@new.example', $1, '{teacher}', now() + interval '1 day')`,
      [place('north-high')],
      async () => invite(state, 'both@new.example, fine@new.example'),
    );
    expect(answer.status).toBe(422);
    expect(faults(answer.text)).toContain('both@new.example is invited to this place already.');
    expect(load(answer.text)('#emails').text()).toContain('fine@new.example');
    expect(await count('invitation')).toBe(1);
    expect(await outbox.mails()).toEqual([]);
  });

  it('is done by a district’s administrator for the district and its schools alone, with the roles that exist there', async () => {
    await invite(district, 'one@new.example', { organization: place('north') }).expect(303);
    for (const slug of ['state', 'south', 'south-middle'])
      expect(
        faults((await invite(district, 'two@new.example', { organization: place(slug) }).expect(422)).text),
      ).toContain('Choose where they work.');
    for (const role of ['importer', 'curator', 'lead'])
      expect(faults((await invite(district, 'two@new.example', { role }).expect(422)).text)).toContain(
        'A school has teachers and administrators.',
      );
    await invite(district, 'two@new.example', { role: 'king' }).expect(422);
    const $ = load((await district.get(LIST).expect(200)).text);
    expect($('#organization option').text()).not.toContain('South');
    await invite(state, 'theirs@new.example', { organization: place('south') }).expect(303);
    expect((await district.get(LIST)).text).not.toContain('theirs@new.example');
    const { rows } = await pool.query<{ id: string }>(
      `SELECT id FROM invitation WHERE email = 'theirs@new.example'`,
    );
    await post(district, `${LIST}/${rows[0]?.id}/withdraw`).expect(404);
    await post(district, `${LIST}/${rows[0]?.id}/send`).expect(404);
    expect(await count('invitation')).toBe(2);
  });

  it('is for administrators, and a district’s sees and closes only accounts that are the district’s', async () => {
    const nora = await signedIn(app, database, 'nora@test.example');
    await nora.get(LIST).expect(403);
    await invite(nora, 'x@new.example').expect(403);
    const people = load((await district.get('/admin/people').expect(200)).text)('tbody').text();
    expect(people).toContain('nora@test.example');
    expect(people).not.toMatch(/sara|carla/);
    await district.get('/admin/operation').expect(403);
    const close = (slug: string) => post(district, `/admin/people/${catalogId('person', slug)}/close`);
    await close('sara').expect(404);
    await close('hugo').expect(409);
    await pool.query(`INSERT INTO role_grant (person_id, organization_id, role) VALUES ($1, $2, 'curator')`, [
      catalogId('person', 'nora'),
      place('state'),
    ]);
    await close('nora').expect(409);
    await pool.query(`DELETE FROM role_grant WHERE person_id = $1 AND role = 'curator'`, [
      catalogId('person', 'nora'),
    ]);
    await close('nora').expect(303);
    await nora.get('/account').expect(303);
    await post(district, `/admin/people/${catalogId('person', 'nora')}/password`).expect(404);
    await post(district, `/admin/people/${catalogId('person', 'nora')}/open`).expect(303);
  });

  it('has a limit an hour for each who invites', async () => {
    await pool.query(
      `INSERT INTO rate_limit (key, points, expire) VALUES ('invite:' || $1, 200, (extract(epoch FROM now()) * 1000)::bigint + 900000)`,
      [catalogId('person', 'hugo')],
    );
    await invite(district, 'x@new.example').expect(429);
  });
});
