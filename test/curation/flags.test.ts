import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import request from 'supertest';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  FLAG_MOVE_NAMES,
  FLAG_STATES,
  movedFlag,
  moverOf,
  type FlagMove,
} from '../../server/curation/flags/flag-machine.ts';
import { answerFlag } from '../../server/curation/flags/flag-outcome.ts';
import { loadResource } from '../../server/resources/resource-facts-queries.ts';
import { accountByEmail } from '../../server/accounts/account-queries.ts';
import { testApp } from '../support/app.ts';
import { catalogId } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import {
  emailOf,
  insertShelf,
  people,
  personIdOf,
  planShelf,
  seedPeople,
  type Guarded,
  type PersonName,
} from '../support/guarded-shelf.ts';
import { signedIn } from '../support/sign-in.ts';

const database = await testDatabase();
const { app, deps } = await testApp(database);
const { pool } = database;
type Browser = Awaited<ReturnType<typeof signedIn>>;
const browsers = new Map<PersonName, Browser>();
const who = (name: PersonName): Browser => browsers.get(name)!;
let one: Guarded;

const deciders: PersonName[] = [
  'curator of the district',
  'state curator',
  'state lead',
  'state administrator',
];

beforeAll(async () => {
  await seedPeople(pool);
  one = planShelf('flags').find(({ state, visibility }) => state === 'published' && visibility === 'public')!;
  await insertShelf(pool, [one]);
  for (const name of Object.keys(people) as PersonName[])
    browsers.set(name, await signedIn(app, database, emailOf(name)));
});
beforeEach(async () => {
  for (const table of ['takedown', 'flag', 'comment', 'notice', 'rate_limit', 'search_dirty'])
    await pool.query(`DELETE FROM ${table}`);
  await pool.query(
    `UPDATE resource SET state = 'published', withdrawn_at = NULL, withdrawn_reason = NULL, takedown = false, held_at = NULL,
       owner_id = $2 WHERE id = $1`,
    [one.id, personIdOf('owner')],
  );
});

const send = (browser: Browser, path: string, form: Record<string, string>) =>
  browser.post(path).set('Sec-Fetch-Site', 'same-origin').type('form').send(form);
async function raised(
  kind: string,
  by: Browser = request(app) as unknown as Browser,
  more: Record<string, string> = {},
): Promise<string> {
  await send(by, `/resources/${one.id}/flag`, { kind, note: 'See page 3', ...more }).expect(303);
  const { rows } = await pool.query<{ id: string }>(
    'SELECT id FROM flag ORDER BY created_at DESC, id DESC LIMIT 1',
  );
  return rows[0]!.id;
}
const decide = (name: PersonName, id: string, move: FlagMove, note = 'Because.', version = '2') =>
  send(who(name), `/curate/flags/${id}`, { move, note, version });
const stateOf = async (id: string) =>
  (await pool.query<{ state: string }>('SELECT state FROM flag WHERE id = $1', [id])).rows[0]?.state;
const resourceNow = async () =>
  (
    await pool.query<{ state: string; takedown: boolean; held: boolean }>(
      'SELECT state, takedown, held_at IS NOT NULL AS held FROM resource WHERE id = $1',
      [one.id],
    )
  ).rows[0]!;
const isDirty = async () =>
  ((await pool.query('SELECT 1 FROM search_dirty WHERE resource_id = $1', [one.id])).rowCount ?? 0) > 0;
const noticesFor = async (name: PersonName) =>
  (
    await pool.query<{ kind: string }>('SELECT kind FROM notice WHERE person_id = $1 ORDER BY at, id', [
      personIdOf(name),
    ])
  ).rows.map(({ kind }) => kind);

describe('a flag moves', () => {
  it('only as the table says, for whoever it says', async () => {
    const table: Record<string, string[]> = {};
    for (const name of Object.keys(people) as PersonName[]) {
      const account = await accountByEmail(pool, emailOf(name));
      const resource = await loadResource(pool, one.id);
      const mover = moverOf(account!.viewer, resource!);
      for (const about of ['resource', 'voice'] as const)
        for (const state of FLAG_STATES)
          for (const move of FLAG_MOVE_NAMES)
            if (movedFlag(state, move, mover, about)) (table[name] ??= []).push(`${about}: ${state} ${move}`);
    }
    const both: string[] = [
      'open dismiss',
      'open mend',
      'open take_down',
      'nothing_wrong reopen',
      'mended reopen',
    ];
    const staff: string[] = [
      ...both.map((row) => `resource: ${row}`),
      ...both.map((row) => `voice: ${row}`),
    ].toSorted();
    const purges: string[] = ['open', 'nothing_wrong', 'mended', 'taken_down'].map(
      (state) => `resource: ${state} purge`,
    );
    const stateStaff: string[] = [...staff, ...purges];
    stateStaff.sort((a, b) => (a < b ? -1 : 1));
    expect(Object.fromEntries(Object.entries(table).map(([name, rows]) => [name, rows.toSorted()]))).toEqual({
      'curator of the district': staff,
      'state curator': staff,
      'state lead': stateStaff,
      'state administrator': stateStaff,
    });
  });

  it.each(Object.keys(people) as PersonName[])('by the buttons of those alone who may: %s', async (name) => {
    const may = deciders.includes(name);
    const role = people[name].role;
    const outside =
      role === 'curator' || role === ('lead' as string) || role === ('admin' as string) ? 404 : 403;
    for (const [move, to] of [
      ['dismiss', 'nothing_wrong'],
      ['reopen', 'open'],
      ['mend', 'mended'],
      ['reopen', 'open'],
      ['take_down', 'taken_down'],
    ] as const) {
      const id =
        (await pool.query<{ id: string }>('SELECT id FROM flag')).rows[0]?.id ?? (await raised('broken'));
      const before = await stateOf(id);
      await decide(name, id, move).expect(may ? 303 : outside);
      expect(await stateOf(id)).toBe(may ? to : before);
    }
    expect((await resourceNow()).takedown).toBe(may);
  });
});

describe('deciding', () => {
  it('shows again at once what was hidden, when no other flag hides it', async () => {
    const first = await raised('student_data');
    const second = await raised('safety', who('co-author'));
    expect((await resourceNow()).held).toBe(true);
    await pool.query('DELETE FROM search_dirty');
    await decide('curator of the district', first, 'dismiss').expect(303);
    expect((await resourceNow()).held).toBe(true);
    expect(await isDirty()).toBe(false);
    await decide('curator of the district', second, 'mend').expect(303);
    expect((await resourceNow()).held).toBe(false);
    expect(await isDirty()).toBe(true);
    await request(app).get(`/resources/${one.id}`).expect(200);
    await decide('curator of the district', second, 'reopen').expect(303);
    await request(app).get(`/resources/${one.id}`).expect(404);
  });

  it('takes down with a reason that everybody reads who could see it, without the title, and writes the log', async () => {
    const first = await raised('not_mine', who('teacher elsewhere'));
    const second = await raised('broken');
    await decide('state curator', first, 'take_down', '').expect(422);
    expect((await resourceNow()).state).toBe('published');
    await decide('state curator', first, 'take_down', 'Copied from a book.').expect(303);
    expect(await resourceNow()).toEqual({ state: 'withdrawn', takedown: true, held: false });
    expect(await stateOf(second)).toBe('taken_down');
    expect(await isDirty()).toBe(true);
    const tombstone = await request(app).get(`/resources/${one.id}`).expect(410);
    expect(tombstone.text).toContain('Copied from a book.');
    expect(tombstone.text).not.toContain(one.words.title);
    expect(await noticesFor('owner')).toContain('flag.decided');
    expect(await noticesFor('teacher elsewhere')).toEqual(['flag.answered']);
    await send(who('owner'), `/resources/${one.id}/restore`, {}).expect(409);
    const log = await who('curator of the district').get('/curate/takedowns').expect(200);
    expect(log.text).toContain('Copied from a book.');
    const elsewhere = await who('curator elsewhere').get('/curate/takedowns.csv').expect(200);
    expect(elsewhere.text.trim().split('\r\n')).toHaveLength(1);
    const csv = await who('state lead').get('/curate/takedowns.csv').expect(200);
    expect(csv.text).toContain('Copied from a book.');
  });

  it('puts back what was taken down, by staff alone, once, with a reason', async () => {
    await decide('state curator', await raised('not_mine'), 'take_down').expect(303);
    const id = (await pool.query<{ id: string }>('SELECT id FROM takedown')).rows[0]!.id;
    const lift = (name: PersonName, reason = 'Its author wrote the book.') =>
      send(who(name), `/curate/takedowns/${id}/lift`, { reason });
    await lift('owner').expect(403);
    await lift('curator elsewhere').expect(404);
    await lift('curator of the district', '').expect(422);
    await lift('curator of the district').expect(303);
    const twice = await lift('state curator').expect(409);
    expect(twice.text).toContain('back on the shelf already');
    await request(app).get(`/resources/${one.id}`).expect(200);
    expect(await noticesFor('owner')).toContain('takedown.lifted');
    const { rows } = await pool.query('SELECT state, ended_reason FROM takedown');
    expect(rows).toEqual([{ state: 'lifted', ended_reason: 'Its author wrote the book.' }]);
  });

  it('overwrites nothing when somebody decided meanwhile, and keeps what was written', async () => {
    const id = await raised('wrong_key');
    await decide('curator of the district', id, 'mend').expect(303);
    const late = await decide('state curator', id, 'take_down', 'My long reason').expect(409);
    expect(late.text).toContain('decided already: it was mended');
    expect(late.text).toContain('My long reason');
    expect(await stateOf(id)).toBe('mended');
    expect((await resourceNow()).state).toBe('published');
  });

  it('is refused in words when the resource is another version by now', async () => {
    const id = await raised('wrong_key');
    const late = await decide('state curator', id, 'take_down', 'Old', '1').expect(409);
    expect(late.text).toContain('version 2 is on the shelf now');
    expect(await stateOf(id)).toBe('open');
  });

  it('is for somebody else than the authors, and not for someone whose role has ended', async () => {
    const id = await raised('wrong_key');
    await pool.query('UPDATE resource SET owner_id = $2 WHERE id = $1', [
      one.id,
      personIdOf('state curator'),
    ]);
    const own = await who('state curator').get(`/curate/flags/${id}`).expect(200);
    expect(own.text).toContain('You are one of its authors');
    await decide('state curator', id, 'dismiss').expect(403);
    await pool.query(`DELETE FROM role_grant WHERE person_id = $1`, [personIdOf('curator of the district')]);
    await decide('curator of the district', id, 'dismiss').expect(403);
    expect(await stateOf(id)).toBe('open');
    await pool.query(`INSERT INTO role_grant (person_id, organization_id, role) VALUES ($1, $2, 'curator')`, [
      personIdOf('curator of the district'),
      catalogId('organization', 'north'),
    ]);
  });

  it('removes a comment’s words and tells its writer; a curator of another district doesn’t even see it', async () => {
    const { headers } = await send(who('teacher of the school'), `/resources/${one.id}/voices`, {
      kind: 'comment',
      body: 'Timmy failed this.',
    }).expect(303);
    const voice = headers['location']?.split('#voice-')[1] ?? '';
    await send(who('teacher elsewhere'), `/voices/${voice}/flag`, {
      kind: 'student_data',
      note: 'A name',
    }).expect(303);
    const id = (await pool.query<{ id: string }>('SELECT id FROM flag')).rows[0]!.id;
    expect((await who('curator of the district').get('/curate/flags')).text).toContain(id);
    expect((await who('curator elsewhere').get('/curate/flags')).text).not.toContain(id);
    await who('curator elsewhere').get(`/curate/flags/${id}`).expect(404);
    expect((await who('curator of the district').get(`/curate/flags/${id}`)).text).toContain(
      'Timmy failed this.',
    );
    await decide('curator of the district', id, 'take_down', 'It names a student.').expect(303);
    expect((await pool.query(`SELECT 1 FROM comment WHERE body LIKE '%Timmy%'`)).rowCount).toBe(0);
    expect((await resourceNow()).state).toBe('published');
    expect(await noticesFor('teacher of the school')).toContain('comment.removed');
  });

  it('answers the public by one mail and forgets the address', async () => {
    const id = await raised('broken', undefined, { mail: 'parent@home.example' });
    await answerFlag(deps, id);
    await decide('state curator', id, 'mend').expect(303);
    const { rows } = await pool.query(`SELECT 1 FROM graphile_worker.jobs WHERE key = $1`, [
      `flag-answer:${id}`,
    ]);
    expect(rows).toHaveLength(1);
    await answerFlag(deps, id);
    await answerFlag(deps, id);
    const folder = join(deps.config.dataDir, 'outbox');
    const mails = await Promise.all(
      (await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')),
    );
    expect(mails.filter((mail) => mail.includes('parent@home.example'))).toHaveLength(1);
    expect((await pool.query('SELECT 1 FROM flag WHERE mail IS NOT NULL')).rowCount).toBe(0);
  });
});
