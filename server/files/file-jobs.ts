import { createReadStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { audit } from '../audit/audit-service.ts';
import type { Deps } from '../deps.ts';
import { inTurns } from '../lib/turns.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import type { JobContext, Schedule, Tasks } from '../platform/job-queue/worker.ts';
import { processBlobTask, requeueBlobs } from './blob-queue.ts';
import { scanStream } from './clamd.ts';
import { extractDocument, type ExtractedPage, type ExtractResult } from './extract/extract-document.ts';
import { collectOrphans } from './file-collector.ts';
import { isFileKind, kindFacts, type FileKind } from './file-kinds.ts';
import { checkFixityShare } from './fixity.ts';
import { renderPreviews, type Preview } from './preview/render-previews.ts';

type JobDeps = Pick<Deps, 'pool' | 'files' | 'log' | 'config'>;

/** Pages that are drawn; a reader of more downloads the file. The first few also small, for cards. */
const PREVIEW_PAGES = 40;
const PREVIEW_WIDTHS = [256, 1000];
const SMALL_UNTIL_PAGE = 3;

/** Children at once in this process: reading documents must leave room for answering requests. */
const CHILDREN = Math.max(1, availableParallelism() - 1);
const withChild = inTurns(CHILDREN);

/** Jobs that would keep others waiting: a document takes seconds, some minutes. One more than is read may be scanned meanwhile. */
export const slowFileTasks = { tasks: [processBlobTask], slots: CHILDREN + 1 };

const payloadSchema = z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/) });

/** The jobs of this feature, for server/jobs.ts. */
export const fileTasks: Tasks<Deps> = {
  [processBlobTask]: (deps, payload, job) => processBlob(deps, payloadSchema.parse(payload).sha256, job),
  'requeue-blobs': async (deps) => void (await requeueBlobs(deps)),
  'collect-orphans': async (deps) => void (await collectOrphans(deps)),
  'check-fixity': (deps, _payload, { signal }) => checkFixityShare(deps, signal),
};

export const fileSchedules: Schedule[] = [
  { task: 'requeue-blobs', cron: '*/10 * * * *' },
  { task: 'collect-orphans', cron: '40 3 * * *' },
  { task: 'check-fixity', cron: '10 7 * * *' },
];

interface BlobRow {
  sha256: string;
  kind: FileKind;
  scan_state: string;
  text_state: string;
  preview_state: string;
}

/**
 * Does for a blob what is still missing: scans it, reads its text by page, draws its pages. Each part is written down
 * as soon as it is done, so a job that was killed goes on where it was; one that ran twice changes nothing.
 * @throws ScannerAwayError (all else is done then): the blob stays quarantined and the job is tried again
 */
export async function processBlob(
  deps: JobDeps,
  sha256: string,
  job: Pick<JobContext, 'attempt' | 'signal'>,
): Promise<void> {
  const blob = await loadBlob(deps, sha256);
  if (!blob || blob.scan_state === 'infected') return;
  const scanned = await scan(deps, blob).then(
    (state) => ({ state }),
    (error: unknown) => ({ error }),
  );
  if ('state' in scanned && scanned.state === 'infected') return;
  await withChild(async () => {
    if (blob.text_state === 'pending') await readText(deps, blob, job);
    if (blob.preview_state === 'pending') await drawPages(deps, blob, job);
  });
  if ('error' in scanned) throw scanned.error;
}

async function loadBlob({ pool }: JobDeps, sha256: string): Promise<BlobRow | undefined> {
  const { rows } = await pool.query<BlobRow>(
    'SELECT sha256, kind, scan_state, text_state, preview_state FROM blob WHERE sha256 = $1',
    [sha256],
  );
  const blob = rows[0];
  return blob && isFileKind(blob.kind) ? blob : undefined;
}

/** Returns the state the blob is in afterwards. */
async function scan(deps: JobDeps, { sha256, scan_state: state }: BlobRow): Promise<string> {
  const { clamd } = deps.config;
  if (!clamd || !['unscanned', 'quarantined'].includes(state)) return state;
  const result = await scanStream(clamd, await deps.files.open(sha256));
  await withTransaction(deps.pool, async (client) => {
    await client.query('UPDATE blob SET scan_state = $2 WHERE sha256 = $1', [sha256, result.state]);
    await client.query(markResourcesDirty, [sha256]);
    if (result.state === 'clean') return;
    await audit(client, {
      actorId: null,
      action: result.state === 'infected' ? 'file.found_infected' : 'file.not_scannable',
      objectType: 'blob',
      objectId: sha256,
      outcome: 'refused',
      detail: result.state === 'infected' ? { signature: result.signature } : { reason: result.detail },
    });
  });
  return result.state;
}

/** Whoever shows these files must be indexed again: their text, or whether they may be opened, has changed. */
const markResourcesDirty = `
  SELECT mark_dirty(array_agg(DISTINCT r.id)) FROM file f
  JOIN version_file vf ON vf.file_id = f.id JOIN resource r ON r.current_version_id = vf.version_id
  WHERE f.sha256 = $1 HAVING count(*) > 0`;

async function readText(
  deps: JobDeps,
  blob: BlobRow,
  job: Pick<JobContext, 'attempt' | 'signal'>,
): Promise<void> {
  const { sha256, kind } = blob;
  const result = await extractDocument(deps.files.path(sha256), kind, { signal: job.signal });
  refuseToGiveUp(result, job);
  if (!result.ok && result.reason !== 'no-text') {
    deps.log.warn(
      { sha256, kind, reason: result.reason, detail: result.detail },
      'The text could not be read',
    );
  }
  await withTransaction(deps.pool, async (client) => {
    await client.query('DELETE FROM blob_page WHERE sha256 = $1', [sha256]);
    if (result.ok) await client.query(insertPages, [sha256, JSON.stringify(result.pages)]);
    await client.query(
      'UPDATE blob SET text_state = $2, process_error = $3, page_count = coalesce($4, page_count) WHERE sha256 = $1',
      [
        sha256,
        textStateOf(result),
        errorOf(result),
        result.ok ? realPages(result.pages, result.pageCount) : null,
      ],
    );
    await client.query(markResourcesDirty, [sha256]);
  });
}

const insertPages = `
  INSERT INTO blob_page (sha256, page, label, text)
  SELECT $1, p.number, p.label, p.text FROM json_to_recordset($2::json) AS p (number integer, label text, text text)`;

function textStateOf(result: ExtractResult): 'done' | 'none' | 'failed' {
  if (result.ok) return 'done';
  return result.reason === 'no-text' ? 'none' : 'failed';
}

function errorOf(result: ExtractResult): string | null {
  return result.ok || result.reason === 'no-text' ? null : `text: ${result.reason}`;
}

/** Sections are our own division of a text without pages; nobody should be told "1 page". */
function realPages(pages: ExtractedPage[], pageCount: number): number | null {
  return pages.length > 0 && pages.every((page) => page.label !== 'section') ? pageCount : null;
}

/** An interrupted job, or a first try on a machine that was too busy, is tried again rather than written off. */
function refuseToGiveUp(
  result: { ok: boolean; reason?: string },
  { attempt }: Pick<JobContext, 'attempt'>,
): void {
  if (result.ok) return;
  if (result.reason === 'aborted') throw new Error('The worker is stopping; the file is read again later.');
  if (result.reason === 'timeout' && attempt < 2)
    throw new Error('Reading the file took too long; once more.');
}

async function drawPages(
  deps: JobDeps,
  { sha256, kind }: BlobRow,
  job: Pick<JobContext, 'attempt' | 'signal'>,
): Promise<void> {
  const { files, pool } = deps;
  const outDir = files.tempPath();
  await mkdir(outDir, { recursive: true });
  try {
    const result = await renderPreviews(files.path(sha256), kind, outDir, {
      firstPage: 1,
      lastPage: PREVIEW_PAGES,
      widths: PREVIEW_WIDTHS,
      later: { fewFrom: SMALL_UNTIL_PAGE + 1, laterWidths: PREVIEW_WIDTHS.slice(-1) },
      signal: job.signal,
      onPreview: (preview) => keepPreview(deps, sha256, join(outDir, preview.name), preview),
    });
    refuseToGiveUp(result, job);
    if (!result.ok && result.reason !== 'none') {
      deps.log.warn(
        { sha256, kind, reason: result.reason, detail: result.detail },
        'No pages could be drawn',
      );
    }
    const state = result.ok ? 'done' : result.reason === 'none' ? 'none' : 'failed';
    const error = state === 'failed' && !result.ok ? `pages: ${result.reason}` : null;
    await pool.query(
      `UPDATE blob SET preview_state = $2, process_error = coalesce(process_error, $3), page_count = coalesce($4, page_count)
       WHERE sha256 = $1`,
      [sha256, state, error, result.ok && countsPages(kind) ? (result.pageCount ?? null) : null],
    );
  } finally {
    await rm(outDir, { recursive: true, force: true });
  }
}

/** A spreadsheet counts its sheets and a book its sections; for the others the drawn pages are the truth. */
function countsPages(kind: FileKind): boolean {
  const { preview } = kindFacts(kind);
  return preview === 'pdf' || (preview === 'office' && kind !== 'xlsx' && kind !== 'ods');
}

async function keepPreview(
  { files, pool }: JobDeps,
  sha256: string,
  path: string,
  { page, width, height, name }: Preview,
): Promise<void> {
  await files.putDerived(sha256, name, createReadStream(path));
  await pool.query(
    `INSERT INTO blob_preview (sha256, page, width, height, name) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (sha256, page, width) DO UPDATE SET height = excluded.height, name = excluded.name`,
    [sha256, page, width, height, name],
  );
  await rm(path, { force: true });
}
