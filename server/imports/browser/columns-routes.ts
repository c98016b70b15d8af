import { readFile } from 'node:fs/promises';
import type { Request, Response } from 'express';
import { stringify } from 'yaml';
import { z } from 'zod';
import type { Deps } from '../../deps.ts';
import { notFound, type FieldFault } from '../../errors.ts';
import { receiveUploads } from '../../files/upload.ts';
import { fieldErrors } from '../../web/field-errors.ts';
import { flash } from '../../web/flash.ts';
import { contextOf, page } from '../../web/page.ts';
import { parseParams } from '../../web/parse.ts';
import { educatorOf, originOf, viewerOf } from '../../web/request-context.ts';
import { createRoutes } from '../../web/route.ts';
import { importers, mayImportFor } from '../import-policy.ts';
import { latestMapping, saveMapping } from '../mapping-service.ts';
import { MappingError, parseMapping, type Mapping } from '../mapping.ts';
import { nativeFieldOf } from '../native-columns.ts';
import { isReadable, UnreadableFile } from '../row-reader.ts';
import { createRun, findUnfinished } from '../run-service.ts';
import { findUpload, removeUpload, type ImportUpload } from '../upload-service.ts';
import { columnsPage } from './columns-page.ts';
import { pressed, readColumns, SHOWN_WORDS } from './columns-schema.ts';
import type { ImportColumnsPage } from './columns-view.ts';
import { firstRows, type FirstRows } from './first-rows.ts';
import { idParams } from './import-schema.ts';
import { formOf, guessedForm, mappingOf, plainRules, type MappingForm } from './mapping-form.ts';

/** Rows that are looked at before anything is imported. */
const LOOK = 200;
/** The longest mapping that comes as a file; the reader of mappings says so in words. */
const MAX_YAML = 300 * 1024;

const yamlForm = z.object({ yaml: z.string().max(MAX_YAML).catch('') });

type Known = { id: string; version: number; text: string } | undefined;

/** Which column of a file is which field: the step between a file and its dry run. */
export function columnsRoutes(deps: Deps) {
  const routes = createRoutes();
  const uploads = receiveUploads(deps);

  routes.get('/imports/files/:id', importers, async (req, res) => {
    const upload = await uploadOf(req, res);
    const head = await headOf(upload);
    const kept = await keptFor(upload);
    await show(res, upload, { head, kept, ...begin(head, kept) });
  });

  routes.post('/imports/files/:id', importers, async (req, res) => {
    const upload = await uploadOf(req, res);
    const head = await headOf(upload);
    const kept = await keptFor(upload);
    const { do: what, based } = pressed.parse(req.body ?? {});
    const form = readColumns(req.body, head.columns);
    const { fields: before, form: had } = begin(head, kept);
    form.words.push(...had.words.slice(SHOWN_WORDS));
    const fields = mappingOf(form, before, head.columns);
    const typed = { head, kept, form, fields, from: 'typed' as const };
    if (what === 'look') return show(res, upload, typed);
    const faults = faultsOf(fields, head);
    if (faults.length > 0) return show(res, upload, { ...typed, faults });
    const text = stringify({ fields: plainRules(fields) });
    // Another tab or a colleague saved in between: it is shown, and nothing of either is lost.
    if (kept && kept.version > based && kept.text !== text)
      return show(res, upload, { ...typed, conflict: true });
    const mappingId = !kept && Object.keys(fields).length === 0 ? null : (await keep(res, upload, text)).id;
    if (what === 'save') {
      flash(req, { kind: 'done', text: contextOf(res).t('import.columns.saved') });
      return res.redirect(303, `/imports/files/${upload.id}`);
    }
    res.redirect(303, await tryOut(req, res, upload, mappingId));
  });

  routes.get('/imports/files/:id/mapping.yml', importers, async (req, res) => {
    const upload = await uploadOf(req, res);
    const kept = await keptFor(upload);
    const fields = kept ? '' : stringify({ fields: plainRules(begin(await headOf(upload), kept).fields) });
    res.attachment(`${upload.source}.map.yml`);
    res.type('text/yaml').send(kept?.text ?? fields);
  });

  routes.post('/imports/files/:id/mapping', importers, uploads.middleware, async (req, res) => {
    try {
      const upload = await uploadOf(req, res);
      const [file] = uploads.received(req);
      const { yaml: typed } = yamlForm.parse(req.body ?? {});
      const yaml =
        file && 'staged' in file && file.staged.size <= MAX_YAML
          ? await readFile(file.staged.path, 'utf8')
          : typed;
      try {
        const { version } = await keep(res, upload, yaml);
        flash(req, { kind: 'done', text: contextOf(res).t('import.columns.keptVersion', { version }) });
        res.redirect(303, `/imports/files/${upload.id}`);
      } catch (error) {
        if (!(error instanceof MappingError)) throw error;
        const head = await headOf(upload);
        const kept = await keptFor(upload);
        const fault: FieldFault = { field: 'yaml', key: error.key, params: error.params };
        await show(res, upload, { head, kept, ...begin(head, kept), yaml, yamlFaults: [fault] });
      }
    } finally {
      await uploads.discard(req);
    }
  });

  routes.post('/imports/files/:id/remove', importers, async (req, res) => {
    const upload = await uploadOf(req, res);
    await removeUpload(deps, upload.id);
    const { t } = contextOf(res);
    flash(req, { kind: 'done', text: t('import.list.forgotten', { name: upload.input.name }) });
    res.redirect(303, '/imports');
  });

  /** The file, if it is one of the viewer's districts. @throws 404 */
  async function uploadOf(req: Request, res: Response): Promise<ImportUpload> {
    const upload = await findUpload(deps, parseParams(idParams, req.params).id);
    if (!upload || !mayImportFor(viewerOf(res), upload.districtId)) throw notFound();
    return upload;
  }

  async function headOf({ input }: ImportUpload): Promise<FirstRows> {
    try {
      return await firstRows(deps.files.path(input.sha256), input.name, LOOK);
    } catch (error) {
      // It was read when it came: whoever removed it since did so for good.
      if (error instanceof UnreadableFile || (error as { code?: string }).code === 'ENOENT')
        throw notFound('import.file.gone');
      throw error;
    }
  }

  const keyOf = ({ districtId, source }: ImportUpload) => ({ districtId, source, name: 'main' });
  const keptFor = (upload: ImportUpload): Promise<Known> => latestMapping(deps, keyOf(upload));
  const keep = (res: Response, upload: ImportUpload, text: string) =>
    saveMapping(deps, { ...keyOf(upload), text, personId: educatorOf(res).id });

  /** A dry run with this mapping, or the one that is under way. @returns its address */
  async function tryOut(
    req: Request,
    res: Response,
    upload: ImportUpload,
    mappingId: string | null,
  ): Promise<string> {
    const { id: personId } = educatorOf(res);
    const wanted = {
      districtId: upload.districtId,
      source: upload.source,
      dryRun: true,
      options: upload.options,
      mappingId,
      input: upload.input,
    };
    const open = await findUnfinished(deps, wanted);
    const run = { ...wanted, door: 'browser' as const, personId, work: true };
    return `/imports/${open?.id ?? (await createRun(deps, run, originOf(req, res)))}`;
  }

  async function show(
    res: Response,
    upload: ImportUpload,
    given: {
      head: FirstRows;
      kept: Known;
      form: MappingForm;
      fields: Mapping['fields'];
      from: ImportColumnsPage['from'];
      faults?: FieldFault[];
      conflict?: boolean;
      yaml?: string;
      yamlFaults?: FieldFault[];
    },
  ): Promise<void> {
    const { t, language } = contextOf(res);
    const { faults = [], yamlFaults = [], conflict = false, kept, from } = given;
    const props = await columnsPage(
      deps,
      upload,
      { ...given, errors: fieldErrors(t, faults) },
      { t, language },
    );
    const at = `/imports/files/${upload.id}`;
    const wrong = faults.length + yamlFaults.length > 0;
    page(
      res,
      'imports/columns',
      {
        ...props,
        actionUrl: at,
        yamlUrl: `${at}/mapping.yml`,
        yamlActionUrl: `${at}/mapping`,
        removeUrl: `${at}/remove`,
        based: kept?.version ?? 0,
        conflict,
        from,
        yamlErrors: fieldErrors(t, yamlFaults),
      },
      {
        title: t('import.columns.title', { name: upload.input.name }),
        status: wrong ? 422 : conflict ? 409 : 200,
        robots: 'none',
      },
    );
  }

  return routes.router;
}

/** Where the form starts: with the mapping that is kept for the source, the native names, or a guess. */
function begin(
  head: FirstRows,
  kept: Known,
): { form: MappingForm; fields: Mapping['fields']; from: 'kept' | 'native' | 'guess' } {
  const saved = kept && parseKept(kept.text);
  if (saved && fits(saved, head.columns))
    return { form: formOf(saved, head.columns), fields: saved, from: 'kept' };
  const native = ['external_id', 'title'].every((field) =>
    head.columns.some((column) => nativeFieldOf(column) === field),
  );
  const sample = head.rows.flatMap((row) => (isReadable(row) ? [row.values] : []));
  const form = native ? formOf({}, head.columns) : guessedForm(head.columns, sample);
  return { form, fields: mappingOf(form, {}, head.columns), from: native ? 'native' : 'guess' };
}

/** A mapping was read when it was kept; should a later version of the portal not read it, it is begun anew. */
function parseKept(text: string): Mapping['fields'] | undefined {
  try {
    return parseMapping(text).fields;
  } catch (error) {
    if (error instanceof MappingError) return undefined;
    throw error;
  }
}

/** Whether a mapping reads any column of this file. */
function fits(fields: Mapping['fields'], columns: readonly string[]): boolean {
  const rules = Object.values(fields);
  return (
    rules.every((rule) => rule.from === undefined) ||
    rules.some((rule) => rule.from?.some((name) => columns.includes(name))) ||
    rules.some((rule) => rule.template !== undefined)
  );
}

/** What every row needs must come from somewhere. */
function faultsOf(fields: Mapping['fields'], { columns }: FirstRows): FieldFault[] {
  const comes = (field: keyof Mapping['fields']) => {
    const rule = fields[field];
    if (rule) return rule.from !== undefined || rule.template !== undefined || rule.constant !== '';
    return columns.some((column) => nativeFieldOf(column) === field);
  };
  const faults: FieldFault[] = [];
  if (!comes('external_id')) faults.push({ field: 'id', key: 'import.columns.fault.id' });
  if (!comes('title')) faults.push({ field: 'column-0', key: 'import.columns.fault.title' });
  if (!comes('url') && !comes('files') && !comes('text'))
    faults.push({ field: 'column-0', key: 'import.columns.fault.content' });
  return faults;
}
