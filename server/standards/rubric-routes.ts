import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { invalid, notFound, type FieldFault } from '../errors.ts';
import { fieldErrors } from '../web/field-errors.ts';
import { flash } from '../web/flash.ts';
import { orAgain } from '../web/form-again.ts';
import { dropUpload, receiveUpload, uploadName, type NeedRoom } from '../web/one-upload.ts';
import { contextOf, page } from '../web/page.ts';
import { id, parseForm, parseParams } from '../web/parse.ts';
import { originOf, viewerOf } from '../web/request-context.ts';
import { createRoutes, stateStaff } from '../web/route.ts';
import { readRubricFile } from './framework-file.ts';
import { warningLines } from './import-report.ts';
import {
  dropRubrics,
  findRubrics,
  keepRubrics,
  LEFT_OUT,
  levelNames,
  planRubrics,
  scaleLevels,
  takeRubrics,
  usualMeanings,
  type KeptRubrics,
  type LevelMeanings,
} from './rubric-service.ts';

const HOME = '/admin/levels/rubrics';
const administrator = stateStaff('admin');
const MOST_BYTES = 64 * 1024 * 1024;
const params = z.object({ id });
const form = z.object({ do: z.enum(['look', 'take', 'drop']).catch('look') });

/** What the levels look like for standards, taken from a file of CASE rubrics that is looked at first. */
export function rubricRoutes(deps: Pick<Deps, 'pool' | 'clock'> & { needRoom: NeedRoom }) {
  const routes = createRoutes();
  const { pool } = deps;

  routes.get(HOME, administrator, (_req, res) => showUpload(res, []));
  routes.post(HOME, administrator, receiveUpload(MOST_BYTES, deps.needRoom), async (req, res) => {
    try {
      await orAgain(
        async () => {
          if (!req.file) throw invalid({ field: 'file', key: 'admin.standards.noFile' });
          const rubrics = await readRubricFile(req.file.path);
          const kept = await keepRubrics(deps, viewerOf(res), { fileName: uploadName(req.file), rubrics });
          res.redirect(303, `${HOME}/${kept}`);
        },
        (faults) => showUpload(res, faults),
      );
    } finally {
      await dropUpload(req);
    }
  });

  routes.get(`${HOME}/:id`, administrator, async (req, res) => {
    const found = await rubricsOf(req);
    await showRubrics(res, found, await usualMeanings(pool, found.rubrics));
  });
  routes.post(`${HOME}/:id`, administrator, async (req, res) => {
    const { t } = contextOf(res);
    const { do: pressed } = parseForm(form, req.body);
    const found = await rubricsOf(req);
    const { id: uploadId } = found;
    if (pressed === 'drop') {
      await dropRubrics(deps, uploadId);
      return res.redirect(303, '/admin/levels');
    }
    const meanings = chosenMeanings(req.body, await usualMeanings(pool, found.rubrics));
    if (pressed === 'look') return showRubrics(res, found, meanings);
    const plan = await takeRubrics(deps, viewerOf(res), { id: uploadId, meanings }, originOf(req, res));
    flash(req, { kind: 'done', text: t('rubrics.taken', { count: plan.fresh + plan.changed }) });
    res.redirect(303, '/admin/levels');
  });

  function showUpload(res: Response, faults: FieldFault[]): void {
    const { t } = contextOf(res);
    page(
      res,
      'admin/rubrics',
      { actionUrl: HOME, maxBytes: MOST_BYTES, errors: fieldErrors(t, faults) },
      { title: t('rubrics.title'), robots: 'none', status: faults.length > 0 ? 422 : 200 },
    );
  }

  /** @throws 404 where nothing waits any more */
  async function rubricsOf(req: Request): Promise<KeptRubrics> {
    const found = await findRubrics(pool, parseParams(params, req.params).id);
    if (!found) throw notFound('rubrics.gone');
    return found;
  }

  async function showRubrics(res: Response, found: KeptRubrics, meanings: LevelMeanings): Promise<void> {
    const { t } = contextOf(res);
    const [plan, levels] = await Promise.all([planRubrics(pool, found.rubrics, meanings), scaleLevels(pool)]);
    page(
      res,
      'admin/rubrics-look',
      {
        fileName: found.fileName,
        counts: {
          fresh: plan.fresh,
          changed: plan.changed,
          same: plan.same,
          unknown: plan.unknown,
          leftOut: plan.leftOut,
        },
        standards: plan.standards,
        meanings: levelNames(found.rubrics).map((name, place) => ({
          field: `level-${place}`,
          name,
          options: levels.map((level) => ({
            value: level.id,
            label: level.name,
            chosen: meanings.get(name) === level.id,
          })),
        })),
        examples: plan.examples.map(({ guid, code, ...example }) => ({
          ...example,
          code,
          url: `/standards/${guid}`,
        })),
        warnings: warningLines(t, found.rubrics.warnings),
        actionUrl: `${HOME}/${found.id}`,
      },
      { title: t('rubrics.title'), robots: 'none' },
    );
  }

  return routes.router;
}

/** The levels that were chosen for the names in the file, which stand in the form in their order. */
function chosenMeanings(body: unknown, usual: LevelMeanings): LevelMeanings {
  const sent = (body ?? {}) as Record<string, unknown>;
  return new Map(
    [...usual].map(([name, level], place) => {
      const value = sent[`level-${place}`];
      if (typeof value !== 'string') return [name, level];
      return [name, id.safeParse(value).success ? value.toLowerCase() : LEFT_OUT];
    }),
  );
}
