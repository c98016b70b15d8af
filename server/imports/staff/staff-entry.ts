import { mayGive } from '../../accounts/people-policy.ts';
import type { Role, Viewer } from '../../lib/viewer.ts';
import type { RowFault } from '../row-reader.ts';
import type { StaffInvitation, StaffPerson, StaffPlace } from './staff-facts.ts';
import type { PlaceFinder } from './staff-places.ts';
import type { StaffRow } from './staff-row.ts';

/** `active` of an invitation that ends: it is withdrawn. */
export type StaffChange = {
  field: 'name' | 'organization' | 'role' | 'active';
  before: string;
  after: string;
};

export type StaffEntry = {
  line: number;
  outcome: 'created' | 'changed' | 'same' | 'refused';
  email: string;
  name: string;
  /** Where they will work, by its id; null where nothing is known. */
  organizationId: string | null;
  roles: Role[];
  /** Before and after as they are kept: ids of places, roles with commas, `yes` and `no`. */
  changes: StaffChange[];
  personId: string | null;
  invitationId: string | null;
  fault: RowFault | null;
};

/** What a row is held against: the facts by address, id and word, and what other rows say of the same person. */
export type StaffContext = {
  viewer: Viewer;
  people: Map<string, StaffPerson>;
  invited: Map<string, StaffInvitation[]>;
  places: Map<string, StaffPlace>;
  placeOf: PlaceFinder;
  twice: Map<StaffRow, RowFault>;
};

/** What one row would do. Pure: what can't be done is refused, with the column and the reason. */
export function planRow(row: StaffRow, context: StaffContext): StaffEntry {
  const email = row.email ?? '';
  const entry: StaffEntry = {
    line: row.line,
    outcome: 'refused',
    email,
    name: row.name ?? '',
    organizationId: null,
    roles: [],
    changes: [],
    personId: null,
    invitationId: null,
    fault: null,
  };
  const refused = (fault: RowFault): StaffEntry => ({ ...entry, fault });
  if (row.fault) return refused(row.fault);
  const twice = context.twice.get(row);
  if (twice) return refused(twice);
  const place = row.organization === null ? undefined : context.placeOf(row.organization);
  if (place && 'key' in place) return refused(place);
  const person = context.people.get(email);
  const invitations = context.invited.get(email) ?? [];
  const invitation = invitations.find(({ organizationId }) => organizationId === place?.id) ?? invitations[0];
  const known = person ?? invitation;
  const target = place ?? context.places.get(known?.organizationId ?? '');
  if (!target) return refused({ field: 'organization', key: 'staff.fault.noPlace', params: {} });
  const roleFault = rolesFault(row, target, context.viewer);
  if (roleFault) return refused(roleFault);
  if (person) return planPerson(row, person, target, { entry, context });
  if (invitation) return planInvitation(row, invitation, target, { entry, context });
  const roles: Role[] = row.roles ?? ['teacher'];
  const created = { ...entry, organizationId: target.id, roles };
  return row.active === false ? { ...created, outcome: 'same' } : { ...created, outcome: 'created' };
}

function rolesFault({ roles }: StaffRow, place: StaffPlace, viewer: Viewer): RowFault | null {
  const bad = roles?.find((role) => !mayGive(viewer, place, role));
  if (bad === undefined) return null;
  const key = place.kind === 'school' ? 'staff.fault.roleAtSchool' : 'staff.fault.roleNotYours';
  return { field: 'role', key, params: { read: bad, place: place.name } };
}

function planPerson(
  row: StaffRow,
  person: StaffPerson,
  place: StaffPlace,
  { entry, context }: { entry: StaffEntry; context: StaffContext },
): StaffEntry {
  const refused = (key: RowFault['key'], field: string | null = null): StaffEntry => ({
    ...entry,
    fault: { field, key, params: {} },
  });
  if (person.outside) return refused('staff.fault.outside', 'email');
  const moved = place.id !== person.organizationId;
  const at = (id: string): Role[] =>
    person.grants.filter(({ organizationId }) => organizationId === id).map(({ role }) => role);
  const here = at(place.id);
  const before = [...new Set([...here, ...(moved ? at(person.organizationId) : [])])].toSorted();
  // Who moves takes along the roles that exist at the new place, unless the list says which.
  const kept = before.filter((role) => here.includes(role) || mayGive(context.viewer, place, role));
  const roles = row.roles ?? kept;
  const changes: StaffChange[] = [];
  const note = (field: StaffChange['field'], was: string, is: string) => {
    if (was !== is) changes.push({ field, before: was, after: is });
  };
  note('name', person.name, row.name ?? person.name);
  note('organization', person.organizationId, place.id);
  note('role', before.join(','), roles.join(','));
  note('active', person.active ? 'yes' : 'no', (row.active ?? person.active) ? 'yes' : 'no');
  const planned = { ...entry, organizationId: place.id, roles, personId: person.id, changes };
  if (changes.length === 0) return { ...planned, name: person.name, outcome: 'same' };
  if (person.elsewhere) return refused('staff.fault.elsewhere');
  const own = changes.find(({ field }) => field === 'role' || field === 'active');
  if (person.id === context.viewer.id && own) return refused('staff.fault.yourself', own.field);
  return { ...planned, name: row.name ?? person.name, outcome: 'changed' };
}

function planInvitation(
  row: StaffRow,
  invitation: StaffInvitation,
  place: StaffPlace,
  { entry, context }: { entry: StaffEntry; context: StaffContext },
): StaffEntry {
  // As with people: elsewhere they are invited to what exists there, and if nothing is left, as a teacher.
  const kept =
    place.id === invitation.organizationId
      ? invitation.roles
      : invitation.roles.filter((role) => mayGive(context.viewer, place, role));
  const roles: Role[] = row.roles ?? (kept.length > 0 ? kept : ['teacher']);
  const planned = {
    ...entry,
    name: row.name ?? invitation.name,
    organizationId: place.id,
    roles,
    invitationId: invitation.id,
  };
  if (row.active === false)
    return { ...planned, outcome: 'changed', changes: [{ field: 'active', before: 'yes', after: 'no' }] };
  const changes = (
    [
      ['name', invitation.name, planned.name],
      ['organization', invitation.organizationId, place.id],
      ['role', invitation.roles.toSorted().join(','), roles.toSorted().join(',')],
    ] as const
  ).flatMap(([field, before, after]) => (before === after ? [] : [{ field, before, after }]));
  return { ...planned, outcome: changes.length === 0 ? 'same' : 'changed', changes };
}
