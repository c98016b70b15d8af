import { email as emailSchema } from '../../accounts/person-fields.ts';
import type { Role } from '../../lib/viewer.ts';
import { plainWord } from '../import-words.ts';
import { isReadable, type Row, type RowFault } from '../row-reader.ts';
import type { readColumns } from './staff-columns.ts';

/** One row of a list, as it was read. What it doesn't say is null. */
export type StaffRow = {
  line: number;
  email: string | null;
  name: string | null;
  /** A school or district as the file names it. */
  organization: string | null;
  roles: Role[] | null;
  active: boolean | null;
  /** What is wrong with it; then it changes nothing. */
  fault: RowFault | null;
  /** The cells as they stand in the file, by heading. */
  raw: Record<string, string>;
};

/** The longest text of a cell that is kept. */
const MOST = 200;

const ROLE_WORDS: Record<string, Role> = {
  teacher: 'teacher',
  educator: 'teacher',
  faculty: 'teacher',
  importer: 'importer',
  'data lead': 'importer',
  curator: 'curator',
  lead: 'lead',
  'lead curator': 'lead',
  admin: 'admin',
  administrator: 'admin',
};
const STUDENT_WORDS = new Set([
  'student',
  'students',
  'pupil',
  'pupils',
  'learner',
  'child',
  'estudiante',
  'alumno',
  'alumna',
  'k 12 student',
]);
/** `@students.north.example`: addresses of students have a domain of their own in many districts. */
const STUDENT_DOMAIN = /@(?:students?|stu|pupils?|learners?)\./;

const YES = new Set(['yes', 'y', 'true', '1', 'active', 'open', 'enabled', 'x']);
const NO = new Set(['no', 'n', 'false', '0', 'inactive', 'closed', 'disabled', 'left']);

/** What a row says, by its columns; a fault names the column, what was read and what would work. */
export function readStaffRow(row: Row, columns: ReturnType<typeof readColumns>): StaffRow {
  if (!isReadable(row)) return { ...nothing, line: row.line, fault: row.fault, raw: {} };
  const raw = Object.fromEntries(
    Object.entries(row.values).map(([heading, value]) => [heading, textOf(value).slice(0, 500)]),
  );
  const cell = (column: string): string | null => {
    for (const [heading, of] of columns.of) if (of === column && raw[heading]) return raw[heading];
    return null;
  };
  const whole = cell('name') ?? [cell('first'), cell('last')].filter(Boolean).join(' ');
  const read: StaffRow = {
    line: row.line,
    email: cell('email')?.toLowerCase().slice(0, 300) ?? null,
    name: whole.slice(0, MOST) || null,
    organization: cell('organization')?.slice(0, MOST) ?? null,
    roles: null,
    active: null,
    fault: null,
    raw,
  };
  const fault = studentFault(read, columns.students) ?? emailFault(read);
  if (fault) return { ...read, fault };
  const roles = rolesOf(cell('role'));
  if ('fault' in roles) return { ...read, fault: roles.fault };
  const active = activeOf(cell('active'));
  if (active && typeof active === 'object') return { ...read, fault: active };
  return { ...read, roles: roles.roles, active };
}

const nothing = {
  email: null,
  name: null,
  organization: null,
  roles: null,
  active: null,
} satisfies Partial<StaffRow>;

const textOf = (value: unknown): string =>
  (Array.isArray(value) ? value.map(String).join(' ') : typeof value === 'string' ? value : String(value))
    .replaceAll('\0', '')
    .toWellFormed()
    .replaceAll(/\s+/g, ' ')
    .trim();

function studentFault({ raw, email }: StaffRow, students: readonly string[]): RowFault | null {
  for (const heading of students) {
    const read = raw[heading];
    if (read) return { field: heading, key: 'staff.fault.studentColumn', params: { column: heading, read } };
  }
  if (email !== null && STUDENT_DOMAIN.test(email))
    return { field: 'email', key: 'staff.fault.studentAddress', params: { read: email } };
  return null;
}

function emailFault({ email }: StaffRow): RowFault | null {
  if (email === null) return { field: 'email', key: 'staff.fault.noEmail', params: {} };
  if (emailSchema.safeParse(email).success) return null;
  return { field: 'email', key: 'staff.fault.email', params: { read: email } };
}

function rolesOf(text: string | null): { roles: Role[] | null } | { fault: RowFault } {
  if (text === null) return { roles: null };
  const roles = new Set<Role>();
  for (const part of text.split(/[|,;/]/)) {
    const word = plainWord(part);
    if (word === '') continue;
    if (STUDENT_WORDS.has(word))
      return { fault: { field: 'role', key: 'staff.fault.student', params: { read: part.trim() } } };
    const role = ROLE_WORDS[word];
    if (role === undefined)
      return { fault: { field: 'role', key: 'staff.fault.role', params: { read: part.trim() } } };
    roles.add(role);
  }
  return { roles: roles.size === 0 ? null : [...roles].toSorted() };
}

function activeOf(text: string | null): boolean | null | RowFault {
  if (text === null) return null;
  const word = plainWord(text);
  if (YES.has(word)) return true;
  if (NO.has(word)) return false;
  return { field: 'active', key: 'staff.fault.active', params: { read: text } };
}
