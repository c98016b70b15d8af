import { Readable } from 'node:stream';
import type { Request, Response } from 'express';
import { peopleAdministrators, peopleScope } from '../../accounts/people-policy.ts';
import type { Deps } from '../../deps.ts';
import { invalid, notFound, type FieldFault } from '../../errors.ts';
import { hasRoom } from '../../files/disk-room.ts';
import { receiveUploads } from '../../files/upload.ts';
import { csvLine } from '../../lib/csv-text.ts';
import { formats } from '../../locale/format.ts';
import { fieldErrors } from '../../web/field-errors.ts';
import { flash } from '../../web/flash.ts';
import { orAgain, typedIn } from '../../web/form-again.ts';
import { contextOf, page } from '../../web/page.ts';
import { pager } from '../../web/pager.ts';
import { parseForm, parseParams, parseQuery } from '../../web/parse.ts';
import { rateLimiter } from '../../web/rate-limit.ts';
import { educatorOf, originOf } from '../../web/request-context.ts';
import { createRoutes } from '../../web/route.ts';
import { UnreadableFile } from '../row-reader.ts';
import { readStaff, type StaffList } from './read-staff.ts';
import { STAFF_FIELDS } from './staff-columns.ts';
import { staffFile, staffFiles, staffOrganizations, staffRows, type StaffFile } from './staff-queries.ts';
import { applyForm, MOST_PASTED, staffForm, staffParams, staffQuery } from './staff-schema.ts';
import { applyStaff, dropStaff, tryStaff } from './staff-service.ts';
import { staffFilePage } from './staff-view.ts';

const HERE = '/admin/people/import';
/** A list of the most rows that are taken is far smaller. */
const MOST_BYTES = 16 * 1024 * 1024;

/** Lists of staff: tried first, then applied in one step; for administrators of the state and of districts. */
export function staffRoutes(deps: Pick<Deps, 'pool' | 'clock' | 'files' | 'config'>) {
  const routes = createRoutes();
  const { pool, files } = deps;
  const config = { ...deps.config, maxUploadBytes: Math.min(MOST_BYTES, deps.config.maxUploadBytes) };
  const uploads = receiveUploads({ files, config }, { most: 1, textBytes: MOST_PASTED * 4 });
  const perPerson = rateLimiter(pool, { name: 'staff', points: 120, seconds: 60 * 60 });

  routes.get(HERE, peopleAdministrators, (_req, res) => showForm(res, {}));

  routes.get(`${HERE}/template.csv`, peopleAdministrators, (_req, res) => {
    const { t } = contextOf(res);
    const rows = [
      [...STAFF_FIELDS],
      ['Ada Example', 'ada@school.example', t('staff.template.place'), 'teacher', 'yes'],
    ];
    res
      .attachment('staff.csv')
      .type('text/csv')
      .send(`\ufeff${rows.map(csvLine).join('')}`);
  });

  routes.post(HERE, peopleAdministrators, uploads.middleware, async (req, res) => {
    const typed = typedIn(req);
    try {
      await orAgain(
        async () => {
          const viewer = educatorOf(res);
          await perPerson.take(viewer.id);
          const { organizationId, list, fileName } = await take(req, res);
          const id = await tryStaff(deps, viewer, { ...list, organizationId, fileName });
          res.redirect(303, `${HERE}/${id}`);
        },
        (faults) =>
          showForm(res, {
            faults,
            pasted: typed('pasted', MOST_PASTED),
            organization: typed('organization'),
          }),
      );
    } finally {
      await uploads.discard(req);
    }
  });

  routes.get(`${HERE}/:id`, peopleAdministrators, (req, res) => showFile(req, res, false));

  routes.post(`${HERE}/:id/apply`, peopleAdministrators, async (req, res) => {
    const { id } = parseParams(staffParams, req.params);
    const { digest, close } = parseForm(applyForm, req.body);
    const chosen = close.includes('all') ? ('all' as const) : close;
    const outcome = await applyStaff(
      deps,
      educatorOf(res),
      { id, digest, close: chosen },
      originOf(req, res),
    );
    if (outcome === 'changed') return showFile(req, res, true);
    if (outcome === 'done') flash(req, { kind: 'done', text: contextOf(res).t('staff.done') });
    res.redirect(303, `${HERE}/${id}`);
  });

  routes.post(`${HERE}/:id/drop`, peopleAdministrators, async (req, res) => {
    const { id } = parseParams(staffParams, req.params);
    await dropStaff(deps, educatorOf(res), id);
    flash(req, { kind: 'note', text: contextOf(res).t('staff.dropped') });
    res.redirect(303, HERE);
  });

  routes.get(`${HERE}/:id/rejected.csv`, peopleAdministrators, async (req, res) => {
    const { t } = contextOf(res);
    const file = await fileOf(req, res);
    const rows = await staffRows(pool, file.id);
    const lines = file.plan.entries.flatMap(({ outcome, line, fault }) => {
      if (outcome !== 'refused' || !fault) return [];
      const cells = file.columns.map((column) => rows.get(line)?.raw[column] ?? '');
      return [[...cells, String(line), t(fault.key, fault.params)]];
    });
    const headings = [...file.columns, t('staff.rejected.line'), t('staff.rejected.why')];
    res.attachment('rejected.csv').type('text/csv');
    res.send(`\ufeff${[headings, ...lines].map(csvLine).join('')}`);
  });

  async function fileOf(req: Request, res: Response): Promise<StaffFile> {
    const { id } = parseParams(staffParams, req.params);
    const file = await staffFile(pool, peopleScope(educatorOf(res)), id);
    if (!file) throw notFound();
    return file;
  }

  /** Reads the list that came as a file or as text. @throws 422 */
  async function take(
    req: Request,
    res: Response,
  ): Promise<{ organizationId: string; list: StaffList; fileName: string }> {
    const form = parseForm(staffForm, req.body);
    const organizations = await staffOrganizations(pool, peopleScope(educatorOf(res)));
    const only = organizations.length === 1 ? organizations[0] : undefined;
    const organizationId = (only ?? organizations.find(({ id }) => id === form.organization))?.id;
    const read = await readList(req, res, form.pasted);
    const faults: FieldFault[] = [];
    if (organizationId === undefined) faults.push({ field: 'organization', key: 'staff.fault.whose' });
    if ('fault' in read) faults.push(read.fault);
    // A browser forgets the file once it was sent.
    else if (organizationId === undefined && uploads.received(req).length > 0)
      faults.push({ field: 'files', key: 'staff.fault.chooseAgain', params: { name: read.fileName } });
    if ('fault' in read || organizationId === undefined) throw invalid(...faults);
    return { organizationId, ...read };
  }

  async function readList(
    req: Request,
    res: Response,
    pasted: string,
  ): Promise<{ list: StaffList; fileName: string } | { fault: FieldFault }> {
    const [file] = uploads.received(req);
    const { t, language } = contextOf(res);
    if (file && 'tooLarge' in file) {
      const limit = formats(language, t).bytes(config.maxUploadBytes);
      return { fault: { field: 'files', key: 'staff.file.tooLarge', params: { limit } } };
    }
    if (!file && pasted.trim() === '') return { fault: { field: 'files', key: 'staff.fault.nothing' } };
    const field = file ? 'files' : 'pasted';
    const name = file?.name ?? 'pasted.csv';
    if (!file && !(await hasRoom({ files, config }))) return { fault: { field, key: 'error.diskFull' } };
    const staged =
      file?.staged ?? (await files.stage(Readable.from([pasted]), { maxBytes: MOST_PASTED * 4 }));
    try {
      const fileName = file?.name ?? t('staff.pasted');
      return { list: await readStaff({ path: staged.path, name }), fileName };
    } catch (error) {
      if (!(error instanceof UnreadableFile)) throw error;
      return { fault: { field, key: error.key, params: error.params } };
    } finally {
      if (!file) await files.discard(staged);
    }
  }

  async function showForm(
    res: Response,
    {
      faults = [],
      pasted = '',
      organization = '',
    }: { faults?: FieldFault[]; pasted?: string; organization?: string },
  ): Promise<void> {
    const { t } = contextOf(res);
    const scope = peopleScope(educatorOf(res));
    const [listed, places] = await Promise.all([staffFiles(pool, scope), staffOrganizations(pool, scope)]);
    page(
      res,
      'admin/staff',
      {
        actionUrl: HERE,
        organizations:
          places.length > 1
            ? places.map(({ id, name }) => ({ value: id, label: name, chosen: id === organization }))
            : [],
        values: { pasted },
        errors: fieldErrors(t, faults),
        maxBytes: config.maxUploadBytes,
        files: listed.map(({ id, createdAt, appliedAt, ...file }) => ({
          ...file,
          url: `${HERE}/${id}`,
          at: appliedAt ?? createdAt,
        })),
      },
      { title: t('staff.title'), status: faults.length > 0 ? 422 : 200, robots: 'none' },
    );
  }

  async function showFile(req: Request, res: Response, changed: boolean): Promise<void> {
    const { t } = contextOf(res);
    const asked = parseQuery(staffQuery, req.query);
    const file = await fileOf(req, res);
    const base = `${HERE}/${file.id}`;
    const props = staffFilePage(
      file,
      { ...asked, changed },
      {
        t,
        base,
        pagerOf: (pages, show) =>
          pager(asked.page, pages, (number) => `${base}?show=${show}&page=${number}#rows`),
      },
    );
    page(res, 'admin/staff-file', props, {
      title: t('staff.file.title', { name: file.fileName }),
      status: changed ? 409 : 200,
      robots: 'none',
      ...(props.mails ? { refreshSeconds: 5 } : {}),
    });
  }

  return routes.router;
}
