import type { Request, Response } from 'express';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Deps } from '../deps.ts';
import { conflict, invalid } from '../errors.ts';
import { receiveRaw } from '../files/raw-upload.ts';
import { receiveUploads } from '../files/upload.ts';
import { UnreadableFile } from '../imports/row-reader.ts';
import { gapsCsv, likelyCsv, rejectedCsv } from '../imports/run-report.ts';
import { cancelRun, resumeRun, startUndo } from '../imports/run-service.ts';
import { listRuns, type ImportRun } from '../imports/run-store.ts';
import { FileTooLargeError, type StagedContent } from '../platform/file-store/file-store.ts';
import { jsonBody } from '../web/json-body.ts';
import { contextOf } from '../web/page.ts';
import { parseParams, parseQuery } from '../web/parse.ts';
import { rateLimiter } from '../web/rate-limit.ts';
import { originOf, tokenOf, viewerOf } from '../web/request-context.ts';
import { createRoutes, importPrograms } from '../web/route.ts';
import { sendAnswer, type ApiAnswer } from '../web/send-answer.ts';
import { importDistrict, importRunFor } from './district-access.ts';
import { onceForKey } from './idempotency.ts';
import { importParams, resumeParams, runListQuery, runParams, runQuery } from './import-api-schema.ts';
import { beginApiImport } from './import-api-service.ts';
import { apiRun, apiRunRecord } from './import-api-view.ts';

import { sentFileName } from './sent-file-name.ts';

/** Bulk imports for programs: a file in, a run to follow, its reports, and stopping, going on and taking back. */
export function importApiRoutes(deps: Deps) {
  const routes = createRoutes();
  const { pool, files, config } = deps;
  const imports = rateLimiter(pool, { name: 'api-import', points: 240, seconds: 3600 });
  const upload = receiveUploads(deps, { field: 'file', most: 1 });
  const words = (res: Response) => ({ t: contextOf(res).t, baseUrl: config.baseUrl });
  const runOf = (req: Request, res: Response) =>
    importRunFor(pool, viewerOf(res), parseParams(runParams, req.params).id);

  routes.post(
    '/api/v1/imports',
    importPrograms,
    (req, res, next) => (req.is('multipart/form-data') ? upload.middleware(req, res, next) : next()),
    async (req, res) => {
      const multipart = Boolean(req.is('multipart/form-data'));
      const fields = multipart ? { ...req.query, ...(req.body as object) } : req.query;
      let staged: StagedContent | undefined;
      try {
        const params = parseQuery(importParams, fields);
        const districtId = await importDistrict(pool, viewerOf(res), params.district);
        const [sent] = multipart ? upload.received(req) : [];
        if (sent && 'tooLarge' in sent) throw new FileTooLargeError(config.maxUploadBytes);
        const name = params.name || sent?.name || (multipart ? '' : sentFileName(req.headers));
        if (name === '') throw invalid({ field: multipart ? 'file' : 'name', key: 'api.fault.name' });
        staged = sent?.staged ?? (await receiveRaw(deps, req, Number(req.get('content-length') ?? 0)));
        if (staged.size === 0) throw invalid({ field: 'file', key: 'import.file.empty' });
        const file = staged;
        const asked = { ...params, name };
        await imports.take(tokenOf(res)?.id ?? '');
        await answerOnce(req, res, [asked, file.sha256], async () => {
          const input = { ...(await files.keep(file)), name };
          staged = undefined;
          const by = { viewer: viewerOf(res), origin: originOf(req, res) };
          const run = await beginApiImport(deps, by, { params: asked, districtId, input });
          return accepted(run, res);
        });
      } finally {
        if (staged) await files.discard(staged);
        if (multipart) await upload.discard(req);
      }
    },
  );

  routes.get('/api/v1/imports', importPrograms, async (req, res) => {
    const { district, before, limit } = parseQuery(runListQuery, req.query);
    const districtId = await importDistrict(pool, viewerOf(res), district);
    const runs = await listRuns(pool, { districtId, limit, before: before ?? null });
    res.json({ runs: runs.map((run) => apiRun(run, words(res))) });
  });

  routes.get('/api/v1/imports/:id', importPrograms, async (req, res) => {
    const run = await runOf(req, res);
    res.json(await apiRunRecord(pool, run, parseQuery(runQuery, req.query), words(res)));
  });

  routes.get('/api/v1/imports/:id/rejected.csv', importPrograms, async (req, res) => {
    await sendCsv(res, rejectedCsv(deps, await runOf(req, res), contextOf(res).t), 'rejected.csv');
  });

  routes.get('/api/v1/imports/:id/gaps.csv', importPrograms, async (req, res) => {
    await sendCsv(res, gapsCsv(deps, await runOf(req, res), contextOf(res).t), 'gaps.csv');
  });

  routes.get('/api/v1/imports/:id/likely.csv', importPrograms, async (req, res) => {
    await sendCsv(res, likelyCsv(deps, await runOf(req, res), contextOf(res).t), 'likely.csv');
  });

  routes.post('/api/v1/imports/:id/cancel', importPrograms, (req, res) =>
    command(req, res, [], (by) => cancelRun(deps, by, originOf(req, res))),
  );

  routes.post('/api/v1/imports/:id/undo', importPrograms, (req, res) =>
    command(req, res, [], (by) => startUndo(deps, by, originOf(req, res))),
  );

  routes.post('/api/v1/imports/:id/resume', importPrograms, jsonBody('64kb'), async (req, res) => {
    const sent: unknown = req.body;
    const { withdrawMany } = parseQuery(resumeParams, {
      ...req.query,
      ...(typeof sent === 'object' && sent !== null && 'withdrawMany' in sent
        ? { withdrawMany: String(sent.withdrawMany) }
        : {}),
    });
    const options = withdrawMany ? { withdrawMany } : {};
    await command(req, res, [options], (by) => resumeRun(deps, { ...by, options }, originOf(req, res)));
  });

  /** Asks something of a run and answers with how it stands then. */
  async function command(
    req: Request,
    res: Response,
    parts: unknown[],
    work: (by: { runId: string; personId: string | null; work: true }) => Promise<void>,
  ): Promise<void> {
    const run = await runOf(req, res);
    await answerOnce(req, res, parts, async () => {
      await work({ runId: run.id, personId: viewerOf(res).id, work: true });
      return accepted(await importRunFor(pool, viewerOf(res), run.id), res);
    });
  }

  const accepted = (run: ImportRun, res: Response): ApiAnswer => {
    const body = apiRun(run, words(res));
    return { status: 202, location: body.links.self, body };
  };

  async function answerOnce(
    req: Request,
    res: Response,
    parts: unknown[],
    work: () => Promise<ApiAnswer>,
  ): Promise<void> {
    const request = {
      tokenId: tokenOf(res)?.id ?? '',
      key: req.get('idempotency-key'),
      parts: [req.path, ...parts],
    };
    sendAnswer(res, await onceForKey(pool, request, work));
  }

  return routes.router;
}

/** @throws 409 where the file of the run can't be read at all: the run says so too */
async function sendCsv(res: Response, lines: AsyncGenerator<string>, name: string): Promise<void> {
  // Whatever is wrong with the file shows with the first line, while an answer can still be given in words.
  const first = await lines.next().catch((error: unknown) => {
    if (!(error instanceof UnreadableFile)) throw error;
    throw conflict(error.key, error.params);
  });
  async function* all() {
    if (first.done !== true) yield first.value;
    yield* lines;
  }
  res.type('text/csv').setHeader('Content-Disposition', `attachment; filename="${name}"`);
  await pipeline(Readable.from(all()), res);
}
