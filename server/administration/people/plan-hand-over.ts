import { inScopeSql, peopleScope } from '../../accounts/people-policy.ts';
import type { Deps } from '../../deps.ts';
import { invalid, notFound } from '../../errors.ts';
import type { Origin } from '../../lib/origin.ts';
import type { Viewer } from '../../lib/viewer.ts';
import { withTransaction } from '../../platform/database/transaction.ts';
import { insertTransfer, logTransfer } from '../transfers/plan-transfer.ts';
import { ChangedMeanwhile } from '../changed-meanwhile.ts';
import { personPower } from './person-policy.ts';
import { listOwned, personFacts } from './person-queries.ts';

type Wish = { id: string; stamp: string; to: string; ticked: readonly string[] | null };

/**
 * Plans to hand a person's resources, drafts and collections to somebody else: all that the viewer may, or what was ticked.
 * Nothing goes yet, the plan is the preview.
 * @param wish.to the address of an open account that the viewer administers
 * @returns the id of the transfer
 * @throws 404, ChangedMeanwhile; 422 for nobody, the same person, or nothing
 */
export async function planHandOver(
  { pool, clock }: Pick<Deps, 'pool' | 'clock'>,
  viewer: Viewer,
  { id, stamp, to, ticked }: Wish,
  origin: Origin,
): Promise<string> {
  const scope = peopleScope(viewer);
  return withTransaction(pool, async (client) => {
    const person = await personFacts(client, scope, id);
    if (!person || !personPower(viewer, person).handOver) throw notFound();
    if (person.stamp !== stamp) throw new ChangedMeanwhile();
    if (ticked?.length === 0) throw invalid({ field: 'item', key: 'handOver.nothingTicked' });
    const { rows } = await client.query<{ id: string; closed: boolean }>(
      `SELECT p.id, p.disabled_at IS NOT NULL AS closed FROM person p JOIN organization o ON o.id = p.organization_id
       WHERE p.email = lower($2) AND ${inScopeSql('o', '$1')} FOR SHARE OF p`,
      [scope, to],
    );
    const [receiver] = rows;
    if (!receiver) throw invalid({ field: 'to', key: 'handOver.unknownReceiver' });
    if (receiver.id === id) throw invalid({ field: 'to', key: 'handOver.itself' });
    if (receiver.closed) throw invalid({ field: 'to', key: 'handOver.closedReceiver' });
    const transferId = await insertTransfer(client, {
      kind: 'person',
      from: id,
      to: receiver.id,
      chosen: true,
      counts: {},
      by: viewer.id,
      at: clock.now(),
    });
    const counts = await listOwned(client, { transferId, scope, personId: id, ticked });
    if (counts.resources + counts.drafts + counts.collections === 0)
      throw invalid({ field: 'item', key: 'handOver.nothing' });
    await client.query('UPDATE transfer SET counts = $2 WHERE id = $1', [transferId, counts]);
    await logTransfer(
      client,
      viewer.id,
      {
        id: transferId,
        organizationId: person.organization.id,
        action: 'transfer.planned',
        detail: { kind: 'person', from: id, to: receiver.id },
      },
      origin,
    );
    return transferId;
  });
}
