import type { Pool } from 'pg';
import { csvLine } from '../../lib/csv-text.ts';
import { peopleList, type PeopleFilter, type PersonRow } from './person-queries.ts';

/** Each of them is found, counted and sorted anew, so not too few. */
const IN_BATCH = 5000;

/** The columns of a list of staff, so that the file can be changed and brought back, and two that such a list leaves unread. */
const HEADINGS = ['name', 'email', 'organization', 'role', 'active', 'roles elsewhere', 'last seen'];

/** People as the lines of a CSV file, by name, never all of them in memory. */
export async function* peopleFile(
  pool: Pool,
  scope: readonly string[] | null,
  filter: PeopleFilter,
): AsyncGenerator<string> {
  yield `\ufeff${csvLine(HEADINGS)}`;
  for (let page = 1; ; page += 1) {
    const { people } = await peopleList(pool, scope, { ...filter, page, size: IN_BATCH });
    if (people.length > 0) yield people.map((person) => csvLine(cellsOf(person))).join('');
    if (people.length < IN_BATCH) return;
  }
}

function cellsOf({ name, email, organization, memberships, active, lastSeen }: PersonRow): string[] {
  return [
    name,
    email,
    organization,
    memberships.flatMap(({ here, role }) => (here ? [role] : [])).join('|'),
    active ? 'yes' : 'no',
    memberships.flatMap((one) => (one.here ? [] : [`${one.role}: ${one.organization}`])).join('|'),
    lastSeen?.toISOString().slice(0, 10) ?? '',
  ];
}
