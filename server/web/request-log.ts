import type { RequestHandler } from 'express';
import type { Logger } from '../platform/logger.ts';
import { loggedPath } from './logged-path.ts';
import { requestIdOf } from './request-context.ts';

/** One line a request when it is answered: no query, no network address, no person. Errors are logged where they are handled. */
export function requestLog({ log }: { log: Logger }): RequestHandler {
  return (req, res, next) => {
    const started = performance.now();
    const path = loggedPath(req.path);
    res.once('close', () => {
      log.info(
        {
          requestId: requestIdOf(res),
          method: req.method,
          path,
          status: res.statusCode,
          ms: Math.round(performance.now() - started),
          ...(res.writableFinished ? {} : { aborted: true }),
        },
        'request',
      );
    });
    next();
  };
}
