import type { PoolClient } from 'pg';
import { audit } from '../../audit/audit-service.ts';
import type { Deps } from '../../deps.ts';
import { conflict, invalid, notFound, type FieldFault } from '../../errors.ts';
import type { Origin } from '../../lib/origin.ts';
import type { Role, Viewer } from '../../lib/viewer.ts';
import { withTransaction } from '../../platform/database/transaction.ts';
import { enqueue, jobPriority } from '../../platform/job-queue/job-queue.ts';
import { inScopeSql, isInScope, mayGive, peopleScope, type Place } from '../people-policy.ts';
import { readAddress } from './invitation-schema.ts';

/** How long an invitation may be accepted after its mail. */
export const INVITATION_DAYS = 14;
/** How long one that nobody accepted stays in the list. */
const KEPT_DAYS = 90;
const DAY = 86_400_000;

type WriteDeps = Pick<Deps, 'pool' | 'clock'>;

/** When an invitation that is mailed now ends. */
export const invitationEnds = (now: Date): Date => new Date(now.getTime() + INVITATION_DAYS * DAY);

/**
 * Invites people to a place, each by a mail of their own. Whether somebody outside of the viewer's scope has an account
 * isn't told: they are invited like anybody, and accept with it.
 * @throws 422 naming each address that can't be invited, and why; then nobody is
 */
export async function invitePeople(
  { pool, clock }: WriteDeps,
  viewer: Viewer,
  { emails, organizationId, roles }: { emails: string[]; organizationId: string; roles: Role[] },
  origin: Origin,
): Promise<void> {
  const addresses = emails.map((text) => ({ text, email: readAddress(text) }));
  const unreadable = addresses.filter(({ email }) => email === undefined);
  if (unreadable.length > 0)
    throw invalid(...unreadable.map(({ text }) => fault('invite.fault.badAddress', text)));
  const list = [...new Set(addresses.flatMap(({ email }) => email ?? []))];
  await withTransaction(pool, async (client) => {
    const place = await openPlace(client, organizationId);
    if (!place || !isInScope(peopleScope(viewer), place))
      throw invalid({ field: 'organization', key: 'admin.people.noOrganization' });
    if (!roles.every((role) => mayGive(viewer, place, role)))
      throw invalid({ field: 'role', key: `invite.fault.role.${place.kind}` });
    const faults = await addressFaults(client, peopleScope(viewer), list, organizationId);
    if (faults.length > 0) throw invalid(...faults);
    const invitations = list.map((email) => ({ email, name: '', organizationId, roles }));
    const made = await addInvitations(client, invitations, { actorId: viewer.id, now: clock.now(), origin });
    const quicker = list.filter((email) => !made.includes(email));
    if (quicker.length > 0) throw invalid(...quicker.map((email) => fault('invite.fault.invited', email)));
  });
}

const fault = (key: FieldFault['key'], email: string): FieldFault => ({
  field: 'emails',
  key,
  params: { email },
});

async function openPlace(client: PoolClient, id: string): Promise<Place | undefined> {
  const { rows } = await client.query<Place>(
    'SELECT id, kind, district_id AS "districtId" FROM organization WHERE id = $1 AND closed_at IS NULL FOR SHARE',
    [id],
  );
  return rows[0];
}

async function addressFaults(
  client: PoolClient,
  scope: string[] | null,
  emails: string[],
  organizationId: string,
): Promise<FieldFault[]> {
  const { rows } = await client.query<{ email: string; key: FieldFault['key'] }>(
    `SELECT p.email, CASE WHEN p.disabled_at IS NULL THEN 'invite.fault.taken' ELSE 'invite.fault.closed' END AS key
     FROM person p JOIN organization o ON o.id = p.organization_id
     WHERE p.email = ANY ($1) AND ${inScopeSql('o', '$2')}
     UNION ALL SELECT email, 'invite.fault.invited' FROM invitation WHERE email = ANY ($1) AND organization_id = $3`,
    [emails, scope, organizationId],
  );
  return rows.map(({ email, key }) => fault(key, email));
}

/** One that is added: `name` may be empty. */
export type NewInvitation = { email: string; name: string; organizationId: string; roles: Role[] };

/**
 * Writes invitations with their audit rows, and a job for each mail, on the caller's transaction.
 * @returns the addresses that were invited: without those whom somebody else invited to the place in this moment
 */
export async function addInvitations(
  client: PoolClient,
  invitations: NewInvitation[],
  { actorId, now, origin }: { actorId: string | null; now: Date; origin: Origin },
): Promise<string[]> {
  const { rows } = await client.query<{ emails: string[] }>(
    `WITH made AS (
       INSERT INTO invitation (email, name, organization_id, roles, invited_by, created_at, expires_at)
       SELECT email, name, "organizationId", roles, $2, $3, $4
       FROM jsonb_to_recordset($1::jsonb) AS new (email text, name text, "organizationId" uuid, roles text[])
       ON CONFLICT (email, organization_id) DO NOTHING RETURNING id, email, organization_id, roles),
     told AS (
       INSERT INTO audit_event (actor_id, action, object_type, object_id, organization_id, request_id, ip, detail)
       SELECT $2, 'invitation.made', 'invitation', id::text, organization_id, $5, $6, jsonb_build_object('roles', roles) FROM made)
     SELECT coalesce((SELECT array_agg(email) FROM made), '{}') AS emails, count(*) FROM graphile_worker.add_jobs((
       SELECT array_agg(('invitation-mail', json_build_object('id', id), NULL, NULL, NULL, 'invitation:' || id, $7::int, NULL)::graphile_worker.job_spec) FROM made))`,
    [
      JSON.stringify(invitations),
      actorId,
      now,
      invitationEnds(now),
      origin.requestId,
      origin.ip,
      // A long list must not hold up a mail that somebody waits for at the screen, nor wait for all files of an import.
      invitations.length > 1 ? jobPriority.people + 1 : jobPriority.people,
    ],
  );
  return rows[0]?.emails ?? [];
}

type Changed = { id: string; email: string; organizationId: string };

/** @returns whose invitation it is, to be told that it was done */
async function log(
  client: PoolClient,
  viewer: Viewer,
  { id, email, organizationId }: Changed,
  action: 'invitation.sent_again' | 'invitation.withdrawn',
  origin: Origin,
): Promise<{ email: string }> {
  await audit(client, {
    actorId: viewer.id,
    action,
    objectType: 'invitation',
    objectId: id,
    organizationId,
    ...origin,
  });
  return { email };
}

/**
 * Mails an invitation anew: with another link, for another two weeks. The link that was sent before stops working.
 * @throws 404 outside of the viewer's scope, 409 when the place closed meanwhile
 */
export async function resendInvitation(
  { pool, clock }: WriteDeps,
  viewer: Viewer,
  id: string,
  origin: Origin,
): Promise<{ email: string }> {
  return withTransaction(pool, async (client) => {
    const { rows } = await client.query<Changed & { closed: string | null }>(
      `UPDATE invitation i SET token_hash = NULL, sent_at = NULL, sent_by = NULL, expires_at = $2 FROM organization o
       WHERE i.id = $1 AND o.id = i.organization_id AND ${inScopeSql('o', '$3')}
       RETURNING i.id, i.email, i.organization_id AS "organizationId", CASE WHEN o.closed_at IS NOT NULL THEN o.name END AS closed`,
      [id, invitationEnds(clock.now()), peopleScope(viewer)],
    );
    const [invitation] = rows;
    if (!invitation) throw notFound();
    if (invitation.closed !== null)
      throw conflict('invite.placeClosed', { organization: invitation.closed, email: invitation.email });
    await enqueue(client, 'invitation-mail', { id }, { jobKey: `invitation:${id}` });
    return log(client, viewer, invitation, 'invitation.sent_again', origin);
  });
}

/** Takes an invitation back: its link stops working. @throws 404 outside of the viewer's scope */
export async function withdrawInvitation(
  { pool }: Pick<Deps, 'pool'>,
  viewer: Viewer,
  id: string,
  origin: Origin,
): Promise<{ email: string }> {
  return withTransaction(pool, async (client) => {
    const { rows } = await client.query<Changed>(
      `DELETE FROM invitation i USING organization o
       WHERE i.id = $1 AND o.id = i.organization_id AND ${inScopeSql('o', '$2')}
       RETURNING i.id, i.email, i.organization_id AS "organizationId"`,
      [id, peopleScope(viewer)],
    );
    const [invitation] = rows;
    if (!invitation) throw notFound();
    return log(client, viewer, invitation, 'invitation.withdrawn', origin);
  });
}

/** Drops invitations that nobody accepted, some time after they ended. */
export async function forgetInvitations({ pool, clock }: WriteDeps): Promise<void> {
  await pool.query('DELETE FROM invitation WHERE expires_at < $1', [
    new Date(clock.now().getTime() - KEPT_DAYS * DAY),
  ]);
}
