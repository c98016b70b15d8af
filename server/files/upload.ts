import type { Request, RequestHandler } from 'express';
import multer from 'multer';
import type { Deps } from '../deps.ts';
import { FileTooLargeError, type StagedContent } from '../platform/file-store/file-store.ts';

/** One file of a multipart form: staged in the store, or larger than is taken. */
export type ReceivedFile = { name: string } & ({ staged: StagedContent } | { tooLarge: true });

type EngineFile = Express.Multer.File & { received?: ReceivedFile };

/** A file over the limit is read on to this many times the limit, so that the rest of the form still arrives. */
const patience = 2;

/**
 * Multipart forms with files under the field `files`: each is streamed into the store's staging area. Limits of
 * every kind are set, since multer's own defaults are none. A file over the limit doesn't lose the others.
 * Runs behind the route's access check and never for all routes.
 */
export function receiveUploads({ files, config }: Pick<Deps, 'files' | 'config'>): {
  middleware: RequestHandler;
  received: (req: Request) => ReceivedFile[];
  /** Deletes what was staged and not kept. */
  discard: (req: Request) => Promise<void>;
} {
  const engine: multer.StorageEngine = {
    _handleFile(req, file, done) {
      const name = file.originalname;
      const finish = (received: ReceivedFile) => done(null, { received } as Partial<EngineFile>);
      const aborted = new AbortController();
      req.once('aborted', () => aborted.abort(new Error('the upload was aborted')));
      files.stage(file.stream, { maxBytes: config.maxUploadBytes, signal: aborted.signal }).then(
        (staged) => finish({ name, staged }),
        (error: unknown) => {
          if (!(error instanceof FileTooLargeError)) return done(error as Error);
          file.stream.resume();
          file.stream.once('end', () => finish({ name, tooLarge: true }));
        },
      );
    },
    _removeFile(_req, file, done) {
      const { received } = file as EngineFile;
      if (!received || !('staged' in received)) return done(null);
      files.discard(received.staged).then(() => done(null), done);
    },
  };
  const upload = multer({
    storage: engine,
    defParamCharset: 'utf8',
    limits: {
      fileSize: config.maxUploadBytes * patience,
      files: 60,
      fields: 400,
      parts: 460,
      fieldSize: 64 * 1024,
      fieldNameSize: 100,
      headerPairs: 50,
      fieldNestingDepth: 0,
      fieldArrayIndexLimit: 0,
    },
  });
  const received = (req: Request): ReceivedFile[] =>
    ((req.files as EngineFile[] | undefined) ?? [])
      .flatMap((file) => file.received ?? [])
      // A browser sends an empty, nameless part for a file field where nothing was chosen.
      .filter((file) => file.name !== '');
  return {
    middleware: upload.array('files') as RequestHandler,
    received,
    async discard(req) {
      for (const file of received(req)) if ('staged' in file) await files.discard(file.staged);
    },
  };
}
