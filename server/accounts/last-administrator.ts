import type { PoolClient } from 'pg';
import { conflict } from '../errors.ts';

/**
 * Called after a role was taken or an account closed, on the same transaction: somebody must be left who administers the
 * state. Two who do that to each other at once wait for one another here.
 * @throws 409 when nobody would be left
 */
export async function keepAnAdministrator(client: PoolClient): Promise<void> {
  await client.query(`SELECT id FROM organization WHERE kind = 'state' FOR UPDATE`);
  const { rowCount } = await client.query(
    `SELECT 1 FROM role_grant g JOIN organization o ON o.id = g.organization_id AND o.kind = 'state'
       JOIN person p ON p.id = g.person_id AND p.disabled_at IS NULL WHERE g.role = 'admin' LIMIT 1`,
  );
  if (!rowCount) throw conflict('admin.people.lastAdministrator');
}
