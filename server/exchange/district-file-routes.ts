import type { Request, Response } from 'express';
import type { Deps } from '../deps.ts';
import { badRequest, invalid, notFound, PortalError } from '../errors.ts';
import { bodyChunks, expectBytes } from '../files/raw-upload.ts';
import { receivePiece, sentState, type SentPiece, type SentState } from '../imports/sent-files.ts';
import { parseParams } from '../web/parse.ts';
import { viewerOf } from '../web/request-context.ts';
import { createRoutes, importPrograms } from '../web/route.ts';
import { filePath } from './direct-api-schema.ts';
import { importDistrict } from './district-access.ts';
import { sentFileName } from './sent-file-name.ts';

/** Files of a district by their hash, sent before the rows that name them. */
export function districtFileRoutes(deps: Deps) {
  const routes = createRoutes();
  const keyOf = async (req: Request, res: Response) => {
    const { district, sha256 } = parseParams(filePath, req.params);
    return { districtId: await importDistrict(deps.pool, viewerOf(res), district), sha256 };
  };

  routes.get('/api/v1/districts/:district/files/:sha256', importPrograms, async (req, res) => {
    const key = await keyOf(req, res);
    const state = await sentState(deps, key);
    if (!state) throw notFound('api.notSent');
    send(res, 200, key.sha256, state);
  });

  routes.put('/api/v1/districts/:district/files/:sha256', importPrograms, async (req, res) => {
    const key = await keyOf(req, res);
    const piece = pieceOf(req);
    const name = nameIn(req);
    if (name === '') throw invalid({ field: 'name', key: 'api.fault.fileName' });
    await expectBytes(deps, piece.total ?? piece.offset + Number(req.get('content-length') ?? 0));
    try {
      const { fresh, ...state } = await receivePiece(deps, key, name, piece, bodyChunks(req));
      send(res, state.complete ? (fresh ? 201 : 200) : 202, key.sha256, state);
    } catch (error) {
      // The program is gone: nobody reads an answer, and what arrived is there when it comes again.
      if (req.destroyed && !req.complete) throw new PortalError(400, 'bad_upload', 'error.badUpload');
      if (error instanceof PortalError && error.code === 'wrong_offset')
        res.setHeader('Upload-Offset', String(error.params['count'] ?? 0));
      throw error;
    }
  });

  return routes.router;
}

/** Says how much has arrived, as the draft of resumable uploads for HTTP does (draft-ietf-httpbis-resumable-upload). */
function send(res: Response, status: number, sha256: string, state: SentState): void {
  res.setHeader('Upload-Complete', state.complete ? '?1' : '?0');
  if (!state.complete) res.setHeader('Upload-Offset', String(state.received));
  res.status(status).json({
    sha256,
    complete: state.complete,
    received: state.complete ? null : state.received,
    name: state.complete ? state.name : null,
    use: state.complete ? `sha256:${sha256}/${state.name}` : `sha256:${sha256}`,
  });
}

function nameIn(req: Request): string {
  const given = [req.query['name']].flat()[0];
  return typeof given === 'string' && given !== '' ? given.slice(0, 500) : sentFileName(req.headers, false);
}

/** `Content-Range: bytes 0-999/5000`, or `Upload-Offset` with `Upload-Complete: ?0` where more will come. @throws 400 */
function pieceOf(req: Request): SentPiece {
  const range = req.get('content-range');
  if (range !== undefined) {
    const read = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(range.trim());
    const [from, to, total] = [Number(read?.[1]), Number(read?.[2]), Number(read?.[3])];
    if (!read || to < from || to >= total)
      throw badRequest({ field: 'Content-Range', key: 'api.fault.range' });
    return { offset: from, total, more: to + 1 < total };
  }
  const offset = req.get('upload-offset') ?? '0';
  if (!/^\d{1,15}$/.test(offset)) throw badRequest({ field: 'Upload-Offset', key: 'fault.unreadable' });
  return { offset: Number(offset), total: null, more: req.get('upload-complete') === '?0' };
}
