import type { Pool, PoolClient } from 'pg';
import { audit } from '../audit/audit-service.ts';
import type { Deps } from '../deps.ts';
import { invalid, notFound } from '../errors.ts';
import { uniqueFileName } from '../lib/file-name.ts';
import type { Origin } from '../lib/origin.ts';
import type { Viewer } from '../lib/viewer.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import { loadDraft } from './draft-service.ts';

/** The most files that one resource may have. */
const mostFiles = 60;

/**
 * Puts stored content into a draft as a file. Two files of one draft never share a name. The draft's revision
 * stays: files arrive while the form is open, and must not look like another tab's change.
 * @returns the file's id and the name it got
 * @throws 404 where there is no draft for this person; 422 when it is full
 */
export async function addDraftFile(
  { pool }: Pick<Deps, 'pool'>,
  viewer: Viewer,
  { resourceId, sha256, name }: { resourceId: string; sha256: string; name: string },
  origin: Origin,
): Promise<{ id: string; name: string }> {
  return withTransaction(pool, async (client) => {
    const draft = await loadDraft(client, viewer, resourceId);
    const { rows: present } = await client.query<{ name: string }>(
      'SELECT f.name FROM version_file vf JOIN file f ON f.id = vf.file_id WHERE vf.version_id = $1',
      [draft.draftId],
    );
    if (present.length >= mostFiles)
      throw invalid({ field: 'files', key: 'share.fault.tooManyFiles', params: { max: mostFiles } });
    const ownName = uniqueFileName(name, new Set(present.map((file) => file.name.toLowerCase())));
    const { rows } = await client.query<{ id: string }>(
      'INSERT INTO file (resource_id, sha256, name, uploaded_by) VALUES ($1, $2, $3, $4) RETURNING id',
      [resourceId, sha256, ownName, viewer.id],
    );
    const id = rows[0]!.id;
    await client.query(
      `INSERT INTO version_file (version_id, file_id, position)
       SELECT $1, $2, coalesce(max(position), 0) + 1 FROM version_file WHERE version_id = $1`,
      [draft.draftId, id],
    );
    await touch(client, draft.draftId);
    await log(client, viewer, draft, 'resource.file_added', id, origin);
    return { id, name: ownName };
  });
}

/** Takes a file out of a draft; published versions that have it keep it. @throws 404 */
export async function removeDraftFile(
  { pool }: Pick<Deps, 'pool'>,
  viewer: Viewer,
  { resourceId, fileId }: { resourceId: string; fileId: string },
  origin: Origin,
): Promise<void> {
  await withTransaction(pool, async (client) => {
    const draft = await loadDraft(client, viewer, resourceId);
    const { rowCount } = await client.query(
      'DELETE FROM version_file WHERE version_id = $1 AND file_id = $2',
      [draft.draftId, fileId],
    );
    if (rowCount === 0) throw notFound();
    await client.query(
      'DELETE FROM file f WHERE f.id = $1 AND NOT EXISTS (SELECT 1 FROM version_file vf WHERE vf.file_id = f.id)',
      [fileId],
    );
    await touch(client, draft.draftId);
    await log(client, viewer, draft, 'resource.file_removed', fileId, origin);
  });
}

/** Turns *educators only* of a draft's file on or off. @throws 404 */
export const toggleEducatorsOnly = (
  deps: Pick<Deps, 'pool'>,
  viewer: Viewer,
  file: DraftFileKey,
): Promise<void> => changeFile(deps, viewer, file, 'educators_only = NOT educators_only');

/** Makes a file of a draft the first one, whose pages are shown. @throws 404 */
export const makeFirstFile = (deps: Pick<Deps, 'pool'>, viewer: Viewer, file: DraftFileKey): Promise<void> =>
  changeFile(
    deps,
    viewer,
    file,
    'position = (SELECT min(position) - 1 FROM version_file WHERE version_id = $1)',
  );

type DraftFileKey = { resourceId: string; fileId: string };

async function changeFile(
  { pool }: Pick<Deps, 'pool'>,
  viewer: Viewer,
  { resourceId, fileId }: DraftFileKey,
  change: string,
): Promise<void> {
  await withTransaction(pool, async (client) => {
    const draft = await loadDraft(client, viewer, resourceId);
    const { rowCount } = await client.query(
      `UPDATE version_file SET ${change} WHERE version_id = $1 AND file_id = $2`,
      [draft.draftId, fileId],
    );
    if (rowCount === 0) throw notFound();
    await touch(client, draft.draftId);
  });
}

/** Whether the draft has no title yet, so that one may be guessed from its first file. */
export async function lacksTitle(pool: Pool, resourceId: string): Promise<boolean> {
  const { rowCount } = await pool.query(
    "SELECT 1 FROM version WHERE resource_id = $1 AND number IS NULL AND title = ''",
    [resourceId],
  );
  return rowCount === 1;
}

/** Gives a draft without a title a guessed one, and a summary if it has none; what was typed meanwhile stays. */
export async function giveTitle(
  pool: Pool,
  resourceId: string,
  { title, summary }: { title: string; summary: string },
): Promise<void> {
  await pool.query(
    `UPDATE version SET title = $2, summary = CASE WHEN summary = '' THEN $3 ELSE summary END
     WHERE resource_id = $1 AND number IS NULL AND title = ''`,
    [resourceId, title, summary],
  );
}

const touch = (client: PoolClient, draftId: string) =>
  client.query('UPDATE version SET updated_at = now() WHERE id = $1', [draftId]);

const log = (
  client: PoolClient,
  viewer: Viewer,
  draft: { id: string; organizationId: string },
  action: string,
  fileId: string,
  origin: Origin,
) =>
  audit(client, {
    actorId: viewer.id,
    action,
    objectType: 'resource',
    objectId: draft.id,
    organizationId: draft.organizationId,
    ...origin,
    detail: { file: fileId },
  });
