import { isInScope, peopleAdministrators, peopleScope } from '../accounts/people-policy.ts';
import { isStateStaff, type Viewer } from '../lib/viewer.ts';

/** Administrators of the state, or of a district for that district. A school's have no pages of these. */
export const administrators = peopleAdministrators;

/** Whether the viewer administers the whole state. */
export const administersState = (viewer: Viewer): boolean => isStateStaff(viewer, 'admin');

/** The districts that the viewer administers, with their schools; null: everything, the state itself too. */
export const administeredDistricts = peopleScope;

/** Whether the viewer administers what belongs to a district; `districtId` null: the state itself. */
export const mayAdminister = (viewer: Viewer, districtId: string | null): boolean =>
  isInScope(peopleScope(viewer), { districtId });

/** SQL: an organization (by its alias) that somebody with this scope administers; `scope` is a parameter. */
export const inScopeSql = (alias: string, scope: string): string =>
  `(${scope}::uuid[] IS NULL OR ${alias}.district_id = ANY (${scope}::uuid[]))`;
