import type { Pool } from 'pg';
import type { Grade } from '../../server/lib/grade.ts';
import { groupBy } from '../../server/lib/group-by.ts';
import { normCode } from '../../server/lib/standard-code.ts';
import { chance } from './records/record.ts';

export interface School {
  id: string;
  districtId: string;
  teachers: string[];
}

/** What records are laid into: everything that stands in the database before the first resource. */
export interface World {
  stateId: string;
  stateCurator: string;
  schools: School[];
  curatorOf: Map<string, string>;
  people: { id: string; districtId: string | null; organizationId: string }[];
  levels: string[];
  topics: Map<string, string[]>;
  settings: string[];
  licenses: Set<string>;
  types: Set<string>;
  /** A standard by its code in any spelling, the real frameworks before the demo's. */
  byCode: (code: string) => string | undefined;
  /** A standard of a subject for some grades; a few come up often, most seldom, as in life. */
  standardFor: (subject: string, grades: readonly Grade[], key: string) => string | undefined;
}

/** Reads the world; one look-up table of every spelling of every code stays in memory. */
export async function readWorld(pool: Pool): Promise<World> {
  const list = async <T extends object>(sql: string): Promise<T[]> => (await pool.query<T>(sql)).rows;
  const people = await list<{
    id: string;
    email: string;
    role: string;
    organization_id: string;
    district_id: string | null;
    kind: string;
  }>(
    `SELECT p.id, p.email, g.role, o.id AS organization_id, o.district_id, o.kind
     FROM person p JOIN role_grant g ON g.person_id = p.id JOIN organization o ON o.id = p.organization_id ORDER BY p.email`,
  );
  const schools = await list<{ id: string; district_id: string }>(
    `SELECT id, district_id FROM organization WHERE kind = 'school' ORDER BY slug`,
  );
  const teachers = groupBy(
    people.filter(({ role }) => role === 'teacher'),
    (person) => person.organization_id,
  );
  const [state] = await list<{ id: string }>(`SELECT id FROM organization WHERE kind = 'state'`);
  const stateCurator = people.find(({ role, kind }) => role === 'curator' && kind === 'state');
  if (!state || !stateCurator) throw new Error('The demo state is not there');
  const texts = async (sql: string): Promise<string[]> => (await list<{ v: string }>(sql)).map(({ v }) => v);
  const topics = await list<{ id: string; subject_slug: string }>(
    'SELECT id, subject_slug FROM topic WHERE subject_slug IS NOT NULL ORDER BY path',
  );
  return {
    stateId: state.id,
    stateCurator: stateCurator.id,
    schools: schools.flatMap((school) => {
      const staff = teachers.get(school.id)?.map(({ id }) => id) ?? [];
      return staff.length > 0 ? [{ id: school.id, districtId: school.district_id, teachers: staff }] : [];
    }),
    curatorOf: new Map(
      people.flatMap((one) => (one.role === 'curator' && one.district_id ? [[one.district_id, one.id]] : [])),
    ),
    people: people.map((one) => ({
      id: one.id,
      districtId: one.district_id,
      organizationId: one.organization_id,
    })),
    levels: await texts('SELECT id AS v FROM competency_level ORDER BY position'),
    topics: new Map(
      [...groupBy(topics, (topic) => topic.subject_slug)].map(([subject, found]) => [
        subject,
        found.map(({ id }) => id),
      ]),
    ),
    settings: await texts('SELECT slug AS v FROM setting ORDER BY slug'),
    licenses: new Set(await texts('SELECT code AS v FROM license')),
    types: new Set(await texts('SELECT slug AS v FROM resource_type')),
    ...(await readStandards(pool)),
  };
}

async function readStandards(pool: Pool): Promise<Pick<World, 'byCode' | 'standardFor'>> {
  const { rows: codes } = await pool.query<{ code_norm: string; standard_guid: string }>(
    `SELECT c.code_norm, c.standard_guid FROM standard_code c JOIN standard s ON s.guid = c.standard_guid
       JOIN framework f ON f.guid = s.framework_guid ORDER BY f.is_state_own DESC, c.kind DESC`,
  );
  const byNorm = new Map(codes.map((row) => [row.code_norm, row.standard_guid]));
  const { rows: standards } = await pool.query<{ guid: string; subject: string; grades: Grade[] }>(
    `SELECT s.guid, f.subject_slug AS subject, s.grades FROM standard s JOIN framework f ON f.guid = s.framework_guid
     WHERE s.code IS NOT NULL AND s.child_count = 0 AND s.retired_at IS NULL AND f.subject_slug IS NOT NULL
     ORDER BY md5(s.guid::text)`,
  );
  const bySubject = groupBy(standards, ({ subject }) => subject);
  const known = new Map<string, string[]>();
  return {
    byCode: (code) => byNorm.get(normCode(code)),
    standardFor: (subject, grades, key) => {
      const name = `${subject} ${grades.join(' ')}`;
      const all = bySubject.get(subject) ?? [];
      const fitting =
        known.get(name) ??
        all.filter((one) => one.grades.some((grade) => grades.includes(grade))).map(({ guid }) => guid);
      known.set(name, fitting);
      return fitting[Math.floor(chance(key, 'standard') ** 2 * fitting.length)];
    },
  };
}
