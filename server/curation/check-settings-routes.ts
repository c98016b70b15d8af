import type { Response } from 'express';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { PortalError, type FieldFault } from '../errors.ts';
import { fieldErrors } from '../web/field-errors.ts';
import { flash } from '../web/flash.ts';
import { contextOf, page } from '../web/page.ts';
import { parseForm } from '../web/parse.ts';
import { originOf, viewerOf } from '../web/request-context.ts';
import { createRoutes, stateStaff } from '../web/route.ts';
import { checkSettings } from './check-settings-queries.ts';
import { settingsForm } from './check-settings-schema.ts';
import { setChecks } from './check-settings-service.ts';

const AT = '/curate/settings';
const setters = stateStaff('lead', 'admin');
const typedForm = z.object({
  promise: z.string().max(20).default(''),
  lease: z.string().max(20).default(''),
  rubric: z.string().max(100).default(''),
  criteria: z.string().max(10_000).default(''),
});
type Typed = z.infer<typeof typedForm>;

/** What the state promises, and the rubric that its curators check by. */
export function checkSettingsRoutes(deps: Pick<Deps, 'pool' | 'clock'>) {
  const routes = createRoutes();

  routes.get(AT, setters, async (_req, res) => show(res, null, []));

  routes.post(AT, setters, async (req, res) => {
    try {
      await setChecks(deps, viewerOf(res), parseForm(settingsForm, req.body), originOf(req, res));
    } catch (error) {
      if (!(error instanceof PortalError) || error.status !== 422) throw error;
      return show(res, parseForm(typedForm, req.body), error.faults);
    }
    flash(req, { kind: 'done', text: contextOf(res).t('curate.settings.saved') });
    res.redirect(303, '/curate');
  });

  async function show(res: Response, typed: Typed | null, faults: FieldFault[]): Promise<void> {
    const { t } = contextOf(res);
    const settings = await checkSettings(deps.pool);
    const own = settings.rubrics.find(({ source }) => source === null);
    const chosen = typed?.rubric ?? settings.rubric?.slug ?? '';
    const ownText = (own?.criteria ?? [])
      .map(({ name, hint }) => (hint ? `${name} – ${hint}` : name))
      .join('\n');
    page(
      res,
      'curate/settings',
      {
        actionUrl: AT,
        promise: typed?.promise ?? String(settings.promiseDays),
        lease: typed?.lease ?? String(settings.leaseMinutes),
        rubrics: [
          ...settings.rubrics.map(({ slug, name }) => ({
            value: slug,
            label: name,
            chosen: slug === chosen,
          })),
          { value: '', label: t('curate.settings.noRubric'), chosen: chosen === '' },
        ],
        own: { text: typed?.criteria ?? ownText, labels: own?.labels ?? [] },
        others: settings.rubrics
          .filter(({ source }) => source !== null)
          .map(({ name, source, labels, criteria }) => ({
            name,
            source,
            labels,
            criteria: criteria.map((one) => one.name),
          })),
        errors: fieldErrors(t, faults),
      },
      { title: t('curate.settings.title'), status: faults.length > 0 ? 422 : 200, robots: 'none' },
    );
  }

  return routes.router;
}
