import { randomUUID } from 'node:crypto';
import { audit } from '../audit/audit-service.ts';
import type { Deps } from '../deps.ts';
import { cleanFileName } from '../lib/file-name.ts';
import { noOrigin } from '../lib/origin.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import type { StagedContent } from '../platform/file-store/file-store.ts';
import { jobPriority } from '../platform/job-queue/job-queue.ts';
import { unavailable } from '../errors.ts';
import { pdfNeedsPassword } from './extract/extract-document.ts';
import { enqueueBlob } from './blob-queue.ts';
import { lockContent } from './file-collector.ts';
import { sniffFile, type SniffResult } from './sniff-file.ts';
import { stripMetadata } from './strip-metadata.ts';

export type KeptContent = { ok: true; sha256: string; size: number; name: string; kind: string };
export type Refused = Extract<SniffResult, { ok: false }> & { name: string };

/**
 * Keeps uploaded content that was staged: checks that name and content agree and may be taken, takes out of pictures
 * where they were made, moves it to its place, writes the blob's row and queues what is to be read from it.
 * The staged file is gone afterwards, whatever the outcome. The same content again is kept once, and mends a damaged one.
 * @returns the content's hash and the cleaned name, or why it is not taken (for `refusalWords`)
 */
export async function keepUpload(
  deps: Pick<Deps, 'pool' | 'files' | 'config'>,
  staged: StagedContent,
  originalName: string,
  priority: number = jobPriority.people,
): Promise<KeptContent | Refused> {
  const { files } = deps;
  const name = cleanFileName(originalName);
  try {
    const sniffed = await sniffFile(staged.path, name, { pdfNeedsPassword });
    if (!sniffed.ok) return { ...sniffed, name };
    const changed = await stripMetadata(staged.path, sniffed.kind, `${staged.path}.${randomUUID()}`);
    const { sha256, size } = await files.keep(changed ? await files.restage(staged.path) : staged);
    const known = await writeBlob(deps, { sha256, size, priority, ...sniffed });
    if (known === 'infected')
      return {
        ok: false,
        reason: 'damaged',
        name,
        message: { key: 'file.refused.infected', params: { name } },
      };
    return { ok: true, sha256, size, name, kind: sniffed.kind };
  } finally {
    await files.discard(staged);
  }
}

/**
 * Where a scanner is configured, nothing is handed out before it was scanned. Damaged content was set aside, so what lies
 * in its place now has just arrived.
 */
async function writeBlob(
  { pool, files, config }: Pick<Deps, 'pool' | 'files' | 'config'>,
  blob: {
    sha256: string;
    size: number;
    kind: string;
    mime: string;
    width?: number;
    height?: number;
    priority: number;
  },
): Promise<string> {
  return withTransaction(pool, async (client) => {
    await lockContent(client, blob.sha256);
    // Whoever found the old one damaged may have set the new one aside with it.
    if ((await files.size(blob.sha256)) === undefined && !(await files.bringBack(blob.sha256)))
      throw unavailable('collected while it arrived again');
    const { rows } = await client.query<{ scan_state: string; created: boolean; mended: boolean }>(
      `WITH was AS (SELECT 1 FROM blob WHERE sha256 = $1 AND damage IS NOT NULL)
       INSERT INTO blob (sha256, size, kind, mime, width, height, scan_state) VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (sha256) DO UPDATE SET size = blob.size, damage = NULL, damaged_at = NULL
       RETURNING scan_state, xmax = 0 AS created, EXISTS (SELECT 1 FROM was) AS mended`,
      [
        blob.sha256,
        blob.size,
        blob.kind,
        blob.mime,
        blob.width ?? null,
        blob.height ?? null,
        config.clamd === undefined ? 'unscanned' : 'quarantined',
      ],
    );
    const { scan_state: state, created, mended } = rows[0]!;
    if (mended)
      await audit(client, {
        actorId: null,
        action: 'file.restored',
        objectType: 'blob',
        objectId: blob.sha256,
        ...noOrigin,
      });
    if (created) await enqueueBlob(client, blob.sha256, blob.priority);
    return state;
  });
}
