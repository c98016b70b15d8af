import { accountByEmail } from '../../server/accounts/account-queries.ts';
import { closeOrganization } from '../../server/administration/organization-change-service.ts';
import { makeOrganization } from '../../server/administration/organization-make-service.ts';
import { organizationFacts } from '../../server/administration/organization-queries.ts';
import { planHandOver } from '../../server/administration/people/plan-hand-over.ts';
import { personFacts } from '../../server/administration/people/person-queries.ts';
import { planOrganizationTransfer } from '../../server/administration/transfers/plan-transfer.ts';
import { runTransfer } from '../../server/administration/transfers/transfer-job.ts';
import { moveTransfer } from '../../server/administration/transfers/transfer-service.ts';
import type { Deps } from '../../server/deps.ts';
import { noOrigin } from '../../server/lib/origin.ts';

/** Who administers a district of the demo. */
const districtAdministrators = [
  ['lucia.fernandez@south.example', 'south'],
  ['owen.gallagher@harbor.example', 'harbor'],
] as const;

/**
 * What administrators of the demo have done: a school that was merged, one that is closed, one that was called something
 * else, a hand-over that waits for its button, and who administers each district. Nothing where the demo's people are others.
 */
export async function seedAdministration(deps: Deps): Promise<void> {
  const { pool } = deps;
  const viewer = (await accountByEmail(pool, 'admin@state.example'))?.viewer;
  if (!viewer) return;
  for (const [email, slug] of districtAdministrators)
    await pool.query(
      `INSERT INTO role_grant (person_id, organization_id, role)
       SELECT p.id, o.id, 'admin' FROM person p, organization o WHERE p.email = $1 AND o.slug = $2 ON CONFLICT DO NOTHING`,
      [email, slug],
    );
  await pool.query(
    `INSERT INTO organization_former (organization_id, name, slug, until)
     SELECT id, 'Birchwood Junior High', 'birchwood-junior-high', $1::timestamptz - interval '80 days' FROM organization
     WHERE slug = 'birchwood-middle' ON CONFLICT DO NOTHING`,
    [deps.clock.now()],
  );
  const idOf = async (slug: string): Promise<string | undefined> =>
    (await pool.query<{ id: string }>('SELECT id FROM organization WHERE slug = $1', [slug])).rows[0]?.id;
  const [south, harbor, mesaVerde] = [
    await idOf('south'),
    await idOf('harbor'),
    await idOf('mesa-verde-elementary'),
  ];
  if (south === undefined || harbor === undefined || mesaVerde === undefined) return;
  const seen = async (name: string, districtId: string): Promise<{ id: string; stamp: string }> => {
    const slug = await makeOrganization(deps, viewer.id, { kind: 'school', name, districtId }, noOrigin);
    const id = (await idOf(slug)) ?? '';
    return { id, stamp: (await organizationFacts(pool, null, id))?.stamp ?? '' };
  };
  await closeOrganization(deps, viewer, await seen('Ferry Street School', harbor), noOrigin);
  const mill = await seen('Old Mill Elementary', south);
  const merge = await planOrganizationTransfer(deps, viewer, 'merge', { ...mill, to: mesaVerde }, noOrigin);
  await moveTransfer(deps, viewer, { id: merge, move: 'start' }, noOrigin);
  await runTransfer(deps, merge);
  const leaving = (await accountByEmail(pool, 'tomasz.nowak@north.example'))?.viewer;
  const facts = leaving && (await personFacts(pool, null, leaving.id));
  if (facts && facts.counts.resources > 0)
    await planHandOver(
      deps,
      viewer,
      { id: facts.id, stamp: facts.stamp, to: 'aaliyah.johnson@north.example', ticked: null },
      noOrigin,
    );
}
