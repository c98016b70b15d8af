import { hasRoleOver, isImporter, type Viewer } from '../lib/viewer.ts';
import type { Access } from '../web/route.ts';

/** Whether the viewer may bring in, see and take back the imports of a district: its importers and administrators, and the state's. */
export const mayImportFor = (viewer: Viewer, districtId: string): boolean =>
  hasRoleOver(viewer, { id: districtId, districtId }, 'importer', 'admin');

/** Who has the pages of imports at all; each district's are its own people's. */
export const importers: Access = { name: 'importer or admin of a district or the state', allows: isImporter };

/** The districts whose imports the viewer has; null: all. */
export function importDistricts(viewer: Viewer): string[] | null {
  const grants = viewer.grants.filter(
    ({ role, kind }) => kind !== 'school' && (role === 'importer' || role === 'admin'),
  );
  return grants.some(({ kind }) => kind === 'state')
    ? null
    : [...new Set(grants.map(({ organizationId }) => organizationId))];
}
