import { mayGive, type Place } from '../../accounts/people-policy.ts';
import type { Role, Viewer } from '../../lib/viewer.ts';
import { editDistance } from '../../lib/edit-distance.ts';
import { groupBy } from '../../lib/group-by.ts';
import { plainWord } from '../import-words.ts';
import type { RowFault } from '../row-reader.ts';
import type { StaffRow } from './staff-row.ts';

export type StaffPlace = Place & { name: string; slug: string; inside: boolean };

/** Somebody with an account whom a list may name. */
export type StaffPerson = {
  id: string;
  email: string;
  name: string;
  active: boolean;
  organizationId: string;
  grants: { organizationId: string; role: Role }[];
  /** Works outside of the organization whose list it is. */
  outside: boolean;
  /** Holds a role outside of it: the account isn't its alone. */
  elsewhere: boolean;
};

export type StaffInvitation = {
  id: string;
  email: string;
  name: string;
  organizationId: string;
  roles: Role[];
};

export type StaffFacts = {
  organizationId: string;
  /** Every open place; `inside`: within the organization whose list it is. */
  places: StaffPlace[];
  people: StaffPerson[];
  invitations: StaffInvitation[];
};

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
  const context: Context = {
    facts,
    viewer,
    people: new Map(facts.people.map((person) => [person.email, person])),
    invited: groupBy(facts.invitations, ({ email }) => email),
    places: new Map(facts.places.map((place) => [place.id, place])),
    byWord: byWord(facts.places),
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

type Context = {
  facts: StaffFacts;
  viewer: Viewer;
  people: Map<string, StaffPerson>;
  invited: Map<string, StaffInvitation[]>;
  places: Map<string, StaffPlace>;
  byWord: Map<string, StaffPlace[]>;
  twice: Map<StaffRow, RowFault>;
};

const goneEntry = ({ id, name, email, organizationId, grants }: StaffPerson): GoneEntry => ({
  personId: id,
  name,
  email,
  organizationId,
  roles: [...new Set(grants.map(({ role }) => role))].toSorted(),
});

/** Places by their names, the words of their addresses, and their ids. */
function byWord(places: readonly StaffPlace[]): Map<string, StaffPlace[]> {
  const words = new Map<string, StaffPlace[]>();
  for (const place of places)
    for (const word of new Set([plainWord(place.name), plainWord(place.slug), plainWord(place.id)]))
      words.set(word, [...(words.get(word) ?? []), place]);
  return words;
}

/** Of rows for one address the first counts where all say the same; where they differ, nobody knows which is right. */
function repeated(rows: readonly StaffRow[]): Map<StaffRow, RowFault> {
  const groups = new Map<string, StaffRow[]>();
  for (const row of rows)
    if (row.email !== null) groups.set(row.email, [...(groups.get(row.email) ?? []), row]);
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

function planRow(row: StaffRow, context: Context): StaffEntry {
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
  const place = placeOf(row, context);
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

function placeOf(row: StaffRow, { byWord: words, facts }: Context): StaffPlace | RowFault | undefined {
  if (row.organization === null) return undefined;
  const read = row.organization;
  const found = words.get(plainWord(read)) ?? [];
  const inside = found.filter((place) => place.inside);
  const [place] = inside;
  if (place && inside.length === 1) return place;
  const field = 'organization';
  if (inside.length > 1)
    return {
      field,
      key: 'staff.fault.manyPlaces',
      params: { read, codes: inside.map((one) => one.slug).join(', ') },
    };
  if (found.length > 0) return { field, key: 'staff.fault.otherPlace', params: { read } };
  const params = { read, examples: nearest(read, facts.places).join(', ') };
  return { field, key: 'staff.fault.place', params };
}

/** Names of places that look most like what was read, at most three. */
function nearest(read: string, places: readonly StaffPlace[]): string[] {
  const word = plainWord(read).slice(0, 60);
  return places
    .filter(({ inside }) => inside)
    .map(({ name }) => ({ name, far: editDistance(word, plainWord(name).slice(0, 60), 60) }))
    .toSorted((a, b) => a.far - b.far)
    .slice(0, 3)
    .map(({ name }) => name);
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
  { entry, context }: { entry: StaffEntry; context: Context },
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
  const roles = row.roles ?? kept.toSorted();
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
  { entry, context }: { entry: StaffEntry; context: Context },
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
