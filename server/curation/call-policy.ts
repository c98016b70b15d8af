import { hasRoleOver, isStateStaff, type Viewer } from '../lib/viewer.ts';
import { CURATORS } from './curators.ts';

/** What the rules need to know of a call. */
export type CallFacts = { organizationId: string; districtId: string | null };

/** May make, change, accept and close calls of that organization: its curators, and the state's. */
export const mayCall = (viewer: Viewer, { organizationId, districtId }: CallFacts): boolean =>
  hasRoleOver(viewer, { id: organizationId, districtId }, ...CURATORS);

/**
 * Whose calls a person sees: the state's everybody, a district's its own people and the staff of the state.
 * @returns ids of districts; null: of all
 */
export function districtsSeen(viewer: Viewer): string[] | null {
  if (isStateStaff(viewer, ...CURATORS)) return null;
  const districts = [viewer.districtId, ...viewer.grants.map(({ districtId }) => districtId)];
  return [...new Set(districts.flatMap((id) => id ?? []))];
}

/** The organizations for which a person may make calls, by id: the state and districts where they curate. */
export const callingFor = (viewer: Viewer): string[] =>
  viewer.grants
    .filter(({ role, kind }) => kind !== 'school' && (CURATORS as readonly string[]).includes(role))
    .map(({ organizationId }) => organizationId);
