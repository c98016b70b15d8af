import type { PoolClient } from 'pg';
import { audit } from '../audit/audit-service.ts';
import type { Deps } from '../deps.ts';
import { forbidden, invalid } from '../errors.ts';
import type { Origin } from '../lib/origin.ts';
import type { Viewer } from '../lib/viewer.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import { maySetChecks } from './check-policy.ts';
import type { CheckSettingsInput } from './check-settings-schema.ts';

/**
 * Sets the promise, how long somebody may have a check open, and the rubric. A criterion that goes is retired: what was
 * rated by it stays.
 * @throws 403, 422 for a rubric that isn't there
 */
export async function setChecks(
  { pool, clock }: Pick<Deps, 'pool' | 'clock'>,
  viewer: Viewer,
  input: CheckSettingsInput,
  origin: Origin,
): Promise<void> {
  if (!maySetChecks(viewer)) throw forbidden();
  await withTransaction(pool, async (client) => {
    const { rows } = await client.query<{ id: string }>('SELECT id FROM rubric WHERE slug = $1', [
      input.rubric,
    ]);
    if (input.rubric !== '' && rows.length === 0) throw invalid({ field: 'rubric', key: 'fault.unreadable' });
    await client.query(
      'UPDATE check_setting SET promise_days = $1, lease_minutes = $2, rubric_id = $3, updated_at = $4, updated_by = $5',
      [input.promise, input.lease, rows[0]?.id ?? null, clock.now(), viewer.id],
    );
    await writeCriteria(client, input, clock.now());
    await audit(client, {
      actorId: viewer.id,
      action: 'check_setting.changed',
      objectType: 'check_setting',
      detail: { promise: input.promise, lease: input.lease, rubric: input.rubric },
      ...origin,
    });
  });
}

/** A criterion is known by its name: with another name it is another one. */
async function writeCriteria(client: PoolClient, { criteria }: CheckSettingsInput, at: Date): Promise<void> {
  const given = `json_to_recordset($1::json) AS g (place integer, name text, hint text)`;
  const list = JSON.stringify(criteria.map((one, index) => ({ ...one, place: index + 1 })));
  const own = `(SELECT id FROM rubric WHERE slug = 'state')`;
  await client.query(
    `UPDATE rubric_criterion c SET retired_at = $2 WHERE c.rubric_id = ${own} AND c.retired_at IS NULL
       AND NOT EXISTS (SELECT 1 FROM ${given} WHERE g.name = c.name)`,
    [list, at],
  );
  await client.query(
    `UPDATE rubric_criterion c SET position = g.place, hint = g.hint, retired_at = NULL FROM ${given} WHERE c.rubric_id = ${own} AND c.name = g.name`,
    [list],
  );
  await client.query(
    `INSERT INTO rubric_criterion (rubric_id, position, name, hint) SELECT ${own}, g.place, g.name, g.hint FROM ${given}
     WHERE NOT EXISTS (SELECT 1 FROM rubric_criterion c WHERE c.rubric_id = ${own} AND c.name = g.name)`,
    [list],
  );
}
