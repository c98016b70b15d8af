import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { FILE_KINDS, kindOfExtension } from '../files/file-kinds.ts';
import { needRoom } from '../files/disk-room.ts';
import { keepUpload } from '../files/file-service.ts';
import { cleanFileName, fileExtension } from '../lib/file-name.ts';
import { asFetchError, FetchError, fetchFile, isListed, type FetchFault } from '../platform/fetch-file.ts';
import { FileTooLargeError } from '../platform/file-store/file-store.ts';
import { jobPriority } from '../platform/job-queue/job-queue.ts';
import type { Gap } from './import-record.ts';
import type { ExecuteDeps } from './run-context.ts';

type AddressDeps = Pick<ExecuteDeps, 'pool' | 'files' | 'config' | 'allowance'>;

type Context = { districtId: string; dry: boolean; signal?: AbortSignal | undefined };

type Answer =
  { ok: true; sha256: string; name: string } | { ok: false; reason: Gap['reason']; detail?: Gap['detail'] };

type Known = { stored_sha256: string; name: string; etag: string | null; last_modified: string | null };

/**
 * Brings the file at an address into the store, from the hosts that the operator allows; it goes through the same checks
 * as an upload. What was fetched before is asked for only whether it changed. A dry run fetches nothing.
 */
export async function bringAddress(deps: AddressDeps, context: Context, address: string): Promise<Answer> {
  const hosts = deps.config.fetchHosts;
  if (!URL.canParse(address) || !isListed(new URL(address).hostname, hosts))
    return { ok: false, reason: 'fileAddress' };
  const known = await knownAddress(deps, context.districtId, address);
  if (context.dry) {
    const [path = ''] = new URL(address).pathname.split('/').slice(-1);
    return known
      ? { ok: true, sha256: known.stored_sha256, name: known.name }
      : {
          ok: true,
          sha256: `sent:${createHash('sha256').update(address).digest('hex')}`,
          name: cleanFileName(path),
        };
  }
  try {
    return await fetched(deps, context, address, known);
  } catch (error) {
    if (error instanceof FileTooLargeError) return failed(new FetchError('tooLarge', ''), address);
    const fault = asFetchError(error, new URL(address));
    if (!(fault instanceof FetchError)) throw error;
    return failed(fault, address);
  }
}

const failed = ({ fault, detail }: { fault: FetchFault; detail: string }, address: string): Answer => ({
  ok: false,
  reason: 'fileFetch',
  detail: { key: `import.fetch.${fault}`, params: { address: address.slice(0, 300), detail } },
});

async function fetched(
  deps: AddressDeps,
  { districtId, signal }: Context,
  address: string,
  known: Known | undefined,
): Promise<Answer> {
  const { maxUploadBytes: maxBytes, fetchHosts: hosts } = deps.config;
  const answer = await fetchFile(address, {
    hosts,
    maxBytes,
    signal,
    etag: known?.etag ?? null,
    lastModified: known?.last_modified ?? null,
    ...(deps.allowance ? { allowance: deps.allowance } : {}),
  });
  if (!answer.changed)
    return known
      ? { ok: true, sha256: known.stored_sha256, name: known.name }
      : failed(new FetchError('status', '304'), address);
  await needRoom(deps);
  const staged = await deps.files.stage(wholeBody(answer.body, address), { maxBytes });
  const name = nameFor(answer.name, answer.contentType);
  const kept = await keepUpload(deps, staged, name, jobPriority.documents);
  if (!kept.ok) return { ok: false, reason: 'fileRefused', detail: kept.message };
  await deps.pool.query(
    `INSERT INTO import_address (district_id, url, etag, last_modified, stored_sha256, name) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (district_id, url) DO UPDATE SET etag = excluded.etag, last_modified = excluded.last_modified,
       stored_sha256 = excluded.stored_sha256, name = excluded.name, fetched_at = now()`,
    [districtId, address, answer.etag, answer.lastModified, kept.sha256, kept.name],
  );
  return { ok: true, sha256: kept.sha256, name: kept.name };
}

/** The body; what breaks off in its middle is an error of the network and not of the store. */
function wholeBody(body: Readable, address: string): Readable {
  async function* chunks(): AsyncGenerator<Buffer> {
    try {
      yield* body as AsyncIterable<Buffer>;
    } catch (error) {
      throw asFetchError(error, new URL(address));
    }
  }
  return Readable.from(chunks());
}

/** What was fetched from there last, if it is still kept. */
async function knownAddress(
  { pool }: AddressDeps,
  districtId: string,
  address: string,
): Promise<Known | undefined> {
  const { rows } = await pool.query<Known>(
    `SELECT a.stored_sha256, a.name, a.etag, a.last_modified FROM import_address a JOIN blob b ON b.sha256 = a.stored_sha256
     WHERE a.district_id = $1 AND a.url = $2 AND b.scan_state <> 'infected'`,
    [districtId, address],
  );
  const [known] = rows;
  // As for what was sent: the collector takes what no resource has for a day.
  if (known)
    await pool.query(
      "UPDATE blob SET created_at = now() WHERE sha256 = $1 AND created_at < now() - interval '12 hours' AND NOT EXISTS (SELECT 1 FROM file f WHERE f.sha256 = blob.sha256)",
      [known.stored_sha256],
    );
  return known;
}

/** An address often has no ending that says what it is (`/download?id=7`): then the server's word counts. */
function nameFor(given: string, contentType: string): string {
  const name = cleanFileName(given);
  if (kindOfExtension(fileExtension(name)) !== undefined) return name;
  const kind = FILE_KINDS.find(({ mime }) => mime.split(';', 1)[0] === contentType);
  return kind ? cleanFileName(`${name}.${kind.extensions[0]}`) : name;
}
