import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { load } from 'cheerio';
import request from 'supertest';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { offPath } from '../../server/lib/mail-off.ts';
import { translator } from '../../server/locale/locale.ts';
import { isNoticeKind, noticeKinds } from '../../server/notices/notice-kinds.ts';
import { sendNoticeDigest } from '../../server/notices/notice-digest.ts';
import { noticeTasks } from '../../server/notices/notice-jobs.ts';
import { notify, type NewNotice } from '../../server/notices/notice-service.ts';
import { noticeText } from '../../server/notices/notice-view.ts';
import { withTransaction } from '../../server/platform/database/transaction.ts';
import { testApp } from '../support/app.ts';
import { catalogId, seedCatalog, type Catalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { signedIn } from '../support/sign-in.ts';

const database = await testDatabase();
const { app, deps } = await testApp(database);
const { pool } = database;
const [nora, hugo, sara, carla] = ['nora', 'hugo', 'sara', 'carla'].map((slug) =>
  catalogId('person', slug),
) as [string, string, string, string];
let catalog: Catalog;
let noras: Awaited<ReturnType<typeof signedIn>>;

beforeAll(async () => {
  catalog = await seedCatalog(pool);
  noras = await signedIn(app, database, 'nora@test.example');
});
beforeEach(async () => {
  await pool.query('DELETE FROM notice');
  await pool.query('SELECT graphile_worker.complete_jobs(array_agg(id)) FROM graphile_worker.jobs');
  await pool.query(`UPDATE person SET notice_mail = 'daily', disabled_at = NULL`);
  await pool.query(
    `UPDATE resource SET state = 'published', withdrawn_at = NULL, visibility = 'public', owner_id = $2 WHERE id = $1`,
    [catalog.id('forces-packet'), nora],
  );
});

const tell = (notice: NewNotice) => withTransaction(pool, (client) => notify(client, notice));
const post = (path: string, form: Record<string, string>) =>
  noras.post(path).set('Sec-Fetch-Site', 'same-origin').type('form').send(form);
const packet = () => catalog.id('forces-packet');
const receivers = async () =>
  (await pool.query<{ person_id: string }>('SELECT person_id FROM notice ORDER BY person_id')).rows.map(
    (row) => row.person_id,
  );
const waitingMails = async () =>
  (
    await pool.query<{ key: string; run_at: Date }>(
      `SELECT key, run_at FROM graphile_worker.jobs WHERE key LIKE 'notice-mail:%' ORDER BY key`,
    )
  ).rows;
const mails = async (): Promise<string[]> => {
  const folder = join(deps.config.dataDir, 'outbox');
  const names: string[] = await readdir(folder).catch(() => []);
  return Promise.all(names.toSorted().map((name) => readFile(join(folder, name), 'utf8')));
};

describe('a notice', () => {
  it('goes once to each person, not to whoever did it, and not to a closed account', async () => {
    await pool.query('UPDATE person SET disabled_at = now() WHERE id = $1', [sara]);
    await tell({ to: [nora, nora, hugo, sara], kind: 'comment.new', resourceId: packet(), by: hugo });
    expect(await receivers()).toEqual([nora]);
  });

  it('is not there when what it tells of was rolled back', async () => {
    const failing = withTransaction(pool, async (client) => {
      await notify(client, { to: nora, kind: 'comment.new', resourceId: packet(), by: hugo });
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await receivers()).toEqual([]);
  });

  it('stands on the shelf and in the masthead until it is followed', async () => {
    await tell({ to: nora, kind: 'comment.new', resourceId: packet(), by: hugo });
    const { text } = await noras.get('/shelf').expect(200);
    expect(text).toContain('Hugo Brandt commented on “');
    expect(text).toMatch(/new-count">1</);
    const path = /\/notices\/[0-9a-f-]{36}/.exec(text)?.[0] ?? '';
    const { headers } = await noras.get(path).expect(303);
    expect(headers['location']).toMatch(new RegExp(`^/resources/${packet()}/.*#voices$`));
    const after = await noras.get('/shelf').expect(200);
    expect(after.text).not.toContain('new-count');
    expect(after.text).not.toContain('Hugo Brandt commented');
    expect((await noras.get('/notices')).text).toContain('Hugo Brandt commented');
  });

  it('is marked as seen with the others, and nobody follows another person’s', async () => {
    await tell({ to: [nora, hugo], kind: 'comment.new', resourceId: packet(), by: carla });
    const { rows } = await pool.query<{ id: string }>('SELECT id FROM notice WHERE person_id = $1', [hugo]);
    await noras.get(`/notices/${rows[0]?.id ?? ''}`).expect(404);
    await post('/notices/seen', {}).expect(303);
    const { rows: unseen } = await pool.query('SELECT person_id FROM notice WHERE seen_at IS NULL');
    expect(unseen).toEqual([{ person_id: hugo }]);
  });

  it('shows nothing of a resource that its receiver may not see any more', async () => {
    await tell({ to: [hugo, nora], kind: 'question.answered', resourceId: packet(), by: carla });
    await pool.query(`UPDATE resource SET state = 'withdrawn', withdrawn_at = now() WHERE id = $1`, [
      packet(),
    ]);
    const hugos = await signedIn(app, database, 'hugo@test.example');
    expect((await hugos.get('/notices').expect(200)).text).not.toContain('question');
    expect((await noras.get('/notices').expect(200)).text).toContain('answered a question');
  });

  it('has words for every kind, also of one that has lost its title', () => {
    const t = translator('en');
    const detail = {
      flag: 'broken',
      outcome: 'mended',
      collection: 'Ropes',
      call: 'Pulling',
      reason: 'Why.',
      count: 3,
      from: 'Ines',
      to: 'Omar',
    };
    for (const kind of Object.keys(noticeKinds).filter(isNoticeKind)) {
      const row = {
        id: nora,
        kind,
        at: new Date(),
        seen_at: null,
        detail,
        by_name: null,
        resource_id: nora,
        title: null,
      };
      expect(noticeText(t, row), kind).toMatch(/\.$/);
    }
    expect(isNoticeKind('no.such')).toBe(false);
  });
});

describe('mails of notices', () => {
  it('wait some minutes for more, and are not put off by it', async () => {
    await pool.query(`UPDATE person SET notice_mail = 'at_once' WHERE id = $1`, [nora]);
    await tell({ to: nora, kind: 'comment.new', resourceId: packet(), by: hugo });
    const [first] = await waitingMails();
    await tell({ to: nora, kind: 'question.new', resourceId: packet(), by: hugo });
    const waiting = await waitingMails();
    expect(waiting).toHaveLength(1);
    expect(waiting[0]).toEqual(first);
    expect((first?.run_at.getTime() ?? 0) - Date.now()).toBeGreaterThan(3 * 60_000);
  });

  it('come at once when somebody is needed now, but never to whoever wants none', async () => {
    await pool.query(`UPDATE person SET notice_mail = 'never' WHERE id = $1`, [hugo]);
    await tell({
      to: [carla, hugo],
      kind: 'flag.urgent',
      resourceId: packet(),
      detail: { flag: 'student_data' },
    });
    expect((await waitingMails()).map(({ key }) => key)).toEqual([`notice-mail:urgent:${carla}`]);
  });

  it('tell everything in one, once, with a link that ends them', async () => {
    const before = (await mails()).length;
    await tell({ to: nora, kind: 'comment.new', resourceId: packet(), by: hugo });
    await tell({ to: nora, kind: 'question.new', resourceId: packet(), by: sara });
    expect(await sendNoticeDigest(deps, nora)).toBe(true);
    expect(await sendNoticeDigest(deps, nora)).toBe(false);
    const [mail, ...more] = (await mails()).slice(before);
    expect(more).toEqual([]);
    expect(mail).toContain('List-Unsubscribe-Post');
    expect(mail).toContain('Sara Castillo has a question');
    expect(mail).toContain('Hugo Brandt commented');
    const link = offPath(deps.config.sessionSecret, 'notices', nora);
    await request(app).get(link.replace('token=', 'token=x')).expect(404);
    await request(app).get(link.replace('/notices/', '/searches/')).expect(404);
    await request(app).post(link).expect(200);
    await tell({ to: nora, kind: 'comment.new', resourceId: packet(), by: hugo });
    expect(await sendNoticeDigest(deps, nora)).toBe(false);
  });

  it('do not tell of what its receiver may not see any more', async () => {
    await tell({ to: hugo, kind: 'question.answered', resourceId: packet(), by: carla });
    await pool.query(`UPDATE resource SET visibility = 'school' WHERE id = $1`, [packet()]);
    await pool.query(`UPDATE resource SET owner_id = $2 WHERE id = $1`, [packet(), carla]);
    expect(await sendNoticeDigest(deps, hugo)).toBe(false);
  });

  it('go each day to those who want them so, and on Mondays to the others', async () => {
    await pool.query(`UPDATE person SET notice_mail = 'weekly' WHERE id = $1`, [hugo]);
    await tell({ to: [nora, hugo], kind: 'comment.new', resourceId: packet(), by: carla });
    const queued = async (day: string) => {
      await pool.query('SELECT graphile_worker.complete_jobs(array_agg(id)) FROM graphile_worker.jobs');
      const context = { attempt: 1, maxAttempts: 1, signal: new AbortController().signal };
      await noticeTasks['notice-digests']?.({ ...deps, clock: { now: () => new Date(day) } }, {}, context);
      return (await waitingMails()).map(({ key }) => key.slice(-36)).toSorted();
    };
    expect(await queued('2026-11-24T11:05:00Z')).toEqual([nora]);
    expect(await queued('2026-11-23T11:05:00Z')).toEqual([nora, hugo].toSorted());
  });

  it('come as often as the account page says; what waited while there were none is not sent later', async () => {
    await post('/account/mails', { noticeMail: 'never' }).expect(303);
    await tell({ to: nora, kind: 'comment.new', resourceId: packet(), by: hugo });
    await post('/account/mails', { noticeMail: 'at_once' }).expect(303);
    expect((await noras.get('/account')).text).toMatch(/value="at_once" checked/);
    expect(await sendNoticeDigest(deps, nora)).toBe(false);
    await post('/account/mails', { noticeMail: 'hourly' }).expect(422);
  });
});

it('counts beside “My shelf” what the page of notices shows, and nothing that has vanished since', async () => {
  const shown = async () =>
    load((await noras.get('/notices').expect(200)).text)('.masthead .new-count').text();
  await tell({ to: nora, kind: 'check.checked', resourceId: packet(), by: carla });
  await tell({
    to: nora,
    kind: 'handed.toYou',
    by: carla,
    detail: { from: 'Carla', count: 1, url: '/shelf' },
  });
  await pool.query(`INSERT INTO notice (person_id, kind, detail) VALUES ($1, 'of.another.version', '{}')`, [
    nora,
  ]);
  expect(await shown()).toMatch(/^2\D/);
  await pool.query(
    `UPDATE resource SET visibility = 'school', state = 'draft', owner_id = $2 WHERE id = $1`,
    [packet(), sara],
  );
  expect(await shown()).toMatch(/^1\D/);
  await post('/notices/seen', {});
  expect(await shown()).toBe('');
});
