import { createHash } from 'node:crypto';
import { readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Deps } from '../../server/deps.ts';
import { ScannerAwayError } from '../../server/files/clamd.ts';
import { collectOrphans, holdContent } from '../../server/files/file-collector.ts';
import { requeueBlobs } from '../../server/files/blob-queue.ts';
import { processBlob } from '../../server/files/file-jobs.ts';
import { keepUpload } from '../../server/files/file-service.ts';
import { testApp } from '../support/app.ts';
import { seedCatalog, type Catalog } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { EICAR, fakeClamd } from '../support/fake-clamd.ts';
import { samplePdf, samplePhoto } from '../support/sample-files.ts';

const database = await testDatabase();
const { pool } = database;
const { deps } = await testApp(database);
const job = { attempt: 1, signal: new AbortController().signal };
let catalog: Catalog;

beforeAll(async () => {
  catalog = await seedCatalog(pool);
});

async function keep(content: Buffer | string, name: string, own: Deps = deps): Promise<string> {
  const staged = await own.files.stage(Readable.from([Buffer.from(content)]), { maxBytes: 1e8 });
  const kept = await keepUpload(own, staged, name);
  if (!kept.ok) throw new Error(kept.reason);
  return kept.sha256;
}

/** Puts content into the version on the shelf of a resource. */
async function shelve(sha256: string, key: string, name: string): Promise<void> {
  await pool.query(
    `WITH f AS (INSERT INTO file (resource_id, sha256, name) VALUES ($1, $2, $3) RETURNING id)
     INSERT INTO version_file (version_id, file_id) SELECT r.current_version_id, f.id FROM resource r, f WHERE r.id = $1`,
    [catalog.id(key), sha256, name],
  );
}

const blobOf = async (sha256: string) =>
  (
    await pool.query<Record<string, unknown>>(
      'SELECT scan_state, text_state, preview_state, page_count, process_error FROM blob WHERE sha256 = $1',
      [sha256],
    )
  ).rows[0];
const isWaiting = async (key: string) =>
  (await pool.query('SELECT 1 FROM search_dirty WHERE resource_id = $1', [catalog.id(key)])).rowCount! > 0;
const scannedBy = (clamd: { address: { host: string; port: number } }): Deps => ({
  ...deps,
  config: { ...deps.config, clamd: clamd.address },
});

describe('an upload', { timeout: 60_000 }, () => {
  test('is kept with a row, and the job to read it is queued once', async () => {
    const pdf = await samplePdf(['Queue me']);
    const first = await keep(pdf, 'a.pdf');
    expect(await keep(pdf, 'again.pdf')).toBe(first);
    const { rows } = await pool.query(
      `SELECT 1 FROM graphile_worker.jobs WHERE key = 'process-blob:' || $1`,
      [first],
    );
    expect(rows).toHaveLength(1);
  });

  test('of a photo loses its place before it is stored', async () => {
    const photo = await samplePhoto('jpeg');
    const sha256 = await keep(photo, 'field trip.jpg');
    expect(sha256).not.toBe(createHash('sha256').update(photo).digest('hex'));
    const stored = await buffer(await deps.files.open(sha256));
    expect(stored.includes('SecretPhone')).toBe(false);
    expect((await sharp(stored).metadata()).orientation).toBe(6);
  });

  test('that is refused leaves nothing behind', async () => {
    await expect(keep('MZ', 'setup.exe')).rejects.toThrow('program');
    expect(await readdir(join(deps.config.dataDir, 'files', 'tmp'))).toEqual([]);
  });
});

describe('the job that reads a file', { timeout: 60_000 }, () => {
  test('writes its text by page, draws its pages, and tells search', async () => {
    const sha256 = await keep(await samplePdf(['Plants need light', 'and water']), 'plants.pdf');
    await shelve(sha256, 'tug-of-war', 'plants.pdf');
    await pool.query('DELETE FROM search_dirty');
    await processBlob(deps, sha256, job);
    expect(await blobOf(sha256)).toEqual({
      scan_state: 'unscanned',
      text_state: 'done',
      preview_state: 'done',
      page_count: 2,
      process_error: null,
    });
    const pages = await pool.query(
      'SELECT page, label, text FROM blob_page WHERE sha256 = $1 ORDER BY page',
      [sha256],
    );
    expect(pages.rows).toEqual([
      { page: 1, label: 'page', text: 'Plants need light' },
      { page: 2, label: 'page', text: 'and water' },
    ]);
    const previews = await pool.query<{ name: string }>(
      'SELECT page, width, name FROM blob_preview WHERE sha256 = $1 ORDER BY page, width',
      [sha256],
    );
    expect(previews.rows).toMatchObject([
      { page: 1, width: 256 },
      { page: 1, width: 1000 },
      { page: 2, width: 256 },
      { page: 2, width: 1000 },
    ]);
    for (const { name } of previews.rows) {
      const picture = await deps.files.openDerived(sha256, name);
      expect((await sharp(await buffer(picture!.stream)).metadata()).format).toBe('webp');
    }
    expect(await isWaiting('tug-of-war')).toBe(true);
    expect(await readdir(join(deps.config.dataDir, 'files', 'tmp'))).toEqual([]);
  });

  test('run again changes nothing, and after a kill does what is missing', async () => {
    const sha256 = await keep(await samplePdf(['Once more']), 'again.pdf');
    await processBlob(deps, sha256, job);
    await processBlob(deps, sha256, job);
    await pool.query("UPDATE blob SET text_state = 'pending' WHERE sha256 = $1", [sha256]);
    await processBlob(deps, sha256, job);
    expect((await pool.query('SELECT 1 FROM blob_page WHERE sha256 = $1', [sha256])).rowCount).toBe(1);
    expect(await blobOf(sha256)).toMatchObject({ text_state: 'done', preview_state: 'done' });
  });

  test('says what failed, and the file stays', async () => {
    const sha256 = await keep('%PDF-1.7 that is no PDF', 'broken.pdf');
    await processBlob({ ...deps, log: { ...deps.log, warn: () => undefined } as never }, sha256, job);
    expect(await blobOf(sha256)).toMatchObject({
      text_state: 'failed',
      preview_state: 'failed',
      process_error: 'text: crashed',
    });
    expect(await deps.files.size(sha256)).toBeGreaterThan(0);
  });

  test('stops with the worker and is done later', async () => {
    const sha256 = await keep(await samplePdf(['Later']), 'later.pdf');
    await expect(processBlob(deps, sha256, { attempt: 1, signal: AbortSignal.abort() })).rejects.toThrow(
      'later',
    );
    expect(await blobOf(sha256)).toMatchObject({ text_state: 'pending' });
  });

  test('has nothing to read from sound, and that is no failure', async () => {
    const sha256 = await keep(Buffer.from('fffb9064'.padEnd(2000, '0'), 'hex'), 'song.mp3');
    await processBlob(deps, sha256, job);
    expect(await blobOf(sha256)).toMatchObject({
      text_state: 'none',
      preview_state: 'none',
      process_error: null,
    });
  });
});

describe('where a virus scanner is set up', { timeout: 60_000 }, () => {
  test('a clean file is let through', async () => {
    const clamd = await fakeClamd();
    const own = scannedBy(clamd);
    const sha256 = await keep('clean words', 'clean.txt', own);
    expect(await blobOf(sha256)).toMatchObject({ scan_state: 'quarantined' });
    await processBlob(own, sha256, job);
    expect(await blobOf(sha256)).toMatchObject({ scan_state: 'clean', text_state: 'done' });
    await clamd.close();
  });

  test('an infected one is never opened, its text is kept out of search, and the log says so', async () => {
    const clamd = await fakeClamd();
    const own = scannedBy(clamd);
    const sha256 = await keep(`lesson ${EICAR}`, 'lesson.txt', own);
    await shelve(sha256, 'tug-of-war', 'lesson.txt');
    await pool.query('DELETE FROM search_dirty');
    await processBlob(own, sha256, job);
    expect(await blobOf(sha256)).toMatchObject({ scan_state: 'infected', text_state: 'pending' });
    expect(await isWaiting('tug-of-war')).toBe(true);
    const { rows } = await pool.query<{ detail: object }>(
      "SELECT detail FROM audit_event WHERE action = 'file.found_infected' AND object_id = $1",
      [sha256],
    );
    expect(rows).toEqual([{ detail: { signature: 'Eicar-Test-Signature' } }]);
    await expect(keep(`lesson ${EICAR}`, 'renamed.txt', own)).rejects.toThrow();
    await clamd.close();
  });

  test('one that the scanner could not look through is not called clean', async () => {
    const clamd = await fakeClamd({ limit: 10 });
    const own = scannedBy(clamd);
    const sha256 = await keep('longer than ten bytes', 'long.txt', own);
    await processBlob(own, sha256, job);
    expect(await blobOf(sha256)).toMatchObject({ scan_state: 'unscannable' });
    await clamd.close();
  });

  test('a scanner that is away holds the file back, and it is scanned when it returns', async () => {
    const away = await fakeClamd();
    await away.close();
    const sha256 = await keep('waits for the scanner', 'waits.txt', scannedBy(away));
    await expect(processBlob(scannedBy(away), sha256, job)).rejects.toThrow(ScannerAwayError);
    expect(await blobOf(sha256)).toMatchObject({ scan_state: 'quarantined', text_state: 'done' });
    await pool.query("UPDATE blob SET created_at = now() - interval '1 hour' WHERE sha256 = $1", [sha256]);
    const back = await fakeClamd();
    expect(await requeueBlobs(scannedBy(back))).toBeGreaterThan(0);
    await processBlob(scannedBy(back), sha256, job);
    expect(await blobOf(sha256)).toMatchObject({ scan_state: 'clean' });
    await back.close();
  });
});

describe('what nothing refers to', () => {
  const age = async (sha256: string, hours: number) => {
    const date = new Date(Date.now() - hours * 3_600_000);
    await utimes(deps.files.path(sha256), date, date);
    await pool.query('UPDATE blob SET created_at = $2 WHERE sha256 = $1', [sha256, date]);
  };

  test('goes after a day: content without a row, and rows without a file; nothing else', async () => {
    const orphan = (await deps.files.receive(Readable.from([Buffer.from('crash')]), { maxBytes: 100 }))
      .sha256;
    const young = (await deps.files.receive(Readable.from([Buffer.from('young')]), { maxBytes: 100 })).sha256;
    const dropped = await keep('dropped from a draft', 'dropped.txt');
    const shelved = await keep('on the shelf', 'shelved.txt');
    const renewed = await keep('uploaded again today', 'renewed.txt');
    await shelve(shelved, 'tug-of-war', 'shelved.txt');
    const [held, letGo] = await Promise.all(
      ['input of an import', 'input of an old import'].map((text) =>
        deps.files.receive(Readable.from([Buffer.from(text)]), { maxBytes: 100 }),
      ),
    );
    const hours = (count: number) => new Date(Date.now() + count * 3_600_000);
    await holdContent(pool, { sha256: held!.sha256, holder: 'import_run:1', until: hours(-2) });
    await holdContent(pool, { sha256: held!.sha256, holder: 'import_run:1', until: hours(2) });
    await holdContent(pool, { sha256: letGo!.sha256, holder: 'import_run:2', until: hours(-1) });
    for (const sha256 of [orphan, dropped, shelved, renewed, held!.sha256, letGo!.sha256])
      await age(sha256, 30);
    await keep('uploaded again today', 'renewed.txt');
    await collectOrphans(deps);
    const left = async (sha256: string) => (await deps.files.size(sha256)) !== undefined;
    expect(await left(orphan)).toBe(false);
    expect(await left(dropped)).toBe(false);
    expect(await blobOf(dropped)).toBeUndefined();
    expect(await left(held!.sha256)).toBe(true);
    expect(await left(letGo!.sha256)).toBe(false);
    expect(await left(young)).toBe(true);
    expect(await left(shelved)).toBe(true);
    expect(await left(renewed)).toBe(true);
    expect(await blobOf(renewed)).toBeDefined();
  });
});
