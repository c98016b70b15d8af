import { audit } from '../audit/audit-service.ts';
import type { Deps } from '../deps.ts';
import { holdContent } from '../files/file-collector.ts';
import type { Origin } from '../lib/origin.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import type { StoredContent } from '../platform/file-store/file-store.ts';
import type { Visibility } from '../resources/resource-policy.ts';
import { runOptions, type RunOptions } from './run-options.ts';
import { sourceOf } from './run-service.ts';

/** How long a file waits for its columns to be mapped. */
const KEPT_DAYS = 30;

type UploadDeps = Pick<Deps, 'pool' | 'clock'>;

/** A file that waits in the browser for its mapping. */
export type ImportUpload = {
  id: string;
  sourceId: string;
  source: string;
  districtId: string;
  districtName: string;
  widest: Visibility;
  options: RunOptions;
  input: { sha256: string; name: string; size: number };
};

/**
 * Notes a stored file that is to be imported, and keeps it from the collector.
 * @returns its id
 */
export async function noteUpload(
  { pool, clock }: UploadDeps,
  upload: {
    districtId: string;
    source: string;
    personId: string;
    options: RunOptions;
    input: StoredContent & { name: string };
  },
  origin: Origin,
): Promise<string> {
  return withTransaction(pool, async (client) => {
    const sourceId = await sourceOf(client, upload.districtId, upload.source);
    const { sha256, name, size } = upload.input;
    const { rows } = await client.query<{ id: string }>(
      `INSERT INTO import_upload (source_id, person_id, options, input_sha256, input_name, input_size, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id`,
      [
        sourceId,
        upload.personId,
        JSON.stringify(upload.options),
        sha256,
        name.slice(0, 200),
        size,
        clock.now(),
      ],
    );
    const id = rows[0]!.id;
    const until = new Date(clock.now().getTime() + KEPT_DAYS * 86_400_000);
    await holdContent(client, { sha256, holder: `import_upload:${id}`, until });
    await audit(client, {
      actorId: upload.personId,
      action: 'import.uploaded',
      objectType: 'import_upload',
      objectId: id,
      organizationId: upload.districtId,
      detail: { source: upload.source },
      ...origin,
    });
    return id;
  });
}

/** A file that waits, by its id. The caller decides who may see it. */
export async function findUpload(
  { pool }: Pick<UploadDeps, 'pool'>,
  id: string,
): Promise<ImportUpload | undefined> {
  const { rows } = await pool.query<{ upload: Omit<ImportUpload, 'options'> & { options: unknown } }>(
    `SELECT json_build_object('id', u.id, 'sourceId', s.id, 'source', s.name, 'districtId', s.district_id, 'districtName', o.name,
       'widest', s.widest, 'options', u.options,
       'input', json_build_object('sha256', u.input_sha256, 'name', u.input_name, 'size', u.input_size)) AS upload
     FROM import_upload u JOIN import_source s ON s.id = u.source_id JOIN organization o ON o.id = s.district_id WHERE u.id = $1`,
    [id],
  );
  const found = rows[0]?.upload;
  return found && { ...found, options: runOptions.parse(found.options) };
}

/** Forgets a file that waits; the collector takes its content when nothing else has it. */
export async function removeUpload({ pool }: Pick<UploadDeps, 'pool'>, id: string): Promise<void> {
  await withTransaction(pool, async (client) => {
    await client.query('DELETE FROM import_upload WHERE id = $1', [id]);
    await client.query('DELETE FROM content_hold WHERE holder = $1', [`import_upload:${id}`]);
  });
}

/** Forgets files that waited too long. */
export async function tidyUploads({ pool, clock }: UploadDeps): Promise<void> {
  const before = new Date(clock.now().getTime() - KEPT_DAYS * 86_400_000);
  await pool.query('DELETE FROM import_upload WHERE created_at < $1', [before]);
}
