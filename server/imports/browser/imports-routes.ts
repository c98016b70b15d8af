import { randomUUID } from 'node:crypto';
import type { Request, Response } from 'express';
import type { Deps } from '../../deps.ts';
import { PortalError, type FieldFault } from '../../errors.ts';
import { receiveUploads, type ReceivedFile } from '../../files/upload.ts';
import { formats } from '../../locale/format.ts';
import { once } from '../../resources/form-once.ts';
import { fieldErrors } from '../../web/field-errors.ts';
import { contextOf, page } from '../../web/page.ts';
import { parseForm, parseQuery } from '../../web/parse.ts';
import { educatorOf, originOf, viewerOf } from '../../web/request-context.ts';
import { createRoutes } from '../../web/route.ts';
import { csvLine } from '../../lib/csv-text.ts';
import { importDistricts, importers } from '../import-policy.ts';
import { NATIVE_FIELDS } from '../native-row.ts';
import { UnreadableFile } from '../row-reader.ts';
import { runOptions } from '../run-options.ts';
import { noteUpload } from '../upload-service.ts';
import { firstRows } from './first-rows.ts';
import { importList } from './import-list-queries.ts';
import { listQuery, uploadForm, uploadTyped } from './import-schema.ts';
import { runItem, type ImportsPage } from './imports-view.ts';

const RUNS = 20;

/** The list of imports, and the form that brings a file. */
export function importsRoutes(deps: Deps) {
  const routes = createRoutes();
  const uploads = receiveUploads(deps);

  routes.get('/imports', importers, async (req, res) => {
    const { before = null } = parseQuery(listQuery, req.query);
    await show(res, { before });
  });

  routes.get('/imports/guide', importers, (_req, res) => {
    const title = contextOf(res).t('import.guide.title');
    page(res, 'imports/guide', { fields: [...NATIVE_FIELDS] }, { title, robots: 'none' });
  });

  routes.get('/imports/template.csv', importers, (_req, res) => {
    res.attachment('template.csv');
    res.type('text/csv').send(`\ufeff${csvLine(NATIVE_FIELDS)}`);
  });

  routes.post('/imports', importers, uploads.middleware, async (req, res) => {
    try {
      const location = await take(req, res);
      if (wantsJson(req)) res.status(201).json({ location });
      else res.redirect(303, location);
    } catch (error) {
      if (!(error instanceof PortalError) || error.status !== 422) throw error;
      if (wantsJson(req))
        return void res.status(422).json({ errors: fieldErrors(contextOf(res).t, error.faults) });
      await show(res, {
        before: null,
        typed: parseForm(uploadTyped, req.body),
        faults: error.faults,
        key: keyOf(req),
      });
    } finally {
      await uploads.discard(req);
    }
  });

  /** Stores the file that came, if rows can be read from it. @returns where it goes on @throws 422 */
  async function take(req: Request, res: Response): Promise<string> {
    const viewer = educatorOf(res);
    const [file] = uploads.received(req);
    const parsed = uploadForm.safeParse(req.body ?? {});
    const faults: FieldFault[] = [
      ...(await fileFaults(res, file)),
      ...(parsed.success ? [] : [{ field: 'source', key: 'import.new.fault.source' } as const]),
    ];
    const { districts } = await importList(deps.pool, {
      districts: importDistricts(viewer),
      before: null,
      limit: 1,
    });
    const districtId = districts.length === 1 ? districts[0]?.id : parsed.data?.district;
    if (!districtId || !districts.some(({ id }) => id === districtId))
      faults.push({ field: 'district', key: 'import.new.fault.district' });
    if (faults.length > 0 || !parsed.success || !districtId || !file || !('staged' in file))
      throw new PortalError(422, 'invalid', 'error.invalid', { faults });
    const { source, missing, strict, key } = parsed.data;
    const { location } = await once(deps.pool, viewer.id, key, async () => {
      const stored = await deps.files.keep(file.staged);
      const options = runOptions.parse({ onMissing: missing, strict });
      const input = { ...stored, name: file.name };
      const upload = { districtId, source, personId: viewer.id, options, input };
      return `/imports/files/${await noteUpload(deps, upload, originOf(req, res))}`;
    });
    return location;
  }

  async function fileFaults(res: Response, file: ReceivedFile | undefined): Promise<FieldFault[]> {
    if (!file) return [{ field: 'files', key: 'import.new.fault.none' }];
    if ('tooLarge' in file) {
      const { language, t } = contextOf(res);
      const limit = formats(language, t).bytes(deps.config.maxUploadBytes);
      return [{ field: 'files', key: 'import.new.fault.tooLarge', params: { name: file.name, limit } }];
    }
    try {
      await firstRows(file.staged.path, file.name, 1);
      return [];
    } catch (error) {
      if (!(error instanceof UnreadableFile)) throw error;
      return [{ field: 'files', key: error.key, params: error.params }];
    }
  }

  async function show(
    res: Response,
    {
      before,
      typed,
      faults = [],
      key,
    }: {
      before: string | null;
      typed?: ReturnType<(typeof uploadTyped)['parse']>;
      faults?: FieldFault[];
      key?: string | undefined;
    },
  ): Promise<void> {
    const { t } = contextOf(res);
    const mine = importDistricts(viewerOf(res));
    const found = await importList(deps.pool, { districts: mine, before, limit: RUNS + 1 });
    const several = mine === null || found.districts.length > 1;
    const runs = found.runs.slice(0, RUNS);
    const last = runs.at(-1);
    const values = typed ?? { district: '', source: 'main', missing: 'keep' as const, strict: false };
    const props: ImportsPage = {
      actionUrl: '/imports',
      districts: several
        ? found.districts.map(({ id, name }) => ({ value: id, label: name, chosen: id === values.district }))
        : [],
      sources: found.sources,
      values,
      hidden: [{ name: 'key', value: key ?? randomUUID() }],
      errors: fieldErrors(t, faults),
      maxBytes: deps.config.maxUploadBytes,
      runs: runs.map((run) => runItem(run, several)),
      waiting: before
        ? []
        : found.uploads.map((upload) => ({
            url: `/imports/files/${upload.id}`,
            removeUrl: `/imports/files/${upload.id}/remove`,
            fileName: upload.fileName,
            source: upload.source,
            district: several ? upload.district : null,
            at: upload.createdAt,
          })),
      first: before === null,
      olderUrl: found.runs.length > RUNS && last ? `/imports?before=${last.id}` : null,
    };
    const title = t('import.list.title');
    page(res, 'imports/index', props, { title, status: faults.length > 0 ? 422 : 200, robots: 'none' });
  }

  return routes.router;
}

const wantsJson = (req: Request): boolean => req.accepts(['html', 'json']) === 'json';

const keyOf = (req: Request): string | undefined => {
  const { key } = (req.body ?? {}) as { key?: unknown };
  return typeof key === 'string' && key.length <= 100 ? key : undefined;
};
