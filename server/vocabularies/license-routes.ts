import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { notFound, type FieldFault, type PortalError } from '../errors.ts';
import { fieldErrors } from '../web/field-errors.ts';
import { flash } from '../web/flash.ts';
import { orAgain } from '../web/form-again.ts';
import { contextOf, page } from '../web/page.ts';
import { parseForm, parseParams } from '../web/parse.ts';
import { originOf, viewerOf } from '../web/request-context.ts';
import { createRoutes, stateStaff } from '../web/route.ts';
import type { AdminLicensePage } from './admin-view.ts';
import {
  addLicense,
  findLicense,
  LICENSE_FACTS,
  licenseForm,
  licenseLines,
  moveLicense,
  newLicenseForm,
  removeLicense,
  saveLicense,
  stampOfLicense,
  touchedByLicense,
  UNKNOWN,
  type LicenseRow,
} from './license-service.ts';
import { needsStarterLists } from './starter-lists.ts';
import { confirmation, moveForm } from './vocabulary-schema.ts';

const HOME = '/admin/licenses';
/** What was typed stays also where somebody else was quicker. */
const KEPT = [409, 422];
const administrator = stateStaff('admin');
const params = z.object({ code: z.string().regex(/^[A-Za-z0-9.+-]{1,60}$/) });
const pressed = z.object({ do: z.enum(['save', 'remove']).catch('save') });

/** The licenses, which of them the share form offers, and what they say in plain words. */
export function licenseRoutes(deps: Pick<Deps, 'pool'>) {
  const routes = createRoutes();
  const { pool } = deps;

  routes.get(HOME, administrator, async (_req, res) => {
    const [lines, starter] = await Promise.all([licenseLines(pool), needsStarterLists(pool)]);
    page(
      res,
      'admin/licenses',
      {
        licenses: lines.map((one, place) => ({
          code: one.code,
          name: one.name,
          url: `${HOME}/${encodeURIComponent(one.code)}`,
          offered: one.offered,
          may: one.may,
          must: one.must,
          mayNot: one.mayNot,
          resources: one.resources,
          shelfUrl: `/search?license=${encodeURIComponent(one.code)}`,
          moveUrl: `${HOME}/${encodeURIComponent(one.code)}/place`,
          first: place === 0,
          last: place === lines.length - 1,
        })),
        newUrl: `${HOME}/new`,
        starter,
      },
      { title: contextOf(res).t('admin.licenses.title'), robots: 'none' },
    );
  });

  routes.get(`${HOME}/new`, administrator, (req, res) => show(req, res, {}));
  routes.post(`${HOME}/new`, administrator, async (req, res) => {
    await orAgain(
      async () => {
        const form = parseForm(newLicenseForm, req.body);
        await addLicense(deps, viewerOf(res), form, originOf(req, res));
        flash(req, { kind: 'done', text: contextOf(res).t('vocabulary.added', { name: form.name }) });
        res.redirect(303, HOME);
      },
      (_, error) => show(req, res, { error }),
      KEPT,
    );
  });

  routes.get(`${HOME}/:code`, administrator, async (req, res) =>
    show(req, res, { license: await licenseOf(req) }),
  );
  routes.post(`${HOME}/:code`, administrator, async (req, res) => {
    const license = await licenseOf(req);
    const { code } = license;
    const { t } = contextOf(res);
    await orAgain(
      async () => {
        if (parseForm(pressed, req.body).do === 'remove') {
          await removeLicense(deps, viewerOf(res), code, originOf(req, res));
          flash(req, { kind: 'done', text: t('vocabulary.done.remove', { name: license.name, after: '' }) });
          return res.redirect(303, HOME);
        }
        const input = parseForm(licenseForm, req.body);
        const { seen } = parseForm(confirmation, req.body);
        await saveLicense(deps, viewerOf(res), { code, seen, input }, originOf(req, res));
        flash(req, { kind: 'done', text: t('license.saved', { name: input.name }) });
        res.redirect(303, HOME);
      },
      async (_, error) => show(req, res, { license: await licenseOf(req), error }),
      KEPT,
    );
  });
  routes.post(`${HOME}/:code/place`, administrator, async (req, res) => {
    const { code } = parseParams(params, req.params);
    const { by } = parseForm(moveForm, req.body);
    await moveLicense(deps, viewerOf(res), { code, by }, originOf(req, res));
    res.redirect(303, `${HOME}#at-${code.replaceAll(/[^\w-]/g, '_')}`);
  });

  async function licenseOf(req: Request): Promise<LicenseRow> {
    const license = await findLicense(pool, parseParams(params, req.params).code);
    if (!license) throw notFound('vocabulary.gone');
    return license;
  }

  /** The form with what is kept, or with what was typed where that had a fault. */
  async function show(
    req: Request,
    res: Response,
    { license, error }: { license?: LicenseRow; error?: PortalError },
  ): Promise<void> {
    const { t } = contextOf(res);
    const touched = license ? await touchedByLicense(pool, license.code) : null;
    const body = (error ? req.body : {}) as Record<string, unknown>;
    const typed = (name: keyof AdminLicensePage['values'], kept: string): string => {
      const value = body[name];
      return typeof value === 'string' ? value.slice(0, 4000) : kept;
    };
    const lines = (list: readonly string[] | undefined): string => (list ?? []).join('\n');
    const facts = [body['fact'] ?? []].flat();
    const faults: FieldFault[] =
      error?.status === 409 ? [{ field: 'name', key: error.key }] : (error?.faults ?? []);
    const props: AdminLicensePage = {
      code: license?.code ?? null,
      name: license?.name ?? '',
      actionUrl: license ? `${HOME}/${encodeURIComponent(license.code)}` : `${HOME}/new`,
      touched,
      // What somebody else wrote stands beside what was typed once it is saved again.
      seen: license ? stampOfLicense(license) : '',
      values: {
        code: typed('code', ''),
        name: typed('name', license?.name ?? ''),
        url: typed('url', license?.url ?? ''),
        may: typed('may', lines(license?.may)),
        must: typed('must', lines(license?.must)),
        mayNot: typed('mayNot', lines(license?.mayNot)),
      },
      offered: error ? body['offered'] === 'yes' : (license?.offered ?? true),
      mayBeOffered: license?.code !== UNKNOWN,
      facts: LICENSE_FACTS.map((name) => ({
        name,
        label: t(`license.fact.${name}`),
        chosen: license ? license[name] : facts.includes(name),
      })),
      removable: license !== undefined && license.code !== UNKNOWN && touched?.all === 0,
      errors: fieldErrors(t, faults),
    };
    page(res, 'admin/license', props, {
      title: license?.name ?? t('license.new'),
      robots: 'none',
      status: error?.status ?? 200,
    });
  }

  return routes.router;
}
