import type { PoolClient } from 'pg';
import { audit } from '../../audit/audit-service.ts';
import type { Deps } from '../../deps.ts';
import { invalid } from '../../errors.ts';
import { sortGrades, type Grade } from '../../lib/grade.ts';
import type { Origin } from '../../lib/origin.ts';
import { withTransaction } from '../../platform/database/transaction.ts';
import { movesThemselvesSql } from './profile-queries.ts';

export type ProfileForm = {
  name: string;
  /** Where they work from now on; undefined where the form doesn't ask. */
  school: string | undefined;
  subjects: string[];
  grades: Grade[];
};

/**
 * Keeps what a person says of themselves. Who moves to another school of the district takes their role along, and their
 * sessions end, as with every change of roles.
 * @returns the number that their sessions must now carry, where they moved
 * @throws 422 for a place that they can't move to by themselves
 */
export async function saveProfile(
  { pool, clock }: Pick<Deps, 'pool' | 'clock'>,
  personId: string,
  form: ProfileForm,
  origin: Origin,
): Promise<number | undefined> {
  return withTransaction(pool, async (client) => {
    const { rows } = await client.query<{ name: string; organization_id: string }>(
      'SELECT name, organization_id FROM person WHERE id = $1 FOR UPDATE',
      [personId],
    );
    const before = rows[0];
    await client.query('UPDATE person SET name = $2, teaches_grades = $3, updated_at = $4 WHERE id = $1', [
      personId,
      form.name,
      sortGrades(form.grades),
      clock.now(),
    ]);
    await client.query('DELETE FROM person_subject WHERE person_id = $1 AND NOT subject_slug = ANY ($2)', [
      personId,
      form.subjects,
    ]);
    await client.query(
      `INSERT INTO person_subject (person_id, subject_slug) SELECT $1, slug FROM subject WHERE slug = ANY ($2) ON CONFLICT DO NOTHING`,
      [personId, form.subjects],
    );
    const moves = form.school !== undefined && form.school !== before?.organization_id;
    const epoch = moves ? await move(client, personId, form.school ?? '') : undefined;
    const fields = [...(before?.name === form.name ? [] : ['name']), ...(moves ? ['organization'] : [])];
    if (fields.length > 0)
      await audit(client, {
        actorId: personId,
        action: 'person.profile_changed',
        objectType: 'person',
        objectId: personId,
        organizationId: form.school ?? before?.organization_id ?? null,
        detail: { fields },
        ...origin,
      });
    return epoch;
  });
}

async function move(client: PoolClient, personId: string, place: string): Promise<number> {
  // A place that is being closed or merged is waited for.
  await client.query('SELECT 1 FROM organization WHERE id = $1 FOR SHARE', [place]);
  const { rows } = await client.query<{ session_epoch: number }>(
    `WITH place AS (
       SELECT s.id FROM organization s JOIN organization o ON o.district_id = s.district_id JOIN person p ON p.organization_id = o.id
       WHERE p.id = $1 AND s.id = $2 AND s.closed_at IS NULL AND ${movesThemselvesSql}),
     gone AS (DELETE FROM role_grant WHERE person_id = $1 AND role = 'teacher' AND EXISTS (SELECT 1 FROM place))
     UPDATE person SET organization_id = place.id, session_epoch = session_epoch + 1 FROM place WHERE person.id = $1 RETURNING session_epoch`,
    [personId, place],
  );
  const [moved] = rows;
  if (!moved) throw invalid({ field: 'school', key: 'profile.fault.school' });
  await client.query(`INSERT INTO role_grant (person_id, organization_id, role) VALUES ($1, $2, 'teacher')`, [
    personId,
    place,
  ]);
  return moved.session_epoch;
}

/** Sets whether a person's home page begins with what they teach. */
export async function setHomeOrder(
  { pool }: Pick<Deps, 'pool'>,
  personId: string,
  first: boolean,
): Promise<void> {
  await pool.query('UPDATE person SET home_by_teaching = $2 WHERE id = $1', [personId, first]);
}
