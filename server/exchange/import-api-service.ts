import type { Deps } from '../deps.ts';
import { invalid } from '../errors.ts';
import { latestMapping, saveMapping } from '../imports/mapping-service.ts';
import { MappingError } from '../imports/mapping.ts';
import { runOptions } from '../imports/run-options.ts';
import { createRun, findUnfinished } from '../imports/run-service.ts';
import { findRun, type ImportRun } from '../imports/run-store.ts';
import { cleanFileName } from '../lib/file-name.ts';
import type { Origin } from '../lib/origin.ts';
import type { Viewer } from '../lib/viewer.ts';
import type { ImportParams } from './import-api-schema.ts';

/** What `map` says for a file that has the native names, whatever mapping is kept. */
const NATIVE = 'native';

/**
 * Begins a run with a stored file, or gives back the one that works on the same file in the same way already.
 * @throws 422 for a mapping that can't be used
 */
export async function beginApiImport(
  deps: Pick<Deps, 'pool' | 'clock'>,
  by: { viewer: Viewer; origin: Origin },
  {
    params,
    districtId,
    input,
  }: {
    params: ImportParams;
    districtId: string;
    input: { sha256: string; size: number; name: string };
  },
): Promise<ImportRun> {
  const { source, dryRun, strict, onMissing, withdrawMany } = params;
  const wanted = {
    districtId,
    source,
    dryRun,
    options: runOptions.parse({ onMissing, strict, withdrawMany }),
    mappingId: await mappingFor(deps, { districtId, source, text: params.map, personId: by.viewer.id }),
    input: { ...input, name: cleanFileName(input.name) },
  };
  const unfinished = await findUnfinished(deps, wanted);
  if (unfinished && unfinished.state !== 'paused' && unfinished.personId === by.viewer.id) return unfinished;
  const id = await createRun(deps, { ...wanted, door: 'api', personId: by.viewer.id, work: true }, by.origin);
  return (await findRun(deps.pool, id))!;
}

async function mappingFor(
  deps: Pick<Deps, 'pool'>,
  { text, personId, ...key }: { districtId: string; source: string; text: string; personId: string | null },
): Promise<string | null> {
  if (text.trim() === NATIVE) return null;
  if (text.trim() === '') return (await latestMapping(deps, { ...key, name: 'main' }))?.id ?? null;
  try {
    return (await saveMapping(deps, { ...key, name: 'main', text, personId })).id;
  } catch (error) {
    if (!(error instanceof MappingError)) throw error;
    throw invalid({ field: 'map', key: error.key, params: error.params });
  }
}
