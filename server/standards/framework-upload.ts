import type { Pool, PoolClient } from 'pg';
import { z } from 'zod';
import { audit } from '../audit/audit-service.ts';
import type { Deps } from '../deps.ts';
import { conflict, forbidden, notFound, PortalError } from '../errors.ts';
import { noOrigin, type Origin } from '../lib/origin.ts';
import { isStateStaff, type Viewer } from '../lib/viewer.ts';
import type { MessageKey, MessageParams } from '../locale/locale.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import { enqueue } from '../platform/job-queue/job-queue.ts';
import type { Schedule, Tasks } from '../platform/job-queue/worker.ts';
import type { FrameworkPackage } from './framework-package.ts';
import { importFramework, type ImportReport } from './standard-service.ts';
import { uploadMovedTo, type UploadMove, type UploadState } from './upload-states.ts';

type UploadDeps = Pick<Deps, 'pool' | 'clock' | 'config'>;

/** A framework that was read from a file, and how far it is. */
export interface FrameworkUpload {
  id: string;
  fileName: string;
  state: UploadState;
  title: string;
  by: string | null;
  madeAt: Date;
  report: ImportReport | null;
  /** Why it could not be taken. */
  fault: { key: MessageKey; params: MessageParams } | null;
}

/** Keeps a framework that was read and has a job find out what it would do. @returns the id of the upload */
export async function keepFramework(
  { pool }: UploadDeps,
  viewer: Viewer,
  { fileName, framework }: { fileName: string; framework: FrameworkPackage },
): Promise<string> {
  if (!isStateStaff(viewer, 'admin')) throw forbidden();
  return withTransaction(pool, async (client) => {
    const { rows } = await client.query<{ id: string }>(
      `INSERT INTO standards_upload (person_id, kind, file_name, content, state) VALUES ($1, 'framework', $2, $3, 'looking') RETURNING id`,
      [viewer.id, fileName, JSON.stringify(framework)],
    );
    const id = rows[0]?.id ?? '';
    await enqueue(client, 'look-at-framework', { id }, { jobKey: `framework-upload:${id}` });
    return id;
  });
}

/** One upload by its id, or undefined. */
export async function findFrameworkUpload(pool: Pool, id: string): Promise<FrameworkUpload | undefined> {
  const { rows } = await pool.query<FrameworkUpload>(
    `SELECT u.id, u.file_name AS "fileName", u.state, coalesce(u.report->>'title', u.content->'document'->>'title', '') AS title, p.name AS by,
       u.made_at AS "madeAt", CASE WHEN u.report ? 'key' THEN NULL ELSE u.report END AS report, CASE WHEN u.report ? 'key' THEN u.report END AS fault
     FROM standards_upload u LEFT JOIN person p ON p.id = u.person_id WHERE u.id = $1 AND u.kind = 'framework'`,
    [id],
  );
  return rows[0];
}

/**
 * Takes a framework in that was looked at (by a job, in the name of who says so), or drops it.
 * @throws 403; 404; 409 when its state has no such move
 */
export async function moveFrameworkUpload(
  { pool, clock }: UploadDeps,
  viewer: Viewer,
  { id, move }: { id: string; move: 'load' | 'drop' },
  origin: Origin,
): Promise<void> {
  if (!isStateStaff(viewer, 'admin')) throw forbidden();
  await withTransaction(pool, async (client) => {
    const row = await locked(client, id);
    if (!row) throw notFound();
    const state = uploadMovedTo(row.state, move, 'staff');
    if (state === undefined) throw conflict('upload.notNow');
    await client.query(
      `UPDATE standards_upload SET state = $2, moved_at = $3, person_id = $4, origin = $5, content = CASE WHEN $2 = 'dropped' THEN NULL ELSE content END WHERE id = $1`,
      [id, state, clock.now(), viewer.id, JSON.stringify(origin)],
    );
    if (state === 'loading')
      await enqueue(client, 'load-framework', { id }, { jobKey: `framework-upload:${id}` });
    else
      await audit(client, {
        actorId: viewer.id,
        action: 'framework.upload_dropped',
        objectType: 'standards_upload',
        objectId: id,
        ...origin,
      });
  });
}

interface Locked {
  state: UploadState;
  content: FrameworkPackage | null;
  seen: string | null;
  personId: string | null;
  origin: Partial<Origin>;
}

async function locked(client: PoolClient, id: string): Promise<Locked | undefined> {
  const { rows } = await client.query<Locked>(
    `SELECT state, content, seen, person_id AS "personId", origin FROM standards_upload WHERE id = $1 AND kind = 'framework' FOR UPDATE`,
    [id],
  );
  return rows[0];
}

/** When a framework was last loaded; another moment means that what was looked at is past. */
async function loadedAt(pool: Pool, guid: string): Promise<string> {
  const { rows } = await pool.query<{ at: string }>(
    `SELECT coalesce((SELECT imported_at::text FROM framework WHERE guid = $1), '') AS at`,
    [guid],
  );
  return rows[0]?.at ?? '';
}

/** Finds out what a framework would do, by doing it and taking it back at once. */
async function lookAtFramework(deps: UploadDeps, id: string): Promise<void> {
  await work(deps, id, 'looking', async (upload, framework) => {
    const seen = await loadedAt(deps.pool, framework.document.guid);
    const report = await importFramework(deps, upload.personId, framework, { look: true });
    return { move: 'show', report, seen };
  });
}

/** Takes a framework in; one that somebody loaded since it was looked at is looked at once more instead. */
async function loadFramework(deps: UploadDeps, id: string): Promise<void> {
  await work(deps, id, 'loading', async (upload, framework) => {
    const seen = await loadedAt(deps.pool, framework.document.guid);
    if (seen !== upload.seen) return { move: 'again', report: null, seen };
    const report = await importFramework(deps, upload.personId, framework, {
      origin: { ...noOrigin, ...upload.origin },
    });
    return { move: 'finish', report, seen };
  });
}

type Outcome = { move: UploadMove; report: unknown; seen: string | null };

async function work(
  { pool, clock }: UploadDeps,
  id: string,
  state: UploadState,
  does: (upload: Locked, framework: FrameworkPackage) => Promise<Outcome>,
): Promise<void> {
  const upload = await withTransaction(pool, (client) => locked(client, id));
  if (upload?.state !== state || upload.content === null) return;
  const outcome = await does(upload, upload.content).catch((error: unknown): Outcome => {
    if (!(error instanceof PortalError)) throw error;
    return { move: 'fail', report: { key: error.key, params: error.params }, seen: null };
  });
  const next = uploadMovedTo(state, outcome.move, 'job');
  if (next === undefined) throw new Error(`An upload that is ${state} can't ${outcome.move}`);
  await withTransaction(pool, async (client) => {
    await client.query(
      `UPDATE standards_upload SET state = $2, report = $3, seen = $4, moved_at = $5, content = CASE WHEN $2 IN ('loaded', 'failed') THEN NULL ELSE content END
       WHERE id = $1 AND state = $6`,
      [id, next, JSON.stringify(outcome.report), outcome.seen, clock.now(), state],
    );
    if (next === 'looking') await enqueue(client, 'look-at-framework', { id });
  });
}

const payload = z.object({ id: z.uuid() });

/** The jobs of files of standards, for server/jobs.ts. */
export const standardTasks: Tasks<Deps> = {
  'look-at-framework': (deps, body) => lookAtFramework(deps, payload.parse(body).id),
  'load-framework': (deps, body) => loadFramework(deps, payload.parse(body).id),
  'tidy-standards-uploads': async ({ pool, clock }) =>
    void (await pool.query(
      `DELETE FROM standards_upload WHERE moved_at < $1::timestamptz - interval '14 days'`,
      [clock.now()],
    )),
};

export const standardSchedules: Schedule[] = [{ task: 'tidy-standards-uploads', cron: '40 4 * * *' }];
