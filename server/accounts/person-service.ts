import type { PoolClient } from 'pg';
import { audit } from '../audit/audit-service.ts';
import type { Deps } from '../deps.ts';
import { conflict, invalid, notFound } from '../errors.ts';
import type { Origin } from '../lib/origin.ts';
import type { Role, Viewer } from '../lib/viewer.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import { enqueue } from '../platform/job-queue/job-queue.ts';
import { keepAnAdministrator } from './last-administrator.ts';
import { hashPassword, passwordFault, passwordLength } from './password.ts';
import { LINK_ATTEMPTS } from './password-link-service.ts';
import { inScopeSql, peopleScope } from './people-policy.ts';
import { ensureState } from './state-organization.ts';

type WriteDeps = Pick<Deps, 'pool' | 'clock'>;

/**
 * Closes an account, or opens it again, on the caller's transaction. Either way every session of the person ends. What a
 * closed one has open to check goes back to the queue; what they shared stays.
 * @throws 404 for somebody outside of the viewer's scope; 409 for one's own account, one that has a role outside of the
 * scope, the last administrator of the state, or one to be opened whose place of work is closed
 */
export async function setActive(
  client: PoolClient,
  viewer: Viewer,
  { personId, active, at }: { personId: string; active: boolean; at: Date },
  origin: Origin,
): Promise<{ name: string }> {
  const { name, organizationId } = await ownPerson(client, viewer, personId);
  if (active) await placeIsOpen(client, organizationId);
  await client.query(
    `UPDATE person SET disabled_at = CASE WHEN $2 THEN NULL ELSE coalesce(disabled_at, $3) END, updated_at = $3,
       session_epoch = session_epoch + 1 WHERE id = $1`,
    [personId, active, at],
  );
  if (!active) {
    await keepAnAdministrator(client);
    await endTokens(client, personId, at);
    await handBackChecks(client, personId);
  }
  await audit(client, {
    actorId: viewer.id,
    action: active ? 'person.opened' : 'person.closed',
    objectType: 'person',
    objectId: personId,
    organizationId,
    ...origin,
  });
  return { name };
}

/** A job: what somebody has open to check and may no longer check goes back to the queue. */
export const handBackChecks = (client: PoolClient, personId: string): Promise<void> =>
  enqueue(client, 'hand-back-checks', { personId }, { jobKey: `hand-back-checks:${personId}` });

async function placeIsOpen(client: PoolClient, organizationId: string): Promise<void> {
  const { rowCount } = await client.query(
    'SELECT 1 FROM organization WHERE id = $1 AND closed_at IS NULL FOR SHARE',
    [organizationId],
  );
  if (!rowCount) throw conflict('admin.people.placeClosed');
}

/**
 * Mails a link to set a password to someone who lost theirs. What they have now goes on working until they do.
 * @throws 404 for somebody outside of the viewer's scope or whose account is closed, 409 for one's own account or one
 * that has a role outside of the scope
 */
export async function sendPasswordLink(
  { pool }: Pick<Deps, 'pool'>,
  viewer: Viewer,
  personId: string,
  origin: Origin,
): Promise<{ name: string }> {
  return withTransaction(pool, async (client) => {
    const person = await ownPerson(client, viewer, personId);
    if (person.closed) throw notFound();
    const { requestId, ip } = origin;
    await enqueue(
      client,
      'password-link',
      { email: person.email, origin: { requestId, ip } },
      { jobKey: `password-link:${person.email}`, maxAttempts: LINK_ATTEMPTS },
    );
    await audit(client, {
      actorId: viewer.id,
      action: 'person.password_link_asked',
      objectType: 'person',
      objectId: personId,
      organizationId: person.organizationId,
      ...origin,
    });
    return { name: person.name };
  });
}

/**
 * Somebody whose account the viewer may change, locked. A district's administrator may not change one that holds a role
 * at the state or another district: it isn't the district's alone.
 * @throws 404 outside of the viewer's scope, 409 for oneself or somebody who isn't the viewer's alone
 */
export async function ownPerson(
  client: PoolClient,
  viewer: Viewer,
  personId: string,
): Promise<{ name: string; email: string; closed: boolean; organizationId: string }> {
  const scope = peopleScope(viewer);
  const { rows } = await client.query<{
    name: string;
    email: string;
    closed: boolean;
    organizationId: string;
    elsewhere: boolean;
  }>(
    `SELECT p.name, p.email, p.disabled_at IS NOT NULL AS closed, p.organization_id AS "organizationId",
       $2::uuid[] IS NOT NULL AND EXISTS (SELECT 1 FROM role_grant g JOIN organization go ON go.id = g.organization_id
         WHERE g.person_id = p.id AND (go.district_id = ANY ($2)) IS NOT TRUE) AS elsewhere
     FROM person p JOIN organization o ON o.id = p.organization_id
     WHERE p.id = $1 AND ${inScopeSql('o', '$2')} FOR UPDATE OF p`,
    [personId, scope],
  );
  const [person] = rows;
  if (!person) throw notFound();
  if (personId === viewer.id) throw conflict('admin.people.yourself');
  if (person.elsewhere) throw conflict('admin.people.elsewhere');
  return person;
}

/**
 * Makes an administrator of the state, for a portal that has nobody yet who could. Makes the state's organization too
 * where there is none. With `again` an account that exists gets the role and the password, and is opened.
 * @returns whether the account was made or existed
 * @throws 422 for a password that can't be used, or an account that exists
 */
export async function makeAdministrator(
  { pool, clock, config }: WriteDeps & Pick<Deps, 'config'>,
  person: { name: string; email: string; password: string; again: boolean },
): Promise<'made' | 'existed'> {
  const fault = passwordFault(person.password, person);
  if (fault) throw invalid({ field: 'password', key: fault, params: passwordLength });
  const passwordHash = await hashPassword(person.password);
  return withTransaction(pool, async (client) => {
    const organizationId = await ensureState(client, config.stateName);
    const made = await insertPerson(client, { ...person, organizationId, passwordHash }, clock.now());
    if (made === undefined && !person.again) throw invalid({ field: 'email', key: 'admin.people.taken' });
    const id = made ?? (await takeOver(client, person.email, passwordHash, clock.now()));
    await grant(client, id, organizationId, 'admin');
    await audit(client, {
      actorId: null,
      action: made === undefined ? 'person.made_administrator' : 'person.made',
      objectType: 'person',
      objectId: id,
      organizationId,
      detail: { role: 'admin', by: 'create-admin' },
    });
    return made === undefined ? 'existed' : 'made';
  });
}

/** Makes an account that holds no role yet. @returns its id, or undefined where the address has an account already */
export async function insertPerson(
  client: PoolClient,
  person: { name: string; email: string; organizationId: string; passwordHash: string },
  now: Date,
): Promise<string | undefined> {
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO person (email, name, password_hash, password_changed_at, organization_id) VALUES (lower($1), $2, $3, $4, $5)
     ON CONFLICT (email) DO NOTHING RETURNING id`,
    [person.email, person.name, person.passwordHash, now, person.organizationId],
  );
  return rows[0]?.id;
}

/** What an account's programs hold ends with it: opened again, it starts without them. */
const endTokens = (client: PoolClient, personId: string, now: Date) =>
  client.query('UPDATE api_token SET revoked_at = $2 WHERE person_id = $1 AND revoked_at IS NULL', [
    personId,
    now,
  ]);

async function takeOver(client: PoolClient, email: string, passwordHash: string, now: Date): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `UPDATE person SET password_hash = $2, password_changed_at = $3, updated_at = $3, disabled_at = NULL,
       session_epoch = session_epoch + 1 WHERE email = lower($1) RETURNING id`,
    [email, passwordHash, now],
  );
  return rows[0]?.id ?? '';
}

const grant = (client: PoolClient, personId: string, organizationId: string, role: Role) =>
  client.query(
    `INSERT INTO role_grant (person_id, organization_id, role) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
    [personId, organizationId, role],
  );
