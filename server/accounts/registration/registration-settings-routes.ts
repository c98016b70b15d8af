import type { Request, Response } from 'express';
import type { Deps } from '../../deps.ts';
import { notFound, type FieldFault } from '../../errors.ts';
import { fieldErrors } from '../../web/field-errors.ts';
import { flash } from '../../web/flash.ts';
import { contextOf, page } from '../../web/page.ts';
import { parseForm, parseParams } from '../../web/parse.ts';
import { educatorOf, originOf } from '../../web/request-context.ts';
import { createRoutes } from '../../web/route.ts';
import { orAgain, typedIn } from '../../web/form-again.ts';
import { peopleAdministrators, peopleScope } from '../people-policy.ts';
import { registrations } from './registration-queries.ts';
import { districtParams, settingsForm } from './registration-schema.ts';
import { setRegistration } from './registration-service.ts';

const HERE = '/admin/people/registration';

/** Which districts take people who make their account themselves; each district's own administrators, or the state's. */
export function registrationSettingsRoutes(deps: Pick<Deps, 'pool' | 'clock'>) {
  const routes = createRoutes();

  routes.get(HERE, peopleAdministrators, (req, res) => show(req, res, { id: null }));

  routes.get(`${HERE}/:id`, peopleAdministrators, (req, res) =>
    show(req, res, parseParams(districtParams, req.params)),
  );

  routes.post(`${HERE}/:id`, peopleAdministrators, async (req, res) => {
    const { id } = parseParams(districtParams, req.params);
    await orAgain(
      async () => {
        const form = parseForm(settingsForm, req.body);
        const set = { districtId: id, ...form };
        const { district } = await setRegistration(deps, educatorOf(res), set, originOf(req, res));
        const { t } = contextOf(res);
        const text = t(form.open ? 'register.set.open' : 'register.set.shut', { district });
        flash(req, { kind: 'done', text });
        res.redirect(303, HERE);
      },
      (faults) => show(req, res, { id, faults }),
    );
  });

  async function show(
    req: Request,
    res: Response,
    { id, faults = [] }: { id: string | null; faults?: FieldFault[] },
  ): Promise<void> {
    const { t } = contextOf(res);
    const rows = await registrations(deps.pool, peopleScope(educatorOf(res)));
    // Whoever has one district alone needs no list to choose from.
    const edited = rows.find(
      ({ districtId }) => districtId === (id ?? (rows.length === 1 ? districtId : '')),
    );
    if (id !== null && !edited) throw notFound();
    const typed = typedIn(req);
    const again = faults.length > 0;
    page(
      res,
      'admin/registration',
      {
        districts: rows.map(({ districtId, district, ...row }) => ({
          ...row,
          id: districtId,
          name: district,
          actionUrl: `${HERE}/${districtId}`,
        })),
        edited: edited
          ? {
              id: edited.districtId,
              open: again ? typed('open') === 'yes' : edited.open,
              domains: again ? typed('domains', 10_000) : edited.domains.join('\n'),
            }
          : null,
        errors: fieldErrors(t, faults),
      },
      { title: t('register.admin'), status: again ? 422 : 200, robots: 'none' },
    );
  }

  return routes.router;
}
