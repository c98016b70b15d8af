import { Readable } from 'node:stream';
import type { Request, RequestHandler } from 'express';
import multer from 'multer';
import type { Deps } from '../deps.ts';
import { PortalError } from '../errors.ts';
import type { StagedContent } from '../platform/file-store/file-store.ts';
import { diskFull, hasRoom } from './disk-room.ts';

/** One file of a multipart form: staged in the store, or larger than is taken. */
export type ReceivedFile = { name: string } & ({ staged: StagedContent } | { tooLarge: true });

type EngineFile = Express.Multer.File & { received?: ReceivedFile };

/** A form larger than this surely has files: with no room for them nothing of it is read. */
const SURELY_FILES_BYTES = 1024 * 1024;

/** A file over the limit is read on to this many times the limit, so that the rest of the form still arrives. */
const patience = 2;

/**
 * Multipart forms with files under one field (`files` unless told): each is streamed into the store's staging area. Limits of
 * every kind are set, since multer's own defaults are none. A file over the limit doesn't lose the others.
 * Runs behind the route's access check and never for all routes.
 */
export function receiveUploads(
  { files, config }: Pick<Deps, 'files' | 'config'>,
  {
    field = 'files',
    most = 60,
    textBytes = 64 * 1024,
  }: { field?: string; most?: number; /** The longest text of another field. */ textBytes?: number } = {},
): {
  middleware: RequestHandler;
  received: (req: Request) => ReceivedFile[];
  /** Deletes what was staged and not kept. */
  discard: (req: Request) => Promise<void>;
} {
  const withoutRoom = new WeakSet<Request>();
  const engine: multer.StorageEngine = {
    _handleFile(req, file, done) {
      const name = file.originalname;
      // A browser sends an empty, nameless part for a file field where nothing was chosen.
      if (name !== '' && withoutRoom.has(req)) {
        file.stream.resume();
        return done(diskFull());
      }
      const counted = countUpTo(file.stream, config.maxUploadBytes);
      const stage = async (): Promise<ReceivedFile> => {
        const staged = await files.stage(Readable.from(counted.chunks), { maxBytes: config.maxUploadBytes });
        if (!counted.over()) return { name, staged };
        await files.discard(staged);
        return { name, tooLarge: true };
      };
      stage().then(
        (received) => done(null, { received } as Partial<EngineFile>),
        (error: unknown) => {
          file.stream.resume();
          done(error);
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
      files: most,
      fields: 400,
      parts: 400 + most,
      fieldSize: textBytes,
      fieldNameSize: 100,
      headerPairs: 50,
      fieldNestingDepth: 0,
      fieldArrayIndexLimit: 0,
    },
  });
  const received = (req: Request): ReceivedFile[] =>
    ((req.files as EngineFile[] | undefined) ?? [])
      .flatMap((file) => file.received ?? [])
      .filter((file) => file.name !== '');
  const parse = upload.array(field) as RequestHandler;
  return {
    middleware: async (req, res, next) => {
      const bytes = Number(req.get('content-length') ?? 0);
      if (!(await hasRoom({ files, config }, bytes))) {
        if (bytes > SURELY_FILES_BYTES) throw diskFull();
        // What was typed may still be saved.
        withoutRoom.add(req);
      }
      await parse(req, res, (error?: unknown) =>
        next(error === undefined ? undefined : asUploadError(error)),
      );
    },
    received,
    async discard(req) {
      for (const file of received(req)) if ('staged' in file) await files.discard(file.staged);
    },
  };
}

/** The chunks of a file up to a limit. What is over it is read and dropped: the parts behind it still have to come. */
function countUpTo(
  source: Readable,
  maxBytes: number,
): { chunks: AsyncIterable<Buffer>; over: () => boolean } {
  let size = 0;
  async function* chunks(): AsyncIterable<Buffer> {
    // Ended early by a full disk, it must leave the source alone: multer would tell of an aborted stream instead.
    for await (const chunk of source.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size <= maxBytes) yield chunk;
    }
  }
  return { chunks: chunks(), over: () => size > maxBytes };
}

/** What the parser says of a form that is no form; it throws plain errors. */
const MALFORMED =
  /Unexpected end of form|Boundary not found|Malformed|Unsupported content type|Request (?:aborted|closed)/;

function asUploadError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof multer.MulterError) return error;
  return MALFORMED.test(error.message) ? new PortalError(400, 'bad_upload', 'error.badUpload') : error;
}
