import { audit } from '../audit/audit-service.ts';
import type { Deps } from '../deps.ts';
import { forbidden, notFound } from '../errors.ts';
import type { Origin } from '../lib/origin.ts';
import { hasRoleOver, type Viewer } from '../lib/viewer.ts';
import { withTransaction } from '../platform/database/transaction.ts';

/** Who looks after what is searched for. */
export const SEARCH_STAFF = ['curator', 'lead', 'admin'] as const;

/**
 * Closes what somebody asked for: it was made, or it won't be. Closing it twice changes nothing.
 * @throws 404 when there is no such thing, 403 for staff of another district
 */
export async function closeAsk(
  { pool, clock }: Pick<Deps, 'pool' | 'clock'>,
  viewer: Viewer,
  askId: string,
  origin: Origin,
): Promise<void> {
  await withTransaction(pool, async (client) => {
    const { rows } = await client.query<{ organization_id: string; district_id: string | null }>(
      `SELECT o.id AS organization_id, o.district_id FROM search_ask k JOIN person p ON p.id = k.person_id
       JOIN organization o ON o.id = p.organization_id WHERE k.id = $1 FOR UPDATE OF k`,
      [askId],
    );
    const [ask] = rows;
    if (!ask) throw notFound();
    const over = { id: ask.organization_id, districtId: ask.district_id };
    if (!hasRoleOver(viewer, over, ...SEARCH_STAFF)) throw forbidden();
    const { rowCount } = await client.query(
      'UPDATE search_ask SET closed_at = $2, closed_by = $3 WHERE id = $1 AND closed_at IS NULL',
      [askId, clock.now(), viewer.id],
    );
    if (rowCount)
      await audit(client, {
        actorId: viewer.id,
        action: 'search_ask.closed',
        objectType: 'search_ask',
        objectId: askId,
        organizationId: ask.organization_id,
        ...origin,
      });
  });
}
