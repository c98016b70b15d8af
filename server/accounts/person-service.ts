import type { PoolClient } from 'pg';
import { audit } from '../audit/audit-service.ts';
import type { Deps } from '../deps.ts';
import { conflict, invalid, notFound } from '../errors.ts';
import type { Origin } from '../lib/origin.ts';
import type { Role } from '../lib/viewer.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import { storePassword } from './account-service.ts';
import { ensureState } from './organization-service.ts';
import { hashPassword, makePassword, passwordFault, passwordLength } from './password.ts';

type WriteDeps = Pick<Deps, 'pool' | 'clock'>;

/**
 * Makes an account with one role at one organization, where the person also works.
 * @returns the password that was made for them; nobody can read it again
 * @throws 422 when the address has an account already or the organization isn't there
 */
export async function makePerson(
  { pool }: WriteDeps,
  actorId: string,
  person: { name: string; email: string; role: Role; organizationId: string },
  origin: Origin,
): Promise<string> {
  const password = makePassword();
  const passwordHash = await hashPassword(password);
  await withTransaction(pool, async (client) => {
    const { rows: places } = await client.query(
      'SELECT 1 FROM organization WHERE id = $1 AND closed_at IS NULL FOR SHARE',
      [person.organizationId],
    );
    if (places.length === 0) throw invalid({ field: 'organization', key: 'admin.people.noOrganization' });
    const id = await insertPerson(client, { ...person, passwordHash });
    if (id === undefined) throw invalid({ field: 'email', key: 'admin.people.taken' });
    await grant(client, id, person.organizationId, person.role);
    await audit(client, {
      actorId,
      action: 'person.made',
      objectType: 'person',
      objectId: id,
      organizationId: person.organizationId,
      detail: { role: person.role },
      ...origin,
    });
  });
  return password;
}

/**
 * Closes an account, or opens it again. Either way every session of the person ends.
 * @throws 404 for an unknown person, 409 for one's own account
 */
export async function setActive(
  { pool, clock }: WriteDeps,
  actorId: string,
  { personId, active }: { personId: string; active: boolean },
  origin: Origin,
): Promise<{ name: string }> {
  if (personId === actorId) throw conflict('admin.people.yourself');
  return withTransaction(pool, async (client) => {
    const { rows } = await client.query<{ name: string; organization_id: string }>(
      `UPDATE person SET disabled_at = CASE WHEN $2 THEN NULL ELSE coalesce(disabled_at, $3) END, updated_at = $3,
         session_epoch = session_epoch + 1 WHERE id = $1 RETURNING name, organization_id`,
      [personId, active, clock.now()],
    );
    const person = rows[0];
    if (!person) throw notFound();
    if (!active) await endTokens(client, personId, clock.now());
    await audit(client, {
      actorId,
      action: active ? 'person.opened' : 'person.closed',
      objectType: 'person',
      objectId: personId,
      organizationId: person.organization_id,
      ...origin,
    });
    return { name: person.name };
  });
}

/**
 * Gives someone who lost theirs a new password, and ends their sessions.
 * @returns the password; nobody can read it again
 * @throws 404 for an unknown person, 409 for one's own account
 */
export async function renewPassword(
  { pool, clock }: WriteDeps,
  actorId: string,
  personId: string,
  origin: Origin,
): Promise<{ name: string; email: string; password: string }> {
  if (personId === actorId) throw conflict('admin.people.yourself');
  const password = makePassword();
  const passwordHash = await hashPassword(password);
  return withTransaction(pool, async (client) => {
    const { rows } = await client.query<{ name: string; email: string }>(
      'SELECT name, email FROM person WHERE id = $1 FOR UPDATE',
      [personId],
    );
    const person = rows[0];
    if (!person) throw notFound();
    await storePassword(client, personId, { passwordHash, now: clock.now() });
    await endTokens(client, personId, clock.now());
    await audit(client, {
      actorId,
      action: 'person.password_renewed',
      objectType: 'person',
      objectId: personId,
      ...origin,
    });
    return { ...person, password };
  });
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
    const made = await insertPerson(client, { ...person, organizationId, passwordHash });
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

/** Undefined where the address has an account already. */
async function insertPerson(
  client: PoolClient,
  person: { name: string; email: string; organizationId: string; passwordHash: string },
): Promise<string | undefined> {
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO person (email, name, password_hash, password_changed_at, organization_id) VALUES (lower($1), $2, $3, now(), $4)
     ON CONFLICT (email) DO NOTHING RETURNING id`,
    [person.email, person.name, person.passwordHash, person.organizationId],
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
