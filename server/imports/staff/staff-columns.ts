import { plainWord } from '../import-words.ts';

/** What a list of staff may say of a person. */
export const STAFF_FIELDS = ['name', 'email', 'organization', 'role', 'active'] as const;
export type StaffField = (typeof STAFF_FIELDS)[number];

/** Columns of names in two parts are put together. */
type Column = StaffField | 'first' | 'last' | 'student';

const WORDS: Record<Column, string> = {
  name: 'name,full name,display name,staff name,teacher,employee name',
  first: 'first,first name,given name,forename',
  last: 'last,last name,surname,family name',
  email: 'email,e mail,mail,email address,e mail address,mail address,work email,staff email',
  organization:
    'organization,organisation,school,site,building,place,location,work place,school name,school code,site code,building code,organization name,organization code',
  role: 'role,roles',
  active: 'active,enabled,status,account',
  student:
    'grade,grade level,current grade,student,student id,student number,student name,student email,pupil,pupil id,birth date,birthdate,birthday,date of birth,dob,guardian,guardian email,parent,parent name,parent email,homeroom,graduation year,class of,lunch status',
};

const byWord = new Map(
  Object.entries(WORDS).flatMap(([column, words]) =>
    words.split(',').map((word) => [word, column as Column] as const),
  ),
);

/** What the columns of a file are, by their headings: what is known, what only lists of students have, and the rest. */
export function readColumns(headings: readonly string[]): {
  of: Map<string, Column>;
  students: string[];
  unread: string[];
} {
  const of = new Map<string, Column>();
  const taken = new Set<Column>();
  for (const heading of headings) {
    const column = byWord.get(plainWord(heading));
    if (column === undefined) continue;
    // The first of two columns that say the same counts.
    if (column !== 'student' && taken.has(column)) continue;
    taken.add(column);
    of.set(heading, column);
  }
  return {
    of,
    students: headings.filter((heading) => of.get(heading) === 'student'),
    unread: headings.filter((heading) => !of.has(heading)),
  };
}
