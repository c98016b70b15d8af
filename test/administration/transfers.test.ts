import { load } from 'cheerio';
import supertest from 'supertest';
import { beforeAll, describe, expect, it } from 'vitest';
import { moveTheRest } from '../../server/administration/transfers/merge-organizations.ts';
import { ELSEWHERE, organizationReferences } from '../../server/administration/transfers/references.ts';
import { runTransfer, sweepTransfer } from '../../server/administration/transfers/transfer-job.ts';
import {
  TRANSFER_MOVES,
  TRANSFER_STATES,
  transferMovedTo,
} from '../../server/administration/transfers/transfer-states.ts';
import { tokenFor } from '../support/api-programs.ts';
import { insertAdministrators, type AdministratorName } from '../support/administrators.ts';
import { testApp } from '../support/app.ts';
import { catalogId, seedCatalog, type Catalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { beginImport, finishImport, runImport } from '../support/import-runs.ts';
import { post, signedIn, type Browser } from '../support/sign-in.ts';

const database = await testDatabase();
const { pool } = database;
const { app, deps } = await testApp(database);
const browsers = new Map<AdministratorName, Browser>();
let catalog: Catalog;
const id = (slug: string): string => catalogId('organization', slug);
const person = (name: string): string => catalogId('person', name);

beforeAll(async () => {
  catalog = await seedCatalog(pool);
  await insertAdministrators(pool);
  for (const who of ['stella', 'dora', 'sven'] as const)
    browsers.set(who, await signedIn(app, database, `${who}@test.example`));
});

const read = async (who: AdministratorName, path: string) =>
  load((await browsers.get(who)!.get(path).expect(200)).text);
const send = (who: AdministratorName, path: string, form: Record<string, string> = {}) =>
  post(browsers.get(who)!, path, form);
const stampOf = async (who: AdministratorName, slug: string): Promise<string> =>
  (await read(who, `/admin/organizations/${id(slug)}/rename`))('input[name=stamp]').attr('value') ?? '';
/** Plans a change of an organization. @returns the address of its preview */
const plan = async (who: AdministratorName, slug: string, change: string, to: string): Promise<string> => {
  const response = await send(who, `/admin/organizations/${id(slug)}/${change}`, {
    stamp: await stampOf(who, slug),
    to: id(to),
  });
  expect([response.status, load(response.text)('.errors').text()]).toEqual([303, '']);
  return response.headers['location'] as string;
};
const idIn = (url: string): string => url.split('/').at(-1) ?? '';
/** Presses the button and lets the job do its work. */
const start = async (who: AdministratorName, url: string): Promise<void> => {
  await send(who, `${url}/move`, { move: 'start' }).expect(303);
  await runTransfer(deps, idIn(url));
};
const one = async <Row>(sql: string, values: unknown[] = []): Promise<Row> =>
  (await pool.query(sql, values)).rows[0] as Row;
const count = async (sql: string, values: unknown[] = []): Promise<number> =>
  (await one<{ n: number }>(`SELECT count(*)::int AS n FROM ${sql}`, values)).n;

/** How many rows refer to an organization, by table and column: all foreign keys that the database knows. */
async function referencesTo(organization: string): Promise<Record<string, number>> {
  const { rows } = await pool.query<{ table_name: string; column_name: string }>(
    `SELECT DISTINCT k.table_name, k.column_name FROM information_schema.referential_constraints r
       JOIN information_schema.key_column_usage k ON k.constraint_name = r.constraint_name AND k.constraint_schema = r.constraint_schema
       JOIN information_schema.key_column_usage u ON u.constraint_name = r.unique_constraint_name AND u.constraint_schema = r.unique_constraint_schema
     WHERE u.table_name = 'organization' ORDER BY 1, 2`,
  );
  const found: Record<string, number> = {};
  for (const { table_name: table, column_name: column } of rows)
    found[`${table}.${column}`] = await count(
      `${table} t WHERE t.${column} = $1 ${table === 'organization' ? 'AND t.id <> $1' : ''}`,
      [organization],
    );
  return found;
}

describe('the life of a transfer', () => {
  it('is what its table says, for everyone and every state', () => {
    for (const state of TRANSFER_STATES)
      for (const [move, facts] of Object.entries(TRANSFER_MOVES) as [
        keyof typeof TRANSFER_MOVES,
        (typeof TRANSFER_MOVES)['start'],
      ][])
        for (const by of ['administrator', 'job'] as const) {
          const allowed = facts.by === by && (facts.from as readonly string[]).includes(state);
          expect([state, move, by, transferMovedTo(state, move, by)]).toEqual([
            state,
            move,
            by,
            allowed ? facts.to : undefined,
          ]);
        }
  });
});

describe('what can’t go', () => {
  it.each([
    ['south', 'merge', 'south', 'It can’t be merged into itself.'],
    ['south', 'merge', 'south-middle', 'A district can’t be merged into its own school.'],
    ['south-middle', 'merge', 'south', 'A school can’t be merged into its own district'],
    ['south', 'merge', 'north-high', 'Only a district can be merged into a district'],
    ['south-middle', 'move', 'south', 'It is a school of South Bay Unified already.'],
    ['south-middle', 'move', 'north-high', 'A school can only be moved to a district.'],
    ['south-middle', 'hand-over', 'south-middle', 'Choose another one.'],
    ['south-middle', 'merge', 'state', 'Choose one from the list.'],
  ])('%s: %s to %s is refused in words, and nothing is changed', async (slug, change, to, words) => {
    const before = await one(`SELECT md5(string_agg(o::text, '' ORDER BY id)) AS all FROM organization o`);
    const response = await send('stella', `/admin/organizations/${id(slug)}/${change}`, {
      stamp: await stampOf('stella', slug),
      to: id(to),
    });
    expect([response.status, load(response.text)('.errors').text()]).toEqual([
      422,
      expect.stringContaining(words),
    ]);
    expect(await one(`SELECT md5(string_agg(o::text, '' ORDER BY id)) AS all FROM organization o`)).toEqual(
      before,
    );
    expect(await count('transfer')).toBe(0);
  });

  it('goes to nobody else’s: a district’s administrator finds only its own places, and no transfer of others', async () => {
    const response = await send('dora', `/admin/organizations/${id('north-high')}/hand-over`, {
      stamp: await stampOf('dora', 'north-high'),
      to: id('south-middle'),
    });
    expect([response.status, load(response.text)('.errors').text()]).toEqual([
      422,
      expect.stringContaining('Choose one from the list.'),
    ]);
    const url = await plan('stella', 'south-middle', 'hand-over', 'north-high');
    for (const who of ['dora', 'sven'] as const) {
      await browsers.get(who)!.get(url).expect(404);
      await send(who, `${url}/move`, { move: 'start' }).expect(404);
    }
    await send('stella', `${url}/move`, { move: 'drop' }).expect(303);
    await send('stella', `${url}/move`, { move: 'start' }).expect(409);
  });
});

describe('a hand-over of a school’s resources', () => {
  it('shows the list first, moves drafts and what it shows to others too, and can be handed back', async () => {
    const mine = `resource WHERE organization_id = $1 AND state <> 'purged'`;
    const total = await count(mine, [id('north-elementary')]);
    const there = await count(mine, [id('north-high')]);
    const { rows: collections } = await pool.query<{ id: string }>(
      `INSERT INTO collection (owner_id, kind, title, visibility) VALUES ($1, 'list', 'Shown', 'school'), ($1, 'list', 'Kept', 'private') RETURNING id`,
      [person('nora')],
    );
    const url = await plan('dora', 'north-elementary', 'hand-over', 'north-high');
    const $ = await read('dora', url);
    expect($('.index li')).toHaveLength(total + 1);
    expect(await count(mine, [id('north-high')])).toBe(there);
    await start('dora', url);
    expect(await count(mine, [id('north-high')])).toBe(there + total);
    expect(await count(mine, [id('north-elementary')])).toBe(0);
    const { rows } = await pool.query(
      `SELECT title, organization_id FROM collection WHERE id = ANY ($1::uuid[]) ORDER BY title`,
      [collections.map((row) => row.id)],
    );
    expect(rows).toEqual([
      { title: 'Kept', organization_id: id('north-elementary') },
      { title: 'Shown', organization_id: id('north-high') },
    ]);
    // People stay, and so do authors; who sees what is for a school has changed with it.
    expect(
      await count(`resource WHERE organization_id = $1 AND owner_id = $2`, [
        id('north-high'),
        person('nora'),
      ]),
    ).toBeGreaterThan(0);
    expect(
      await count(`resource WHERE organization_id = $1 AND ('school:' || $2) = ANY (audience)`, [
        id('north-high'),
        id('north-elementary'),
      ]),
    ).toBe(0);
    expect(
      await count(`audit_event WHERE action = 'resource.moved' AND detail->>'transfer' = $1`, [idIn(url)]),
    ).toBe(total);
    const back = (await send('dora', `${url}/back`).expect(303)).headers['location'] as string;
    await start('dora', back);
    expect(await count(mine, [id('north-elementary')])).toBe(total);
    await send('dora', `${url}/back`).expect(409);
  });
});

describe('a hand-over to a school of another district', () => {
  it('that is handed back gives imports their own again, and what they brought in anew meanwhile stays beside it', async () => {
    const rows = ['P', 'Q'].map((name) => ({
      external_id: name,
      title: name,
      url: `https://rope.example/${name}`,
      school: 'Harbor Middle School',
    }));
    const nightly = (content: readonly object[]) =>
      runImport(deps, {
        districtId: id('south'),
        source: 'feed',
        content,
        options: { onMissing: 'keep' },
      });
    await nightly(rows);
    // An imported one of the receiving school itself has no part in it.
    await runImport(deps, {
      districtId: id('north'),
      source: 'other',
      content: [
        { external_id: 'Z', title: 'Z', url: 'https://rope.example/z', school: 'North Fork High School' },
      ],
    });
    const url = await plan('stella', 'south-middle', 'hand-over', 'north-high');
    await start('stella', url);
    const places = async () =>
      (
        await pool.query(
          `SELECT r.external_id AS key, r.source, o.slug, s.name FROM resource r JOIN organization o ON o.id = r.district_id
             JOIN import_record i ON i.resource_id = r.id JOIN import_source s ON s.id = i.source_id AND s.district_id = r.district_id
           WHERE r.external_id IN ('P', 'Q') ORDER BY 1, 2`,
        )
      ).rows;
    expect(await places()).toEqual(
      ['P', 'Q'].map((key) => ({
        key,
        source: 'feed-south-middle',
        slug: 'north',
        name: 'feed-south-middle',
      })),
    );
    // Meanwhile one of the two was sent again.
    await nightly([{ ...rows[0]!, title: 'P, anew' }]);
    const back = (await send('stella', `${url}/back`).expect(303)).headers['location'] as string;
    await start('stella', back);
    const home = (key: string, source: string) => ({ key, source, slug: 'south', name: source });
    expect(await places()).toEqual([home('P', 'feed'), home('P', 'feed-south-middle'), home('Q', 'feed')]);
    const { rows: sources } = await pool.query<{ name: string }>(
      `SELECT name FROM import_source WHERE district_id = $1 ORDER BY name`,
      [id('south')],
    );
    expect(sources.map(({ name }) => name)).toEqual(['feed', 'feed-south-middle']);
    const again = await nightly([{ ...rows[0]!, title: 'P, anew' }, rows[1]!]);
    expect(again.counts).toMatchObject({ new: 0, unchanged: 2 });
    expect(await places()).toHaveLength(3);
  });
});

describe('schools of one name', () => {
  const rename = (slug: string, name: string) =>
    pool.query('UPDATE organization SET name = $2 WHERE id = $1', [id(slug), name]);
  const refused = async (slug: string, change: string, to: string): Promise<string> => {
    const form = { stamp: await stampOf('stella', slug), to: id(to) };
    const response = await send('stella', `/admin/organizations/${id(slug)}/${change}`, form).expect(422);
    return load(response.text)('.errors').text();
  };
  it('don’t come to stand in one district, neither by a move nor by a merge, also when one got its name after the plan', async () => {
    const { name } = await one<{ name: string }>('SELECT name FROM organization WHERE id = $1', [
      id('north-high'),
    ]);
    const plans = [
      await plan('stella', 'south-middle', 'move', 'north'),
      await plan('stella', 'south', 'merge', 'north'),
    ];
    await rename('north-high', 'HARBOR Middle School');
    for (const url of plans) {
      const late = await send('stella', `${url}/move`, { move: 'start' }).expect(409);
      expect(load(late.text)('main').text()).toContain(
        'North Fork Schools has a school of the same name by now: Harbor Middle School.',
      );
      await send('stella', `${url}/move`, { move: 'drop' }).expect(303);
    }
    expect(await refused('south-middle', 'move', 'north')).toContain(
      'North Fork Schools has a school called Harbor Middle School.',
    );
    expect(await refused('south', 'merge', 'north')).toContain(
      'Both districts have a school of the same name: Harbor Middle School.',
    );
    expect(await one('SELECT parent_id FROM organization WHERE id = $1', [id('south-middle')])).toEqual({
      parent_id: id('south'),
    });
    await rename('north-high', name);
  });
});

describe('a school that moves to another district', () => {
  it('takes its people and resources along, and what imports brought in is safe from the old district’s files', async () => {
    const rows = [
      {
        external_id: 'A',
        title: 'Of the school',
        url: 'https://rope.example/a',
        school: 'Harbor Middle School',
        visibility: 'district',
      },
      { external_id: 'B', title: 'Of the district', url: 'https://rope.example/b' },
    ];
    await runImport(deps, { districtId: id('south'), content: rows });
    await runImport(deps, {
      districtId: id('north'),
      content: [{ external_id: 'A', title: 'Another A', url: 'https://rope.example/c' }],
    });
    const before = await count('resource WHERE organization_id = $1', [id('south-middle')]);
    const url = await plan('stella', 'south-middle', 'move', 'north');
    await start('stella', url);
    expect(
      await count('resource WHERE organization_id = $1 AND district_id = $2', [
        id('south-middle'),
        id('north'),
      ]),
    ).toBe(before);
    const moved = await one<{ source: string; audience: string[]; source_id: string; state: string }>(
      `SELECT r.source, r.audience, i.source_id, r.state FROM resource r JOIN import_record i ON i.resource_id = r.id WHERE r.external_id = 'A' AND r.organization_id = $1`,
      [id('south-middle')],
    );
    expect(moved.source).toBe('main-south-middle');
    expect(moved.audience).toContain(`district:${id('north')}`);
    expect(
      await count('import_source WHERE id = $1 AND district_id = $2 AND name = $3', [
        moved.source_id,
        id('north'),
        'main-south-middle',
      ]),
    ).toBe(1);
    // Neither file takes what came from the other for its own, or for missing.
    await runImport(deps, {
      districtId: id('south'),
      content: [rows[1]!],
      options: { onMissing: 'withdraw', withdrawMany: true },
    });
    await runImport(deps, {
      districtId: id('north'),
      content: [{ external_id: 'A', title: 'Another A, again', url: 'https://rope.example/c' }],
      options: { onMissing: 'withdraw', withdrawMany: true },
    });
    expect(
      await count(`resource WHERE external_id = 'A' AND organization_id = $1 AND state = 'published'`, [
        id('south-middle'),
      ]),
    ).toBe(1);
    await start('stella', await plan('stella', 'south-middle', 'move', 'south'));
    expect(
      await count('resource WHERE organization_id = $1 AND district_id = $2', [
        id('south-middle'),
        id('south'),
      ]),
    ).toBe(before);
  });

  it('waits for imports that are under way', async () => {
    const url = await plan('stella', 'south-middle', 'move', 'north');
    const runId = await beginImport(deps, {
      districtId: id('south'),
      source: 'nightly',
      content: [{ external_id: 'N', title: 'N', url: 'https://rope.example/n' }],
    });
    const response = await send('stella', `${url}/move`, { move: 'start' }).expect(409);
    expect(load(response.text)('main').text()).toContain('An import of the source “nightly” is under way');
    expect(await one('SELECT parent_id FROM organization WHERE id = $1', [id('south-middle')])).toEqual({
      parent_id: id('south'),
    });
    await finishImport(deps, runId);
    await send('stella', `${url}/move`, { move: 'drop' }).expect(303);
  });
});

describe('a merge of two districts', () => {
  /** One row of everything that refers to the district, some of which the other one has too. */
  async function furnish(): Promise<void> {
    const [south, north] = [id('south'), id('north')];
    const { guid } = await one<{ guid: string }>(`SELECT guid FROM standard ORDER BY code LIMIT 1`);
    const any = catalog.id('forces-packet');
    const version = catalogId('version', 'forces-packet');
    for (const place of [south, north]) {
      await pool.query(
        'INSERT INTO role_grant (person_id, organization_id, role) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
        [person('carla'), place, 'importer'],
      );
      await pool.query(
        `INSERT INTO district_content (district_id, sent_sha256, stored_sha256, name) VALUES ($1, $2, $2, 'a.pdf')`,
        [place, 'a'.repeat(64)],
      );
      await pool.query(
        `INSERT INTO import_address (district_id, url, stored_sha256, name) VALUES ($1, 'https://x.example', $2, 'a')`,
        [place, 'a'.repeat(64)],
      );
      await pool.query(
        `INSERT INTO search_statistic (week, district_id, address, words, searches, empty, opened, found) VALUES ('2026-11-02', $1, '/search?q=rope', 'rope', 3, 1, 2, 5)`,
        [place],
      );
      await pool.query(
        `INSERT INTO daily_count (resource_id, organization_id, day, opened, taken) VALUES ($1, $2, '2026-11-02', 4, 1)`,
        [any, place],
      );
      await pool.query(
        `INSERT INTO lesson_call (id, organization_id, district_id, standard_guid, words, state) VALUES ($1, $2, $2, $3, 'Wanted', $4)`,
        [catalogId('call', place), place, guid, place === south ? 'answered' : 'open'],
      );
      await pool.query(
        `INSERT INTO invitation (email, name, organization_id, roles, token_hash, expires_at) VALUES ('new@test.example', 'New', $1, '{teacher}', $2, now() + interval '1 day')`,
        [place, (place === south ? 'b' : 'c').repeat(64)],
      );
    }
    for (const [place, domain] of [
      [south, 'south.example'],
      [north, 'north.example'],
    ]) {
      await pool.query('INSERT INTO registration (district_id, open) VALUES ($1, true)', [place]);
      await pool.query('INSERT INTO registration_domain (district_id, domain) VALUES ($1, $2)', [
        place,
        domain,
      ]);
    }
    await pool.query(
      `INSERT INTO staff_file (organization_id, file_name, columns, rows, plan, digest, counts) VALUES ($1, 'staff.csv', '{}', '[]', '[]', 'x', '{}')`,
      [south],
    );
    await pool.query('INSERT INTO call_answer (call_id, resource_id) VALUES ($1, $2)', [
      catalogId('call', south),
      any,
    ]);
    await pool.query('UPDATE resource SET answers_call = $1 WHERE id = $2', [catalogId('call', south), any]);
    await pool.query('INSERT INTO use_mark (resource_id, person_id, district_id) VALUES ($1, $2, $3)', [
      any,
      person('sara'),
      south,
    ]);
    await pool.query(
      `INSERT INTO resource_check (resource_id, version_id, person_id, for_id, outcome) VALUES ($1, $2, $3, $4, 'checked')`,
      [any, version, person('carla'), south],
    );
    await pool.query(`UPDATE alignment SET checked_for = $1 WHERE resource_id = $2`, [south, any]);
    await pool.query(
      `INSERT INTO collection (owner_id, organization_id, kind, title, visibility) VALUES ($1, $2, 'list', 'Of the school', 'district'), ($3, $4, 'list', 'Of the district', 'district')`,
      [person('sara'), id('south-middle'), person('sven'), south],
    );
    await pool.query(
      `INSERT INTO organization_former (organization_id, name, slug) VALUES ($1, 'Old Bay', 'old-bay')`,
      [south],
    );
    const { rows } = await pool.query<{ id: string }>(
      `INSERT INTO organization (id, kind, parent_id, district_id, name, slug, closed_at, merged_into_id) SELECT n.id, 'district', $1, n.id, 'Tiny', 'tiny', now(), $2 FROM (SELECT uuidv7() AS id) n RETURNING id`,
      [id('state'), south],
    );
    expect(rows).toHaveLength(1);
  }

  it('leaves no reference to the one that ended, and nothing is lost or counted twice', async () => {
    await furnish();
    const before = await referencesTo(id('south'));
    // A table that is added later and has no row here would prove nothing: say which one, and give it a row above.
    const empty = Object.keys(before).filter((name) => before[name] === 0);
    expect(empty).toEqual([]);
    const total = async () => ({
      resources: await count('resource'),
      published: await count(`resource WHERE state = 'published'`),
      people: await count('person'),
      collections: await count('collection'),
      uses: await count('use_mark'),
      checks: await count('resource_check'),
      searches: (await one<{ n: number }>('SELECT sum(searches)::int AS n FROM search_statistic')).n,
      opened: (await one<{ n: number }>('SELECT sum(opened)::int AS n FROM daily_count')).n,
      calls: await count('lesson_call'),
      domains: await count('registration_domain'),
      lists: await count('staff_file'),
    });
    const had = await total();
    const district = await count('resource WHERE district_id = ANY ($1::uuid[])', [
      [id('south'), id('north')],
    ]);
    await pool.query('DELETE FROM search_dirty');
    const { rows: moving } = await pool.query<{ id: string }>(
      `SELECT id FROM resource WHERE district_id = $1 AND state = 'published'`,
      [id('south')],
    );

    const url = await plan('stella', 'south', 'merge', 'north');
    const preview = (await read('stella', url))('main').text();
    expect(preview).toContain('South Bay Unified ends.');
    expect(preview).toContain('/districts/south then leads to North Fork Schools.');
    expect(await referencesTo(id('south'))).toEqual(before);
    await start('stella', url);

    expect(Object.entries(await referencesTo(id('south'))).filter(([, rows]) => rows > 0)).toEqual([]);
    expect(await count('daily_count WHERE organization_id = $1', [id('south')])).toBe(0);
    expect(await total()).toEqual(had);
    expect(await count('resource WHERE district_id = $1', [id('north')])).toBe(district);
    const { rows: dirty } = await pool.query<{ id: string }>(
      'SELECT DISTINCT resource_id AS id FROM search_dirty',
    );
    const found = new Set(dirty.map((row) => row.id));
    expect(moving.filter((row) => !found.has(row.id))).toEqual([]);
    expect((await read('stella', url))('main').text()).toContain('Done');
    expect(
      await count(`audit_event WHERE action = 'organization.merged' AND object_id = $1`, [id('south')]),
    ).toBe(1);
  });

  it('gives it people with their roles, schools, and whatever was for the district', async () => {
    expect(
      await one('SELECT parent_id, district_id, closed_at FROM organization WHERE id = $1', [
        id('south-middle'),
      ]),
    ).toEqual({ parent_id: id('north'), district_id: id('north'), closed_at: null });
    expect(await one('SELECT organization_id FROM person WHERE id = $1', [person('sven')])).toEqual({
      organization_id: id('north'),
    });
    const { rows: grants } = await pool.query(
      'SELECT role FROM role_grant WHERE person_id = $1 AND organization_id = $2',
      [person('sven'), id('north')],
    );
    expect(grants).toEqual([{ role: 'admin' }]);
    await browsers
      .get('sven')!
      .get(`/admin/organizations/${id('north')}`)
      .expect(200);
    const { rows: audiences } = await pool.query<{ audience: string[] }>(
      `SELECT audience FROM collection WHERE title IN ('Of the school', 'Of the district')`,
    );
    for (const { audience } of audiences) expect(audience).toContain(`district:${id('north')}`);
    expect(
      await count(`resource WHERE audience && ARRAY['district:' || $1, 'staff:' || $1]`, [id('south')]),
    ).toBe(0);
  });

  it('joins two calls for the same into one, with the answers of both', async () => {
    const { rows } = await pool.query(
      `SELECT id, state FROM lesson_call WHERE id = ANY ($1::uuid[]) ORDER BY state`,
      [[catalogId('call', id('south')), catalogId('call', id('north'))]],
    );
    expect(rows).toEqual([
      { id: catalogId('call', id('north')), state: 'answered' },
      { id: catalogId('call', id('south')), state: 'closed' },
    ]);
    expect(await count('call_answer WHERE call_id = $1', [catalogId('call', id('north'))])).toBe(1);
    expect(await count('resource WHERE answers_call = $1', [catalogId('call', id('north'))])).toBe(1);
  });

  it('keeps both districts’ sources apart, and tells programs where to send to', async () => {
    const { rows } = await pool.query<{ name: string }>(
      `SELECT name FROM import_source WHERE district_id = $1 AND name ~ '^(main|nightly)' ORDER BY name`,
      [id('north')],
    );
    expect(rows.map(({ name }) => name)).toEqual([
      'main',
      'main-south',
      'main-south-middle',
      'main-south-middle-south',
      'nightly',
    ]);
    expect(
      await count(
        `resource r JOIN import_record i ON i.resource_id = r.id JOIN import_source s ON s.id = i.source_id WHERE s.name <> r.source OR s.district_id <> r.district_id`,
      ),
    ).toBe(0);
    const token = await tokenFor(deps, 'carla', ['read', 'import']);
    for (const old of ['south', 'old-bay', 'tiny']) {
      const answer = await supertest(app)
        .get(`/api/v1/imports?district=${old}`)
        .set('Authorization', `Bearer ${token}`)
        .expect(410);
      expect((answer.body as { title: string }).title).toContain(`“${old}” was merged into “north”`);
    }
    await supertest(app)
      .get('/api/v1/imports?district=north')
      .set('Authorization', `Bearer ${token}`)
      .expect(200);
  });

  it('leads every old address to the other one, and can’t be done twice', async () => {
    for (const old of ['south', 'old-bay', 'tiny'])
      await supertest(app).get(`/districts/${old}`).expect(301).expect('location', '/districts/north');
    const search = async (district: string) =>
      load((await supertest(app).get(`/search?district=${district}`).expect(200)).text)('.chip').text();
    expect(await search('south')).toContain('North Fork Schools');
    expect(
      await browsers
        .get('stella')!
        .get(`/admin/organizations/${id('south')}/merge`)
        .then((res) => res.status),
    ).toBe(303);
    const page = (await read('stella', `/admin/organizations/${id('south')}`))('main').text();
    expect(page).toContain('Merged into North Fork Schools');
  });

  it('takes up what a request that was under way wrote behind its back', async () => {
    await pool.query('UPDATE resource SET organization_id = $1, district_id = $1 WHERE id = $2', [
      id('south'),
      catalog.id('forces-packet'),
    ]);
    await pool.query('UPDATE person SET organization_id = $1 WHERE id = $2', [id('south'), person('sven')]);
    const { id: transfer } = await one<{ id: string }>(
      `SELECT id FROM transfer WHERE kind = 'merge' AND state = 'done'`,
    );
    await sweepTransfer(deps, transfer);
    expect(Object.entries(await referencesTo(id('south'))).filter(([, rows]) => rows > 0)).toEqual([]);
  });

  it('names only references that there are as handled elsewhere', async () => {
    const client = await pool.connect();
    const known = (await organizationReferences(client)).map(({ table, column }) => `${table}.${column}`);
    client.release();
    expect(Object.keys(ELSEWHERE).filter((name) => !known.includes(name))).toEqual([]);
  });
});

it('a district that takes people by their mail opens that in none that it becomes part of', async () => {
  const [south, north] = [id('south'), id('north')];
  const client = await pool.connect();
  await client.query('BEGIN');
  await client.query('DELETE FROM registration');
  await client.query('INSERT INTO registration (district_id, open) VALUES ($1, true)', [south]);
  await client.query(`INSERT INTO registration_domain (district_id, domain) VALUES ($1, 'bay.example')`, [
    south,
  ]);
  const end = (place: string) => ({ id: place, name: place });
  await moveTheRest(client, { from: end(south), to: end(north), actorId: null, at: new Date() });
  const { rows } = await client.query(
    'SELECT d.domain, r.district_id, r.open FROM registration_domain d JOIN registration r USING (district_id)',
  );
  await client.query('ROLLBACK');
  client.release();
  expect(rows).toEqual([{ domain: 'bay.example', district_id: north, open: false }]);
});

describe('a merge of two schools', () => {
  it('goes on where it was when the worker was stopped, and ends the same', async () => {
    const total = await count(`resource WHERE organization_id = ANY ($1::uuid[])`, [
      [id('north-high'), id('north-elementary')],
    ]);
    const url = await plan('dora', 'north-high', 'merge', 'north-elementary');
    await send('dora', `${url}/move`, { move: 'start' }).expect(303);
    await send('dora', `${url}/move`, { move: 'start' }).expect(409);
    expect((await read('dora', url))('progress')).toHaveLength(1);
    const stopped = new AbortController();
    stopped.abort(new Error('stopped'));
    await expect(runTransfer(deps, idIn(url), stopped.signal)).rejects.toThrow('stopped');
    // Meanwhile nobody can do anything else with either of them.
    expect(
      (await read('stella', `/admin/organizations/${id('north-elementary')}/close`))('main').text(),
    ).toContain('Something is being moved');
    await runTransfer(deps, idIn(url));
    expect(await count('resource WHERE organization_id = $1', [id('north-elementary')])).toBe(total);
    expect(Object.entries(await referencesTo(id('north-high'))).filter(([, rows]) => rows > 0)).toEqual([]);
    await supertest(app)
      .get('/schools/north-high')
      .expect(301)
      .expect('location', '/schools/north-elementary');
    expect(await one('SELECT organization_id FROM person WHERE id = $1', [person('hugo')])).toEqual({
      organization_id: id('north-elementary'),
    });
  });
});
