import type { Deps } from '../../deps.ts';
import type { Role } from '../../lib/viewer.ts';
import { translator } from '../../locale/locale.ts';
import { linkHash, newLinkToken } from '../link-token.ts';
import { INVITATION_DAYS, invitationEnds } from './invitation-service.ts';
import { siteName } from '../../site/site-queries.ts';

/**
 * Mails an invitation with a link of its own; one that was withdrawn, accepted or sent meanwhile is left. The link is
 * made here and not when people are invited, so that it is nowhere but in the mail.
 * @throws what the mail server says
 */
export async function mailInvitation(
  { pool, clock, mailer, config }: Pick<Deps, 'pool' | 'clock' | 'mailer' | 'config'>,
  id: string,
): Promise<void> {
  const token = newLinkToken();
  const { rows } = await pool.query<{
    email: string;
    name: string;
    roles: Role[];
    organization: string;
    by: string | null;
  }>(
    `UPDATE invitation i SET token_hash = $2, expires_at = $3, merged_from = NULL FROM organization o
     WHERE i.id = $1 AND i.sent_at IS NULL AND o.id = i.organization_id AND o.closed_at IS NULL
     RETURNING i.email, i.name, i.roles, o.name AS organization, (SELECT p.name FROM person p WHERE p.id = i.invited_by) AS by`,
    [id, linkHash(token), invitationEnds(clock.now())],
  );
  const [invitation] = rows;
  if (!invitation) return;
  const t = translator('en');
  const state = await siteName(pool, config);
  const { email, name, organization, roles, by } = invitation;
  await mailer.send({
    to: email,
    subject: t('invite.mail.subject', { state }),
    text: t(by === null ? 'invite.mail.text' : 'invite.mail.textBy', {
      hello: name === '' ? t('invite.mail.hello') : t('invite.mail.helloName', { name }),
      by: by ?? '',
      state,
      organization,
      roles: roles.map((role) => t(`role.${role}`)).join(', '),
      days: INVITATION_DAYS,
      url: `${config.baseUrl}/invitation?token=${token}`,
    }),
  });
  await pool.query('UPDATE invitation SET sent_at = $2, sent_by = $4 WHERE id = $1 AND token_hash = $3', [
    id,
    clock.now(),
    linkHash(token),
    config.smtpUrl === undefined ? 'folder' : 'mail',
  ]);
}
