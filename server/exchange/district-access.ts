import type { Pool } from 'pg';
import { forbidden, notFound, PortalError } from '../errors.ts';
import { mayImportFor } from '../imports/import-policy.ts';
import { findRun, type ImportRun } from '../imports/run-store.ts';
import type { Viewer } from '../lib/viewer.ts';

/**
 * The district that a program names, which its person must bring in catalogs for. An address that it had before it was
 * renamed does as well. One that was merged into another is told of by name, since its sources may have other names there.
 * @returns its id
 * @throws 404 for one that isn't there, 403 for another one's, 410 for one that was merged
 */
export async function importDistrict(pool: Pool, viewer: Viewer, slug: string): Promise<string> {
  // PostgreSQL refuses a NUL, which no name has.
  if (slug.includes('\0')) throw notFound('api.noDistrict');
  const { rows } = await pool.query<{ id: string; slug: string; merged: boolean; closed: boolean }>(
    `SELECT o.id, o.slug, EXISTS (SELECT 1 FROM organization g WHERE g.slug = $1 AND g.merged_into_id = o.id)
         OR EXISTS (SELECT 1 FROM organization_former f WHERE f.slug = $1 AND f.merged) AS merged, o.closed_at IS NOT NULL AS closed
     FROM organization o WHERE o.id = organization_at($1) AND o.kind = 'district'`,
    [slug],
  );
  const [district] = rows;
  if (!district || district.closed) throw notFound('api.noDistrict');
  if (!mayImportFor(viewer, district.id)) throw forbidden('api.otherDistrict');
  if (district.merged)
    throw new PortalError(410, 'district_merged', 'api.districtMerged', {
      params: { old: slug, district: district.slug },
    });
  return district.id;
}

/** A run of such a district. @throws 404, also for another district's */
export async function importRunFor(pool: Pool, viewer: Viewer, id: string): Promise<ImportRun> {
  const run = await findRun(pool, id);
  if (!run || !mayImportFor(viewer, run.districtId)) throw notFound();
  return run;
}
