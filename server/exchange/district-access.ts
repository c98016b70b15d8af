import type { Pool } from 'pg';
import { forbidden, notFound } from '../errors.ts';
import { mayImportFor } from '../imports/import-policy.ts';
import { findRun, type ImportRun } from '../imports/run-store.ts';
import type { Viewer } from '../lib/viewer.ts';

/**
 * The district that a program names, which its person must bring in catalogs for.
 * @returns its id
 * @throws 404 for one that isn't there, 403 for another one's
 */
export async function importDistrict(pool: Pool, viewer: Viewer, slug: string): Promise<string> {
  // PostgreSQL refuses a NUL, which no name has.
  if (slug.includes('\0')) throw notFound('api.noDistrict');
  const { rows } = await pool.query<{ id: string }>(
    `SELECT id FROM organization WHERE kind = 'district' AND closed_at IS NULL AND slug = $1`,
    [slug],
  );
  const [district] = rows;
  if (!district) throw notFound('api.noDistrict');
  if (!mayImportFor(viewer, district.id)) throw forbidden('api.otherDistrict');
  return district.id;
}

/** A run of such a district. @throws 404, also for another district's */
export async function importRunFor(pool: Pool, viewer: Viewer, id: string): Promise<ImportRun> {
  const run = await findRun(pool, id);
  if (!run || !mayImportFor(viewer, run.districtId)) throw notFound();
  return run;
}
