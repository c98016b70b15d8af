import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { finishPurge } from '../../server/curation/purge/purge-rest.ts';
import { isConfirmed } from '../../server/curation/purge/purge-service.ts';
import type { Deps } from '../../server/deps.ts';
import { batchOf } from '../../server/search/indexer.ts';
import { testApp } from '../support/app.ts';
import { catalogId } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import {
  emailOf,
  insertShelf,
  personIdOf,
  planShelf,
  seedPeople,
  type Guarded,
  type PersonName,
} from '../support/guarded-shelf.ts';
import { runImport } from '../support/import-runs.ts';
import { signedIn } from '../support/sign-in.ts';

const database = await testDatabase();
const { app, deps } = await testApp(database);
const { pool } = database;
type Browser = Awaited<ReturnType<typeof signedIn>>;
const browsers = new Map<PersonName, Browser>();
const who = (name: PersonName): Browser => browsers.get(name)!;
const NORTH = catalogId('organization', 'north');
let groups = 0;
let one: Guarded;
let secrets: string[];

beforeAll(async () => {
  await seedPeople(pool);
  for (const name of [
    'owner',
    'teacher of the district',
    'curator of the district',
    'state curator',
    'state lead',
    'state administrator',
  ] as const)
    browsers.set(name, await signedIn(app, database, emailOf(name)));
});

const send = (name: PersonName, path: string, form: Record<string, string>) =>
  who(name).post(path).set('Sec-Fetch-Site', 'same-origin').type('form').send(form);

/** As the indexer would. */
async function index(): Promise<void> {
  const { rows } = await pool.query<{ resource_id: string }>('SELECT DISTINCT resource_id FROM search_dirty');
  for (const engine of deps.search.all) await engine.apply(await batchOf(pool, rows));
  await pool.query('DELETE FROM search_dirty');
}

/** A resource with two versions and the draft of a third, with files, and all that people leave on one. */
beforeEach(async () => {
  one = planShelf(`purge ${++groups}`).find(
    ({ state, visibility }) => state === 'revised' && visibility === 'public',
  )!;
  await insertShelf(pool, [one], deps.files);
  secrets = Object.values(one.words);
  const secret = one.words.title;
  await pool.query('SELECT mark_dirty(ARRAY[$1::uuid])', [one.id]);
  await index();
  await pool.query('DELETE FROM rate_limit');
  await send('teacher of the district', `/resources/${one.id}/use`, {
    note: `Like ${secret}`,
    rating: '4',
  }).expect(303);
  await send('teacher of the district', `/resources/${one.id}/voices`, {
    kind: 'question',
    body: `Why ${secret}?`,
  }).expect(303);
  await send('teacher of the district', `/resources/${one.id}/save`, {}).expect(303);
  await send('owner', `/resources/${one.id}/flag`, {
    kind: 'student_data',
    note: `It says ${secret}`,
  }).expect(303);
  await pool.query(
    `INSERT INTO version (resource_id, number, title, credit, published_at) SELECT id, 1, 'A child', $2, now() FROM resource WHERE id = $1`,
    [await child(), `“All about ${secret}” by A. Teacher. CC BY 4.0`],
  );
});

async function child(): Promise<string> {
  const { rows } = await pool.query<{ id: string }>(
    `INSERT INTO resource (organization_id, district_id, state, adapted_from_id, adapted_from_version) VALUES ($1, $2, 'draft', $3, 2) RETURNING id`,
    [catalogId('organization', 'north-elementary'), NORTH, one.id],
  );
  return rows[0]!.id;
}

/** Tables that hold one of the words in whatever column. */
async function tablesWith(words: readonly string[]): Promise<string[]> {
  const { rows: tables } = await pool.query<{ name: string }>(
    `SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
     WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND table_type = 'BASE TABLE' ORDER BY 1`,
  );
  const found: string[] = [];
  for (const { name } of tables) {
    const { rowCount } = await pool.query(`SELECT 1 FROM ${name} t WHERE t::text ~* $1 LIMIT 1`, [
      words.join('|'),
    ]);
    if (rowCount) found.push(name.replace('public.', ''));
  }
  return found;
}

/** Files below DATA_DIR that hold one of the words, in name or content; mails are out of the house. */
async function filesWith(words: readonly string[]): Promise<string[]> {
  const pattern = new RegExp(words.join('|'), 'i');
  const entries = await readdir(deps.config.dataDir, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.filter((each) => each.isFile() && !each.parentPath.includes('outbox'))) {
    const path = join(entry.parentPath, entry.name);
    if (pattern.test(entry.name) || pattern.test(await readFile(path, 'latin1'))) found.push(path);
  }
  return found;
}

const form = () => ({
  why: 'student_data',
  reason: 'A class list.',
  confirm: `all about ${one.words.title}`,
});
const purge = (name: PersonName, more: Record<string, string> = {}) =>
  send(name, `/curate/purges/${one.id}`, { ...form(), ...more });

/** The job, again and again as the queue would, with the indexer beside it. */
async function workUntilDone(from: Deps = deps): Promise<void> {
  for (let round = 0; round < 5; round++) {
    if (await finishPurge(from, one.id)) return;
    await index();
  }
  throw new Error('the purge does not end');
}

describe('what was purged', () => {
  it('is nowhere any more: no table, no file, no index; who, when and why stay', async () => {
    const before = await tablesWith(secrets);
    for (const table of [
      'version',
      'file',
      'blob_page',
      'comment',
      'use_mark',
      'flag',
      'search_document',
      'search_word',
      'session',
    ])
      expect(before, table).toContain(table);
    expect((await filesWith(secrets)).length).toBeGreaterThan(2);
    await purge('state administrator').expect(303);
    await workUntilDone();
    expect(await tablesWith(secrets)).toEqual([]);
    expect(await filesWith(secrets)).toEqual([]);
    const { rows } = await pool.query(
      `SELECT p.why, p.reason, p.asked_by, p.finished_at IS NOT NULL AS done, r.state FROM purge p JOIN resource r ON r.id = p.resource_id WHERE r.id = $1`,
      [one.id],
    );
    expect(rows).toEqual([
      {
        why: 'student_data',
        reason: 'A class list.',
        asked_by: personIdOf('state administrator'),
        done: true,
        state: 'purged',
      },
    ]);
    await who('owner').get(`/resources/${one.id}`).expect(404);
    expect((await who('owner').get('/notices')).text).toContain('was removed for good');
    expect((await who('state lead').get('/curate/purges')).text).toContain('A class list.');
  });

  it('leaves a file that another resource has, and nothing else of it', async () => {
    const { rows } = await pool.query<{ sha256: string }>('SELECT sha256 FROM file WHERE id = $1', [
      one.files.open,
    ]);
    const sha256 = rows[0]!.sha256;
    const other = await child();
    await pool.query(`INSERT INTO file (resource_id, sha256, name) VALUES ($1, $2, 'mine.pdf')`, [
      other,
      sha256,
    ]);
    expect((await who('state lead').get(`/curate/purges/${one.id}`)).text).toContain('has the same file');
    await purge('state lead').expect(303);
    await workUntilDone();
    expect(await deps.files.size(sha256)).toBeGreaterThan(0);
    expect((await filesWith(secrets)).length).toBe(1);
    await pool.query('DELETE FROM file WHERE resource_id = $1', [other]);
    await pool.query('DELETE FROM blob WHERE sha256 = $1', [sha256]);
    await deps.files.remove(sha256);
  });

  it('is finished by the next try, wherever the first one was cut off', async () => {
    await purge('state administrator').expect(303);
    let removals = 0;
    const dying: Deps = {
      ...deps,
      files: new Proxy(deps.files, {
        get: (store, name) => {
          if (name === 'remove' && ++removals > 1) return () => Promise.reject(new Error('killed'));
          const value: unknown = Reflect.get(store, name);
          return typeof value === 'function' ? (value.bind(store) as unknown) : value;
        },
      }),
    };
    await expect(workUntilDone(dying)).rejects.toThrow('killed');
    expect((await filesWith(secrets)).length).toBeGreaterThan(0);
    await workUntilDone();
    await workUntilDone();
    expect(await tablesWith(secrets)).toEqual([]);
    expect(await filesWith(secrets)).toEqual([]);
  });

  it('takes along what imports keep of it, and no import brings it back', async () => {
    const row = {
      external_id: 'R1',
      title: `Import ${one.words.next}`,
      url: 'https://maps.north.example/x',
      subjects: [`study ${one.words.old}`],
      keywords: [one.words.late],
    };
    const input = {
      districtId: NORTH,
      source: `purge-${groups}`,
      content: [
        row,
        {
          external_id: 'R2',
          title: 'Another',
          url: 'https://maps.north.example/y',
          subjects: ['unheard of'],
        },
      ],
    };
    const run = await runImport(deps, input);
    const { rows } = await pool.query<{ resource_id: string }>(
      `SELECT resource_id FROM import_row WHERE run_id = $1 AND external_id = 'R1'`,
      [run.id],
    );
    await purge('state administrator').expect(303);
    await workUntilDone();
    await pool.query('UPDATE resource SET state = state WHERE id = $1', [rows[0]!.resource_id]);
    one = { ...one, id: rows[0]!.resource_id };
    await index();
    expect(await tablesWith(secrets)).toContain('import_gap');
    await send('state administrator', `/curate/purges/${one.id}`, { ...form(), confirm: row.title }).expect(
      303,
    );
    await workUntilDone();
    expect(await tablesWith(secrets)).toEqual([]);
    expect(await filesWith(secrets)).toEqual([]);
    expect((await pool.query(`SELECT 1 FROM import_gap WHERE value = 'unheard of'`)).rowCount).toBe(1);
    await runImport(deps, input);
    const { rows: after } = await pool.query<{ state: string }>('SELECT state FROM resource WHERE id = $1', [
      one.id,
    ]);
    expect(after).toEqual([{ state: 'purged' }]);
  });
});

describe('purging', () => {
  it('is for leads and administrators of the state alone, with the title typed and a reason', async () => {
    for (const name of ['owner', 'curator of the district', 'state curator'] as const) {
      await who(name).get(`/curate/purges/${one.id}`).expect(403);
      await purge(name).expect(403);
    }
    const wrong = await purge('state administrator', {
      confirm: 'All about something else',
      reason: 'Kept words',
    }).expect(422);
    expect(wrong.text).toContain('Nothing was removed');
    expect(wrong.text).toContain('Kept words');
    await purge('state administrator', { reason: '' }).expect(422);
    await purge('state administrator', { why: 'boredom' }).expect(422);
    expect((await pool.query('SELECT 1 FROM version WHERE resource_id = $1', [one.id])).rowCount).toBe(3);
    await purge('state lead').expect(303);
    await purge('state administrator').expect(409);
    await who('state administrator').get(`/curate/purges/${one.id}`).expect(404);
  });

  it('settles the flags on it, so that nothing is left to decide', async () => {
    await purge('state lead').expect(303);
    const { rows } = await pool.query('SELECT state, note FROM flag WHERE resource_id = $1', [one.id]);
    expect(rows).toEqual([{ state: 'purged', note: '' }]);
    const list = await who('state lead').get('/curate/flags?show=decided').expect(200);
    expect(list.text).toContain('Removed for good');
  });

  it('takes any spelling of the title, and the word itself where a title has no plain letters', () => {
    expect(isConfirmed('¿Cuál es más?', 'cual es MAS')).toBe(true);
    expect(isConfirmed('¿Cuál es más?', 'cual')).toBe(false);
    expect(isConfirmed('漢字', 'purge')).toBe(true);
    expect(isConfirmed('漢字', '')).toBe(false);
    expect(isConfirmed('Maps', '')).toBe(false);
  });
});
