import type { Deps } from '../deps.ts';
import { invalid, PortalError } from '../errors.ts';
import { cleanFileName } from '../lib/file-name.ts';
import { isMessageKey } from '../locale/locale.ts';
import { FileMissingError, FileTooLargeError } from '../platform/file-store/file-store.ts';
import { findSent, keepSent } from './row-files.ts';

type SentDeps = Pick<Deps, 'pool' | 'files' | 'config'>;

type Key = { districtId: string; sha256: string };

/** How much of a file a district has sent: all of it, under a name, or so many bytes. */
export type SentState = { complete: true; name: string } | { complete: false; received: number };

/** Each district has its own: what another one has begun is not to be found out. */
const partName = ({ districtId, sha256 }: Key): string => `${districtId}-${sha256}`;

/** What a district has sent under a hash, or undefined for nothing. */
export async function sentState(deps: SentDeps, key: Key): Promise<SentState | undefined> {
  const sent = await findSent(deps, key.districtId, key.sha256);
  if (sent && sent.scan_state !== 'infected') return { complete: true, name: sent.name };
  const received = await deps.files.partSize(partName(key));
  return received === undefined ? undefined : { complete: false, received };
}

/** A piece of a file: where it begins, how long the whole is (null: it ends with this piece, unless `more` come). */
export type SentPiece = { offset: number; total: number | null; more: boolean };

/**
 * Takes a file of a district in by its hash, whole or piece by piece; what arrived of a piece that broke off stays for a
 * day. When it is whole it goes through the same checks as every upload.
 * @returns how much there is, and whether this made it whole
 * @throws 409 for a piece that doesn't begin where the last one ended; 413; 422 for other bytes than the hash says, and for
 *   what isn't taken: then nothing is kept
 */
export async function receivePiece(
  deps: SentDeps,
  key: Key,
  name: string,
  { offset, total, more }: SentPiece,
  body: AsyncIterable<Buffer>,
): Promise<SentState & { fresh: boolean }> {
  const { files, config } = deps;
  const part = partName(key);
  const there = await sentState(deps, key);
  if (there?.complete) return { ...there, fresh: false };
  const before = there?.received ?? 0;
  if (offset > 0 && offset !== before)
    throw new PortalError(409, 'wrong_offset', 'api.fault.offset', { params: { count: before } });
  const maxBytes = Math.min(config.maxUploadBytes, total ?? Infinity);
  const received = await files.addToPart(part, body, { offset, maxBytes }).catch(async (error: unknown) => {
    if (error instanceof FileTooLargeError) await files.dropPart(part);
    throw error;
  });
  if (total === null ? more : received < total) return { complete: false, received, fresh: false };
  const staged = await files.stagePart(part).catch((error: unknown) => {
    // Somebody else has sent the last piece at the same moment.
    if (error instanceof FileMissingError)
      throw new PortalError(409, 'wrong_offset', 'api.fault.offset', { params: { count: 0 } });
    throw error;
  });
  if (staged.sha256 !== key.sha256) {
    await files.discard(staged);
    throw invalid({ field: 'sha256', key: 'api.fault.hash', params: { found: staged.sha256 } });
  }
  const kept = await keepSent(deps, key.districtId, staged, cleanFileName(name), name);
  if (kept.ok) return { complete: true, name: kept.name, fresh: true };
  const { detail } = kept.gap;
  throw invalid(
    detail && isMessageKey(detail.key)
      ? { field: 'file', key: detail.key, params: detail.params }
      : { field: 'file', key: 'fault.unreadable' },
  );
}
