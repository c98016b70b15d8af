import { accountById } from '../accounts/account-queries.ts';
import { digestMail } from '../accounts/digest-mail.ts';
import type { Deps } from '../deps.ts';
import { translator } from '../locale/locale.ts';
import { noticesOf } from './notice-queries.ts';
import { noticeItems } from './notice-view.ts';

/** So many are named in a mail. */
const NAMED = 30;

/**
 * Sends one person one mail of all notices that they have neither seen nor been mailed, about what they may still see.
 * Sends nothing when there are none, when they want no mails, or when the account is closed.
 * @returns whether a mail was sent
 * @throws what the mail server says; then the next try tells the same
 */
export async function sendNoticeDigest(
  { pool, clock, config, mailer }: Pick<Deps, 'pool' | 'clock' | 'config' | 'mailer'>,
  personId: string,
): Promise<boolean> {
  const account = await accountById(pool, personId);
  if (!account || account.noticeMail === 'never') return false;
  const { viewer } = account;
  const until = clock.now();
  const rows = await noticesOf(pool, viewer, { which: 'unmailed', limit: NAMED + 1 });
  const t = translator('en');
  const items = noticeItems(t, rows).slice(0, NAMED);
  const [first] = items;
  if (first) {
    const message = digestMail(config, viewer, {
      of: 'notices',
      subject: t('notice.mail.subject', { first: first.text, count: items.length }),
      parts: [
        t('notice.mail.hello', { name: viewer.name }),
        items.map(({ text, url }) => `- ${text}\n  ${config.baseUrl}${url}`).join('\n'),
        ...(rows.length > NAMED ? [t('notice.mail.more', { url: `${config.baseUrl}/notices` })] : []),
      ],
      managePath: '/account#mails',
    });
    await mailer.send(message);
  }
  await pool.query(
    'UPDATE notice SET mailed_at = $2 WHERE person_id = $1 AND mailed_at IS NULL AND at <= $2',
    [personId, until],
  );
  return first !== undefined;
}
