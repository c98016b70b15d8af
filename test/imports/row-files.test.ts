import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jobPriority } from '../../server/platform/job-queue/job-queue.ts';
import { testApp } from '../support/app.ts';
import { catalogId, seedCatalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { importRows, runImport } from '../support/import-runs.ts';
import { samplePdf, samplePhoto } from '../support/sample-files.ts';

const database = await testDatabase();
const { pool } = database;
const { app, deps } = await testApp(database, { MAX_UPLOAD_MB: '1' });
const districtId = catalogId('organization', 'north');
let parent: string;
let folder: string;

beforeAll(async () => {
  await seedCatalog(pool);
  parent = await mkdtemp(join(tmpdir(), 'commonshelf-files-'));
  folder = join(parent, 'catalog');
  await mkdir(join(folder, 'sheets'), { recursive: true });
  await writeFile(join(parent, 'outside.txt'), 'not for anyone');
  await symlink(join(parent, 'outside.txt'), join(folder, 'link.txt'));
});
afterAll(() => rm(parent, { recursive: true, force: true }));

const bring = (source: string, content: object[], more: { dryRun?: boolean; district?: string } = {}) =>
  runImport(deps, {
    districtId: more.district ?? districtId,
    source,
    content,
    dryRun: more.dryRun ?? false,
    options: { folder, host: hostname() },
  });
const filesOf = async (externalId: string) =>
  (
    await pool.query<{ id: string; name: string; sha256: string }>(
      `SELECT f.id, f.name, f.sha256 FROM resource r JOIN version_file vf ON vf.version_id = r.current_version_id JOIN file f ON f.id = vf.file_id
       WHERE r.external_id = $1 ORDER BY vf.position`,
      [externalId],
    )
  ).rows;
const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex');
const gapsOf = async (run: Awaited<ReturnType<typeof bring>>) =>
  (await importRows(deps, run)).map(({ gaps, faults }) => [
    ...(gaps ?? []).map(({ reason, value }) => `${reason} ${value}`),
    ...(faults ?? []).map(({ key }) => key),
  ]);

describe('files of rows', () => {
  it('are found beside the row file, kept, and read by the same jobs as uploads, behind those', async () => {
    await writeFile(join(folder, 'sheets', 'halves.pdf'), await samplePdf(['Half of a half']));
    await writeFile(join(folder, 'notes.txt'), 'Fold it twice.');
    const row = { external_id: 'F1', title: 'Halves', files: 'sheets/halves.pdf|notes.txt' };
    expect((await bring('files', [row])).counts).toMatchObject({ new: 1, gaps: 0 });
    const files = await filesOf('F1');
    expect(files.map(({ name }) => name)).toEqual(['halves.pdf', 'notes.txt']);
    for (const { sha256: hash } of files) expect(await deps.files.size(hash)).toBeGreaterThan(0);
    const jobs = await pool.query<{ priority: number }>(
      `SELECT priority FROM graphile_worker.jobs WHERE task_identifier = 'process-blob' AND key = $1`,
      [`process-blob:${files[0]!.sha256}`],
    );
    expect(jobs.rows).toHaveLength(1);
    expect(jobs.rows[0]?.priority).toBeGreaterThan(jobPriority.people);
    expect((await bring('files', [row])).counts).toMatchObject({ unchanged: 1 });

    await writeFile(join(folder, 'notes.txt'), 'Fold it three times.');
    const changed = await bring('files', [row]);
    expect((await importRows(deps, changed))[0]).toMatchObject({
      outcome: 'changed',
      changes: [{ field: 'files' }],
    });
    const after = await filesOf('F1');
    expect(after[0]).toEqual(files[0]);
    expect(after[1]?.sha256).toBe(sha256('Fold it three times.'));
  });

  it('are unchanged when they are photos that lost their place on the way in', async () => {
    const photo = await samplePhoto();
    await writeFile(join(folder, 'garden.jpg'), photo);
    const row = { external_id: 'F2', title: 'Our garden', files: ['garden.jpg'] };
    await bring('photos', [row]);
    const [file] = await filesOf('F2');
    expect(file?.sha256).not.toBe(sha256(photo));
    expect((await bring('photos', [row])).counts).toMatchObject({ unchanged: 1, changed: 0 });
    const byHash = {
      external_id: 'F3',
      title: 'The same garden',
      files: `sha256:${sha256(photo)}/our garden.jpg`,
    };
    expect((await bring('photos', [row, byHash])).counts).toMatchObject({ new: 1, gaps: 0 });
    expect(await filesOf('F3')).toMatchObject([{ name: 'our garden.jpg', sha256: file?.sha256 }]);
  });

  it('are never taken from outside the folder, from another district, or from the web', async () => {
    const [file] = await filesOf('F2');
    const south = {
      external_id: 'X',
      title: 'Another district',
      files: `sha256:${sha256(await samplePhoto())}`,
    };
    const stolen = await bring(
      'files',
      [south, { ...south, external_id: 'Y', files: `sha256:${file?.sha256}` }],
      {
        district: catalogId('organization', 'south'),
      },
    );
    expect(await gapsOf(stolen)).toEqual([
      ['import.gap.fileUnknown', 'import.fault.noContent'],
      ['import.gap.fileUnknown', 'import.fault.noContent'],
    ]);
    const outside = await bring('outside', [
      ...[
        '../outside.txt',
        'link.txt',
        join(parent, 'outside.txt'),
        '..\\outside.txt',
        'sheets',
        'none.pdf',
      ].map((files, index) => ({ external_id: `O${index}`, title: 'Outside', files })),
      { external_id: 'O9', title: 'On the web', files: 'https://files.example/sheet.pdf' },
    ]);
    expect(outside.counts).toMatchObject({ rejected: 6, new: 1, gaps: 1 });
    const { rows } = await pool.query(
      `SELECT v.url FROM version v JOIN resource r ON r.id = v.resource_id WHERE r.external_id = 'O9'`,
    );
    expect(rows).toEqual([{ url: 'https://files.example/sheet.pdf' }]);
  });

  it('may be for educators only, and are so from their first day', async () => {
    await writeFile(join(folder, 'sheet.txt'), 'What is half of a half?');
    await writeFile(join(folder, 'key.txt'), 'A quarter.');
    const forEducators = async (externalId: string) =>
      (
        await pool.query<{ name: string }>(
          `SELECT f.name FROM resource r JOIN version_file vf ON vf.version_id = r.current_version_id JOIN file f ON f.id = vf.file_id
           WHERE r.external_id = $1 AND vf.educators_only ORDER BY vf.position`,
          [externalId],
        )
      ).rows.map(({ name }) => name);
    const row = {
      external_id: 'K1',
      title: 'Halves',
      license: 'CC BY 4.0',
      files: 'sheet.txt|key.txt',
      educator_files: 'key.txt',
    };
    expect((await bring('keys', [row])).counts).toMatchObject({ new: 1, gaps: 0 });
    expect((await filesOf('K1')).map(({ name }) => name)).toEqual(['sheet.txt', 'key.txt']);
    expect(await forEducators('K1')).toEqual(['key.txt']);
    const [key] = (await filesOf('K1')).slice(1);
    await pool.query(`UPDATE blob SET scan_state = 'clean'`);
    expect((await request(app).get(`/files/${key?.id}/key.txt`)).status).toBe(404);
    expect((await bring('keys', [row])).counts).toMatchObject({ unchanged: 1 });

    const opened = await bring('keys', [{ ...row, educator_files: '' }]);
    expect((await importRows(deps, opened))[0]?.changes).toEqual([{ field: 'educatorFiles' }]);
    expect(await forEducators('K1')).toEqual([]);
    const only = { external_id: 'K2', title: 'Only a key', educator_files: 'key.txt' };
    expect((await bring('keys', [only])).counts).toMatchObject({ new: 1 });
    expect(await forEducators('K2')).toEqual(['key.txt']);
  });

  it('stay for educators where staff made them so, whatever else the row changes', async () => {
    const row = { external_id: 'K3', title: 'Thirds', files: 'sheet.txt|key.txt' };
    await bring('staff', [row]);
    await pool.query(
      `UPDATE version_file vf SET educators_only = true FROM resource r, file f
       WHERE vf.version_id = r.current_version_id AND f.id = vf.file_id AND r.external_id = 'K3' AND f.name = 'key.txt'`,
    );
    // As imports of before there were files for educators left it.
    await pool.query(`UPDATE import_record SET written = written #- '{fields,educatorFiles}'`);
    await writeFile(join(folder, 'key.txt'), 'A quarter, of course.');
    const run = await bring('staff', [{ ...row, title: 'Thirds again' }]);
    expect((await importRows(deps, run))[0]?.changes).toEqual([
      { field: 'title' },
      { field: 'files' },
      { field: 'educatorFiles', kept: true },
    ]);
    const { rows } = await pool.query(
      `SELECT f.name, f.sha256, vf.educators_only FROM resource r JOIN version_file vf ON vf.version_id = r.current_version_id JOIN file f ON f.id = vf.file_id
       WHERE r.external_id = 'K3' ORDER BY vf.position`,
    );
    expect(rows).toEqual([
      { name: 'sheet.txt', sha256: sha256('What is half of a half?'), educators_only: false },
      { name: 'key.txt', sha256: sha256('A quarter, of course.'), educators_only: true },
    ]);
  });

  it('that are refused are left out of a row that has something else, and say why', async () => {
    await writeFile(join(folder, 'run.exe'), 'MZ');
    await writeFile(join(folder, 'fake.pdf'), 'not a pdf at all');
    await writeFile(join(folder, 'large.txt'), 'x'.repeat(1_100_000));
    const run = await bring('refused', [
      {
        external_id: 'R1',
        title: 'One',
        url: 'https://a.example',
        files: 'run.exe|fake.pdf|large.txt|notes.txt',
      },
      { external_id: 'R2', title: 'Two', files: 'run.exe' },
    ]);
    expect(run.counts).toMatchObject({ new: 1, rejected: 1 });
    expect(await gapsOf(run)).toEqual([
      ['fileRefused run.exe', 'fileRefused fake.pdf', 'fileRefused large.txt'],
      ['import.gap.fileRefused', 'import.fault.noContent'],
    ]);
    expect((await filesOf('R1')).map(({ name }) => name)).toEqual(['notes.txt']);
  });

  it('stay with their resource on a night on which they can’t be found', async () => {
    await writeFile(join(folder, 'weekly.txt'), 'Week one');
    const row = { external_id: 'N1', title: 'Weekly', url: 'https://a.example', files: 'weekly.txt' };
    await bring('nightly', [row]);
    await rm(join(folder, 'weekly.txt'));
    const run = await bring('nightly', [{ ...row, title: 'Weekly plan' }]);
    expect(run.counts).toMatchObject({ changed: 1, gaps: 1 });
    expect((await filesOf('N1')).map(({ name }) => name)).toEqual(['weekly.txt']);
  });

  it('are looked at and not kept in a dry run', async () => {
    await writeFile(join(folder, 'new.txt'), 'Never seen before');
    const run = await bring('dry', [{ external_id: 'D1', title: 'Dry', files: 'new.txt|run.exe' }], {
      dryRun: true,
    });
    expect(run.counts).toMatchObject({ new: 1, gaps: 1 });
    expect(await deps.files.size(sha256('Never seen before'))).toBeUndefined();
  });

  it('make a run wait where their folder is on another machine', async () => {
    const run = await runImport(deps, {
      districtId,
      source: 'far',
      content: [{ external_id: 'A1', title: 'Away', files: 'notes.txt' }],
      options: { folder, host: 'another-machine' },
    });
    expect(run).toMatchObject({
      state: 'paused',
      reason: { key: 'import.paused.folder' },
      counts: { new: 0 },
    });
  });
});
