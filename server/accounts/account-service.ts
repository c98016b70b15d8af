import type { PoolClient } from 'pg';
import { audit } from '../audit/audit-service.ts';
import type { Deps } from '../deps.ts';
import { invalid } from '../errors.ts';
import type { Origin } from '../lib/origin.ts';
import type { Viewer } from '../lib/viewer.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import type { NoticeRhythm } from './account-schema.ts';
import { accountByEmail, accountById, type Account } from './account-queries.ts';
import { hashPassword, isOutdatedHash, isPassword, passwordFault, passwordLength } from './password.ts';

/**
 * Checks an address and a password. Takes the same time whether the account exists or not, and writes an audit
 * row either way.
 * @returns the account, or undefined when they don't match
 */
export async function checkSignIn(
  { pool }: Pick<Deps, 'pool'>,
  { email, password }: { email: string; password: string },
  origin: Origin,
): Promise<Account | undefined> {
  const account = await accountByEmail(pool, email);
  const matches = await isPassword(password, account?.passwordHash ?? null);
  await audit(pool, {
    actorId: account?.viewer.id ?? null,
    action: 'person.signed_in',
    objectType: 'person',
    objectId: account?.viewer.id ?? null,
    outcome: matches ? 'done' : 'refused',
    ...origin,
  });
  if (!matches || !account) return undefined;
  if (isOutdatedHash(account.passwordHash ?? '')) await hashAnew(pool, account, password);
  return account;
}

/** Keeps the same password by today's settings; no session ends. */
async function hashAnew(pool: Deps['pool'], account: Account, password: string): Promise<void> {
  await pool.query('UPDATE person SET password_hash = $3 WHERE id = $1 AND password_hash = $2', [
    account.viewer.id,
    account.passwordHash,
    await hashPassword(password),
  ]);
}

/**
 * Sets a new password and ends all other sessions of the person.
 * @returns the session epoch that the caller's own session must now carry
 * @throws 422 when the current password is wrong or the new one can't be used
 */
export async function changePassword(
  { pool, clock }: Pick<Deps, 'pool' | 'clock'>,
  viewer: Viewer & { id: string },
  { current, password, again }: { current: string; password: string; again: string },
  origin: Origin,
): Promise<number> {
  const account = await accountById(pool, viewer.id);
  if (!(await isPassword(current, account?.passwordHash ?? null)))
    throw invalid({ field: 'current', key: 'password.wrong' });
  checkNewPassword({ password, again }, viewer);
  const passwordHash = await hashPassword(password);
  return withTransaction(pool, async (client) => {
    const sessionEpoch = await storePassword(client, viewer.id, { passwordHash, now: clock.now() });
    await audit(client, {
      actorId: viewer.id,
      action: 'person.password_changed',
      objectType: 'person',
      objectId: viewer.id,
      ...origin,
    });
    return sessionEpoch;
  });
}

/** Sets how often notices come by mail. What waited while they didn't come is not sent afterwards. */
export async function setNoticeMail(
  { pool }: Pick<Deps, 'pool'>,
  personId: string,
  rhythm: NoticeRhythm,
): Promise<void> {
  await pool.query(
    `WITH before AS (SELECT id, notice_mail FROM person WHERE id = $1 FOR UPDATE),
       told AS (UPDATE notice SET mailed_at = now() FROM before
                WHERE before.notice_mail = 'never' AND person_id = before.id AND mailed_at IS NULL)
     UPDATE person SET notice_mail = $2 FROM before WHERE person.id = before.id`,
    [personId, rhythm],
  );
}

/** Whether someone can have this password, typed twice. @throws 422 with what is wrong */
export function checkNewPassword(
  { password, again }: { password: string; again: string },
  person: { email: string; name: string; organizationName?: string | undefined },
): void {
  const fault = passwordFault(password, person);
  if (fault)
    throw invalid({
      field: 'password',
      key: fault,
      params: { min: passwordLength.min, max: passwordLength.max },
    });
  if (password !== again) throw invalid({ field: 'again', key: 'password.different' });
}

/** Keeps a person's new password, ends all their sessions, and a link by which it could be set. @returns the number that sessions must now carry */
export async function storePassword(
  client: PoolClient,
  personId: string,
  { passwordHash, now }: { passwordHash: string; now: Date },
): Promise<number> {
  const { rows } = await client.query<{ session_epoch: number }>(
    `UPDATE person SET password_hash = $2, password_changed_at = $3, updated_at = $3, session_epoch = session_epoch + 1
     WHERE id = $1 RETURNING session_epoch`,
    [personId, passwordHash, now],
  );
  await client.query('DELETE FROM password_link WHERE person_id = $1', [personId]);
  return rows[0]?.session_epoch ?? 0;
}
