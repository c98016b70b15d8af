import { Readable } from 'node:stream';
import type { Deps } from '../deps.ts';
import { FileTooLargeError, type StagedContent } from '../platform/file-store/file-store.ts';
import { needRoom } from './disk-room.ts';

/** The chunks of a request's body; when it is left early the connection stays, so that the answer still arrives. */
export const bodyChunks = (body: Readable): AsyncIterable<Buffer> =>
  body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;

/**
 * Makes sure that so many bytes may come and have room.
 * @throws FileTooLargeError; 507
 */
export async function expectBytes(
  { files, config }: Pick<Deps, 'files' | 'config'>,
  bytes: number,
): Promise<void> {
  if (bytes > config.maxUploadBytes) throw new FileTooLargeError(config.maxUploadBytes);
  await needRoom({ files, config }, bytes);
}

/**
 * Streams a body that is nothing but a file into the staging area of the store.
 * @param announced what `Content-Length` says; 0 where it says nothing
 * @throws FileTooLargeError; 507; the stream's own error
 */
export async function receiveRaw(
  deps: Pick<Deps, 'files' | 'config'>,
  body: Readable,
  announced: number,
): Promise<StagedContent> {
  await expectBytes(deps, announced);
  return deps.files.stage(Readable.from(bodyChunks(body)), { maxBytes: deps.config.maxUploadBytes });
}
