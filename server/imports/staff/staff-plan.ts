import { groupBy } from '../../lib/group-by.ts';
import type { Role, Viewer } from '../../lib/viewer.ts';
import type { RowFault } from '../row-reader.ts';
import { planRow, type StaffContext, type StaffEntry } from './staff-entry.ts';
import type { StaffFacts, StaffPerson } from './staff-facts.ts';
import { placeFinder } from './staff-places.ts';
import type { StaffRow } from './staff-row.ts';

/** An account at the organization that the list doesn't name. */
export type GoneEntry = {
  personId: string;
  name: string;
  email: string;
  organizationId: string;
  roles: Role[];
};

export type StaffPlan = { entries: StaffEntry[]; gone: GoneEntry[] };

/**
 * What a list would do, held against how things stand. Pure: the same rows and facts give the same plan.
 * @param viewer who brings the list
 */
export function planStaff(rows: readonly StaffRow[], facts: StaffFacts, viewer: Viewer): StaffPlan {
  const context: StaffContext = {
    viewer,
    people: new Map(facts.people.map((person) => [person.email, person])),
    invited: groupBy(facts.invitations, ({ email }) => email),
    places: new Map(facts.places.map((place) => [place.id, place])),
    placeOf: placeFinder(facts.places, facts.closed),
    twice: repeated(rows),
  };
  const entries = rows.map((row) => planRow(row, context));
  const named = new Set(rows.flatMap(({ email }) => email ?? []));
  const readable = entries.some(({ outcome }) => outcome !== 'refused');
  const gone = facts.people.filter(
    (person) =>
      person.active &&
      !person.outside &&
      !person.elsewhere &&
      person.id !== viewer.id &&
      !named.has(person.email),
  );
  return { entries, gone: readable ? gone.map(goneEntry) : [] };
}

const goneEntry = ({ id, name, email, organizationId, grants }: StaffPerson): GoneEntry => ({
  personId: id,
  name,
  email,
  organizationId,
  roles: [...new Set(grants.map(({ role }) => role))].toSorted(),
});

/** Of rows for one address the first counts where all say the same; where they differ, nobody knows which is right. */
function repeated(rows: readonly StaffRow[]): Map<StaffRow, RowFault> {
  const groups = groupBy(
    rows.filter(({ email }) => email !== null),
    ({ email }) => email,
  );
  const faults = new Map<StaffRow, RowFault>();
  for (const [first, ...others] of groups.values()) {
    if (!first || others.length === 0) continue;
    const says = (row: StaffRow) => JSON.stringify([row.name, row.organization, row.roles, row.active]);
    const differ = others.some((row) => says(row) !== says(first));
    for (const row of differ ? [first, ...others] : others) {
      const line = row === first ? (others[0]?.line ?? 0) : first.line;
      faults.set(row, {
        field: 'email',
        key: differ ? 'staff.fault.twice' : 'staff.fault.again',
        params: { read: row.email ?? '', line },
      });
    }
  }
  return faults;
}
