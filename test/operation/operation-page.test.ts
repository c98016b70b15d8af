import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { load } from 'cheerio';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { keepSlowQueries } from '../../server/platform/database/slow-queries.ts';
import { enqueue } from '../../server/platform/job-queue/job-queue.ts';
import { runJobs, type Tasks } from '../../server/platform/job-queue/worker.ts';
import { keepHeartbeat } from '../../server/operation/heartbeat.ts';
import { troubles } from '../../server/operation/operation-troubles.ts';
import { portalVersion } from '../../server/platform/portal-version.ts';
import { makeCarlaAdministrator } from '../support/administrator.ts';
import { testApp } from '../support/app.ts';
import { seedCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { signedIn } from '../support/sign-in.ts';

const database = await testDatabase();
const { pool } = database;
const { app, deps } = await testApp(database);
let operator: Awaited<ReturnType<typeof signedIn>>;
// Jobs fail here on purpose.
deps.log.level = 'silent';
let healthy = false;
const done: unknown[] = [];
const tasks: Tasks<typeof deps> = {
  'draw-map': async (_deps, payload) => {
    if (!healthy) throw new Error('The plotter is out of paper');
    done.push(payload);
  },
};

beforeAll(async () => {
  await seedCatalog(pool);
  operator = await signedIn(app, database, await makeCarlaAdministrator(pool));
});
beforeEach(async () => {
  healthy = false;
  done.length = 0;
  await pool.query('SELECT graphile_worker.complete_jobs(array_agg(id)) FROM graphile_worker.jobs');
});

const read = async () => load((await operator.get('/admin/operation').expect(200)).text);
const press = (path: string) =>
  operator.post(path).set('Sec-Fetch-Site', 'same-origin').type('form').send({});
async function failing(count: number, maxAttempts = 1): Promise<void> {
  for (let n = 0; n < count; n += 1) await enqueue(pool, 'draw-map', { n }, { maxAttempts });
  await runJobs(deps, tasks);
}

describe('the operator', () => {
  it('sees which processes are up, which one is silent or of another version, and that no worker is left', async () => {
    const processes = async () =>
      (await read())('#processes')
        .parent()
        .find('tbody tr')
        .toArray()
        .map((row) => load(row).text().replaceAll(/\s+/g, ' '));
    expect(await processes()).toEqual([]);
    const [web, worker] = [await keepHeartbeat(deps, 'web'), await keepHeartbeat(deps, 'worker')];
    expect(await troubles(deps)).toEqual([]);
    const [first, second] = await processes();
    expect(first).toMatch(new RegExp(`${process.pid}.*Answers requests.*${portalVersion}.*Up$`));
    expect(second).toMatch(/Does jobs.*Up$/);
    await pool.query(
      `UPDATE process SET started_at = now() - interval '1 hour', version = CASE kind WHEN 'web' THEN '0.0.1' ELSE version END,
         heard_at = CASE kind WHEN 'worker' THEN now() - interval '7 minutes' ELSE heard_at END`,
    );
    const [older, silent] = await processes();
    expect(older).toContain('0.0.1 Another version than this page');
    expect(silent).toMatch(/Not heard of for 7 minutes$/);
    expect(await troubles(deps)).toEqual(['ready.noWorker']);
    await web();
    await worker();
    expect(await processes()).toEqual([]);
  });

  it('no longer sees a process that was killed a day ago', async () => {
    await pool.query(
      `INSERT INTO process (id, host, pid, kind, version, heard_at) VALUES (gen_random_uuid(), 'gone', 1, 'both', '1', now() - interval '25 hours')`,
    );
    await (
      await keepHeartbeat(deps, 'web')
    )();
    expect((await pool.query('SELECT 1 FROM process')).rowCount).toBe(0);
  });

  it('sees what failed and why, tries it again when the cause is gone, and it is done', async () => {
    await failing(1);
    const page = await read();
    const row = page('table').first().find('tbody tr');
    expect(row).toHaveLength(1);
    expect(row.text()).toContain('The plotter is out of paper');
    expect(row.text()).toContain('Given up');
    healthy = true;
    await press(page('form[action$="/retry"]').last().attr('action') ?? '').expect(303);
    await runJobs(deps, tasks);
    expect(done).toEqual([{ n: 0 }]);
    expect((await read())('main').text()).toContain('No job has failed.');
    const { rows } = await pool.query<{ action: string }>(
      'SELECT action FROM audit_event ORDER BY id DESC LIMIT 1',
    );
    expect(rows[0]?.action).toBe('job.retried');
  });

  it('tries all again that were given up, and leaves alone what will be tried anyway', async () => {
    await failing(3);
    await failing(1, 5);
    await press('/admin/operation/jobs/retry').expect(303);
    healthy = true;
    await runJobs(deps, tasks);
    expect(done).toHaveLength(3);
    expect((await read())('tbody').first().text()).toContain('1 of 5 times');
  });

  it('drops what nobody wants any more; a job that is gone or running is left alone', async () => {
    await failing(1);
    const address = (await read())('form[action$="/drop"]').attr('action') ?? '';
    await press(address).expect(303);
    await press(address).expect(404);
    await press('/admin/operation/jobs/999999999/retry').expect(303);
    await press('/admin/operation/jobs/one/retry').expect(404);
    await enqueue(pool, 'draw-map', {});
    await press('/admin/operation/jobs/retry').expect(303);
    expect((await read())('main').text()).toContain('No such job waits any more');
    expect((await read())('#queues').parent().text()).toContain('draw-map');
  });
});

describe('how it runs', () => {
  it('is told with the engine that answers, the sizes, the disk and the versions', async () => {
    const main = (await read())('main').text().replaceAll(/\s+/g, ' ');
    expect(main).toMatch(/PostgreSQL ?\d+(\.\d+)? ?Node/);
    expect(main).toContain('Answers searches now');
    expect(main).toMatch(/Disk full to ?\d+ %/);
    expect(main).toMatch(/The whole database: [\d.]+ MB/);
    expect(main).toContain('Every file that was read again is what it was.');
  });

  it('names slow queries without what was asked for, over all processes and days', async () => {
    const slow = keepSlowQueries({ ...deps, slowMs: 20 });
    await pool.query("SELECT pg_sleep(0.03), 'a secret' AS word, $1::text AS who", ['nora@test.example']);
    await pool.query({
      text: "SELECT pg_sleep(0.03), 'another one' AS word, $1::text AS who",
      values: ['sara'],
    });
    await deps.db.$queryRaw`SELECT pg_sleep(0.04)::text AS slept, ${'hugo'} AS who`;
    await slow.stop();
    const page = await read();
    const lines = page('#slow')
      .parent()
      .find('tbody tr')
      .toArray()
      .map((row) =>
        page(row)
          .find('td')
          .toArray()
          .map((cell) => page(cell).text()),
      );
    const sleeps = lines.filter(([query = '']) => query.includes('pg_sleep(0.03)'));
    expect(sleeps.map(([query, calls]) => [query, calls])).toEqual([
      ["SELECT pg_sleep(0.03), '…' AS word, $1::text AS who", '2'],
    ]);
    expect(lines.filter(([query = '']) => query.includes('pg_sleep(0.04)'))).toHaveLength(1);
    expect(JSON.stringify(lines)).not.toMatch(/secret|another one|nora|sara|hugo/);
  });

  it('counts the rows of small tables, of which PostgreSQL knows nothing before it looks through them', async () => {
    const page = await read();
    const shown = page('#sizes')
      .parent()
      .find('tbody tr')
      .toArray()
      .map((row) => [page(row).find('th').text(), page(row).find('td').first().text()] as const);
    expect(shown.length).toBeGreaterThan(5);
    for (const [name, rows] of shown) {
      const { rows: counted } = await pool.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${name}`);
      expect([name, rows]).toEqual([name, (counted[0]?.n ?? -1).toLocaleString('en-US')]);
    }
  });

  it('names damaged files with the resources that have them', async () => {
    const { rows } = await pool.query<{ sha256: string }>(
      `UPDATE blob SET damage = 'changed', damaged_at = now() WHERE sha256 = (SELECT sha256 FROM file LIMIT 1) RETURNING sha256`,
    );
    const disk = (await read())('#disk').parent();
    expect(disk.find('tbody th').text()).toContain(rows[0]?.sha256);
    expect(disk.find('tbody a').attr('href')).toMatch(/^\/resources\//);
    const ready = await operator.get('/readyz').expect(200);
    expect((ready.body as { degraded: string[] }).degraded).toContain(
      'Some stored files are damaged: see /admin/operation.',
    );
  });
});

describe('/readyz', () => {
  it('says in words what is missing, and what only could be better', async () => {
    await failing(1);
    const well = await operator.get('/readyz').expect(200);
    expect(well.body).toMatchObject({ ready: true, database: 'ok', files: 'ok', missing: [] });
    expect((well.body as { degraded: string[] }).degraded).toContain(
      'Some jobs were given up: see /admin/operation.',
    );
    const tmp = join(deps.config.dataDir, 'files/tmp');
    await rename(tmp, `${tmp}.away`);
    try {
      const away = await operator.get('/readyz').expect(503);
      expect(away.body).toMatchObject({
        ready: false,
        files: 'away',
        missing: ['The folder of the files can’t be read and written.'],
      });
    } finally {
      await rename(`${tmp}.away`, tmp);
    }
  });
});

it('nobody but an administrator of the state', async () => {
  const teacher = await signedIn(app, database, 'nora@test.example');
  await teacher.get('/admin/operation').expect(403);
  await teacher.post('/admin/operation/jobs/retry').set('Sec-Fetch-Site', 'same-origin').expect(403);
});
