import type { Request, RequestHandler, Response } from 'express';
import type { Deps } from '../deps.ts';
import { PortalError, type FieldFault } from '../errors.ts';
import { keepUpload } from '../files/file-service.ts';
import { guessDescription } from '../files/guess-description.ts';
import { refusalWords } from '../files/file-view.ts';
import { receiveUploads } from '../files/upload.ts';
import { formats } from '../locale/format.ts';
import type { Viewer } from '../lib/viewer.ts';
import { contextOf } from '../web/page.ts';
import { rateLimiter } from '../web/rate-limit.ts';
import { originOf, viewerOf } from '../web/request-context.ts';
import { addDraftFile, giveTitle, lacksTitle } from './draft-files-service.ts';

export type RefusedFile = { name: string; reason: string };

/** What came of the files of one request: the ids of those that are in, and why the others aren't. */
export type KeptUploads = { added: string[]; refused: RefusedFile[] };

/** Files that arrive with the share form, kept one by one: one that is refused leaves the others in. */
export function keepDraftUploads(deps: Deps): {
  receive: RequestHandler;
  /** Whether files came, also ones that will be refused. */
  any: (req: Request) => boolean;
  keep: (req: Request, res: Response, to: { viewer: Viewer; resourceId: string }) => Promise<KeptUploads>;
  discard: (req: Request) => Promise<void>;
} {
  const uploads = receiveUploads(deps);
  // More than anybody shares by hand: catalogs come in by imports.
  const perPerson = rateLimiter(deps.pool, { name: 'upload', points: 1500, seconds: 3600 });
  return {
    receive: async (req, res, next) => {
      await perPerson.take(viewerOf(res).id ?? req.ip ?? '');
      return uploads.middleware(req, res, next);
    },
    any: (req) => uploads.received(req).length > 0,
    discard: uploads.discard,
    async keep(req, res, { viewer, resourceId }) {
      const { t, language } = contextOf(res);
      const refused: RefusedFile[] = [];
      const added: string[] = [];
      try {
        for (const file of uploads.received(req)) {
          if ('tooLarge' in file) {
            const limit = formats(language, t).bytes(deps.config.maxUploadBytes);
            refused.push({
              name: file.name,
              reason: t('file.refused.too-large', { name: file.name, limit }),
            });
            continue;
          }
          const kept = await keepUpload(deps, file.staged, file.name);
          if (!kept.ok) {
            refused.push({ name: kept.name, reason: refusalWords(kept, t) });
            continue;
          }
          const put = await add(kept, req, res, viewer, resourceId);
          if ('fault' in put) {
            refused.push({ name: kept.name, reason: t(put.fault.key, put.fault.params) });
            continue;
          }
          added.push(put.id);
          if (await lacksTitle(deps.pool, resourceId))
            await giveTitle(
              deps.pool,
              resourceId,
              await guessDescription(deps.files.path(kept.sha256), kept.kind, kept.name),
            );
        }
      } finally {
        await uploads.discard(req);
      }
      return { added, refused };
    },
  };

  async function add(
    kept: { sha256: string; name: string },
    req: Request,
    res: Response,
    viewer: Viewer,
    resourceId: string,
  ): Promise<{ id: string } | { fault: FieldFault }> {
    try {
      return await addDraftFile(deps, viewer, { resourceId, ...kept }, originOf(req, res));
    } catch (error) {
      const fault = error instanceof PortalError && error.status === 422 ? error.faults[0] : undefined;
      if (fault) return { fault };
      throw error;
    }
  }
}
