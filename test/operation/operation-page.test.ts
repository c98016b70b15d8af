import { load } from 'cheerio';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { enqueue } from '../../server/platform/job-queue/job-queue.ts';
import { runJobs, type Tasks } from '../../server/platform/job-queue/worker.ts';
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
    expect((await read())('table').first().text()).toContain('draw-map');
  });
});

it('nobody but an administrator of the state', async () => {
  const teacher = await signedIn(app, database, 'nora@test.example');
  await teacher.get('/admin/operation').expect(403);
  await teacher.post('/admin/operation/jobs/retry').set('Sec-Fetch-Site', 'same-origin').expect(403);
});
