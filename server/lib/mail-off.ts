import { createHmac, timingSafeEqual } from 'node:crypto';

/** The mails that a person can end with one click: about saved searches, and of notices. */
export type MailsOf = 'searches' | 'notices';

/** What is signed names the kind of mail, so that a link ends no other. */
const purposes: Record<MailsOf, string> = { searches: 'search-mails-off', notices: 'notice-mails-off' };

const signature = (secret: string, mails: MailsOf, personId: string): string =>
  createHmac('sha256', secret).update(`${purposes[mails]}:${personId}`).digest('base64url').slice(0, 32);

/** The address in a mail at which its receiver ends such mails without signing in; it can do nothing else. */
export const offPath = (secret: string, mails: MailsOf, personId: string): string =>
  `/${mails}/off?person=${personId}&token=${signature(secret, mails, personId)}`;

/** Whether a token was made for this person and these mails by this portal. */
export function isOffToken(secret: string, mails: MailsOf, personId: string, token: string): boolean {
  const wanted = Buffer.from(signature(secret, mails, personId));
  const given = Buffer.from(token);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
