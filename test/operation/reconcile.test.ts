import { execFile } from 'node:child_process';
import { mkdir, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import request from 'supertest';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Difference } from '../../server/operation/reconcile/difference.ts';
import { reconcile, type ReconcilePart } from '../../server/operation/reconcile/reconcile.ts';
import { enqueue } from '../../server/platform/job-queue/job-queue.ts';
import { projectRoot } from '../../server/lib/project-root.ts';
import { searchHealth } from '../../server/search/index-queue.ts';
import { searchReadiness } from '../../server/search/search-readiness.ts';
import { testApp } from '../support/app.ts';
import { seedCatalog, type Catalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { indexCatalog } from '../support/index-catalog.ts';
import { shelfOfNotes } from '../support/shelf-of-notes.ts';

const database = await testDatabase();
const { pool } = database;
const { app, deps } = await testApp(database);
// Files are damaged here on purpose.
deps.log.level = 'silent';
const root = join(deps.config.dataDir, 'files');
const shelf = shelfOfNotes(deps);
let catalog: Catalog;

beforeAll(async () => {
  catalog = await seedCatalog(pool);
  await indexCatalog(deps, catalog);
  await pool.query(`UPDATE search_engine SET settings = $1 WHERE name = 'postgres'`, [
    deps.search.first.settings,
  ]);
  await pool.query('DELETE FROM search_dirty');
});
beforeEach(() => shelf.empty());

async function found(...parts: ReconcilePart[]): Promise<Difference[]> {
  const differences: Difference[] = [];
  for await (const one of reconcile(deps, parts)) differences.push(one);
  return differences;
}
const kinds = (differences: Difference[]) => differences.map(({ kind, id }) => `${kind} ${id}`).sort();
async function mendAll(differences: Difference[]): Promise<void> {
  for (const { mend } of differences) await mend?.();
}

const longAgo = new Date(Date.now() - 50 * 3_600_000);

describe('the files', () => {
  test('agree with the database while nothing is wrong', async () => {
    await shelf.put('All is well');
    expect(await found('files', 'previews', 'jobs')).toEqual([]);
  });

  test('that are gone or cut short are named, and mending takes them off the shelf until they are back', async () => {
    const gone = await shelf.put('Here today');
    const cut = await shelf.put('Twelve words, of which the disk has kept only a few of them');
    await rm(gone.path);
    await truncate(cut.path, 5);
    const differences = await found('files');
    expect(kinds(differences)).toEqual([`fileMissing ${gone.sha256}`, `fileSize ${cut.sha256}`].sort());
    for (const { params } of differences) expect(params['count']).toBe(1);
    await mendAll(differences);
    for (const { url } of [gone, cut]) await request(app).get(url).expect(404);
    expect(kinds(await found('files'))).toEqual(
      [gone, cut].map(({ sha256 }) => `fileDamaged ${sha256}`).sort(),
    );
    await shelf.sendAgain('Here today');
    expect(kinds(await found('files'))).toEqual([`fileDamaged ${cut.sha256}`]);
    await request(app).get(gone.url).expect(200, 'Here today');
  });

  test('that nobody refers to are left for the collection, once they are a day old', async () => {
    const { sha256, path } = await shelf.put('Nobody wants me');
    await pool.query('DELETE FROM version_file; DELETE FROM file');
    const stray = deps.files.path('0'.repeat(64));
    await mkdir(dirname(stray), { recursive: true });
    await writeFile(stray, 'from a crash');
    expect(await found('files')).toEqual([]);
    await pool.query('UPDATE blob SET created_at = $1', [longAgo]);
    for (const one of [path, stray]) await utimes(one, longAgo, longAgo);
    const differences = await found('files');
    // The row and its content are one thing each.
    expect(new Set(kinds(differences))).toEqual(
      new Set([`fileUnused ${sha256}`, `fileUnknown ${'0'.repeat(64)}`]),
    );
    expect(differences.every(({ passing }) => passing)).toBe(true);
    await mendAll(differences);
    expect(await found('files')).toEqual([]);
    await expect(stat(path)).rejects.toThrow('ENOENT');
    await expect(stat(stray)).rejects.toThrow('ENOENT');
  });

  test('whose pictures are gone are drawn again, and pictures of nothing are left for the collection', async () => {
    const { sha256 } = await shelf.put('Drawn once');
    await pool.query(
      `INSERT INTO blob_preview (sha256, page, width, height, name) VALUES ($1, 1, 256, 300, '1-256.webp'), ($1, 2, 256, 300, '2-256.webp')`,
      [sha256],
    );
    await deps.files.putDerived(sha256, '1-256.webp', Readable.from(['picture']));
    await deps.files.putDerived('1'.repeat(64), 'of-nothing.webp', Readable.from(['picture']));
    const [missing, ...others] = await found('previews');
    expect(others).toEqual([]);
    expect(missing).toMatchObject({ kind: 'previewMissing', id: sha256, params: { count: 1 } });
    await missing?.mend?.();
    expect(await found('jobs', 'files')).toEqual([]);
    const { rows } = await pool.query<{ key: string }>('SELECT key FROM graphile_worker.jobs');
    expect(rows).toEqual([{ key: `process-blob:${sha256}` }]);
    const old = join(root, 'derived/11/11', '1'.repeat(64), 'of-nothing.webp');
    await utimes(old, longAgo, longAgo);
    const unknown = (await found('previews')).filter(({ passing }) => passing);
    expect(kinds(unknown)).toEqual([`previewUnknown ${'1'.repeat(64)}`]);
    await mendAll(unknown);
    await expect(stat(old)).rejects.toThrow('ENOENT');
  });
});

test('files that were never read are named beyond the first five hundred, and mending one reads that one', async () => {
  await pool.query(
    `INSERT INTO blob (sha256, size, kind, mime, text_state, preview_state, created_at)
     SELECT lpad(to_hex(n), 64, '0'), 1, 'text', 'text/plain', 'pending', 'none', now() - interval '2 hours' FROM generate_series(1, 501) n`,
  );
  await pool.query('SELECT graphile_worker.complete_jobs(array_agg(id)) FROM graphile_worker.jobs');
  const unread = (await found('files')).filter(({ kind }) => kind === 'fileUnread');
  expect(unread).toHaveLength(501);
  expect(await unread[500]?.mend?.()).toBe(true);
  const { rows } = await pool.query<{ key: string }>('SELECT key FROM graphile_worker.jobs');
  expect(rows).toEqual([{ key: `process-blob:${unread[500]?.id}` }]);
  await pool.query('SELECT graphile_worker.complete_jobs(array_agg(id)) FROM graphile_worker.jobs');
});

describe('the index', () => {
  beforeEach(async () => {
    await indexCatalog(deps, catalog);
    await pool.query('DELETE FROM search_dirty');
  });

  test('agrees with the shelf, and what is marked is on its way', async () => {
    await pool.query(`UPDATE resource SET used_count = used_count + 1 WHERE id = $1`, [
      catalog.id('magnets'),
    ]);
    await pool.query('SELECT mark_dirty(ARRAY[$1::uuid])', [catalog.id('magnets')]);
    expect(await found('index')).toEqual([]);
    await indexCatalog(deps, catalog);
    await pool.query('DELETE FROM search_dirty');
    expect(await found('index')).toEqual([]);
  });

  test('that an earlier version built is being built anew; of an engine that was taken away nobody speaks', async () => {
    const settings = deps.search.first.settings;
    const health = () => searchHealth(pool, deps.search.all);
    await pool.query(`INSERT INTO search_engine (name) VALUES ('meilisearch')`);
    await pool.query(`UPDATE search_engine SET settings = 'of before' WHERE name = 'postgres'`);
    try {
      expect(kinds(await found('index'))).toEqual(['indexUnbuilt postgres']);
      expect(await health()).toMatchObject([{ engine: 'postgres', built: false }]);
      expect(await searchReadiness(deps)).toEqual({ engine: 'postgres', degraded: true });
    } finally {
      await pool.query(`UPDATE search_engine SET settings = $1 WHERE name = 'postgres'`, [settings]);
      await pool.query(`DELETE FROM search_engine WHERE name = 'meilisearch'`);
    }
    expect(await health()).toMatchObject([{ engine: 'postgres', built: true }]);
    expect(await found('index')).toEqual([]);
  });

  test('is told apart by what it lacks, has otherwise, and has too much; mended, it agrees', async () => {
    const [lacks, otherwise, extra] = ['magnets', 'cells', 'watershed'].map((key) => catalog.id(key));
    await pool.query('DELETE FROM search_document WHERE resource_id = $1', [lacks]);
    await pool.query(`UPDATE search_document SET audience = '{public}', words = '' WHERE resource_id = $1`, [
      otherwise,
    ]);
    await pool.query(`UPDATE resource SET state = 'withdrawn', withdrawn_at = now() WHERE id = $1`, [extra]);
    await pool.query('DELETE FROM search_dirty');
    const differences = await found('index');
    expect(kinds(differences)).toEqual(
      [`indexMissing ${lacks}`, `indexOutdated ${otherwise}`, `indexExtra ${extra}`].sort(),
    );
    await mendAll(differences);
    expect((await pool.query('SELECT 1 FROM search_dirty')).rowCount).toBe(3);
    await indexCatalog(deps, catalog);
    await pool.query('DELETE FROM search_dirty');
    expect(await found('index')).toEqual([]);
  });
});

describe('the jobs', () => {
  test('that a dead worker holds are given back; those that were given up are named', async () => {
    await enqueue(pool, 'check-links', {});
    await enqueue(pool, 'draw-map', {}, { maxAttempts: 1 });
    await pool.query(
      `UPDATE graphile_worker._private_jobs SET locked_by = 'worker-of-yesterday', locked_at = now() - interval '1 day'
       WHERE task_id = (SELECT id FROM graphile_worker._private_tasks WHERE identifier = 'check-links')`,
    );
    await pool.query(
      `UPDATE graphile_worker._private_jobs SET attempts = 1, last_error = 'No paper'
       WHERE task_id = (SELECT id FROM graphile_worker._private_tasks WHERE identifier = 'draw-map')`,
    );
    const differences = await found('jobs');
    expect(differences.map(({ kind, params }) => [kind, params['task']])).toEqual([
      ['jobHeld', 'check-links'],
      ['jobGivenUp', 'draw-map'],
    ]);
    await mendAll(differences);
    expect((await found('jobs')).map(({ kind }) => kind)).toEqual(['jobGivenUp']);
    await pool.query('SELECT graphile_worker.complete_jobs(array_agg(id)) FROM graphile_worker.jobs');
  });
});

test('the commands end with 2 while something differs, and with 0 when it is mended', async () => {
  const { path, sha256 } = await shelf.put('By command');
  await pool.query(`UPDATE blob SET created_at = now() - interval '1 minute'`);
  const env = {
    PATH: process.env['PATH'] ?? '',
    DATABASE_URL: database.url,
    DATA_DIR: deps.config.dataDir,
    // As an operator runs them; what is logged goes beside what they say.
    NODE_ENV: 'production',
    SESSION_SECRET: 'a-secret-of-the-tests-with-enough-letters',
    BASE_URL: 'https://shelf.example.gov',
    LOG_LEVEL: 'info',
  };
  let logged = '';
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, ['--import', 'tsx', ...args], { cwd: projectRoot, env }).then(
      ({ stdout }) => ({ code: 0, stdout }),
      (error: { code: number; stdout: string; stderr: string }) => {
        logged += error.stderr;
        return { code: error.code, stdout: error.stdout };
      },
    );
  await writeFile(path, 'by command');
  expect(await run('scripts/fixity.ts', '--json')).toEqual({
    code: 2,
    stdout: `${JSON.stringify({ sha256, size: 10, state: 'changed', restored: false })}\n`,
  });
  expect(logged).toContain('"level":"error"');
  const told = await run('scripts/reconcile.ts', '--only', 'files');
  expect(told.code).toBe(2);
  expect(told.stdout).toContain(`File ${sha256}: damaged and set aside (10 bytes); 1 resource has it.`);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, 'By command');
  const mended = await run('scripts/reconcile.ts', '--only', 'files', '--mend', '--json');
  expect(mended.code).toBe(0);
  expect(JSON.parse(mended.stdout)).toMatchObject({ kind: 'fileDamaged', id: sha256, mended: true });
}, 60_000);
