import { Readable } from 'node:stream';
import type { Deps } from '../../server/deps.ts';
import { driveSource } from '../../server/imports/drive-source.ts';
import { runOptions, type RunOptions } from '../../server/imports/run-options.ts';
import { createRun } from '../../server/imports/run-service.ts';
import { findRun, type ImportRun } from '../../server/imports/run-store.ts';
import { noOrigin } from '../../server/lib/origin.ts';
import { catalogId } from './catalog.ts';

export type ImportInput = {
  districtId: string;
  source?: string;
  name?: string;
  /** What the file holds: rows for NDJSON, or its text or bytes. */
  content: readonly object[] | string | Buffer;
  dryRun?: boolean;
  options?: Partial<RunOptions>;
  mappingId?: string;
};

/** Puts a file into the store and begins a run with it; nothing is read yet. */
export async function beginImport(deps: Deps, input: ImportInput): Promise<string> {
  const bytes = Array.isArray(input.content)
    ? input.content.map((row) => JSON.stringify(row)).join('\n')
    : (input.content as string | Buffer);
  const stored = await deps.files.receive(Readable.from([Buffer.from(bytes as string)]), { maxBytes: 1e9 });
  return createRun(
    deps,
    {
      districtId: input.districtId,
      source: input.source ?? 'main',
      door: 'command',
      personId: null,
      dryRun: input.dryRun ?? false,
      options: runOptions.parse(input.options ?? {}),
      mappingId: input.mappingId ?? null,
      input: { ...stored, name: input.name ?? 'rows.ndjson' },
      work: false,
    },
    noOrigin,
  );
}

/** Works on a run to its end and gives it back. */
export async function finishImport(deps: Deps, runId: string): Promise<ImportRun> {
  const begun = await findRun(deps.pool, runId);
  if (!begun) throw new Error(`no run ${runId}`);
  await driveSource(deps, begun.sourceId, { signal: new AbortController().signal, until: runId });
  return (await findRun(deps.pool, runId))!;
}

/** Begins and finishes. */
export const runImport = async (deps: Deps, input: ImportInput): Promise<ImportRun> =>
  finishImport(deps, await beginImport(deps, input));

/** Brings one link in for the district of the north, from a source of its own. @param fields columns beside its title and address */
export const importLink = async (
  deps: Deps,
  externalId: string,
  fields: Record<string, string>,
): Promise<ImportRun> =>
  runImport(deps, {
    districtId: catalogId('organization', 'north'),
    source: externalId,
    content: [
      { external_id: externalId, title: 'Rope', url: `https://maps.north.example/${externalId}`, ...fields },
    ],
  });

/** What a run keeps of its rows, in their order. */
export async function importRows(deps: Deps, run: ImportRun): Promise<ImportedRow[]> {
  const { rows } = await deps.pool.query<ImportedRow>(
    'SELECT position, outcome, external_id, resource_id, version_id, faults, gaps, changes, taken_back FROM import_row WHERE run_id = $1 ORDER BY position',
    [run.id],
  );
  return rows;
}

export type ImportedRow = {
  position: number;
  outcome: string;
  external_id: string | null;
  resource_id: string | null;
  version_id: string | null;
  faults: { field: string | null; key: string; params: Record<string, unknown>; line: number }[] | null;
  gaps: { field: string; reason: string; value: string }[] | null;
  changes: { field: string; kept?: true }[] | null;
  taken_back: string | null;
};
