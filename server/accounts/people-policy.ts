import { administersPeople, isStateStaff, type Grant, type Role, type Viewer } from '../lib/viewer.ts';
import type { Access } from '../web/route.ts';

/** All roles, in the order in which forms offer them. */
export const ROLES = ['teacher', 'importer', 'curator', 'lead', 'admin'] as const satisfies readonly Role[];

/** A place at which somebody may be given a role. */
export type Place = { id: string; kind: Grant['kind']; districtId: string | null };

/** Who has the pages about people and organizations; which of them is a matter of the scope. A school's have none of these. */
export const peopleAdministrators: Access = {
  name: 'admin of a district or the state',
  allows: administersPeople,
};

/** The districts that the viewer administers, with their schools and people; null: everything, the state itself too. */
export function peopleScope(viewer: Viewer): string[] | null {
  const grants = viewer.grants.filter(({ role, kind }) => role === 'admin' && kind !== 'school');
  if (grants.some(({ kind }) => kind === 'state')) return null;
  return [...new Set(grants.map(({ organizationId }) => organizationId))];
}

/** Whether the viewer administers the whole state. */
export const administersState = (viewer: Viewer): boolean => isStateStaff(viewer, 'admin');

/** Whether the viewer administers what belongs to a district; `districtId` null: the state itself. */
export const mayAdminister = (viewer: Viewer, districtId: string | null): boolean =>
  isInScope(peopleScope(viewer), { districtId });

/**
 * SQL: whether somebody with this scope administers an organization, or what belongs to one.
 * @param alias of a row with a `district_id`
 * @param scope the parameter that holds `peopleScope`
 */
export const inScopeSql = (alias: string, scope: string): string =>
  `(${scope}::uuid[] IS NULL OR ${alias}.district_id = ANY (${scope}::uuid[]))`;

/** Whether a place is within the scope. The state's own office is in nobody's but the state's. */
export const isInScope = (scope: readonly string[] | null, place: Pick<Place, 'districtId'>): boolean =>
  scope === null || (place.districtId !== null && scope.includes(place.districtId));

/** The roles that mean something at a place: who checks and who brings in catalogs does it for a district or the state. */
export const rolesAt = (kind: Grant['kind']): readonly Role[] =>
  kind === 'school' ? ['teacher', 'admin'] : ROLES;

/** Whether the viewer may give a role at a place: within their scope, and one that exists there. */
export const mayGive = (viewer: Viewer, place: Place, role: Role): boolean =>
  isInScope(peopleScope(viewer), place) && rolesAt(place.kind).includes(role);
