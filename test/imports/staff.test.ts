import { load } from 'cheerio';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeCarlaAdministrator, makeHugoAdministrator } from '../support/administrator.ts';
import { testApp } from '../support/app.ts';
import { catalogId, seedCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { outboxOf } from '../support/outbox.ts';
import { post, signedIn, type Browser } from '../support/sign-in.ts';
import { whileClosing } from '../support/while-closing.ts';

const database = await testDatabase();
const { pool } = database;
const { app, deps } = await testApp(database);
const outbox = outboxOf(deps);
const HERE = '/admin/people/import';
const place = (slug: string) => catalogId('organization', slug);
const personId = (slug: string) => catalogId('person', slug);

let state: Browser;
/** Hugo, here an administrator of the district north. */
let district: Browser;

beforeAll(async () => {
  await seedCatalog(pool);
  state = await signedIn(app, database, await makeCarlaAdministrator(pool));
  district = await signedIn(app, database, await makeHugoAdministrator(pool));
});
beforeEach(async () => {
  await pool.query('DELETE FROM rate_limit');
  await pool.query('DELETE FROM invitation');
  await outbox.mails();
  await outbox.clear();
});

const bring = (browser: Browser, text: string, more: Record<string, string> = {}) => {
  const request = browser.post(HERE).set('Sec-Fetch-Site', 'same-origin');
  for (const [name, value] of Object.entries(more)) void request.field(name, value);
  return request.attach('files', Buffer.from(text), 'staff.csv');
};
const csv = (...rows: string[]) => ['email,name,school,role,active', ...rows, ''].join('\n');

/** Tries a list and gives its page. */
async function tried(text: string, browser = district, more: Record<string, string> = {}) {
  const { headers } = await bring(browser, text, more).expect(303);
  const path = headers['location'] ?? '';
  const at = async (show?: string) =>
    load((await browser.get(show ? `${path}?show=${show}` : path).expect(200)).text);
  const apply = async (close: string[] = []) => {
    const digest = (await at())('[name=digest]').attr('value') ?? '';
    return post(browser, `${path}/apply`, { digest, close });
  };
  return { path, at, apply };
}
type Page = Awaited<ReturnType<Awaited<ReturnType<typeof tried>>['at']>>;
const tally = ($: Page) =>
  Object.fromEntries(
    $('.tally div')
      .map((_, one) => [[$(one).find('dt').text(), $(one).find('dd').text()]])
      .get(),
  ) as Record<string, string>;
const rowsOf = ($: Page) =>
  $('#rows tbody tr')
    .map((_, row) => $(row).text().replaceAll(/\s+/g, ' ').trim())
    .get();
const facts = async () =>
  (
    await pool.query<{ all: string }>(
      `SELECT json_agg(to_json(p) ORDER BY p.id)::text || coalesce((SELECT json_agg(to_json(g) ORDER BY g.person_id, g.organization_id, g.role)::text FROM role_grant g), '')
         || (SELECT count(*) FROM invitation) AS all FROM person p`,
    )
  ).rows[0]?.all;

describe('a list of staff', () => {
  it('says what it would do, does it in one step, and the same list again changes nothing', async () => {
    const nora = await signedIn(app, database, 'nora@test.example');
    const list = csv(
      'ada@new.example,Ada Lund,Alder Elementary,,',
      'ben@new.example,,north,curator|teacher,yes',
      'NORA@test.example,Nora Newname,north-high,teacher,',
      'hugo@test.example,,,,',
    );
    const before = await facts();
    const { path, at, apply } = await tried(list);
    expect(tally(await at())).toEqual({
      refused: '0',
      'to invite': '2',
      'to change': '1',
      'left alone': '1',
      'not in the list': '0',
    });
    expect(rowsOf(await at('changed'))[0]).toMatch(
      /^4 ?Nora Newname ?nora@test\.example ?Name: .+ → Nora Newname ?Place: Alder Elementary → North High School$/,
    );
    expect(await facts()).toBe(before);
    expect(await outbox.mails()).toEqual([]);

    expect((await apply()).status).toBe(303);
    const mails = await outbox.mails();
    expect(mails.map(({ to }) => to).toSorted()).toEqual(['ada@new.example', 'ben@new.example']);
    expect(mails.map(({ text }) => text).join('')).not.toMatch(/password:/i);
    const { rows } = await pool.query(
      `SELECT name, organization_id, (SELECT array_agg(role || ' ' || organization_id) FROM role_grant WHERE person_id = p.id) AS roles FROM person p WHERE id = $1`,
      [personId('nora')],
    );
    expect(rows).toEqual([
      {
        name: 'Nora Newname',
        organization_id: place('north-high'),
        roles: [`teacher ${place('north-high')}`],
      },
    ]);
    const page = await at('created');
    expect(page('h1').text()).toBe('What staff.csv did');
    const { rows: log } = await pool.query<{ action: string }>(
      `SELECT DISTINCT action FROM audit_event WHERE detail ->> 'list' = $1 OR object_id = $1 ORDER BY action`,
      [path.split('/').at(-1)],
    );
    expect(log.map(({ action }) => action)).toEqual(['person.changed', 'staff_list.applied']);
    await post(district, `${path}/apply`, { digest: 'whatever' }).expect(303);

    const done = await facts();
    const again = await tried(list);
    expect(tally(await again.at())).toMatchObject({ 'to invite': '0', 'to change': '0', 'left alone': '4' });
    expect((await again.at())('main').text()).toContain('Everything is as the list says');
    expect(await facts()).toBe(done);
    // What she holds is another place's now.
    await nora.get('/account').expect(303);
  });

  it('moves nobody to a school that is closed in that moment: the list is shown anew', async () => {
    const list = await tried(csv('hugo@test.example,,Alder Elementary,,'));
    const before = await facts();
    const late = await whileClosing(pool, place('north-elementary'), async () => list.apply());
    expect(await facts()).toBe(before);
    expect(late.status).toBe(409);
    await pool.query('UPDATE organization SET closed_at = NULL WHERE id = $1', [place('north-elementary')]);
  });

  it('refuses rows with the line, the column, what was read and what would work, and lets the rest through', async () => {
    await pool.query(`INSERT INTO role_grant (person_id, organization_id, role) VALUES ($1, $2, 'curator')`, [
      personId('nora'),
      place('state'),
    ]);
    const list = [
      'E-mail address;First name;Last name;School;Role;Active;Grade;Phone',
      'fine@new.example;Ida;Berg;North High School;Teacher;;;123',
      ';No;Address;North High School;;;;',
      'nobody;No;Address;North High School;;;;',
      'kid@new.example;A;Kid;North High School;;;4;',
      'pupil@new.example;A;Pupil;North High School;Student;;;',
      'kid@students.new.example;A;Kid;North High School;;;;',
      'king@new.example;A;King;North High School;king;;;',
      'when@new.example;A;When;North High School;;perhaps;;',
      'where@new.example;A;Where;Atlantis;;;;',
      'none@new.example;A;None;;;;;',
      'south@new.example;A;South;Harbor Middle School;;;;',
      'cura@new.example;A;Cura;North High School;curator;;;',
      'state@new.example;A;State;State of Testing;admin;;;',
      'two@new.example;Two;One;North High School;;;;',
      'two@new.example;Two;Two;North High School;;;;',
      'twin@new.example;Twin;;North High School;;;;',
      'TWIN@new.example;Twin;;North High School;;;;',
      'hugo@test.example;;;north;teacher;;;',
      'hugo@test.example;;;;;;;',
      'nora@test.example;Renamed;;;;;;',
    ].join('\r\n');
    const { path, at, apply } = await tried(list);
    expect(tally(await at())).toMatchObject({ refused: '18', 'to invite': '2' });
    const refused = rowsOf(await at('refused')).join('\n');
    for (const words of [
      'There is no address.',
      '“nobody” can’t be read as an address.',
      'Grade: The column “Grade” says “4”',
      'Role: “Student” is a student.',
      '“kid@students.new.example” looks like a student’s address.',
      '“king” is no role. Use teacher, importer, curator, lead or admin.',
      'Account: “perhaps” can’t be read. Use yes or no.',
      'Place: “Atlantis” is no place here.',
      'the list doesn’t say where they work',
      '“Harbor Middle School” belongs to another district.',
      'North High School is a school: it has teachers and administrators.',
      '“State of Testing” belongs to another district.',
      'two@new.example stands in line 16 too, with something else.',
      'twin@new.example stands in line 17 already.',
      'hugo@test.example stands in line 20 too',
      'This account also holds a role outside of your district.',
    ])
      expect(refused).toContain(words);
    expect((await at())('main').text()).toContain('This column was left unread: Phone.');
    const { text } = await district.get(`${path}/rejected.csv`).expect(200);
    expect(text.split('\r\n')[0]).toBe(
      '\ufeffE-mail address,First name,Last name,School,Role,Active,Grade,Phone,line in the list,why it was refused',
    );
    expect(text).toContain('where@new.example,A,Where,Atlantis,,,,,10,');
    expect((await apply()).status).toBe(303);
    expect((await outbox.mails()).map(({ to }) => to).toSorted()).toEqual([
      'fine@new.example',
      'twin@new.example',
    ]);
    await pool.query(`DELETE FROM role_grant WHERE person_id = $1 AND role = 'curator'`, [personId('nora')]);
  });

  it('closes an account that it says is closed, opens it again, and never touches its sender’s own roles', async () => {
    const nora = await signedIn(app, database, 'nora@test.example');
    await (await tried(csv('nora@test.example,,,,no', 'hugo@test.example,,,,'))).apply();
    await nora.get('/account').expect(303);
    const opened = await tried(csv('nora@test.example,,,,yes'));
    expect(rowsOf(await opened.at('changed'))[0]).toContain('Account: closed → open');
    await opened.apply();
    await (await signedIn(app, database, 'nora@test.example')).get('/account').expect(200);
    const own = await tried(csv('hugo@test.example,,,,no'));
    expect(rowsOf(await own.at('refused'))[0]).toContain('This is your own account.');
    await pool.query(
      `INSERT INTO role_grant (person_id, organization_id, role) VALUES ($1, $2, 'admin') ON CONFLICT DO NOTHING`,
      [personId('hugo'), place('north-high')],
    );
    const less = await tried(csv('hugo@test.example,,North High School,teacher,'));
    expect(rowsOf(await less.at('refused'))[0]).toContain('This is your own account.');
  });

  it('asks for the file once more where it came without saying whose staff it names', async () => {
    const refused = load(
      (await bring(state, csv('ada@new.example,Ada,,,'), { organization: '' }).expect(422)).text,
    );
    expect(refused('#organization-error').text()).toContain('Choose whose staff');
    expect(refused('#files-error').text()).toContain('Choose “staff.csv” once more');
    expect(refused('#organization').attr('required')).toBeDefined();
  });

  it('signs out whose roles it changes, everywhere', async () => {
    const nora = await signedIn(app, database, 'nora@test.example');
    await (await tried(csv('nora@test.example,,north,curator,'))).apply();
    await nora.get('/account').expect(303);
    await (await tried(csv('nora@test.example,,Alder Elementary,teacher,'))).apply();
    const { rows } = await pool.query('SELECT role, organization_id FROM role_grant WHERE person_id = $1', [
      personId('nora'),
    ]);
    expect(rows).toEqual([{ role: 'teacher', organization_id: place('north-elementary') }]);
  });

  it('gives the checks back of whom it closes, and of whose roles it changes', async () => {
    const keys = async () =>
      (
        await pool.query<{ key: string }>(
          `SELECT key FROM graphile_worker.jobs WHERE key LIKE 'hand-back-checks:%' ORDER BY key`,
        )
      ).rows.map(({ key }) => key);
    await pool.query(
      `INSERT INTO person (id, email, name, organization_id) VALUES ($1, 'left@test.example', 'Lea Left', $2)`,
      [personId('left'), place('north-high')],
    );
    await outbox.mails();
    await (await tried(csv('nora@test.example,Nora Other,,,', 'left@test.example,,,,'))).apply();
    expect(await keys()).toEqual([]);
    await (await tried(csv('nora@test.example,,north,curator,', 'left@test.example,,,,no'))).apply();
    expect(await keys()).toEqual(
      [personId('nora'), personId('left')].map((id) => `hand-back-checks:${id}`).toSorted(),
    );
    await outbox.mails();
    await pool.query(`UPDATE person SET disabled_at = NULL WHERE id = $1`, [personId('left')]);
    await (await tried(csv('nora@test.example,,Alder Elementary,teacher,'))).apply([personId('left')]);
    expect(await keys()).toEqual(
      [personId('nora'), personId('left')].map((id) => `hand-back-checks:${id}`).toSorted(),
    );
    await pool.query('DELETE FROM person WHERE id = $1', [personId('left')]);
  });

  it('offers to close accounts that it misses, and closes only those that are chosen', async () => {
    await pool.query(
      `INSERT INTO person (email, name, organization_id) VALUES ('gone1@test.example', 'Gone One', $1), ('gone2@test.example', 'Gone Two', $1)`,
      [place('north-high')],
    );
    const list = csv('hugo@test.example,,,,', 'nora@test.example,,,,');
    const first = await tried(list);
    const $ = await first.at();
    expect($('#gone').text()).toContain('Gone One');
    expect($('#gone').text()).toContain('Gone Two');
    expect($('#gone input[checked]')).toHaveLength(0);
    expect($('#gone').text()).not.toMatch(/sara|carla/);
    const id = $('#gone label:contains("Gone One") input').attr('value') ?? '';
    await first.apply([id, personId('sara'), personId('hugo')]);
    const closed = async () =>
      (
        await pool.query<{ email: string }>(
          'SELECT email FROM person WHERE disabled_at IS NOT NULL ORDER BY email',
        )
      ).rows.map(({ email }) => email);
    expect(await closed()).toEqual(['gone1@test.example']);
    await (await tried(csv('nonsense,,,,'))).apply(['all']);
    expect(await closed()).toEqual(['gone1@test.example']);
    await (await tried(list)).apply(['all']);
    expect(await closed()).toEqual(['gone1@test.example', 'gone2@test.example']);
  });

  it('changes what an open invitation says without another mail, and withdraws it for who left', async () => {
    await (await tried(csv('ada@new.example,Ada,Alder Elementary,,'))).apply();
    await outbox.mails();
    await outbox.clear();
    await (await tried(csv('ada@new.example,Ada Lund,north,curator,'))).apply();
    expect(await outbox.mails()).toEqual([]);
    const { rows } = await pool.query('SELECT name, organization_id, roles FROM invitation');
    expect(rows).toEqual([{ name: 'Ada Lund', organization_id: place('north'), roles: ['curator'] }]);
    await (await tried(csv('ada@new.example,,,,no', 'never@new.example,,north,,no'))).apply();
    expect((await pool.query('SELECT 1 FROM invitation')).rows).toEqual([]);
  });

  it('keeps of an open invitation what exists at the place where it goes', async () => {
    const roles = async () =>
      (await pool.query<{ roles: string[] }>('SELECT roles FROM invitation ORDER BY email')).rows.map((row) =>
        row.roles.toSorted(),
      );
    await (
      await tried(csv('ada@new.example,,north,curator|teacher|admin,', 'ben@new.example,,north,lead,'))
    ).apply();
    const moved = await tried(csv('ada@new.example,,Alder Elementary,,', 'ben@new.example,,north-high,,'));
    expect(tally(await moved.at())).toMatchObject({ refused: '0', 'to change': '2' });
    await moved.apply();
    expect(await roles()).toEqual([['admin', 'teacher'], ['teacher']]);
  });

  it('is looked at again when people changed meanwhile, and nothing is done before', async () => {
    const { apply, at } = await tried(csv('nora@test.example,Nora A,,,', 'new@new.example,,north,,'));
    await pool.query(`UPDATE person SET name = 'Nora B' WHERE id = $1`, [personId('nora')]);
    const digest = (await at())('[name=digest]').attr('value');
    const answer = await apply();
    expect(answer.status).toBe(409);
    expect(load(answer.text)('[role=alert]').text()).toContain('nothing was done');
    expect((await pool.query('SELECT 1 FROM invitation')).rows).toEqual([]);
    expect((await at())('[name=digest]').attr('value')).not.toBe(digest);
    expect((await apply()).status).toBe(303);
  });

  it.each([
    ['invited somebody of it', 'quick@new.example', 'quick@new.example,,north,,'],
    ['invited somebody to where it moves them', 'ada@new.example', 'ada@new.example,,north,,'],
  ])('is looked at again when somebody else %s in this moment', async (_what, email, row) => {
    await (await tried(csv('ada@new.example,Ada,Alder Elementary,,'))).apply();
    const list = await tried(csv(row, 'new@new.example,,north,,'));
    const client = await pool.connect();
    await client.query('BEGIN');
    await client.query(
      `INSERT INTO invitation (email, organization_id, roles, expires_at) VALUES ($1, $2, '{curator}', now() + interval '1 day')`,
      [email, place('north')],
    );
    const applied = list.apply();
    await vi.waitFor(async () => {
      const { rows } = await pool.query(
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      expect(rows).toHaveLength(1);
    });
    await client.query('COMMIT');
    client.release();
    const answer = await applied;
    expect(answer.status).toBe(409);
    expect(load(answer.text)('[role=alert]').text()).toContain('nothing was done');
    const emails = async () =>
      (await pool.query<{ email: string }>('SELECT email FROM invitation ORDER BY email')).rows.map(
        (one) => one.email,
      );
    expect(await emails()).toEqual(['ada@new.example', email].toSorted());
    // What it says now is done when it is applied once more.
    expect((await list.apply()).status).toBe(303);
    expect(await emails()).toContain('new@new.example');
  });

  it('may call a place as it, or what was merged into it, was called; and says of a closed one that it is', async () => {
    await pool.query(
      `INSERT INTO organization (kind, parent_id, district_id, name, slug, closed_at, merged_into_id)
       VALUES ('school', $1, $1, 'Birch School', 'birch', now(), $2), ('school', $1, $1, 'Ash School', 'ash', now(), NULL)`,
      [place('north'), place('north-high')],
    );
    await pool.query(`INSERT INTO organization_former (organization_id, name) VALUES ($1, 'Alder Primary')`, [
      place('north-elementary'),
    ]);
    const list = await tried(
      csv('a@new.example,,Birch School,,', 'b@new.example,,Alder Primary,,', 'c@new.example,,Ash School,,'),
    );
    expect(rowsOf(await list.at('created')).join('\n')).toMatch(/North High School\n.*Alder Elementary$/);
    expect(rowsOf(await list.at('refused'))[0]).toContain(
      '“Ash School” has closed. Name the place where they work now.',
    );
  });

  it('of a district that closed says so, and nothing is done', async () => {
    const list = await tried(csv('late@new.example,,north,,'), state, { organization: place('north') });
    const digest = (await list.at())('[name=digest]').attr('value') ?? '';
    await pool.query('UPDATE organization SET closed_at = now() WHERE id = $1', [place('north')]);
    expect((await list.at())('main').text()).toContain('no list of its staff can be applied any more');
    const answer = await post(state, `${list.path}/apply`, { digest });
    await pool.query('UPDATE organization SET closed_at = NULL WHERE id = $1', [place('north')]);
    expect(answer.status).toBe(409);
    expect(answer.text).toContain('no list of its staff can be applied any more');
    expect((await pool.query('SELECT 1 FROM invitation')).rows).toEqual([]);
  });

  it('doesn’t tell a district of accounts elsewhere: they are invited like anybody', async () => {
    const list = csv('sara@test.example,,north,,');
    expect(tally(await (await tried(list)).at())).toMatchObject({ 'to invite': '1', refused: '0' });
    const more = { organization: place('north') };
    expect(rowsOf(await (await tried(list, state, more)).at('refused'))[0]).toContain(
      'This person works for another district.',
    );
  });

  it('is a district’s own: its administrator brings no other’s and sees no other’s', async () => {
    const south = await tried(csv('new@south.example,,south,,'), state, { organization: place('south') });
    expect(tally(await south.at())).toMatchObject({ 'to invite': '1' });
    await district.get(south.path).expect(404);
    await district.get(`${south.path}/rejected.csv`).expect(404);
    await post(district, `${south.path}/apply`, { digest: 'x' }).expect(404);
    await post(district, `${south.path}/drop`).expect(404);
    const { path } = await tried(csv('new@south.example,,south,,'), district, {
      organization: place('south'),
    });
    expect(rowsOf(load((await district.get(path)).text))[0]).toContain('belongs to another district');
    const nora = await signedIn(app, database, 'nora@test.example');
    await nora.get(HERE).expect(403);
    await bring(state, csv('a@new.example,,north,,'), { organization: place('north-high') }).expect(422);
    await post(state, `${south.path}/drop`).expect(303);
    await state.get(south.path).expect(404);
  });

  it('that is no list is refused in words, and what was pasted stays', async () => {
    const faults = async (text: string, name = 'staff.csv') => {
      const { text: html } = await district
        .post(HERE)
        .set('Sec-Fetch-Site', 'same-origin')
        .attach('files', Buffer.from(text), name)
        .expect(422);
      return load(html)('.errors').text();
    };
    expect(await faults('name,phone\nAda,1')).toContain('The columns are: name, phone.');
    expect(await faults('email,name\n')).toContain('nothing below the headings');
    expect(await faults('', 'staff.csv')).toContain('empty');
    expect(await faults('[]', 'staff.json')).toContain('staff.json is not a table.');
    expect(await faults('%PDF-', 'staff.pdf')).toContain('staff.pdf');
    const send = (pasted: string) =>
      district.post(HERE).set('Sec-Fetch-Site', 'same-origin').field('pasted', pasted);
    const { text } = await send('who,what\nAda,x').expect(422);
    expect(load(text)('#pasted').text()).toContain('Ada,x');
    expect(load((await send('').expect(422)).text)('.errors').text()).toContain('Choose a file, or paste');
    const pasted = `email\tname\tschool\n${Array.from({ length: 3000 }, (_, n) => `p${n}@new.example\tPerson ${n}\tNorth High School`).join('\n')}`;
    await send(pasted).expect(303);
  });

  it('of 5,000 people is tried and applied, each within seconds', async () => {
    const list = csv(
      ...Array.from({ length: 5000 }, (_, n) => `p${n}@many.example,Person ${n},North High School,,`),
    );
    const started = performance.now();
    const { apply, at } = await tried(list);
    const shown = performance.now();
    expect(tally(await at())).toMatchObject({ 'to invite': '5,000' });
    const before = performance.now();
    expect((await apply()).status).toBe(303);
    const took = { trying: shown - started, applying: performance.now() - before };
    expect(took.trying).toBeLessThan(8000);
    expect(took.applying).toBeLessThan(15_000);
    expect((await at())('[data-live=text]').text()).toBe(
      '0 of 5,000 mails are written to the folder of the server.',
    );
    await pool.query(`DELETE FROM graphile_worker._private_jobs`);
    await pool.query('DELETE FROM invitation');
  }, 60_000);
});
