import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NextFunction, Request, Response } from 'express';
import multer from 'multer';
import type { z } from 'zod';
import type { Deps } from '../deps.ts';
import { invalid, PortalError } from '../errors.ts';
import { fieldErrors } from '../web/field-errors.ts';
import { contextOf, page } from '../web/page.ts';
import { parseQuery } from '../web/parse.ts';
import { originOf, viewerOf } from '../web/request-context.ts';
import { anyone, createRoutes, stateStaff } from '../web/route.ts';
import { frameworkCard } from './framework-card.ts';
import { readFrameworkFile } from './framework-file.ts';
import { frameworkReport } from './import-report.ts';
import { searchStandards } from './picker-queries.ts';
import { standardAnswerOf } from './standard-answer.ts';
import { frameworkList, standardsBelow } from './standard-queries.ts';
import { standardsQuery } from './standard-schema.ts';
import type { standardsAnswer } from './standard-schema.ts';
import { importFramework } from './standard-service.ts';
import type { FrameworkReport } from './standard-view.ts';

type StandardRouteDeps = Pick<Deps, 'pool' | 'clock' | 'config'> & {
  /** How many resources each framework has, by its GUID, for whoever holds these keys; given by a room above. */
  countResources: (pool: Deps['pool'], audiences: string[]) => Promise<Map<string, number>>;
};

/** Standards for other programs and for the picker, and the page on which a state administrator loads frameworks. */
export function standardRoutes(deps: StandardRouteDeps) {
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

  routes.post('/admin/standards', stateStaff('admin'), receiveFile(maxBytes), async (req, res) => {
    const { t } = contextOf(res);
    try {
      if (!req.file) throw invalid({ field: 'file', key: 'admin.standards.noFile' });
      const framework = await readFrameworkFile(req.file.path);
      const report = await importFramework(deps, viewerOf(res).id, framework, { origin: originOf(req, res) });
      await show(res, frameworkReport(t, originalName(req.file), report), null);
    } catch (error) {
      if (!(error instanceof PortalError) || error.status !== 422) throw error;
      await show(res, null, error);
    } finally {
      await dropFile(req);
    }
  });

  async function show(
    res: Response,
    report: FrameworkReport | null,
    error: PortalError | null,
  ): Promise<void> {
    const { t } = contextOf(res);
    // The administrator of a state sees everything that isn't somebody's draft, so every key counts.
    const [frameworks, counts] = await Promise.all([
      frameworkList(pool),
      deps.countResources(pool, ['public', 'state', 'staff:state']),
    ]);
    page(
      res,
      'admin/standards',
      {
        frameworks: frameworks.map((framework) => ({
          ...frameworkCard(framework, counts.get(framework.guid) ?? 0),
          loadedAt: new Date(framework.importedAt),
          retiredStandards: framework.retiredStandards,
        })),
        errors: error ? fieldErrors(t, error.faults) : [],
        maxBytes,
        report,
      },
      { title: t('admin.standards.title'), robots: 'none', ...(error ? { status: 422 } : {}) },
    );
  }

  return routes.router;
}

/** The folder that a request's upload was written to. */
const folderOf = new WeakMap<object, string>();

/** Streams the upload to a file in a folder of its own; `dropFile` takes both away, also when the upload fails. */
function receiveFile(maxBytes: number): (req: Request, res: Response, next: NextFunction) => void {
  const receive = multer({
    storage: multer.diskStorage({
      destination: (req, _file, done) => {
        mkdtemp(join(tmpdir(), 'framework-')).then(
          (folder) => {
            folderOf.set(req, folder);
            done(null, folder);
          },
          (error: Error) => done(error, ''),
        );
      },
      filename: (_req, _file, done) => done(null, 'upload'),
    }),
    limits: { fileSize: maxBytes, files: 1, fields: 20, fieldSize: 10_000 },
  }).single('file');
  return (req, res, next) =>
    void receive(req, res, (error: unknown) => {
      if (error === undefined || error === null) return next();
      dropFile(req).then(() => next(error), next);
    });
}

async function dropFile(req: Request): Promise<void> {
  const folder = folderOf.get(req);
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
}

/** Browsers send UTF-8, multer reads latin1. */
const originalName = (file: Express.Multer.File): string =>
  Buffer.from(file.originalname, 'latin1').toString('utf8').slice(0, 200);
