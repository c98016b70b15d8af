import { accountByEmail } from '../../server/accounts/account-queries.ts';
import { addInvitations } from '../../server/accounts/invitations/invitation-service.ts';
import type { Deps } from '../../server/deps.ts';
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

/** People whom the district north invited: just now, some days ago, and one who didn't answer in time. */
export async function seedPeople({ pool, clock }: Pick<Deps, 'pool' | 'clock'>): Promise<void> {
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
}
