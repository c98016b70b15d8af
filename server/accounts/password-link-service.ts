import type { Pool } from 'pg';
import { audit } from '../audit/audit-service.ts';
import type { Deps } from '../deps.ts';
import type { Origin } from '../lib/origin.ts';
import { translator } from '../locale/locale.ts';
import { enqueue } from '../platform/job-queue/job-queue.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import { accountByEmail, accountById, type Account } from './account-queries.ts';
import { linkHash, newLinkToken } from './link-token.ts';
import { hashPassword } from './password.ts';
import { checkNewPassword, storePassword } from './account-service.ts';
import { siteName } from '../site/site-queries.ts';

/** How often a mail with a link is tried: for an hour and a half. Each try makes a link anew. */
export const LINK_ATTEMPTS = 9;

/** A link of the future was made while a clock was wrong. */
const CLOCK_SLACK = "interval '5 minutes'";

/** How long a link works (ASVS 5.0, 6.4: short-lived, for one use). */
export const LINK_MINUTES = 30;

/**
 * Mails a link to whoever has an account with this address; to an address without one nothing is sent. A job does this,
 * so that the page answers everyone alike. A link that was sent before stops working.
 * @throws what the mail server says
 */
export async function mailPasswordLink(
  { pool, clock, mailer, config }: Pick<Deps, 'pool' | 'clock' | 'mailer' | 'config'>,
  { email, origin }: { email: string; origin: Origin },
): Promise<void> {
  const account = await accountByEmail(pool, email);
  if (!account) return;
  const { viewer } = account;
  const token = newLinkToken();
  const now = clock.now();
  await withTransaction(pool, async (client) => {
    await client.query(
      `INSERT INTO password_link (token_hash, person_id, created_at, expires_at) VALUES ($1, $2, $3, $4)
       ON CONFLICT (person_id) DO UPDATE SET token_hash = excluded.token_hash, created_at = excluded.created_at, expires_at = excluded.expires_at`,
      [linkHash(token), viewer.id, now, new Date(now.getTime() + LINK_MINUTES * 60_000)],
    );
    await audit(client, {
      actorId: null,
      action: 'person.password_link_sent',
      objectType: 'person',
      objectId: viewer.id,
      ...origin,
    });
  });
  const t = translator('en');
  await mailer.send({
    to: viewer.email,
    subject: t('forgot.mail.subject', { state: await siteName(pool, config) }),
    text: t('forgot.mail.text', {
      name: viewer.name,
      minutes: LINK_MINUTES,
      url: `${config.baseUrl}/set-password?token=${token}`,
    }),
  });
}

/** Whose password a link sets; undefined for one that was used, replaced, is too old, or never was. */
export async function accountByLink(
  { pool, clock }: Pick<Deps, 'pool' | 'clock'>,
  token: string,
): Promise<Account | undefined> {
  const { rows } = await pool.query<{ person_id: string }>(
    `SELECT person_id FROM password_link WHERE token_hash = $1 AND expires_at > $2::timestamptz AND created_at <= $2::timestamptz + ${CLOCK_SLACK}`,
    [linkHash(token), clock.now()],
  );
  const [link] = rows;
  return link && accountById(pool, link.person_id);
}

/**
 * Sets the password of the person whom the link was sent to, ends all their sessions and the link.
 * @returns the account as it is now, or undefined when the link doesn't work (any more)
 * @throws 422 when the password can't be used; then the link still works
 */
export async function setPasswordByLink(
  { pool, clock }: Pick<Deps, 'pool' | 'clock'>,
  { token, password, again }: { token: string; password: string; again: string },
  origin: Origin,
): Promise<Account | undefined> {
  const account = await accountByLink({ pool, clock }, token);
  if (!account) return undefined;
  const { viewer } = account;
  checkNewPassword({ password, again }, viewer);
  const passwordHash = await hashPassword(password);
  const done = await withTransaction(pool, async (client) => {
    const now = clock.now();
    // Whoever takes the link away may use it: two at once, and one of them finds it gone.
    const { rowCount } = await client.query(
      `DELETE FROM password_link WHERE token_hash = $1 AND expires_at > $2::timestamptz AND created_at <= $2::timestamptz + ${CLOCK_SLACK}`,
      [linkHash(token), now],
    );
    if (rowCount === 0) return false;
    await storePassword(client, viewer.id, { passwordHash, now });
    await enqueue(client, 'password-changed', { personId: viewer.id });
    await audit(client, {
      actorId: viewer.id,
      action: 'person.password_set_by_link',
      objectType: 'person',
      objectId: viewer.id,
      ...origin,
    });
    return true;
  });
  if (!done) return undefined;
  return accountById(pool, viewer.id);
}

/** Tells the person that their password was set, in case it wasn't they who did it. @throws what the mail server says */
export async function mailPasswordChanged(
  { pool, mailer, config }: Pick<Deps, 'pool' | 'mailer' | 'config'>,
  personId: string,
): Promise<void> {
  const account = await accountById(pool, personId);
  if (!account) return;
  const t = translator('en');
  await mailer.send({
    to: account.viewer.email,
    subject: t('forgot.changed.subject', { state: await siteName(pool, config) }),
    text: t('forgot.changed.text', { name: account.viewer.name, url: `${config.baseUrl}/help` }),
  });
}

/** Tells somebody at the address that they had until now that it was changed. @throws what the mail server says */
export async function mailAddressChanged(
  { pool, mailer, config }: Pick<Deps, 'pool' | 'mailer' | 'config'>,
  { to, name }: { to: string; name: string },
): Promise<void> {
  const t = translator('en');
  await mailer.send({
    to,
    subject: t('address.changed.subject', { state: await siteName(pool, config) }),
    text: t('address.changed.text', { name, url: `${config.baseUrl}/help` }),
  });
}

/** Drops links that no longer work. */
export async function forgetPasswordLinks(pool: Pool, now: Date): Promise<void> {
  await pool.query('DELETE FROM password_link WHERE expires_at <= $1', [now]);
}
