import type { PoolClient } from 'pg';
import { keepAnAdministrator } from '../../accounts/last-administrator.ts';
import { inScopeSql, mayGive, peopleScope } from '../../accounts/people-policy.ts';
import { handBackChecks, ownPerson, setActive } from '../../accounts/person-service.ts';
import { audit } from '../../audit/audit-service.ts';
import type { Deps } from '../../deps.ts';
import { conflict, invalid, notFound } from '../../errors.ts';
import type { Origin } from '../../lib/origin.ts';
import type { Role, Viewer } from '../../lib/viewer.ts';
import { sqlState, withTransaction } from '../../platform/database/transaction.ts';
import { enqueue } from '../../platform/job-queue/job-queue.ts';
import { ChangedMeanwhile } from '../changed-meanwhile.ts';
import { mayTake } from './person-policy.ts';
import { personFacts, type PersonFacts } from './person-queries.ts';

type ChangeDeps = Pick<Deps, 'pool' | 'clock'>;
type Which = { id: string; stamp: string };

/** Somebody, locked, as they were seen; an empty stamp: as they are. @throws 404 outside of the viewer's scope, ChangedMeanwhile */
async function personToChange(
  client: PoolClient,
  viewer: Viewer,
  { id, stamp }: Which,
): Promise<PersonFacts> {
  await client.query('SELECT id FROM person WHERE id = $1 FOR UPDATE', [id]);
  const person = await personFacts(client, peopleScope(viewer), id);
  if (!person) throw notFound();
  if (stamp !== '' && person.stamp !== stamp) throw new ChangedMeanwhile();
  return person;
}

/**
 * Changes a person's name, the address that they sign in with, or where they work; a teacher's role goes along to the other
 * place. Another address or place ends their sessions; another address ends their links too, and the old one is told by mail.
 * @throws 404, ChangedMeanwhile, 409 for oneself or somebody who isn't the viewer's alone; 422 for a taken address or a
 * place that can't be chosen
 */
export async function changeDetails(
  { pool, clock }: ChangeDeps,
  viewer: Viewer,
  { name, email, organization, ...which }: Which & { name: string; email: string; organization: string },
  origin: Origin,
): Promise<void> {
  const work = async (client: PoolClient): Promise<void> => {
    const old = await personToChange(client, viewer, which);
    await ownPerson(client, viewer, which.id);
    const moves = organization !== old.organization.id;
    if (moves) {
      const { rowCount } = await client.query(
        `SELECT 1 FROM organization o WHERE id = $2 AND closed_at IS NULL AND ${inScopeSql('o', '$1')} FOR SHARE`,
        [peopleScope(viewer), organization],
      );
      if (!rowCount) throw invalid({ field: 'organization', key: 'admin.people.noOrganization' });
    }
    const newAddress = email !== old.email;
    if (old.name === name && !newAddress && !moves) return;
    await client.query(
      `UPDATE person SET name = $2, email = $3, organization_id = $4, updated_at = $5, session_epoch = session_epoch + $6 WHERE id = $1`,
      [which.id, name, email, organization, clock.now(), newAddress || moves ? 1 : 0],
    );
    if (newAddress) {
      await client.query('DELETE FROM password_link WHERE person_id = $1', [which.id]);
      await enqueue(client, 'address-changed', { to: old.email, name }, { maxAttempts: 8 });
    }
    if (moves) await moveTeacher(client, which.id, old.organization.id, organization);
    await log(client, viewer, old, 'person.changed', origin, {
      changed: [
        ...(old.name === name ? [] : ['name']),
        ...(newAddress ? ['email'] : []),
        ...(moves ? ['organization'] : []),
      ],
      ...(moves ? { from: old.organization.id, to: organization } : {}),
    });
  };
  try {
    await withTransaction(pool, work);
  } catch (error) {
    if (sqlState(error) === '23505') throw invalid({ field: 'email', key: 'admin.people.taken' });
    throw error;
  }
}

async function moveTeacher(client: PoolClient, personId: string, from: string, to: string): Promise<void> {
  const { rowCount } = await client.query(
    `DELETE FROM role_grant WHERE person_id = $1 AND organization_id = $2 AND role = 'teacher'`,
    [personId, from],
  );
  if (rowCount)
    await client.query(
      `INSERT INTO role_grant (person_id, organization_id, role) VALUES ($1, $2, 'teacher') ON CONFLICT DO NOTHING`,
      [personId, to],
    );
}

type RoleAt = { role: Role; organization: string };

/**
 * Gives somebody a role at a place. Their sessions end, so that nothing goes on with what they had before.
 * @throws 404, ChangedMeanwhile; 422 for a place or a role that the viewer can't give; 409 for a closed account
 */
export async function giveRole(
  { pool, clock }: ChangeDeps,
  viewer: Viewer,
  { role, organization, ...which }: Which & RoleAt,
  origin: Origin,
): Promise<{ name: string; place: string }> {
  return withTransaction(pool, async (client) => {
    const person = await personToChange(client, viewer, which);
    if (!person.active) throw conflict('person.role.closed', { name: person.name });
    const { rows } = await client.query<{
      id: string;
      kind: 'state' | 'district' | 'school';
      districtId: string | null;
      name: string;
    }>(
      'SELECT id, kind, district_id AS "districtId", name FROM organization WHERE id = $1 AND closed_at IS NULL FOR SHARE',
      [organization],
    );
    const [place] = rows;
    // A place of others is no place, as far as the viewer is told.
    if (!place || !mayTake(viewer, place))
      throw invalid({ field: 'organization', key: 'person.role.noPlace' });
    if (!mayGive(viewer, place, role)) throw invalid({ field: 'role', key: 'person.role.notThere' });
    const { rowCount } = await client.query(
      'INSERT INTO role_grant (person_id, organization_id, role) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
      [which.id, organization, role],
    );
    if (rowCount) {
      await endSessions(client, which.id, clock.now());
      await log(client, viewer, person, 'person.role_given', origin, { role, organization });
    }
    return { name: person.name, place: place.name };
  });
}

/**
 * Takes a role from somebody. Their sessions end; of what they have open to check, what they may no longer check goes back.
 * @throws 404 also for a role outside of the viewer's scope, ChangedMeanwhile; 409 for the last administrator of the state
 */
export async function takeRole(
  { pool, clock }: ChangeDeps,
  viewer: Viewer,
  { role, organization, ...which }: Which & RoleAt,
  origin: Origin,
): Promise<{ name: string; place: string }> {
  return withTransaction(pool, async (client) => {
    const person = await personToChange(client, viewer, which);
    const grant = person.grants.find((one) => one.role === role && one.organizationId === organization);
    if (!grant || !mayTake(viewer, grant)) throw notFound();
    await client.query('DELETE FROM role_grant WHERE person_id = $1 AND organization_id = $2 AND role = $3', [
      which.id,
      organization,
      role,
    ]);
    await keepAnAdministrator(client);
    await endSessions(client, which.id, clock.now());
    await handBackChecks(client, which.id);
    await log(client, viewer, person, 'person.role_taken', origin, { role, organization });
    return { name: person.name, place: grant.organization };
  });
}

/**
 * Closes an account as it was shown, or opens it again: sessions and tokens end, checks go back to the queue, resources stay.
 * @throws 404, ChangedMeanwhile, 409 for oneself, for the last administrator of the state, for somebody who isn't the
 * viewer's alone, and for opening one whose place of work is closed
 */
export async function setPersonActive(
  { pool, clock }: ChangeDeps,
  viewer: Viewer,
  { active, ...which }: Which & { active: boolean },
  origin: Origin,
): Promise<{ name: string }> {
  return withTransaction(pool, async (client) => {
    await personToChange(client, viewer, which);
    return setActive(client, viewer, { personId: which.id, active, at: clock.now() }, origin);
  });
}

const endSessions = (client: PoolClient, personId: string, at: Date) =>
  client.query('UPDATE person SET session_epoch = session_epoch + 1, updated_at = $2 WHERE id = $1', [
    personId,
    at,
  ]);

const log = (
  client: PoolClient,
  viewer: Viewer,
  { id, organization }: PersonFacts,
  action: string,
  origin: Origin,
  detail: Record<string, unknown>,
): Promise<void> =>
  audit(client, {
    actorId: viewer.id,
    action,
    objectType: 'person',
    objectId: id,
    organizationId: organization.id,
    detail,
    ...origin,
  });
