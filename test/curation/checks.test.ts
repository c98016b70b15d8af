import { load } from 'cheerio';
import { beforeAll, describe, expect, it } from 'vitest';
import { lookOver } from '../../server/curation/auto/look-over.ts';
import { endLeases } from '../../server/curation/lease-service.ts';
import { findPersonalData } from '../../server/lib/personal-data.ts';
import { schoolDaysBefore, schoolDaysBetween } from '../../server/lib/school-days.ts';
import { readDocuments } from '../../server/search/search-documents.ts';
import { testApp } from '../support/app.ts';
import { catalogId } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import {
  emailOf,
  insertShelf,
  personIdOf,
  planShelf,
  seedPeople,
  type PersonName,
} from '../support/guarded-shelf.ts';
import { signedIn } from '../support/sign-in.ts';

const database = await testDatabase();
const { pool } = database;
const { app, deps } = await testApp(database);
const browsers = new Map<PersonName, Awaited<ReturnType<typeof signedIn>>>();
const as = (who: PersonName) => browsers.get(who)!;

beforeAll(async () => {
  await seedPeople(pool);
  for (const who of [
    'owner',
    'curator of the district',
    'curator elsewhere',
    'state curator',
    'state lead',
    'state administrator',
  ] as const)
    browsers.set(who, await signedIn(app, database, emailOf(who)));
});

/** One resource of North's elementary school that waits for a check. */
async function waiting(
  group: string,
  name = 'published, for public',
): Promise<{ id: string; standard: string }> {
  const shelf = planShelf(group).filter((one) => one.name === name);
  await insertShelf(pool, shelf);
  const { id, standard } = shelf[0]!;
  await pool.query(`SELECT ask_check($1, 'new', now() - interval '30 days')`, [id]);
  return { id, standard };
}

type Answers = Record<string, string>;
const open = async (who: PersonName, id: string) =>
  load((await as(who).get(`/curate/checks/${id}`).expect(200)).text);
/** The form of a check as it was opened, with what somebody answers. */
function filled($: ReturnType<typeof load>, fit: string, more: Answers = {}): Answers {
  const hidden = Object.fromEntries(
    $('form[data-check] input[type=hidden]')
      .toArray()
      .map((field) => [$(field).attr('name')!, $(field).attr('value') ?? '']),
  );
  const claims = $('[data-claim] [value=full]')
    .toArray()
    .map((radio) => $(radio).attr('name')!);
  return { ...hidden, ...Object.fromEntries(claims.map((name) => [name, fit])), ...more };
}
const send = (who: PersonName, path: string, form: Answers) =>
  as(who).post(path).set('Sec-Fetch-Site', 'same-origin').type('form').send(form);
const decide = (who: PersonName, id: string, form: Answers) => send(who, `/curate/checks/${id}`, form);
const checkOf = async (id: string) =>
  (
    await pool.query<{ state: string; check_state: string; checks: number; waits: boolean; dirty: boolean }>(
      `SELECT state, check_state, (SELECT count(*)::int FROM resource_check c WHERE c.resource_id = r.id) AS checks,
         EXISTS (SELECT 1 FROM check_wait w WHERE w.resource_id = r.id) AS waits,
         EXISTS (SELECT 1 FROM search_dirty d WHERE d.resource_id = r.id) AS dirty FROM resource r WHERE id = $1`,
      [id],
    )
  ).rows[0]!;

describe('a curator', () => {
  it('finds what waits for the own district only, takes it, decides, and has the next one open by itself', async () => {
    const [first, second] = [await waiting('next one'), await waiting('next two')];
    const elsewhere = load((await as('curator elsewhere').get('/curate?show=all').expect(200)).text);
    expect(elsewhere('tbody tr')).toHaveLength(0);
    const queue = load((await as('curator of the district').get('/curate').expect(200)).text);
    expect(queue('tbody tr')).toHaveLength(2);
    expect(queue('tbody').text()).toContain('late');
    const taken = await send('curator of the district', '/curate/next', {}).expect(303);
    const id = taken.headers['location']!.split('/').at(-1)!;
    expect([first.id, second.id]).toContain(id);
    expect(await checkOf(id)).toMatchObject({ check_state: 'in_check' });
    await pool.query('DELETE FROM search_dirty');
    const answer = await decide(
      'curator of the district',
      id,
      filled(await open('curator of the district', id), 'full', { outcome: 'checked' }),
    ).expect(303);
    expect(await checkOf(id)).toEqual({
      state: 'published',
      check_state: 'checked',
      checks: 1,
      waits: false,
      dirty: true,
    });
    const next = [first.id, second.id].find((other) => other !== id)!;
    expect(answer.headers['location']).toBe(`/curate/checks/${next}`);
    expect(await checkOf(next)).toMatchObject({ check_state: 'in_check' });
    await decide(
      'curator of the district',
      next,
      filled(await open('curator of the district', next), 'full', { outcome: 'checked' }),
    ).expect(303);
  });

  it('is told what a decision lacks, and keeps what was answered', async () => {
    const { id } = await waiting('lacking');
    const $ = await open('state curator', id);
    const answer = await decide(
      'state curator',
      id,
      filled($, 'other_level', { outcome: 'checked', note: 'Nearly.' }),
    ).expect(422);
    const again = load(answer.text);
    expect(again('.errors li')).toHaveLength(2);
    expect(again('[value=other_level]').attr('checked')).toBeDefined();
    expect(again('#note').text()).toContain('Nearly.');
    await decide('state curator', id, filled($, 'full', { outcome: 'returned' })).expect(422);
    expect(await checkOf(id)).toMatchObject({ checks: 0, waits: true });
  });

  it('puts a claim at another level, where it is found at once and the author’s is not any more', async () => {
    const { id, standard } = await waiting('other level');
    const $ = await open('state curator', id);
    const [claim] = $('[data-claim] [value=full]')
      .toArray()
      .map((radio) => $(radio).attr('name')!.slice(4));
    const level = $(`#level-${claim} option`)
      .toArray()
      .map((option) => $(option).attr('value')!)
      .at(-1)!;
    await decide(
      'state curator',
      id,
      filled($, 'other_level', {
        outcome: 'returned',
        note: 'See there.',
        [`level-${claim}`]: level,
        [`why-${claim}`]: 'Too easy.',
      }),
    ).expect(303);
    const [found] = await readDocuments(pool, [id]);
    expect(found?.standardLevels.find((pair) => pair.standard === standard)?.levels).toEqual([level]);
    const { rows } = await pool.query(
      'SELECT claimed_as, check_state, fit, check_note FROM alignment WHERE resource_id = $1 AND to_version IS NULL ORDER BY claimed_as',
      [id],
    );
    expect(rows).toEqual([
      { claimed_as: 'author', check_state: 'returned', fit: 'other_level', check_note: 'Too easy.' },
      { claimed_as: 'curator', check_state: 'checked', fit: 'full', check_note: null },
    ]);
  });

  it('finds what was handed in, and an administrator is shown only what they can open', async () => {
    const draft = await waiting('handed in, seen', 'submitted, for public');
    const shared = await waiting('shared, seen');
    const listed = async (who: PersonName) => {
      const $ = load((await as(who).get('/curate?show=all').expect(200)).text);
      const urls = $('[data-open]')
        .toArray()
        .map((link) => $(link).attr('href') ?? '');
      return urls.map((url) => url.replace(/^.*checks\/|\?.*$/g, ''));
    };
    for (const who of ['curator of the district', 'state curator', 'state lead'] as const)
      expect(await listed(who)).toEqual(expect.arrayContaining([draft.id, shared.id]));
    const [all, about] = [await listed('state administrator'), [draft.id, shared.id]];
    expect(all.filter((id) => about.includes(id))).toEqual([shared.id]);
    for (const id of all) await as('state administrator').get(`/curate/checks/${id}`).expect(200);
    await as('state administrator').get(`/curate/checks/${draft.id}`).expect(404);
    await pool.query('DELETE FROM check_wait WHERE resource_id = ANY ($1)', [about]);
  });

  it('publishes and checks what was handed in with one press, or gives it back as a draft', async () => {
    const good = await waiting('handed in', 'submitted, for public');
    await decide(
      'curator of the district',
      good.id,
      filled(await open('curator of the district', good.id), 'full', { outcome: 'checked' }),
    ).expect(303);
    expect(await checkOf(good.id)).toMatchObject({
      state: 'published',
      check_state: 'checked',
      waits: false,
    });
    const { rows } = await pool.query(
      'SELECT DISTINCT check_state, claimed_by FROM alignment WHERE resource_id = $1',
      [good.id],
    );
    expect(rows).toEqual([{ check_state: 'checked', claimed_by: personIdOf('owner') }]);
    const weak = await waiting('handed in, weak', 'submitted, for public');
    await decide(
      'curator of the district',
      weak.id,
      filled(await open('curator of the district', weak.id), 'part', {
        outcome: 'returned',
        note: 'No key.',
      }),
    ).expect(422);
    await decide(
      'curator of the district',
      weak.id,
      filled(await open('curator of the district', weak.id), '', {
        outcome: 'returned',
        note: 'There is no key.',
      }),
    ).expect(303);
    expect(await checkOf(weak.id)).toMatchObject({ state: 'draft', check_state: 'returned', waits: false });
    expect((await as('owner').get('/shelf').expect(200)).text).toContain('There is no key.');
  });
});

describe('a decision that comes too late overwrites nothing and says what is there now', () => {
  it('where somebody else has it open, or has decided', async () => {
    const { id } = await waiting('two at once');
    const early = filled(await open('curator of the district', id), 'full', {
      outcome: 'checked',
      note: 'Fine by me.',
    });
    await send('state curator', `/curate/checks/${id}/take`, {}).expect(303);
    const held = await decide('curator of the district', id, early).expect(409);
    expect(load(held.text)('[role=alert]').text()).toContain('Carla');
    expect(load(held.text)('#note').text()).toContain('Fine by me.');
    await decide(
      'state curator',
      id,
      filled(await open('state curator', id), 'full', { outcome: 'returned', note: 'Not yet.' }),
    ).expect(303);
    const outranked = await decide('curator of the district', id, early).expect(403);
    expect(outranked.text).toContain('Fine by me.');
    const twice = await decide('state lead', id, { ...early, check: '' }).expect(409);
    expect(load(twice.text)('[role=alert]').text()).toContain('Carla');
    expect(await checkOf(id)).toMatchObject({ check_state: 'returned', checks: 1 });
    await decide('state lead', id, filled(load(twice.text), 'full', { outcome: 'checked' })).expect(303);
    expect(await checkOf(id)).toMatchObject({ check_state: 'checked', checks: 2 });
  });

  it('where there is a new version, it is off the shelf, or the role has ended', async () => {
    const { id } = await waiting('moved', 'revised, for public');
    const form = filled(await open('state curator', id), 'full', {
      outcome: 'returned',
      note: 'Mend page 2.',
    });
    await send('owner', `/resources/${id}/publish`, { revision: '1', students: 'none' }).expect(303);
    const moved = await decide('state curator', id, form).expect(409);
    expect(load(moved.text)('[role=alert]').text()).toContain('new version');
    expect(load(moved.text)('#note').text()).toContain('Mend page 2.');
    await pool.query(`UPDATE role_grant SET role = 'teacher' WHERE person_id = $1`, [
      personIdOf('state curator'),
    ]);
    const ended = await decide('state curator', id, form).expect(403);
    expect(ended.text).toContain('Mend page 2.');
    await pool.query(`UPDATE role_grant SET role = 'curator' WHERE person_id = $1`, [
      personIdOf('state curator'),
    ]);
    await send('owner', `/resources/${id}/withdraw`, { reason: 'A better one follows.' }).expect(303);
    const gone = await decide('state curator', id, form).expect(409);
    expect(gone.text).toContain('A better one follows.');
    expect(gone.text).toContain('Mend page 2.');
    expect(await checkOf(id)).toMatchObject({ state: 'withdrawn', checks: 0 });
  });
});

it('a lease ends by itself, and what is handed back is free again', async () => {
  const { id } = await waiting('lease');
  await send('curator of the district', `/curate/checks/${id}/take`, {}).expect(303);
  await endLeases({ pool, clock: { now: () => new Date(Date.now() + 20 * 60_000) } });
  expect(await checkOf(id)).toMatchObject({ check_state: 'in_check' });
  await endLeases({ pool, clock: { now: () => new Date(Date.now() + 3 * 3600_000) } });
  expect(await checkOf(id)).toMatchObject({ check_state: 'claimed', waits: true });
  await send('state curator', `/curate/checks/${id}/take`, {}).expect(303);
  await send('state curator', `/curate/checks/${id}/back`, {}).expect(303);
  expect(await checkOf(id)).toMatchObject({ check_state: 'claimed', waits: true });
});

it('author and curators talk; a dispute is seen by all and settled by a lead', async () => {
  const { id } = await waiting('dispute');
  await decide(
    'curator of the district',
    id,
    filled(await open('curator of the district', id), 'full', {
      outcome: 'returned',
      note: 'Page 2 is empty.',
    }),
  ).expect(303);
  const thread = `/resources/${id}/checks`;
  // What fits says at which level it was found to.
  const { rows: levels } = await pool.query<{ name: string }>(
    `UPDATE alignment SET level_id = (SELECT id FROM competency_level ORDER BY position LIMIT 1) WHERE resource_id = $1
     RETURNING (SELECT name FROM competency_level l WHERE l.id = level_id) AS name`,
    [id],
  );
  expect(load((await as('owner').get(thread)).text)('.thread .judged').text()).toContain(levels[0]!.name);
  expect((await as('owner').get(thread).expect(200)).text).toContain('Page 2 is empty.');
  await as('curator elsewhere').get(thread).expect(404);
  await send('owner', thread, { do: 'dispute', text: '' }).expect(422);
  await send('owner', thread, { do: 'dispute', text: 'It opens with <b>me</b>.' }).expect(303);
  const { rows } = await pool.query<{ person_id: string; kind: string }>(
    'SELECT person_id, kind FROM notice WHERE resource_id = $1',
    [id],
  );
  expect(rows).toContainEqual({ person_id: personIdOf('owner'), kind: 'check.returned' });
  expect(rows).toContainEqual({ person_id: personIdOf('state lead'), kind: 'check.disputed' });
  const $ = await open('curator of the district', id);
  expect($('form[data-check]')).toHaveLength(0);
  const own = await waiting('written by the curator');
  await pool.query('INSERT INTO co_author (resource_id, person_id) VALUES ($1, $2)', [
    own.id,
    personIdOf('curator of the district'),
  ]);
  const free = load((await as('curator of the district').get('/curate').expect(200)).text);
  const listed = free('[data-queue] tbody').html() ?? '';
  expect(listed).not.toContain(id);
  expect(listed).not.toContain(own.id);
  expect(free('#show option[value=open]').text()).toBe(
    `Mine and free, ${free('[data-queue] tbody tr').length}`,
  );
  const disputes = load((await as('curator of the district').get('/curate?why=disputed').expect(200)).text);
  expect(disputes('#why option[selected]').text()).toBe('Disputed, 0');
  expect(disputes('.empty').text()).toContain('a lead settles it');
  expect(disputes('.empty a').attr('href')).toBe('/curate?show=all&why=disputed');
  const queue = load((await as('curator of the district').get('/curate?show=all').expect(200)).text);
  const row = (of: string) => queue('tbody tr').filter((_, one) => queue(one).html()!.includes(of));
  expect(row(id).text()).toContain('A lead settles this');
  expect(row(own.id).text()).toContain('You wrote this');
  expect(row(own.id).find('[data-take]')).toHaveLength(0);
  const leads = load((await as('state lead').get('/curate').expect(200)).text);
  expect(leads(`form[action="/curate/checks/${id}/take"]`)).toHaveLength(1);
  await pool.query('DELETE FROM check_wait WHERE resource_id = $1', [own.id]);
  expect($('.thread').html()).not.toContain('<b>me');
  await decide('state lead', id, filled(await open('state lead', id), 'full', { outcome: 'checked' })).expect(
    303,
  );
  expect(await checkOf(id)).toMatchObject({ check_state: 'checked', checks: 2, waits: false });
  expect((await as('owner').get(thread)).text).toContain('settles the dispute');
});

describe('what the portal notices by itself', () => {
  it('names twins only to those who may see them, and a license that isn’t allowed', async () => {
    const { id } = await waiting('twin');
    const hidden = await waiting('twin of another school', 'published, for school');
    const title = 'Twelve kites over the mill';
    for (const one of [id, hidden.id])
      await pool.query(
        `UPDATE version SET title = $2 WHERE id = (SELECT current_version_id FROM resource WHERE id = $1)`,
        [one, title],
      );
    await pool.query(
      `UPDATE resource SET organization_id = $2, district_id = $3, owner_id = $4 WHERE id = $1`,
      [
        hidden.id,
        catalogId('organization', 'south-middle'),
        catalogId('organization', 'south'),
        personIdOf('teacher elsewhere'),
      ],
    );
    await pool.query('DELETE FROM co_author WHERE resource_id = $1', [hidden.id]);
    await pool.query(
      `UPDATE version SET license = 'unknown' WHERE id = (SELECT current_version_id FROM resource WHERE id = $1)`,
      [id],
    );
    await lookOver(deps, id);
    const state = (await open('state curator', id))('.findings').text();
    expect(state).toContain('nearly this title');
    expect(state).toContain('Nobody knows its license');
    expect((await open('curator of the district', id))('.findings').text()).not.toContain(
      'nearly this title',
    );
  });

  it('data of students is not published before its author says that it is none', async () => {
    const { id } = await waiting('students', 'draft, for public');
    await pool.query(
      `UPDATE version SET description = E'Ana Rios 87%\\nSam Lee 54%\\nJo Park 91%' WHERE resource_id = $1`,
      [id],
    );
    const shown = load((await as('owner').get(`/resources/${id}/check`).expect(200)).text);
    expect(shown('#students')).toHaveLength(1);
    await pool.query(`UPDATE organization SET publish_mode = 'at_once'`);
    await send('owner', `/resources/${id}/publish`, { revision: '1' }).expect(422);
    expect(await checkOf(id)).toMatchObject({ state: 'draft' });
    await send('owner', `/resources/${id}/publish`, { revision: '1', students: 'none' }).expect(303);
    await lookOver(deps, id);
    expect((await open('state curator', id))('.finding.stop').text()).toContain('made up');
    await pool.query('UPDATE version SET no_student_data = false WHERE resource_id = $1', [id]);
    await lookOver(deps, id);
    expect((await as('state curator').get('/curate?show=all&why=students')).text).toContain(id);
  });

  it('tells lists of people from lists of exercises', () => {
    const kinds = (text: string) => findPersonalData([text]).map(({ kind }) => kind);
    expect(kinds('1. Ríos, Ana  B+\n2. Haddad, Samir  A-\n3. Begay, Joe  C')).toEqual(['grades']);
    expect(kinds('Student\tScore\nAna Ríos\t17/20\nSam Lee\t9/20\nJo Park\t12/20')).toEqual(['grades']);
    expect(kinds('Student ID: 00482913')).toEqual(['id']);
    expect(kinds('123-45-6789')).toEqual(['ssn']);
    expect(kinds('Date of birth: 4/12/2014')).toEqual(['birth']);
    expect(kinds('Question One 5/10\nQuestion Two 4/10\nTask Three 20%')).toEqual([]);
    expect(kinds('Written by Ana Ríos and Sam Lee, 2019, in 12 lessons.\nFigure Two 12%')).toEqual([]);
    expect(findPersonalData(['Ana Ríos 87%\nSam Lee 54%\nJo Park 91%'])[0]?.sample).not.toMatch(/Ana|87/);
  });
});

it('school days are Mondays to Fridays', () => {
  const friday = new Date('2026-11-27T10:00:00Z');
  expect(schoolDaysBetween(friday, new Date('2026-11-29T10:00:00Z'))).toBe(0);
  expect(schoolDaysBetween(friday, new Date('2026-12-01T10:00:00Z'))).toBe(2);
  expect(schoolDaysBetween(friday, new Date('2026-12-14T10:00:00Z'))).toBe(11);
  expect(schoolDaysBefore(new Date('2026-12-01T10:00:00Z'), 2).toISOString()).toBe(
    '2026-11-27T00:00:00.000Z',
  );
});
