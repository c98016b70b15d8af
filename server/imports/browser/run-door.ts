import type { Pool } from 'pg';
import { notFound } from '../../errors.ts';
import type { Viewer } from '../../lib/viewer.ts';
import { parseParams } from '../../web/parse.ts';
import { mayImportFor } from '../import-policy.ts';
import { findRun, type ImportRun } from '../run-store.ts';
import { idParams } from './import-schema.ts';

/** The run of an address, if it is one of the viewer's districts. @throws 404, also for those of others */
export async function runOf(pool: Pool, viewer: Viewer, params: unknown): Promise<ImportRun> {
  const run = await findRun(pool, parseParams(idParams, params).id);
  if (!run || !mayImportFor(viewer, run.districtId)) throw notFound();
  return run;
}
