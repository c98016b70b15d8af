import { load } from 'cheerio';
import { beforeAll, describe, expect, it } from 'vitest';
import { answerCall, expireCalls } from '../../server/curation/call-jobs.ts';
import {
  CALL_MOVES,
  CALL_STATES,
  moved,
  type CallMove,
  type Mover,
} from '../../server/curation/call-states.ts';
import { testApp } from '../support/app.ts';
import { catalogId, seedCatalog, type Catalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { indexCatalog } from '../support/index-catalog.ts';
import { signedIn } from '../support/sign-in.ts';

const database = await testDatabase();
const { app, deps } = await testApp(database);
const { pool } = database;
type Browser = Awaited<ReturnType<typeof signedIn>>;
const NORTH = catalogId('organization', 'north');
const STATE = catalogId('organization', 'state');
let catalog: Catalog;
const browsers: Record<string, Browser> = {};

/** Carla curates for the state, Hugo for the district north; Nora teaches there, Sara in the south. */
beforeAll(async () => {
  catalog = await seedCatalog(pool);
  await indexCatalog(deps, catalog);
  await pool.query(`INSERT INTO role_grant (person_id, role, organization_id) VALUES ($1, 'curator', $2)`, [
    catalogId('person', 'hugo'),
    NORTH,
  ]);
  for (const name of ['carla', 'hugo', 'nora', 'sara'])
    browsers[name] = await signedIn(app, database, `${name}@test.example`);
});

const who = (name: string): Browser => browsers[name]!;
const post = (name: string, path: string, form: Record<string, string>) =>
  who(name).post(path).set('Sec-Fetch-Site', 'same-origin').type('form').send(form);

/** A call as it stands in the table, made anew. */
async function given(
  call: { state?: string; by?: string; code?: string; level?: string; answers?: string[] } = {},
) {
  await pool.query('DELETE FROM lesson_call');
  const { rows } = await pool.query<{ id: string }>(
    `INSERT INTO lesson_call (organization_id, district_id, standard_guid, level_id, words, state, made_by)
     VALUES ($1, $2, $3, (SELECT id FROM competency_level WHERE slug = $4), 'With ropes.', $5, $6) RETURNING id`,
    [
      call.by ?? STATE,
      call.by ?? null,
      catalog.guid(call.code ?? 'TS.MATH.3.NF.1'),
      call.level ?? 'extending',
      call.state ?? 'open',
      catalogId('person', 'carla'),
    ],
  );
  const id = rows[0]!.id;
  for (const key of call.answers ?? [])
    await pool.query('INSERT INTO call_answer (call_id, resource_id, person_id) VALUES ($1, $2, $3)', [
      id,
      catalog.id(key),
      catalogId('person', 'sara'),
    ]);
  return id;
}
const stateOf = async (id: string) =>
  (
    await pool.query<{ state: string; revision: number }>(
      'SELECT state, revision FROM lesson_call WHERE id = $1',
      [id],
    )
  ).rows[0]!;
const noticesOf = async (name: string) =>
  (
    await pool.query<{ kind: string }>('SELECT kind FROM notice WHERE person_id = $1 ORDER BY at, id', [
      catalogId('person', name),
    ])
  ).rows.map(({ kind }) => kind);

const out = ['open', 'answered'];
const over = ['accepted', 'closed', 'expired'];
/** What may happen, said a second time, by hand. */
const allowed: Record<CallMove, { by: Mover; from: string[] }> = {
  answer: { by: 'author', from: out },
  refuse: { by: 'staff', from: ['answered'] },
  accept: { by: 'staff', from: ['answered'] },
  close: { by: 'staff', from: out },
  expire: { by: 'clock', from: out },
  reopen: { by: 'staff', from: over },
};

describe('the table of moves', () => {
  it('has a move exactly from the states and for those whom we mean', () => {
    for (const move of Object.keys(CALL_MOVES) as CallMove[])
      for (const state of CALL_STATES)
        for (const by of ['staff', 'author', 'clock'] as const)
          expect([move, state, by, moved(state, move, by, 0) !== undefined]).toEqual([
            move,
            state,
            by,
            allowed[move].by === by && allowed[move].from.includes(state),
          ]);
    expect([moved('answered', 'refuse', 'staff', 1), moved('answered', 'refuse', 'staff', 0)]).toEqual([
      'answered',
      'open',
    ]);
    expect([moved('closed', 'reopen', 'staff', 1), moved('closed', 'reopen', 'staff', 0)]).toEqual([
      'answered',
      'open',
    ]);
  });

  const buttons = ['accept', 'close', 'reopen', 'refuse'] as const;
  it.each(CALL_STATES)('is what the buttons do with a call that is %s, for each role', async (state) => {
    for (const move of buttons)
      for (const [name, staff] of [
        ['carla', true],
        ['hugo', false],
        ['nora', false],
      ] as const) {
        const id = await given({ state, answers: state === 'open' ? [] : ['forces-packet'] });
        const { revision } = await stateOf(id);
        const path =
          move === 'refuse'
            ? `/calls/${id}/answers/${catalog.id('forces-packet')}/refuse`
            : `/calls/${id}/move`;
        const answer = await post(name, path, { revision: String(revision), move });
        const may = allowed[move].from.includes(state);
        expect([move, name, answer.status]).toEqual([move, name, staff ? (may ? 303 : 409) : 403]);
        const now = (await stateOf(id)).state;
        expect(now === state).toBe(!(staff && may));
        const page = load((await who(name).get(`/calls/${id}`)).text);
        const shown = page('button[name=move]')
          .map((_, button) => page(button).attr('value'))
          .get();
        const expected = staff
          ? buttons.filter((one) => one !== 'refuse' && allowed[one].from.includes(now))
          : [];
        expect(shown).toEqual(expected);
      }
  });

  it('answers who comes too late, or twice, in words, and changes nothing', async () => {
    const id = await given();
    await post('carla', `/calls/${id}/move`, { revision: '1', move: 'close', note: 'Found one.' }).expect(
      303,
    );
    const late = await post('carla', `/calls/${id}/move`, { revision: '1', move: 'close' }).expect(409);
    expect(load(late.text)('main').text()).toContain('somebody has closed the call');
    expect(load((await who('nora').get(`/calls/${id}`)).text)('main').text()).toContain('Found one.');
    await post('carla', `/curate/calls/${id}`, { revision: '2', words: 'x' }).expect(409);
    await post('carla', `/calls/${id}/move`, { revision: 'x', move: 'burn' }).expect(422);
  });
});

describe('a call from a gap to its answer', () => {
  it('stands where teachers are, is answered by sharing, and accepted; each is told', async () => {
    await pool.query('DELETE FROM lesson_call');
    const table = load((await who('carla').get('/curate/coverage?framework=test-math')).text);
    const guid = catalog.guid('TS.MATH.3.NF.2');
    const form = table(`td.h0 a[href*="calls/new?standard=${guid}&level=extending"]`).attr('href');
    expect(form).toBeDefined();
    const empty = load(
      (
        await who('carla')
          .get(form ?? '')
          .expect(200)
      ).text,
    );
    expect(empty('#standard').val()).toBe('TS.MATH.3.NF.2');
    expect(empty('#level').val()).toBe('extending');
    const refused = await post('carla', '/curate/calls', {
      standard: 'no.such',
      level: 'extending',
      words: 'Kept',
      closesOn: '2020-01-01',
    });
    expect(refused.status).toBe(422);
    expect(load(refused.text)('#words').text().trim()).toBe('Kept');
    const sent = {
      standard: 'ts math 3 nf 2',
      level: 'extending',
      words: 'Number lines on the floor.',
      closesOn: '',
    };
    const past = await post('carla', '/curate/calls', { ...sent, closesOn: '2020-01-01' }).expect(422);
    expect(load(past.text)('#errors a').attr('href')).toBe('#closesOn');
    const made = await post('carla', '/curate/calls', sent).expect(303);
    const callPath = made.headers['location'] ?? '';
    await post('carla', '/curate/calls', sent).expect(422);

    for (const path of ['/', '/calls', `/standards/${guid}`]) {
      const page = load((await who('sara').get(path)).text);
      expect(page('main').text(), path).toContain('Number lines on the floor.');
      expect(page(`main a[href*="call=${callPath.split('/').at(-1)}"]`).length, path).toBeGreaterThan(0);
    }
    expect(
      load((await who('carla').get('/curate/coverage?framework=test-math')).text)(
        `td a[href="${callPath}"]`,
      ).text(),
    ).toContain('Call is out');

    const share = load((await who('sara').get(callPath)).text)('main a.btn').attr('href') ?? '';
    const start = load((await who('sara').get(share).expect(200)).text);
    const hidden = Object.fromEntries(
      start('form input[type=hidden]')
        .map((_, input) => [[start(input).attr('name'), start(input).val()]])
        .get() as unknown as [string, string][],
    );
    const draft = await post('sara', '/resources/new', {
      ...hidden,
      title: 'A line from wall to wall',
      url: 'https://floor.example/line',
    }).expect(303);
    const resourceId = /resources\/([^/]+)/.exec(draft.headers['location'] ?? '')?.[1] ?? '';
    await pool.query(
      `WITH v AS (UPDATE version SET title = 'A line from wall to wall', type = 'lesson', license = 'CC0-1.0', url = 'https://floor.example/line' WHERE resource_id = $1 RETURNING id),
         g AS (INSERT INTO version_grade SELECT id, '3' FROM v) INSERT INTO version_subject SELECT id, 'math' FROM v`,
      [resourceId],
    );
    expect(await answerCall(deps, resourceId)).toBe(false); // nothing is published yet
    const { rows: drafts } = await pool.query<{ revision: number }>(
      'SELECT revision FROM version WHERE resource_id = $1',
      [resourceId],
    );
    await post('sara', `/resources/${resourceId}/publish`, { revision: String(drafts[0]?.revision) }).expect(
      303,
    );
    const { rows: jobs } = await pool.query(
      `SELECT 1 FROM graphile_worker.jobs WHERE task_identifier = 'answer-call'`,
    );
    expect(jobs).toHaveLength(1);
    expect(await answerCall(deps, resourceId)).toBe(true);
    expect(await answerCall(deps, resourceId)).toBe(false);
    expect(await noticesOf('carla')).toContain('call.answered');
    const answered = load((await who('carla').get(callPath)).text);
    expect(answered('.shelf').text()).toContain('A line from wall to wall');
    await post('carla', `${callPath}/move`, {
      revision: String(answered('input[name=revision]').first().val()),
      move: 'accept',
      note: '',
    }).expect(303);
    expect(await noticesOf('sara')).toContain('call.accepted');
    expect(load((await who('sara').get('/')).text)('main').text()).not.toContain(
      'Number lines on the floor.',
    );
    expect(load((await who('sara').get('/calls?show=over')).text)('main').text()).toContain(
      'Number lines on the floor.',
    );
  });

  it('is not answered by what has another level, or after it is over', async () => {
    const id = await given({ code: 'TS.SCI.3.PS.2', level: 'extending' });
    const packet = catalog.id('forces-packet');
    await pool.query('UPDATE resource SET answers_call = $1 WHERE id = $2', [id, packet]);
    expect(await answerCall(deps, packet)).toBe(false);
    // A standard above takes what is below it.
    const above = await given({ code: 'TS.SCI.3.PS', level: 'developing' });
    await pool.query('UPDATE resource SET answers_call = $1 WHERE id = $2', [above, packet]);
    await pool.query(`UPDATE lesson_call SET state = 'closed'`);
    expect(await answerCall(deps, packet)).toBe(false);
    await pool.query(`UPDATE lesson_call SET state = 'open'`);
    expect(await answerCall(deps, packet)).toBe(true);
    expect((await stateOf(above)).state).toBe('answered');
  });

  it('begins with what somebody asked for, which is closed with it', async () => {
    await pool.query('DELETE FROM lesson_call');
    const { rows } = await pool.query<{ id: string }>(
      `INSERT INTO search_ask (person_id, address, words, note) VALUES ($1, $2, '', 'For a quiet hour.') RETURNING id`,
      [catalogId('person', 'nora'), `/search?level=emerging&standard=${catalog.guid('TS.MATH.6.RP.1')}`],
    );
    const list = load((await who('hugo').get('/curate/search')).text);
    const link = list(`a[href="/curate/calls/new?ask=${rows[0]?.id}"]`).attr('href') ?? '';
    const form = load((await who('hugo').get(link).expect(200)).text);
    expect([form('#standard').val(), form('#level').val(), form('#words').text().trim()]).toEqual([
      'TS.MATH.6.RP.1',
      'emerging',
      'For a quiet hour.',
    ]);
    const sent = { standard: 'TS.MATH.6.RP.1', level: 'emerging', words: 'Quiet.', ask: rows[0]?.id ?? '' };
    await post('hugo', '/curate/calls', sent).expect(303);
    expect(await noticesOf('nora')).toContain('call.made');
    expect(
      (await pool.query('SELECT 1 FROM search_ask WHERE closed_at IS NULL AND id = $1', [rows[0]?.id])).rows,
    ).toEqual([]);
  });

  it('ends by its last day, not before', async () => {
    const id = await given();
    await pool.query(`UPDATE lesson_call SET closes_on = '2027-03-31'`);
    const at = (day: string) => ({ pool, clock: { now: () => new Date(`${day}T23:00:00Z`) } });
    expect(await expireCalls(at('2027-03-31'))).toBe(0);
    expect(await expireCalls(at('2027-04-01'))).toBe(1);
    expect((await stateOf(id)).state).toBe('expired');
    expect(await noticesOf('carla')).toContain('call.expired');
  });
});

it('shows of its answers to each reader what they may see, in the number too', async () => {
  const secret = catalog.id('secret-garden-lab');
  const { rows: named } = await pool.query<{ title: string }>(
    'SELECT v.title FROM resource r JOIN version v ON v.id = r.current_version_id WHERE r.id = $1',
    [secret],
  );
  const title = named[0]?.title ?? '';
  const id = await given({ state: 'answered', answers: ['forces-packet'] });
  await pool.query('INSERT INTO call_answer (call_id, resource_id) VALUES ($1, $2)', [id, secret]);
  for (const [name, count] of [
    ['nora', 2],
    ['sara', 1],
    ['carla', 2],
  ] as const) {
    const page = load((await who(name).get(`/calls/${id}`)).text);
    expect([name, page('main .shelf > li').length]).toEqual([name, count]);
    expect(page('main').text().includes(title)).toBe(count === 2);
    const list = load((await who(name).get('/calls')).text)('main').text();
    expect(list).toContain(count === 1 ? '1 answer' : '2 answers');
  }
});

it('of a district is seen by its own people and moved by its own curators', async () => {
  const id = await given({ by: NORTH });
  for (const [name, status] of [
    ['nora', 200],
    ['hugo', 200],
    ['carla', 200],
    ['sara', 404],
  ] as const) {
    await who(name).get(`/calls/${id}`).expect(status);
    for (const path of ['/', '/calls', `/standards/${catalog.guid('TS.MATH.3.NF.1')}`])
      expect((await who(name).get(path)).text.includes('With ropes.'), `${name} ${path}`).toBe(
        status === 200,
      );
  }
  await pool.query(`INSERT INTO role_grant (person_id, role, organization_id) VALUES ($1, 'curator', $2)`, [
    catalogId('person', 'sara'),
    catalogId('organization', 'south'),
  ]);
  await post('sara', `/calls/${id}/move`, { revision: '1', move: 'close' }).expect(404);
  await post('hugo', `/calls/${id}/move`, { revision: '1', move: 'close' }).expect(303);
  const state = await given();
  await post('hugo', `/calls/${state}/move`, { revision: '1', move: 'close' }).expect(403);
  await post('hugo', '/curate/calls', { standard: 'TS.MATH.3.NF.2', organization: STATE }).expect(403);
  await who('hugo').get(`/curate/calls/${state}`).expect(404);
});
