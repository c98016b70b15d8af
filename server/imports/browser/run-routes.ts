import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Deps } from '../../deps.ts';
import { PortalError } from '../../errors.ts';
import { audiencesOf } from '../../lib/viewer.ts';
import { slug } from '../../lib/slug.ts';
import { once } from '../../resources/form-once.ts';
import { flash } from '../../web/flash.ts';
import { contextOf, page } from '../../web/page.ts';
import { parseQuery } from '../../web/parse.ts';
import { educatorOf, originOf, viewerOf } from '../../web/request-context.ts';
import { pager } from '../../web/pager.ts';
import { createRoutes } from '../../web/route.ts';
import { importers } from '../import-policy.ts';
import { latestMapping, saveMapping } from '../mapping-service.ts';
import { parseMapping } from '../mapping.ts';
import { gapsCsv, likelyCsv, rejectedCsv } from '../run-report.ts';
import { cancelRun, createRun, findUnfinished, resumeRun } from '../run-service.ts';
import type { ImportRun } from '../run-store.ts';
import { noteUpload } from '../upload-service.ts';
import { readWords } from './columns-schema.ts';
import { firstRows } from './first-rows.ts';
import { withWords } from './mapping-form.ts';
import { runOf } from './run-door.ts';
import { causeTitle, isWorking, rowItem, runPage } from './run-page.ts';
import { ROW_FILTERS, runFacts, runRows, type RowFilter } from './run-queries.ts';

const ROWS = 50;

const rowsQuery = z.object({
  outcome: z.enum(ROW_FILTERS).catch('rejected'),
  cause: z.string().max(100).optional().catch(undefined),
  page: z.coerce.number().int().min(1).max(100_000).catch(1),
});
const pressed = z.object({
  key: z.string().max(100).optional().catch(undefined),
  answer: z.enum(['keep', 'withdraw']).optional().catch(undefined),
});

/** Following a run, its report, and what can be done about it. */
export function runRoutes(deps: Deps) {
  const routes = createRoutes();
  const { pool } = deps;

  routes.get('/imports/:id', importers, async (req, res) => {
    const run = await runOf(pool, viewerOf(res), req.params);
    const { t } = contextOf(res);
    const props = await runPage(deps, run, t);
    page(res, 'imports/run', props, {
      title: t('import.run.title', { name: run.input.name }),
      robots: 'none',
      ...(isWorking(run) ? { refreshSeconds: 5 } : {}),
    });
  });

  routes.get('/imports/:id/rows', importers, async (req, res) => {
    const run = await runOf(pool, viewerOf(res), req.params);
    const { outcome: filter, cause = null, page: number } = parseQuery(rowsQuery, req.query);
    const { t } = contextOf(res);
    const [{ total, rows }, { causes }] = await Promise.all([
      runRows(pool, run.id, audiencesOf(viewerOf(res)), {
        filter,
        cause,
        limit: ROWS,
        offset: (number - 1) * ROWS,
      }),
      runFacts(pool, run),
    ]);
    const at = `/imports/${run.id}`;
    const query = `outcome=${filter}${cause === null ? '' : `&cause=${encodeURIComponent(cause)}`}`;
    const named = causes.find(({ key }) => key === cause);
    page(
      res,
      'imports/rows',
      {
        runUrl: at,
        fileName: run.input.name,
        dryRun: run.dryRun,
        filter,
        cause: cause !== null && named ? causeTitle(cause, named.rows[0], t) : null,
        filters: ROW_FILTERS.map((name) => ({
          filter: name,
          url: `${at}/rows?outcome=${name}`,
          count: countOf(run, name),
        })).filter(({ count, filter: name }) => count > 0 || name === filter),
        total,
        rows: rows.map((row) => rowItem(row, at, t)),
        pager: pager(number, Math.ceil(total / ROWS), (to) => `${at}/rows?${query}&page=${to}`),
      },
      { title: t('import.rows.title', { name: run.input.name }), robots: 'none' },
    );
  });

  const csv =
    (name: string, of: typeof likelyCsv) =>
    async (req: Request, res: Response): Promise<void> => {
      const run = await runOf(pool, viewerOf(res), req.params);
      const stem = slug(run.input.name.replace(/\.\w+$/, '')) || 'import';
      res.attachment(`${stem}-${name}.csv`);
      res.type('text/csv');
      await pipeline(Readable.from(of(deps, run, contextOf(res).t)), res);
    };
  routes.get('/imports/:id/rejected.csv', importers, csv('rejected', rejectedCsv));
  routes.get('/imports/:id/gaps.csv', importers, csv('gaps', gapsCsv));
  routes.get('/imports/:id/likely.csv', importers, csv('likely', likelyCsv));

  routes.post('/imports/:id/run', importers, async (req, res) => {
    const run = await runOf(pool, viewerOf(res), req.params);
    if (!run.dryRun || run.state !== 'done')
      return tell(req, res, run, contextOf(res).t('import.run.notTried'));
    const { key } = pressed.parse(req.body ?? {});
    const { id: personId } = educatorOf(res);
    const { mappingId } = await runFacts(pool, run);
    const { location } = await once(pool, personId, key, async () =>
      begin(req, res, run, { dryRun: false, mappingId }),
    );
    res.redirect(303, location);
  });

  routes.post('/imports/:id/cancel', importers, async (req, res) => {
    const run = await runOf(pool, viewerOf(res), req.params);
    await orTell(req, res, run, () => cancelRun(deps, byMe(res, run), originOf(req, res)));
  });

  routes.post('/imports/:id/resume', importers, async (req, res) => {
    const run = await runOf(pool, viewerOf(res), req.params);
    const { answer } = pressed.parse(req.body ?? {});
    const options =
      answer === 'withdraw'
        ? { withdrawMany: true }
        : answer === 'keep'
          ? { onMissing: 'keep' as const }
          : {};
    await orTell(req, res, run, () => resumeRun(deps, { ...byMe(res, run), options }, originOf(req, res)));
  });

  routes.post('/imports/:id/words', importers, async (req, res) => {
    const run = await runOf(pool, viewerOf(res), req.params);
    const words = readWords(req.body);
    if (words.length === 0) return tell(req, res, run, contextOf(res).t('import.words.noneDecided'));
    const { columns } = await firstRows(deps.files.path(run.input.sha256), run.input.name, 1);
    const key = { districtId: run.districtId, source: run.source, name: 'main' };
    // What a colleague has changed since this run stays changed.
    const base = (await latestMapping(deps, key))?.text ?? run.mapping?.text;
    const text = withWords(base === undefined ? {} : parseMapping(base).fields, words, columns);
    const { id: mappingId } = await saveMapping(deps, {
      ...key,
      text,
      personId: educatorOf(res).id,
    });
    res.redirect(303, await begin(req, res, run, { dryRun: true, mappingId }));
  });

  routes.post('/imports/:id/columns', importers, async (req, res) => {
    const run = await runOf(pool, viewerOf(res), req.params);
    const { rows } = await pool.query<{ id: string }>(
      'SELECT id FROM import_upload WHERE source_id = $1 AND input_sha256 = $2 ORDER BY id DESC LIMIT 1',
      [run.sourceId, run.input.sha256],
    );
    const again = {
      districtId: run.districtId,
      source: run.source,
      personId: educatorOf(res).id,
      options: { ...run.options, folder: null, host: null, withdrawMany: false },
      input: run.input,
    };
    const id = rows[0]?.id ?? (await noteUpload(deps, again, originOf(req, res)));
    res.redirect(303, `/imports/files/${id}`);
  });

  const byMe = (res: Response, run: ImportRun) => ({
    runId: run.id,
    personId: educatorOf(res).id,
    work: true,
  });

  /** The same file once more, for the workers. @returns the address of the run, or of one that is under way already */
  async function begin(
    req: Request,
    res: Response,
    run: ImportRun,
    { dryRun, mappingId }: { dryRun: boolean; mappingId: string | null },
  ): Promise<string> {
    const wanted = {
      districtId: run.districtId,
      source: run.source,
      dryRun,
      options: { ...run.options, withdrawMany: false },
      mappingId,
      input: run.input,
    };
    const open = await findUnfinished(deps, wanted);
    const fresh = { ...wanted, door: 'browser' as const, personId: educatorOf(res).id, work: true };
    return `/imports/${open?.id ?? (await createRun(deps, fresh, originOf(req, res)))}`;
  }

  /** Does it and goes back to the run; where the run has moved on meanwhile (another tab), its page says so. */
  async function orTell(
    req: Request,
    res: Response,
    run: ImportRun,
    work: () => Promise<void>,
  ): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof PortalError) || error.status !== 409) throw error;
      return tell(req, res, run, contextOf(res).t(error.key, error.params));
    }
    res.redirect(303, `/imports/${run.id}`);
  }

  function tell(req: Request, res: Response, run: ImportRun, text: string): void {
    flash(req, { kind: 'problem', text });
    res.redirect(303, `/imports/${run.id}`);
  }

  return routes.router;
}

/** How many rows a filter has, by the counts of the run. */
const countOf = ({ counts, dryRun }: ImportRun, filter: RowFilter): number => {
  if (filter === 'left') return counts.leftAsIs;
  // Of a new row without gaps nothing is kept before it exists.
  if (filter === 'new' && dryRun) return 0;
  return counts[filter];
};
