import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Deps } from '../../deps.ts';
import { notFound } from '../../errors.ts';
import { hasRoom } from '../../files/disk-room.ts';
import { audiencesOf } from '../../lib/viewer.ts';
import { once } from '../../resources/form-once.ts';
import { contextOf, page } from '../../web/page.ts';
import { cleanText, parseParams } from '../../web/parse.ts';
import { educatorOf, originOf, viewerOf } from '../../web/request-context.ts';
import { createRoutes } from '../../web/route.ts';
import { importers } from '../import-policy.ts';
import { isReadable, MAX_ROW_CHARACTERS } from '../row-reader.ts';
import { runOptions } from '../run-options.ts';
import { createRun } from '../run-service.ts';
import type { ImportRun } from '../run-store.ts';
import { rowAt } from './row-at.ts';
import { changesOf, mendedValues, mendFields, rawOf, readRow } from './row-page.ts';
import { runOf } from './run-door.ts';
import { runFacts, runRow } from './run-queries.ts';
import type { ImportRowPage } from './run-view.ts';
import { saidFault, saidGap } from './said.ts';

const rowParams = z.object({ position: z.coerce.number().int().min(1).max(2_000_000_000) });
const mendForm = z.record(z.string(), z.unknown());
/** A mended row is kept as NDJSON: JSON of the longest row and its names. */
const MAX_BYTES = MAX_ROW_CHARACTERS * 4;

type FoundRow = NonNullable<Awaited<ReturnType<typeof runRow>>>;
type Mended = { values: Record<string, unknown>; key: string; faults: string[] };

/** One row of a run: what it changes, or a form that mends it and sends it alone. */
export function rowRoutes(deps: Deps) {
  const routes = createRoutes();

  routes.get('/imports/:id/rows/:position', importers, async (req, res) => {
    const run = await runOf(deps.pool, viewerOf(res), req.params);
    await show(res, run, await rowOf(req, res, run));
  });

  routes.post('/imports/:id/rows/:position', importers, async (req, res) => {
    const run = await runOf(deps.pool, viewerOf(res), req.params);
    const row = await rowOf(req, res, run);
    const read = await rowAt(deps, run, row.position);
    if (run.dryRun || row.outcome !== 'rejected' || !read || !isReadable(read.row)) throw notFound();
    const sent = mendForm.catch({}).parse(req.body ?? {});
    const values = mendedValues({ values: read.row.values, columns: read.columns }, (index) => {
      const typed = sent[`value.${index}`];
      return typeof typed === 'string' ? cleanText(typed).replaceAll(/\r\n?/g, '\n') : undefined;
    });
    const key = typeof sent['key'] === 'string' ? sent['key'].slice(0, 60) : '';
    const { rejected } = await readRow(deps, run, { position: 1, line: 1, values });
    const faults = rejected.flatMap((one) => one.faults.map((fault) => saidFault(fault, contextOf(res).t)));
    if (faults.length === 0 && !(await hasRoom(deps))) faults.push(contextOf(res).t('error.diskFull'));
    if (faults.length > 0) return show(res, run, row, { values, key, faults });
    res.redirect(303, await send(req, res, run, read.row.line, values, key));
  });

  async function rowOf(req: Request, res: Response, run: ImportRun): Promise<FoundRow> {
    const { position } = parseParams(rowParams, req.params);
    const row = await runRow(deps.pool, run.id, position, audiencesOf(viewerOf(res)));
    if (!row) throw notFound();
    return row;
  }

  /** A run of the mended row alone, by the same mapping; nothing else of the catalog is touched. @returns its address */
  async function send(
    req: Request,
    res: Response,
    run: ImportRun,
    line: number,
    values: Record<string, unknown>,
    key: string,
  ): Promise<string> {
    const { id: personId } = educatorOf(res);
    const text = `${JSON.stringify(values)}\n`;
    const stored = await deps.files.receive(Readable.from([Buffer.from(text)]), { maxBytes: MAX_BYTES });
    const { mappingId } = await runFacts(deps.pool, run);
    const { location } = await once(
      deps.pool,
      personId,
      key && `${key}:${stored.sha256.slice(0, 32)}`,
      async () => {
        const stem = run.input.name.replace(/(?:\.\w{1,6})?(?:\.gz)?$/i, '').slice(0, 150);
        const wanted = {
          districtId: run.districtId,
          source: run.source,
          door: 'browser' as const,
          personId,
          dryRun: false,
          options: runOptions.parse({ strict: run.options.strict, alone: true }),
          mappingId,
          input: { ...stored, name: `${stem}-row-${line}.ndjson` },
          work: true,
        };
        return `/imports/${await createRun(deps, wanted, originOf(req, res))}`;
      },
    );
    return location;
  }

  async function show(res: Response, run: ImportRun, row: FoundRow, mended?: Mended): Promise<void> {
    const { t, language } = contextOf(res);
    const at = `/imports/${run.id}`;
    const read = await readAgain(run, row.position);
    const rejected = row.outcome === 'rejected';
    const mendable = rejected && !run.dryRun && read !== undefined && isReadable(read.row);
    const faults = row.faults ?? [];
    const props: ImportRowPage = {
      runUrl: at,
      fileName: run.input.name,
      line: read?.row.line ?? faults[0]?.line ?? null,
      position: row.position,
      externalId: row.externalId,
      outcome: row.outcome,
      dryRun: run.dryRun,
      resource: row.resource,
      reasons: faults.map((fault) => saidFault(fault, t)),
      gaps: (row.gaps ?? []).map((gap) => saidGap(gap, t)),
      // What somebody may not see on the shelf, they don't see here either.
      changes: row.resource ? await changesOf(deps, run, row, read?.row, { t, language }) : [],
      raw: rawOf(read?.row),
      mend: mendable
        ? {
            actionUrl: `${at}/rows/${row.position}`,
            key: mended?.key || randomUUID(),
            ...mendFields(
              run,
              {
                values: mended?.values ?? (isReadable(read.row) ? read.row.values : {}),
                columns: read.columns ?? (isReadable(read.row) ? Object.keys(read.row.values) : []),
              },
              new Set(faults.flatMap(({ field }) => field ?? [])),
            ),
            faults: mended?.faults ?? [],
          }
        : null,
    };
    page(res, 'imports/row', props, {
      title: t('import.row.title', { line: props.line ?? row.position, name: run.input.name }),
      status: mended ? 422 : 200,
      robots: 'none',
    });
  }

  /** The row as the file has it; undefined where the file is no longer kept. */
  async function readAgain(run: ImportRun, position: number): ReturnType<typeof rowAt> {
    try {
      return await rowAt(deps, run, position);
    } catch (error) {
      if ((error as { code?: string }).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  return routes.router;
}
