import type { PoolClient } from 'pg';
import { audit } from '../../audit/audit-service.ts';
import type { Deps } from '../../deps.ts';
import type { Origin } from '../../lib/origin.ts';
import type { Role } from '../../lib/viewer.ts';
import { withTransaction } from '../../platform/database/transaction.ts';
import { accountById, type Account } from '../account-queries.ts';
import { checkNewPassword } from '../account-service.ts';
import { linkHash } from '../link-token.ts';
import { hashPassword } from '../password.ts';
import { insertPerson } from '../person-service.ts';
import { openInvitation, type OpenInvitation } from './invitation-queries.ts';

type AcceptDeps = Pick<Deps, 'pool' | 'clock'>;

/** What a link invites to, also where that is closed; undefined for one that was used, withdrawn, replaced, is too old, or never was. */
export async function invitationByLink(
  { pool, clock }: AcceptDeps,
  token: string,
): Promise<OpenInvitation | undefined> {
  const invitation = await openInvitation(pool, linkHash(token), clock.now());
  // A closed account is opened by an administrator alone.
  return invitation?.account?.closed ? undefined : invitation;
}

/**
 * Makes the account that somebody was invited to.
 * @returns the account, or undefined when the link doesn't work (any more), or the address has an account meanwhile
 * @throws 422 when the password can't be used; then the link still works
 */
export async function acceptAsNew(
  { pool, clock }: AcceptDeps,
  form: { token: string; name: string; password: string; again: string },
  origin: Origin,
): Promise<Account | undefined> {
  const invitation = await invitationByLink({ pool, clock }, form.token);
  if (!invitation || invitation.closed || invitation.account) return undefined;
  checkNewPassword(form, {
    email: invitation.email,
    name: form.name,
    organizationName: invitation.organization,
  });
  const passwordHash = await hashPassword(form.password);
  const made = await withTransaction(pool, async (client) => {
    const taken = await takeInvitation(client, form.token, clock.now());
    if (!taken) return undefined;
    const { email, organizationId } = taken;
    const person = { email, name: form.name, organizationId, passwordHash };
    const id = await insertPerson(client, person, clock.now());
    // Made by another door in this moment: the invitation stays, and is accepted with that account.
    if (id === undefined) throw new TakenMeanwhile();
    await giveRoles(client, id, taken, origin);
    return id;
  }).catch((error: unknown) => {
    if (error instanceof TakenMeanwhile) return undefined;
    throw error;
  });
  return made === undefined ? undefined : accountById(pool, made);
}

class TakenMeanwhile extends Error {}

/**
 * Gives an account the roles that its address was invited to. Its sessions end, as with every change of roles.
 * @returns the account as it is now, or undefined when the link doesn't work (any more), or is somebody else's
 */
export async function acceptWithAccount(
  { pool, clock }: AcceptDeps,
  { personId, token }: { personId: string; token: string },
  origin: Origin,
): Promise<Account | undefined> {
  const invitation = await invitationByLink({ pool, clock }, token);
  if (invitation?.account?.id !== personId) return undefined;
  const done = await withTransaction(pool, async (client) => {
    const taken = await takeInvitation(client, token, clock.now());
    if (!taken) return false;
    await giveRoles(client, personId, taken, origin);
    await client.query('UPDATE person SET session_epoch = session_epoch + 1 WHERE id = $1', [personId]);
    return true;
  });
  return done ? accountById(pool, personId) : undefined;
}

type Taken = { id: string; email: string; organizationId: string; roles: Role[] };

/** Whoever takes the row away may use it: two at once, and one of them finds it gone. */
async function takeInvitation(client: PoolClient, token: string, now: Date): Promise<Taken | undefined> {
  // A place that is being closed or merged is waited for: nobody comes in behind its back.
  // A merge that was waited for has led the invitation on to the other one: then that one is held too.
  for (const _place of ['invited to', 'merged into'])
    await client.query(
      `SELECT 1 FROM organization WHERE id = (SELECT organization_id FROM invitation WHERE token_hash = $1) FOR SHARE`,
      [linkHash(token)],
    );
  const { rows } = await client.query<Taken>(
    `DELETE FROM invitation i USING organization o
     WHERE i.token_hash = $1 AND i.expires_at > $2 AND o.id = i.organization_id AND o.closed_at IS NULL
     RETURNING i.id, i.email, i.organization_id AS "organizationId", i.roles`,
    [linkHash(token), now],
  );
  return rows[0];
}

async function giveRoles(
  client: PoolClient,
  personId: string,
  { id, organizationId, roles }: Taken,
  origin: Origin,
): Promise<void> {
  await client.query(
    `INSERT INTO role_grant (person_id, organization_id, role) SELECT $1, $2, unnest($3::text[]) ON CONFLICT DO NOTHING`,
    [personId, organizationId, roles],
  );
  await audit(client, {
    actorId: personId,
    action: 'invitation.accepted',
    objectType: 'person',
    objectId: personId,
    organizationId,
    detail: { roles, invitation: id },
    ...origin,
  });
}
