import type { PoolClient } from 'pg';
import { moved, type CallState } from '../../curation/call-states.ts';
import { addUpCounts, repointReferences } from './references.ts';

type Ends = {
  from: { id: string; name: string };
  to: { id: string; name: string };
  actorId: string | null;
  at: Date;
};

/**
 * Ends an organization in another one, for all that is to come: its people and their roles are the other's, a district's
 * schools too, and its address leads there. What hangs on it follows in batches. The caller holds both rows' locks.
 */
export async function endInto(client: PoolClient, { from, to, at }: Omit<Ends, 'actorId'>): Promise<number> {
  await client.query(
    `UPDATE organization SET parent_id = $2, district_id = $2 WHERE parent_id = $1 AND kind = 'school'`,
    [from.id, to.id],
  );
  await client.query(
    `INSERT INTO role_grant (person_id, organization_id, role, created_at)
     SELECT person_id, $2, role, created_at FROM role_grant WHERE organization_id = $1 ON CONFLICT DO NOTHING`,
    [from.id, to.id],
  );
  await client.query('DELETE FROM role_grant WHERE organization_id = $1', [from.id]);
  const { rowCount } = await client.query(
    'UPDATE person SET organization_id = $2 WHERE organization_id = $1',
    [from.id, to.id],
  );
  // Whoever comes in at this moment, by a link or with an address of its domains, comes to the other one.
  await joinInvitations(client, from, to.id);
  await joinRegistration(client, from.id, to.id);
  await client.query(
    'UPDATE organization SET merged_into_id = $2, closed_at = coalesce(closed_at, $3) WHERE id = $1',
    [from.id, to.id, at],
  );
  return rowCount ?? 0;
}

/** Everything that isn't a resource: counts, calls, collections, and whatever refers to it. Doing it twice is doing it once. */
export async function moveTheRest(client: PoolClient, ends: Ends): Promise<Record<string, number>> {
  const { from, to } = ends;
  await addUpCounts(client, from.id, to.id);
  await joinInvitations(client, from, to.id);
  await joinRegistration(client, from.id, to.id);
  await joinCalls(client, ends);
  await client.query(
    'UPDATE organization_former SET organization_id = $2, merged = true WHERE organization_id = $1',
    [from.id, to.id],
  );
  const dropped = await repointReferences(client, from.id, to.id);
  await freshenCollections(client, to.id);
  return dropped;
}

/**
 * Invitations lead to the other organization, under the name that their mails gave. Who is invited to both keeps the one
 * that ends later, for the roles of both.
 */
async function joinInvitations(
  client: PoolClient,
  from: { id: string; name: string },
  to: string,
): Promise<void> {
  await client.query(
    `WITH pair AS (
       SELECT CASE WHEN f.expires_at > t.expires_at THEN t.id ELSE f.id END AS gone, CASE WHEN f.expires_at > t.expires_at THEN f.id ELSE t.id END AS kept,
         ARRAY(SELECT DISTINCT unnest(f.roles || t.roles) ORDER BY 1) AS roles
       FROM invitation f JOIN invitation t ON t.organization_id = $2 AND t.email = f.email WHERE f.organization_id = $1),
     joined AS (UPDATE invitation i SET roles = pair.roles FROM pair WHERE i.id = pair.kept)
     DELETE FROM invitation i USING pair WHERE i.id = pair.gone`,
    [from.id, to],
  );
  await client.query(
    'UPDATE invitation SET organization_id = $2, merged_from = coalesce(merged_from, $3) WHERE organization_id = $1',
    [from.id, to, from.name],
  );
}

/** Whoever sees a collection hangs on the district of its organization. */
export async function freshenCollections(client: PoolClient, organizationId: string): Promise<void> {
  await client.query(
    `UPDATE collection SET audience = '{}' WHERE visibility IN ('school', 'district')
       AND organization_id IN (SELECT id FROM organization WHERE id = $1 OR district_id = $1)`,
    [organizationId],
  );
}

/** Mail domains by which people register are the other district's; whether it takes people so stays its own choice. */
async function joinRegistration(client: PoolClient, from: string, to: string): Promise<void> {
  await client.query(
    `INSERT INTO registration (district_id, open, updated_at, updated_by)
     SELECT $2, false, updated_at, updated_by FROM registration WHERE district_id = $1 ON CONFLICT DO NOTHING`,
    [from, to],
  );
  await client.query('UPDATE registration_domain SET district_id = $2 WHERE district_id = $1', [from, to]);
  await client.query('DELETE FROM registration WHERE district_id = $1', [from]);
}

/** Of two calls for the same, the one that stays gets the answers of the other, which is closed and says why. */
async function joinCalls(client: PoolClient, { from, to, actorId, at }: Ends): Promise<void> {
  const { rows: pairs } = await client.query<{
    gone: string;
    goneState: CallState;
    kept: string;
    keptState: CallState;
  }>(
    `SELECT f.id AS gone, f.state AS "goneState", t.id AS kept, t.state AS "keptState" FROM lesson_call f
       JOIN lesson_call t ON t.organization_id = $2 AND t.standard_guid = f.standard_guid AND t.level_id IS NOT DISTINCT FROM f.level_id
     WHERE f.organization_id = $1 AND f.state IN ('open', 'answered') AND t.state IN ('open', 'answered') ORDER BY f.id FOR UPDATE OF f, t`,
    [from.id, to.id],
  );
  for (const { gone, goneState, kept, keptState } of pairs) {
    await client.query(
      `INSERT INTO call_answer (call_id, resource_id, person_id, answered_at, refused_at)
       SELECT $2, resource_id, person_id, answered_at, refused_at FROM call_answer WHERE call_id = $1 ON CONFLICT DO NOTHING`,
      [gone, kept],
    );
    await client.query('UPDATE resource SET answers_call = $2 WHERE answers_call = $1', [gone, kept]);
    const answered = goneState === 'answered' ? moved(keptState, 'answer', 'author', 1) : keptState;
    await client.query('UPDATE lesson_call SET state = $2, revision = revision + 1 WHERE id = $1', [
      kept,
      answered,
    ]);
    await client.query(
      `UPDATE lesson_call SET state = $2, revision = revision + 1, moved_by = $3, moved_at = $4, note = $5 WHERE id = $1`,
      [gone, moved(goneState, 'close', 'staff', 0), actorId, at, `${from.name} → ${to.name}`.slice(0, 1000)],
    );
  }
}
