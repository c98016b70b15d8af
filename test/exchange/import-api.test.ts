import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { importRunList, importRunRecord, importRunSummary } from '../../server/exchange/import-api-schema.ts';
import { problem } from '../../server/exchange/openapi-operation.ts';
import { grantRole, programWith, tokenFor, workOnImports } from '../support/api-programs.ts';
import { testApp } from '../support/app.ts';
import { catalogId, seedCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { rawZip } from '../support/raw-zip.ts';
import { samplePdf } from '../support/sample-files.ts';

const database = await testDatabase();
const { pool } = database;
const { app, deps } = await testApp(database, { MAX_UPLOAD_MB: '1' });
type Program = ReturnType<typeof programWith>;
let north: Program;
let south: Program;
let reader: Program;
beforeAll(async () => {
  await seedCatalog(pool);
  await grantRole(deps, 'nora', 'importer', 'north');
  await grantRole(deps, 'sara', 'admin', 'south');
  north = programWith(app, await tokenFor(deps, 'nora'));
  south = programWith(app, await tokenFor(deps, 'sara'));
  reader = programWith(app, await tokenFor(deps, 'nora', ['read']));
});

const csv = (...rows: string[]): string =>
  ['external_id,title,url,subjects', ...rows].map((row) => `${row}\n`).join('');
const three = csv(
  'A-1,Half of a half,https://maps.north.example/1,Mathematics',
  'A-2,Where does the rain go,https://maps.north.example/2,Sciense',
  'A-3,,https://maps.north.example/3,',
);

/** Sends a file as the body and gives back the run as it was noted. */
async function begin(program: Program, content: string | Buffer, params: Record<string, string> = {}) {
  const query = new URLSearchParams({ district: 'north', source: 'api', name: 'rows.csv', ...params });
  const answer = await program('post', `/api/v1/imports?${query.toString()}`)
    .set('Content-Type', 'application/octet-stream')
    .send(content)
    .expect(202);
  const run = importRunSummary.parse(answer.body);
  expect(answer.headers['location']).toBe(run.links.self);
  expect(run).toEqual(answer.body);
  return run;
}
async function follow(id: string, query = '') {
  const { body } = await north('get', `/api/v1/imports/${id}${query}`).expect(200);
  const run = importRunRecord.parse(body);
  expect(run).toEqual(body);
  return run;
}
const titles = async () =>
  (
    await pool.query<{ title: string }>(
      `SELECT v.title FROM resource r JOIN version v ON v.id = r.current_version_id
       WHERE r.source = 'api' AND r.state = 'published' ORDER BY r.external_id`,
    )
  ).rows.map(({ title }) => title);

describe('a file that a program sends', () => {
  it('is noted, worked on by the worker, and told of row by row', async () => {
    const noted = await begin(north, three);
    expect(noted).toMatchObject({ state: 'planned', door: 'api', district: 'north', source: 'api' });
    const jobs = await pool.query(
      `SELECT 1 FROM graphile_worker.jobs WHERE task_identifier = 'import-source'`,
    );
    expect(jobs.rowCount).toBe(1);
    await workOnImports(deps);
    const run = await follow(noted.id);
    expect(run).toMatchObject({
      state: 'done',
      reason: null,
      progress: { rows: 3, percent: 100 },
      counts: { new: 2, gaps: 1, rejected: 1 },
      unknown: [{ field: 'subjects', value: 'Sciense', rows: 1, near: ['Science'] }],
    });
    expect(run.rows.items.map(({ row, outcome, external_id: id }) => [row, outcome, id])).toEqual([
      [1, 'new', 'A-1'],
      [2, 'new', 'A-2'],
      [3, 'rejected', 'A-3'],
    ]);
    expect(run.rows.items[1]?.reasons[0]?.message).toContain('Sciense');
    expect(run.rows.items[2]?.reasons).toMatchObject([{ field: 'title' }]);
    expect(await titles()).toEqual(['Half of a half', 'Where does the rain go']);
    const { rows } = await pool.query(`SELECT person_id FROM import_run WHERE id = $1 AND person_id = $2`, [
      noted.id,
      catalogId('person', 'nora'),
    ]);
    expect(rows).toHaveLength(1);
  });

  it('gives its rows page by page, and only those that came to something', async () => {
    const run = await begin(north, three, { dryRun: 'true', source: 'pages' });
    await workOnImports(deps);
    const all = await begin(north, three, { source: 'pages' });
    await workOnImports(deps);
    expect((await follow(run.id)).links.undo).toBe(null);
    const first = await follow(all.id, '?limit=2');
    expect(first.rows.items).toHaveLength(2);
    const next = new URL(first.rows.next ?? '');
    const second = await follow(all.id, next.search);
    expect(second.rows).toMatchObject({ items: [{ row: 3 }], next: null });
    expect((await follow(all.id, '?outcome=rejected')).rows.items).toHaveLength(1);
    expect((await follow(all.id, '?limit=0')).rows).toEqual({ items: [], next: null });
    await north('get', `/api/v1/imports/${all.id}?limit=5000`).expect(400);
  });

  it('gives back what was rejected and what was left out as tables', async () => {
    const run = await begin(north, three, { source: 'tables' });
    await workOnImports(deps);
    const rejected = await north('get', `/api/v1/imports/${run.id}/rejected.csv`).expect(200);
    expect(rejected.headers['content-type']).toContain('text/csv');
    expect(rejected.text).toContain('external_id,title,url,subjects,_row,_reasons');
    expect(rejected.text).toContain('A-3,,https://maps.north.example/3,,4,');
    const gaps = await north('get', `/api/v1/imports/${run.id}/gaps.csv`).expect(200);
    expect(gaps.text).toContain('A-2,subjects,Sciense');
    const likely = await north('get', `/api/v1/imports/${run.id}/likely.csv`).expect(200);
    // Other tests have brought the same links in under other sources.
    expect(likely.text).toMatch(/A-1,.*Half of a half,North Fork Schools,http:\/\/localhost\/resources\//);
    const list = importRunList.parse(
      (await north('get', '/api/v1/imports?district=north&limit=1').expect(200)).body,
    );
    expect(list.runs.map(({ id }) => id)).toEqual([run.id]);
  });

  it('may come as a form, with a mapping that is kept', async () => {
    const answer = await north('post', '/api/v1/imports')
      .field('district', 'north')
      .field('source', 'mapped')
      .field('map', 'fields:\n  external_id: No\n  title: { from: Name, do: [trim] }\n  url: Link\n')
      .attach('file', Buffer.from('No,Name,Link\n7,  Seven ,https://maps.north.example/7\n'), 'ours.csv')
      .expect(202);
    const { id } = importRunSummary.parse(answer.body);
    await workOnImports(deps);
    expect(await follow(id)).toMatchObject({ state: 'done', counts: { new: 1 }, file: { name: 'ours.csv' } });
    const again = await begin(north, 'No,Name,Link\n7,Seven,https://maps.north.example/7\n', {
      source: 'mapped',
    });
    await workOnImports(deps);
    expect(await follow(again.id)).toMatchObject({ counts: { unchanged: 1 } });
    const bad = await north('post', '/api/v1/imports?district=north&map=fields%3A+%5B&name=a.csv').send('a');
    expect(problem.parse(bad.body)).toMatchObject({ status: 422, errors: [{ field: 'map' }] });
  });

  it('may be a zip with a row file and the files that its rows name', async () => {
    const zip = rawZip([
      {
        name: 'rows.csv',
        content:
          'external_id,title,files\nZ-1,With a sheet,sheets/half.pdf\nZ-2,Climbs out,../../etc/passwd\nZ-3,Not there,no.pdf\n',
      },
      { name: 'sheets/half.pdf', content: await samplePdf(['half of a half']) },
    ]);
    const run = await begin(north, zip, { name: 'catalog.zip', source: 'zipped' });
    await workOnImports(deps);
    expect(await follow(run.id)).toMatchObject({ state: 'done', counts: { new: 1, rejected: 2 } });
    const { rows } = await pool.query(
      `SELECT f.name FROM resource r JOIN file f ON f.resource_id = r.id WHERE r.source = 'zipped'`,
    );
    expect(rows).toEqual([{ name: 'half.pdf' }]);
  });

  it('that is a hostile zip brings nothing in, and says why', async () => {
    const rows = { name: 'rows.csv', content: csv('H-1,One,https://n.example/1,') };
    const hostile: Record<string, Buffer> = {
      'climbs out': rawZip([rows, { name: '../../rows.csv', content: 'x' }]),
      'is a link': rawZip([rows, { name: 'link.pdf', content: '/etc/passwd', mode: 0o120777 }]),
      'is a bomb': rawZip([rows, { name: 'bomb.txt', content: Buffer.alloc(64 * 1024 * 1024) }]),
      overlaps: rawZip([rows, { name: 'a.txt', content: 'a' }, { name: 'b.txt', sameAs: 1 }]),
      'is cut': rawZip([rows, { name: 'a.txt', content: 'a'.repeat(1000) }]).subarray(0, 200),
    };
    for (const [what, zip] of Object.entries(hostile)) {
      const run = await begin(north, zip, { name: `${what}.zip`, source: 'hostile' });
      await workOnImports(deps);
      const { state, reason } = await follow(run.id);
      expect({ what, state }).toEqual({ what, state: 'failed' });
      expect(reason?.code, what).toMatch(/^import\.file\.zip/);
      const report = await north('get', `/api/v1/imports/${run.id}/rejected.csv`).expect(409);
      expect(problem.parse(report.body).code).toBe('conflict');
    }
    const { rows: stored } = await pool.query(`SELECT 1 FROM resource WHERE source = 'hostile'`);
    expect(stored).toEqual([]);
  });

  it('that is sent twice at once is one run', async () => {
    const [one, two] = [
      await begin(north, three, { source: 'twice' }),
      await begin(north, three, { source: 'twice' }),
    ];
    expect(two.id).toBe(one.id);
    await workOnImports(deps);
    expect((await begin(north, three, { source: 'twice' })).id).not.toBe(one.id);
    await workOnImports(deps);
  });

  it('is refused in words when it is none', async () => {
    const send = (query: string) =>
      north('post', `/api/v1/imports?${query}`).set('Content-Type', 'text/plain');
    const fields = async (query: string, body = 'a') =>
      problem.parse((await send(query).send(body)).body).errors?.map(({ field }) => field);
    expect(await fields('source=Main%20File&onMissing=drop&dryRun=maybe')).toEqual([
      'district',
      'source',
      'dryRun',
      'onMissing',
    ]);
    expect(await fields('district=north')).toEqual(['name']);
    expect(await fields('district=north&name=a.csv', '')).toEqual(['file']);
    expect((await send('district=nowhere%00&name=a.csv').send('a')).status).toBe(404);
    const old = await begin(north, 'just words', { name: 'old.pdf', source: 'words' });
    await workOnImports(deps);
    expect(await follow(old.id)).toMatchObject({ state: 'failed', reason: { code: 'import.file.kind' } });
  });

  it('that is larger than the portal takes is refused, and nothing of it stays', async () => {
    const large = Buffer.alloc(1024 * 1024 + 1, 'a');
    const whole = await north('post', '/api/v1/imports?district=north&name=a.csv').send(large.toString());
    expect(problem.parse(whole.body)).toMatchObject({ status: 413, code: 'too_large' });
    const form = await north('post', '/api/v1/imports')
      .field('district', 'north')
      .attach('file', large, 'a.csv');
    expect(form.status).toBe(413);
    const { readdir } = await import('node:fs/promises');
    expect(await readdir(`${deps.config.dataDir}/files/tmp`)).toEqual([]);
  });
});

describe('stopping, going on and taking back', () => {
  it('are asked for by address', async () => {
    const run = await begin(north, three, { source: 'stop' });
    const ask = async (what: string, program = north) => program('post', `/api/v1/imports/${run.id}/${what}`);
    expect((await ask('cancel')).body).toMatchObject({ state: 'cancelled' });
    expect((await ask('undo')).status).toBe(202);
    await workOnImports(deps);
    expect(await follow(run.id)).toMatchObject({ state: 'undone' });
    expect((await ask('resume')).status).toBe(409);

    const second = await begin(north, three, { source: 'stop' });
    await workOnImports(deps);
    const undo = await north('post', `/api/v1/imports/${second.id}/undo`).expect(202);
    expect(undo.body).toMatchObject({ state: 'undoing' });
    await workOnImports(deps);
    const undone = await follow(second.id);
    expect(undone).toMatchObject({ state: 'undone', counts: { taken_back: 2 } });
    expect(undone.rows.items.map(({ taken_back: taken }) => taken)).toEqual(['done', 'done', null]);
    const { rows } = await pool.query(`SELECT 1 FROM resource WHERE source = 'stop'`);
    expect(rows).toEqual([]);
  });

  it('answer what a run asks before it withdraws many', async () => {
    const all = await begin(north, csv('W-1,One,https://n.example/1,', 'W-2,Two,https://n.example/2,'), {
      source: 'many',
    });
    await workOnImports(deps);
    expect(await follow(all.id)).toMatchObject({ state: 'done' });
    const less = await begin(north, csv('W-1,One,https://n.example/1,'), {
      source: 'many',
      onMissing: 'withdraw',
    });
    await workOnImports(deps);
    expect(await follow(less.id)).toMatchObject({
      state: 'paused',
      reason: { code: 'import.paused.manyMissing' },
      links: { resume: expect.stringContaining('/resume') as string },
    });
    await north('post', `/api/v1/imports/${less.id}/resume`).send({ withdrawMany: true }).expect(202);
    await workOnImports(deps);
    expect(await follow(less.id)).toMatchObject({ state: 'done', counts: { withdrawn: 1 } });
  });
});

describe('an Idempotency-Key', () => {
  const post = (
    key: string,
    body: string,
    query = 'district=north&source=keys&name=a.csv',
    program = north,
  ) => program('post', `/api/v1/imports?${query}`).set('Idempotency-Key', key).send(body);

  it('gets the same answer for the same request, however often and whenever it comes', async () => {
    const key = randomUUID();
    const answers = await Promise.all([post(key, three), post(key, three), post(key, three)]);
    expect(new Set(answers.map(({ body }) => (body as { id: string }).id)).size).toBe(1);
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
    await workOnImports(deps);
    const later = await post(key, three);
    expect(later.body).toEqual(answers[0]?.body);
    expect(later.headers['idempotency-replayed']).toBe('true');
    expect(later.headers['location']).toBe(answers[0]?.headers['location']);
    const { rows } = await pool.query(
      `SELECT 1 FROM import_run r JOIN import_source s ON s.id = r.source_id WHERE s.name = 'keys'`,
    );
    expect(rows).toHaveLength(1);
  });

  it('is refused for another request, kept a day, and each token’s own', async () => {
    const key = randomUUID();
    await post(key, three).expect(202);
    for (const other of [
      await post(key, csv('B,B,https://n.example,')),
      await post(key, three, 'district=north&source=other&name=a.csv'),
    ])
      expect(problem.parse(other.body)).toMatchObject({ status: 422, code: 'key_reused' });
    await post(key, three, 'district=south&source=keys&name=a.csv', south).expect(202);
    await pool.query(`UPDATE api_answer SET created_at = now() - interval '25 hours'`);
    await post(key, csv('B,B,https://n.example,')).expect(202);
    await workOnImports(deps);
    await post('not a key', three).expect(400);
  });

  it('does not keep what failed', async () => {
    const key = randomUUID();
    await post(key, 'a', 'district=north&source=keys&name=a.csv&map=fields%3A+%5B').expect(422);
    await post(key, three).expect(202);
    await workOnImports(deps);
  });
});

describe('whoever may not', () => {
  it('is refused: another district, another scope, no token, a role that ended', async () => {
    const run = await begin(north, three, { source: 'guard' });
    await workOnImports(deps);
    const other = await south('post', '/api/v1/imports?district=north&name=a.csv').send(three);
    expect(problem.parse(other.body)).toMatchObject({ status: 403, code: 'forbidden' });
    await south('get', '/api/v1/imports?district=north').expect(403);
    for (const what of ['', '/rejected.csv', '/gaps.csv'])
      await south('get', `/api/v1/imports/${run.id}${what}`).expect(404);
    for (const what of ['cancel', 'resume', 'undo'])
      await south('post', `/api/v1/imports/${run.id}/${what}`).expect(404);
    const scope = await reader('post', '/api/v1/imports?district=north&name=a.csv').send(three);
    expect(problem.parse(scope.body)).toMatchObject({ status: 403, code: 'insufficient_scope' });
    await reader('get', `/api/v1/imports/${run.id}`).expect(403);
    const hugo = programWith(
      app,
      await (async () => {
        await grantRole(deps, 'hugo', 'importer', 'north');
        const token = await tokenFor(deps, 'hugo');
        await pool.query(`DELETE FROM role_grant WHERE role = 'importer' AND person_id = $1`, [
          catalogId('person', 'hugo'),
        ]);
        return token;
      })(),
    );
    await hugo('post', '/api/v1/imports?district=north&name=a.csv').send(three).expect(403);
    await hugo('get', `/api/v1/imports/${run.id}`).expect(403);
  });
});
