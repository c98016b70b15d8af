import { audit } from '../../audit/audit-service.ts';
import type { Deps } from '../../deps.ts';
import { invalid, notFound } from '../../errors.ts';
import type { Origin } from '../../lib/origin.ts';
import type { Viewer } from '../../lib/viewer.ts';
import { translator } from '../../locale/locale.ts';
import { withTransaction } from '../../platform/database/transaction.ts';
import { siteName } from '../../site/site-queries.ts';
import { accountById, type Account } from '../account-queries.ts';
import { checkNewPassword } from '../account-service.ts';
import { linkHash, newLinkToken } from '../link-token.ts';
import { hashPassword } from '../password.ts';
import { insertPerson } from '../person-service.ts';
import { inScopeSql, peopleScope } from '../people-policy.ts';
import { domainFault, domainOf, readDomain } from './mail-domain.ts';
import { districtByDomain, type Welcome } from './registration-queries.ts';

/** How long the link works that shows whose an address is. */
export const REGISTER_MINUTES = 60;

type WriteDeps = Pick<Deps, 'pool' | 'clock'>;

/**
 * Sets whether a district takes people who make their account themselves, and by which domains.
 * @throws 404 for a district that isn't the viewer's, 422 naming each domain that it can't have
 */
export async function setRegistration(
  { pool, clock }: WriteDeps,
  viewer: Viewer,
  { districtId, open, domains }: { districtId: string; open: boolean; domains: string[] },
  origin: Origin,
): Promise<{ district: string }> {
  const list = [...new Set(domains.map(readDomain))];
  const faults = list.flatMap((domain) => {
    const key = domainFault(domain);
    return key ? [{ field: 'domains', key, params: { domain } }] : [];
  });
  if (open && list.length === 0)
    faults.push({ field: 'domains', key: 'register.fault.none', params: { domain: '' } });
  if (faults.length > 0) throw invalid(...faults);
  return withTransaction(pool, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `SELECT name FROM organization o WHERE id = $1 AND kind = 'district' AND closed_at IS NULL AND ${inScopeSql('o', '$2')} FOR UPDATE`,
      [districtId, peopleScope(viewer)],
    );
    const [district] = rows;
    if (!district) throw notFound();
    await client.query(
      `INSERT INTO registration (district_id, open, updated_at, updated_by) VALUES ($1, $2, $3, $4)
       ON CONFLICT (district_id) DO UPDATE SET open = excluded.open, updated_at = excluded.updated_at, updated_by = excluded.updated_by`,
      [districtId, open, clock.now(), viewer.id],
    );
    await client.query('DELETE FROM registration_domain WHERE district_id = $1', [districtId]);
    // A domain that another district has stays theirs, while it is open: nobody could set free what a closed one has.
    await client.query(
      `DELETE FROM registration_domain d USING organization o
       WHERE d.domain = ANY ($1) AND o.id = d.district_id AND o.closed_at IS NOT NULL AND o.merged_into_id IS NULL`,
      [list],
    );
    const { rows: had } = await client.query<{ domain: string }>(
      `INSERT INTO registration_domain (domain, district_id) SELECT unnest($2::text[]), $1 ON CONFLICT DO NOTHING RETURNING domain`,
      [districtId, list],
    );
    const taken = list.filter((domain) => !had.some((one) => one.domain === domain));
    if (taken.length > 0)
      throw invalid(
        ...taken.map((domain) => ({
          field: 'domains',
          key: 'register.fault.taken' as const,
          params: { domain },
        })),
      );
    await audit(client, {
      actorId: viewer.id,
      action: 'registration.changed',
      objectType: 'organization',
      objectId: districtId,
      organizationId: districtId,
      detail: { open, domains: list },
      ...origin,
    });
    return { district: district.name };
  });
}

/**
 * Answers somebody who gave an address on `/register`, by mail alone: a link where a district takes it, a word that
 * there is an account already, or nothing. A job does this, so that the page answers everyone alike.
 * @throws what the mail server says
 */
export async function mailRegistration(
  { pool, clock, mailer, config }: Pick<Deps, 'pool' | 'clock' | 'mailer' | 'config'>,
  email: string,
): Promise<void> {
  const welcome = await districtByDomain(pool, domainOf(email));
  if (!welcome) return;
  const t = translator('en');
  const { baseUrl } = config;
  const state = await siteName(pool, config);
  const { rows } = await pool.query<{ closed: boolean; name: string }>(
    'SELECT disabled_at IS NOT NULL AS closed, name FROM person WHERE email = $1',
    [email],
  );
  const [known] = rows;
  if (known?.closed) return;
  if (known)
    return mailer.send({
      to: email,
      subject: t('register.known.subject', { state }),
      text: t('register.known.text', {
        name: known.name,
        signIn: `${baseUrl}/sign-in`,
        forgot: `${baseUrl}/forgot-password`,
      }),
    });
  const token = newLinkToken();
  const now = clock.now();
  await pool.query(
    `INSERT INTO registration_link (token_hash, email, created_at, expires_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (email) DO UPDATE SET token_hash = excluded.token_hash, created_at = excluded.created_at, expires_at = excluded.expires_at`,
    [linkHash(token), email, now, new Date(now.getTime() + REGISTER_MINUTES * 60_000)],
  );
  await mailer.send({
    to: email,
    subject: t('register.mail.subject', { state }),
    text: t('register.mail.text', {
      district: welcome.district,
      minutes: REGISTER_MINUTES,
      url: `${baseUrl}/register/confirm?token=${token}`,
    }),
  });
}

/** Whose address a link shows, and where they may work; undefined for a link that doesn't work, or a district that stopped. */
export async function registrationByLink(
  { pool, clock }: WriteDeps,
  token: string,
): Promise<(Welcome & { email: string }) | undefined> {
  const { rows } = await pool.query<{ email: string }>(
    `SELECT email FROM registration_link l WHERE token_hash = $1 AND expires_at > $2
       AND NOT EXISTS (SELECT 1 FROM person p WHERE p.email = l.email)`,
    [linkHash(token), clock.now()],
  );
  const email = rows[0]?.email;
  if (email === undefined) return undefined;
  const welcome = await districtByDomain(pool, domainOf(email));
  return welcome && { ...welcome, email };
}

/**
 * Makes the account of a teacher who showed that the address is theirs.
 * @returns the account, or undefined when the link doesn't work (any more)
 * @throws 422 for a place that isn't the district's, or a password that can't be used; then the link still works
 */
export async function register(
  deps: WriteDeps,
  form: { token: string; name: string; school: string; password: string; again: string },
  origin: Origin,
): Promise<Account | undefined> {
  const found = await registrationByLink(deps, form.token);
  if (!found) return undefined;
  const place = found.places.find(({ id }) => id === form.school);
  if (!place) throw invalid({ field: 'school', key: 'register.fault.school' });
  checkNewPassword(form, { email: found.email, name: form.name, organizationName: place.name });
  const passwordHash = await hashPassword(form.password);
  const now = deps.clock.now();
  const made = await withTransaction(deps.pool, async (client) => {
    // A place that is being closed or merged is waited for: nobody comes in behind its back.
    const { rowCount: isOpen } = await client.query(
      'SELECT 1 FROM organization WHERE id = $1 AND closed_at IS NULL FOR SHARE',
      [form.school],
    );
    if (!isOpen) throw invalid({ field: 'school', key: 'register.fault.school' });
    // Whoever takes the link away may use it: two at once, and one of them finds it gone.
    const { rowCount } = await client.query(
      'DELETE FROM registration_link WHERE token_hash = $1 AND expires_at > $2',
      [linkHash(form.token), now],
    );
    const welcome = await districtByDomain(client, domainOf(found.email));
    if (rowCount === 0 || !welcome?.places.some(({ id }) => id === form.school)) return undefined;
    const person = { email: found.email, name: form.name, organizationId: form.school, passwordHash };
    const id = await insertPerson(client, person, now);
    if (id === undefined) return undefined;
    await client.query(
      `INSERT INTO role_grant (person_id, organization_id, role) VALUES ($1, $2, 'teacher')`,
      [id, form.school],
    );
    await audit(client, {
      actorId: id,
      action: 'person.registered',
      objectType: 'person',
      objectId: id,
      organizationId: form.school,
      ...origin,
    });
    return id;
  });
  return made === undefined ? undefined : accountById(deps.pool, made);
}

/** Drops links that no longer work. */
export async function forgetRegistrationLinks({ pool, clock }: WriteDeps): Promise<void> {
  await pool.query('DELETE FROM registration_link WHERE expires_at <= $1', [clock.now()]);
}
