import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { notFound, type PortalError } from '../errors.ts';
import { fieldErrors } from '../web/field-errors.ts';
import { confirmation } from '../vocabularies/vocabulary-schema.ts';
import { flash } from '../web/flash.ts';
import { orAgain } from '../web/form-again.ts';
import { contextOf, page } from '../web/page.ts';
import { id, line, one, parseForm, parseParams, parseQuery, text } from '../web/parse.ts';
import { originOf, viewerOf } from '../web/request-context.ts';
import { createRoutes, stateStaff } from '../web/route.ts';
import {
  describedStandard,
  saveDescriptorsOf,
  stampOfDescriptors,
  type DescribedLevel,
} from './descriptor-service.ts';
import { searchStandards } from './picker-queries.ts';
import { standardTab } from './standard-row.ts';

const HOME = '/admin/levels/standards';
const administrator = stateStaff('admin');
const FOUND = 30;
const params = z.object({ guid: id });
const findQuery = z.object({ q: one.pipe(line(1000)).catch('') });

/** What the levels look like for one standard, written by hand. */
export function descriptorRoutes(deps: Pick<Deps, 'pool'>) {
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
    await orAgain(
      async () => {
        const form = parseForm(wordsForm(found.levels), req.body);
        const words = found.levels.map((level) => ({
          levelId: level.id,
          description: form[`words-${level.id}`] ?? '',
        }));
        const { seen } = parseForm(confirmation, req.body);
        await saveDescriptorsOf(deps, viewerOf(res), { guid, seen, words }, originOf(req, res));
        flash(req, { kind: 'done', text: contextOf(res).t('descriptors.saved') });
        res.redirect(303, `/standards/${guid}`);
      },
      (_, error) => show(req, res, error),
      [409, 422],
    );
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

  return routes.router;
}

const wordsForm = (levels: readonly DescribedLevel[]) =>
  z.object(Object.fromEntries(levels.map((level) => [`words-${level.id}`, text(1000).default('')])));
