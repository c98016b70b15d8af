import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { invalid, notFound, PortalError } from '../errors.ts';
import { fieldErrors } from '../web/field-errors.ts';
import { flash } from '../web/flash.ts';
import { dropUpload, receiveUpload, uploadName } from '../web/one-upload.ts';
import { contextOf, page } from '../web/page.ts';
import { id, line, parseForm, parseParams, parseQuery, text } from '../web/parse.ts';
import { originOf, viewerOf } from '../web/request-context.ts';
import { createRoutes, stateStaff } from '../web/route.ts';
import {
  describedStandard,
  saveDescriptorsOf,
  stampOfDescriptors,
  type DescribedLevel,
} from './descriptor-service.ts';
import { readRubricFile } from './framework-file.ts';
import { warningLines } from './import-report.ts';
import { searchStandards } from './picker-queries.ts';
import {
  findRubrics,
  keepRubrics,
  LEFT_OUT,
  levelNames,
  planRubrics,
  takeRubrics,
  usualMeanings,
  type LevelMeanings,
} from './rubric-service.ts';
import { standardTab } from './standard-row.ts';

const HOME = '/admin/levels/standards';
const RUBRICS = '/admin/levels/rubrics';
const administrator = stateStaff('admin');
const FOUND = 30;
const MOST_BYTES = 64 * 1024 * 1024;
const params = z.object({ guid: id });
const uploadParams = z.object({ id });
const findQuery = z.object({
  q: z
    .union([z.string(), z.array(z.string())])
    .optional()
    .transform((value) => [value].flat()[0] ?? '')
    .pipe(line(1000))
    .catch(''),
});
const seenForm = z.object({ seen: z.string().max(64).default('') });
const rubricForm = z.object({ do: z.enum(['look', 'take', 'drop']).catch('look') });

/** What the levels look like for one standard: written by hand, or taken from CASE rubrics. */
export function descriptorRoutes(deps: Pick<Deps, 'pool' | 'clock' | 'config'>) {
  const routes = createRoutes();
  const { pool } = deps;

  routes.get(HOME, administrator, async (req, res) => {
    const { t } = contextOf(res);
    const { q } = parseQuery(findQuery, req.query);
    const found = q === '' ? [] : await searchStandards(pool, q, { limit: FOUND });
    page(
      res,
      'admin/descriptors-find',
      {
        q,
        found: found.map((hit) => ({
          tab: { ...standardTab(hit), url: `${HOME}/${hit.guid}` },
          framework: hit.framework.title,
          language: hit.language ?? 'en',
        })),
      },
      { title: t('descriptors.title'), robots: 'none' },
    );
  });

  routes.get(`${HOME}/:guid`, administrator, (req, res) => show(req, res));
  routes.post(`${HOME}/:guid`, administrator, async (req, res) => {
    const { guid } = parseParams(params, req.params);
    const found = await describedStandard(pool, guid);
    if (!found) throw notFound('standards.noSuch');
    try {
      const form = parseForm(wordsForm(found.levels), req.body);
      const words = found.levels.map((level) => ({
        levelId: level.id,
        description: form[`words-${level.id}`] ?? '',
      }));
      const { seen } = parseForm(seenForm, req.body);
      await saveDescriptorsOf(deps, viewerOf(res), { guid, seen, words }, originOf(req, res));
    } catch (error) {
      if (!(error instanceof PortalError) || ![409, 422].includes(error.status)) throw error;
      return show(req, res, error);
    }
    flash(req, { kind: 'done', text: contextOf(res).t('descriptors.saved') });
    res.redirect(303, `/standards/${guid}`);
  });

  routes.get(RUBRICS, administrator, (_req, res) => showUpload(res));
  routes.post(RUBRICS, administrator, receiveUpload(MOST_BYTES), async (req, res) => {
    try {
      if (!req.file) throw invalid({ field: 'file', key: 'admin.standards.noFile' });
      const rubrics = await readRubricFile(req.file.path);
      const kept = await keepRubrics(deps, viewerOf(res), { fileName: uploadName(req.file), rubrics });
      res.redirect(303, `${RUBRICS}/${kept}`);
    } catch (error) {
      if (!(error instanceof PortalError) || error.status !== 422) throw error;
      showUpload(res, error);
    } finally {
      await dropUpload(req);
    }
  });

  routes.get(`${RUBRICS}/:id`, administrator, (req, res) => showRubrics(req, res));
  routes.post(`${RUBRICS}/:id`, administrator, async (req, res) => {
    const { t } = contextOf(res);
    const { id: uploadId } = parseParams(uploadParams, req.params);
    const { do: pressed } = parseForm(rubricForm, req.body);
    const found = await findRubrics(pool, uploadId);
    if (!found) throw notFound('rubrics.gone');
    if (pressed === 'drop') {
      await pool.query(
        `UPDATE standards_upload SET state = 'dropped', content = NULL, moved_at = $2 WHERE id = $1 AND state = 'looked'`,
        [uploadId, deps.clock.now()],
      );
      return res.redirect(303, '/admin/levels');
    }
    const meanings = chosenMeanings(req.body, await usualMeanings(pool, found.rubrics));
    if (pressed === 'look') return showRubrics(req, res, meanings);
    const plan = await takeRubrics(deps, viewerOf(res), { id: uploadId, meanings }, originOf(req, res));
    flash(req, { kind: 'done', text: t('rubrics.taken', { count: plan.fresh + plan.changed }) });
    res.redirect(303, '/admin/levels');
  });

  async function show(req: Request, res: Response, error?: PortalError): Promise<void> {
    const { t } = contextOf(res);
    const { guid } = parseParams(params, req.params);
    const found = await describedStandard(pool, guid);
    if (!found) throw notFound('standards.noSuch');
    const body = (error ? req.body : {}) as Record<string, unknown>;
    const first = found.levels[0]?.id ?? '';
    const faults =
      error?.status === 409 ? [{ field: `words-${first}`, key: error.key }] : (error?.faults ?? []);
    page(
      res,
      'admin/descriptors',
      {
        tab: standardTab(found.standard),
        statement: found.standard.statement,
        framework: found.standard.framework.title,
        language: found.standard.language ?? 'en',
        // What somebody else wrote is shown beside what was typed, and saving again puts it in its place.
        seen: stampOfDescriptors(found.levels),
        levels: found.levels.map(({ id: levelId, own, general, ...sign }) => {
          const given = body[`words-${levelId}`];
          return {
            id: levelId,
            sign,
            general,
            words: typeof given === 'string' ? given.slice(0, 2000) : own,
            now: error?.status === 409 && given !== own ? own : null,
          };
        }),
        actionUrl: `${HOME}/${guid}`,
        errors: fieldErrors(t, faults),
      },
      {
        title: t('descriptors.of', { code: standardTab(found.standard).code }),
        robots: 'none',
        status: error?.status ?? 200,
      },
    );
  }

  function showUpload(res: Response, error?: PortalError): void {
    const { t } = contextOf(res);
    page(
      res,
      'admin/rubrics',
      { actionUrl: RUBRICS, maxBytes: MOST_BYTES, errors: fieldErrors(t, error?.faults ?? []) },
      { title: t('rubrics.title'), robots: 'none', status: error ? 422 : 200 },
    );
  }

  async function showRubrics(req: Request, res: Response, chosen?: LevelMeanings): Promise<void> {
    const { t } = contextOf(res);
    const { id: uploadId } = parseParams(uploadParams, req.params);
    const found = await findRubrics(pool, uploadId);
    if (!found) throw notFound('rubrics.gone');
    const meanings = chosen ?? (await usualMeanings(pool, found.rubrics));
    const [plan, { rows: levels }] = await Promise.all([
      planRubrics(pool, found.rubrics, meanings),
      pool.query<{ id: string; name: string }>(
        'SELECT l.id, l.name FROM competency_level l JOIN competency_scale s ON s.id = l.scale_id WHERE s.is_default ORDER BY l.position',
      ),
    ]);
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
        actionUrl: `${RUBRICS}/${uploadId}`,
      },
      { title: t('rubrics.title'), robots: 'none' },
    );
  }

  return routes.router;
}

const wordsForm = (levels: readonly DescribedLevel[]) =>
  z.object(Object.fromEntries(levels.map((level) => [`words-${level.id}`, text(1000).default('')])));

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
