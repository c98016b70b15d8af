import type { Response } from 'express';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { invalid, notFound, type FieldFault } from '../errors.ts';
import { csvLine } from '../lib/csv-text.ts';
import { fieldErrors } from '../web/field-errors.ts';
import { flash } from '../web/flash.ts';
import { orAgain } from '../web/form-again.ts';
import { dropUpload, receiveUpload, uploadName, type NeedRoom } from '../web/one-upload.ts';
import { contextOf, page } from '../web/page.ts';
import { id, parseForm, parseParams, parseQuery } from '../web/parse.ts';
import { originOf, viewerOf } from '../web/request-context.ts';
import { anyone, createRoutes, stateStaff } from '../web/route.ts';
import { readFrameworkFile } from './framework-file.ts';
import { findFrameworkUpload, keepFramework, moveFrameworkUpload } from './framework-upload.ts';
import { uploadCells, uploadPage } from './import-report.ts';
import { searchStandards } from './picker-queries.ts';
import { standardAnswerOf } from './standard-answer.ts';
import { standardsBelow } from './standard-queries.ts';
import { standardsQuery } from './standard-schema.ts';
import type { standardsAnswer } from './standard-schema.ts';

const LOAD = '/admin/standards';
const administrator = stateStaff('admin');
const uploadParams = z.object({ id });
const uploadForm = z.object({ do: z.enum(['load', 'drop']) });

/** Standards for other programs and for the picker, and the page on which a state administrator loads frameworks. */
export function standardRoutes(deps: Pick<Deps, 'pool' | 'clock' | 'config'> & { needRoom: NeedRoom }) {
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

  routes.get(LOAD, administrator, (_req, res) => show(res, []));

  routes.post(LOAD, administrator, receiveUpload(maxBytes, deps.needRoom), async (req, res) => {
    try {
      await orAgain(
        async () => {
          if (!req.file) throw invalid({ field: 'file', key: 'admin.standards.noFile' });
          const framework = await readFrameworkFile(req.file.path);
          const kept = await keepFramework(deps, viewerOf(res), {
            fileName: uploadName(req.file),
            framework,
          });
          res.redirect(303, `${LOAD}/uploads/${kept}`);
        },
        (faults) => show(res, faults),
      );
    } finally {
      await dropUpload(req);
    }
  });

  routes.get(`${LOAD}/uploads/:id`, administrator, async (req, res) => {
    const { id: uploadId } = parseParams(uploadParams, req.params);
    const upload = await findFrameworkUpload(pool, uploadId);
    if (!upload) throw notFound();
    const { t } = contextOf(res);
    const props = uploadPage(t, upload, `${LOAD}/uploads/${uploadId}`);
    const doing = upload.state === 'looking' || upload.state === 'loading';
    page(res, 'admin/framework-upload', props, {
      title: t(`upload.state.${upload.state}`),
      robots: 'none',
      ...(doing ? { refreshSeconds: 5 } : {}),
    });
  });

  routes.get(`${LOAD}/uploads/:id/standards.csv`, administrator, async (req, res) => {
    const upload = await findFrameworkUpload(pool, parseParams(uploadParams, req.params).id);
    if (!upload?.report) throw notFound();
    res.attachment('standards.csv').type('text/csv');
    res.send(`\ufeff${uploadCells(contextOf(res).t, upload).map(csvLine).join('')}`);
  });

  routes.post(`${LOAD}/uploads/:id`, administrator, async (req, res) => {
    const { id: uploadId } = parseParams(uploadParams, req.params);
    const { do: move } = parseForm(uploadForm, req.body);
    await moveFrameworkUpload(deps, viewerOf(res), { id: uploadId, move }, originOf(req, res));
    if (move === 'load') return res.redirect(303, `${LOAD}/uploads/${uploadId}`);
    flash(req, { kind: 'done', text: contextOf(res).t('upload.dropped') });
    res.redirect(303, LOAD);
  });

  function show(res: Response, faults: FieldFault[]): void {
    const { t } = contextOf(res);
    page(
      res,
      'admin/standards',
      { errors: fieldErrors(t, faults), maxBytes },
      { title: t('admin.standards.load'), robots: 'none', status: faults.length > 0 ? 422 : 200 },
    );
  }

  return routes.router;
}
