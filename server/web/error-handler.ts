import type { ErrorRequestHandler, RequestHandler } from 'express';
import multer from 'multer';
import { notFound, PortalError, unavailable } from '../errors.ts';
import { FileTooLargeError } from '../platform/file-store/file-store.ts';
import type { Logger } from '../platform/logger.ts';
import { fieldErrors } from './field-errors.ts';
import { loggedPath } from './logged-path.ts';
import { contextOf, page } from './page.ts';
import { requestIdOf, tokenOf, viewerOf } from './request-context.ts';

/** The end of the line: no route took the request. */
export const nothingHere: RequestHandler = (_req, _res, next) => next(notFound());

/**
 * Turns what was thrown into an answer: `problem+json` (RFC 9457) under /api and for scripts, a page for people.
 * Only a PortalError's words are shown; anything else is logged under the request's id and says nothing.
 */
export function errorHandler({ log }: { log: Logger }): ErrorRequestHandler {
  return (thrown, req, res, next) => {
    const error = asPortalError(thrown);
    const requestId = requestIdOf(res);
    if (error.status >= 500)
      log.error({ err: thrown, requestId, method: req.method, path: loggedPath(req.path) }, 'request failed');
    if (isRefusal(error))
      log.warn(
        {
          requestId,
          method: req.method,
          path: loggedPath(req.path),
          code: error.code,
          personId: viewerOf(res).id,
          tokenId: tokenOf(res)?.id,
        },
        'refused',
      );
    if (res.headersSent) return next(thrown);
    if (error.retryAfter !== undefined) res.setHeader('Retry-After', String(error.retryAfter));
    res.setHeader('Cache-Control', 'no-store');
    const { t } = contextOf(res);
    const message = t(error.key, error.params);
    if (wantsJson(req)) {
      res
        .status(error.status)
        .type('application/problem+json')
        .send(
          JSON.stringify({
            type: 'about:blank',
            title: message,
            status: error.status,
            code: error.code,
            request_id: requestId,
            ...(error.faults.length > 0 ? { errors: fieldErrors(t, error.faults) } : {}),
          }),
        );
      return;
    }
    if (error.status === 401 && req.method === 'GET') {
      res.redirect(303, `/sign-in?why=needed&next=${encodeURIComponent(req.originalUrl)}`);
      return;
    }
    const sent = req.method !== 'GET' && req.method !== 'HEAD';
    const keepsTyped = sent && KEEPS_TYPED.has(error.status);
    const from = sent ? formPage(req) : '/';
    page(
      res,
      'errors/error',
      {
        status: error.status,
        requestId,
        message: error.status === 500 ? null : error.status === 401 ? t('error.sessionEnded') : message,
        retryAfterSeconds: error.retryAfter ?? null,
        signInUrl:
          error.status === 401 || error.status === 403
            ? `/sign-in?${error.status === 401 ? 'why=ended&' : ''}next=${encodeURIComponent(req.method === 'GET' ? req.originalUrl : formPage(req))}`
            : null,
        // Where they pressed the button; what was typed is put back there.
        backUrl: error.status === 401 || from === '/' ? null : from,
        keepsTyped,
        typed: keepsTyped ? typedTexts(req.body) : [],
      },
      { title: message, status: error.status, robots: 'none' },
    );
  };
}

/** What somebody tried who may not: worth a line that can be watched for. Who only has to sign in is none. */
const isRefusal = ({ status, code }: PortalError): boolean =>
  status === 403 || status === 429 || code === 'invalid_token';

/** What was typed into a form that gets one of these wasn't saved through no fault of its own: sent again, it may be. */
const KEEPS_TYPED = new Set([401, 413, 429, 500, 503, 507]);

/** The page whose form was sent: where somebody whose session had ended carries on. */
function formPage(req: Parameters<RequestHandler>[0]): string {
  const from = req.get('referer') ?? '';
  if (!URL.canParse(from)) return '/';
  const { host, pathname, search } = new URL(from);
  return host === req.get('host') ? pathname + search : '/';
}

/** Texts that somebody typed into a form, so long that they would miss them; never what is secret. */
function typedTexts(body: unknown): string[] {
  return Object.entries((body ?? {}) as Record<string, unknown>).flatMap(([name, value]) =>
    typeof value === 'string' && value.trim().length >= 30 && !SECRET.test(name) ? [value] : [],
  );
}
const SECRET = /^(?:password|current|again|token|key|digest|revision|next)$/;

const wantsJson = (req: Parameters<RequestHandler>[0]): boolean =>
  req.path.startsWith('/api/') || req.accepts(['html', 'json']) === 'json';

/** Knows the errors of the libraries below; the rest is a 500. */
function asPortalError(thrown: unknown): PortalError {
  if (thrown instanceof PortalError) return thrown;
  if (thrown instanceof multer.MulterError) return uploadError(thrown);
  if (thrown instanceof FileTooLargeError) return new PortalError(413, 'too_large', 'error.fileTooLarge');
  const status = statusOf(thrown);
  if (status === 413) return new PortalError(413, 'too_large', 'error.tooLarge');
  if (status >= 400 && status < 500) return new PortalError(status, 'bad_request', 'error.badRequest');
  if (isDatabaseAway(thrown)) return unavailable(thrown);
  if (noRoomCodes.has(codeOf(thrown)))
    return new PortalError(507, 'disk_full', 'error.diskFull', { cause: thrown });
  if (codeOf(thrown) === DATABASE_FULL)
    return new PortalError(507, 'disk_full', 'error.nothingSaved', { cause: thrown });
  return new PortalError(500, 'error', 'error.server', { cause: thrown });
}

function uploadError(error: multer.MulterError): PortalError {
  if (error.code === 'LIMIT_FILE_SIZE') return new PortalError(413, 'too_large', 'error.fileTooLarge');
  if (error.code === 'LIMIT_FILE_COUNT') return new PortalError(413, 'too_many_files', 'error.tooManyFiles');
  return new PortalError(400, 'bad_upload', 'error.badUpload');
}

function statusOf(thrown: unknown): number {
  if (typeof thrown !== 'object' || thrown === null) return 0;
  const status = 'status' in thrown ? thrown.status : 'statusCode' in thrown ? thrown.statusCode : 0;
  return typeof status === 'number' ? status : 0;
}

const awayCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  '57P01',
  '57P02',
  '57P03',
  '08006',
  '08001',
  '53300',
]);

/** What the system says when a file can't be written: the disk is full, or what this account may use of it is used up. */
const noRoomCodes = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** What PostgreSQL says when its own disk is full. */
const DATABASE_FULL = '53100';

const codeOf = (thrown: unknown): string =>
  thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';

function isDatabaseAway(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  return (
    awayCodes.has(codeOf(thrown)) ||
    /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/.test(
      thrown.message,
    )
  );
}
