import type { Pool } from 'pg';
import { catalogId } from './catalog.ts';
import { personIdOf, secretWord, type Guarded } from './guarded-shelf.ts';
import { insertRows } from './insert-rows.ts';

const at = '2026-01-20T12:00:00Z';
export const organizationId = (slug: string): string => catalogId('organization', slug);
const personId = (name: string): string => catalogId('person', name);

/** Administrators who aren't in the policy's table, by where they hold the role. */
export const administrators = {
  'administrator of the district': 'north',
  'administrator elsewhere': 'south',
  'administrator of the school': 'north-elementary',
} as const;
export type Administrator = keyof typeof administrators;
export const administratorEmail = (who: Administrator): string =>
  `admin-of-${administrators[who]}@test.example`;

/** Offices that keep something to themselves, and where what is theirs stands. */
export const offices = { north: 'north-high', south: 'south-middle', state: 'state' } as const;
export type Office = keyof typeof offices;
export const officeNames = Object.keys(offices) as Office[];

/** What an office has of its own. */
export const officeThings = [
  'person',
  'list of staff',
  'rejected row',
  'invitation',
  'domain',
  'event',
  'event of its people',
] as const;
type Thing = (typeof officeThings)[number];
/** A word that stands in one thing of one office. */
export const officeWord = (office: Office | 'school', thing: Thing): string =>
  secretWord(`${thing} of the office of ${office}`);
/** What the state alone has: a change of its lists, a job that failed. */
export const stateWords = { change: secretWord('change of the lists'), job: secretWord('job that failed') };

export const staffOf = (office: Office): string => personId(`staff of ${office}`);
/** Works in the south and helps in the north. */
export const helperId = personId('helper');
export const helperWord = secretWord('helper');
export const staffFileOf = (office: Office): string => catalogId('staff file', office);
export const vocabularyChangeId = catalogId('vocabulary change', 'of everything');

/** Hand-overs of everything, by who may see them: within a district, to another, and of what stands in another. */
export const handOvers = {
  'within the north': { from: 'owner', to: 'teacher of the school', seenBy: ['north'] },
  'from the north to the south': { from: 'owner', to: 'teacher elsewhere', seenBy: [] },
  'within the north, of what stands in the south': {
    from: 'owner',
    to: 'teacher of the school',
    seenBy: [],
  },
  'within the south': { from: 'co-author', to: 'teacher elsewhere', seenBy: ['south'] },
} as const;
export type HandOver = keyof typeof handOvers;
export const handOverId = (name: HandOver): string => catalogId('transfer', name);
/** Organizations' own: within the north, and what is the state's alone. */
export const transfers = {
  'of a school to another of the north': {
    kind: 'school',
    from: 'north-elementary',
    to: 'north-high',
    seenBy: ['north'],
  },
  'of a school to the south': { kind: 'move', from: 'north-high', to: 'south', seenBy: [] },
  'of two districts': { kind: 'merge', from: 'south', to: 'north', seenBy: [] },
} as const;
export type Transfer = keyof typeof transfers;
export const transferId = (name: Transfer): string => catalogId('transfer', name);

/** Administrators, and for each office people, lists of staff, invitations, settings, events of the log, transfers. */
export async function furnishOffices(pool: Pool, shelf: Guarded[]): Promise<void> {
  const insert = (table: string, rows: Record<string, unknown>[]) => insertRows(pool, table, rows);
  const person = (id: string, name: string, email: string, place: string) => ({
    id,
    email,
    name,
    organization_id: organizationId(place),
    session_epoch: 0,
    created_at: at,
    updated_at: at,
  });
  const grant = (person_id: string, place: string, role: string) => ({
    person_id,
    organization_id: organizationId(place),
    role,
    created_at: at,
  });
  const names = Object.keys(administrators) as Administrator[];
  await insert('person', [
    ...names.map((who) =>
      person(personId(who), 'An administrator', administratorEmail(who), administrators[who]),
    ),
    ...officeNames.map((office) =>
      person(
        staffOf(office),
        `Pat ${officeWord(office, 'person')}`,
        `${officeWord(office, 'person')}@test.example`,
        offices[office],
      ),
    ),
    person(helperId, `Kim ${helperWord}`, `${helperWord}@test.example`, 'south-middle'),
  ]);
  await insert('role_grant', [
    ...names.map((who) => grant(personId(who), administrators[who], 'admin')),
    ...officeNames.map((office) => grant(staffOf(office), office, 'curator')),
    grant(helperId, 'north', 'curator'),
  ]);
  await insert(
    'staff_file',
    officeNames.map((office) => ({
      id: staffFileOf(office),
      organization_id: organizationId(office),
      file_name: `${officeWord(office, 'list of staff')}.csv`,
      columns: ['Name'],
      rows: [{ line: 2, raw: { Name: officeWord(office, 'rejected row') } }],
      plan: {
        entries: [
          {
            outcome: 'refused',
            line: 2,
            name: officeWord(office, 'rejected row'),
            email: '',
            organizationId: null,
            roles: [],
            changes: [],
            personId: null,
            invitationId: null,
            fault: { field: 'email', key: 'staff.fault.noEmail', params: {} },
          },
        ],
        gone: [],
      },
      digest: '',
      counts: { created: 0, changed: 0, same: 0, refused: 1, gone: 0, closed: 0 },
      state: 'tried',
      created_at: at,
    })),
  );
  await insert(
    'invitation',
    officeNames.map((office) => ({
      email: `${officeWord(office, 'invitation')}@test.example`,
      organization_id: organizationId(office),
      roles: ['teacher'],
      id: catalogId('invitation', office),
      name: '',
      created_at: at,
      expires_at: '2036-01-20T12:00:00Z',
    })),
  );
  const districts = ['north', 'south'] as const;
  await insert(
    'registration',
    districts.map((office) => ({ district_id: organizationId(office), open: true })),
  );
  await insert(
    'registration_domain',
    districts.map((office) => ({
      domain: `${officeWord(office, 'domain')}.example`,
      district_id: organizationId(office),
    })),
  );
  const event = (more: Record<string, unknown>) => ({
    at,
    actor_id: personIdOf('state administrator'),
    action: 'organization.renamed',
    object_type: 'organization',
    object_id: null,
    organization_id: null,
    outcome: 'done',
    detail: {},
    ...more,
  });
  await insert('audit_event', [
    ...([...officeNames, 'school'] as const).map((office) =>
      event({
        organization_id: organizationId(office === 'school' ? 'north-elementary' : office),
        detail: { note: officeWord(office, 'event') },
      }),
    ),
    ...officeNames.map((office) =>
      event({ actor_id: staffOf(office), detail: { note: officeWord(office, 'event of its people') } }),
    ),
    ...shelf.map(({ id }) =>
      event({
        action: 'resource.changed',
        object_type: 'resource',
        object_id: id,
        organization_id: organizationId('north-elementary'),
      }),
    ),
  ]);
  await insert('vocabulary_change', [
    {
      id: vocabularyChangeId,
      kind: 'topic',
      target: catalogId('topic', shelf[0]!.topic),
      change: { what: 'rename' },
      origin: {},
      made_at: at,
      name: stateWords.change,
      seen: '',
      state: 'done',
      resources: 2140,
    },
  ]);
  const planned = { state: 'planned', counts: {}, sources: {}, moved: {}, made_at: at, moved_at: at };
  await insert('transfer', [
    ...(Object.keys(handOvers) as HandOver[]).map((name) => ({
      id: handOverId(name),
      kind: 'person',
      from_id: personIdOf(handOvers[name].from),
      to_id: personIdOf(handOvers[name].to),
      ...planned,
      chosen: true,
    })),
    ...(Object.keys(transfers) as Transfer[]).map((name) => ({
      id: transferId(name),
      kind: transfers[name].kind,
      from_id: organizationId(transfers[name].from),
      to_id: organizationId(transfers[name].to),
      ...planned,
      chosen: false,
    })),
  ]);
  await insert(
    'transfer_item',
    (Object.keys(handOvers) as HandOver[])
      .filter((name) => name !== 'within the south')
      .flatMap((name) => [
        ...shelf.map(({ id }) => ({ transfer_id: handOverId(name), kind: 'resource', object_id: id })),
        ...(name.endsWith('of what stands in the south')
          ? [{ transfer_id: handOverId(name), kind: 'resource', object_id: shelf[0]!.child }]
          : []),
      ]),
  );
  // A job that failed, and every open document damaged.
  await pool.query(`SELECT graphile_worker.add_job('send-mail', '{}', run_at => now() + interval '1 day')`);
  await pool.query(`UPDATE graphile_worker._private_jobs SET attempts = 1, last_error = $1`, [
    `It failed: ${stateWords.job}`,
  ]);
  await pool.query(
    `UPDATE blob SET damage = 'changed', damaged_at = $2 WHERE sha256 IN (SELECT sha256 FROM file WHERE id = ANY ($1::uuid[]))`,
    [shelf.flatMap(({ files }) => files.open ?? []), at],
  );
}
