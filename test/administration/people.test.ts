import { load } from 'cheerio';
import supertest from 'supertest';
import { beforeAll, describe, expect, it } from 'vitest';
import { accountTasks } from '../../server/accounts/account-jobs.ts';
import { runTransfer } from '../../server/administration/transfers/transfer-job.ts';
import { handBackChecks } from '../../server/curation/lease-service.ts';
import { tokenFor } from '../support/api-programs.ts';
import { insertAdministrators, type AdministratorName } from '../support/administrators.ts';
import { testApp } from '../support/app.ts';
import { catalogId, seedCatalog, type Catalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { post, signedIn, type Browser } from '../support/sign-in.ts';

const database = await testDatabase();
const { pool } = database;
const { app, deps } = await testApp(database);
const browsers = new Map<AdministratorName, Browser>();
const place = (slug: string): string => catalogId('organization', slug);
const person = (name: string): string => catalogId('person', name);
let catalog: Catalog;

beforeAll(async () => {
  catalog = await seedCatalog(pool);
  await insertAdministrators(pool);
  // Of the north, and a curator of the state: not the north's alone.
  await pool.query(
    `INSERT INTO person (id, email, name, organization_id) VALUES ($1, 'mixed@test.example', 'Max Mixed', $2)`,
    [person('mixed'), place('north-high')],
  );
  await pool.query(
    `INSERT INTO role_grant (person_id, organization_id, role) VALUES ($1, $2, 'curator'), ($1, $3, 'curator')`,
    [person('mixed'), place('state'), place('north')],
  );
  // Works in the south and helps in the north.
  await pool.query(`INSERT INTO role_grant (person_id, organization_id, role) VALUES ($1, $2, 'importer')`, [
    person('sara'),
    place('north'),
  ]);
  for (const who of ['stella', 'dora', 'sven'] as const)
    browsers.set(who, await signedIn(app, database, `${who}@test.example`));
});

const read = async (who: AdministratorName, path: string) =>
  load((await browsers.get(who)!.get(path).expect(200)).text);
const url = (name: string, path = ''): string => `/admin/people/${person(name)}${path}`;
const stampOf = async (who: AdministratorName, name: string): Promise<string> =>
  (await read(who, url(name)))('input[name=stamp]').first().attr('value') ?? '';
/** Opens a person's page and sends one of its forms, as somebody does who reads it. */
const send = async (
  who: AdministratorName,
  name: string,
  path: string,
  form: Record<string, string | string[]> = {},
) => post(browsers.get(who)!, url(name, path), { stamp: await stampOf(who, name), ...form });
const grantsOf = async (name: string): Promise<string[]> =>
  (
    await pool.query<{ at: string }>(
      `SELECT g.role || ' ' || o.slug AS at FROM role_grant g JOIN organization o ON o.id = g.organization_id WHERE g.person_id = $1 ORDER BY 1`,
      [person(name)],
    )
  ).rows.map(({ at }) => at);
const lastAction = async (): Promise<string | undefined> =>
  (await pool.query<{ action: string }>(`SELECT action FROM audit_event ORDER BY id DESC LIMIT 1`)).rows[0]
    ?.action;
const textOf = (html: string): string => load(html)('main').text().replaceAll(/\s+/g, ' ');

describe('the list', () => {
  const names = async (who: AdministratorName, query: string) => {
    const $ = await read(who, `/admin/people?${query}`);
    return $('tbody th a')
      .map((_, one) => $(one).text())
      .get();
  };
  it('finds people by name, address, place and role, and shows a district’s administrator those of the district', async () => {
    const ofTheNorth = [
      'Dora Admin',
      'Hugo Brandt',
      'Max Mixed',
      'Nora Adler',
      'Olga Admin',
      'Sara Castillo',
    ];
    expect(await names('stella', 'q=sára')).toEqual(['Sara Castillo']);
    expect(await names('stella', `organization=${place('north')}`)).toEqual(ofTheNorth);
    expect(await names('stella', `organization=${place('north')}&role=importer`)).toEqual(['Sara Castillo']);
    expect(await names('stella', 'role=admin')).toEqual([
      'Dora Admin',
      'Olga Admin',
      'Stella Admin',
      'Sven Admin',
    ]);
    expect(await names('stella', 'state=closed')).toEqual([]);
    expect(await names('dora', '')).toEqual(ofTheNorth);
    expect(await names('dora', `organization=${place('south')}`)).toEqual(['Sara Castillo']);
  });

  it('is taken as a file in the columns of a list of staff, which the log remembers', async () => {
    const $ = await read('dora', '/admin/people?q=a&state=open');
    const answer = await browsers
      .get('dora')!
      .get($('a[href^="/admin/people.csv"]').attr('href')!)
      .expect(200);
    const lines = answer.text.split('\r\n');
    expect(lines[0]).toBe('\ufeffname,email,organization,role,active,roles elsewhere,last seen');
    expect(lines).toContainEqual(
      expect.stringMatching(/^Max Mixed,mixed@test\.example,[^,]+,,yes,curator: [^|]+\|curator: [^|]+,$/),
    );
    expect(lines).toContainEqual(
      expect.stringMatching(/^Nora Adler,nora@test\.example,[^,]+,teacher,yes,,$/),
    );
    expect(answer.text).not.toContain('Sven Admin');
    expect(await lastAction()).toBe('people.exported');
  });
});

describe('who may do what to whom', () => {
  /** What the page offers: details, close, hand over; then the roles that can be taken. `404`: no page. */
  const table: Record<string, Record<'stella' | 'dora' | 'sven', string>> = {
    hugo: {
      stella: 'details close hand-over; teacher',
      dora: 'details close hand-over; teacher',
      sven: '404',
    },
    sara: {
      stella: 'details close hand-over; importer teacher',
      dora: '; importer',
      sven: 'hand-over; teacher',
    },
    mixed: { stella: 'details close; curator curator', dora: '; curator', sven: '404' },
    dora: { stella: 'details close; admin', dora: '; admin', sven: '404' },
    stella: { stella: '; admin', dora: '404', sven: '404' },
  };
  it.each(Object.keys(table))('%s', async (name) => {
    for (const who of ['stella', 'dora', 'sven'] as const) {
      const expected = table[name]![who];
      const response = await browsers.get(who)!.get(url(name));
      if (expected === '404') {
        expect([who, response.status]).toEqual([who, 404]);
        for (const path of [
          '/details',
          '/roles/give',
          '/roles/take',
          '/close',
          '/open',
          '/password',
          '/hand-over',
        ])
          expect([
            path,
            (
              await post(browsers.get(who)!, url(name, path), {
                role: 'admin',
                place: place('north'),
                name: 'X',
                email: 'x@x.example',
                organization: place('north'),
                to: 'hugo@test.example',
              })
            ).status,
          ]).toEqual([path, 404]);
        continue;
      }
      const $ = load(response.text);
      const offers = ['details', 'close', 'hand-over'].filter(
        (what) => $(`form[action$="/${what}"], a[href$="/${what}"]`).length > 0,
      );
      const roles = $('form[action$="/roles/take"] input[name=role]')
        .map((_, one) => $(one).attr('value'))
        .get();
      expect([who, `${offers.join(' ')}; ${roles.toSorted().join(' ')}`]).toEqual([who, expected]);
      // What isn't offered is refused to whoever sends it all the same.
      if (!offers.includes('details')) {
        for (const path of ['/details', '/close', '/password'])
          expect([409, 404]).toContain(
            (await send(who, name, path, { name: 'X', email: 'x@x.example', organization: place('north') }))
              .status,
          );
      }
      if (!offers.includes('hand-over'))
        expect([404, 422]).toContain(
          (await send(who, name, '/hand-over', { to: 'hugo@test.example' })).status,
        );
    }
    expect(
      (await pool.query('SELECT 1 FROM person WHERE name = $1 OR disabled_at IS NOT NULL', ['X'])).rowCount,
    ).toBe(0);
  });
});

describe('roles', () => {
  it('are given and taken at each place, end sessions, and are written down', async () => {
    const hugo = await signedIn(app, database, 'hugo@test.example');
    await send('dora', 'hugo', '/roles/give', { role: 'curator', place: place('north') }).then((res) =>
      expect(res.status).toBe(303),
    );
    expect(await lastAction()).toBe('person.role_given');
    expect(await grantsOf('hugo')).toEqual(['curator north', 'teacher north-high']);
    await hugo.get('/account').expect(303);
    const again = await signedIn(app, database, 'hugo@test.example');
    await again.get('/curate').expect(200);
    await send('dora', 'hugo', '/roles/take', { role: 'curator', place: place('north') }).then((res) =>
      expect(res.status).toBe(303),
    );
    expect(await lastAction()).toBe('person.role_taken');
    await again.get('/account').expect(303);
    expect(await grantsOf('hugo')).toEqual(['teacher north-high']);
  });

  it('beyond one’s own, or that don’t exist at a place, are refused in words', async () => {
    const before = await grantsOf('hugo');
    const faults: [AdministratorName, Record<string, string>, string][] = [
      ['dora', { role: 'admin', place: place('state') }, 'Choose a place that you administer.'],
      ['dora', { role: 'teacher', place: place('south') }, 'Choose a place that you administer.'],
      ['dora', { role: 'curator', place: place('north-high') }, 'This role doesn’t exist at this place.'],
      ['stella', { role: 'king', place: place('north') }, 'Choose a role.'],
      ['stella', { role: 'teacher', place: person('hugo') }, 'Choose a place that you administer.'],
    ];
    for (const [who, form, words] of faults) {
      const response = await send(who, 'hugo', '/roles/give', form);
      expect([response.status, textOf(response.text)]).toEqual([422, expect.stringContaining(words)]);
    }
    await send('dora', 'mixed', '/roles/take', { role: 'curator', place: place('state') }).then((res) =>
      expect(res.status).toBe(404),
    );
    expect(await grantsOf('hugo')).toEqual(before);
    expect(await grantsOf('mixed')).toEqual(['curator north', 'curator state']);
  });

  it('of the last administrator of the state stay, whichever way they are taken, also by two at once', async () => {
    const refused = await send('stella', 'stella', '/roles/take', { role: 'admin', place: place('state') });
    expect([refused.status, textOf(refused.text)]).toEqual([
      409,
      expect.stringMatching(/That was not done.*Nobody else administers the state\./s),
    ]);
    expect(await grantsOf('stella')).toEqual(['admin state']);
    await pool.query(`INSERT INTO role_grant (person_id, organization_id, role) VALUES ($1, $2, 'admin')`, [
      person('carla'),
      place('state'),
    ]);
    const carla = await signedIn(app, database, 'carla@test.example');
    const statuses = await Promise.all([
      post(carla, url('stella', '/roles/take'), { role: 'admin', place: place('state') }),
      post(browsers.get('stella')!, url('carla', '/close')),
    ]);
    expect(statuses.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([303, 409]);
    const left = await pool.query(
      `SELECT 1 FROM role_grant g JOIN person p ON p.id = g.person_id AND p.disabled_at IS NULL WHERE g.organization_id = $1 AND g.role = 'admin'`,
      [place('state')],
    );
    expect(left.rowCount).toBe(1);
    await pool.query(
      `INSERT INTO role_grant (person_id, organization_id, role) VALUES ($1, $2, 'admin') ON CONFLICT DO NOTHING`,
      [person('stella'), place('state')],
    );
    await pool.query(`DELETE FROM role_grant WHERE person_id = $1 AND role = 'admin'`, [person('carla')]);
    await pool.query('UPDATE person SET disabled_at = NULL WHERE id = $1', [person('carla')]);
    browsers.set('stella', await signedIn(app, database, 'stella@test.example'));
  });
});

describe('an account', () => {
  it('that is closed ends sessions and tokens at once; its checks go back, its resources stay', async () => {
    await pool.query(`INSERT INTO role_grant (person_id, organization_id, role) VALUES ($1, $2, 'curator')`, [
      person('hugo'),
      place('north'),
    ]);
    const hugo = await signedIn(app, database, 'hugo@test.example');
    const token = await tokenFor(deps, 'hugo', ['read']);
    const held = catalog.id('forces-packet');
    await pool.query(
      `INSERT INTO check_wait (resource_id, whys, assigned_to, held_by, held_until) VALUES ($1, '{new}', $2, $2, now() + interval '1 hour')`,
      [held, person('hugo')],
    );
    await pool.query(`UPDATE resource SET check_state = 'in_check' WHERE id = $1`, [held]);
    const works = () =>
      pool.query(`SELECT count(*)::int AS n FROM resource WHERE owner_id = $1 AND state = 'published'`, [
        person('hugo'),
      ]);
    const before = (await works()).rows[0];
    const $ = await read('dora', url('hugo', '/close'));
    expect($('main').text()).toContain('1 check that they have open or were given goes back to the queue.');
    await send('dora', 'hugo', '/close').then((res) => expect(res.status).toBe(303));
    await hugo.get('/account').expect(303);
    await supertest(app).get('/api/v1/resources?q=rope').set('Authorization', `Bearer ${token}`).expect(401);
    const { rows: jobs } = await pool.query(`SELECT 1 FROM graphile_worker.jobs WHERE key = $1`, [
      `hand-back-checks:${person('hugo')}`,
    ]);
    expect(jobs).toHaveLength(1);
    expect(await handBackChecks(deps, person('hugo'))).toBe(1);
    const { rows } = await pool.query(
      `SELECT w.held_by, w.assigned_to, r.check_state FROM check_wait w JOIN resource r ON r.id = w.resource_id WHERE r.id = $1`,
      [held],
    );
    expect(rows).toEqual([{ held_by: null, assigned_to: null, check_state: 'claimed' }]);
    expect((await works()).rows[0]).toEqual(before);
    await send('dora', 'hugo', '/roles/give', { role: 'curator', place: place('north') }).then((res) =>
      expect(res.status).toBe(409),
    );
    await send('dora', 'hugo', '/open').then((res) => expect(res.status).toBe(303));
    await pool.query(`DELETE FROM role_grant WHERE person_id = $1 AND role = 'curator'`, [person('hugo')]);
  });

  it('gets another name, place and address; the old address is told and its links end', async () => {
    const nora = await signedIn(app, database, 'nora@test.example');
    await pool.query(
      `INSERT INTO password_link (token_hash, person_id, created_at, expires_at) VALUES ($1, $2, now(), now() + interval '30 minutes')`,
      ['c'.repeat(64), person('nora')],
    );
    const form = { name: 'Nora Berg', email: 'Nora.Berg@test.example', organization: place('north-high') };
    await send('dora', 'nora', '/details', form).then((res) => expect(res.status).toBe(303));
    expect(await grantsOf('nora')).toEqual(['teacher north-high']);
    await nora.get('/account').expect(303);
    expect((await pool.query('SELECT 1 FROM password_link')).rowCount).toBe(0);
    const { rows: jobs } = await pool.query<{ payload: unknown }>(
      `SELECT j.payload FROM graphile_worker._private_jobs j JOIN graphile_worker._private_tasks t ON t.id = j.task_id WHERE t.identifier = 'address-changed'`,
    );
    expect(jobs.map(({ payload }) => payload)).toEqual([{ to: 'nora@test.example', name: 'Nora Berg' }]);
    await pool.query(`UPDATE site SET name = 'Meadowland'`);
    const sent: string[] = [];
    const mailer: typeof deps.mailer = {
      send: ({ to, subject }) => Promise.resolve(void sent.push(`${to}: ${subject}`)),
    };
    await accountTasks['address-changed']!({ ...deps, mailer }, jobs[0]!.payload, {
      attempt: 1,
      maxAttempts: 1,
      signal: new AbortController().signal,
    });
    await pool.query(`UPDATE site SET name = ''`);
    expect(sent).toEqual(['nora@test.example: Your address on the shelf of Meadowland was changed']);
    // What they shared stays with the place where it was shared.
    const { rows } = await pool.query(`SELECT DISTINCT organization_id FROM resource WHERE owner_id = $1`, [
      person('nora'),
    ]);
    expect(rows).toEqual([{ organization_id: place('north-elementary') }]);
    const again: [Record<string, string>, string][] = [
      [{ email: 'hugo@test.example' }, 'There is an account with this address already.'],
      [{ email: 'nobody' }, 'Enter an e-mail address'],
      [{ name: ' ' }, 'This is needed.'],
      [{ organization: place('south') }, 'Choose where they work.'],
    ];
    for (const [change, words] of again) {
      const response = await send('dora', 'nora', '/details', { ...form, ...change });
      expect([response.status, textOf(response.text)]).toEqual([422, expect.stringContaining(words)]);
      expect(load(response.text)('#name').attr('value')).toBe(
        (change['name'] ?? 'Nora Berg').trim() === '' ? ' ' : 'Nora Berg',
      );
    }
  });

  it('that only moves to another place is signed out everywhere', async () => {
    const hugo = await signedIn(app, database, 'hugo@test.example');
    const { rows } = await pool.query<{ name: string; email: string; organization: string }>(
      'SELECT name, email, organization_id AS organization FROM person WHERE id = $1',
      [person('hugo')],
    );
    const [was] = rows;
    await send('dora', 'hugo', '/details', was!).then((res) => expect(res.status).toBe(303));
    await hugo.get('/account').expect(200);
    const there = was!.organization === place('north-high') ? 'north-elementary' : 'north-high';
    const moved = { ...was!, organization: place(there) };
    await send('dora', 'hugo', '/details', moved).then((res) => expect(res.status).toBe(303));
    await hugo.get('/account').expect(303);
    await send('dora', 'hugo', '/details', was!).then((res) => expect(res.status).toBe(303));
  });

  it('that somebody else changed first is told of, and nothing is done', async () => {
    const stamp = await stampOf('dora', 'nora');
    await send('stella', 'nora', '/roles/give', { role: 'curator', place: place('north') });
    const late = await post(browsers.get('dora')!, url('nora', '/details'), {
      stamp,
      name: 'Nora Late',
      email: 'late@test.example',
      organization: place('north-high'),
    }).expect(409);
    expect(textOf(late.text)).toContain('Nothing of yours was done.');
    expect(textOf(late.text)).toContain('Curator, North Fork Schools');
    expect((await pool.query('SELECT name FROM person WHERE id = $1', [person('nora')])).rows).toEqual([
      { name: 'Nora Berg' },
    ]);
  });
});

describe('a hand-over of a person’s work', () => {
  const owned = async (name: string) =>
    (
      await pool.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM resource WHERE owner_id = $1 AND state <> 'purged'`,
        [person(name)],
      )
    ).rows[0]!.n;

  it('shows what would go, takes all or some with drafts and collections, and can be handed back', async () => {
    const { rows: lists } = await pool.query<{ id: string }>(
      `INSERT INTO collection (owner_id, kind, title) VALUES ($1, 'list', 'Mine'), ($1, 'saved', '') RETURNING id`,
      [person('hugo')],
    );
    await pool.query(
      'INSERT INTO co_author (resource_id, person_id) SELECT id, $2 FROM resource WHERE owner_id = $1 ORDER BY id LIMIT 1',
      [person('hugo'), person('nora')],
    );
    await pool.query(
      'UPDATE resource SET owner_id = $1, organization_id = $2, district_id = $3 WHERE id = $4',
      [person('hugo'), place('north-high'), place('north'), catalog.id('drafty')],
    );
    const [mine, theirs] = [await owned('hugo'), await owned('nora')];
    expect(mine).toBeGreaterThan(2);
    const $ = await read('dora', url('hugo', '/hand-over'));
    const boxes = $('input[type=checkbox]')
      .map((_, one) => $(one).attr('value') ?? '')
      .get();
    expect(boxes).toHaveLength(mine + 1);
    // Titles of drafts and private collections are their authors' alone.
    expect($('main').text()).not.toMatch(/narwhals|Mine/);
    expect($('main').text()).toContain('A collection that only its owner may see');
    expect($('main').text()).toContain('Something that only its authors may see');
    // Some of them first.
    const some = await send('dora', 'hugo', '/hand-over', {
      to: 'nora.berg@test.example',
      which: 'ticked',
      item: boxes.slice(0, 2),
    });
    expect(some.status).toBe(303);
    const transfer = some.headers['location'] as string;
    expect((await read('dora', transfer))('.index li')).toHaveLength(2);
    expect(await owned('hugo')).toBe(mine);
    await post(browsers.get('dora')!, `${transfer}/move`, { move: 'start' }).expect(303);
    expect((await read('dora', transfer))('.index li')).toHaveLength(0);
    await runTransfer(deps, transfer.split('/').at(-1) ?? '');
    expect((await read('dora', transfer))('.index li')).toHaveLength(2);
    expect([await owned('hugo'), await owned('nora')]).toEqual([mine - 2, theirs + 2]);
    // All the rest, with the collection; what was only saved stays.
    const rest = (await send('dora', 'hugo', '/hand-over', { to: 'NORA.berg@test.example', which: 'all' }))
      .headers['location'] as string;
    await post(browsers.get('dora')!, `${rest}/move`, { move: 'start' }).expect(303);
    await runTransfer(deps, rest.split('/').at(-1) ?? '');
    expect([await owned('hugo'), await owned('nora')]).toEqual([0, theirs + mine]);
    const { rows } = await pool.query(
      'SELECT owner_id FROM collection WHERE id = ANY ($1::uuid[]) ORDER BY kind',
      [lists.map(({ id }) => id)],
    );
    expect(rows).toEqual([{ owner_id: person('nora') }, { owner_id: person('hugo') }]);
    expect(
      (
        await pool.query(
          `SELECT 1 FROM co_author c JOIN resource r ON r.id = c.resource_id AND r.owner_id = c.person_id`,
        )
      ).rowCount,
    ).toBe(0);
    expect(
      (
        await pool.query(
          `SELECT 1 FROM resource r WHERE owner_id = $1 AND visibility = 'school' AND NOT ('person:' || $1::text) = ANY (audience)`,
          [person('nora')],
        )
      ).rowCount,
    ).toBe(0);
    expect(
      (
        await pool.query<{ kind: string }>(
          `SELECT kind FROM notice WHERE person_id = ANY ($1::uuid[]) ORDER BY kind`,
          [[person('hugo'), person('nora')]],
        )
      ).rows.map(({ kind }) => kind),
    ).toEqual(['handed.fromYou', 'handed.fromYou', 'handed.toYou', 'handed.toYou']);
    expect(
      (await pool.query(`SELECT count(*)::int AS n FROM audit_event WHERE action = 'resource.handed_over'`))
        .rows,
    ).toEqual([{ n: mine }]);
    // Back again, but for what became somebody else's meanwhile.
    await pool.query(
      `UPDATE resource SET owner_id = $2 WHERE id = (SELECT id FROM resource WHERE owner_id = $1 AND id = $3)`,
      [person('nora'), person('sara'), boxes[3]],
    );
    const back = (await post(browsers.get('dora')!, `${rest}/back`).expect(303)).headers[
      'location'
    ] as string;
    const amounts = async (path: string) => (await read('dora', path))('.tally').text();
    expect(await amounts(back)).toBe(await amounts(rest));
    await post(browsers.get('dora')!, `${back}/move`, { move: 'start' }).expect(303);
    await runTransfer(deps, back.split('/').at(-1) ?? '');
    expect(await owned('hugo')).toBe(mine - 2 - 1);
    expect((await read('dora', back))('main').text()).toContain('left: it belonged to somebody else by then');
  });

  it('goes to nobody who isn’t there, closed, the same person or out of reach, and not without anything', async () => {
    const again: [Record<string, string>, string][] = [
      [{ to: '' }, 'Enter the e-mail address'],
      [{ to: 'nobody@test.example' }, 'None of the people whom you administer has this address.'],
      [{ to: 'sven@test.example' }, 'None of the people whom you administer has this address.'],
      [{ to: 'hugo@test.example' }, 'These are theirs already.'],
      [{ to: 'olga@test.example', which: 'ticked' }, 'Tick at least one'],
      [
        { to: 'olga@test.example', which: 'ticked', item: catalog.id('forces-packet') },
        'There is nothing that could be handed over.',
      ],
    ];
    await pool.query('UPDATE resource SET owner_id = $2 WHERE id = $1', [
      catalog.id('forces-packet'),
      person('carla'),
    ]);
    for (const [form, words] of again) {
      const response = await send('dora', 'hugo', '/hand-over', form);
      expect([response.status, textOf(response.text)]).toEqual([422, expect.stringContaining(words)]);
    }
    await pool.query('UPDATE person SET disabled_at = now() WHERE id = $1', [person('olga')]);
    const closed = await send('dora', 'hugo', '/hand-over', { to: 'olga@test.example' });
    expect(textOf(closed.text)).toContain('The account of this person is closed.');
  });

  it('of works in another district is the state’s alone, and whoever gave theirs back helps with it as before', async () => {
    const far = catalog.id('forces-packet');
    await pool.query(
      'UPDATE resource SET owner_id = $1, organization_id = $2, district_id = $3 WHERE id = $4',
      [person('hugo'), place('south-middle'), place('south'), far],
    );
    const { rows: lists } = await pool.query<{ id: string }>(
      `INSERT INTO collection (owner_id, kind, title) VALUES ($1, 'list', 'Ours') RETURNING id`,
      [person('hugo')],
    );
    await pool.query('INSERT INTO co_author (resource_id, person_id) VALUES ($1, $2)', [far, person('nora')]);
    await pool.query('INSERT INTO collection_editor (collection_id, person_id) VALUES ($1, $2)', [
      lists[0]!.id,
      person('nora'),
    ]);
    const helps = async (): Promise<number> =>
      (
        await pool.query(
          `SELECT 1 FROM co_author WHERE resource_id = $1 AND person_id = $3
           UNION ALL SELECT 1 FROM collection_editor WHERE collection_id = $2 AND person_id = $3`,
          [far, lists[0]!.id, person('nora')],
        )
      ).rowCount ?? 0;
    const closedToDora = async (transfer: string): Promise<void> => {
      await browsers.get('dora')!.get(transfer).expect(404);
      for (const path of ['/move', '/back'])
        await post(browsers.get('dora')!, `${transfer}${path}`, { move: 'start' }).expect(404);
      expect((await read('dora', url('hugo')))(`a[href="${transfer}"]`)).toHaveLength(0);
    };
    const run = async (transfer: string): Promise<void> => {
      await post(browsers.get('stella')!, `${transfer}/move`, { move: 'start' }).expect(303);
      await runTransfer(deps, transfer.split('/').at(-1) ?? '');
    };
    const planned = await send('stella', 'hugo', '/hand-over', {
      to: 'nora.berg@test.example',
      which: 'ticked',
      item: [far, lists[0]!.id],
    });
    const transfer = planned.headers['location'] as string;
    await closedToDora(transfer);
    await run(transfer);
    await closedToDora(transfer);
    const ownerOf = async () =>
      (await pool.query<{ owner_id: string }>('SELECT owner_id FROM resource WHERE id = $1', [far])).rows[0]
        ?.owner_id;
    expect([await ownerOf(), await helps()]).toEqual([person('nora'), 0]);
    const back = (await post(browsers.get('stella')!, `${transfer}/back`).expect(303)).headers['location'];
    await closedToDora(back as string);
    await run(back as string);
    expect([await ownerOf(), await helps()]).toEqual([person('hugo'), 2]);
  });
});

describe('somebody whose school is closed', () => {
  it('stays there when something else of theirs is saved, and a role is given where one was chosen', async () => {
    await pool.query('UPDATE organization SET closed_at = now() WHERE id = $1', [place('north-high')]);
    const $ = await read('dora', url('hugo'));
    const present = $('#organization option[selected]');
    expect([present.attr('value'), present.text()]).toEqual([
      place('north-high'),
      expect.stringContaining('(closed)'),
    ]);
    const saved = await send('dora', 'hugo', '/details', {
      name: 'Hugo Renamed',
      email: 'hugo@test.example',
      organization: present.attr('value') ?? '',
    });
    expect(saved.status).toBe(303);
    expect(
      (await pool.query('SELECT name, organization_id FROM person WHERE id = $1', [person('hugo')])).rows,
    ).toEqual([{ name: 'Hugo Renamed', organization_id: place('north-high') }]);
    expect($('#place option').first().attr('value')).toBe('');
    expect($('#place option[selected]')).toHaveLength(0);
    const nowhere = await send('dora', 'hugo', '/roles/give', { role: 'teacher', place: '' });
    expect([nowhere.status, textOf(nowhere.text)]).toEqual([
      422,
      expect.stringContaining('Choose a place that you administer.'),
    ]);
  });
});
