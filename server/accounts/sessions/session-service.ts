import { audit } from '../../audit/audit-service.ts';
import type { Deps } from '../../deps.ts';
import { notFound } from '../../errors.ts';
import type { Origin } from '../../lib/origin.ts';
import { withTransaction } from '../../platform/database/transaction.ts';
import { sessionKeySql, sessionPersonSql } from './session-queries.ts';

/** Ends one of a person's own sessions. @throws 404 for one that isn't theirs or has ended */
export async function endSession(
  { pool }: Pick<Deps, 'pool'>,
  personId: string,
  key: string,
  origin: Origin,
): Promise<void> {
  await withTransaction(pool, async (client) => {
    const { rowCount } = await client.query(
      `DELETE FROM session WHERE ${sessionPersonSql} = $1 AND ${sessionKeySql} = $2`,
      [personId, key],
    );
    if (rowCount === 0) throw notFound();
    await audit(client, {
      actorId: personId,
      action: 'person.session_ended',
      objectType: 'person',
      objectId: personId,
      ...origin,
    });
  });
}

/**
 * Ends every session of a person; the one that asked begins a new one.
 * @returns the number that sessions must now carry
 */
export async function endAllSessions(
  { pool }: Pick<Deps, 'pool'>,
  personId: string,
  origin: Origin,
): Promise<number> {
  return withTransaction(pool, async (client) => {
    // The number ends also those that a request under way is about to store again.
    const { rows } = await client.query<{ session_epoch: number }>(
      'UPDATE person SET session_epoch = session_epoch + 1 WHERE id = $1 RETURNING session_epoch',
      [personId],
    );
    await client.query(`DELETE FROM session WHERE ${sessionPersonSql} = $1`, [personId]);
    await audit(client, {
      actorId: personId,
      action: 'person.sessions_ended',
      objectType: 'person',
      objectId: personId,
      ...origin,
    });
    return rows[0]?.session_epoch ?? 0;
  });
}
