import type { Response } from 'express';
import type { z } from 'zod';
import type { Deps } from '../deps.ts';
import { invalid, PortalError } from '../errors.ts';
import { fieldErrors } from '../web/field-errors.ts';
import { dropUpload, receiveUpload, uploadName } from '../web/one-upload.ts';
import { contextOf, page } from '../web/page.ts';
import { parseQuery } from '../web/parse.ts';
import { originOf, viewerOf } from '../web/request-context.ts';
import { anyone, createRoutes, stateStaff } from '../web/route.ts';
import { readFrameworkFile } from './framework-file.ts';
import { frameworkReport } from './import-report.ts';
import { searchStandards } from './picker-queries.ts';
import { standardAnswerOf } from './standard-answer.ts';
import { standardsBelow } from './standard-queries.ts';
import { standardsQuery } from './standard-schema.ts';
import type { standardsAnswer } from './standard-schema.ts';
import { importFramework } from './standard-service.ts';
import type { FrameworkReport } from './standard-view.ts';

/** Standards for other programs and for the picker, and the page on which a state administrator loads frameworks. */
export function standardRoutes(deps: Pick<Deps, 'pool' | 'clock' | 'config'>) {
  const routes = createRoutes();
  const { pool } = deps;
  const maxBytes = deps.config.maxUploadBytes;

  routes.get('/api/v1/standards', anyone, async (req, res) => {
    const { q, below, framework, subject, grade, limit } = parseQuery(standardsQuery, req.query);
    const found =
      below === undefined
        ? await searchStandards(pool, q ?? '', { framework, subject, grades: grade, limit })
        : below === ''
          ? []
          : await standardsBelow(pool, below);
    const answer: z.output<typeof standardsAnswer> = {
      standards: found.map((standard) => standardAnswerOf(standard, deps.config.baseUrl)),
    };
    res.json(answer);
  });

  routes.get('/admin/standards', stateStaff('admin'), async (_req, res) => show(res, null, null));

  routes.post('/admin/standards', stateStaff('admin'), receiveUpload(maxBytes), async (req, res) => {
    const { t } = contextOf(res);
    try {
      if (!req.file) throw invalid({ field: 'file', key: 'admin.standards.noFile' });
      const framework = await readFrameworkFile(req.file.path);
      const report = await importFramework(deps, viewerOf(res).id, framework, { origin: originOf(req, res) });
      show(res, frameworkReport(t, uploadName(req.file), report), null);
    } catch (error) {
      if (!(error instanceof PortalError) || error.status !== 422) throw error;
      show(res, null, error);
    } finally {
      await dropUpload(req);
    }
  });

  function show(res: Response, report: FrameworkReport | null, error: PortalError | null): void {
    const { t } = contextOf(res);
    page(
      res,
      'admin/standards',
      { errors: error ? fieldErrors(t, error.faults) : [], maxBytes, report },
      { title: t('admin.standards.load'), robots: 'none', ...(error ? { status: 422 } : {}) },
    );
  }

  return routes.router;
}
