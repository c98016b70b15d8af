import type { PoolClient } from 'pg';
import { addInvitations } from '../../accounts/invitations/invitation-service.ts';
import type { Origin } from '../../lib/origin.ts';
import { sqlState } from '../../platform/database/transaction.ts';
import { jobPriority } from '../../platform/job-queue/job-queue.ts';
import type { StaffEntry } from './staff-entry.ts';
import type { StaffFacts } from './staff-facts.ts';
import type { GoneEntry } from './staff-plan.ts';

/** Somebody else invited one of these people in this moment: the plan is no longer what would be done. */
export class InvitedMeanwhile extends Error {}

type Writer = { actorId: string | null; fileId: string; now: Date; origin: Origin };

/**
 * Does what a plan says, set by set, on the caller's transaction. Whoever loses or gains a role is signed out everywhere.
 * @throws InvitedMeanwhile, and then nothing of it may stand
 */
export async function writeStaff(
  client: PoolClient,
  { entries, closing, facts }: { entries: StaffEntry[]; closing: GoneEntry[]; facts: StaffFacts },
  writer: Writer,
): Promise<void> {
  const made = entries.filter(({ outcome }) => outcome === 'created');
  const invited = await addInvitations(
    client,
    made.map(({ email, name, organizationId, roles }) => ({
      email,
      name,
      organizationId: organizationId ?? facts.organizationId,
      roles,
    })),
    writer,
  );
  if (invited.length < made.length) throw new InvitedMeanwhile();
  const changed = entries.filter(({ outcome }) => outcome === 'changed');
  await changeInvitations(client, changed, writer).catch((error: unknown) => {
    throw sqlState(error) === '23505' ? new InvitedMeanwhile() : error;
  });
  await changePeople(
    client,
    changed.filter(({ personId }) => personId !== null),
    writer,
  );
  const changers = changed.filter(changesRoles);
  await changeRoles(client, changers, facts);
  const closed = [
    ...closing.map(({ personId }) => personId),
    ...changed.flatMap((entry) => (activeOf(entry) === false ? (entry.personId ?? []) : [])),
  ];
  await closeAccounts(client, closed, writer);
  await handBackChecks(client, [...changers.flatMap(({ personId }) => personId ?? []), ...closed]);
}

const fieldsOf = ({ changes }: StaffEntry): string[] => changes.map(({ field }) => field);

/** Whether what somebody may do changes, or where, or that they may come in at all. */
const changesRoles = (entry: StaffEntry): boolean => fieldsOf(entry).some((field) => field !== 'name');

const activeOf = ({ changes }: StaffEntry): boolean | undefined => {
  const change = changes.find(({ field }) => field === 'active');
  return change && change.after === 'yes';
};

async function changeInvitations(
  client: PoolClient,
  entries: StaffEntry[],
  { actorId, origin, fileId }: Writer,
): Promise<void> {
  const of = entries.filter(({ invitationId }) => invitationId !== null);
  const withdrawn = of.filter((entry) => activeOf(entry) === false).map(({ invitationId }) => invitationId);
  const kept = of.filter((entry) => activeOf(entry) !== false);
  await client.query(
    `WITH gone AS (DELETE FROM invitation WHERE id = ANY ($1::uuid[]) RETURNING id, organization_id),
     kept AS (
       UPDATE invitation i SET name = n.name, organization_id = n."organizationId", roles = n.roles
       FROM jsonb_to_recordset($2::jsonb) AS n ("invitationId" uuid, name text, "organizationId" uuid, roles text[])
       WHERE i.id = n."invitationId" RETURNING i.id, i.organization_id)
     INSERT INTO audit_event (actor_id, action, object_type, object_id, organization_id, request_id, ip, detail)
     SELECT $3, action, 'invitation', id::text, organization_id, $4, $5, jsonb_build_object('list', $6::text)
     FROM (SELECT 'invitation.withdrawn' AS action, * FROM gone UNION ALL SELECT 'invitation.changed', * FROM kept) told`,
    [withdrawn, JSON.stringify(kept), actorId, origin.requestId, origin.ip, fileId],
  );
}

async function changePeople(
  client: PoolClient,
  entries: StaffEntry[],
  { actorId, origin, fileId, now }: Writer,
): Promise<void> {
  const people = entries.map((entry) => ({
    id: entry.personId,
    name: entry.name,
    place: entry.organizationId,
    opens: activeOf(entry) === true,
    ends: changesRoles(entry),
    fields: fieldsOf(entry),
  }));
  await client.query(
    `WITH n AS (SELECT * FROM jsonb_to_recordset($1::jsonb) AS n (id uuid, name text, place uuid, opens boolean, ends boolean, fields text[])),
     changed AS (
       UPDATE person p SET name = n.name, organization_id = n.place, updated_at = $2,
         disabled_at = CASE WHEN n.opens THEN NULL ELSE p.disabled_at END, session_epoch = p.session_epoch + n.ends::int
       FROM n WHERE p.id = n.id RETURNING p.id, p.organization_id)
     INSERT INTO audit_event (actor_id, action, object_type, object_id, organization_id, request_id, ip, detail)
     SELECT $3, 'person.changed', 'person', c.id::text, c.organization_id, $4, $5, jsonb_build_object('fields', n.fields, 'list', $6::text)
     FROM changed c JOIN n ON n.id = c.id`,
    [JSON.stringify(people), now, actorId, origin.requestId, origin.ip, fileId],
  );
}

/** At the place where they work they hold what the plan says; at the one that they left, nothing. */
async function changeRoles(client: PoolClient, entries: StaffEntry[], facts: StaffFacts): Promise<void> {
  const before = new Map(facts.people.map(({ id, organizationId }) => [id, organizationId]));
  const people = entries
    .filter(({ personId }) => personId !== null)
    .map(({ personId, organizationId, roles }) => ({
      id: personId,
      place: organizationId,
      left: before.get(personId ?? ''),
      roles,
    }));
  if (people.length === 0) return;
  await client.query(
    `DELETE FROM role_grant g USING jsonb_to_recordset($1::jsonb) AS n (id uuid, place uuid, "left" uuid, roles text[])
     WHERE g.person_id = n.id AND ((g.organization_id = n.place AND NOT g.role = ANY (n.roles)) OR (g.organization_id = n."left" AND n."left" <> n.place))`,
    [JSON.stringify(people)],
  );
  await client.query(
    `INSERT INTO role_grant (person_id, organization_id, role)
     SELECT n.id, n.place, unnest(n.roles) FROM jsonb_to_recordset($1::jsonb) AS n (id uuid, place uuid, roles text[])
     ON CONFLICT DO NOTHING`,
    [JSON.stringify(people)],
  );
}

async function closeAccounts(
  client: PoolClient,
  ids: string[],
  { actorId, origin, fileId, now }: Writer,
): Promise<void> {
  if (ids.length === 0) return;
  await client.query(
    `WITH closed AS (
       UPDATE person SET disabled_at = coalesce(disabled_at, $2), updated_at = $2, session_epoch = session_epoch + 1
       WHERE id = ANY ($1::uuid[]) RETURNING id, organization_id),
     ended AS (UPDATE api_token SET revoked_at = $2 WHERE person_id = ANY ($1::uuid[]) AND revoked_at IS NULL)
     INSERT INTO audit_event (actor_id, action, object_type, object_id, organization_id, request_id, ip, detail)
     SELECT $3, 'person.closed', 'person', id::text, organization_id, $4, $5, jsonb_build_object('list', $6::text) FROM closed`,
    [ids, now, actorId, origin.requestId, origin.ip, fileId],
  );
}

/** A job for each: what they have open to check and may no longer check goes back to the queue. */
async function handBackChecks(client: PoolClient, people: string[]): Promise<void> {
  await client.query(
    `SELECT count(*) FROM graphile_worker.add_jobs((
       SELECT array_agg(('hand-back-checks', json_build_object('personId', id), NULL, NULL, NULL, 'hand-back-checks:' || id, $2::int, NULL)::graphile_worker.job_spec)
       FROM (SELECT DISTINCT unnest($1::uuid[]) AS id) p))`,
    // As with invitations, a long list must not hold up what somebody waits for.
    [people, people.length > 1 ? jobPriority.people + 1 : jobPriority.people],
  );
}
