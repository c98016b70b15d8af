import { randomUUID } from 'node:crypto';
import supertest from 'supertest';
import { beforeAll, describe, expect, it } from 'vitest';
import { directAnswer, directAnswers, directResource } from '../../server/exchange/direct-api-schema.ts';
import { problem } from '../../server/exchange/openapi-operation.ts';
import { lockSource } from '../../server/imports/source-lock.ts';
import { findRun } from '../../server/imports/run-store.ts';
import { grantRole, programWith, tokenFor, workOnImports } from '../support/api-programs.ts';
import { testApp } from '../support/app.ts';
import { catalogId, seedCatalog, type Catalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { runImport } from '../support/import-runs.ts';

const database = await testDatabase();
const { pool } = database;
const { app, deps } = await testApp(database);
type Program = ReturnType<typeof programWith>;
let catalog: Catalog;
let north: Program;
let south: Program;
let reader: Program;
beforeAll(async () => {
  catalog = await seedCatalog(pool);
  await grantRole(deps, 'nora', 'importer', 'north');
  await grantRole(deps, 'sara', 'importer', 'south');
  north = programWith(app, await tokenFor(deps, 'nora'));
  south = programWith(app, await tokenFor(deps, 'sara'));
  reader = programWith(app, await tokenFor(deps, 'nora', ['read']));
});

const row = {
  title: 'Half of a half',
  url: 'https://maps.north.example/half',
  subjects: ['Mathematics'],
  grades: '3-5',
  standards: ['TS.MATH.3.NF.1@Proficient'],
  license: 'CC BY 4.0',
};
const at = (id: string, query = '?source=direct') =>
  `/api/v1/districts/north/resources/${encodeURIComponent(id)}${query}`;
const put = (id: string, values: object = row, program = north) => program('put', at(id)).send(values);
/** Brings a row in and holds the answer against its schema. */
async function bring(id: string, values: object = row) {
  const answer = await put(id, values);
  expect([200, 201]).toContain(answer.status);
  const read = directAnswer.parse(answer.body);
  expect(read).toEqual(answer.body);
  expect(answer.headers['etag']).toBe(read.resource?.etag);
  return { ...read, etag: answer.headers['etag'] ?? '', status: answer.status };
}
const written = async () => ({
  resources: (await pool.query('SELECT xmin, * FROM resource ORDER BY id')).rows,
  runs: (await pool.query('SELECT xmin, id FROM import_run ORDER BY id')).rows,
  dirty: (await pool.query('SELECT max(stamp) AS stamp FROM search_dirty')).rows,
});

describe('a resource under the district’s own id', () => {
  it('comes in, is the same again, and becomes the next version, as a row of a file does', async () => {
    const first = await bring('D-1');
    expect(first).toMatchObject({
      status: 201,
      outcome: 'new',
      resource: {
        external_id: 'D-1',
        source: 'direct',
        district: 'north',
        state: 'published',
        version: 1,
        gaps: [],
      },
    });
    const before = await written();
    const again = await bring('D-1', { ...row, grades: ['3', '4', '5'] });
    expect(again).toMatchObject({ status: 200, outcome: 'unchanged', etag: first.etag, import: null });
    expect(await written()).toEqual(before);
    const changed = await bring('D-1', { ...row, title: 'A half of a half' });
    expect(changed).toMatchObject({
      outcome: 'changed',
      changes: [{ field: 'title', kept: false }],
      resource: { id: first.resource?.id, version: 2, title: 'A half of a half' },
    });
    expect(changed.etag).not.toBe(first.etag);
    const { rows } = await pool.query(
      `SELECT owner_id, check_state, organization_id, visibility FROM resource WHERE id = $1`,
      [first.resource?.id],
    );
    expect(rows).toEqual([
      {
        owner_id: null,
        check_state: 'claimed',
        organization_id: catalogId('organization', 'north'),
        visibility: 'public',
      },
    ]);
    // A file of the same source finds it unchanged: it is one pipeline.
    const run = await runImport(deps, {
      districtId: catalogId('organization', 'north'),
      source: 'direct',
      content: [{ ...row, external_id: 'D-1', title: 'A half of a half' }],
    });
    expect(run.counts).toMatchObject({ unchanged: 1, changed: 0 });
  });

  it('is found again under its id, and others find it on the shelf', async () => {
    const { resource } = await bring('D/2 ünï');
    const answer = await north('get', at('D/2 ünï')).expect(200);
    expect(directResource.parse(answer.body)).toEqual(resource);
    expect(answer.headers['etag']).toBe(resource?.etag);
    const page = await supertest(app)
      .get(new URL(resource?.resource ?? '').pathname)
      .expect(200);
    expect(page.body).toMatchObject({ external_id: 'D/2 ünï', source: 'direct', title: 'Half of a half' });
    await north('get', at('D-0')).expect(404);
    await north('get', at('D/2 ünï', '')).expect(404);
  });

  it('says what was left out, or refuses it where nothing may be', async () => {
    const { resource } = await bring('D-3', { ...row, subjects: 'Robotics', files: ['sheets/none.pdf'] });
    expect(resource?.gaps.map(({ field, reason }) => [field, reason])).toEqual([
      ['files', 'fileMissing'],
      ['subjects', 'unknown'],
    ]);
    const strict = await north('put', at('D-4', '?source=direct&strict=true')).send({
      ...row,
      subjects: 'Robotics',
    });
    expect(problem.parse(strict.body)).toMatchObject({ status: 422, errors: [{ field: 'subjects' }] });
    const empty = await put('D-4', { title: 'Nothing to open' });
    expect(problem.parse(empty.body).errors?.[0]).toMatchObject({ field: 'url' });
    await north('get', at('D-4')).expect(404);
  });

  it('is changed only as long as it is as its sender saw it', async () => {
    const { etag } = await bring('D-5');
    const ask = (headers: Record<string, string>, title: string, id = 'D-5') =>
      put(id, { ...row, title }).set(headers);
    await ask({ 'If-None-Match': '*' }, 'Anew').expect(412);
    await ask({ 'If-Match': '"other"' }, 'Other').expect(412);
    await ask({ 'If-Match': `W/${etag}` }, 'Weak').expect(412);
    await ask({ 'If-Match': '*' }, 'Not there', 'D-6').expect(412);
    const changed = await ask({ 'If-Match': `"other", ${etag}` }, 'Mine').expect(200);
    expect(problem.parse((await ask({ 'If-Match': etag }, 'Late')).body)).toMatchObject({
      code: 'precondition_failed',
    });
    await ask({ 'If-None-Match': '*' }, 'New', 'D-6').expect(201);
    // A colleague corrects it on the portal: the tag changes too.
    await pool.query(
      `UPDATE resource SET visibility = 'state' WHERE district_id = $1 AND external_id = 'D-5'`,
      [catalogId('organization', 'north')],
    );
    await ask({ 'If-Match': changed.headers['etag'] ?? '' }, 'Over it').expect(412);
    await north('delete', at('D-5'))
      .set('If-Match', changed.headers['etag'] ?? '')
      .expect(412);
    expect((await north('get', at('D-5'))).body).toMatchObject({ title: 'Mine', state: 'published' });
  });

  it('goes off the shelf and comes back, and all of it can be taken back', async () => {
    const { resource } = await bring('D-7');
    await north('delete', at('D-7')).expect(204);
    await north('delete', at('D-7')).expect(204);
    expect((await north('get', at('D-7'))).body).toMatchObject({ state: 'withdrawn' });
    await supertest(app).get(`/api/v1/resources/${resource?.id}`).expect(410);
    await north('delete', at('never')).expect(404);
    const back = await bring('D-7');
    expect(back).toMatchObject({ outcome: 'changed', resource: { id: resource?.id, state: 'published' } });
    const runs = await pool.query<{ id: string }>(
      `SELECT DISTINCT run_id AS id FROM import_row WHERE external_id = 'D-7' ORDER BY 1 DESC`,
    );
    expect(runs.rows.length).toBe(3);
    for (const { id } of runs.rows) {
      await north('post', `/api/v1/imports/${id}/undo`).expect(202);
      await workOnImports(deps);
      expect(await findRun(pool, id)).toMatchObject({
        state: 'undone',
        counts: { takenBack: expect.any(Number) as number },
      });
    }
    await north('get', at('D-7')).expect(404);
  });

  it('stays as staff have it', async () => {
    const { resource } = await bring('D-8');
    await pool.query(`UPDATE version SET title = 'As staff have it' WHERE resource_id = $1`, [resource?.id]);
    expect(await bring('D-8', { ...row, title: 'As we had it', minutes: 20 })).toMatchObject({
      outcome: 'changed',
      changes: [
        { field: 'title', kept: true },
        { field: 'minutes', kept: false },
      ],
      resource: { title: 'As staff have it' },
    });
    await pool.query(`UPDATE resource SET state = 'withdrawn', withdrawn_at = now() WHERE id = $1`, [
      resource?.id,
    ]);
    expect(await bring('D-8', { ...row, title: 'Back' })).toMatchObject({
      outcome: 'kept',
      resource: { state: 'withdrawn' },
    });
  });
});

describe('some at once', () => {
  const post = (list: unknown, program = north, key?: string) => {
    const request = program('post', '/api/v1/districts/north/resources?source=batch');
    return (key === undefined ? request : request.set('Idempotency-Key', key)).send(list as object);
  };
  const rows = (count: number, from = 1) =>
    Array.from({ length: count }, (_, index) => ({
      ...row,
      external_id: `B-${from + index}`,
      title: `Row ${from + index}`,
    }));

  it('each come to something of their own', async () => {
    await post(rows(2)).expect(200);
    const answer = await post([
      { ...row, external_id: 'B-1', title: 'Row 1' },
      { ...row, external_id: 'B-2', title: 'Row two' },
      { ...row, external_id: 'B-3', title: 'Row 3' },
      { ...row, external_id: 'B-3', title: 'Row 3 again' },
      { external_id: 'B-4', title: '' },
      'no row',
      null,
      [row],
      { ...row },
      { external_id: 'B-1', withdraw: true },
      { external_id: 'B-9', withdraw: true },
      { withdraw: true },
      JSON.parse('{"__proto__": {"external_id": "B-5"}, "title": "x"}') as object,
    ]).expect(200);
    const { results } = directAnswers.parse(answer.body);
    expect(results.map(({ external_id: id, outcome }) => [id, outcome])).toEqual([
      ['B-1', 'unchanged'],
      ['B-2', 'changed'],
      ['B-3', 'new'],
      ['B-3', 'rejected'],
      ['B-4', 'rejected'],
      [null, 'rejected'],
      [null, 'rejected'],
      [null, 'rejected'],
      [null, 'rejected'],
      ['B-1', 'rejected'],
      ['B-9', 'unknown'],
      [null, 'rejected'],
      [null, 'rejected'],
    ]);
    for (const { outcome, errors } of results) expect(errors.length > 0).toBe(outcome === 'rejected');
    const gone = await post([
      { external_id: 'B-1', withdraw: true },
      { ...row, external_id: 'B-6', adapted_from: 'B-2' },
    ]).expect(200);
    expect(directAnswers.parse(gone.body).results.map(({ outcome }) => outcome)).toEqual([
      'withdrawn',
      'new',
    ]);
  });

  it('are at most 500, and all of them one import', async () => {
    const many = directAnswers.parse((await post(rows(500, 100)).expect(200)).body);
    expect(new Set(many.results.map(({ outcome }) => outcome))).toEqual(new Set(['new']));
    const run = (await north('get', new URL(many.import ?? '').pathname).expect(200)).body as {
      counts: object;
    };
    expect(run.counts).toMatchObject({ rejected: 0 });
    await north('get', `${new URL(many.import ?? '').pathname}/rejected.csv`).expect(200);
    await north('get', `${new URL(many.import ?? '').pathname}/gaps.csv`).expect(200);
    const before = await written();
    const again = directAnswers.parse((await post(rows(500, 100)).expect(200)).body);
    expect(again.import).toBe(null);
    expect(await written()).toEqual(before);
    const refused = await post(rows(501));
    expect(problem.parse(refused.body)).toMatchObject({ status: 422, errors: [{ field: 'resources' }] });
    for (const none of [[], {}, 'text', 17]) await post(JSON.stringify(none)).expect(422);
    await post('[{').expect(400);
    await post(JSON.stringify([{ ...row, external_id: 'L', text: 'x'.repeat(17 * 1024 * 1024) }])).expect(
      413,
    );
  });

  it('are done once for each Idempotency-Key', async () => {
    const key = randomUUID();
    const list = [{ ...row, external_id: 'K-1' }];
    const [one, two] = await Promise.all([post(list, north, key), post(list, north, key)]);
    expect(one.body).toEqual(two.body);
    expect(directAnswers.parse(one.body).results[0]?.outcome).toBe('new');
    const other = await post([{ ...row, external_id: 'K-2' }], north, key);
    expect(problem.parse(other.body)).toMatchObject({ status: 422, code: 'key_reused' });
  });

  it('that can’t be stored don’t hold the others back', async () => {
    await pool.query(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF NEW.title = 'Refuse me' THEN RAISE EXCEPTION 'no' USING ERRCODE = '22023'; END IF; RETURN NEW; END $$`);
    await pool.query(`CREATE TRIGGER refuse BEFORE INSERT ON version FOR EACH ROW EXECUTE FUNCTION refuse()`);
    const list = rows(5, 900).map((one, index) => (index === 2 ? { ...one, title: 'Refuse me' } : one));
    const { results } = directAnswers.parse((await post(list).expect(200)).body);
    expect(results.map(({ outcome }) => outcome)).toEqual(['new', 'new', 'rejected', 'new', 'new']);
    await pool.query('DROP TRIGGER refuse ON version; DROP FUNCTION refuse()');
  });
});

describe('while an import of the same source is under way', () => {
  it('a program is told to come again, and other sources don’t wait', async () => {
    await bring('D-1', { ...row, title: 'Before' });
    const { rows } = await pool.query<{ id: string }>(`SELECT id FROM import_source WHERE name = 'direct'`);
    const lock = await lockSource(pool, rows[0]?.id ?? '');
    const [busy, other] = await Promise.all([
      put('D-1', { ...row, title: 'Meanwhile' }),
      north('put', at('D-1', '?source=elsewhere')).send(row),
    ]);
    expect(problem.parse(busy.body)).toMatchObject({ status: 409, code: 'source_busy' });
    expect(Number(busy.headers['retry-after'])).toBeGreaterThan(0);
    expect(other.status).toBe(201);
    await lock?.release();
    expect(await bring('D-1', { ...row, title: 'After' })).toMatchObject({ outcome: 'changed' });
  }, 60_000);
});

describe('trust', () => {
  it('another district’s resources are neither seen nor touched', async () => {
    await bring('D-1', { ...row, title: 'Ours' });
    for (const method of ['get', 'put', 'delete'] as const) {
      const answer = await south(method, at('D-1')).send(method === 'put' ? row : undefined);
      expect(problem.parse(answer.body)).toMatchObject({ status: 403, code: 'forbidden' });
      expect((await reader(method, at('D-1')).send(method === 'put' ? row : undefined)).status).toBe(403);
    }
    await south('post', '/api/v1/districts/north/resources')
      .send([{ ...row, external_id: 'D-1' }])
      .expect(403);
    // The same id in a district of their own is another resource.
    const own = await south('put', '/api/v1/districts/south/resources/D-1?source=direct')
      .send(row)
      .expect(201);
    expect((own.body as { resource: { id: string } }).resource.id).not.toBe(
      ((await north('get', at('D-1'))).body as { id: string }).id,
    );
    await north('put', '/api/v1/districts/nowhere/resources/D-1').send(row).expect(404);
  });

  it('nothing becomes more open, checked, or somebody’s work by what a row says', async () => {
    await pool.query(
      `INSERT INTO import_source (district_id, name, widest) VALUES ($1, 'narrow', 'district')`,
      [catalogId('organization', 'north')],
    );
    const answer = await north('put', at('T-1', '?source=narrow')).send({
      ...row,
      visibility: 'public',
      check_state: 'checked',
      checked: 'state',
      owner: 'carla@test.example',
      district: 'south',
      school: 'south-middle',
      adapted_from: catalog.id('secret-garden-lab'),
      content_hash: 'x',
      id: catalog.id('tug-of-war'),
    });
    expect(answer.status).toBe(201);
    const { id } = directAnswer.parse(answer.body).resource!;
    const { rows } = await pool.query(
      `SELECT visibility, check_state, owner_id, district_id, organization_id, source FROM resource WHERE id = $1`,
      [id],
    );
    expect(rows).toEqual([
      {
        visibility: 'district',
        check_state: 'claimed',
        owner_id: null,
        district_id: catalogId('organization', 'north'),
        organization_id: catalogId('organization', 'north'),
        source: 'narrow',
      },
    ]);
    expect(id).not.toBe(catalog.id('tug-of-war'));
  });

  it('strange ids and bodies are refused in words', async () => {
    for (const id of ['%00', 'a%00b', '%20a', 'a%0Ab', 'a'.repeat(501)])
      expect([400, 404], id.slice(0, 10)).toContain(
        (await north('put', `/api/v1/districts/north/resources/${id}`).send(row)).status,
      );
    await put('D-9', { ...row, external_id: 'D-10' }).expect(422);
    for (const body of ['[]', '"text"', 'null', '17']) await north('put', at('D-9')).send(body).expect(422);
    await north('put', at('D-9')).send('{').expect(400);
    await north('put', at('D-9')).expect(422);
    await north('put', at('D-9', '?source=No%20Name')).send(row).expect(400);
    await north('get', at('D-9')).expect(404);
    const nul = await north('put', at('D-9'))
      .send({ ...row, title: 'With a \0 NUL \ud800', text: '\0' })
      .expect(201);
    expect((nul.body as { resource: { title: string } }).resource.title).toBe('With a NUL \ufffd');
  });
});
