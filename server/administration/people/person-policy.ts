import { isInScope, mayGive, peopleScope, rolesAt } from '../../accounts/people-policy.ts';
import type { PlaceRow } from '../../accounts/place-options.ts';
import type { Role, Viewer } from '../../lib/viewer.ts';
import type { PersonFacts, PersonGrant } from './person-queries.ts';

/**
 * What somebody may change of a person. `account`: name, address, place of work, open or closed: only of those who are
 * theirs alone, since whoever can change an address can become its owner. Roles are each place's own.
 */
export type PersonPower = { account: 'yes' | 'yourself' | 'elsewhere'; handOver: boolean };

export function personPower(
  viewer: Viewer,
  person: Pick<PersonFacts, 'id' | 'organization' | 'grants'>,
): PersonPower {
  const scope = peopleScope(viewer);
  const works = isInScope(scope, person.organization);
  const theirs = works && person.grants.every((grant) => isInScope(scope, grant));
  return {
    account: person.id === viewer.id ? 'yourself' : theirs ? 'yes' : 'elsewhere',
    handOver: works,
  };
}

/** Whether somebody may take a role: one that they could give. */
export const mayTake = (viewer: Viewer, { districtId }: Pick<PersonGrant, 'districtId'>): boolean =>
  isInScope(peopleScope(viewer), { districtId });

/** The roles that somebody may give at a place. */
export const rolesToGive = (
  viewer: Viewer,
  place: Pick<PlaceRow, 'id' | 'kind' | 'districtId'>,
): readonly Role[] => rolesAt(place.kind).filter((role) => mayGive(viewer, place, role));
