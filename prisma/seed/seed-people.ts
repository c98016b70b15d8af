import { Readable } from 'node:stream';
import { accountByEmail } from '../../server/accounts/account-queries.ts';
import { addInvitations } from '../../server/accounts/invitations/invitation-service.ts';
import { saveProfile } from '../../server/accounts/profile/profile-service.ts';
import { setRegistration } from '../../server/accounts/registration/registration-service.ts';
import type { Deps } from '../../server/deps.ts';
import { readStaff } from '../../server/imports/staff/read-staff.ts';
import { tryStaff } from '../../server/imports/staff/staff-service.ts';
import type { Grade } from '../../server/lib/grade.ts';
import { noOrigin } from '../../server/lib/origin.ts';
import type { Role } from '../../server/lib/viewer.ts';
import { withTransaction } from '../../server/platform/database/transaction.ts';

const DAY = 86_400_000;

const invited: { email: string; name: string; place: string; roles: Role[]; daysAgo?: number }[] = [
  {
    email: 'lena.forsgren@north.example',
    name: 'Lena Forsgren',
    place: 'birchwood-middle',
    roles: ['teacher'],
  },
  { email: 'd.okafor@north.example', name: '', place: 'north', roles: ['curator'], daysAgo: 5 },
  {
    email: 'marcus.webb@north.example',
    name: 'Marcus Webb',
    place: 'north-lakes-high',
    roles: ['teacher'],
    daysAgo: 20,
  },
];

/** A list of staff as the district's office wrote it, with what such lists have. */
const staff = [
  'E-mail address,First name,Last name,School,Role,Active,Room',
  'teacher@north.example,Mai Lin,Tran,North Lakes Elementary,teacher,yes,12',
  'ingrid.solheim@north.example,Ingrid,Solheim,North Lakes Elementary,teacher,yes,14',
  'carlos.medina@north.example,Carlos,Medina,north-lakes-high,teacher,yes,201',
  'lena.forsgren@north.example,Lena,Forsgren,North Lakes High School,teacher,yes,',
  'priya.natarajan@north.example,Priya,Natarajan,North Lakes Hihg School,teacher,yes,',
  'tom.becker@north.example,Tom,Becker,Birchwood Middle School,student,yes,',
  'curator@north.example,Ruth Anne,Kowalski,north,curator,yes,office',
  'admin@north.example,Walter,Lindqvist,north,admin,yes,office',
  'importer@north.example,Peter,Halvorsen,north,importer,yes,office',
].join('\n');

/**
 * People whom the district north invited: just now, some days ago, and one who didn't answer in time; and a list of its
 * staff that was tried. Its people may also make their account themselves.
 */
export async function seedPeople(deps: Pick<Deps, 'pool' | 'clock' | 'files'>): Promise<void> {
  const { pool, clock } = deps;
  const account = await accountByEmail(pool, 'admin@north.example');
  if (!account) return;
  const { rows } = await pool.query<{ id: string; slug: string }>('SELECT id, slug FROM organization');
  const idOf = new Map(rows.map(({ id, slug }) => [slug, id]));
  await withTransaction(pool, async (client) => {
    for (const { email, name, place, roles, daysAgo } of invited) {
      const organizationId = idOf.get(place);
      if (organizationId === undefined) continue;
      const now = new Date(clock.now().getTime() - (daysAgo ?? 0) * DAY);
      await addInvitations(client, [{ email, name, organizationId, roles }], {
        actorId: account.viewer.id,
        now,
        origin: noOrigin,
      });
      // Those of earlier days had their mail then.
      if (daysAgo !== undefined)
        await client.query('UPDATE invitation SET sent_at = $2 WHERE email = $1', [email, now]);
    }
  });
  const district = idOf.get('north') ?? '';
  const settings = { districtId: district, open: true, domains: ['north.example'] };
  await setRegistration(deps, account.viewer, settings, noOrigin);
  const staged = await deps.files.stage(Readable.from([staff]), { maxBytes: 100_000 });
  const list = await readStaff({ path: staged.path, name: 'staff.csv' });
  await deps.files.discard(staged);
  await tryStaff(deps, account.viewer, { ...list, organizationId: district, fileName: 'north-staff.csv' });
  await sayWhatTheyTeach(deps);
}

/** One teacher's home page begins with what she teaches; another's is as it is for everybody. */
async function sayWhatTheyTeach(deps: Pick<Deps, 'pool' | 'clock'>): Promise<void> {
  const account = await accountByEmail(deps.pool, 'teacher@south.example');
  if (!account) return;
  const { id, name } = account.viewer;
  const teaching = { name, school: undefined, subjects: ['mathematics'], grades: ['3', '4'] as Grade[] };
  await saveProfile(deps, id, teaching, noOrigin);
}
