import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { notFound } from '../errors.ts';
import { cleanFileName, contentDisposition } from '../lib/file-name.ts';
import { FileMissingError } from '../platform/file-store/file-store.ts';
import { id, parseParams } from '../web/parse.ts';
import { viewerOf } from '../web/request-context.ts';
import { anyone, createRoutes } from '../web/route.ts';
import type { FileAccess } from './file-access.ts';
import { isFileKind, kindFacts } from './file-kinds.ts';
import { findPreview, type StoredFile } from './file-queries.ts';
import { sendContent, sendStream } from './send-content.ts';
import { zipFiles } from './zip-files.ts';

const fileParams = z.object({ id });
const pageParams = z.object({ id, page: z.coerce.number().int().min(1).max(100_000) });
const width = z.coerce.number().int().min(1).max(20_000).catch(1000);
const version = z.coerce.number().int().min(1).max(100_000).optional().catch(undefined);

/**
 * Nothing in an uploaded file may run or load anything here. A PDF gets no sandbox: browsers don't show one in it,
 * and their viewers run nothing of ours.
 */
const POLICY = {
  attachment: "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox",
  media:
    "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; sandbox",
  pdf: "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
};

/** Downloads, pictures of pages, and all files of a resource as one zip. Mounted behind the pages of a file. */
export function fileRoutes(deps: Deps, access: FileAccess) {
  const routes = createRoutes();

  routes.get('/files/:id/pages/:page.webp', anyone, async (req, res) => {
    const { id: fileId, page } = parseParams(pageParams, req.params);
    const { file, sharing } = await access.open(viewerOf(res), fileId, 'preview');
    const preview = await findPreview(deps.pool, file.sha256, page, width.parse(req.query['w']));
    const picture = preview && (await deps.files.openDerived(file.sha256, preview.name));
    if (!preview || !picture) throw notFound();
    res.set('Content-Security-Policy', POLICY.media);
    await sendContent(req, res, {
      mime: 'image/webp',
      bytes: picture.size,
      etag: `${file.sha256.slice(0, 32)}-${page}-${preview.width}`,
      cache: sharing,
      open: async () => picture.stream,
      ranges: false,
    });
    picture.stream.destroy();
  });

  routes.get('/files/:id/:name', anyone, async (req, res) => {
    const { id: fileId } = parseParams(fileParams, req.params);
    const { file, sharing } = await access.open(viewerOf(res), fileId, 'content');
    setDisposition(req, res, file);
    try {
      await sendContent(req, res, {
        mime: file.mime,
        bytes: file.bytes,
        etag: file.sha256,
        cache: sharing,
        open: (range) => deps.files.open(file.sha256, range),
        ranges: true,
      });
    } catch (error) {
      throw asMissing(error, res);
    }
    if (isTaking(req, res)) await access.taken(viewerOf(res), file.resourceId);
  });

  routes.get('/resources/:id/files.zip', anyone, async (req, res) => {
    const { id: resourceId } = parseParams(fileParams, req.params);
    const viewer = viewerOf(res);
    const { title, files } = await access.openAll(viewer, resourceId, version.parse(req.query['version']));
    if (files.length === 0) throw notFound();
    const zip = await zipFiles(deps, files).catch((error: unknown) => {
      throw asMissing(error, res);
    });
    res.set({
      'Content-Type': 'application/zip',
      'Content-Length': String(zip.bytes),
      'Content-Disposition': contentDisposition(cleanFileName(`${title.slice(0, 120)}.zip`), 'attachment'),
      'Content-Security-Policy': POLICY.attachment,
      'Cache-Control': 'private, no-store, no-transform',
    });
    if (req.method === 'HEAD') {
      zip.stream.destroy();
      res.end();
      return;
    }
    await sendStream(res, zip.stream);
    await access.taken(viewer, resourceId);
  });

  /** Content that is gone from the disk is our fault, and a page may say so. */
  function asMissing(error: unknown, res: Response): unknown {
    if (!(error instanceof FileMissingError)) return error;
    deps.log.error({ err: error }, 'A stored file is missing');
    for (const name of ['Content-Length', 'Content-Range', 'Content-Disposition', 'ETag'])
      res.removeHeader(name);
    return notFound('files.missing');
  }

  return routes.router;
}

function setDisposition(req: Request, res: Response, file: StoredFile): void {
  const inline =
    req.query['download'] === undefined && isFileKind(file.kind) && kindFacts(file.kind).serve === 'inline';
  res.set({
    'Content-Disposition': contentDisposition(file.name, inline ? 'inline' : 'attachment'),
    'Content-Security-Policy': !inline ? POLICY.attachment : file.kind === 'pdf' ? POLICY.pdf : POLICY.media,
  });
}

/** A whole file that a person asked for: not a piece of it, not a check, not a picture or film inside a page. */
function isTaking(req: Request, res: Response): boolean {
  return (
    req.method === 'GET' &&
    res.statusCode === 200 &&
    ['document', 'empty', undefined].includes(req.get('sec-fetch-dest'))
  );
}
